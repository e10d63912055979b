//! Which events play together.
//!
//! What any of them leave has to be known for every order of every subset, so they play
//! in casts of a few. Each plan is for one cast.

use std::collections::{BTreeMap, BTreeSet};

use redeliver_model::delivery::{Queue, Route};

use crate::check::events::{Events, Natural};
use crate::check::judge::Options;
use crate::check::search::{Cast, Ingredients};

/// The most events of a cast: of four, there are 65 orders of subsets.
const MOST_EVENTS: usize = 4;

/// As many single events are a cast: with more, there would be more orders than schedules
/// that need them.
const SINGLE_EVENTS: usize = 3;

/// The casts of a check. Each of the user's own events that is not set aside plays in one
/// at least, beside those that it came with; generated events are all alike, so one cast of
/// them is enough.
pub(super) fn casts(
    events: &Events,
    set_aside: &BTreeMap<usize, String>,
    options: &Options,
    queue: Queue,
) -> Vec<Vec<usize>> {
    let is_sound = |event: &usize| !set_aside.contains_key(event);
    let sound = |them: &[usize]| them.iter().copied().filter(is_sound).collect::<Vec<_>>();
    let mut casts: Vec<Vec<usize>> = Vec::new();
    // For handlers that keep the latest state, two of one object before all others.
    let objects = options.latest_state.iter().flat_map(|it| &it.objects);
    let objects = objects.map(|it| sound(it)).filter(|it| it.len() > 1);
    casts.extend(objects.map(|it| it[..2].to_vec()));
    for notification in notifications(events, set_aside, queue) {
        for some in notification.events.chunks(MOST_EVENTS) {
            let has_played = |cast: &Vec<usize>| some.iter().all(|event| cast.contains(event));
            if !casts.iter().any(has_played) {
                casts.push(some.to_vec());
            }
        }
    }
    let has_played: BTreeSet<usize> = casts.iter().flatten().copied().collect();
    let mut others = (0..events.len()).filter(|it| is_sound(it) && !has_played.contains(it));
    if let Some(first) = casts.first_mut() {
        let free = SINGLE_EVENTS.saturating_sub(first.len());
        first.extend(others.by_ref().take(free));
    }
    let others: Vec<usize> = others.collect();
    casts.extend(others.chunks(SINGLE_EVENTS).map(<[usize]>::to_vec));
    if events.is_generated() {
        casts.truncate(1);
    }
    casts
}

/// The notifications of the user's own that bring several events, without those that are
/// set aside.
fn notifications(
    events: &Events,
    set_aside: &BTreeMap<usize, String>,
    queue: Queue,
) -> impl Iterator<Item = Natural> {
    let notifications = events.natural_notifications(queue).into_iter();
    let sound = notifications.map(|mut it| {
        it.events.retain(|event| !set_aside.contains_key(event));
        it
    });
    sound.filter(|it| it.events.len() > 1)
}

/// What is to be said of notifications that are too large to be played whole.
pub(super) fn too_large(
    events: &Events,
    set_aside: &BTreeMap<usize, String>,
    queue: Queue,
) -> Option<String> {
    let notifications = notifications(events, set_aside, queue);
    let large = notifications.filter(|it| it.events.len() > MOST_EVENTS);
    let files: BTreeSet<String> = large.filter_map(|it| it.file).collect();
    let files = files.into_iter().collect::<Vec<_>>().join(", ");
    (!files.is_empty()).then(|| {
        format!(
            "Of {files}, at most {MOST_EVENTS} events come in one notification: what a handler \
             leaves must be known for every order of them."
        )
    })
}

/// What plans are made of.
pub(super) fn ingredients(
    events: &Events,
    casts: Vec<Vec<usize>>,
    routes: &[Route],
    queue: Queue,
    deliveries: usize,
    faults: u32,
) -> Ingredients {
    let by = |event: usize| match routes {
        [] => events.routes(event, queue),
        routes => routes.to_vec(),
    };
    let casts = casts.into_iter().map(|cast| Cast {
        together: together(events, &cast, queue),
        events: cast.into_iter().map(|it| (it, by(it))).collect(),
    });
    Ingredients {
        casts: casts.collect(),
        deliveries,
        faults,
    }
}

/// Events that may come in one notification: those that did in the user's own files, and
/// the first two of generated ones.
fn together(events: &Events, cast: &[usize], queue: Queue) -> Vec<Vec<usize>> {
    if events.is_generated() {
        return cast.get(..2).map(<[usize]>::to_vec).into_iter().collect();
    }
    let natural = events.natural_notifications(queue).into_iter();
    let natural = natural.map(|it| {
        let mut events = it.events;
        events.retain(|event| cast.contains(event));
        events
    });
    let mut together: Vec<Vec<usize>> = Vec::new();
    for events in natural.filter(|it| it.len() > 1) {
        if !together.contains(&events) {
            together.push(events);
        }
    }
    together
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::check::judge::LatestState;

    const QUEUE: Queue = Queue {
        receives: 3,
        partial_batches: false,
    };

    /// The events of files, each with records of these objects.
    fn events(test: &str, files: &[&[&str]]) -> Events {
        let name = format!("redeliver-{test}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let paths = files.iter().enumerate().map(|(number, keys)| {
            let record = |key: &&str| {
                let object = format!(r#"{{"key":"{key}","sequencer":"{number}"}}"#);
                let s3 = format!(r#"{{"bucket":{{"name":"b"}},"object":{object}}}"#);
                let name = "ObjectCreated:Put";
                format!(r#"{{"eventSource":"aws:s3","eventName":"{name}","s3":{s3}}}"#)
            };
            let records: Vec<_> = keys.iter().map(record).collect();
            let path = folder.join(format!("{number:02}.json"));
            let document = format!(r#"{{"Records":[{}]}}"#, records.join(","));
            std::fs::write(&path, document).unwrap();
            path
        });
        let paths: Vec<PathBuf> = paths.collect();
        let events = Events::load(&paths).unwrap();
        std::fs::remove_dir_all(folder).unwrap();
        events
    }

    fn cast(events: &Events, set_aside: &[usize], options: &Options) -> Vec<Vec<usize>> {
        let why = |event: &usize| (*event, "refused".to_owned());
        let set_aside = set_aside.iter().map(why).collect();
        casts(events, &set_aside, options, QUEUE)
    }

    #[test]
    fn each_event_that_is_sound_plays_in_a_cast_that_is_small() {
        let files: [&[&str]; 8] = [
            &["a"],
            &["b"],
            &["c"],
            &["d"],
            &["e"],
            &["f"],
            &["g"],
            &["h"],
        ];
        let events = events("single", &files);
        let casts = cast(&events, &[1], &Options::default());
        assert_eq!(casts, [vec![0, 2, 3], vec![4, 5, 6], vec![7]]);
    }

    #[test]
    fn events_that_came_together_play_together() {
        let files: [&[&str]; 3] = [&["a"], &["b", "c", "d", "e", "f"], &["c", "d"]];
        let events = events("together", &files);
        let of_all = cast(&events, &[], &Options::default());
        // The second file's sequencer tells its records from the third's of the same objects.
        assert_eq!(of_all, [vec![1, 2, 3, 4], vec![5], vec![6, 7], vec![0]]);
        assert_eq!(together(&events, &of_all[0], QUEUE), [vec![1, 2, 3, 4]]);
        let told = too_large(&events, &BTreeMap::new(), QUEUE).unwrap();
        assert!(told.contains("01.json, at most 4 events"), "{told}");
        assert!(!told.contains("02.json"), "{told}");
        // Four of its five are sound.
        let set_aside = BTreeMap::from([(1, "refused".to_owned())]);
        assert_eq!(too_large(&events, &set_aside, QUEUE), None);
    }

    #[test]
    fn two_uploads_of_one_object_come_first_where_the_latest_state_is_judged() {
        let events = events("latest", &[&["a"], &["b"], &["a"]]);
        let latest_state = LatestState {
            objects: events.objects_in_order(),
        };
        let options = Options {
            latest_state: Some(latest_state),
            ..Options::default()
        };
        assert_eq!(cast(&events, &[], &options), [[0, 2, 1]]);
    }
}
