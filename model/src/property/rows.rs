//! The checks of the properties that are about rows.

use std::collections::BTreeMap;

use crate::delivery::{InvocationId, Record};
use crate::history::{History, Report};
use crate::schedule::Choice;
use crate::table::{Key, Reply};

/// A history, with the key of each identity's row.
pub(super) struct Run<'a> {
    pub(super) history: &'a History,
    pub(super) keys: &'a [Key],
}

/// The step at which a property is broken, and why it is.
type Found = Option<(usize, String)>;

/// An acknowledgement of a recordable record.
struct Acknowledgement {
    step: usize,
    invocation: InvocationId,
    record: usize,
    identity: usize,
    report: Option<Report>,
}

impl Run<'_> {
    fn acknowledgements(&self) -> impl Iterator<Item = Acknowledgement> {
        let history = self.history;
        history
            .answers()
            .flat_map(move |(step, invocation, answer)| {
                let acknowledged =
                    (0..answer.acknowledged.len()).filter(|&it| answer.acknowledged[it]);
                acknowledged.filter_map(move |record| {
                    Some(Acknowledgement {
                        step,
                        invocation,
                        record,
                        identity: history.identity(invocation.delivery, record)?,
                        report: answer.reports[record],
                    })
                })
            })
    }

    fn end(&self) -> usize {
        self.history.steps.len()
    }

    /// The first step that gave the row of an identity an item.
    fn written_at(&self, identity: usize) -> Option<usize> {
        self.history.steps.iter().position(|step| {
            let changes = step.changes.iter();
            changes
                .into_iter()
                .any(|it| it.key == self.keys[identity] && it.after.is_some())
        })
    }

    /// RD-1
    pub(super) fn row_without_event_or_event_without_row(&self) -> Found {
        if let Some(lost) = self
            .acknowledgements()
            .find(|it| !self.history.table.contains_key(&self.keys[it.identity]))
        {
            return Some((
                self.end(),
                format!(
                    "the event of {} was acknowledged at step {}, but has no row in the end",
                    self.keys[lost.identity],
                    lost.step + 1
                ),
            ));
        }
        let belongs = |key: &Key| {
            let dead = self.history.dead_letters.iter();
            let failed_visibly = dead.flat_map(|&delivery| &self.history.deliveries[delivery]);
            let mut failed_visibly = failed_visibly.filter_map(|record| match record {
                Record::Recordable(identity) => Some(*identity),
                Record::Rejected => None,
            });
            self.acknowledgements()
                .any(|it| &self.keys[it.identity] == key)
                || failed_visibly.any(|identity| &self.keys[identity] == key)
        };
        let stray = self.history.table.keys().find(|key| !belongs(key))?;
        Some((
            self.end(),
            format!("the row {stray} belongs to no event that was delivered"),
        ))
    }

    /// RD-2
    pub(super) fn acknowledged_before_recorded(&self) -> Found {
        let early = self.acknowledgements().find(|it| {
            self.written_at(it.identity)
                .is_none_or(|written| written > it.step)
        })?;
        Some((
            early.step,
            format!(
                "{} acknowledges the event of {} before its row is written",
                told(early.invocation),
                self.keys[early.identity]
            ),
        ))
    }

    /// RD-3
    pub(super) fn changed_after_acknowledgement(&self) -> Found {
        let mut acknowledged_at = BTreeMap::new();
        for it in self.acknowledgements() {
            acknowledged_at.entry(it.identity).or_insert(it.step);
        }
        acknowledged_at
            .into_iter()
            .find_map(|(identity, acknowledged)| {
                let key = &self.keys[identity];
                let later = self.history.steps.iter().enumerate().skip(acknowledged);
                let changed = later.into_iter().find(|(_, step)| {
                    let changes = &mut step.changes.iter();
                    changes.any(|it| &it.key == key && it.before.is_some() && it.before != it.after)
                })?;
                Some((
                    changed.0,
                    format!(
                        "the row {key} changes after its event was acknowledged at step {}",
                        acknowledged + 1
                    ),
                ))
            })
    }

    /// RD-4
    pub(super) fn inserted_twice_or_never(&self) -> Found {
        let mut owners: BTreeMap<usize, (&str, usize)> = BTreeMap::new();
        let claims = |report| matches!(report, Some(Report::Inserted | Report::Confirmed));
        for it in self.acknowledgements().filter(|it| claims(it.report)) {
            let claimant = (self.history.request_ids[&it.invocation].as_str(), it.record);
            let owner = *owners.entry(it.identity).or_insert(claimant);
            if owner != claimant {
                return Some((
                    it.step,
                    format!(
                        "{} reports the row {} as its own, which {} did before",
                        claimant.0, self.keys[it.identity], owner.0
                    ),
                ));
            }
        }
        // The row belongs to whoever wrote it, whether or not it said so.
        let reported = self.acknowledgements().filter(|it| it.report.is_some());
        let mut reported = reported.filter(|it| !claims(it.report));
        let silent = reported.find(|it| {
            let written = self.written_at(it.identity);
            let writer = written.and_then(|step| writer(self.history.steps[step].choice));
            let same_request = writer.is_some_and(|writer| {
                self.history.request_ids[&writer] == self.history.request_ids[&it.invocation]
            });
            let records = &self.history.deliveries[it.invocation.delivery];
            let first_of_its_identity = records
                .iter()
                .position(|record| *record == Record::Recordable(it.identity));
            same_request && first_of_its_identity == Some(it.record)
        })?;
        Some((
            silent.step,
            format!(
                "{} reports a duplicate of the row {}, which it wrote itself",
                told(silent.invocation),
                self.keys[silent.identity]
            ),
        ))
    }

    /// RD-6
    pub(super) fn given_up_without_need(&self) -> Found {
        self.history.dead_letters.iter().find_map(|&delivery| {
            let records = &self.history.deliveries[delivery];
            if records.contains(&Record::Rejected) {
                return None;
            }
            let is_start = |choice| choice == Choice::Start(delivery);
            let steps = &self.history.steps;
            let start = steps.iter().rposition(|step| is_start(step.choice))?;
            let end = steps.iter().rposition(|step| match step.choice {
                Choice::Return(it) | Choice::Crash(it, _) | Choice::TimeOut(it) => {
                    it.delivery == delivery
                }
                _ => false,
            })?;
            let within = steps.get(start + 1..end)?;
            let undisturbed = within.iter().all(|step| {
                let own = writer(step.choice).is_some_and(|it| it.delivery == delivery);
                own && !step.choice.is_fault()
            });
            let alone = undisturbed && !steps[end].choice.is_fault() && !self.overlaps(start);
            alone.then(|| {
                let why = format!(
                    "delivery {} is given up, though its last attempt met no fault and was alone",
                    delivery + 1
                );
                (end, why)
            })
        })
    }

    /// Whether an invocation is under way, or a write pending, when a step begins.
    fn overlaps(&self, step: usize) -> bool {
        let mut live: i64 = 0;
        let mut pending: i64 = 0;
        for earlier in &self.history.steps[..step] {
            match earlier.choice {
                Choice::Start(_) => live += 1,
                Choice::Return(_) => live -= 1,
                Choice::Crash(_, in_flight) => {
                    live -= 1;
                    pending += i64::from(in_flight == crate::schedule::InFlight::Late);
                }
                Choice::Call(_, crate::schedule::Fate::Late) => pending += 1,
                Choice::ApplyLate(_) | Choice::DropLate(_) => pending -= 1,
                Choice::Call(..) | Choice::TimeOut(_) => {}
            }
        }
        live != 0 || pending != 0
    }

    /// RD-7
    pub(super) fn acknowledged_after_an_error(&self) -> Found {
        let dishonest = self.acknowledgements().find(|it| {
            let key = self.keys[it.identity].as_str();
            let before = self.history.steps[..it.step].iter().rev();
            let mut replies = before.filter_map(|step| match (step.choice, &step.call) {
                (Choice::Call(invocation, _), Some(call)) if invocation == it.invocation => {
                    let about = call.operation.keys().contains(key);
                    about.then_some(call.reply.as_ref()?)
                }
                _ => None,
            });
            matches!(replies.next(), Some(Reply::Failed(_)))
        })?;
        Some((
            dishonest.step,
            format!(
                "{} acknowledges the event of {}, though the last reply about its row was an error",
                told(dishonest.invocation),
                self.keys[dishonest.identity]
            ),
        ))
    }

    /// RD-8
    pub(super) fn spoilt_by_a_neighbour(&self) -> Found {
        self.history.answers().find_map(|(step, invocation, _)| {
            let faultless = |key: &str| {
                self.history.steps[..step].iter().all(|step| {
                    let own = writer(step.choice) == Some(invocation);
                    let about = step.call.as_ref().is_some_and(|it| it.operation.keys().contains(key));
                    !(own && about && step.choice.is_fault())
                })
            };
            let records = &self.history.deliveries[invocation.delivery];
            (0..records.len()).find_map(|record| {
                let identity = self.history.identity(invocation.delivery, record)?;
                let written = self.written_at(identity).is_some_and(|written| written < step);
                let key = &self.keys[identity];
                (faultless(key) && !written).then(|| {
                    let invocation = told(invocation);
                    (step, format!("{invocation} ends and leaves {key} without a row, though no call about it failed"))
                })
            })
        })
    }
}

/// The invocation that a choice is about, if it is about one.
fn writer(choice: Choice) -> Option<InvocationId> {
    match choice {
        Choice::ApplyLate(it)
        | Choice::Call(it, _)
        | Choice::Crash(it, _)
        | Choice::DropLate(it)
        | Choice::Return(it)
        | Choice::TimeOut(it) => Some(it),
        Choice::Start(_) => None,
    }
}

fn told(invocation: InvocationId) -> String {
    let InvocationId { delivery, attempt } = invocation;
    format!("attempt {attempt} of delivery {}", delivery + 1)
}
