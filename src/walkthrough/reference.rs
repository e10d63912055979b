//! The reference handler, on a table that may lose a reply.

use redeliver_handler::parse_event;
use redeliver_handler::record::{Handler, Invocation, Settings};
use redeliver_handler::table::{EpochSeconds, Insertion, Row, Table, TableError};

use super::Delivery;
use crate::dynamodb::{Client, RecordedTable};

/// Handles a delivery, and returns what the handler logs.
pub(super) async fn handle(client: &Client, table: &str, delivery: Delivery) -> Vec<String> {
    let table = AsAnSdk {
        table: RecordedTable::new(client.clone(), table),
        reply_lost: delivery.reply_lost,
    };
    let invocation = Invocation {
        request_id: delivery.request_id.into(),
        now: EpochSeconds(0),
    };
    let handler = Handler::new(table, Settings::default());
    let notification = handler.key(parse_event(delivery.document.as_bytes()));
    let report = handler.record(&notification, &invocation).await;
    report.outcomes.iter().map(ToString::to_string).collect()
}

/// A table that does as an SDK does when the reply to a write is lost: it sends
/// the write again, and its caller never hears of the first.
struct AsAnSdk {
    table: RecordedTable,
    reply_lost: bool,
}

impl Table for AsAnSdk {
    async fn insert(&self, row: Row) -> Result<Insertion, TableError> {
        if self.reply_lost {
            self.table.insert(row.clone()).await?;
        }
        self.table.insert(row).await
    }
}
