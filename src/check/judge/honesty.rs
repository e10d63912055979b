//! RD-7: what is acknowledged, and what the handler was told before.

use std::collections::BTreeMap;

use redeliver_model::property::Property;
use redeliver_model::schedule::{Choice, Fate};

use super::Findings;
use super::facts::{Acknowledgement, Facts};
use crate::check::backend::RowId;
use crate::check::golden::describe;
use crate::check::history::{Call, Told};

/// RD-7
pub(super) fn acknowledged_after_an_error(facts: &Facts<'_>, findings: &mut Findings) {
    for it in &facts.acknowledgements {
        if has_failed_twin(it) {
            continue;
        }
        let mut replies = last_replies(facts, it).into_iter();
        let unheeded = replies.find_map(|(row, heard)| {
            let error = heard.error()?;
            (!is_anothers(facts, it, &row)).then_some((row, error))
        });
        if let Some((row, error)) = unheeded {
            let why = format!(
                "{} was acknowledged at step {}, though the last that was heard of {} was {error}.",
                facts.goldens.name(it.event),
                it.step + 1,
                describe(&row)
            );
            findings.violated(Property::HonestFailure, Some(it.step), why);
        }
    }
}

/// Whether the same invocation has the event once more, and does not acknowledge that:
/// what befell its call need not be this one's.
fn has_failed_twin(it: &Acknowledgement<'_>) -> bool {
    let times = |events: &[usize]| events.iter().filter(|event| **event == it.event).count();
    let handed = times(&it.invocation.events);
    handed > 1 && times(&it.answer.acknowledged) < handed
}

/// Whether what befell a row may be a matter of another event of the same invocation.
fn is_anothers(facts: &Facts<'_>, it: &Acknowledgement<'_>, row: &RowId) -> bool {
    let others = it
        .invocation
        .events
        .iter()
        .filter(|other| **other != it.event);
    let is_shared = |other: &usize| {
        let owners = facts.goldens.owners(row);
        owners.contains(other) && !it.answer.acknowledged.contains(other)
    };
    let mut others = others.peekable();
    (facts.goldens.is_volatile(row) && others.peek().is_some()) || others.any(is_shared)
}

/// What an invocation heard last of one of the event's rows.
#[derive(Default)]
struct Heard<'a> {
    last: Option<(&'a Call, Fate)>,
    /// Whether a write was done, or found its condition not met, with no other write
    /// after it.
    is_settled: bool,
}

impl Heard<'_> {
    /// The error that was heard last, in words.
    fn error(&self) -> Option<String> {
        let (call, fate) = self.last?;
        let operation = crate::report::printable(&call.asked.operation);
        // A row that is settled need not be read again.
        if self.is_settled && call.is_read() {
            return None;
        }
        match &call.told {
            Told::Done if fate == Fate::Unprocessed => {
                Some(format!("that {operation} had not written it"))
            }
            Told::Done | Told::FailedCondition => None,
            Told::Error(name) => {
                let name = crate::report::printable(name);
                Some(format!("{name} in answer to {operation}"))
            }
            Told::Nothing => Some(format!("nothing at all in answer to {operation}")),
        }
    }
}

/// What was heard last of each of the event's rows, by the calls of this invocation
/// until it answered.
fn last_replies<'a>(facts: &Facts<'a>, it: &Acknowledgement<'a>) -> BTreeMap<RowId, Heard<'a>> {
    let mut replies: BTreeMap<RowId, Heard<'_>> = BTreeMap::new();
    let from = it.invocation.step.min(it.step);
    for step in &facts.history.steps[from..it.step] {
        let (Choice::Call(id, fate), Some(call)) = (step.choice, &step.call) else {
            continue;
        };
        if id.invocation != it.invocation.id {
            continue;
        }
        for (place, row) in call.asked.rows.iter().enumerate() {
            let key = facts.goldens.mask().key(row);
            if !facts.goldens.owners(&key).contains(&it.event) {
                continue;
            }
            // A batch is written but for its last row; if that is there, somebody has
            // written it.
            let is_last = place + 1 == call.asked.rows.len();
            let unwritten = is_last && !it.answer.contents.contains_key(row);
            let fate = match fate {
                Fate::Unprocessed if !unwritten => Fate::Answered,
                _ => fate,
            };
            let heard = replies.entry(key).or_default();
            if !call.is_read() {
                let is_done = matches!(call.told, Told::Done | Told::FailedCondition);
                heard.is_settled = is_done && fate != Fate::Unprocessed;
            }
            heard.last = Some((call, fate));
        }
    }
    replies
}

#[cfg(test)]
mod tests {
    use redeliver_model::property::Property;
    use redeliver_model::schedule::Fate;

    use super::super::scenario::*;
    use crate::check::history::Told;

    const INSERT: (&str, Option<&str>) = ("PutItem", Some("attribute_not_exists(id)"));
    const READ: (&str, Option<&str>) = ("GetItem", None);

    fn error() -> Told {
        Told::Error("InternalServerError".to_owned())
    }

    /// An invocation that is told this of its row, in turn, and acknowledges the event.
    fn told(calls: &[((&str, Option<&str>), Told)]) -> Vec<&'static str> {
        let goldens = goldens(1, right);
        let mut run = Run::of(&[notification(&[0], 1)]);
        let id = run.start(0);
        right(&mut run.tables, 0, 3);
        for (call, told) in calls {
            run.call(id, *call, &[NAMES[0]], Fate::Answered, told.clone());
        }
        run.acknowledge(id, &[0]);
        violated(&judged(&goldens, run.end()))
    }

    #[test]
    fn rd7_an_event_is_not_acknowledged_after_an_error() {
        assert_eq!(told(&[(INSERT, error())]), ["RD-7"]);
        assert_eq!(told(&[(INSERT, Told::Nothing)]), ["RD-7"]);
        assert_eq!(told(&[(INSERT, Told::Done), (INSERT, error())]), ["RD-7"]);
        assert_eq!(told(&[(READ, error())]), ["RD-7"]);
    }

    #[test]
    fn rd7_what_was_heard_last_counts() {
        assert!(told(&[(INSERT, Told::Done)]).is_empty());
        assert!(told(&[(INSERT, Told::FailedCondition)]).is_empty());
        assert!(told(&[(INSERT, error()), (INSERT, Told::FailedCondition)]).is_empty());
        assert!(told(&[(READ, error()), (INSERT, Told::Done)]).is_empty());
        assert!(told(&[(INSERT, error()), (READ, Told::Done)]).is_empty());
        assert!(told(&[]).is_empty(), "it may know the row from memory");
    }

    #[test]
    fn rd7_a_row_that_is_settled_need_not_be_read_again() {
        assert!(told(&[(INSERT, Told::Done), (READ, error())]).is_empty());
    }

    #[test]
    fn rd7_the_sentence_says_what_was_heard() {
        let goldens = goldens(1, right);
        let mut run = Run::of(&[notification(&[0], 1)]);
        let id = run.start(0);
        run.insert(id, 0, Fate::ServerErrorAfterWrite);
        run.acknowledge(id, &[0]);
        let findings = judged(&goldens, run.end());
        assert_eq!(findings.violations[0].step, Some(2));
        assert_eq!(
            why(&findings, Property::HonestFailure),
            "a.txt was acknowledged at step 3, though the last that was heard of the row \
             id = a.txt of table t was InternalServerError in answer to PutItem."
        );
    }

    #[test]
    fn rd7_calls_of_another_invocation_or_about_another_row_say_nothing() {
        let goldens = goldens(2, right);
        let mut run = Run::of(&[notification(&[0], 2)]);
        let (one, other) = (run.start(0), run.start(1));
        run.insert(one, 0, Fate::Answered);
        run.insert(other, 0, Fate::Throttled);
        run.call(one, INSERT, &["elsewhere"], Fate::Throttled, error());
        run.acknowledge(one, &[0]);
        run.fail(other);
        run.deliver(1, right);
        assert!(judged(&goldens, run.end()).is_empty());
    }

    #[test]
    fn rd7_a_call_that_is_given_up_after_the_answer_is_not_heard_of() {
        let goldens = goldens(1, right);
        let mut run = Run::of(&[notification(&[0], 1)]);
        let id = run.start(0);
        run.insert(id, 0, Fate::Answered);
        run.acknowledge(id, &[0]);
        run.call(id, INSERT, &[NAMES[0]], Fate::ReplyLost, Told::Nothing);
        assert!(judged(&goldens, run.end()).is_empty());
    }

    #[test]
    fn rd7_what_befell_a_record_that_failed_is_not_its_neighbours() {
        let goldens = goldens(2, |tables, event, _| {
            if !tables.contains_key(&row(NAMES[event])) {
                add(tables, NAMES[event], "one");
                add(tables, "total", "count");
            }
        });
        for (acknowledged, expected) in [(&[0][..], &[][..]), (&[0, 1][..], &["RD-7"][..])] {
            let mut run = Run::of(&[queued(&[0, 1], 1, 3)]);
            let id = run.start(0);
            for event in [0, 1] {
                add(&mut run.tables, NAMES[event], "one");
                add(&mut run.tables, "total", "count");
            }
            let both = ("TransactWriteItems", None);
            run.call(id, both, &[NAMES[0], "total"], Fate::Answered, Told::Done);
            let lost = Fate::ReplyLost;
            run.call(id, both, &[NAMES[1], "total"], lost, Told::Nothing);
            run.acknowledge(id, acknowledged);
            if acknowledged.len() == 1 {
                let again = run.start(0);
                run.acknowledge(again, &[1]);
            }
            assert_eq!(violated(&judged(&goldens, run.end())), expected);
        }
    }

    #[test]
    fn rd7_a_batch_is_done_but_for_what_it_left_unprocessed() {
        let goldens = goldens(2, right);
        for lost in [false, true] {
            let mut run = Run::of(&[notification(&[0, 1], 1)]);
            let id = run.start(0);
            right(&mut run.tables, 0, 3);
            if !lost {
                right(&mut run.tables, 1, 3);
            }
            let batch = ("BatchWriteItem", None);
            let rows = [NAMES[0], NAMES[1]];
            run.call(id, batch, &rows, Fate::Unprocessed, Told::Done);
            run.acknowledge(id, &[0, 1]);
            let expected: &[&str] = if lost { &["RD-1", "RD-2", "RD-7"] } else { &[] };
            assert_eq!(violated(&judged(&goldens, run.end())), expected);
        }
    }
}
