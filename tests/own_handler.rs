//! A handler that is not the kit's, from its code to its counterexample: copy this file
//! to begin with. The chapter in `redeliver::harness` explains it.
//!
//! For each invoice that is uploaded, a receipt is mailed, and the invoice is filed.

use std::future::Future;
use std::sync::Arc;

use proptest::prelude::ProptestConfig;
use proptest::test_runner::{RngSeed, TestCaseError, TestError, TestRunner};
use redeliver::engine::Counterexample;
use redeliver::harness::{Failure, Harness};
use redeliver::model::event::IdentityPolicy;
use redeliver::model::property::{Keeps, Property, Sighting};
use redeliver::model::schedule::Size;
use redeliver::model::strategy::cases;
use redeliver::model::table::{Condition, Key, Reply, item};
use redeliver::simulation::Host;
use serde_json::Value;

// The handler, as it would stand in a crate of its own.

/// What the handler needs of the world.
trait Office: Send + Sync {
    /// Files an invoice, unless it is filed already. Says whether it was the first time.
    fn file(&self, invoice: &str) -> impl Future<Output = Result<bool, Down>> + Send;

    /// Mails a receipt. The post office mails no second one with the same number.
    fn mail(&self, number: &str) -> impl Future<Output = Result<(), Down>> + Send;
}

/// The table or the post office gave no answer, or an error.
#[derive(Debug)]
struct Down;

/// Wrong: whoever finds the invoice filed goes away, and nobody asks whether its receipt
/// was ever mailed.
async fn file_then_mail(office: &impl Office, invoice: &str) -> Result<(), Down> {
    if office.file(invoice).await? {
        office.mail(invoice).await?;
    }
    Ok(())
}

/// Right: what may happen twice comes first, under a number that makes it happen once.
async fn mail_then_file(office: &impl Office, invoice: &str) -> Result<(), Down> {
    office.mail(invoice).await?;
    office.file(invoice).await?;
    Ok(())
}

/// The invoices of an S3 notification. No bucket's name has a slash in it.
fn invoices(event: &Value) -> impl Iterator<Item = String> {
    let records = event["Records"].as_array().into_iter().flatten();
    records.map(|record| {
        let object = &record["s3"]["object"]["key"];
        let bucket = &record["s3"]["bucket"]["name"];
        let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
        format!("{}/{}", text(bucket), decoded(&text(object)))
    })
}

/// S3 sends keys form-urlencoded.
fn decoded(key: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), key.as_bytes());
    while let [first, after @ ..] = rest {
        rest = after;
        let escaped = after.get(..2).filter(|_| *first == b'%');
        let escaped = escaped.and_then(|it| str::from_utf8(it).ok());
        match escaped.and_then(|it| u8::from_str_radix(it, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => bytes.push(if *first == b'+' { b' ' } else { *first }),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

// What the kit needs: the port on its table, and where the handler records an event.

struct SimulatedOffice(Host);

impl Office for SimulatedOffice {
    async fn file(&self, invoice: &str) -> Result<bool, Down> {
        let row = item([("status", "filed".into())]);
        let put = self.0.table().put(&invoice.into(), row, Condition::NoItem);
        match put.await {
            Reply::Written => Ok(true),
            Reply::ConditionFailed(_) => Ok(false),
            _ => Err(Down),
        }
    }

    async fn mail(&self, number: &str) -> Result<(), Down> {
        let (invoice, token) = (number.into(), Some(number.into()));
        let mailed = self.0.table().effect(&invoice, token, "a receipt".into());
        match mailed.await {
            Reply::Written => Ok(()),
            _ => Err(Down),
        }
    }
}

fn row(sighting: Sighting<'_>) -> Key {
    let event = sighting.event;
    format!("{}/{}", event.bucket, event.key).into()
}

/// A handler in the harness.
macro_rules! harness {
    ($handler:ident) => {
        Harness::new(stringify!($handler), row, |host| {
            // Once in an environment, as in a Lambda function's `main`.
            let office = Arc::new(SimulatedOffice(host));
            move |invocation| {
                // Once in an invocation.
                let office = Arc::clone(&office);
                async move {
                    let event = serde_json::from_str(&invocation.document);
                    let mut all = Ok(());
                    for invoice in invoices(&event.map_err(|_| Down)?) {
                        // Whatever becomes of one invoice, the next has its turn.
                        all = all.and($handler(&*office, &invoice).await);
                    }
                    all
                }
            }
        })
        .keeps(Keeps::Effects)
    };
}

// The tests.

/// In one of the small scenes, several events wait for two calls each, and have more
/// interleavings than anybody waits for.
const RUNS: u64 = 5_000;

#[test]
fn the_right_handler_holds_in_small_scenes() {
    let outcome = harness!(mail_then_file).explore(RUNS).expect("no hang");
    outcome.assert_unviolated();
    println!("{outcome}");
}

#[test]
fn the_right_handler_holds_at_random() {
    let outcome = harness!(mail_then_file).at_random(1, 2_000);
    outcome.expect("no hang").assert_unviolated();
}

#[test]
fn the_right_handler_holds_in_cases_of_proptest() {
    let handler = harness!(mail_then_file);
    let holds = TestRunner::new(config()).run(&cases(IdentityPolicy::Object), |case| {
        let checked = handler.check(&case);
        checked.map_err(|failure| TestCaseError::fail(failure.to_string()))
    });
    holds.unwrap_or_else(|failure| panic!("{failure}"));
}

/// The receipt is lost without anything going wrong: a second delivery comes between
/// the filing and the mailing, finds the invoice filed, and reports success.
const SMALLEST: Size = Size {
    faults: 0,
    steps: 7,
};

#[test]
fn the_wrong_handler_is_caught_in_small_scenes() {
    let outcome = harness!(file_then_mail).explore(RUNS).expect("no hang");
    let found = &outcome.violations[&Property::EffectsNotLost];
    assert_eq!(found.size(), SMALLEST, "{found}");
    // What a failing test prints is the story of it, step by step.
    assert!(outcome.to_string().contains("RD-11"), "{outcome}");
    println!("{outcome}");
}

#[test]
fn the_wrong_handler_is_caught_at_random() {
    let outcome = harness!(file_then_mail).at_random(1, 1_000);
    let found = &outcome.expect("no hang").violations[&Property::EffectsNotLost];
    assert_eq!(found.size(), SMALLEST, "{found}");
}

#[test]
fn the_wrong_handler_is_caught_in_cases_of_proptest() {
    let handler = harness!(file_then_mail);
    let ran = TestRunner::new(config()).run(&cases(IdentityPolicy::Object), |case| {
        let checked = handler.check(&case);
        checked.map_err(|failure| TestCaseError::fail(failure.to_string()))
    });
    let Err(TestError::Fail(_, case)) = ran else {
        panic!("it is not caught: {ran:?}");
    };
    let Err(Failure::Violated(found)) = handler.check(&case) else {
        panic!("what proptest found is not found again");
    };
    let smallest: Counterexample = handler.minimise(*found).expect("no hang");
    assert_eq!(smallest.violation.property, Property::EffectsNotLost);
    assert_eq!(smallest.size(), SMALLEST, "{smallest}");
}

/// As it is by default, but that every run is the same.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 1_000,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
