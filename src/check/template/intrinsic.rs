//! What CloudFormation's functions come to, as far as a template says so by itself.

use super::Template;
use super::yaml::{Content, Node};

/// The region that everything is in.
const REGION: &str = "us-east-1";

/// The account that everything belongs to.
const ACCOUNT: &str = "123456789012";

/// How deep functions may refer to one another: a circle ends here.
const MAX_REFERENCES: usize = 32;

/// Resolves the functions of a template.
#[derive(Clone, Copy)]
pub(super) struct Resolver<'a> {
    template: &'a Template,
    references: usize,
}

/// Text, or why there is none.
type Resolved = Result<String, String>;

impl<'a> Resolver<'a> {
    pub(super) fn new(template: &'a Template) -> Self {
        Self {
            template,
            references: 0,
        }
    }

    fn deeper(self) -> Result<Self, String> {
        let references = self.references + 1;
        match references > MAX_REFERENCES {
            true => Err("its references go round in a circle".to_owned()),
            false => Ok(Self { references, ..self }),
        }
    }

    /// The text that a node comes to.
    pub(super) fn text(self, node: &Node) -> Resolved {
        let this = self.deeper()?;
        let (name, argument) = match &node.content {
            Content::Scalar(text) => return Ok(text.clone()),
            Content::Call(name, argument) => (name.as_str(), &**argument),
            Content::List(_) | Content::Map(_) => return Err("it is no text".to_owned()),
        };
        match (name, argument.elements()) {
            ("Ref", [name]) => this.reference(&this.text(name)?),
            ("Fn::GetAtt", [path]) => match this.text(path)?.split_once('.') {
                Some((resource, attribute)) => this.attribute(resource, attribute),
                None => Err("Fn::GetAtt names no attribute".to_owned()),
            },
            ("Fn::GetAtt", [resource, attribute]) => {
                this.attribute(&this.text(resource)?, &this.text(attribute)?)
            }
            ("Fn::Sub", [text]) => this.substituted(&this.text(text)?, None),
            ("Fn::Sub", [text, names]) => this.substituted(&this.text(text)?, Some(names)),
            ("Fn::Join", [delimiter, list]) => Ok(this.list(list)?.join(&this.text(delimiter)?)),
            ("Fn::Select", [index, list]) => {
                let index: usize = this
                    .text(index)?
                    .parse()
                    .map_err(|_| "Fn::Select needs a number".to_owned())?;
                let chosen = this.list(list)?.into_iter().nth(index);
                chosen.ok_or_else(|| "Fn::Select finds too few elements".to_owned())
            }
            ("Fn::If", [_, _, _]) => this.text(this.branch(node)),
            ("Fn::FindInMap", [map, first, second]) => {
                let map = self.template.section("Mappings", &this.text(map)?);
                let row = map.and_then(|it| it.get(&this.text(first).ok()?));
                let found = row.and_then(|it| it.get(&this.text(second).ok()?));
                this.text(found.ok_or_else(|| "Fn::FindInMap finds nothing".to_owned())?)
            }
            (other, _) => Err(format!("{other} depends on what is deployed")),
        }
    }

    fn list(self, node: &Node) -> Result<Vec<String>, String> {
        let this = self.deeper()?;
        match &node.content {
            Content::List(elements) => elements.iter().map(|it| this.text(it)).collect(),
            Content::Call(name, argument) if name == "Fn::Split" => match argument.elements() {
                [delimiter, text] => {
                    let (delimiter, text) = (this.text(delimiter)?, this.text(text)?);
                    Ok(text.split(delimiter.as_str()).map(str::to_owned).collect())
                }
                _ => Err("Fn::Split needs a delimiter and a text".to_owned()),
            },
            Content::Call(name, _) if name == "Fn::If" => this.list(this.branch(node)),
            _ => Ok(vec![this.text(node)?]),
        }
    }

    /// The branch of an `Fn::If` that holds; any other node itself. A condition that
    /// cannot be told counts as false.
    pub(super) fn branch(self, node: &'a Node) -> &'a Node
    where
        Self: 'a,
    {
        let (Content::Call(name, argument), Ok(this)) = (&node.content, self.deeper()) else {
            return node;
        };
        match argument.elements() {
            [condition, yes, no] if name == "Fn::If" => {
                let holds = this.condition(condition.text().unwrap_or_default());
                this.branch(if holds { yes } else { no })
            }
            _ => node,
        }
    }

    fn condition(self, name: &str) -> bool {
        let condition = self.template.section("Conditions", name);
        condition.is_some_and(|it| self.holds(it))
    }

    fn holds(self, node: &Node) -> bool {
        let Ok(this) = self.deeper() else {
            return false;
        };
        if let Some(name) = node.get("Condition").and_then(Node::text) {
            return this.condition(name);
        }
        let Content::Call(name, argument) = &node.content else {
            return false;
        };
        let all = argument.elements();
        match (name.as_str(), all) {
            ("Condition", [name]) => this.condition(name.text().unwrap_or_default()),
            ("Fn::Equals", [a, b]) => match (this.text(a), this.text(b)) {
                (Ok(a), Ok(b)) => a == b,
                _ => false,
            },
            ("Fn::Not", [it]) => !this.holds(it),
            ("Fn::And", _) => all.iter().all(|it| this.holds(it)),
            ("Fn::Or", _) => all.iter().any(|it| this.holds(it)),
            _ => false,
        }
    }

    /// `${Name}`, `${Name.Attribute}` and `${!Literal}` in a text.
    fn substituted(self, text: &str, names: Option<&Node>) -> Resolved {
        let mut done = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, after)) = after.split_once('}') else {
                break;
            };
            done.push_str(before);
            let name = name.trim();
            if let Some(literal) = name.strip_prefix('!') {
                done.push_str(&format!("${{{literal}}}"));
            } else if let Some(node) = names.and_then(|it| it.get(name)) {
                done.push_str(&self.text(node)?);
            } else if let Some((resource, attribute)) = name.split_once('.') {
                done.push_str(&self.attribute(resource, attribute)?);
            } else {
                done.push_str(&self.reference(name)?);
            }
            rest = after;
        }
        Ok(done + rest)
    }

    /// What `Ref` gives for a parameter, a pseudo parameter or a resource.
    fn reference(self, name: &str) -> Resolved {
        let pseudo = match name {
            "AWS::AccountId" => ACCOUNT,
            "AWS::NoValue" => "",
            "AWS::Partition" => "aws",
            "AWS::Region" => REGION,
            "AWS::StackName" => "redeliver",
            "AWS::URLSuffix" => "amazonaws.com",
            _ => "",
        };
        if !pseudo.is_empty() || name == "AWS::NoValue" {
            return Ok(pseudo.to_owned());
        }
        if let Some(parameter) = self.template.section("Parameters", name) {
            let default = parameter.get("Default");
            return match default {
                Some(default) => self.text(default),
                None => Err(format!("the parameter {name} has no default")),
            };
        }
        match self.template.kind(name) {
            Some("AWS::SQS::Queue") => Ok(format!(
                "https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{}",
                self.name(name)?
            )),
            Some("AWS::SNS::Topic") => self.attribute(name, "TopicArn"),
            Some(kind) if named_by(kind).is_some() => self.name(name),
            Some(kind) => Err(format!(
                "what {name} is called is known once {kind} is deployed"
            )),
            None => Err(format!("there is no {name}")),
        }
    }

    /// A resource's name: its own, or its logical id if it has none.
    pub(super) fn name(self, resource: &str) -> Resolved {
        let kind = self.template.kind(resource).unwrap_or_default();
        let name = self
            .template
            .properties(resource)
            .zip(named_by(kind))
            .and_then(|(properties, by)| properties.get(by));
        match name.map(|it| self.text(it)) {
            Some(Ok(name)) => Ok(name),
            // Buckets have no capital letters.
            _ if kind == "AWS::S3::Bucket" => Ok(resource.to_ascii_lowercase()),
            _ => Ok(resource.to_owned()),
        }
    }

    fn attribute(self, resource: &str, attribute: &str) -> Resolved {
        let kind = self.template.kind(resource);
        let name = self.name(resource)?;
        let arn = |service: &str, rest: String| {
            Ok(format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"))
        };
        match (kind.unwrap_or_default(), attribute) {
            (TABLE | GLOBAL_TABLE | SIMPLE_TABLE, "Arn") => {
                arn("dynamodb", format!("table/{name}"))
            }
            ("AWS::SQS::Queue", "Arn") => arn("sqs", name),
            ("AWS::SQS::Queue", "QueueName") => Ok(name),
            ("AWS::SQS::Queue", "QueueUrl") => self.reference(resource),
            ("AWS::SNS::Topic", "TopicArn") => arn("sns", name),
            ("AWS::SNS::Topic", "TopicName") => Ok(name),
            ("AWS::S3::Bucket", "Arn") => Ok(format!("arn:aws:s3:::{name}")),
            (FUNCTION | SERVERLESS_FUNCTION, "Arn") => arn("lambda", format!("function:{name}")),
            ("", _) => Err(format!("there is no {resource}")),
            _ => Err(format!(
                "{resource}.{attribute} depends on what is deployed"
            )),
        }
    }
}

pub(super) const FUNCTION: &str = "AWS::Lambda::Function";
pub(super) const GLOBAL_TABLE: &str = "AWS::DynamoDB::GlobalTable";
pub(super) const SERVERLESS_FUNCTION: &str = "AWS::Serverless::Function";
pub(super) const SIMPLE_TABLE: &str = "AWS::Serverless::SimpleTable";
pub(super) const TABLE: &str = "AWS::DynamoDB::Table";

/// The property that names a resource of a kind whose `Ref` is its name, and of queues
/// and topics.
fn named_by(kind: &str) -> Option<&'static str> {
    Some(match kind {
        TABLE | GLOBAL_TABLE | SIMPLE_TABLE => "TableName",
        FUNCTION | SERVERLESS_FUNCTION => "FunctionName",
        "AWS::S3::Bucket" => "BucketName",
        "AWS::SQS::Queue" => "QueueName",
        "AWS::SNS::Topic" => "TopicName",
        _ => return None,
    })
}
