//! The world as a reference state machine.

use proptest::prelude::{BoxedStrategy, Just, Strategy};
use proptest::sample::select;
use proptest_state_machine::ReferenceStateMachine;

use crate::delivery::{InvocationId, Record};
use crate::event::{Happening, IdentityPolicy, ObjectEvent};
use crate::history::{Answer, RecordAnswer, Report};
use crate::property::{Bookkeeping, Sighting};
use crate::scene::Scene;
use crate::schedule::{Case, Choice};
use crate::table::{Condition, Item, Key, Operation, Reply, Value, Write, item};
use crate::world::{Demand, World};

/// At-least-once delivery with an ideal handler, which inserts a row for each event
/// unless there is one.
///
/// The state is a case: the scene, and what has happened until now. The
/// [world](Self::world) that this leads to says what may happen next, and what the
/// table must hold.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use proptest_state_machine::{StateMachineTest, prop_state_machine};
/// use redeliver_model::schedule::Case;
/// use redeliver_model::strategy::{AtLeastOnce, Transition};
/// use redeliver_model::table::{Item, Key};
///
/// struct MyTable;
///
/// impl StateMachineTest for MyTable {
///     type SystemUnderTest = BTreeMap<Key, Item>;
///     type Reference = AtLeastOnce;
///
///     fn init_test(_: &Case) -> Self::SystemUnderTest {
///         BTreeMap::new()
///     }
///
///     fn apply(mut table: Self::SystemUnderTest, case: &Case, _: Transition) -> Self::SystemUnderTest {
///         let world = AtLeastOnce::world(case);
///         for change in world.history().steps.last().iter().flat_map(|step| &step.changes) {
///             match &change.after {
///                 Some(item) => table.insert(change.key.clone(), item.clone()),
///                 None => table.remove(&change.key),
///             };
///         }
///         assert_eq!(&table, world.table().items());
///         table
///     }
/// }
///
/// prop_state_machine! {
///     # #![proptest_config(proptest::test_runner::Config { cases: 4, failure_persistence: None, ..Default::default() })]
///     # /*
///     #[test]
///     # */
///     fn my_table_is_the_references(sequential 1..20 => MyTable);
/// }
/// # my_table_is_the_references();
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AtLeastOnce;

/// What happens to the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    /// Nothing is left to happen, and nothing does.
    Rest,
    /// One of the things that may happen does.
    Take(Choice),
}

impl AtLeastOnce {
    /// The world after what has happened in a case. What cannot happen is left out.
    pub fn world(case: &Case) -> World<'_> {
        let mut ideal = Ideal::new(&case.scene);
        for choice in &case.schedule {
            if options(&ideal.world).contains(choice) {
                ideal.take(*choice);
            }
        }
        ideal.world
    }
}

impl ReferenceStateMachine for AtLeastOnce {
    type State = Case;
    type Transition = Transition;

    fn init_state() -> BoxedStrategy<Case> {
        let scenes = select(IdentityPolicy::ALL.to_vec()).prop_flat_map(super::scenes);
        let cases = scenes.prop_map(|scene| Case {
            scene,
            schedule: Vec::new(),
        });
        cases.boxed()
    }

    fn transitions(case: &Case) -> BoxedStrategy<Transition> {
        let options = options(&Self::world(case));
        match options.is_empty() {
            true => Just(Transition::Rest).boxed(),
            false => select(options).prop_map(Transition::Take).boxed(),
        }
    }

    fn apply(mut case: Case, transition: &Transition) -> Case {
        match transition {
            Transition::Rest => {}
            Transition::Take(choice) => case.schedule.push(*choice),
        }
        case
    }

    fn preconditions(case: &Case, transition: &Transition) -> bool {
        let options = options(&Self::world(case));
        match transition {
            Transition::Rest => options.is_empty(),
            Transition::Take(choice) => options.contains(choice),
        }
    }
}

fn options(world: &World<'_>) -> Vec<Choice> {
    let mut options = Vec::new();
    world.options(&mut options);
    options
}

/// Where the ideal handler records events, under a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ledger(pub IdentityPolicy);

impl Ledger {
    /// The key of an event's row; none if it cannot be identified.
    fn key(self, event: &ObjectEvent) -> Option<Key> {
        let identity = self.0.identify(event)?;
        Some(format!("{identity:?}").into())
    }
}

impl Bookkeeping for Ledger {
    fn row(&self, sighting: Sighting<'_>) -> Key {
        self.key(sighting.event).unwrap_or_default()
    }
}

/// The ideal handler, at work in a world.
struct Ideal<'a> {
    scene: &'a Scene,
    world: World<'a>,
    /// For each invocation, what it will say of the records that it is done with.
    answers: Vec<(InvocationId, Vec<RecordAnswer>)>,
}

impl<'a> Ideal<'a> {
    fn new(scene: &'a Scene) -> Self {
        Self {
            scene,
            world: World::new(scene),
            answers: Vec::new(),
        }
    }

    fn take(&mut self, choice: Choice) {
        match self.world.take(choice) {
            Demand::End(_) | Demand::Nothing => {}
            Demand::Resume(call, reply) => self.go_on(call.invocation, Some(&reply)),
            Demand::Start(invocation) => {
                self.answers.push((invocation, Vec::new()));
                self.go_on(invocation, None);
            }
        }
    }

    /// Goes through the records until one has to be inserted.
    fn go_on(&mut self, id: InvocationId, mut reply: Option<&Reply>) {
        let invocation = self.world.history().invocation(id);
        let answers = self.answers.iter_mut().find(|(it, _)| *it == id);
        let (Some(invocation), Some((_, answers))) = (invocation, answers) else {
            return;
        };
        let notification = &self.scene.notifications[self.world.notification(id.delivery)];
        let ledger = Ledger(self.scene.policy);
        let request_id = Value::from(invocation.request_id.clone());
        for record in invocation.records.iter().skip(answers.len()) {
            let key = match &notification.records[record] {
                Record::Event(event) if event.happening == Happening::Removed => {
                    answers.push(RecordAnswer::SILENT);
                    continue;
                }
                Record::Event(event) => ledger.key(event),
                Record::Unreadable(_) => None,
            };
            let Some(key) = key else {
                answers.push(RecordAnswer::FAILED);
                continue;
            };
            let writer = [
                ("request_id", request_id.clone()),
                ("record", (record as i64).into()),
            ];
            let row = item(writer);
            match reply.take() {
                Some(reply) => answers.push(answer(reply, &row)),
                None => {
                    self.world.called(id, insert(key, row));
                    return;
                }
            }
        }
        let answers = std::mem::take(answers);
        let queue = notification.route.queue();
        let answer = match queue.is_some_and(|queue| queue.partial_batches) {
            true => Answer::Returned(answers),
            false => Answer::together(answers),
        };
        self.world.answered(id, answer);
    }
}

fn insert(key: Key, item: Item) -> Operation {
    let condition = Condition::NoItem;
    let write = Write::Put {
        key,
        item,
        condition,
    };
    Operation::Write {
        write,
        return_item: true,
    }
}

fn answer(reply: &Reply, row: &Item) -> RecordAnswer {
    match reply {
        Reply::Written => RecordAnswer::said(Report::Inserted),
        Reply::ConditionFailed(failed) if failed.item.as_ref() == Some(row) => {
            RecordAnswer::said(Report::Confirmed)
        }
        Reply::ConditionFailed(_) => RecordAnswer::said(Report::Duplicate),
        _ => RecordAnswer::FAILED,
    }
}
