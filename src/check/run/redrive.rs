//! Dead letters, delivered once more: each event alone, with nothing going wrong.

use std::collections::BTreeSet;

use super::{Patience, Run};
use crate::check::history::Redrive;
use crate::check::trouble::Trouble;

impl Run<'_> {
    pub(super) async fn redrive(&mut self) -> Result<(), Trouble> {
        let dead = &self.played.history.dead;
        let events: BTreeSet<usize> = dead.iter().flatten().copied().collect();
        if events.is_empty() {
            return Ok(());
        }
        if self.patience == Patience::Deadlines {
            self.lane.pass_until(self.last_deadline).await?;
        }
        let mut redrive = Redrive {
            too_soon: self.patience == Patience::None,
            ..Redrive::default()
        };
        for event in events {
            let route = self.documents.route_of(event);
            let clean = self
                .lane
                .deliver_clean(self.documents, &[event], route)
                .await?;
            match clean.failed {
                None => redrive.acknowledged.push(event),
                Some(error) => redrive.failed.push((event, error)),
            }
        }
        redrive.contents = self.lane.contents().await?;
        self.played.history.redrive = Some(redrive);
        Ok(())
    }
}
