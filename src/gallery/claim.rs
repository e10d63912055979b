//! Claim, effect, completion: the three steps of an effect that must not be lost and
//! is not part of the table.
//!
//! An attempt claims the event's row; while its lease lasts, the others keep away.
//! It performs the effect, with a token by which whoever performs it recognises a
//! repetition. Then it completes the row, if that is still its own.

use std::sync::Arc;

use redeliver_model::event::Text;
use redeliver_model::history::{RecordAnswer, Report};
use redeliver_model::table::{
    Change, Comparison, Condition, FailedCondition, Item, Name, Reply, Seconds, Value, item,
};

use super::exhibit::{Context, Given};

const LEASE_UNTIL: &str = "lease_until";
const OWNER: &str = "owner";
const RESULT: &str = "result";
const STATUS: &str = "status";

const COMPLETED: &str = "completed";
const IN_PROGRESS: &str = "in-progress";

/// By what an attempt claims.
pub(super) struct Terms {
    /// Who it says it is.
    pub(super) owner: Text,
    /// The end of its lease; without one, the claim never lapses.
    pub(super) lease_until: Option<i64>,
    /// What must be true of the row for it to be completed.
    pub(super) completable: Condition,
}

impl Terms {
    /// The lease of this owner ends with the invocation: then Lambda has ended it,
    /// and nobody needs to keep away any more.
    pub(super) fn of(owner: &Text, context: &Context) -> Self {
        Self {
            owner: owner.clone(),
            lease_until: Some(seconds(context.deadline)),
            completable: owned_by(owner),
        }
    }
}

/// What came of a claim.
pub(super) enum Claimed {
    /// The event is done with.
    Completed,
    /// It is this attempt's.
    Mine,
    /// Another attempt may be at work on it.
    SomebodyElses,
    /// Nobody knows.
    Unknown,
}

/// All three steps.
pub(super) async fn claim_effect_complete(
    context: &Context,
    given: &Given,
    terms: Terms,
) -> RecordAnswer {
    match claim(context, given, &terms).await {
        Claimed::Completed => return RecordAnswer::said(Report::Duplicate),
        Claimed::Mine => {}
        Claimed::SomebodyElses | Claimed::Unknown => return RecordAnswer::FAILED,
    }
    // A failed effect may have been performed nevertheless. The claim is left to
    // lapse, which it has when Lambda tries again.
    if !perform(context, given).await {
        return RecordAnswer::FAILED;
    }
    complete(context, given, terms).await
}

/// Claims the row, if nobody has, or if the lease of whoever has is over.
pub(super) async fn claim(context: &Context, given: &Given, terms: &Terms) -> Claimed {
    let free = Condition::Any(vec![Condition::NoItem, lapsed(context)]);
    let put = context.table().put(&given.row, in_progress(terms), free);
    match put.await {
        Reply::Written => Claimed::Mine,
        Reply::ConditionFailed(FailedCondition { item: Some(row) }) => {
            match is_completed(&row) {
                true => Claimed::Completed,
                // The SDK has sent the claim twice, and met it.
                false if is_owned_by(&row, &terms.owner) => Claimed::Mine,
                false => Claimed::SomebodyElses,
            }
        }
        _ => Claimed::Unknown,
    }
}

/// Performs the effect; the key of the row is its token.
pub(super) async fn perform(context: &Context, given: &Given) -> bool {
    let token = Some(given.row.clone());
    let effect = context.table().effect(&given.row, token, RECEIPT.into());
    effect.await == Reply::Written
}

/// What the effect is.
pub(super) const RECEIPT: &str = "mail a receipt";

/// Completes the row, with what this attempt brought about.
pub(super) async fn complete(context: &Context, given: &Given, terms: Terms) -> RecordAnswer {
    let changes = [
        set(STATUS, COMPLETED),
        Change::Set(Name::Borrowed(RESULT), context.unique.clone().into()),
    ];
    let update = context
        .table()
        .update(&given.row, changes, terms.completable);
    match update.await {
        Reply::Written => RecordAnswer::said(Report::Inserted),
        // A successor has taken over, and is done.
        Reply::ConditionFailed(FailedCondition { item: Some(row) }) if is_completed(&row) => {
            RecordAnswer::said(Report::Duplicate)
        }
        _ => RecordAnswer::FAILED,
    }
}

/// The row of an event that somebody is at work on.
fn in_progress(terms: &Terms) -> Item {
    let mut claimed = item([
        (STATUS, IN_PROGRESS.into()),
        (OWNER, terms.owner.clone().into()),
    ]);
    if let Some(end) = terms.lease_until {
        let end = Value::Number(end);
        Arc::make_mut(&mut claimed).insert(Name::Borrowed(LEASE_UNTIL), end);
    }
    claimed
}

/// The lease of whoever is at work is over.
fn lapsed(context: &Context) -> Condition {
    Condition::All(vec![
        compare(STATUS, Comparison::Equal, IN_PROGRESS.into()),
        compare(
            LEASE_UNTIL,
            Comparison::Less,
            Value::Number(seconds(context.now())),
        ),
    ])
}

/// The row was claimed by this owner last.
pub(super) fn owned_by(owner: &Text) -> Condition {
    compare(OWNER, Comparison::Equal, owner.clone().into())
}

fn compare(attribute: &'static str, comparison: Comparison, value: Value) -> Condition {
    let attribute = Name::Borrowed(attribute);
    Condition::Compare {
        attribute,
        comparison,
        value,
    }
}

fn set(attribute: &'static str, value: &str) -> Change {
    Change::Set(Name::Borrowed(attribute), value.into())
}

fn is_owned_by(row: &Item, owner: &Text) -> bool {
    row.get(OWNER) == Some(&Value::Text(owner.clone()))
}

/// Whether a row is completed.
pub(super) fn is_completed(row: &Item) -> bool {
    row.get(STATUS) == Some(&COMPLETED.into())
}

/// Seconds as an attribute's value.
pub(super) fn seconds(time: Seconds) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}
