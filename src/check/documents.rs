//! What a run delivers, as documents: the events under the names of this life.

use redeliver_model::delivery::{Queue, Route};

use super::events::{Delivered, Document, Events, Object, Renaming};
use super::trouble::Trouble;

/// The events, under the names of one life of the tables.
#[derive(Clone, Copy, Debug)]
pub struct Documents<'a> {
    events: &'a Events,
    renaming: Renaming,
    queue: Queue,
}

impl<'a> Documents<'a> {
    /// The events under these names; those from a queue, from one like this.
    pub fn new(events: &'a Events, renaming: Renaming, queue: Queue) -> Self {
        Self {
            events,
            renaming,
            queue,
        }
    }

    /// The usual route of an event.
    pub fn route_of(&self, event: usize) -> Route {
        let routes = self.events.routes(event, self.queue);
        routes.first().copied().unwrap_or(Route::Direct)
    }

    /// The objects that the events speak of.
    pub(super) fn objects(&self) -> Vec<Object> {
        self.events.objects(self.renaming)
    }

    /// The document of an attempt: of the n-th sending of these events, received for the
    /// n-th time.
    ///
    /// # Errors
    ///
    /// If the events cannot come together by this route.
    pub(super) fn document(
        &self,
        events: &[usize],
        route: Route,
        sending: u64,
        receive: u32,
    ) -> Result<Document, Trouble> {
        let delivered = Delivered {
            events,
            route,
            renaming: self.renaming,
            sending,
            receive,
        };
        let document = self.events.document(&delivered);
        document.map_err(Trouble::Undeliverable)
    }
}
