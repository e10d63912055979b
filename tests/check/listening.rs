//! Who hears what an environment does.

use std::time::Duration;

use redeliver::check::news::{EnvironmentId, Happened, News};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Long enough for anything that happens at all, on any machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// An environment's id that is not the default one.
pub(crate) const ENVIRONMENT: EnvironmentId = EnvironmentId(7);

/// The end of the channel at which the news arrive.
pub(crate) struct Listening(UnboundedReceiver<News>);

impl Listening {
    pub(crate) fn new() -> (UnboundedSender<News>, Self) {
        let (sender, news) = unbounded_channel();
        (sender, Self(news))
    }

    /// What [`ENVIRONMENT`] does next.
    pub(crate) async fn next(&mut self) -> Happened {
        let news = tokio::time::timeout(PATIENCE, self.0.recv()).await;
        let News { from, what } = news.unwrap().unwrap();
        assert_eq!(from, ENVIRONMENT);
        what
    }

    /// The same, or nothing when nobody is left to do anything.
    pub(crate) async fn next_if_any(&mut self) -> Option<Happened> {
        Some(self.0.recv().await?.what)
    }
}
