use std::collections::BTreeSet;

use redeliver_model::delivery::{Flaw, Form, Record, Route};
use redeliver_model::event::{Happening, IdentityPolicy, ObjectEvent};
use redeliver_model::property::{Bookkeeping, Expectation, Expected, Keeps, Sighting};
use redeliver_model::scene::{Scene, sequenced};
use redeliver_model::table::Key;

use crate::support::{Books, object, upload};

fn all_of(scene: &Scene, keeps: Keeps) -> Vec<Vec<Expected>> {
    let books = Books::default();
    let expectation = Expectation::new(scene, keeps, &books);
    let notifications = scene.notifications.iter().enumerate();
    let expected = notifications.map(|(number, it)| {
        let records = 0..it.records.len();
        records
            .map(|record| expectation.of(number, record))
            .collect()
    });
    expected.collect()
}

fn removal(key: &str) -> Record {
    let happening = Happening::Removed;
    sequenced(
        ObjectEvent {
            happening,
            ..object(key)
        },
        "A",
        "",
    )
}

#[test]
fn a_record_is_recorded_ignored_or_rejected() {
    let records = [
        upload("a", "9"),
        Record::Unreadable(Flaw::BadEscape),
        removal("a"),
        upload("b", "9"),
        upload("a", "B"),
    ];
    let scene = Scene::of(&[&records, &[upload("b", "9")]], 1);
    use Expected::{Ignored, Recorded, Rejected};
    let rows = [
        vec![Recorded(0), Rejected, Ignored, Recorded(1), Recorded(0)],
        vec![Recorded(1)],
    ];
    assert_eq!(all_of(&scene, Keeps::Rows), rows);
    assert_eq!(all_of(&scene, Keeps::Effects), rows);
    let states = [
        vec![Recorded(0), Rejected, Recorded(0), Recorded(1), Recorded(0)],
        vec![Recorded(1)],
    ];
    assert_eq!(all_of(&scene, Keeps::LatestState), states);
    let books = Books::default();
    let expectation = Expectation::new(&scene, Keeps::Rows, &books);
    assert_eq!(expectation.identities_of(0).collect::<Vec<_>>(), [0, 1, 0]);
    assert_eq!(expectation.identities_of(1).collect::<Vec<_>>(), [1]);
}

#[test]
fn the_scenes_policy_says_what_is_one_event() {
    let under = |policy| {
        let scene = Scene::of(&[&[upload("a", "9"), upload("a", "A")]], 1);
        all_of(&Scene { policy, ..scene }, Keeps::Rows).concat()
    };
    use Expected::{Recorded, Rejected};
    assert_eq!(under(IdentityPolicy::Object), [Recorded(0), Recorded(0)]);
    assert_eq!(
        under(IdentityPolicy::Occurrence),
        [Recorded(0), Recorded(1)]
    );
    let bare = Record::Event(object("a").into());
    let scene = Scene {
        policy: IdentityPolicy::Occurrence,
        ..Scene::of(&[&[bare]], 1)
    };
    assert_eq!(all_of(&scene, Keeps::Rows).concat(), [Rejected]);
}

#[test]
fn the_latest_state_needs_events_that_can_be_ordered() {
    use Expected::{Recorded, Rejected};
    let bare = Record::Event(object("a").into());
    let mut scene = Scene::of(&[&[bare, upload("a", "9")], &[upload("a", "9")]], 1);
    assert_eq!(
        all_of(&scene, Keeps::LatestState).concat(),
        [Rejected, Recorded(0), Recorded(0)]
    );
    scene.notifications[1].route = Route::EventBridge;
    assert_eq!(
        all_of(&scene, Keeps::LatestState).concat(),
        [Rejected, Recorded(0), Rejected]
    );
    // The policy is of no matter: there is one state for each object.
    let scene = Scene {
        policy: IdentityPolicy::Occurrence,
        ..Scene::of(&[&[upload("a", "9"), upload("a", "A")]], 1)
    };
    assert_eq!(
        all_of(&scene, Keeps::LatestState).concat(),
        [Recorded(0), Recorded(0)]
    );
}

/// Keys as sent, and a tally for each of them.
struct AsSent;

impl Bookkeeping for AsSent {
    fn row(&self, sighting: Sighting<'_>) -> Key {
        sighting.key_as_sent().into()
    }

    fn tally(&self, sighting: Sighting<'_>) -> Option<Key> {
        Some(format!("tally of {}", sighting.key_as_sent()).into())
    }
}

#[test]
fn every_copy_of_every_record_is_asked_for_its_key() {
    let mut scene = Scene::of(
        &[&[upload("a/b", "9"), upload("c", "9")], &[removal("d")]],
        2,
    );
    scene.notifications[0].deliveries[1] = Form::Revised;
    let expectation = Expectation::new(&scene, Keeps::Rows, &AsSent);
    let keys: Vec<&str> = expectation.keys().into_iter().map(|key| &**key).collect();
    assert_eq!(keys, ["a%2Fb", "a/b", "c", "tally of a/b", "tally of c"]);
    let rows = expectation.rows();
    let rows: Vec<Vec<&str>> = rows
        .iter()
        .map(|keys| keys.iter().map(|key| &***key).collect())
        .collect();
    assert_eq!(
        rows,
        [
            vec!["a/b", "a%2Fb", "tally of a/b", "c", "tally of c"],
            vec![]
        ]
    );
    let without: BTreeSet<_> = Expectation::new(&scene, Keeps::Rows, &Books::default())
        .keys()
        .into_iter()
        .cloned()
        .collect();
    assert_eq!(without, ["a/b", "c"].map(Key::from).into());
}

/// Books that say where rows are, and no more.
struct RowsOnly;

impl Bookkeeping for RowsOnly {
    fn row(&self, sighting: Sighting<'_>) -> Key {
        sighting.event.key.clone()
    }
}

#[test]
fn books_count_nothing_unless_they_say_so() {
    let scene = Scene::of(&[&[upload("a", "9")]], 1);
    let expectation = Expectation::new(&scene, Keeps::Effects, &RowsOnly);
    assert_eq!(expectation.keys(), BTreeSet::from([&Key::from("a")]));
}
