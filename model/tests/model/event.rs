use std::cmp::Ordering;

use redeliver_model::event::{IdentityPolicy, ObjectEvent};

use crate::support::object;

fn identical(policy: IdentityPolicy, one: &ObjectEvent, other: &ObjectEvent) -> bool {
    policy.identify(one).unwrap() == policy.identify(other).unwrap()
}

#[test]
fn each_policy_looks_at_its_own_fields() {
    let [object_policy, version, occurrence] = IdentityPolicy::ALL;
    let event = ObjectEvent {
        version_id: Some("v1".into()),
        sequencer: Some("0A".into()),
        time: Some(1),
        ..object("a")
    };
    let with = |change: &dyn Fn(&mut ObjectEvent)| {
        let mut other = event.clone();
        change(&mut other);
        other
    };
    let cases = [
        (with(&|it| it.bucket = "c".into()), [false, false, false]),
        (with(&|it| it.key = "c".into()), [false, false, false]),
        (
            with(&|it| it.version_id = Some("v2".into())),
            [true, false, false],
        ),
        (with(&|it| it.version_id = None), [true, false, false]),
        (
            with(&|it| it.sequencer = Some("0B".into())),
            [true, true, false],
        ),
        (
            with(&|it| it.sequencer = Some("0a000".into())),
            [true, true, true],
        ),
        (with(&|it| it.sequencer = None), [true, true, false]),
        (with(&|it| it.time = Some(2)), [true, true, true]),
        (with(&|it| it.e_tag = Some("e".into())), [true, true, true]),
    ];
    for (other, expected) in cases {
        let found = [object_policy, version, occurrence].map(|it| identical(it, &event, &other));
        assert_eq!(found, expected, "{other:?}");
    }
}

#[test]
fn an_occurrence_without_a_sequencer_goes_by_its_time_and_without_either_is_nobody() {
    let bare = object("a");
    let at = |time| ObjectEvent {
        time: Some(time),
        ..bare.clone()
    };
    let occurrence = IdentityPolicy::Occurrence;
    assert!(identical(occurrence, &at(1), &at(1)));
    assert!(!identical(occurrence, &at(1), &at(2)));
    assert_eq!(occurrence.identify(&bare), None);
    assert!(IdentityPolicy::Object.identify(&bare).is_some());
    assert!(IdentityPolicy::Version.identify(&bare).is_some());
}

#[test]
fn policies_have_names() {
    assert_eq!(
        IdentityPolicy::ALL.map(IdentityPolicy::name),
        ["object", "version", "occurrence"]
    );
}

#[test]
fn sequencers_are_padded_on_the_right_and_compared_in_one_case() {
    let with = |sequencer: &str| ObjectEvent {
        sequencer: Some(sequencer.into()),
        ..object("a")
    };
    let order = |left, right| with(left).order(&with(right));
    assert_eq!(order("0A", "0B"), Some(Ordering::Less));
    assert_eq!(order("9", "10"), Some(Ordering::Greater));
    assert_eq!(order("9", "90A"), Some(Ordering::Less));
    assert_eq!(order("0a", "0A"), Some(Ordering::Equal));
    assert_eq!(order("1", "100"), Some(Ordering::Equal));
    assert_eq!(order("0a01", "0A"), Some(Ordering::Greater));
}

#[test]
fn events_of_two_objects_or_without_a_sequencer_are_in_no_order() {
    let first = ObjectEvent {
        sequencer: Some("1".into()),
        ..object("a")
    };
    let in_another_bucket = ObjectEvent {
        bucket: "c".into(),
        ..first.clone()
    };
    let with_another_key = ObjectEvent {
        key: "c".into(),
        ..first.clone()
    };
    assert_eq!(first.order(&in_another_bucket), None);
    assert_eq!(first.order(&with_another_key), None);
    assert_eq!(first.order(&object("a")), None);
    assert_eq!(object("a").order(&first), None);
}
