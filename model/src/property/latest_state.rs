//! RD-12: handlers that keep the latest state of each object.

use std::cmp::Ordering;

use super::facts::{Facts, Found};
use crate::delivery::Record;
use crate::event::{Happening, ObjectEvent};
use crate::table::{Item, Value};

/// The attribute that says which state an item shows: the ETag of the object. An
/// item without it shows that the object is deleted.
pub const E_TAG: &str = "etag";

/// RD-12
pub(super) fn stale_overwrite(facts: &Facts<'_>) -> Found {
    (0..facts.expectation.identities.len()).find_map(|identity| stale(facts, identity))
}

fn stale(facts: &Facts<'_>, identity: usize) -> Found {
    let events = &facts.identity(identity).events;
    let mut newest: Option<&ObjectEvent> = None;
    let mut shown: Option<&ObjectEvent> = None;
    let mut ambiguous = false;
    for step in 0..facts.end() {
        for change in facts.changes_of(identity).filter(|it| it.step == step) {
            let candidates = shown_by(events, change.after());
            ambiguous = candidates.len() > 1;
            let [event] = candidates[..] else {
                continue;
            };
            if newest.is_some_and(|newest| is_older(event, newest)) {
                let because = format!(
                    "{} goes back to an older state of the object: sequencer {} after {}",
                    facts.row(identity),
                    sequencer(event),
                    newest.map_or("none", sequencer),
                );
                return Some((step, because));
            }
            newest = Some(event);
            shown = Some(event);
        }
        let acknowledged = facts.acknowledgements.iter();
        for it in acknowledged.filter(|it| it.step == step && it.identity == identity) {
            let notification = facts.history.deliveries[it.invocation.id.delivery].notification;
            let records = &facts.expectation.scene.notifications[notification].records;
            if let Record::Event(event) = &records[it.record]
                && newest.is_none_or(|newest| is_older(newest, event))
            {
                newest = Some(event);
            }
        }
    }
    let newest = newest?;
    let stale = match shown {
        _ if ambiguous => false,
        Some(shown) => is_older(shown, newest),
        // A deletion of what was never there need not leave a trace.
        None => newest.happening == Happening::Created,
    };
    stale.then(|| {
        let because = format!(
            "{} does not show the newest event that was acknowledged, with sequencer {}",
            facts.row(identity),
            sequencer(newest)
        );
        (facts.end(), because)
    })
}

/// Which of the events an item may show: several, if their uploads were of one
/// content.
fn shown_by<'a>(events: &[&'a ObjectEvent], item: Option<&Item>) -> Vec<&'a ObjectEvent> {
    let e_tag = match item.and_then(|item| item.get(E_TAG)) {
        Some(Value::Text(e_tag)) => Some(e_tag),
        Some(Value::Number(_)) | None => None,
    };
    let mut shown: Vec<&ObjectEvent> = Vec::new();
    for &event in events {
        let matches = match e_tag {
            Some(e_tag) => event.e_tag.as_ref() == Some(e_tag),
            None => event.happening == Happening::Removed,
        };
        if matches && !shown.contains(&event) {
            shown.push(event);
        }
    }
    shown
}

fn is_older(event: &ObjectEvent, than: &ObjectEvent) -> bool {
    event.order(than) == Some(Ordering::Less)
}

fn sequencer(event: &ObjectEvent) -> &str {
    event.sequencer.as_deref().unwrap_or("none")
}
