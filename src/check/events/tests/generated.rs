//! Generated events, and events by other names.

use std::collections::{BTreeMap, BTreeSet};

use redeliver_handler::IdentityPolicy;

use super::*;

#[test]
fn generated_events_read_the_same_by_every_route() {
    let events = generated(40);
    for renaming in [Renaming(0), Renaming(3)] {
        let all: Vec<ObjectEvent> = (0..40)
            .map(|it| events.object_event(it, renaming).unwrap())
            .collect();
        let numbers: Vec<usize> = (0..40).collect();
        for route in events.routes(0, QUEUE) {
            let made = |events_: &[usize]| {
                let delivered = Delivered {
                    renaming,
                    ..delivered(events_, route)
                };
                read_back(&events.document(&delivered).unwrap())
            };
            if route == Route::EventBridge {
                for number in numbers.iter().copied() {
                    let read = made(&[number]).remove(0);
                    let expected = &all[number];
                    assert_eq!((&read.bucket, &read.key), (&expected.bucket, &expected.key));
                    assert_eq!(read.version_id, expected.version_id);
                    assert_eq!((read.size, &read.e_tag), (expected.size, &expected.e_tag));
                }
            } else {
                assert_eq!(made(&numbers), all, "{route:?}");
            }
        }
    }
}

#[test]
fn what_is_generated_is_the_same_for_a_seed_and_another_for_another() {
    let document = |seed, count| {
        let generation = Generation {
            count,
            seed,
            removals: true,
        };
        let events: Vec<usize> = (0..12).collect();
        let delivered = delivered(&events, Route::SqsOfSns(QUEUE));
        Events::generate(generation)
            .document(&delivered)
            .unwrap()
            .body
    };
    assert_eq!(document(1, 12), document(1, 30));
    assert_ne!(document(1, 12), document(2, 12));
}

#[test]
fn the_first_generated_event_is_plain_and_the_second_must_be_decoded() {
    let events = generated(2);
    assert_eq!(
        (events.name(0), events.name(1)),
        ("invoice.txt", "uploads/red flower & 100% é+1.jpg")
    );
}

#[test]
fn generated_events_are_distinct_and_none_has_a_key_that_s3_would_refuse() {
    let events = generated(60);
    let mut seen = BTreeMap::new();
    for renaming in (0..5).map(Renaming) {
        for number in 0..events.len() {
            let event = events.object_event(number, renaming).unwrap();
            assert!(event.key.len() <= 1_024);
            let identity = IdentityPolicy::Occurrence.identify(&event).unwrap();
            let before = seen.insert(identity.idempotency_key(), (number, renaming));
            assert_eq!(before, None, "{number} {renaming:?}");
        }
    }
    let longest = (0..60).map(|it| events.object_event(it, Renaming(4)).unwrap().key.len());
    assert_eq!(longest.max(), Some(1_024));
    let names: BTreeSet<&str> = (0..60).map(|it| events.name(it)).collect();
    assert_eq!(names.len(), 60);
}

#[test]
fn a_removal_is_later_than_what_it_removes() {
    let events = Events::generate(Generation {
        count: 3,
        seed: 0,
        removals: true,
    });
    let event = |number| events.object_event(number, Renaming(0)).unwrap();
    assert_eq!(event(2).name.unwrap().as_str(), "ObjectRemoved:Delete");
    assert_eq!(event(1).key, event(2).key);
    assert!(event(1).sequencer < event(2).sequencer);
    let keys: Vec<String> = events
        .objects(Renaming(0))
        .into_iter()
        .map(|it| it.key)
        .collect();
    assert_eq!(keys, ["invoice.txt"], "what was removed is gone");
}

/// Whatever a handler takes for the identity, under another renaming it is another.
#[test]
fn renamings_differ_in_every_field_that_can_identify_and_keep_what_belongs_together() {
    let mut samples: Vec<Events> = samples()
        .iter()
        .filter_map(|(name, text)| {
            let mut own = Own::default();
            own.add(name, text).ok()?;
            Some(Events::new(Source::Own(own)))
        })
        .collect();
    samples.push(generated(40));
    let mut renamed = 0;
    for events in &samples {
        for number in 0..events.len() {
            if events.check_renamable(number).is_err() {
                continue;
            }
            let named = |it| events.object_event(number, Renaming(it));
            let [Some(a), Some(b), Some(c)] = [0, 1, 2].map(named) else {
                panic!("{}: {:?}", events.name(number), [0, 1, 2].map(named));
            };
            for (a, b) in [(&a, &b), (&b, &c), (&a, &c)] {
                for policy in IdentityPolicy::ALL {
                    if let (Ok(a), Ok(b)) = (policy.identify(a), policy.identify(b)) {
                        assert_ne!(a, b);
                    }
                }
                assert_ne!(a.key, b.key);
                let null = a.version_id.as_deref() == Some("null");
                assert!(null || a.version_id.is_none() || a.version_id != b.version_id);
                assert!(a.sequencer.is_none() || a.sequencer != b.sequencer);
                assert!(a.e_tag.is_none() || a.e_tag != b.e_tag);
                assert!(a.time.is_none() || a.time != b.time);
                assert_eq!((&a.bucket, &a.name), (&b.bucket, &b.name));
            }
            renamed += 1;
        }
        let pairs = (0..events.len()).flat_map(|a| (0..events.len()).map(move |b| (a, b)));
        for (a, b) in pairs {
            let object = |it, renaming| events.object_event(it, Renaming(renaming));
            let Some((a0, b0, a1, b1)) =
                (|| Some((object(a, 0)?, object(b, 0)?, object(a, 1)?, object(b, 1)?)))()
            else {
                continue;
            };
            if a0.key == b0.key {
                assert_eq!(a1.key, b1.key, "uploads to one key stay such");
                assert_eq!(
                    a0.sequencer.cmp(&b0.sequencer),
                    a1.sequencer.cmp(&b1.sequencer)
                );
            }
        }
    }
    assert!(renamed > 80, "{renamed}");
}

#[test]
fn objects_are_what_the_events_say() {
    let events = own(&[("s3-put.json", CONSOLE)]);
    let [object] = &events.objects(Renaming(1))[..] else {
        panic!("one object");
    };
    assert_eq!(
        (object.key.as_str(), object.size),
        ("test/key-renamed-1", 1_024)
    );
    let event = events.object_event(0, Renaming(1)).unwrap();
    assert_eq!(Some(&object.e_tag), event.e_tag.as_ref());
    let events = generated(20);
    for object in events.objects(Renaming(0)) {
        assert_eq!(object.e_tag, identifier::md5_of(&object.body));
        assert_eq!(object.size, object.body.len() as u64);
    }
}

#[test]
fn an_object_whose_content_is_known_holds_it_by_all_names() {
    let known = |bucket: &str, key: &str| {
        assert_eq!((bucket, key), ("example-bucket", "test/key"));
        Ok(Some("known".into()))
    };
    let events = own(&[("s3-put.json", CONSOLE)]);
    let events = events.with_contents(known).unwrap();
    for renaming in [0, 1].map(Renaming) {
        let [object] = &events.objects(renaming)[..] else {
            panic!("one object");
        };
        assert_eq!((&*object.body, object.size), (&b"known"[..], 5));
    }
    let unreadable = |_: &str, _: &str| Err(std::io::ErrorKind::FileTooLarge.into());
    let refused = events.with_contents(unreadable).unwrap_err().to_string();
    assert!(refused.contains("test/key cannot be read"), "{refused}");
}

/// AWS pads the shorter of two sequencers with zeros: compared as numbers they come out
/// the other way round.
#[test]
fn a_later_sequencer_may_be_a_smaller_number() {
    let document = |event: usize| {
        let document = generated(2).document(&delivered(&[event], Route::Direct));
        value(&document.unwrap())["Records"][0]["s3"]["object"]["sequencer"].clone()
    };
    let [first, second] = [0, 1].map(|it| document(it).as_str().unwrap().to_owned());
    assert!(
        first < second && first.len() > second.len(),
        "{first} {second}"
    );
}
