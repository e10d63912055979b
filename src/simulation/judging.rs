//! What runs are judged by: what is expected of the scene, and what it leaves behind
//! when nothing goes wrong.

use std::collections::BTreeSet;

use redeliver_model::delivery::Notification;
use redeliver_model::history::History;
use redeliver_model::property::{Baseline, Expectation, Judge};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::Replay;

use super::{Hang, Staged, Subject, play};

/// A judge for a handler in a scene, with the baselines that RD-5 and RD-8 compare
/// with: each record alone, and all deliveries one after another.
///
/// # Errors
///
/// If the handler hangs.
pub fn judge<'a>(
    subject: &dyn Subject,
    staged: &dyn Staged,
    scene: &'a Scene,
) -> Result<Judge<'a>, Hang> {
    let calm = Scene {
        faults: 0,
        waits: 0,
        ..scene.clone()
    };
    let in_order = play(staged, &calm, &mut Replay::new(&[]), None)?;
    let mut alone = BTreeSet::new();
    for notification in &scene.notifications {
        if notification.records.len() == 1 && scene.notifications.len() == 1 {
            let keys = in_order.iter().flat_map(|history| history.table.keys());
            alone.extend(keys.cloned());
            continue;
        }
        for record in &notification.records {
            let lone = Scene {
                notifications: vec![Notification {
                    route: notification.route,
                    deliveries: notification.deliveries[..1].to_vec(),
                    records: vec![record.clone()],
                }],
                ..calm.clone()
            };
            let staged = subject.stage(&lone);
            let history = play(&*staged, &lone, &mut Replay::new(&[]), None)?;
            alone.extend(history.into_iter().flat_map(|it| it.table.into_keys()));
        }
    }
    let baseline = Baseline {
        alone,
        in_order: in_order.map(|it| it.table).unwrap_or_default(),
        writer_attributes: staged.writer_attributes(),
    };
    let expectation = Expectation::new(scene, subject.keeps(), staged);
    Ok(Judge::new(expectation, Some(baseline)))
}

/// A judge for one run only. RD-5 and the calm part of RD-8 have nothing to say of a
/// run in which anything went wrong, so that one needs no baselines.
///
/// # Errors
///
/// If the handler hangs.
pub fn judge_of<'a>(
    history: &History,
    subject: &dyn Subject,
    staged: &dyn Staged,
    scene: &'a Scene,
) -> Result<Judge<'a>, Hang> {
    match history.is_calm() {
        true => judge(subject, staged, scene),
        false => {
            let expectation = Expectation::new(scene, subject.keeps(), staged);
            Ok(Judge::new(expectation, None))
        }
    }
}
