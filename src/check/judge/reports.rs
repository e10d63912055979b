//! RD-4: what the handler says that it did.

use redeliver_model::property::Property;
use redeliver_model::schedule::{Choice, Fate, InFlight};

use super::facts::{Acknowledgement, Facts};
use super::{Findings, Reports};
use crate::check::backend::RowId;
use crate::check::history::{Call, Invocation, Step, Told};

/// What an invocation says of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Report {
    /// The row is its own: it inserted or confirmed it.
    Own,
    /// It found a row.
    Duplicate,
}

/// RD-4, for handlers that record each event once.
pub(super) fn inserted_twice_or_never(facts: &Facts<'_>, findings: &mut Findings) {
    let (Some(patterns), None) = (&facts.options.reports, &facts.options.latest_state) else {
        return;
    };
    let all = facts.acknowledgements.iter();
    let reports = all.filter_map(|it| Some((it, report_of(it, patterns)?)));
    let reports: Vec<_> = reports
        .filter(|(it, _)| has_rows_of_its_own(facts, it.event))
        .collect();
    for (place, (it, report)) in reports.iter().enumerate() {
        let name = facts.goldens.name(it.event);
        match report {
            Report::Own => {
                let mut earlier = reports[..place].iter();
                let rival = earlier.find(|(other, report)| {
                    *report == Report::Own
                        && other.event == it.event
                        && claimant(other) != claimant(it)
                });
                if let Some((rival, _)) = rival {
                    let why = format!(
                        "{} reports that it inserted {name}, which {} had reported before.",
                        it.invocation.id, rival.invocation.id
                    );
                    findings.violated(Property::OneInsertReported, Some(it.step), why);
                }
            }
            Report::Duplicate => {
                if wrote_it_itself(facts, it) {
                    let why = format!(
                        "{} reports {name} as a duplicate, but the row that it found is its own: \
                         no other request had written it.",
                        it.invocation.id
                    );
                    findings.violated(Property::OneInsertReported, Some(it.step), why);
                }
            }
        }
    }
}

/// What was said of an event. Of several events in one invocation only if the same was
/// said of all: nobody knows which line is about which.
fn report_of(it: &Acknowledgement<'_>, patterns: &Reports) -> Option<Report> {
    let confirmed = |line: &str| patterns.confirmed.as_ref().is_some_and(|it| it(line));
    let lines = || it.answer.output.iter().map(String::as_str);
    let own = lines().filter(|line| (patterns.inserted)(line) || confirmed(line));
    let own = own.count();
    let duplicate = lines().filter(|line| (patterns.duplicate)(line)).count();
    let mut events = it.invocation.events.clone();
    events.sort_unstable();
    events.dedup();
    let are_distinct = events.len() == it.invocation.events.len();
    let expected = match events.len() {
        // Some log a line twice, for people and for programs.
        1 => own.max(duplicate).max(1),
        several => several,
    };
    match (own, duplicate) {
        (own, 0) if are_distinct && own == expected => Some(Report::Own),
        (0, duplicate) if are_distinct && duplicate == expected => Some(Report::Duplicate),
        _ => None,
    }
}

/// The request id and the record's position: what makes a claim the same one.
fn claimant<'a>(it: &Acknowledgement<'a>) -> (&'a str, Option<usize>) {
    let mut events = it.invocation.events.iter();
    (
        &it.invocation.request_id,
        events.position(|event| *event == it.event),
    )
}

/// Whether an event has rows, and no other event that was delivered writes one of them.
fn has_rows_of_its_own(facts: &Facts<'_>, event: usize) -> bool {
    let mut rows = facts.goldens.rows_of(event).peekable();
    rows.peek().is_some()
        && rows
            .all(|row| !facts.goldens.is_volatile(row) && facts.delivered_owners(row).eq([event]))
}

/// Whether the event's row was written by the request that reports it: by the first call
/// that can have written it.
fn wrote_it_itself(facts: &Facts<'_>, it: &Acknowledgement<'_>) -> bool {
    let is_there = |row: &RowId| it.answer.contents.contains_key(row);
    let rows: Vec<&RowId> = facts.goldens.rows_of(it.event).collect();
    let was_there = rows
        .iter()
        .any(|row| facts.goldens.before().contains_key(*row));
    if was_there || !rows.iter().all(|row| is_there(row)) {
        return false;
    }
    let is_own = |writer: &Invocation| writer.request_id == it.invocation.request_id;
    let mut may_be_own = false;
    for step in &facts.history.steps[..it.step] {
        let Some(writer) = step
            .choice
            .invocation()
            .and_then(|id| facts.history.invocation(id))
        else {
            continue;
        };
        match written_by(step, writer, &rows, it.event) {
            Written::No => {}
            Written::Yes => return is_own(writer),
            Written::Perhaps if is_own(writer) => may_be_own = true,
            Written::Perhaps => return false,
        }
    }
    may_be_own
}

/// Whether a step wrote a row that was not there before.
enum Written {
    No,
    Perhaps,
    Yes,
}

fn written_by(step: &Step, writer: &Invocation, rows: &[&RowId], event: usize) -> Written {
    let has_event = writer.events.contains(&event);
    match (step.choice, &step.call) {
        (Choice::Call(_, fate), Some(call)) => {
            if call.is_read() {
                return Written::No;
            }
            let named = &call.asked.rows;
            if !named.is_empty() && !named.iter().any(|row| rows.contains(&row)) {
                return Written::No;
            }
            written_by_call(call, fate)
        }
        (Choice::ApplyLate(_) | Choice::Crash(_, InFlight::Applied | InFlight::Late), _)
            if has_event =>
        {
            Written::Perhaps
        }
        _ => Written::No,
    }
}

fn written_by_call(call: &Call, fate: Fate) -> Written {
    let puts = matches!(call.asked.operation.as_str(), "PutItem" | "UpdateItem");
    let condition = call.asked.conditions.first();
    let inserts = puts && condition.is_none_or(|it| it.contains("attribute_not_exists"));
    match (&call.told, fate) {
        (Told::Done, _) | (_, Fate::ReplyLost | Fate::Resent | Fate::ServerErrorAfterWrite)
            if inserts =>
        {
            Written::Yes
        }
        (Told::Error(_) | Told::Nothing, Fate::Conflict | Fate::ServerError | Fate::Throttled)
            if call.own_retries == 0 =>
        {
            Written::No
        }
        _ => Written::Perhaps,
    }
}

#[cfg(test)]
mod tests {
    use redeliver_model::property::Property;
    use redeliver_model::schedule::{Fate, InFlight};

    use super::super::scenario::*;

    #[test]
    fn rd4_a_first_delivery_that_met_its_own_write_is_no_duplicate() {
        let goldens = goldens(1, right);
        let mut run = Run::of(&[notification(&[0], 1)]);
        let id = run.start(0);
        run.insert(id, 0, Fate::Resent);
        run.answer(id, &[0], &["START", "Duplicate skipped for a.txt"]);
        let ended = run.end();
        let findings = judged_with(&goldens, &reporting(), ended.clone());
        assert_eq!(violated(&findings), ["RD-4"]);
        assert_eq!(findings.violations[0].step, Some(2));
        assert_eq!(
            why(&findings, Property::OneInsertReported),
            "attempt 1 of delivery 1 reports a.txt as a duplicate, but the row that it found is \
             its own: no other request had written it."
        );
        assert!(
            judged(&goldens, ended).is_empty(),
            "nobody said how it reports"
        );
    }

    #[test]
    fn rd4_a_retry_that_met_the_write_of_its_own_request_is_no_duplicate() {
        let goldens = goldens(1, right);
        for (notification, expected) in [
            (notification(&[0], 1), &["RD-4"][..]),
            // The redelivery of a message is another request.
            (queued(&[0], 1, 3), &[]),
        ] {
            for in_flight in [false, true] {
                let mut run = Run::of(std::slice::from_ref(&notification));
                let id = run.start(0);
                if in_flight {
                    right(&mut run.tables, 0, 3);
                    run.crash(id, InFlight::Applied);
                } else {
                    run.insert(id, 0, Fate::ReplyLost);
                    run.fail(id);
                }
                let id = run.start(0);
                run.insert(id, 0, Fate::Answered);
                run.answer(id, &[0], &["Duplicate skipped for a.txt"]);
                let findings = judged_with(&goldens, &reporting(), run.end());
                assert_eq!(violated(&findings), expected);
            }
        }
    }

    #[test]
    fn rd4_a_duplicate_of_what_another_request_wrote_is_one() {
        let goldens = goldens(1, right);
        for fate in [Fate::Answered, Fate::ReplyLost, Fate::Late] {
            let mut run = Run::of(&[notification(&[0], 2)]);
            let (one, other) = (run.start(0), run.start(1));
            run.insert(one, 0, fate);
            if fate == Fate::Late {
                right(&mut run.tables, 0, 3);
                run.apply_late(one, 1);
            }
            run.insert(other, 0, Fate::Answered);
            run.answer(other, &[0], &["Duplicate skipped for a.txt"]);
            run.insert(one, 0, Fate::Answered);
            run.answer(one, &[0], &["Inserted a.txt"]);
            assert!(judged_with(&goldens, &reporting(), run.end()).is_empty());
        }
    }

    #[test]
    fn rd4_only_one_request_inserts_a_row() {
        let goldens = goldens(1, right);
        for (again, expected) in [
            ("Inserted a.txt", &["RD-4"][..]),
            ("Duplicate skipped for a.txt", &[]),
        ] {
            let mut run = Run::of(&[notification(&[0], 2)]);
            let id = run.start(0);
            run.insert(id, 0, Fate::Answered);
            run.answer(id, &[0], &["Inserted a.txt"]);
            let id = run.start(1);
            run.insert(id, 0, Fate::Answered);
            run.answer(id, &[0], &[again]);
            let findings = judged_with(&goldens, &reporting(), run.end());
            assert_eq!(violated(&findings), expected);
        }
    }

    #[test]
    fn rd4_what_a_failed_attempt_reported_does_not_count() {
        let goldens = goldens(1, right);
        let mut run = Run::of(&[queued(&[0], 1, 3)]);
        let id = run.start(0);
        run.insert(id, 0, Fate::Answered);
        run.answer(id, &[], &["Inserted a.txt"]);
        let id = run.start(0);
        run.insert(id, 0, Fate::Answered);
        run.answer(id, &[0], &["Inserted a.txt"]);
        assert!(judged_with(&goldens, &reporting(), run.end()).is_empty());
    }

    #[test]
    fn rd4_of_several_records_only_what_is_said_of_all_counts() {
        let goldens = goldens(2, right);
        for (lines, expected) in [
            (["Duplicate a", "Duplicate b"], &["RD-4"][..]),
            (["Inserted a", "Duplicate b"], &[]),
            (["Inserted a", "Inserted b"], &[]),
        ] {
            let mut run = Run::of(&[notification(&[0, 1], 1)]);
            let id = run.start(0);
            run.insert(id, 0, Fate::Resent);
            run.insert(id, 1, Fate::Resent);
            run.answer(id, &[0, 1], &lines);
            let findings = judged_with(&goldens, &reporting(), run.end());
            assert_eq!(violated(&findings), expected);
        }
    }

    #[test]
    fn rd4_events_that_share_a_row_are_not_judged() {
        let goldens = goldens(2, |tables, event, _| {
            insert(
                tables,
                "object",
                &serde_json::json!({"etag": {"S": NAMES[event]}}),
            );
        });
        let mut run = Run::of(&[notification(&[0], 1), notification(&[1], 1)]);
        for delivery in [0, 1] {
            let id = run.start(delivery);
            insert(
                &mut run.tables,
                "object",
                &serde_json::json!({"etag": {"S": NAMES[0]}}),
            );
            run.answer(id, &[delivery], &["Inserted it"]);
        }
        assert!(judged_with(&goldens, &reporting(), run.end()).is_empty());
    }
}
