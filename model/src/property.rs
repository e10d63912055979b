//! The catalogue: what must hold of every history. Ids are stable for ever.

mod rows;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::history::History;
use crate::table::Key;

/// A property of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Property {
    /// RD-1
    UniqueRows,
    /// RD-2
    AcknowledgedMeansRecorded,
    /// RD-3
    FirstWriteWins,
    /// RD-4
    OneInsertReported,
    /// RD-6
    Convergence,
    /// RD-7
    HonestFailure,
    /// RD-8
    BatchIsolation,
}

impl Property {
    /// The properties that one history is enough to judge.
    pub const ALL: [Self; 7] = [
        Self::UniqueRows,
        Self::AcknowledgedMeansRecorded,
        Self::FirstWriteWins,
        Self::OneInsertReported,
        Self::Convergence,
        Self::HonestFailure,
        Self::BatchIsolation,
    ];

    /// The id to cite, such as `RD-1`.
    pub fn id(self) -> &'static str {
        match self {
            Self::UniqueRows => "RD-1",
            Self::AcknowledgedMeansRecorded => "RD-2",
            Self::FirstWriteWins => "RD-3",
            Self::OneInsertReported => "RD-4",
            Self::Convergence => "RD-6",
            Self::HonestFailure => "RD-7",
            Self::BatchIsolation => "RD-8",
        }
    }

    /// The name to speak of it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::UniqueRows => "unique rows",
            Self::AcknowledgedMeansRecorded => "acknowledged means recorded",
            Self::FirstWriteWins => "first write wins",
            Self::OneInsertReported => "one insert reported",
            Self::Convergence => "convergence",
            Self::HonestFailure => "honest failure",
            Self::BatchIsolation => "batch isolation",
        }
    }

    /// What must hold.
    pub fn statement(self) -> &'static str {
        match self {
            Self::UniqueRows => {
                "At quiescence every acknowledged recordable event has its row, and every row \
                 belongs to a recordable event that was acknowledged or failed visibly."
            }
            Self::AcknowledgedMeansRecorded => {
                "When an invocation acknowledges a recordable event, its row has been written by \
                 then."
            }
            Self::FirstWriteWins => {
                "From its event's first acknowledgement on, no other attempt or delivery of that \
                 event changes a row."
            }
            Self::OneInsertReported => {
                "Only one request id and record position ever reports a row as Inserted or \
                 Confirmed, and every attempt of it that acknowledges that record reports one of \
                 them."
            }
            Self::Convergence => {
                "Every delivery ends acknowledged or, visibly, failed for good. If its last \
                 permitted attempt meets no fault and overlaps no other invocation, it is \
                 acknowledged, unless it holds a rejected record."
            }
            Self::HonestFailure => {
                "No event is acknowledged when the last reply about its row was an error other \
                 than a failed condition."
            }
            Self::BatchIsolation => {
                "A record that meets no fault leaves its row, whatever becomes of its neighbours."
            }
        }
    }

    /// Where `history` breaks this property, if it does. `keys` has the key of each
    /// identity's row.
    pub fn violation(self, history: &History, keys: &[Key]) -> Option<Violation> {
        let run = rows::Run { history, keys };
        let found = match self {
            Self::UniqueRows => run.row_without_event_or_event_without_row(),
            Self::AcknowledgedMeansRecorded => run.acknowledged_before_recorded(),
            Self::FirstWriteWins => run.changed_after_acknowledgement(),
            Self::OneInsertReported => run.inserted_twice_or_never(),
            Self::Convergence => run.given_up_without_need(),
            Self::HonestFailure => run.acknowledged_after_an_error(),
            Self::BatchIsolation => run.spoilt_by_a_neighbour(),
        };
        found.map(|(step, because)| Violation {
            property: self,
            step,
            because,
        })
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
        write!(
            f,
            "{} {}: step {}: {because}",
            property.id(),
            property.name(),
            step + 1
        )
    }
}
