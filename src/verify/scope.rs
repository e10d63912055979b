//! How large the scenes are of which every schedule is played.

use std::fmt;

use redeliver_model::delivery::Route;
use redeliver_model::event::IdentityPolicy;
use redeliver_model::scene::{Hosting, Scene, standard};

use crate::report::counted;

/// How large they are: 0 for none at all, 1 for a few seconds, 3 for a machine of its
/// own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope(u8);

/// What bounds the schedules of a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// How many deliveries there are.
    pub deliveries: usize,
    /// How many things go wrong at most.
    pub faults: u32,
    /// How many times time passes for no other reason at most.
    pub waits: u32,
}

const fn bound(deliveries: usize, faults: u32, waits: u32) -> Bound {
    Bound {
        deliveries,
        faults,
        waits,
    }
}

/// The bounds of each scope.
const SCOPES: [&[Bound]; 4] = [
    &[],
    &[bound(1, 1, 1), bound(2, 0, 1)],
    &[
        bound(1, 2, 0),
        bound(1, 1, 1),
        bound(2, 1, 0),
        bound(2, 0, 1),
    ],
    &[bound(1, 2, 1), bound(2, 1, 1), bound(3, 0, 0)],
];

impl Scope {
    /// Nothing is played.
    pub const NONE: Self = Self(0);

    /// The largest.
    pub const LARGEST: u8 = SCOPES.len() as u8 - 1;

    /// The scope with this number; the largest, if there is none.
    pub fn new(number: u8) -> Self {
        Self(number.min(Self::LARGEST))
    }

    /// Its number.
    pub fn number(self) -> u8 {
        self.0
    }

    /// What bounds it: each of these, not all together.
    pub fn bounds(self) -> &'static [Bound] {
        SCOPES[usize::from(self.0)]
    }

    /// How much goes wrong in any of its scenes at most.
    pub fn faults(self) -> u32 {
        let faults = self.bounds().iter().map(|it| it.faults);
        faults.max().unwrap_or(0)
    }

    /// Its scenes, for a handler that runs there, with their names.
    pub fn scenes(self, hostings: &[Hosting]) -> Vec<(&'static str, Scene)> {
        let mut scenes = Vec::new();
        for &hosting in hostings {
            for policy in IdentityPolicy::ALL {
                for bound in self.bounds() {
                    let bounded = standard().into_iter().filter_map(|(name, scene)| {
                        let scene = bound.of(Scene {
                            policy,
                            hosting,
                            ..scene
                        })?;
                        Some((name, scene))
                    });
                    scenes.extend(bounded.filter(|(_, scene)| is_fair(scene)));
                }
            }
        }
        scenes
    }
}

/// Sequencers and times that come by EventBridge have another form: under a policy
/// that looks at them, an event by two routes is not the same one (RD-9).
fn is_fair(scene: &Scene) -> bool {
    let bridged = |route| route == Route::EventBridge;
    scene.policy != IdentityPolicy::Occurrence
        || !scene.notifications.iter().any(|it| bridged(it.route))
}

impl Bound {
    /// The scene within this bound, if it has that many deliveries. More than the
    /// standard scenes have are deliveries of the same over and over.
    fn of(self, mut scene: Scene) -> Option<Scene> {
        let most = standard().iter().map(|(_, it)| it.deliveries()).max();
        if self.deliveries > most.unwrap_or(0) && scene.deliveries() == 1 {
            let deliveries = &mut scene.notifications[0].deliveries;
            *deliveries = vec![deliveries[0]; self.deliveries];
        }
        (scene.deliveries() == self.deliveries)
            .then(|| scene.with_faults(self.faults).with_waits(self.waits))
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            deliveries,
            faults,
            waits,
        } = *self;
        match deliveries {
            1 => f.write_str("1 delivery"),
            _ => write!(f, "{deliveries} deliveries"),
        }?;
        let bounds = [(faults, "fault"), (waits, "wait")].into_iter();
        let bounds = bounds.filter(|(number, _)| *number > 0);
        for (place, (number, what)) in bounds.enumerate() {
            let joined = if place == 0 { "with" } else { "and" };
            write!(f, " {joined} up to {}", counted(number.into(), what))?;
        }
        Ok(())
    }
}
