//! Handlers, right and wrong.

use redeliver_model::delivery::Record;
use redeliver_model::event::Happening;
use redeliver_model::history::{Answer, RecordAnswer, Report};
use redeliver_model::scene::Scene;
use redeliver_model::table::{Operation, Reply};

use super::*;

/// One record, and this is what was done.
pub(crate) fn said(report: Report) -> Next {
    Next::Answer(Answer::Returned(vec![RecordAnswer::said(report)]))
}

pub(crate) fn succeeds(records: usize) -> Next {
    Next::Answer(Answer::Returned(vec![RecordAnswer::SILENT; records]))
}

pub(crate) fn fails(records: usize) -> Next {
    Next::Answer(Answer::Returned(vec![RecordAnswer::FAILED; records]))
}

/// One insertion of the row `a`, and an honest answer: the ideal handler for one
/// record.
pub(crate) fn inserts_a(told: &Told<'_>) -> Next {
    let writer = by(&told.invocation.request_id);
    match told.reply() {
        None => Next::Call(vec![put_if_absent("a", &writer)]),
        Some(Reply::Written) => said(Report::Inserted),
        Some(Reply::ConditionFailed(failed)) if failed.item.as_ref() == Some(&writer) => {
            said(Report::Confirmed)
        }
        Some(Reply::ConditionFailed(_)) => said(Report::Duplicate),
        Some(_) => fails(1),
    }
}

/// Inserts a row for each event of a scene, one after another, and answers for each
/// record: the ideal handler.
pub(crate) fn inserts_each(scene: &Scene) -> impl Fn(&Told<'_>) -> Next + '_ {
    let notifications = scene.notifications.iter();
    let deliveries: Vec<_> = notifications
        .flat_map(|it| vec![it; it.deliveries.len()])
        .collect();
    move |told| {
        let notification = deliveries[told.delivery()];
        let events: Vec<_> = told
            .invocation
            .records
            .iter()
            .map(|record| match &notification.records[record] {
                Record::Event(event) if event.happening == Happening::Created => {
                    let writer = by(&format!("{}/{record}", told.invocation.request_id));
                    Some(Some((event.key.clone(), writer)))
                }
                Record::Event(_) => Some(None),
                Record::Unreadable(_) => None,
            })
            .collect();
        let mut rows = events.iter().flatten().flatten();
        if let Some((key, writer)) = rows.nth(told.replies.len()) {
            return Next::Call(vec![put_if_absent(key, writer)]);
        }
        let mut replies = told.replies.iter();
        let answers = events.iter().map(|event| match event {
            None => RecordAnswer::FAILED,
            Some(None) => RecordAnswer::SILENT,
            Some(Some((_, writer))) => match replies.next().map(|(_, reply)| reply) {
                Some(Reply::Written) => RecordAnswer::said(Report::Inserted),
                Some(Reply::ConditionFailed(it)) if it.item.as_ref() == Some(writer) => {
                    RecordAnswer::said(Report::Confirmed)
                }
                Some(Reply::ConditionFailed(_)) => RecordAnswer::said(Report::Duplicate),
                _ => RecordAnswer::FAILED,
            },
        });
        let answers = answers.collect();
        let queue = notification.route.queue();
        Next::Answer(match queue.is_some_and(|it| it.partial_batches) {
            true => Answer::Returned(answers),
            false => Answer::together(answers),
        })
    }
}

/// Makes one call, and succeeds whatever the reply is.
pub(crate) fn calls(operation: Operation) -> impl Fn(&Told<'_>) -> Next {
    move |told| match told.reply() {
        None => Next::Call(vec![operation.clone()]),
        Some(_) => succeeds(told.invocation.records.count()),
    }
}

pub(crate) fn always_fails(told: &Told<'_>) -> Next {
    fails(told.invocation.records.count())
}
