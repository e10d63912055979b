mod generated;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use redeliver_handler::Notification;
use serde_json::{Value, json};

use super::*;

const QUEUE: Queue = Queue {
    receives: 3,
    partial_batches: true,
};

/// The console's template for an S3 put, which SAM generates too, but for its values.
const CONSOLE: &str = r#"{
  "Records": [
    {
      "eventVersion": "2.0",
      "eventSource": "aws:s3",
      "awsRegion": "us-east-1",
      "eventTime": "1970-01-01T00:00:00.000Z",
      "eventName": "ObjectCreated:Put",
      "userIdentity": {
        "principalId": "EXAMPLE"
      },
      "requestParameters": {
        "sourceIPAddress": "127.0.0.1"
      },
      "responseElements": {
        "x-amz-request-id": "EXAMPLE123456789",
        "x-amz-id-2": "EXAMPLE123/5678abcdefghijklambdaisawesome/mnopqrstuvwxyzABCDEFGH"
      },
      "s3": {
        "s3SchemaVersion": "1.0",
        "configurationId": "testConfigRule",
        "bucket": {
          "name": "example-bucket",
          "ownerIdentity": {
            "principalId": "EXAMPLE"
          },
          "arn": "arn:aws:s3:::example-bucket"
        },
        "object": {
          "key": "test%2Fkey",
          "size": 1024,
          "eTag": "0123456789abcdef0123456789abcdef",
          "sequencer": "0A1B2C3D4E5F678901"
        }
      }
    }
  ]
}"#;

fn own(files: &[(&str, &str)]) -> Events {
    let mut own = Own::default();
    for (name, text) in files {
        own.add(name, text).unwrap();
    }
    Events::new(Source::Own(own))
}

fn generated(count: usize) -> Events {
    Events::generate(Generation {
        count,
        seed: 7,
        removals: false,
    })
}

fn delivered(events: &[usize], route: Route) -> Delivered<'_> {
    Delivered {
        events,
        route,
        renaming: Renaming::default(),
        sending: 0,
        receive: 1,
    }
}

fn text(document: &Document) -> &str {
    std::str::from_utf8(&document.body).unwrap()
}

fn value(document: &Document) -> Value {
    serde_json::from_slice(&document.body).unwrap()
}

fn read_back(document: &Document) -> Vec<ObjectEvent> {
    let Notification { records, .. } = parse_event(&document.body);
    let events = records.into_iter().map(|it| match it.parsed {
        Parsed::Event(event) => event,
        other => panic!("{other:?}"),
    });
    events.collect()
}

fn record(key: &str, sequencer: &str) -> String {
    let object = format!(r#"{{"key":"{key}","sequencer":"{sequencer}"}}"#);
    format!(r#"{{"s3":{{"bucket":{{"name":"b"}},"object":{object}}}, "n":1.50}}"#)
}

fn records(records: &[String]) -> String {
    format!(
        "{{ \"Records\" : [ {} ], \"x\": 1e2 }}",
        records.join(" ,\n")
    )
}

fn message(id: &str, body: &str) -> String {
    let attributes = json!({ "ApproximateReceiveCount": "1", "SentTimestamp": "1784196000500" });
    json!({ "messageId": id, "receiptHandle": "AQEB", "body": body, "attributes": attributes,
        "messageAttributes": {}, "md5OfBody": "098f", "eventSource": "aws:sqs" })
    .to_string()
}

/// The handler's samples, each with whatever Lambda would hand over.
fn samples() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("handler/tests/documents");
    let paths = files(&[folder]).unwrap();
    assert!(paths.len() > 75);
    let readable = paths.iter().filter_map(|path| {
        let name = path.file_name()?.to_str()?.to_owned();
        Some((name, read(path).ok()?))
    });
    readable.collect()
}

#[test]
fn every_sample_is_delivered_as_it_was_written_to_the_byte() {
    let mut played = 0;
    for (name, document) in samples() {
        let mut own = Own::default();
        if own.add(&name, &document).is_err() {
            continue;
        }
        let twice_the_same = !own.notes.is_empty();
        let events = Events::new(Source::Own(own));
        for natural in events.natural_notifications(QUEUE) {
            let as_it_is = events.document(&delivered(&natural.events, natural.route));
            if !twice_the_same {
                assert_eq!(text(&as_it_is.unwrap()), document, "{name}");
                played += 1;
            }
        }
    }
    assert!(played > 60, "{played}");
}

#[test]
fn every_event_of_every_sample_is_delivered_alone_and_in_every_envelope() {
    let mut seen = 0;
    for (name, document) in samples() {
        let mut own = Own::default();
        if own.add(&name, &document).is_err() {
            continue;
        }
        let events = Events::new(Source::Own(own));
        for event in 0..events.len() {
            let Some(object) = events.object_event(event, Renaming(0)) else {
                continue;
            };
            let mut routes = events.routes(event, QUEUE);
            if events.record(event, Renaming(0)).is_some() {
                routes.extend([
                    Route::Direct,
                    Route::Sns,
                    Route::Sqs(QUEUE),
                    Route::SqsOfSns(QUEUE),
                ]);
            }
            for route in routes {
                let alone = events.document(&delivered(&[event], route)).unwrap();
                assert_eq!(
                    read_back(&alone),
                    std::slice::from_ref(&object),
                    "{name} {route:?}"
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 150, "{seen}");
}

#[test]
fn the_console_s_sample_is_an_event() {
    let events = own(&[("s3-put.json", CONSOLE)]);
    assert_eq!((events.len(), events.name(0)), (1, "test/key"));
    assert_eq!(events.routes(0, QUEUE), [Route::Direct]);
}

#[test]
fn a_batch_is_taken_apart_and_the_rest_of_the_document_stays() {
    let (a, b) = (record("a+1", "1"), record("b", "2"));
    let document = records(&[a.clone(), b.clone()]);
    let events = own(&[("two.json", &document)]);
    assert_eq!((events.name(0), events.name(1)), ("a 1", "b"));
    let alone = events.document(&delivered(&[1], Route::Direct)).unwrap();
    assert_eq!(
        text(&alone),
        format!("{{ \"Records\" : [{b}], \"x\": 1e2 }}")
    );
    let swapped = events.document(&delivered(&[1, 0], Route::Direct)).unwrap();
    assert_eq!(
        text(&swapped),
        format!("{{ \"Records\" : [{b},{a}], \"x\": 1e2 }}")
    );
}

#[test]
fn one_event_in_two_places_is_one_event_that_is_delivered_twice() {
    let a = records(&[record("a", "1")]);
    let twice = records(&[record("a", "10"), record("b", "2"), record("b", "2")]);
    let bridged = message("m-1", &a);
    let queued = format!(r#"{{"Records":[{bridged}]}}"#);
    let events = own(&[
        ("1.json", &a),
        ("2.json", &a),
        ("3.json", &twice),
        ("4.json", &queued),
    ]);
    assert_eq!(events.len(), 2);
    let notes: Vec<String> = events.notes().iter().map(ToString::to_string).collect();
    assert_eq!(notes.len(), 4, "{notes:?}");
    assert_eq!(
        notes[0],
        "2.json holds the same event as 1.json: it counts as one event, delivered twice"
    );
    let natural = events.natural_notifications(QUEUE);
    let told: Vec<_> = natural
        .iter()
        .map(|it| (&it.events[..], it.route, it.times))
        .collect();
    let expected: [(&[usize], Route, usize); 3] = [
        (&[0], Route::Direct, 2),
        (&[0, 1], Route::Direct, 1),
        (&[0], Route::Sqs(QUEUE), 1),
    ];
    assert_eq!(told, expected);
    assert_eq!(events.routes(0, QUEUE), [Route::Direct, Route::Sqs(QUEUE)]);
    let alone = events.document(&delivered(&[1], Route::Direct)).unwrap();
    assert_eq!(read_back(&alone).len(), 1, "alone is alone");
}

#[test]
fn a_message_keeps_its_id_over_receives_and_gets_one_when_s3_sends_it_again() {
    let s3 = message("m-1", &records(&[record("a", "1"), record("b", "2")]));
    let other = message("m-2", "an order");
    let events = own(&[("q.json", &format!(r#"{{"Records":[{s3},{other}]}}"#))]);
    assert_eq!(events.len(), 3);
    let all = [0, 1, 2];
    let first = delivered(&all, Route::Sqs(QUEUE));
    let again = Delivered {
        receive: 2,
        ..first
    };
    let resent = Delivered {
        sending: 1,
        ..first
    };
    let [first, again, resent] = [first, again, resent].map(|it| events.document(&it).unwrap());
    let field = |document: &Document, record: usize, name: &str| {
        value(document)["Records"][record][name]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(field(&first, 0, "receiptHandle"), "AQEB");
    assert_ne!(field(&again, 0, "receiptHandle"), "AQEB");
    assert_ne!(
        field(&again, 0, "receiptHandle"),
        field(&again, 1, "receiptHandle")
    );
    let count = &value(&again)["Records"][0]["attributes"]["ApproximateReceiveCount"];
    assert_eq!(count, "2");
    assert_eq!(again.events_of("m-1"), Some(&[0, 1][..]));
    assert_eq!(again.events_of("m-2"), Some(&[2][..]));
    assert_eq!(again.events_of("m-3"), None);
    let id = field(&resent, 0, "messageId");
    assert_ne!(id, "m-1");
    assert_eq!(resent.events_of(&id), Some(&[0, 1][..]));
    assert_eq!(
        field(&resent, 1, "messageId"),
        "m-2",
        "nothing else tells an order from the next"
    );
    assert_eq!(
        field(&first, 0, "md5OfBody"),
        "098f",
        "what is not changed stays"
    );
}

#[test]
fn a_message_with_part_of_its_body_says_the_md5_sum_of_that_part() {
    let body = records(&[record("a", "1"), record("b", "2")]);
    let events = own(&[(
        "q.json",
        &format!(r#"{{"Records":[{}]}}"#, message("m-1", &body)),
    )]);
    let alone = events
        .document(&delivered(&[1], Route::Sqs(QUEUE)))
        .unwrap();
    let sent = &value(&alone)["Records"][0];
    let body = sent["body"].as_str().unwrap();
    assert_eq!(
        body,
        format!("{{ \"Records\" : [{}], \"x\": 1e2 }}", record("b", "2"))
    );
    assert_eq!(sent["md5OfBody"], identifier::md5_of(body.as_bytes()));
}

#[test]
fn an_event_that_stands_in_one_message_twice_is_alone_when_it_is_delivered_alone() {
    let body = records(&[record("a", "1"), record("a", "1")]);
    let document = format!(r#"{{"Records":[{}]}}"#, message("m-1", &body));
    let events = own(&[("q.json", &document)]);
    let alone = events.document(&delivered(&[0], Route::Sqs(QUEUE)));
    assert_eq!(read_back(&alone.unwrap()).len(), 1);
}

#[test]
fn copies_of_one_sample_message_are_told_apart() {
    let [one, other] =
        ["one", "other"].map(|it| format!(r#"{{"Records":[{}]}}"#, message("m", it)));
    let events = own(&[("1.json", &one), ("2.json", &other)]);
    let both = events
        .document(&delivered(&[0, 1], Route::Sqs(QUEUE)))
        .unwrap();
    let ids: BTreeSet<String> = value(&both)["Records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["messageId"].to_string())
        .collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(both.events_of("m"), Some(&[0][..]));
    assert!(
        events.notes()[0]
            .to_string()
            .starts_with("2.json has the message id m of another")
    );
}

#[test]
fn what_is_not_known_is_one_event_as_it_is() {
    for (name, text) in [
        ("order.json", r#"{ "orderId" : 1.0 }"#),
        ("array.json", "[1, 2]"),
        (
            "records.json",
            r#"{"Records":[{"eventSource":"aws:ses","ses":{}}]}"#,
        ),
        (
            "rule.json",
            r#"{"detail-type":"Order","source":"shop","detail":{"id":1}}"#,
        ),
        (
            "test.json",
            r#"{"Service":"Amazon S3","Event":"s3:TestEvent"}"#,
        ),
    ] {
        let events = own(&[(name, text)]);
        assert_eq!((events.len(), events.name(0)), (1, name));
        let route = events.routes(0, QUEUE)[0];
        let resent = Delivered {
            sending: 1,
            ..delivered(&[0], route)
        };
        assert_eq!(self::text(&events.document(&resent).unwrap()), text);
        let renamed = Delivered {
            renaming: Renaming(1),
            ..resent
        };
        let refused = events.document(&renamed).unwrap_err().to_string();
        assert!(
            refused.starts_with(&format!("{name} cannot go by another name")),
            "{refused}"
        );
    }
}

#[test]
fn streams_and_what_nobody_sends_are_refused_with_a_reason() {
    let refused = |text: &str| {
        let why = Own::default().add("e.json", text).unwrap_err();
        EventsError::unplayable("e.json", why).to_string()
    };
    let stream = refused(r#"{"Records":[{"eventSource":"aws:kinesis","kinesis":{}}]}"#);
    assert!(
        stream.starts_with("e.json is a batch of aws:kinesis: "),
        "{stream}"
    );
    let kafka = refused(r#"{"eventSource":"aws:kafka","records":{}}"#);
    assert!(
        kafka.starts_with("e.json is a batch of aws:kafka: "),
        "{kafka}"
    );
    assert!(refused(r#"{"Records":[]}"#).contains("nothing to deliver"));
    let mixed = format!(
        r#"{{"Records":[{},{}]}}"#,
        record("a", "1"),
        message("m", "x")
    );
    assert!(refused(&mixed).contains("come from several services"));
}

#[test]
fn what_cannot_come_together_is_refused() {
    let events = own(&[("a.json", "1"), ("b.json", "2")]);
    let refused = events
        .document(&delivered(&[0, 1], Route::Direct))
        .unwrap_err();
    let told = refused.to_string();
    assert!(
        told.starts_with("a.json, b.json cannot be delivered in one document"),
        "{told}"
    );
    let bridged = delivered(&[0, 1], Route::EventBridge);
    assert!(generated(2).document(&bridged).is_err());
}

#[test]
fn files_are_found_in_folders_by_name_and_faults_are_named() {
    let folder = std::env::temp_dir().join(format!("redeliver-events-{}", std::process::id()));
    fs::create_dir_all(folder.join("inner.json")).unwrap();
    let load = |name: &str| Events::load(&[folder.join(name)]).map_err(|it| it.to_string());
    assert!(
        load("")
            .unwrap_err()
            .contains("holds no file that ends in .json")
    );
    fs::write(folder.join("b.json"), "\u{feff}2\n").unwrap();
    fs::write(folder.join("a.json"), "1").unwrap();
    fs::write(folder.join("notes.txt"), "no").unwrap();
    let events = load("").unwrap();
    assert!(events.name(0).ends_with("a.json") && events.name(1).ends_with("b.json"));
    let second = events.document(&delivered(&[1], Route::Direct)).unwrap();
    assert_eq!(text(&second), "2");
    assert!(
        load("notes.txt")
            .unwrap_err()
            .contains("notes.txt is not JSON (expected")
    );
    assert!(load("none").unwrap_err().contains("none cannot be read"));
    fs::remove_dir_all(&folder).unwrap();
}
