//! RD-2 and RD-3: the rows at an acknowledgement, and what becomes of them.

use std::collections::BTreeSet;

use redeliver_model::property::Property;

use super::Findings;
use super::facts::Facts;
use crate::check::backend::{Item, RowId};
use crate::check::golden::describe;
use crate::check::history::Answer;

/// RD-2, but for rows of which RD-8 says why they are missing.
pub(super) fn acknowledged_without_row(
    facts: &Facts<'_>,
    spoilt: &BTreeSet<RowId>,
    findings: &mut Findings,
) {
    for it in &facts.acknowledgements {
        let due = facts.missing_rows(it.event, it.step, &it.answer.contents);
        if let Some(row) = due.into_iter().find(|row| !spoilt.contains(row)) {
            let why = format!(
                "{} was acknowledged at step {}, but {} was not there.",
                facts.goldens.name(it.event),
                it.step + 1,
                describe(row)
            );
            findings.violated(Property::AcknowledgedMeansRecorded, Some(it.step), why);
        }
    }
}

/// RD-3: from the moment when all events that write a row were acknowledged, nothing is
/// to change it, not even what is left out when runs are compared. Returns the rows that
/// do change, their keys without what is masked.
///
/// A row that is gone is a matter of RD-1. Handlers that keep the latest state are not
/// judged: that changes with every newer event, and they may say when they last saw one.
pub(super) fn changed_after_acknowledgement(
    facts: &Facts<'_>,
    findings: &mut Findings,
) -> BTreeSet<RowId> {
    let mut changed = BTreeSet::new();
    if facts.options.latest_state.is_some() {
        return changed;
    }
    let answers = facts.answers();
    for (place, (step, _, answer)) in answers.iter().enumerate() {
        for (row, item) in &answer.contents {
            let key = facts.goldens.mask().key(row);
            if settled_at(facts, &key) != Some(*step) {
                continue;
            }
            let Some(last) = facts.history.contents.get(row) else {
                continue;
            };
            if is_unchanged(facts, item, last) || is_anothers_work(facts, row, item, last, *step) {
                continue;
            }
            let mut later = answers[place + 1..].iter();
            let shows = later.find(|(_, _, answer)| differs_in(facts, row, item, answer));
            let owners: BTreeSet<usize> = facts.delivered_owners(&key).collect();
            let why = format!(
                "{} changed after step {}, when {} had been acknowledged: {}.",
                described(row),
                step + 1,
                facts.names(&owners),
                first_change(facts, item, last),
            );
            findings.violated(Property::FirstWriteWins, shows.map(|(step, ..)| *step), why);
            changed.insert(key);
        }
    }
    changed
}

/// The step at which the last of the events that write a row was first acknowledged;
/// nothing if one of them never was.
fn settled_at(facts: &Facts<'_>, key: &RowId) -> Option<usize> {
    let owners = facts.delivered_owners(key);
    let acknowledged = owners.map(|it| facts.acknowledged.get(&it).copied());
    let acknowledged: Option<Vec<usize>> = acknowledged.collect();
    acknowledged?.into_iter().max()
}

fn is_unchanged(facts: &Facts<'_>, before: &Item, after: &Item) -> bool {
    let mask = facts.goldens.mask();
    before == after || mask.counted(before) == mask.counted(after)
}

/// Whether what changed may be the first work of an event that does not write the row
/// but for what is left out when runs are compared.
fn is_anothers_work(
    facts: &Facts<'_>,
    row: &RowId,
    before: &Item,
    after: &Item,
    step: usize,
) -> bool {
    let mask = facts.goldens.mask();
    let visible = |item| mask.without_volatile(&row.table, mask.counted(item));
    let owners = facts.goldens.owners(&mask.key(row));
    let by_another = || {
        let later = facts.history.steps.iter().skip(step + 1);
        let mut calls = later.filter_map(|it| it.call.as_ref());
        calls.any(|call| {
            let invocation = facts.history.invocation(call.id.invocation);
            let mut events = invocation.into_iter().flat_map(|it| &it.events);
            let is_new = |it: &usize| facts.acknowledged.get(it).is_none_or(|at| *at > step);
            call.asked.rows.contains(row) && events.any(|it| !owners.contains(it) && is_new(it))
        })
    };
    visible(before) == visible(after) && by_another()
}

fn differs_in(facts: &Facts<'_>, row: &RowId, item: &Item, answer: &Answer) -> bool {
    let there = answer.contents.get(row);
    there.is_none_or(|there| !is_unchanged(facts, item, there))
}

fn described(row: &RowId) -> String {
    let row = describe(row);
    row.strip_prefix("the ")
        .map_or(row.clone(), |rest| format!("The {rest}"))
}

/// The first attribute that changed, in words.
fn first_change(facts: &Facts<'_>, before: &Item, after: &Item) -> String {
    let mask = facts.goldens.mask();
    let (before, after) = (mask.counted(before), mask.counted(after));
    let paths: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let mut paths = paths.into_iter();
    let changed = paths.find(|path| before.get(*path) != after.get(*path));
    let in_words = |value: Option<&serde_json::Value>| {
        value.map_or_else(|| "absent".to_owned(), crate::check::golden::plain)
    };
    let changed = changed.map(|path| {
        let (was, is) = (in_words(before.get(path)), in_words(after.get(path)));
        let name = crate::report::printable(&path.join("."));
        format!("{name} was {was} and is {is}")
    });
    changed.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use redeliver_model::property::Property;
    use redeliver_model::schedule::{Fate, InFlight};
    use serde_json::json;

    use super::super::scenario::*;
    use crate::check::backend::Contents;

    fn stamp(contents: &mut Contents, event: usize, nonce: u64) {
        put(
            contents,
            NAMES[event],
            &json!({"at": {"N": nonce.to_string()}}),
        );
    }

    fn count(contents: &mut Contents, event: usize, _: u64) {
        add(contents, NAMES[event], "count");
    }

    fn note_last(contents: &mut Contents, event: usize, nonce: u64) {
        right(contents, event, 0);
        let row = contents.get_mut(&row(NAMES[event])).unwrap();
        row.insert("last_seen".to_owned(), json!({"N": nonce.to_string()}));
    }

    #[test]
    fn rd2_a_row_that_is_not_there_at_the_acknowledgement_is_missed() {
        let goldens = goldens(1, right);
        let mut run = Run::of(&[notification(&[0], 1)]);
        let id = run.start(0);
        run.acknowledge(id, &[0]);
        right(&mut run.tables, 0, 7);
        let findings = judged(&goldens, run.end());
        assert_eq!(violated(&findings), ["RD-2"]);
        assert_eq!(findings.violations[0].step, Some(1));
        assert_eq!(
            findings.violations[0].why,
            "a.txt was acknowledged at step 2, but the row id = a.txt of table t was not there."
        );
    }

    #[test]
    fn rd2_and_rd1_a_row_that_never_comes_is_missed_twice() {
        let goldens = goldens(1, right);
        let mut run = Run::of(&[notification(&[0], 1)]);
        let id = run.start(0);
        run.acknowledge(id, &[0]);
        assert_eq!(violated(&judged(&goldens, run.end())), ["RD-1", "RD-2"]);
    }

    #[test]
    fn rd2_a_row_that_another_event_may_have_removed_is_not_missed() {
        fn mirror(contents: &mut Contents, event: usize, _: u64) {
            if event == 0 {
                put(contents, "object", &json!({}));
            } else {
                contents.remove(&row("object"));
            }
        }
        let goldens = goldens(2, mirror);
        let mut run = Run::of(&[notification(&[0], 1), notification(&[1], 1)]);
        let (one, other) = (run.start(0), run.start(1));
        mirror(&mut run.tables, 0, 0);
        mirror(&mut run.tables, 1, 0);
        run.acknowledge(one, &[0]);
        run.acknowledge(other, &[1]);
        assert!(judged(&goldens, run.end()).is_empty());
    }

    #[test]
    fn rd3_a_row_that_is_stamped_again_has_changed() {
        let goldens = goldens(1, stamp);
        let mut run = Run::of(&[notification(&[0], 2)]);
        run.deliver(0, stamp);
        run.deliver(1, stamp);
        let findings = judged(&goldens, run.end());
        assert_eq!(violated(&findings), ["RD-3"]);
        assert_eq!(findings.violations[0].step, Some(3));
        assert_eq!(
            findings.violations[0].why,
            "The row id = a.txt of table t changed after step 2, when a.txt had been \
             acknowledged: at was 2 and is 3."
        );
    }

    #[test]
    fn rd3_a_count_that_grows_after_the_acknowledgement_has_changed() {
        let goldens = goldens(1, count);
        let mut run = Run::of(&[notification(&[0], 2)]);
        run.deliver(0, count);
        run.deliver(1, count);
        assert_eq!(violated(&judged(&goldens, run.end())), ["RD-3"]);
    }

    #[test]
    fn rd1_a_count_that_grew_before_the_acknowledgement_is_no_golden_one() {
        let goldens = goldens(1, count);
        let mut run = Run::of(&[notification(&[0], 1)]);
        let first = run.start(0);
        count(&mut run.tables, 0, 0);
        run.crash(first, InFlight::Applied);
        run.deliver(0, count);
        let findings = judged(&goldens, run.end());
        assert_eq!(violated(&findings), ["RD-1"]);
        assert_eq!(
            why(&findings, Property::UniqueRows),
            "At the end the row id = a.txt of table t is not as any order of the events leaves \
             it when nothing goes wrong: count is 2, not 1."
        );
    }

    #[test]
    fn rd3_what_is_ignored_may_change() {
        let strict = goldens(1, note_last);
        let lenient = goldens_but_for(1, note_last, &["last_seen"], &[]);
        let mut run = Run::of(&[notification(&[0], 2)]);
        run.deliver(0, note_last);
        run.deliver(1, note_last);
        let ended = run.end();
        assert_eq!(violated(&judged(&strict, ended.clone())), ["RD-3"]);
        assert!(judged(&lenient, ended).is_empty());
    }

    #[test]
    fn rd3_a_row_of_several_events_may_change_until_all_are_acknowledged() {
        fn total(contents: &mut Contents, event: usize, _: u64) {
            if !contents.contains_key(&row(NAMES[event])) {
                add(contents, NAMES[event], "one");
                add(contents, "total", "count");
            }
        }
        let goldens = goldens(2, total);
        let mut run = Run::of(&[notification(&[0], 2), notification(&[1], 2)]);
        for delivery in [0, 2, 1, 3] {
            run.deliver(delivery, total);
        }
        assert!(judged(&goldens, run.end()).is_empty());

        let mut run = Run::of(&[notification(&[0], 2), notification(&[1], 1)]);
        run.deliver(0, total);
        run.deliver(2, total);
        run.deliver(1, total);
        add(&mut run.tables, "total", "count");
        let findings = judged(&goldens, run.end());
        assert_eq!(violated(&findings), ["RD-3"]);
        assert_eq!(findings.violations[0].step, None);
    }

    #[test]
    fn rd3_what_an_event_changes_in_the_row_of_another_is_not_its_repetition() {
        // The second event stamps the first one's row, and writes none of its own there.
        fn touch(contents: &mut Contents, event: usize, nonce: u64) {
            let stamped = json!({"at": {"N": nonce.to_string()}});
            if event == 0 {
                insert(contents, "user", &stamped);
            } else if contents.contains_key(&row("user")) {
                put(contents, "user", &stamped);
            }
        }
        let goldens = goldens(2, touch);
        let mut run = Run::of(&[notification(&[0], 1), notification(&[1], 1)]);
        run.deliver(0, touch);
        let id = run.start(1);
        touch(&mut run.tables, 1, 77);
        let told = crate::check::history::Told::Done;
        run.call(id, ("UpdateItem", None), &["user"], Fate::Answered, told);
        run.acknowledge(id, &[1]);
        assert!(judged(&goldens, run.end()).is_empty());
    }
}
