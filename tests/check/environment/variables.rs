//! What a handler finds in its environment variables.

use std::collections::BTreeMap;
use std::fs;

use redeliver::check::environment::{Environment, NotStarted};

use super::kit::Scene;

/// A handler that prints its variables, and has done so.
async fn told(scene: &mut Scene) -> (Environment, BTreeMap<String, String>) {
    let environment = scene.start().await;
    assert_eq!(scene.exited().await, "exit status: 0");
    let output = environment.take_output();
    let variables = output.lines().filter_map(|line| line.text.split_once('='));
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    (environment, variables.collect())
}

#[tokio::test]
async fn a_handler_is_told_what_lambda_tells_and_nothing_of_the_machine_but_its_path() {
    let mut scene = Scene::command(&["env"]);
    scene.function.handler = Some("app.lambda_handler".to_owned());
    let directory = scene.directory.path().to_str().unwrap().to_owned();
    let (environment, mut told) = told(&mut scene).await;

    let home = told.remove("HOME").unwrap();
    assert!(told.remove("REDELIVER_ENVIRONMENT").is_some());
    let runtime_api = told.remove("AWS_LAMBDA_RUNTIME_API").unwrap();
    assert!(runtime_api.starts_with("127.0.0.1:"), "{runtime_api}");
    let stream = told.remove("AWS_LAMBDA_LOG_STREAM_NAME").unwrap();
    assert!(stream.contains("/[$LATEST]0000"), "{stream}");

    let path = std::env::var("PATH").unwrap();
    let (others, dynamodb) = ("http://127.0.0.1:1/others", "http://127.0.0.1:1/dynamodb");
    let (proxy, no_proxy) = ("http://127.0.0.1:1/proxy", "127.0.0.1,localhost");
    let (configuration, credentials) = ([&home, "/aws-config"], [&home, "/aws-credentials"]);
    let expected = [
        ("ALL_PROXY", proxy),
        ("AWS_ACCESS_KEY_ID", "redeliver"),
        ("AWS_CONFIG_FILE", &configuration.concat()),
        ("AWS_DEFAULT_REGION", "eu-central-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_ENDPOINT_URL", others),
        ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_FUNCTION_NAME", "invoices"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/invoices"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_SECRET_ACCESS_KEY", "redeliver"),
        ("AWS_SESSION_TOKEN", "redeliver"),
        ("AWS_SHARED_CREDENTIALS_FILE", &credentials.concat()),
        ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"),
        ("HTTPS_PROXY", proxy),
        ("HTTP_PROXY", proxy),
        ("LAMBDA_RUNTIME_DIR", &directory),
        ("LAMBDA_TASK_ROOT", &directory),
        ("LANG", "en_US.UTF-8"),
        ("NO_PROXY", no_proxy),
        ("PATH", &path),
        ("PYTHONUNBUFFERED", "1"),
        ("TMPDIR", &[&home, "/tmp"].concat()),
        ("TZ", ":UTC"),
        ("_HANDLER", "app.lambda_handler"),
        ("all_proxy", proxy),
        ("http_proxy", proxy),
        ("https_proxy", proxy),
        ("no_proxy", no_proxy),
    ];
    let told: Vec<_> = told.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(told, expected);
    for file in [configuration, credentials] {
        assert_eq!(fs::read_to_string(file.concat()).unwrap(), "");
    }
    environment.end().await;
    assert!(!fs::exists(&home).unwrap());
}

#[tokio::test]
async fn a_function_adds_variables_and_an_environment_has_the_last_word() {
    let mut scene = Scene::command(&["env"]);
    for (name, value) in [("TABLE", "invoices"), ("LANG", "C"), ("CLOCK", "fast")] {
        let variables = &mut scene.function.variables;
        variables.insert(name.to_owned(), value.to_owned());
    }
    let own = &mut scene.surroundings.variables;
    own.insert("CLOCK".to_owned(), "slow".to_owned());
    let (_environment, told) = told(&mut scene).await;
    let told = ["TABLE", "LANG", "CLOCK"].map(|name| told[name].as_str());
    assert_eq!(told, ["invoices", "C", "slow"]);
}

#[tokio::test]
async fn a_variable_that_could_lead_to_a_real_account_is_refused() {
    for name in [
        "AWS_ACCESS_KEY_ID",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_S3",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "HTTPS_PROXY",
        "No_Proxy",
        "REDELIVER_ENVIRONMENT",
        "_HANDLER",
    ] {
        let mut scene = Scene::command(&["env"]);
        let variables = &mut scene.function.variables;
        variables.insert(name.to_owned(), String::new());
        match scene.try_start().await {
            Err(NotStarted::Reserved { variable }) => assert_eq!(variable, name),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_variable_that_no_process_can_be_given_is_refused() {
    for (name, value) in [("", "x"), ("A=B", "x"), ("A\0", "x"), ("A", "\0")] {
        let mut scene = Scene::command(&["env"]);
        let variables = &mut scene.function.variables;
        variables.insert(name.to_owned(), value.to_owned());
        match scene.try_start().await {
            Err(NotStarted::Unspeakable { variable }) => assert_eq!(variable, name),
            other => panic!("{name:?}: {other:?}"),
        }
    }
}
