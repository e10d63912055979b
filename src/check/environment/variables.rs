//! The environment variables of a handler: what Lambda sets
//! (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>), where
//! everything is, and what keeps it away from real AWS accounts.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;

use super::home::Home;
use super::survivors::{MARK, Mark};
use super::{NotStarted, Surroundings};
use crate::check::function::Function;
use crate::check::news::EnvironmentId;

/// Where programs are looked up if nobody says.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// By these a handler could reach what it must not. Of AWS's own there are more than
/// are set here (<https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html>).
const RESERVED: [&str; 12] = [
    "ALL_PROXY",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
];

/// What an environment has to itself.
pub(super) struct Own<'a> {
    pub(super) id: EnvironmentId,
    pub(super) runtime_api: SocketAddr,
    pub(super) home: &'a Home,
    pub(super) mark: &'a Mark,
}

/// All variables of an environment: it inherits nothing but the `PATH`.
pub(super) fn all(
    function: &Function,
    surroundings: &Surroundings,
    own: &Own<'_>,
) -> Result<BTreeMap<OsString, OsString>, NotStarted> {
    let mut variables = set_unless_given(own);
    let set = set_in_any_case(function, surroundings, own);
    for (name, value) in &function.variables {
        let upper = name.to_uppercase();
        if RESERVED.contains(&upper.as_str())
            || upper.starts_with("AWS_ENDPOINT_URL")
            || set.contains_key(&OsString::from(name))
        {
            let variable = name.clone();
            return Err(NotStarted::Reserved { variable });
        }
        if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
            let variable = name.clone();
            return Err(NotStarted::Unspeakable { variable });
        }
        variables.insert(name.into(), value.into());
    }
    variables.extend(set);
    for (name, value) in &surroundings.variables {
        variables.insert(name.into(), value.into());
    }
    Ok(variables)
}

fn set_unless_given(own: &Own<'_>) -> BTreeMap<OsString, OsString> {
    let path = std::env::var_os("PATH");
    [
        ("HOME", own.home.path().into()),
        ("LANG", "en_US.UTF-8".into()),
        ("PATH", path.unwrap_or_else(|| DEFAULT_PATH.into())),
        // What a handler prints is wanted when it answers, not when it ends.
        ("PYTHONUNBUFFERED", "1".into()),
        ("TMPDIR", own.home.temporary_files().into()),
        ("TZ", ":UTC".into()),
    ]
    .map(|(name, value): (&str, OsString)| (name.into(), value))
    .into()
}

fn set_in_any_case(
    function: &Function,
    surroundings: &Surroundings,
    own: &Own<'_>,
) -> BTreeMap<OsString, OsString> {
    let Function {
        directory,
        name,
        region,
        ..
    } = function;
    let Surroundings {
        dynamodb,
        others,
        proxy,
        ..
    } = surroundings;
    let nowhere_else = "127.0.0.1,localhost";
    let log_stream = format!("2026/01/01/[$LATEST]{:032x}", own.id.0);
    [
        // Nobody checks them, but no SDK goes without.
        ("AWS_ACCESS_KEY_ID", "redeliver".into()),
        ("AWS_SECRET_ACCESS_KEY", "redeliver".into()),
        ("AWS_SESSION_TOKEN", "redeliver".into()),
        ("AWS_CONFIG_FILE", own.home.aws_configuration().into()),
        (
            "AWS_SHARED_CREDENTIALS_FILE",
            own.home.aws_credentials().into(),
        ),
        ("AWS_EC2_METADATA_DISABLED", "true".into()),
        ("AWS_ENDPOINT_URL", others.into()),
        ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb.into()),
        ("AWS_DEFAULT_REGION", region.into()),
        ("AWS_REGION", region.into()),
        ("AWS_LAMBDA_FUNCTION_NAME", name.into()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".into()),
        (
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            function.memory.to_string().into(),
        ),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".into()),
        (
            "AWS_LAMBDA_LOG_GROUP_NAME",
            format!("/aws/lambda/{name}").into(),
        ),
        ("AWS_LAMBDA_LOG_STREAM_NAME", log_stream.into()),
        ("AWS_LAMBDA_RUNTIME_API", own.runtime_api.to_string().into()),
        ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR".into()),
        ("LAMBDA_RUNTIME_DIR", directory.into()),
        ("LAMBDA_TASK_ROOT", directory.into()),
        ("_HANDLER", function.handler().into()),
        // Some clients read the one, some the other.
        ("ALL_PROXY", proxy.into()),
        ("HTTPS_PROXY", proxy.into()),
        ("HTTP_PROXY", proxy.into()),
        ("NO_PROXY", nowhere_else.into()),
        ("all_proxy", proxy.into()),
        ("http_proxy", proxy.into()),
        ("https_proxy", proxy.into()),
        ("no_proxy", nowhere_else.into()),
        (MARK, own.mark.token().into()),
    ]
    .map(|(name, value): (&str, OsString)| (name.into(), value))
    .into()
}
