use std::collections::BTreeSet;

use redeliver_model::property::{Expectation, Judge, Keeps, Property, UnknownProperty};
use redeliver_model::scene::Scene;

use crate::support::{Books, Next, Told, run, succeeds, upload};

#[test]
fn properties_are_known_by_their_ids() {
    for (number, property) in Property::ALL.into_iter().enumerate() {
        let id = format!("RD-{}", number + 1);
        assert_eq!(property.id(), id);
        assert_eq!(id.parse(), Ok(property));
        assert_eq!(id.to_lowercase().parse(), Ok(property));
    }
    let names: BTreeSet<_> = Property::ALL.map(Property::name).into();
    let statements: BTreeSet<_> = Property::ALL.map(Property::statement).into();
    assert_eq!((names.len(), statements.len()), (13, 13));
    assert!(statements.iter().all(|it| it.ends_with('.')));
    assert_eq!(Property::FirstWriteWins.name(), "first write wins");
    let unknown: Result<Property, UnknownProperty> = "RD-14".parse();
    assert_eq!(
        unknown.unwrap_err().to_string(),
        "\"RD-14\" is no property: they are RD-1 to RD-13"
    );
}

fn judged(keeps: Keeps) -> Vec<&'static str> {
    let scene = Scene::of(&[&[upload("a", "9")]], 1);
    let judge = Judge::new(Expectation::new(&scene, keeps, &Books::default()), None);
    judge.properties().map(Property::id).collect()
}

#[test]
fn handlers_are_judged_by_what_they_keep() {
    let rows = "RD-1 RD-2 RD-3 RD-4 RD-5 RD-6 RD-7 RD-8 RD-9 RD-10";
    assert_eq!(judged(Keeps::Rows).join(" "), rows);
    let effects = "RD-1 RD-2 RD-3 RD-6 RD-7 RD-8 RD-9 RD-10 RD-11 RD-13";
    assert_eq!(judged(Keeps::Effects).join(" "), effects);
    let states = "RD-1 RD-2 RD-6 RD-7 RD-8 RD-9 RD-10 RD-12";
    assert_eq!(judged(Keeps::LatestState).join(" "), states);
}

#[test]
fn a_violation_is_told_with_its_step_from_one() {
    let scene = Scene::of(&[&[upload("a", "9")]], 1);
    let does_nothing = |_: &Told<'_>| -> Next { succeeds(1) };
    let history = run(&scene, &does_nothing, "");
    let judge = Judge::new(
        Expectation::new(&scene, Keeps::Rows, &Books::default()),
        None,
    );
    let violation = judge.violation(Property::AcknowledgedMeansRecorded, &history);
    assert_eq!(
        violation.unwrap().to_string(),
        "RD-2 acknowledged means recorded: step 2: attempt 1 of delivery 1 acknowledges the event \
         of a before its row is written"
    );
    assert_eq!(judge.violation(Property::FirstWriteWins, &history), None);
    assert_eq!(judge.expectation().identities_of(0).count(), 1);
}
