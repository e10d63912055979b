//! What the checks ask of a history, gathered in one walk over it.

use super::Expectation;
use super::expectation::{Expected, Recorded};
use crate::history::{Answer, History, Invocation, Report, Step};
use crate::schedule::Choice;
use crate::table::{Item, ItemChange};

/// The step at which a property is broken, and why it is.
pub(super) type Found = Option<(usize, String)>;

/// A history, with what was expected of it, and what became of it.
pub(super) struct Facts<'a> {
    pub(super) history: &'a History,
    pub(super) expectation: &'a Expectation<'a>,
    pub(super) acknowledgements: Vec<Acknowledgement<'a>>,
    pub(super) row_changes: Vec<RowChange<'a>>,
    pub(super) panic: Option<(usize, &'a str)>,
}

/// An acknowledgement of a record that is to be recorded.
#[derive(Clone, Copy)]
pub(super) struct Acknowledgement<'a> {
    pub(super) step: usize,
    pub(super) invocation: &'a Invocation,
    /// The record's position in the notification.
    pub(super) record: usize,
    pub(super) identity: usize,
    pub(super) report: Option<Report>,
}

/// A change of an identity's row.
#[derive(Clone, Copy)]
pub(super) struct RowChange<'a> {
    pub(super) step: usize,
    pub(super) identity: usize,
    pub(super) change: &'a ItemChange,
    /// Whether it was deleted because it had expired.
    pub(super) swept: bool,
}

impl<'a> Facts<'a> {
    pub(super) fn of(history: &'a History, expectation: &'a Expectation<'a>) -> Self {
        let mut facts = Self {
            history,
            expectation,
            acknowledgements: Vec::with_capacity(history.invocations.len()),
            row_changes: Vec::with_capacity(history.invocations.len()),
            panic: None,
        };
        for (number, step) in history.steps.iter().enumerate() {
            for change in &step.changes {
                facts.note_change(number, step, change);
            }
            if let Some(answer) = &step.answer {
                facts.note_answer(number, step, answer);
            }
        }
        facts
    }

    fn note_change(&mut self, number: usize, step: &Step, change: &'a ItemChange) {
        let identities = self.expectation.identities.iter().enumerate();
        for (identity, recorded) in identities {
            if recorded.keys.contains(&change.key) {
                self.row_changes.push(RowChange {
                    step: number,
                    identity,
                    change,
                    swept: step.choice == Choice::Sweep,
                });
            }
        }
    }

    fn note_answer(&mut self, number: usize, step: &Step, answer: &'a Answer) {
        let Some(invocation) = step
            .choice
            .invocation()
            .and_then(|id| self.history.invocation(id))
        else {
            return;
        };
        let records = match answer {
            Answer::Panicked(message) => {
                self.panic = self.panic.or(Some((number, message)));
                return;
            }
            Answer::Returned(records) => records,
        };
        let notification = self.history.deliveries[invocation.id.delivery].notification;
        for (answer, record) in records.iter().zip(invocation.records.iter()) {
            if let Expected::Recorded(identity) = self.expectation.of(notification, record)
                && answer.acknowledged
            {
                self.acknowledgements.push(Acknowledgement {
                    step: number,
                    invocation,
                    record,
                    identity,
                    report: answer.report,
                });
            }
        }
    }

    pub(super) fn end(&self) -> usize {
        self.history.steps.len()
    }

    pub(super) fn identity(&self, number: usize) -> &Recorded<'a> {
        &self.expectation.identities[number]
    }

    /// What to call the row of an identity.
    pub(super) fn row(&self, identity: usize) -> &str {
        self.identity(identity).keys.first().map_or("", |key| key)
    }

    pub(super) fn changes_of(&self, identity: usize) -> impl Iterator<Item = RowChange<'a>> {
        let changes = self.row_changes.iter().copied();
        changes.filter(move |it| it.identity == identity)
    }

    /// The first step that gave the row of an identity an item.
    pub(super) fn written_at(&self, identity: usize) -> Option<usize> {
        let mut written = self.changes_of(identity).filter(|it| it.after().is_some());
        written.next().map(|it| it.step)
    }

    /// The records that an invocation was handed and that are to be recorded, with
    /// their identities.
    pub(super) fn recorded(
        &self,
        invocation: &'a Invocation,
    ) -> impl Iterator<Item = (usize, usize)> {
        let notification = self.history.deliveries[invocation.id.delivery].notification;
        let records = invocation.records.iter();
        records.filter_map(
            move |record| match self.expectation.of(notification, record) {
                Expected::Recorded(identity) => Some((record, identity)),
                Expected::Ignored | Expected::Rejected => None,
            },
        )
    }

    /// Whether the same answer says of another record with the same event that it
    /// failed: what befell its call was not this one's.
    pub(super) fn has_failed_twin(&self, it: &Acknowledgement<'a>) -> bool {
        let mut handed = self.recorded(it.invocation);
        handed.any(|(record, identity)| {
            let mut all = self.acknowledgements.iter();
            let acknowledged = all.any(|other| (other.step, other.record) == (it.step, record));
            identity == it.identity && !acknowledged
        })
    }
}

impl<'a> RowChange<'a> {
    pub(super) fn before(&self) -> Option<&'a Item> {
        self.change.before.as_ref()
    }

    pub(super) fn after(&self) -> Option<&'a Item> {
        self.change.after.as_ref()
    }
}
