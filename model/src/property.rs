//! The catalogue: what must hold of every history. Ids are stable for ever.

mod deliveries;
mod effects;
mod expectation;
mod facts;
mod latest_state;
mod rows;
#[macro_use]
mod statement;

pub use deliveries::Baseline;
pub use effects::COUNT;
pub use expectation::{Bookkeeping, Expectation, Expected, Keeps, Sighting};
pub use latest_state::E_TAG;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::history::History;
use facts::Facts;

/// A property of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Property {
    #[doc = concat!("RD-1. ", statement!(UniqueRows))]
    UniqueRows,
    #[doc = concat!("RD-2. ", statement!(AcknowledgedMeansRecorded))]
    AcknowledgedMeansRecorded,
    #[doc = concat!("RD-3. ", statement!(FirstWriteWins))]
    FirstWriteWins,
    #[doc = concat!("RD-4. ", statement!(OneInsertReported))]
    OneInsertReported,
    #[doc = concat!("RD-5. ", statement!(OrderDoesNotMatter))]
    OrderDoesNotMatter,
    #[doc = concat!("RD-6. ", statement!(Convergence))]
    Convergence,
    #[doc = concat!("RD-7. ", statement!(HonestFailure))]
    HonestFailure,
    #[doc = concat!("RD-8. ", statement!(BatchIsolation))]
    BatchIsolation,
    #[doc = concat!("RD-9. ", statement!(FaithfulKeys))]
    FaithfulKeys,
    #[doc = concat!("RD-10. ", statement!(TotalParsing))]
    TotalParsing,
    #[doc = concat!("RD-11. ", statement!(EffectsNotLost))]
    EffectsNotLost,
    #[doc = concat!("RD-12. ", statement!(NoStaleOverwrite))]
    NoStaleOverwrite,
    #[doc = concat!("RD-13. ", statement!(EffectsNotDoubled))]
    EffectsNotDoubled,
}

impl Property {
    /// Every property, in the order of the ids.
    pub const ALL: [Self; 13] = [
        Self::UniqueRows,
        Self::AcknowledgedMeansRecorded,
        Self::FirstWriteWins,
        Self::OneInsertReported,
        Self::OrderDoesNotMatter,
        Self::Convergence,
        Self::HonestFailure,
        Self::BatchIsolation,
        Self::FaithfulKeys,
        Self::TotalParsing,
        Self::EffectsNotLost,
        Self::NoStaleOverwrite,
        Self::EffectsNotDoubled,
    ];

    /// The id to cite, such as `RD-1`.
    pub fn id(self) -> &'static str {
        match self {
            Self::UniqueRows => "RD-1",
            Self::AcknowledgedMeansRecorded => "RD-2",
            Self::FirstWriteWins => "RD-3",
            Self::OneInsertReported => "RD-4",
            Self::OrderDoesNotMatter => "RD-5",
            Self::Convergence => "RD-6",
            Self::HonestFailure => "RD-7",
            Self::BatchIsolation => "RD-8",
            Self::FaithfulKeys => "RD-9",
            Self::TotalParsing => "RD-10",
            Self::EffectsNotLost => "RD-11",
            Self::NoStaleOverwrite => "RD-12",
            Self::EffectsNotDoubled => "RD-13",
        }
    }

    /// The name to speak of it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::UniqueRows => "unique rows",
            Self::AcknowledgedMeansRecorded => "acknowledged means recorded",
            Self::FirstWriteWins => "first write wins",
            Self::OneInsertReported => "one insert reported",
            Self::OrderDoesNotMatter => "order does not matter",
            Self::Convergence => "convergence",
            Self::HonestFailure => "honest failure",
            Self::BatchIsolation => "batch isolation",
            Self::FaithfulKeys => "faithful keys",
            Self::TotalParsing => "total parsing",
            Self::EffectsNotLost => "effects not lost",
            Self::NoStaleOverwrite => "no stale overwrite",
            Self::EffectsNotDoubled => "effects not doubled",
        }
    }

    /// What must hold.
    pub fn statement(self) -> &'static str {
        match self {
            Self::UniqueRows => statement!(UniqueRows),
            Self::AcknowledgedMeansRecorded => statement!(AcknowledgedMeansRecorded),
            Self::FirstWriteWins => statement!(FirstWriteWins),
            Self::OneInsertReported => statement!(OneInsertReported),
            Self::OrderDoesNotMatter => statement!(OrderDoesNotMatter),
            Self::Convergence => statement!(Convergence),
            Self::HonestFailure => statement!(HonestFailure),
            Self::BatchIsolation => statement!(BatchIsolation),
            Self::FaithfulKeys => statement!(FaithfulKeys),
            Self::TotalParsing => statement!(TotalParsing),
            Self::EffectsNotLost => statement!(EffectsNotLost),
            Self::NoStaleOverwrite => statement!(NoStaleOverwrite),
            Self::EffectsNotDoubled => statement!(EffectsNotDoubled),
        }
    }

    /// Whether handlers that keep this are judged by the property.
    pub fn judges(self, keeps: Keeps) -> bool {
        match self {
            Self::EffectsNotLost | Self::EffectsNotDoubled => keeps == Keeps::Effects,
            Self::NoStaleOverwrite => keeps == Keeps::LatestState,
            // The latest state changes with every newer event.
            Self::FirstWriteWins => keeps != Keeps::LatestState,
            // What is left of an object depends on which deletion found it there.
            Self::OrderDoesNotMatter | Self::OneInsertReported => keeps == Keeps::Rows,
            Self::UniqueRows
            | Self::AcknowledgedMeansRecorded
            | Self::Convergence
            | Self::HonestFailure
            | Self::BatchIsolation
            | Self::FaithfulKeys
            | Self::TotalParsing => true,
        }
    }

    fn check(self, facts: &Facts<'_>, baseline: Option<&Baseline>) -> facts::Found {
        match self {
            Self::UniqueRows => rows::row_without_event_or_event_without_row(facts),
            Self::AcknowledgedMeansRecorded => rows::acknowledged_without_row(facts),
            Self::FirstWriteWins => rows::changed_after_acknowledgement(facts),
            Self::OneInsertReported => rows::inserted_twice_or_never(facts),
            Self::OrderDoesNotMatter => deliveries::order_matters(facts, baseline?),
            Self::Convergence => deliveries::given_up_without_need(facts),
            Self::HonestFailure => deliveries::acknowledged_after_an_error(facts),
            Self::BatchIsolation => deliveries::spoilt_by_a_neighbour(facts)
                .or_else(|| deliveries::not_as_alone(facts, baseline?)),
            Self::FaithfulKeys => deliveries::unfaithful_key(facts),
            Self::TotalParsing => deliveries::panicked(facts),
            Self::EffectsNotLost => effects::effect_lost(facts),
            Self::NoStaleOverwrite => latest_state::stale_overwrite(facts),
            Self::EffectsNotDoubled => effects::effect_doubled(facts),
        }
    }
}

impl FromStr for Property {
    type Err = UnknownProperty;

    fn from_str(id: &str) -> Result<Self, Self::Err> {
        let mut all = Self::ALL.into_iter();
        all.find(|it| it.id().eq_ignore_ascii_case(id))
            .ok_or_else(|| UnknownProperty(id.to_owned()))
    }
}

/// An id that the catalogue does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownProperty(String);

impl fmt::Display for UnknownProperty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = Property::ALL.len();
        write!(f, "{:?} is no property: they are RD-1 to RD-{last}", self.0)
    }
}

impl std::error::Error for UnknownProperty {}

/// Judges histories of one scene.
#[derive(Clone, Debug)]
pub struct Judge<'a> {
    expectation: Expectation<'a>,
    baseline: Option<Baseline>,
}

impl<'a> Judge<'a> {
    /// Judges by what is expected; RD-5 and the calm part of RD-8 only if there is
    /// a baseline to compare with.
    pub fn new(expectation: Expectation<'a>, baseline: Option<Baseline>) -> Self {
        Self {
            expectation,
            baseline,
        }
    }

    /// What is expected of the scene.
    pub fn expectation(&self) -> &Expectation<'a> {
        &self.expectation
    }

    /// The properties that the handler is judged by.
    pub fn properties(&self) -> impl Iterator<Item = Property> {
        let keeps = self.expectation.keeps;
        Property::ALL.into_iter().filter(move |it| it.judges(keeps))
    }

    /// Every property that `history` breaks, each where it is broken first.
    pub fn violations(&self, history: &History) -> Vec<Violation> {
        let facts = Facts::of(history, &self.expectation);
        let found = self.properties().filter_map(|property| {
            let (step, because) = property.check(&facts, self.baseline.as_ref())?;
            Some(Violation {
                property,
                step,
                because,
            })
        });
        found.collect()
    }

    /// Where `history` breaks one property, if it does.
    pub fn violation(&self, property: Property, history: &History) -> Option<Violation> {
        let all = self.violations(history).into_iter();
        all.into_iter().find(|it| it.property == property)
    }
}

/// How a history breaks a property.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// Which property.
    pub property: Property,
    /// The first step at which it is broken, from 0; the number of steps for the
    /// end of the run.
    pub step: usize,
    /// Why, in a sentence.
    pub because: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            property,
            step,
            because,
        } = self;
        let (id, name) = (property.id(), property.name());
        write!(f, "{id} {name}: step {}: {because}", step + 1)
    }
}
