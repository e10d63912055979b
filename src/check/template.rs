//! What a SAM or CloudFormation template says of a function and its tables.

mod error;
mod intrinsic;
mod source;
mod table;
mod yaml;

pub use error::TemplateError;
pub use source::{Queued, Sources};
pub use table::Table;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

use intrinsic::{FUNCTION, Resolver, SERVERLESS_FUNCTION};
use yaml::{Content, Node};

use crate::report::printable;

/// The most that CloudFormation takes, in bytes
/// ([quotas](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html)).
const MAX_BYTES: usize = 1_000_000;

/// A template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    file: String,
    root: Node,
}

/// A function, as a template describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its logical id.
    pub logical_id: String,
    /// Its handler: `app.handler`.
    pub handler: Option<String>,
    /// Its timeout in seconds.
    pub timeout: u32,
    /// Its memory in MB.
    pub memory: u32,
    /// Its environment variables.
    pub environment: BTreeMap<String, String>,
    /// How many more attempts an asynchronous invocation has after the first.
    pub retries: u32,
    /// What invokes it.
    pub sources: Sources,
    /// What the template says of it and does not come to anything before it is
    /// deployed.
    pub unresolved: Vec<Unresolved>,
}

/// Something in a template that depends on what is deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// The line of the template, in YAML.
    pub line: Option<usize>,
    /// What it is: `the variable TABLE`.
    pub what: String,
    /// Why it cannot be told.
    pub why: String,
    /// What the user can say instead.
    pub advice: String,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        let (what, why) = (printable(&self.what), printable(&self.why));
        write!(f, "{what} cannot be told from the template: {why}; ")?;
        f.write_str(&printable(&self.advice))
    }
}

impl Template {
    /// Reads a template in YAML or JSON.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, or is no template.
    pub fn read(path: &Path) -> Result<Self, TemplateError> {
        let file = path.display().to_string();
        match fs::read(path) {
            Err(error) => Err(TemplateError::Unreadable { file, error }),
            Ok(bytes) if bytes.len() > MAX_BYTES => Err(TemplateError::TooLarge { file }),
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Self::of(&file, &text),
                Err(error) => Err(TemplateError::Malformed {
                    file,
                    message: error.to_string(),
                }),
            },
        }
    }

    fn of(file: &str, text: &str) -> Result<Self, TemplateError> {
        let file = file.to_owned();
        match Node::parse(text) {
            Err(message) => Err(TemplateError::Malformed { file, message }),
            Ok(root) if root.get("Resources").is_none() => Err(TemplateError::NoResources { file }),
            Ok(root) => Ok(Self { file, root }),
        }
    }

    /// The function of this logical id, or the only one.
    ///
    /// # Errors
    ///
    /// No such function, or several if none is named.
    pub fn function(&self, named: Option<&str>) -> Result<Function, TemplateError> {
        let functions = self.of_kinds(&[FUNCTION, SERVERLESS_FUNCTION]);
        let file = self.file.clone();
        match (named, &functions[..]) {
            (_, []) => Err(TemplateError::NoFunction { file }),
            (None, [function]) => Ok(self.described(function)),
            (None, _) => Err(TemplateError::SeveralFunctions {
                file,
                functions: functions.into_iter().map(str::to_owned).collect(),
            }),
            (Some(named), all) if all.contains(&named) => Ok(self.described(named)),
            (Some(named), _) => Err(TemplateError::UnknownFunction {
                file,
                function: named.to_owned(),
                functions: functions.into_iter().map(str::to_owned).collect(),
            }),
        }
    }

    fn described(&self, function: &str) -> Function {
        let mut unresolved = Vec::new();
        let mut number = |name: &str, default: u32, advice: &str| {
            let node = self.property(function, name);
            let number = node.map(|node| {
                let text = Resolver::new(self).text(node)?;
                text.parse().map_err(|_| format!("{text:?} is no number"))
            });
            number.unwrap_or(Ok(default)).unwrap_or_else(|why| {
                unresolved.push(Unresolved {
                    line: node.and_then(|it| it.line),
                    what: name.to_owned(),
                    why,
                    advice: advice.to_owned(),
                });
                default
            })
        };
        // Lambda's own defaults.
        let timeout = number("Timeout", 3, "3 seconds are taken: say it with --timeout");
        let memory = number("MemorySize", 128, "128 MB are taken");
        let environment = self.environment(function, &mut unresolved);
        let handler = self.property(function, "Handler");
        Function {
            logical_id: function.to_owned(),
            handler: handler.and_then(|it| Resolver::new(self).text(it).ok()),
            timeout,
            memory,
            environment,
            retries: source::retries(self, function),
            sources: source::sources(self, function),
            unresolved,
        }
    }

    fn environment(
        &self,
        function: &str,
        unresolved: &mut Vec<Unresolved>,
    ) -> BTreeMap<String, String> {
        let own = self.properties(function);
        let mut environment = BTreeMap::new();
        // The function's own variables are added to those of all functions.
        for properties in [self.globals(function), own].into_iter().flatten() {
            let variables = properties.get("Environment").map(|it| self.branch(it));
            let variables = variables.and_then(|it| it.get("Variables"));
            for (name, value) in variables
                .into_iter()
                .flat_map(|it| self.branch(it).members())
            {
                match Resolver::new(self).text(value) {
                    Ok(value) => {
                        environment.insert(name.to_owned(), value);
                    }
                    Err(why) => unresolved.push(Unresolved {
                        line: value.line,
                        what: format!("the variable {name}"),
                        why,
                        advice: format!("it is not set: say it with --env {name}=…"),
                    }),
                }
            }
        }
        environment
    }

    /// A function's own property, or that of all functions.
    fn property(&self, function: &str, name: &str) -> Option<&Node> {
        let own = self.properties(function).and_then(|it| it.get(name));
        own.or_else(|| self.globals(function)?.get(name))
    }

    /// What SAM says of all its functions.
    fn globals(&self, function: &str) -> Option<&Node> {
        let serverless = self.kind(function) == Some(SERVERLESS_FUNCTION);
        self.section("Globals", "Function").filter(|_| serverless)
    }

    fn branch<'a>(&'a self, node: &'a Node) -> &'a Node {
        Resolver::new(self).branch(node)
    }

    /// The resources of some kinds, by logical id.
    fn of_kinds(&self, kinds: &[&str]) -> Vec<&str> {
        let resources = self.resources();
        let mut ids: Vec<&str> = resources
            .filter(|(_, it)| {
                it.get("Type")
                    .and_then(Node::text)
                    .is_some_and(|it| kinds.contains(&it))
            })
            .map(|(id, _)| id)
            .collect();
        ids.sort_unstable();
        ids
    }

    fn resources(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.root
            .get("Resources")
            .into_iter()
            .flat_map(Node::members)
    }

    fn kind(&self, resource: &str) -> Option<&str> {
        self.section("Resources", resource)?.get("Type")?.text()
    }

    fn properties(&self, resource: &str) -> Option<&Node> {
        self.section("Resources", resource)?.get("Properties")
    }

    fn section(&self, section: &str, name: &str) -> Option<&Node> {
        self.root.get(section)?.get(name)
    }

    /// Whether a node is, or has in it, a reference to a resource.
    fn mentions(&self, node: &Node, resource: &str) -> bool {
        match &node.content {
            Content::Call(name, argument) if name == "Ref" => argument.text() == Some(resource),
            Content::Call(name, argument) if name == "Fn::GetAtt" => {
                let first = argument.elements().first().and_then(Node::text);
                first.is_some_and(|it| it.split('.').next() == Some(resource))
            }
            Content::Call(name, argument) if name == "Fn::Sub" => {
                let text = argument.elements().first().and_then(Node::text);
                let named = [format!("${{{resource}}}"), format!("${{{resource}.")];
                text.is_some_and(|it| named.iter().any(|name| it.contains(name)))
                    || argument
                        .elements()
                        .iter()
                        .skip(1)
                        .any(|it| self.mentions(it, resource))
            }
            Content::Call(_, argument) => self.mentions(argument, resource),
            Content::List(elements) => elements.iter().any(|it| self.mentions(it, resource)),
            Content::Map(members) => members.iter().any(|(_, it)| self.mentions(it, resource)),
            Content::Scalar(_) => false,
        }
    }
}

#[cfg(test)]
mod tests;
