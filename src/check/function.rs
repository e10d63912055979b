//! The Lambda function: how its handler is started, and what it is told.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// What AWS uses in its own examples.
const ACCOUNT: &str = "123456789012";

/// A Lambda function, as it would be configured in AWS.
#[derive(Clone, Debug)]
pub struct Function {
    /// The command that starts the handler, as for a shell but without one. The
    /// program is looked up in the `PATH` unless it holds a `/`, and then taken
    /// from [`Function::directory`].
    pub command: Vec<OsString>,
    /// The directory with the handler's code: where the command is started, and what
    /// it is told in `LAMBDA_TASK_ROOT`.
    pub directory: PathBuf,
    /// The function's name.
    pub name: String,
    /// What the handler is told in `_HANDLER`. Without it the command is asked: if it
    /// ends with something like `module.function`, that is the handler.
    pub handler: Option<String>,
    /// How much memory the function is said to have, in megabytes.
    pub memory: u32,
    /// The region that it is said to run in.
    pub region: String,
    /// How long an invocation may take.
    pub timeout: Duration,
    /// Variables for the handler, over those of Lambda.
    pub variables: BTreeMap<String, String>,
}

impl Function {
    /// The function's ARN, in the account of AWS's examples.
    pub fn arn(&self) -> String {
        let Self { region, name, .. } = self;
        format!("arn:aws:lambda:{region}:{ACCOUNT}:function:{name}")
    }

    /// What the handler is told in `_HANDLER`.
    pub fn handler(&self) -> &str {
        let last = self.command.get(1..).and_then(|arguments| arguments.last());
        let named = last.and_then(|argument| argument.to_str());
        self.handler
            .as_deref()
            .or(named.filter(|argument| is_handler(argument)))
            .unwrap_or("handler")
    }
}

/// Whether `argument` names a function in a module, as in `app.handler`,
/// `source/app.handler` and `example.Handler::handleRequest`, rather than a file.
fn is_handler(argument: &str) -> bool {
    let named = |c: char| c.is_alphanumeric() || "_-/.:".contains(c);
    let Some((module, function)) = argument.rsplit_once(['.', ':']) else {
        return false;
    };
    let extensions = [
        "cjs", "exe", "jar", "js", "json", "mjs", "php", "py", "rb", "sh", "toml", "ts", "yaml",
        "yml",
    ];
    module.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        && function.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && !function.contains('/')
        && argument.chars().all(named)
        && !extensions.contains(&function)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(command: &[&str]) -> Function {
        Function {
            command: command.iter().map(OsString::from).collect(),
            directory: PathBuf::from("."),
            name: "invoices".to_owned(),
            handler: None,
            memory: 128,
            region: "eu-central-1".to_owned(),
            timeout: Duration::from_secs(3),
            variables: BTreeMap::new(),
        }
    }

    #[test]
    fn the_arn_names_the_region_and_the_function() {
        let arn = function(&["handler"]).arn();
        assert_eq!(
            arn,
            "arn:aws:lambda:eu-central-1:123456789012:function:invoices"
        );
    }

    #[test]
    fn the_handler_is_what_the_command_ends_with_if_that_names_one() {
        for named in [
            "app.handler",
            "source/app.lambda_handler",
            "a.b.handler",
            "example.Handler::handleRequest",
        ] {
            let function = function(&["python3", "-m", "awslambdaric", named]);
            assert_eq!(function.handler(), named);
        }
        for other in [
            "app.py",
            "index.mjs",
            "-m",
            "./app.handler",
            "app",
            "a b.c",
            "http://localhost:1",
        ] {
            assert_eq!(function(&["python3", other]).handler(), "handler");
        }
        assert_eq!(function(&["my.program"]).handler(), "handler");
        assert_eq!(function(&[]).handler(), "handler");
    }

    #[test]
    fn a_handler_that_was_given_is_the_handler() {
        let mut function = function(&["python3", "-m", "awslambdaric", "app.handler"]);
        function.handler = Some("other.handler".to_owned());
        assert_eq!(function.handler(), "other.handler");
    }
}
