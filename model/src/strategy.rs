//! Strategies for [proptest](https://docs.rs/proptest), for tests of your own.
//!
//! A [case](Case) is a scene and a schedule. What proptest leaves out of a schedule
//! when it shrinks does not change what the rest means, since choices name their
//! invocations and calls for good; choices that cannot be taken are skipped by
//! [`Replay`](crate::schedule::Replay). So any test that plays cases shrinks well:
//!
//! ```
//! use proptest::prelude::*;
//! use redeliver_model::event::IdentityPolicy;
//! use redeliver_model::strategy::cases;
//!
//! proptest! {
//!     # #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]
//!     # /*
//!     #[test]
//!     # */
//!     fn my_handler_holds(case in cases(IdentityPolicy::Object)) {
//!         // Play the case to your handler here, and judge the history.
//!         prop_assert!(case.scene.deliveries() > 0);
//!     }
//! }
//! # my_handler_holds();
//! ```
//!
//! With the feature `proptest-state-machine` there is a reference state machine as
//! well, `AtLeastOnce`.

#[cfg(feature = "proptest-state-machine")]
mod at_least_once;

#[cfg(feature = "proptest-state-machine")]
pub use at_least_once::{AtLeastOnce, Ledger, Transition};

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

use crate::delivery::InvocationId;
use crate::event::IdentityPolicy;
use crate::scene::{self, Scene};
use crate::schedule::{CallId, Case, Choice, Entropy, Fate, InFlight, Wait};

/// How many decisions make a scene, at most.
const DECISIONS: usize = 64;

/// The most choices of a schedule. Most of them cannot be taken when their turn comes.
const CHOICES: usize = 200;

/// Scenes under an identity policy, as the kit's own [generator](scene::generate)
/// draws them.
pub fn scenes(policy: IdentityPolicy) -> impl Strategy<Value = Scene> {
    vec(any::<u8>(), DECISIONS).prop_map(move |bytes| {
        let mut decisions = Decisions(bytes.iter());
        scene::generate(&mut decisions, policy)
    })
}

/// Schedules that may lead through a scene.
pub fn schedules(scene: &Scene) -> impl Strategy<Value = Vec<Choice>> + use<> {
    let deliveries = scene.deliveries();
    drawn_schedules().prop_map(move |drawn| among(deliveries, drawn))
}

/// Scenes with schedules. A schedule is drawn without regard to its scene: if it were
/// drawn for it, it would be drawn anew whenever proptest makes the scene smaller.
pub fn cases(policy: IdentityPolicy) -> impl Strategy<Value = Case> {
    (scenes(policy), drawn_schedules()).prop_map(|(scene, drawn)| Case {
        schedule: among(scene.deliveries(), drawn),
        scene,
    })
}

/// Schedules about more deliveries than there are.
fn drawn_schedules() -> impl Strategy<Value = Vec<Choice>> {
    vec(choice(), 0..=CHOICES)
}

/// Any choice, what goes well before what goes wrong.
fn choice() -> impl Strategy<Value = Choice> {
    // So that they are equally many whether they are of one delivery or of up to four.
    let delivery = 0..12_usize;
    // First attempts and calls are the most frequent.
    let invocation = (delivery, select(vec![1, 1, 1, 2, 3]));
    let invocation = invocation.prop_map(|(delivery, attempt)| InvocationId { delivery, attempt });
    let call = (invocation.clone(), select(vec![1, 1, 1, 2, 2, 3]));
    let call = call.prop_map(|(invocation, number)| CallId { invocation, number });
    let [answered, wrong @ ..] = Fate::ALL;
    let fate = prop_oneof![3 => Just(answered), 1 => select(wrong.to_vec())];
    let in_flight = select(vec![InFlight::Never, InFlight::Applied, InFlight::Late]);
    prop_oneof![
        4 => invocation.clone().prop_map(|it| Choice::Start(it.delivery)),
        8 => (call.clone(), fate).prop_map(|(call, fate)| Choice::Call(call, fate)),
        4 => invocation.clone().prop_map(Choice::Return),
        1 => call.clone().prop_map(Choice::DropLate),
        1 => call.prop_map(Choice::ApplyLate),
        1 => select(Wait::ALL.to_vec()).prop_map(Choice::Wait),
        1 => Just(Choice::Sweep),
        1 => (invocation.clone(), in_flight).prop_map(|(it, calls)| Choice::Crash(it, calls)),
        1 => invocation.prop_map(Choice::TimeOut),
    ]
}

/// The choices, about so many deliveries; none if there is nothing to choose.
fn among(deliveries: usize, drawn: Vec<Choice>) -> Vec<Choice> {
    match deliveries {
        0 => Vec::new(),
        _ => drawn
            .into_iter()
            .map(|it| about_one_of(deliveries, it))
            .collect(),
    }
}

fn about_one_of(deliveries: usize, choice: Choice) -> Choice {
    let of = |invocation: InvocationId| InvocationId {
        delivery: invocation.delivery % deliveries,
        ..invocation
    };
    let call_of = |call: CallId| CallId {
        invocation: of(call.invocation),
        ..call
    };
    match choice {
        Choice::ApplyLate(call) => Choice::ApplyLate(call_of(call)),
        Choice::Call(call, fate) => Choice::Call(call_of(call), fate),
        Choice::Crash(it, in_flight) => Choice::Crash(of(it), in_flight),
        Choice::DropLate(call) => Choice::DropLate(call_of(call)),
        Choice::Return(it) => Choice::Return(of(it)),
        Choice::Start(delivery) => Choice::Start(delivery % deliveries),
        Choice::TimeOut(it) => Choice::TimeOut(of(it)),
        Choice::Sweep | Choice::Wait(_) => choice,
    }
}

/// Decisions that have been made beforehand; the plainest, when they are used up.
struct Decisions<'a>(std::slice::Iter<'a, u8>);

impl Entropy for Decisions<'_> {
    fn below(&mut self, bound: usize) -> usize {
        let decision = self.0.next().map_or(0, |&byte| usize::from(byte));
        decision.checked_rem(bound).unwrap_or(0)
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) + 1 == times
    }
}
