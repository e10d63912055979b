//! Which plans are tried.

use std::collections::BTreeSet;

use redeliver_model::delivery::Route;
use redeliver_model::schedule::Entropy;

use crate::check::plan::{Notification, Plan};

/// What plans are made of.
#[derive(Clone, Debug)]
pub struct Ingredients {
    /// The events, in casts that are known together.
    pub casts: Vec<Cast>,
    /// The most deliveries of one notification.
    pub deliveries: usize,
    /// The most faults of a run.
    pub faults: u32,
}

/// Events that play together.
#[derive(Clone, Debug)]
pub struct Cast {
    /// Each with the routes that it may come by. The first is the usual one.
    pub events: Vec<(usize, Vec<Route>)>,
    /// Those that may come in one notification.
    pub together: Vec<Vec<usize>>,
}

impl Cast {
    fn once(&self, event: usize) -> Notification {
        let known = self.events.iter().find(|(it, _)| *it == event);
        let route = known.and_then(|(_, routes)| routes.first().copied());
        Notification {
            events: vec![event],
            route: route.unwrap_or(Route::Direct),
            deliveries: 1,
        }
    }
}

/// The smallest plans, those first that ask least of the handler: one event with a
/// fault, one event twice, two events, two events in one notification, and then with a
/// fault. They are plans for the first cast.
pub fn small_plans(of: &Ingredients) -> Vec<Plan> {
    let mut plans: Vec<Plan> = Vec::new();
    let mut add = |faults: u32, notifications: Vec<Notification>| {
        let plan = Plan {
            notifications,
            faults: faults.min(of.faults),
        };
        if !plans.contains(&plan) {
            plans.push(plan);
        }
    };
    let twice = |it: Notification| Notification {
        deliveries: of.deliveries.min(2),
        ..it
    };
    let Some(cast) = of.casts.first() else {
        return plans;
    };
    let Some((first, _)) = cast.events.first() else {
        return plans;
    };
    let alone = cast.once(*first);
    let together = cast.together.iter().map(|events| Notification {
        events: events.clone(),
        ..cast.once(events[0])
    });
    let together: Vec<_> = together.collect();
    let two = cast.events.iter().take(2).map(|it| cast.once(it.0));
    let two: Vec<_> = two.collect();
    add(0, vec![twice(alone.clone())]);
    if two.len() > 1 {
        add(0, two.clone());
    }
    together.iter().for_each(|it| add(0, vec![it.clone()]));
    add(1, vec![alone.clone()]);
    add(1, vec![twice(alone)]);
    together.iter().for_each(|it| add(1, vec![it.clone()]));
    if two.len() > 1 {
        add(1, two);
    }
    plans
}

/// A plan at random.
pub(super) fn random(entropy: &mut impl Entropy, of: &Ingredients) -> Plan {
    let cast = &of.casts[entropy.below(of.casts.len())];
    let count = 1 + entropy.below(2);
    let mut used = BTreeSet::new();
    let mut notifications = Vec::new();
    for _ in 0..count {
        let together = !cast.together.is_empty() && entropy.once_in(3);
        let mut notification = match together {
            true => {
                let events = entropy.one_of(&cast.together);
                Notification {
                    events: events.clone(),
                    ..cast.once(events[0])
                }
            }
            false => cast.once(entropy.one_of(&cast.events).0),
        };
        let first = notification.events[0];
        if let Some((_, routes)) = cast.events.iter().find(|(it, _)| *it == first)
            && !routes.is_empty()
        {
            notification.route = entropy.one_of(routes);
        }
        if notification.route == Route::EventBridge {
            notification.events.truncate(1);
        }
        // The same events twice are one notification that is delivered more often.
        if !used.insert(notification.events.clone()) {
            continue;
        }
        notification.deliveries = 1 + entropy.below(of.deliveries);
        notifications.push(notification);
    }
    Plan {
        notifications,
        faults: entropy.below(of.faults as usize + 1) as u32,
    }
}
