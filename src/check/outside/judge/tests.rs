//! Runs as they may come, and what is said of them.

use serde_json::json;

use super::*;
use crate::check::outside::effect::{EffectKind, content};
use crate::check::outside::golden::EffectMask;

/// A message about an object, sent at some time.
fn message(of: &str, at: u32, token: Option<&str>) -> Effect {
    Effect {
        kind: EffectKind {
            service: "sqs".to_owned(),
            operation: "SendMessage".to_owned(),
            place: "1/jobs".to_owned(),
        },
        content: content(&json!({ "body": { "of": of, "at": at } })),
        token: token.map(str::to_owned),
        overwrites: false,
    }
}

fn written(at: u32) -> Effect {
    Effect {
        overwrites: true,
        ..message("a", at, None)
    }
}

/// Events a and b, of which each is told of.
fn goldens(effect: impl Fn(&str, u32) -> Effect) -> GoldenEffects {
    let (a, b) = (effect("a", 1), effect("b", 2));
    let again = [effect("a", 3), effect("b", 4)];
    let mask = EffectMask::learn(&[
        (std::slice::from_ref(&a), &again[..1]),
        (std::slice::from_ref(&b), &again[1..]),
    ]);
    let orders = [
        (vec![], vec![]),
        (vec![0], vec![a.clone()]),
        (vec![1], vec![b.clone()]),
        (vec![0, 1], vec![a.clone(), b.clone()]),
        (vec![1, 0], vec![b, a]),
    ];
    let names = vec!["a".to_owned(), "b".to_owned()];
    GoldenEffects::new(names, &orders.into(), mask)
}

fn untokened() -> GoldenEffects {
    goldens(|of, at| message(of, at, None))
}

fn tokened() -> GoldenEffects {
    goldens(|of, at| message(of, at, Some(of)))
}

fn started(events: &[usize]) -> What {
    What::Started {
        events: events.to_vec(),
        too_soon: false,
    }
}

fn broken(goldens: &GoldenEffects, run: Vec<What>) -> Vec<(&'static str, usize)> {
    let judgement = judged(goldens, run);
    let breaches = judgement.breaches.iter();
    breaches.map(|it| (it.property.id(), it.step)).collect()
}

fn judged(goldens: &GoldenEffects, run: Vec<What>) -> Judgement {
    let run = run.into_iter().enumerate();
    let run: Vec<_> = run.map(|(step, what)| Happening { step, what }).collect();
    judge(goldens, &run)
}

#[test]
fn effects_that_are_done_once_before_their_acknowledgement_are_neither_lost_nor_doubled() {
    let run = vec![
        started(&[0, 1]),
        What::Performed(vec![message("b", 8, None), message("a", 9, None)]),
        What::Acknowledged(vec![0, 1]),
    ];
    assert_eq!(judged(&untokened(), run), Judgement::default());
}

#[test]
fn an_acknowledgement_without_the_effect_loses_it() {
    let run = vec![
        started(&[0]),
        What::Acknowledged(vec![0]),
        What::Performed(vec![message("a", 9, None)]),
    ];
    assert_eq!(broken(&untokened(), run), [("RD-11", 1)]);
}

#[test]
fn another_events_effect_does_not_make_up_for_a_lost_one() {
    let run = vec![
        started(&[0]),
        started(&[1]),
        What::Performed(vec![message("b", 9, None)]),
        What::Acknowledged(vec![0]),
    ];
    assert_eq!(broken(&untokened(), run), [("RD-11", 3)]);
}

#[test]
fn after_a_retry_that_came_too_soon_a_lost_effect_is_inconclusive() {
    let run = vec![
        started(&[0]),
        What::Started {
            events: vec![0],
            too_soon: true,
        },
        What::Acknowledged(vec![0]),
    ];
    let judgement = judged(&untokened(), run);
    assert_eq!(judgement.breaches, []);
    assert_eq!(judgement.inconclusive[0].0, Property::EffectsNotLost);
}

fn twice(first: Effect, second: Effect) -> Vec<What> {
    vec![
        started(&[0]),
        What::Performed(vec![first]),
        What::Performed(vec![second]),
        What::Acknowledged(vec![0]),
    ]
}

#[test]
fn without_a_token_twice_is_once_too_often() {
    let run = twice(message("a", 8, None), message("a", 9, None));
    assert_eq!(broken(&untokened(), run), [("RD-13", 2)]);
}

#[test]
fn with_the_same_token_twice_is_once() {
    let run = twice(message("a", 8, Some("a")), message("a", 9, Some("a")));
    assert_eq!(broken(&tokened(), run), []);
}

#[test]
fn with_another_token_twice_is_twice() {
    let run = twice(message("a", 8, Some("a")), message("a", 9, Some("x")));
    assert_eq!(broken(&tokened(), run), [("RD-13", 2)]);
    let run = twice(message("a", 8, Some("a")), message("a", 9, None));
    assert_eq!(broken(&tokened(), run), [("RD-13", 2)]);
}

#[test]
fn what_overwrites_itself_with_the_same_is_done_once() {
    let goldens = goldens(|of, at| Effect {
        overwrites: true,
        ..message(of, at, None)
    });
    assert_eq!(broken(&goldens, twice(written(8), written(8))), []);
    assert_eq!(
        broken(&goldens, twice(written(8), written(9))),
        [("RD-13", 2)]
    );
}

#[test]
fn what_says_something_new_is_inconclusive_and_what_is_of_no_known_kind_is_ignored() {
    let mut changed = message("a", 8, None);
    changed
        .content
        .insert(vec!["attempt".to_owned()], "2".to_owned());
    let run = twice(message("a", 8, None), changed.clone());
    let judgement = judged(&untokened(), run);
    assert_eq!(judgement.breaches, []);
    let (property, why) = &judgement.inconclusive[0];
    assert_eq!(*property, Property::EffectsNotDoubled);
    assert!(why.contains("another attempt than"), "{why}");
    changed.kind.place = "1/alarms".to_owned();
    let run = twice(message("a", 8, None), changed);
    assert_eq!(judged(&untokened(), run), Judgement::default());
}

#[test]
fn two_events_with_one_effect_may_do_it_as_often_as_in_some_order() {
    let both = |of: &str, at: u32| message(if of == "b" { "a" } else { of }, at, None);
    let goldens = goldens(both);
    let twice = |events: &[usize]| {
        vec![
            started(events),
            What::Performed(vec![both("a", 8), both("b", 9)]),
            What::Acknowledged(events.to_vec()),
        ]
    };
    assert_eq!(broken(&goldens, twice(&[0, 1])), []);
    assert_eq!(broken(&goldens, twice(&[0])), [("RD-13", 1)]);
    let once = vec![
        started(&[0, 1]),
        What::Performed(vec![both("a", 8)]),
        What::Acknowledged(vec![0, 1]),
    ];
    assert_eq!(broken(&goldens, once), [("RD-11", 2)]);
}

#[test]
fn an_event_that_follows_another_and_then_does_nothing_is_no_loss() {
    let a = message("a", 1, None);
    let mut b = message("b", 1, None);
    b.content = content(&json!({ "body": "b" }));
    let orders = [
        (vec![], vec![]),
        (vec![0], vec![a.clone()]),
        (vec![1], vec![b.clone()]),
        (vec![0, 1], vec![a.clone()]),
        (vec![1, 0], vec![b.clone()]),
    ];
    let goldens = GoldenEffects::new(Vec::new(), &orders.into(), EffectMask::default());
    let run = vec![
        started(&[0]),
        What::Performed(vec![a]),
        What::Acknowledged(vec![0]),
        started(&[1]),
        What::Acknowledged(vec![1]),
    ];
    assert_eq!(judged(&goldens, run), Judgement::default());
}

#[test]
fn where_orders_are_not_known_events_do_what_they_do_alone() {
    let mut goldens = untokened();
    goldens = GoldenEffects::new(
        vec!["a".to_owned(), "b".to_owned()],
        &[
            (vec![0], vec![message("a", 1, None)]),
            (vec![1], vec![message("b", 1, None)]),
        ]
        .into(),
        goldens.mask().clone(),
    );
    let run = vec![
        started(&[0, 1]),
        What::Performed(vec![message("a", 8, None), message("b", 9, None)]),
        What::Acknowledged(vec![0, 1]),
    ];
    assert_eq!(judged(&goldens, run), Judgement::default());
    let run = vec![
        started(&[0, 1]),
        What::Performed(vec![message("a", 8, None)]),
        What::Acknowledged(vec![0, 1]),
    ];
    assert_eq!(broken(&goldens, run), [("RD-11", 2)]);
}
