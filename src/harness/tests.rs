//! Handlers in the harness, and what of them it takes to tell.

use redeliver_model::delivery::Queue;
use redeliver_model::history::Report;
use redeliver_model::property::{COUNT, Property};
use redeliver_model::table::{Change, Condition, Reply, item};

use super::*;

fn row(sighting: Sighting<'_>) -> Key {
    format!("{}/{}", sighting.event.bucket, sighting.event.key).into()
}

/// The rows of the records in a document, which no queue has wrapped.
fn rows(document: &str) -> Vec<Key> {
    let document: serde_json::Value = serde_json::from_str(document).unwrap();
    let records = document["Records"].as_array().unwrap();
    let rows = records.iter().map(|record| {
        let record = match record["body"].as_str() {
            Some(body) => {
                serde_json::from_str::<serde_json::Value>(body).unwrap()["Records"][0].clone()
            }
            None => record.clone(),
        };
        let bucket = record["s3"]["bucket"]["name"].as_str().unwrap();
        let key = record["s3"]["object"]["key"].as_str().unwrap();
        let key = key
            .replace("%2F", "/")
            .replace('+', " ")
            .replace("%2B", "+");
        format!("{bucket}/{key}").into()
    });
    rows.collect()
}

#[test]
fn a_handler_that_counts_is_judged_by_its_counts() {
    let counter = Harness::new("counter", row, |host| {
        move |invocation: Invocation| {
            let host = host.clone();
            async move {
                for row in rows(&invocation.document) {
                    let one_more = Change::Add(COUNT.into(), 1);
                    let counted = host.table().update(&row, [one_more], Condition::Always);
                    if counted.await != Reply::Written {
                        return Err(());
                    }
                }
                Ok(())
            }
        }
    });
    let counts = counter.counts_in(row).explore(300).unwrap();
    let found = &counts.violations[&Property::EffectsNotDoubled];
    assert_eq!((found.size().faults, found.size().steps), (0, 4), "{found}");
}

/// Fails for the first record of a batch each time, and inserts the others.
fn fails_for_the_first(route: Route) -> Outcome {
    let harness = Harness::new("fails for the first", row, |host| {
        move |invocation: Invocation| {
            let host = host.clone();
            async move {
                let mut answers = vec![RecordAnswer::FAILED];
                for row in rows(&invocation.document).iter().skip(1) {
                    let put = host.table().put(row, item([]), Condition::NoItem);
                    answers.push(match put.await {
                        Reply::Written => RecordAnswer::said(Report::Inserted),
                        Reply::ConditionFailed(_) => RecordAnswer::said(Report::Duplicate),
                        _ => RecordAnswer::FAILED,
                    });
                }
                answers
            }
        }
    });
    harness.behind([route]).explore(300).unwrap()
}

#[test]
fn what_is_found_comes_by_the_route_that_the_handler_has() {
    for partial_batches in [false, true] {
        let route = Route::Sqs(Queue {
            receives: 2,
            partial_batches,
        });
        let found = fails_for_the_first(route).violations;
        let convergence = &found[&Property::Convergence];
        for counterexample in found.values() {
            for notification in &counterexample.case.scene.notifications {
                assert_eq!(notification.route, route, "{counterexample}");
            }
        }
        assert!(
            !convergence
                .history
                .answers()
                .any(|(_, _, it)| it.is_acknowledgement())
        );
    }
}

/// Behind a queue whose mapping has `ReportBatchItemFailures`, records succeed alone.
#[test]
fn records_are_acknowledged_alone_only_where_that_can_be() {
    let partly = |partial_batches| {
        let route = Route::Sqs(Queue {
            receives: 2,
            partial_batches,
        });
        let found = fails_for_the_first(route).violations;
        let mut answers = found.values().flat_map(|it| it.history.answers());
        answers.any(|(_, _, it)| {
            let acknowledged = it.records().iter().filter(|it| it.acknowledged).count();
            acknowledged > 0 && acknowledged < it.records().len()
        })
    };
    assert!(!partly(false));
    assert!(partly(true));
}
