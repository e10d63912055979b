//! RD-9.

use std::collections::BTreeSet;

use redeliver_model::delivery::{Form, Record, Route};
use redeliver_model::event::ObjectEvent;
use redeliver_model::property::{Bookkeeping, Expectation, Judge, Keeps, Property, Sighting};
use redeliver_model::scene::{Scene, sequenced};
use redeliver_model::table::Key;

use crate::support::*;

const CALM: &str = "";

/// Books that hash, in one way or another wrongly.
struct Wrong(fn(Sighting<'_>) -> String);

impl Bookkeeping for Wrong {
    fn row(&self, sighting: Sighting<'_>) -> Key {
        (self.0)(sighting).into()
    }
}

fn keyed_by(
    scene: &Scene,
    books: fn(Sighting<'_>) -> String,
    acknowledge: &[usize],
) -> Vec<String> {
    let books = Wrong(books);
    let keys = Expectation::new(scene, Keeps::Rows, &books);
    let keys: BTreeSet<Key> = keys.keys().into_iter().cloned().collect();
    let script = |told: &Told<'_>| {
        let keys: Vec<_> = keys.iter().collect();
        match keys.get(told.replies.len()) {
            Some(key) => Next::Call(vec![put_if_absent(key, &by("me"))]),
            None if acknowledge.contains(&told.delivery()) => {
                succeeds(told.invocation.records.count())
            }
            None => fails(told.invocation.records.count()),
        }
    };
    let judge = Judge::new(Expectation::new(scene, Keeps::Rows, &books), None);
    let history = run(scene, &script, CALM);
    let violation = judge.violation(Property::FaithfulKeys, &history);
    violation.map(|it| it.because).into_iter().collect()
}

#[test]
fn rd_9_one_event_has_one_key_and_two_have_two() {
    let copies = Scene::of(&[&[upload("a/b", "9")]], 2);
    let mut forms = copies.clone();
    forms.notifications[0].deliveries[1] = Form::Revised;
    assert_eq!(keyed_by(&copies, |it| it.key_as_sent(), &[0, 1]), [""; 0]);
    let two_keys = "two copies of one event are recorded under two keys, \"a/b\" and \"a%2Fb\"";
    assert_eq!(keyed_by(&forms, |it| it.key_as_sent(), &[0, 1]), [two_keys]);
    assert_eq!(
        keyed_by(&forms, |it| it.event.key.to_string(), &[0, 1]),
        [""; 0]
    );
    // It shows only when both were acknowledged.
    assert_eq!(keyed_by(&forms, |it| it.key_as_sent(), &[0]), [""; 0]);
    assert_eq!(keyed_by(&forms, |it| it.key_as_sent(), &[1]), [""; 0]);

    let two = Scene::of(&[&[upload("a", "9")], &[upload("b", "9")]], 1);
    let one_key = "two different events are recorded under one key, \"same\"";
    assert_eq!(keyed_by(&two, |_| "same".to_owned(), &[0, 1]), [one_key]);
    assert_eq!(keyed_by(&two, |_| "same".to_owned(), &[0]), [""; 0]);
    // The first clash is the one that is told of.
    let three = Scene::of(
        &[
            &[upload("a", "9")],
            &[upload("b", "9")],
            &[upload("c", "9")],
        ],
        1,
    );
    let collides = |it: Sighting<'_>| match &*it.event.key {
        "a" => "a".to_owned(),
        _ => "same".to_owned(),
    };
    assert_eq!(keyed_by(&three, collides, &[1, 2]), [one_key]);
    assert_eq!(keyed_by(&three, |_| "same".to_owned(), &[1, 2]), [""; 0]);
}

#[test]
fn rd_9_a_key_is_no_longer_than_dynamodb_takes() {
    let too_long = "a key of 2049 bytes is longer than the 2048 that DynamoDB takes";
    assert_eq!(keyed_by(&one(1), |_| "a".repeat(2048), &[0]), [""; 0]);
    assert_eq!(keyed_by(&one(1), |_| "a".repeat(2049), &[0]), [too_long]);
    assert_eq!(keyed_by(&one(1), |_| "a".repeat(2049), &[]), [""; 0]);
}

#[test]
fn what_is_sent_is_escaped_by_route_and_form() {
    let event: ObjectEvent = object("two words+/é~-_.*9Z%");
    let sent = |route, form| {
        Sighting {
            event: &event,
            route,
            form,
        }
        .key_as_sent()
    };
    let (original, revised) = (Form::Original, Form::Revised);
    assert_eq!(
        sent(Route::Direct, original),
        "two+words%2B/%C3%A9%7E-_.*9Z%25"
    );
    assert_eq!(
        sent(Route::Sns, revised),
        "two+words%2B%2F%C3%A9%7E-_.*9Z%25"
    );
    assert_eq!(sent(Route::EventBridge, revised), &*event.key);
    assert!(matches!(sequenced(event, "9", "e"), Record::Event(_)));
}
