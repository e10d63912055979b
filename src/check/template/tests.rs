use std::path::PathBuf;

use super::*;
use crate::check::backend::{KeyAttribute, KeyType, Projection};

const DEPLOYED: &str = "
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Timeout: 20
    Environment:
      Variables: { STAGE: !Ref Stage, BOTH: global }
Parameters:
  Stage: { Type: String, Default: test }
  Secret: { Type: String }
Conditions:
  Live: !Equals [!Ref Stage, live]
Mappings:
  Sizes: { test: { memory: 512 } }
Resources:
  Rows:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub '${AWS::StackName}-${Stage}-rows'
      AttributeDefinitions:
        - { AttributeName: pk, AttributeType: S }
        - { AttributeName: sk, AttributeType: N }
        - { AttributeName: by, AttributeType: B }
      KeySchema:
        - { AttributeName: sk, KeyType: RANGE }
        - { AttributeName: pk, KeyType: HASH }
      GlobalSecondaryIndexes:
        - IndexName: other
          KeySchema: [{ AttributeName: by, KeyType: HASH }]
          Projection: { ProjectionType: INCLUDE, NonKeyAttributes: [size] }
  Simple:
    Type: AWS::Serverless::SimpleTable
  Uploads: { Type: 'AWS::S3::Bucket' }
  Dead: { Type: AWS::SQS::Queue }
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 4 }
  Subscription:
    Type: AWS::SNS::Subscription
    Properties: { Protocol: sqs, Endpoint: !GetAtt Queue.Arn, TopicArn: 'arn:aws:sns:x' }
  Handler:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      MemorySize: !FindInMap [Sizes, !Ref Stage, memory]
      EventInvokeConfig: { MaximumRetryAttempts: 1 }
      Environment:
        Variables:
          TABLE: !Ref Rows
          SIMPLE: {Ref: Simple}
          ARN: !GetAtt Rows.Arn
          BOTH: own
          QUEUE: !Ref Dead
          MODE: !If [Live, live, !Join ['-', [not, !Select [1, !Split [',', 'a,live']]]]]
          LITERAL: !Sub '${!Stage}/${Uploads}'
          SECRET: !Ref Secret
          IMPORTED: !ImportValue x
          NOWHERE: !GetAtt Missing.Arn
      Events:
        Direct: { Type: S3, Properties: { Bucket: !Ref Uploads, Events: 's3:ObjectCreated:*' } }
        Batch:
          Type: SQS
          Properties:
            Queue: !GetAtt Queue.Arn
            BatchSize: 5
            FunctionResponseTypes: [ReportBatchItemFailures]
  Other:
    Type: AWS::Lambda::Function
    Properties: { Handler: other.handler, Timeout: !Ref Secret }
";

fn template(text: &str) -> Template {
    Template::of("template.yaml", text).unwrap()
}

#[test]
fn a_function_is_read_with_all_that_it_is_told() {
    let function = template(DEPLOYED).function(Some("Handler")).unwrap();
    assert_eq!(function.handler.as_deref(), Some("app.handler"));
    assert_eq!(
        (function.timeout, function.memory, function.retries),
        (20, 512, 1)
    );
    let expected = [
        (
            "ARN",
            "arn:aws:dynamodb:us-east-1:123456789012:table/redeliver-test-rows",
        ),
        ("BOTH", "own"),
        ("LITERAL", "${Stage}/uploads"),
        ("MODE", "not-live"),
        (
            "QUEUE",
            "https://sqs.us-east-1.amazonaws.com/123456789012/Dead",
        ),
        ("SIMPLE", "Simple"),
        ("STAGE", "test"),
        ("TABLE", "redeliver-test-rows"),
    ];
    let environment: Vec<_> = function
        .environment
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(environment, expected);
    let queue = Queued {
        queue: Some("Queue".to_owned()),
        batch_size: 5,
        partial_batches: true,
        max_receives: Some(4),
        of_topic: true,
    };
    let sources = Sources {
        s3: true,
        queues: vec![queue],
        ..Sources::default()
    };
    assert_eq!(function.sources, sources);
}

#[test]
fn what_depends_on_the_deployment_is_named_with_its_line() {
    let function = template(DEPLOYED).function(Some("Handler")).unwrap();
    let told: Vec<String> = function
        .unresolved
        .iter()
        .map(ToString::to_string)
        .collect();
    let expected = [
        "line 57: the variable SECRET cannot be told from the template: the parameter Secret has \
         no default; it is not set: say it with --env SECRET=…",
        "line 58: the variable IMPORTED cannot be told from the template: Fn::ImportValue depends \
         on what is deployed; it is not set: say it with --env IMPORTED=…",
        "line 59: the variable NOWHERE cannot be told from the template: there is no Missing; it \
         is not set: say it with --env NOWHERE=…",
    ];
    assert_eq!(told, expected);
    let other = template(DEPLOYED).function(Some("Other")).unwrap();
    assert_eq!((other.timeout, other.memory, other.retries), (3, 128, 2));
    assert_eq!(other.unresolved[0].what, "Timeout");
    assert!(other.environment.is_empty(), "globals are SAM's alone");
}

#[test]
fn tables_are_read_with_their_keys_and_indexes() {
    let attribute = |name: &str, kind| KeyAttribute {
        name: name.to_owned(),
        kind,
    };
    let tables = template(DEPLOYED).tables().unwrap();
    let [simple, rows] = &tables[..] else {
        panic!("{tables:?}");
    };
    assert_eq!(simple.name, "Simple");
    assert_eq!(simple.schema.key.partition, attribute("id", KeyType::Text));
    assert_eq!(rows.name, "redeliver-test-rows");
    assert_eq!(rows.schema.key.partition, attribute("pk", KeyType::Text));
    assert_eq!(rows.schema.key.sort, Some(attribute("sk", KeyType::Number)));
    assert_eq!(rows.schema.indexes[0].name, "other");
    assert_eq!(
        rows.schema.indexes[0].key.partition,
        attribute("by", KeyType::Binary)
    );
    let included = Projection::Include(vec!["size".to_owned()]);
    assert_eq!(rows.schema.indexes[0].projection, included);
}

#[test]
fn one_of_several_functions_must_be_named() {
    let refused = |named| template(DEPLOYED).function(named).unwrap_err().to_string();
    assert!(refused(None).ends_with("choose one with --function: Handler, Other"));
    assert_eq!(
        refused(Some("Hand")),
        "template.yaml has no function Hand; it has Handler, Other"
    );
}

#[test]
fn what_is_no_template_is_refused_with_a_reason() {
    let refused = |text| Template::of("t", text).map(|_| ()).unwrap_err().to_string();
    assert!(refused("a: 1").contains("no Resources"));
    assert!(refused("a: [").starts_with("t is neither YAML nor JSON: line "));
    let keyless = template("Resources: { T: { Type: 'AWS::DynamoDB::Table' } }");
    assert!(
        keyless
            .tables()
            .unwrap_err()
            .to_string()
            .contains("does not say what its key is")
    );
    let empty = template("Resources: {}");
    assert!(
        empty
            .function(None)
            .unwrap_err()
            .to_string()
            .contains("has no function")
    );
}

#[test]
fn a_circle_of_references_ends() {
    let circle = template(
        "Conditions: { A: { Condition: B }, B: { 'Fn::Not': [{ Condition: A }] } }
Parameters: { P: { Default: !Ref P } }
Resources:
  F:
    Type: AWS::Lambda::Function
    Properties:
      Environment: { Variables: { X: !Ref P, Y: !If [A, yes, no] } }",
    );
    let function = circle.function(None).unwrap();
    assert_eq!(
        function.unresolved[0].why,
        "its references go round in a circle"
    );
}

#[test]
fn a_template_in_json_says_the_same() {
    let json = r#"{"Resources":{"T":{"Type":"AWS::DynamoDB::Table","Properties":{
        "AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],
        "KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]}},
        "F":{"Type":"AWS::Lambda::Function","Properties":{"Timeout":7,
        "Environment":{"Variables":{"TABLE":{"Ref":"T"}}}}},
        "M":{"Type":"AWS::Lambda::EventSourceMapping","Properties":{"FunctionName":{"Ref":"F"},
        "EventSourceArn":"arn:aws:sqs:us-east-1:123456789012:q"}}}}"#;
    let template = template(json);
    assert_eq!(template.tables().unwrap()[0].name, "T");
    let function = template.function(None).unwrap();
    assert_eq!(
        (function.timeout, function.environment["TABLE"].as_str()),
        (7, "T")
    );
    assert_eq!(function.sources.queues.len(), 1);
}

#[test]
fn the_handler_s_own_templates_are_read() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("handler/deploy");
    let read = |name: &str| Template::read(&folder.join(name)).unwrap();
    let direct = read("direct.yaml").function(None).unwrap();
    assert_eq!(
        (direct.timeout, direct.memory, direct.retries),
        (30, 256, 2)
    );
    assert_eq!(direct.environment["REDELIVER_TABLE"], "Table");
    assert_eq!(direct.environment["REDELIVER_TTL_DAYS"], "");
    assert!(direct.sources.s3 && direct.sources.queues.is_empty());
    assert_eq!(direct.unresolved, []);
    let queue = read("queue.yaml").function(None).unwrap();
    assert_eq!(queue.sources.queues.len(), 1);
    let queued = &queue.sources.queues[0];
    assert_eq!(
        (queued.max_receives, queued.partial_batches),
        (Some(5), true)
    );
    assert!(!queue.sources.s3 && !queued.of_topic);
    let tables = read("queue.yaml").tables().unwrap();
    assert_eq!(
        (
            tables[0].name.as_str(),
            tables[0].schema.key.partition.name.as_str()
        ),
        ("Table", "id")
    );
}
