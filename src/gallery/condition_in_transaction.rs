//! The conditional put as the only write of a transaction, with the reasons for its
//! cancellation read one by one.

use redeliver_model::history::{RecordAnswer, Report};
use redeliver_model::property::Keeps;
use redeliver_model::table::{Condition, Item, Reason, Reply, Write};

use super::exhibit::{Exhibit, Handle, Verdict, identity_key};
use super::insert_unless_present::{present, signed_row};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "condition-in-transaction",
    summary: "puts the row in a transaction, and takes only a failed condition for a duplicate",
    source: "AWS's advice for ambiguous errors, in the developer guide's chapter on error \
             handling: TransactWriteItems with a ClientRequestToken",
    code: include_str!("condition_in_transaction.rs"),
    keeps: Keeps::Rows,
    verdict: Verdict::Right,
    row: identity_key,
    tally: None,
    shares_memory: false,
    handle: Handle::EachCreated(|context, given| {
        Box::pin(async move {
            let row = signed_row(&context, &given);
            let put = Write::Put {
                key: given.row.clone(),
                item: Item::clone(&row),
                condition: Condition::NoItem,
            };
            match context.table().transact([put], None).await {
                Reply::Written => RecordAnswer::said(Report::Inserted),
                Reply::Cancelled(reasons) => match reasons.first() {
                    Some(Reason::ConditionFailed(failed)) => {
                        RecordAnswer::said(present(failed, &row))
                    }
                    _ => RecordAnswer::FAILED,
                },
                _ => RecordAnswer::FAILED,
            }
        })
    }),
};
