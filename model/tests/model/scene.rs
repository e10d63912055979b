use std::collections::BTreeSet;
use std::fmt::Write;

use redeliver_model::delivery::{Form, Record, Route};
use redeliver_model::event::{Happening, IdentityPolicy};
use redeliver_model::scene::{Hosting, Scene, created, generate, sequenced, standard};

use crate::support::{Lcg, Noted, Written, object, upload};

/// A scene in a line.
fn told(scene: &Scene) -> String {
    let mut told = String::new();
    for notification in &scene.notifications {
        let route = match notification.route {
            Route::Direct => "direct".to_owned(),
            Route::EventBridge => "bridge".to_owned(),
            Route::Sns => "sns".to_owned(),
            Route::Sqs(it) => format!("sqs {}{}", it.receives, partly(it.partial_batches)),
            Route::SqsOfSns(it) => format!("sqs-sns {}{}", it.receives, partly(it.partial_batches)),
        };
        let forms = notification.deliveries.iter().map(|form| match form {
            Form::Original => 'o',
            Form::Revised => 'r',
        });
        write!(told, "{route} {}:", forms.collect::<String>()).unwrap();
        for record in &notification.records {
            match record {
                Record::Unreadable(flaw) => write!(told, " {flaw:?}").unwrap(),
                Record::Event(it) => {
                    let or_none = |text: &Option<redeliver_model::event::Text>| {
                        text.as_deref().unwrap_or("-").to_owned()
                    };
                    let what = match it.happening {
                        Happening::Created => '+',
                        Happening::Removed => '-',
                    };
                    let (version, sequencer) = (or_none(&it.version_id), or_none(&it.sequencer));
                    let time = it.time.map_or(-1, |time| time as i64 - 1_795_000_000);
                    write!(
                        told,
                        " {what}{}/{}@{version}#{sequencer}t{time} {}",
                        it.bucket,
                        it.key,
                        or_none(&it.e_tag)
                    )
                    .unwrap();
                }
            }
        }
        told.push_str("; ");
    }
    let hosting = match scene.hosting {
        Hosting::Default => "default",
        Hosting::Managed => "managed",
    };
    write!(told, "{hosting} {} {}", scene.faults, scene.waits).unwrap();
    told
}

fn partly(partial_batches: bool) -> &'static str {
    if partial_batches { " partly" } else { "" }
}

fn written(decisions: &[usize]) -> String {
    written_under(IdentityPolicy::Object, decisions)
}

fn written_under(policy: IdentityPolicy, decisions: &[usize]) -> String {
    let mut entropy = Written(decisions);
    let scene = generate(&mut entropy, policy);
    assert!(entropy.0.is_empty(), "not asked for: {:?}", entropy.0);
    told(&scene)
}

/// A scene with so many events of some objects, in one notification, with nothing else
/// of note.
fn in_one_notification(policy: IdentityPolicy, objects: usize, events: usize) -> String {
    let mut decisions = vec![objects, 0, 5, 1, 1, 1, 1];
    decisions.extend(vec![0; events - 1]);
    decisions.push(1);
    written_under(policy, &decisions)
}

#[test]
fn a_policy_draws_what_it_can_get_wrong_and_what_only_it_can_twice() {
    let first = |bucket: &str, key: &str, version: &str| {
        format!("+{bucket}/{key}@{version}#0055AED6DCD90281E5t0 etag-1")
    };
    let second = |bucket: &str, key: &str, version: &str| {
        format!("+{bucket}/{key}@{version}#0055AED6DCD90281E6t1 etag-2")
    };
    let demo = "lambda-idempotency-demo";
    let invoice = || first(demo, "invoice.txt", "-");
    let one = || vec![invoice()];
    let delimiter = || vec![first("b", "report", "v1"), second("b", "report#v1", "-")];
    let escaped = || vec![first("b", "dir/100% sure é.txt", "-")];
    let space_and_plus = || vec![first("b", "two words", "-"), second("b", "two+words", "-")];
    let two_buckets = || vec![invoice(), second("another-bucket", "invoice.txt", "-")];
    let two_keys = || vec![invoice(), second(demo, "receipt.txt", "-")];
    let two_uploads = || vec![invoice(), second(demo, "invoice.txt", "-")];
    let two_versions = || {
        vec![
            first(demo, "invoice.txt", "v1"),
            second(demo, "invoice.txt", "v2"),
        ]
    };
    let version_null = || vec![invoice(), second(demo, "invoice.txt", "null")];
    let usual = [
        one(),
        escaped(),
        space_and_plus(),
        two_buckets(),
        two_keys(),
        two_uploads(),
    ];
    let of_versions = [
        one(),
        delimiter(),
        delimiter(),
        escaped(),
        space_and_plus(),
        two_buckets(),
        two_keys(),
        two_uploads(),
        two_versions(),
        version_null(),
        version_null(),
    ];
    let of_occurrences = [&usual[..], &[two_versions()]].concat();
    for (policy, drawn) in [
        (IdentityPolicy::Object, &usual[..]),
        (IdentityPolicy::Version, &of_versions),
        (IdentityPolicy::Occurrence, &of_occurrences),
    ] {
        for (number, events) in drawn.iter().enumerate() {
            let scene = in_one_notification(policy, number, events.len());
            let expected = format!("direct o: {}; default 0 0", events.join(" "));
            assert_eq!(scene, expected, "{policy:?}, {number}");
        }
        let mut noted = Noted::new(Lcg::new(0));
        generate(&mut noted, policy);
        assert_eq!(noted.bounds[0], drawn.len(), "{policy:?}");
    }
}

#[test]
fn events_are_removals_bare_reversed_fewer_or_more() {
    let demo = "lambda-idempotency-demo";
    // The second is a removal, and they come in the other order, in two notifications.
    assert_eq!(
        written(&[
            4, 2, 1, 1, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 5, 3
        ]),
        format!(
            "direct o: -{demo}/receipt.txt@-#0Bt1 -; direct o: +{demo}/invoice.txt@-#0at0 \
             etag-1; managed 3 2"
        )
    );
    // Without sequencer and time, and but for the first left out.
    assert_eq!(
        written(&[4, 1, 5, 0, 1, 0, 1, 1]),
        format!("direct o: +{demo}/invoice.txt@-#-t-1 etag-1; default 0 0")
    );
    // The second once more.
    assert_eq!(
        written(&[3, 1, 5, 1, 1, 1, 0, 1, 0, 0, 1]),
        format!(
            "direct o: +{demo}/invoice.txt@-#10t0 etag-1 +another-bucket/invoice.txt@-#9t1 etag-2 \
             +another-bucket/invoice.txt@-#9t1 etag-2; default 0 0"
        )
    );
}

#[test]
fn a_notification_has_copies_a_route_and_may_hold_what_nobody_can_read() {
    let event = "+lambda-idempotency-demo/invoice.txt@-#10t0 etag-1";
    let start = [0, 1, 5, 1, 1, 1, 1];
    let with = |rest: &[usize]| written(&[&start[..], rest].concat());
    // Three copies, of which the last two are revised.
    assert_eq!(
        with(&[1, 3, 0, 1, 2, 0, 0, 3, 1, 4, 2]),
        format!("sns oor: {event}; managed 2 1")
    );
    assert_eq!(
        with(&[1, 1, 0, 2, 1, 0, 4]),
        format!("sqs 3 partly or: {event}; default 0 0")
    );
    assert_eq!(
        with(&[1, 1, 0, 2, 0, 1, 5]),
        format!("sqs-sns 2 or: {event}; default 0 0")
    );
    assert_eq!(
        with(&[1, 0, 0, 0, 0, 6]),
        format!("bridge o: {event}; default 0 0")
    );
    // Before the event, and behind it; then EventBridge is out of the question.
    assert_eq!(
        with(&[0, 0, 0, 0, 0, 0, 0, 5]),
        format!("sqs-sns 2 partly o: BadEscape {event}; default 0 0")
    );
    assert_eq!(
        with(&[0, 1, 1]),
        format!("direct o: {event} NoBucket; default 0 0")
    );
}

#[test]
fn one_entropy_makes_one_scene() {
    let drawn = |seed| {
        let mut noted = Noted::new(Lcg::new(seed));
        let scene = generate(&mut noted, IdentityPolicy::Version);
        (scene, noted.bounds)
    };
    for seed in 0..50 {
        let (scene, bounds) = drawn(seed);
        assert_eq!(drawn(seed), (scene.clone(), bounds.clone()));
        assert_eq!(scene.policy, IdentityPolicy::Version);
        let saved = serde_json::to_string(&scene).unwrap();
        assert_eq!(serde_json::from_str::<Scene>(&saved).unwrap(), scene);
    }
}

#[test]
fn one_fault_is_the_most_frequent_and_none_and_many_are_drawn_too() {
    let drawn = |faults, waits| {
        let calm = [0, 0, 5, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0];
        let scene = written(&[&calm[..], &[faults, waits]].concat());
        scene.rsplit("default ").next().unwrap().to_owned()
    };
    let faults: Vec<String> = (0..6).map(|it| drawn(it, 0)).collect();
    assert_eq!(faults, ["0 0", "1 0", "1 0", "1 0", "2 0", "3 0"]);
    let waits: Vec<String> = (0..5).map(|it| drawn(0, it)).collect();
    assert_eq!(waits, ["0 0", "0 0", "0 1", "0 2", "0 2"]);
}

#[test]
fn scenes_keep_within_what_can_be_delivered_and_played() {
    let mut routes = BTreeSet::new();
    for policy in IdentityPolicy::ALL {
        for seed in 0..600 {
            let scene = generate(&mut Lcg::new(seed), policy);
            let several = scene.notifications.len() > 1;
            for notification in &scene.notifications {
                routes.insert((policy, notification.route));
                let most = if several { 2 } else { 3 };
                assert!((1..=most).contains(&notification.deliveries.len()));
                assert!((1..=4).contains(&notification.records.len()));
                if notification.route == Route::EventBridge {
                    assert!(matches!(notification.records[..], [Record::Event(_)]));
                    assert_ne!(policy, IdentityPolicy::Occurrence);
                }
            }
            assert!(scene.faults <= 3 && scene.waits <= 2);
        }
    }
    // Queues of four kinds by two routes, and two or three others.
    assert_eq!(routes.len(), 11 + 11 + 10);
}

#[test]
fn a_scene_is_made_from_records_and_bounds() {
    let scene = Scene::of(
        &[&[upload("a", "9")], &[upload("b", "9"), upload("c", "9")]],
        2,
    );
    assert_eq!(
        told(&scene),
        "direct oo: +b/a@-#9t0 9; direct oo: +b/b@-#9t0 9 +b/c@-#9t0 9; default 0 0"
    );
    assert_eq!(scene.deliveries(), 4);
    assert_eq!(Scene::of(&[], 3).deliveries(), 0);
    assert_eq!(scene.policy, IdentityPolicy::Object);
    let harder = scene.clone().with_faults(2).with_waits(1).managed();
    assert_eq!((harder.faults, harder.waits), (2, 1));
    assert_eq!(harder.hosting, Hosting::Managed);
    assert_eq!(harder.notifications, scene.notifications);
}

#[test]
fn a_record_is_sequenced_as_s3_does_it() {
    let removed = redeliver_model::event::ObjectEvent {
        happening: Happening::Removed,
        ..object("a")
    };
    let Record::Event(event) = sequenced(removed, "9", "etag") else {
        panic!("no event");
    };
    assert_eq!(
        (event.sequencer.as_deref(), &event.e_tag),
        (Some("9"), &None)
    );
    assert_eq!(event.time, Some(1_795_000_000));
    let Record::Event(event) = sequenced(created("c", "d"), "9", "etag") else {
        panic!("no event");
    };
    assert_eq!((&*event.bucket, &*event.key), ("c", "d"));
    assert_eq!(event.e_tag.as_deref(), Some("etag"));
}

#[test]
fn the_standard_scenes_are_these() {
    let all: Vec<String> = standard()
        .iter()
        .map(|(name, scene)| format!("{name} ({}): {}", scene.policy.name(), told(scene)))
        .collect();
    let demo = "lambda-idempotency-demo/invoice.txt";
    assert_eq!(
        all,
        [
            format!("one event (object): direct o: +{demo}@-#9t0 etag-1; default 0 0"),
            format!("one event, twice (object): direct oo: +{demo}@-#9t0 etag-1; default 0 0"),
            format!(
                "two events together (object): direct o: +{demo}@-#9t0 etag-1 \
                 +lambda-idempotency-demo/receipt.txt@-#9t0 etag-2; default 0 0"
            ),
            format!(
                "an event behind one that nobody can read (object): direct o: NoBucket \
                 +{demo}@-#9t0 etag-1; default 0 0"
            ),
            format!(
                "one key in two buckets (object): direct o: +{demo}@-#9t0 etag-1; direct o: \
                 +another-bucket/invoice.txt@-#9t0 etag-2; default 0 0"
            ),
            "a space and a plus (object): direct o: +b/two words@-#9t0 etag-2; direct o: \
             +b/two+words@-#9t0 etag-2; default 0 0"
                .to_owned(),
            "a key that looks like a key and a version (version): direct o: +b/report@v1#9t0 \
             etag-1; direct o: +b/report#v1@-#9t0 etag-2; default 0 0"
                .to_owned(),
            format!(
                "an object without a version, and one of the version null (version): direct o: \
                 +{demo}@-#9t0 etag-1; direct o: +{demo}@null#90At0 etag-2; default 0 0"
            ),
            format!(
                "two versions (version): direct o: +{demo}@v1#10t0 etag-1; direct o: \
                 +{demo}@v2#9t0 etag-2; default 0 0"
            ),
            format!(
                "two uploads (occurrence): direct o: +{demo}@-#10t0 etag-0; direct o: \
                 +{demo}@-#9t0 etag-1; default 0 0"
            ),
            format!(
                "two uploads of one object (object): direct o: +{demo}@-#10t0 etag-0; direct o: \
                 +{demo}@-#9t0 etag-1; default 0 0"
            ),
            format!(
                "an upload and a removal (object): direct o: +{demo}@-#9t0 etag-1; direct o: \
                 -{demo}@-#90At0 -; default 0 0"
            ),
            "one event in two forms (object): direct or: +b/dir/é.txt@-#9t0 etag-2; default 0 0"
                .to_owned(),
            "one event by two routes (object): direct o: +b/two words@-#9t0 etag-2; bridge o: \
             +b/two words@-#9t0 etag-2; default 0 0"
                .to_owned(),
        ]
    );
}
