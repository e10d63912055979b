//! A handler that waits for something other than its table.

use std::sync::Arc;

use redeliver::handlers::Handler;
use redeliver::monitor::Monitor;
use redeliver::simulation::{Delivery, Environment, Host, Staged, Subject};
use redeliver::table::Boxed;
use redeliver::verify::{Plan, Scope, verify};
use redeliver_model::history::Answer;
use redeliver_model::property::{Bookkeeping, Sighting};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::Shard;
use redeliver_model::table::Key;

/// Sleeps for ever.
#[derive(Clone, Copy)]
struct Sleeper;

impl Subject for Sleeper {
    fn name(&self) -> &'static str {
        "sleeper"
    }

    fn stage(&self, _: &Scene) -> Box<dyn Staged> {
        Box::new(*self)
    }
}

impl Bookkeeping for Sleeper {
    fn row(&self, sighting: Sighting<'_>) -> Key {
        format!("{:?}", sighting.event).into()
    }
}

impl Staged for Sleeper {
    fn environment(&self, _: Host) -> Arc<dyn Environment> {
        Arc::new(*self)
    }
}

impl Environment for Sleeper {
    fn invoke(self: Arc<Self>, _: Delivery) -> Boxed<'static, Answer> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn a_hang_is_reported_as_such_with_its_place() {
    for (scope, schedules, place) in [
        (Scope::new(1), 0, "sleeper, in the scene \"one event\": "),
        (Scope::NONE, 10, "sleeper, at random with seed 5: "),
    ] {
        let plan = Plan {
            seed: 5,
            schedules,
            scope,
            shard: Shard::default(),
        };
        let handler = Handler::of(Box::new(Sleeper));
        let verified = verify(&handler, plan, &[], None, &Monitor::default()).await;
        let told = verified.unwrap_err().to_string();
        let hang = "the handler hangs: attempt 1 of delivery 1 waits for something other than a \
                    table call, which the simulation cannot give it";
        assert!(told.starts_with(place), "{told}");
        assert!(told.ends_with(hang), "{told}");
    }
}
