use std::collections::BTreeSet;

use redeliver_model::delivery::InvocationId;
use redeliver_model::schedule::{
    CallId, Choice, Chooser, Entropy, Fate, InFlight, Odometer, Random, Replay, Shard, Wait,
};

use crate::support::{Noted, Written, choices};

fn every_kind() -> Vec<Choice> {
    choices(
        "apply-late 2.1#1; call 2.1#1 answered; call 2.1#1 late; crash 2.1 never; \
         drop-late 2.1#1; return 2.1; start 2; sweep; time-out 2.1; wait half-minute",
    )
}

#[test]
fn what_goes_wrong_is_a_fault_and_what_comes_of_it_is_not() {
    let faults: Vec<bool> = every_kind().into_iter().map(Choice::is_fault).collect();
    let (yes, no) = (true, false);
    assert_eq!(faults, [no, no, yes, yes, no, no, no, no, yes, no]);
    let id = CallId {
        invocation: InvocationId {
            delivery: 0,
            attempt: 1,
        },
        number: 1,
    };
    let faults = Fate::ALL.map(|fate| Choice::Call(id, fate).is_fault());
    assert_eq!(faults.iter().filter(|it| **it).count(), Fate::ALL.len() - 1);
}

#[test]
fn a_choice_is_about_one_invocation_or_about_none() {
    let id = InvocationId {
        delivery: 1,
        attempt: 1,
    };
    let about: Vec<_> = every_kind().into_iter().map(Choice::invocation).collect();
    let (yes, no) = (Some(id), None);
    assert_eq!(about, [yes, yes, yes, yes, yes, yes, no, no, yes, no]);
}

#[test]
fn waits_have_their_lengths() {
    let lengths = Wait::ALL.map(Wait::seconds);
    assert_eq!(lengths, [30, 21_600, 1_382_400]);
}

#[test]
fn a_choice_is_saved_as_its_text() {
    let choice = Choice::Crash(
        InvocationId {
            delivery: 0,
            attempt: 2,
        },
        InFlight::Applied,
    );
    let saved = serde_json::to_string(&choice).unwrap();
    assert_eq!(saved, "\"crash 1.2 applied\"");
    assert_eq!(serde_json::from_str::<Choice>(&saved).unwrap(), choice);
    let refused = serde_json::from_str::<Choice>("\"start 0\"").unwrap_err();
    let refused = refused.to_string();
    assert!(
        refused.starts_with("\"start 0\" is no choice: write `start 1`, `call 1.1#1 reply-lost`")
    );
    assert!(serde_json::from_str::<Choice>("1").is_err());
}

/// Every run of an odometer through a tree, in which a node offers as many options
/// as `offers` says of the decisions that led there; 0 at a leaf.
fn runs(shard: Shard, offers: &dyn Fn(&[usize]) -> usize) -> Vec<Vec<usize>> {
    let mut odometer = Odometer::of_shard(shard);
    let mut runs = Vec::new();
    while odometer.next_run() {
        assert!(runs.len() < 100, "there is no end to the runs");
        let mut run = Vec::new();
        let ended = loop {
            let options = vec![Choice::Sweep; offers(&run)];
            if options.is_empty() {
                break true;
            }
            match odometer.choose(&options) {
                Some(taken) => run.push(taken),
                None => break false,
            }
        };
        if ended && odometer.has_run() {
            runs.push(run);
        }
    }
    assert!(!odometer.next_run(), "it stays at its end");
    runs
}

/// A tree with runs of three and of nine decisions.
fn offers(run: &[usize]) -> usize {
    match (run.len(), run.first()) {
        (0, _) => 3,
        (3.., Some(0)) | (9.., _) => 0,
        (length, _) => 1 + length % 2,
    }
}

#[test]
fn an_odometer_makes_every_run_once_and_in_order() {
    let all = runs(Shard::default(), &offers);
    assert!(all.is_sorted());
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    // Two decisions of two after a first 0; four of them after a 1 or a 2.
    assert_eq!(all.len(), 2 + 2 * 2_usize.pow(4));
    assert_eq!(runs(Shard::default(), &|_| 0), [Vec::<usize>::new()]);
}

/// A run begins like the one before: all but the last decision of that which had
/// another option left is foretold, and so are the options, which may differ.
#[test]
fn an_odometer_foretells_what_the_run_before_decided() {
    let mut odometer = Odometer::default();
    let options = |run: &[Choice]| -> Vec<Choice> {
        // Each decision has options of its own.
        let first = 10 * (run.len() + 1);
        let count = offers(&vec![
            usize::from(run.first() != Some(&Choice::Start(10)));
            run.len()
        ]);
        (first..first + count).map(Choice::Start).collect()
    };
    let (mut runs, mut foretold) = (Vec::new(), Vec::new());
    while odometer.next_run() {
        let mut run = Vec::new();
        while let Some(choice) = odometer.foretell() {
            assert!(options(&run).contains(&choice), "{choice} behind {run:?}");
            run.push(choice);
        }
        foretold.push(run.len());
        while !options(&run).is_empty() {
            let options = options(&run);
            run.push(options[odometer.choose(&options).unwrap()]);
        }
        assert!(odometer.has_run());
        runs.push(run);
    }
    assert!(runs.is_sorted());
    assert_eq!(runs.len(), 2 + 2 * 2_usize.pow(4));
    for (pair, foretold) in runs.windows(2).zip(&foretold[1..]) {
        let alike = pair[0].iter().zip(&pair[1]).take_while(|(a, b)| a == b);
        // The decision that is another is foretold as well.
        assert_eq!(*foretold, alike.count() + 1, "{pair:?}");
    }
    assert_eq!(foretold[0], 0);
}

#[test]
fn shards_are_disjoint_and_together_the_whole() {
    let whole: BTreeSet<_> = runs(Shard::default(), &offers).into_iter().collect();
    for count in [1, 2, 3, 7] {
        let shards: Vec<_> = (0..count)
            .map(|index| runs(Shard { index, count }, &offers))
            .collect();
        let together: BTreeSet<_> = shards.iter().flatten().cloned().collect();
        assert_eq!(together, whole);
        assert_eq!(shards.iter().map(Vec::len).sum::<usize>(), whole.len());
        assert!(shards.iter().all(|it| !it.is_empty()), "of {count}");
    }
}

#[test]
fn runs_that_begin_alike_are_in_one_shard() {
    let beginnings = |index| -> BTreeSet<Vec<usize>> {
        let runs = runs(Shard { index, count: 2 }, &offers);
        let long = runs.iter().filter(|run| run.len() > 6);
        long.map(|run| run[..6].to_vec()).collect()
    };
    assert!(beginnings(0).is_disjoint(&beginnings(1)));
    // Beginnings are dealt in turn: the two short runs first, and then the long.
    assert_eq!(beginnings(0).len(), beginnings(1).len());
    assert_eq!(runs(Shard { index: 0, count: 2 }, &offers)[0], [0, 0, 0]);
    assert_eq!(runs(Shard { index: 1, count: 2 }, &offers)[0], [0, 1, 0]);
    assert_eq!(runs(Shard { index: 0, count: 3 }, &offers)[0], [0, 0, 0]);
}

#[test]
fn a_shard_is_written_as_one_of_so_many() {
    let shard: Shard = "2/3".parse().unwrap();
    assert_eq!(shard, Shard { index: 1, count: 3 });
    assert_eq!(shard.to_string(), "2/3");
    for text in ["", "2", "0/3", "4/3", "a/3", "1/b", "1/2/3", "-1/3"] {
        assert!(text.parse::<Shard>().is_err(), "{text}");
    }
}

#[test]
fn a_shard_has_every_so_manieth() {
    let shard = Shard { index: 1, count: 3 };
    let had: Vec<u64> = (0..9).filter(|&it| shard.has(it)).collect();
    assert_eq!(had, [1, 4, 7]);
    assert!((0..9).all(|it| Shard::default().has(it)));
    let none = Shard { index: 0, count: 0 };
    assert!(none.has(5), "no parts are one part");
}

#[test]
fn a_replay_takes_what_it_can_skips_what_it_cannot_and_then_goes_on_calmly() {
    let schedule = choices("start 2; return 1.1; start 1; sweep");
    let options = choices("start 1; start 2");
    let mut replay = Replay::new(&schedule);
    assert_eq!(replay.choose(&options), Some(1));
    assert_eq!(replay.skipped(), 0);
    assert_eq!(replay.choose(&options), Some(0));
    assert_eq!(replay.skipped(), 1);
    assert_eq!(replay.choose(&options), Some(0));
    assert_eq!(replay.skipped(), 2);
    assert_eq!(replay.choose(&options), Some(0));
    assert_eq!(replay.skipped(), 2);
}

#[test]
fn entropy_says_once_in_so_many_times_and_one_of_several() {
    let mut entropy = Written(&[0, 2, 1]);
    assert!(entropy.once_in(3));
    assert!(!entropy.once_in(3));
    assert_eq!(entropy.one_of(&['a', 'b']), 'b');
}

/// What is chosen of options by these decisions, the first three of which are about
/// the run as a whole; and of how many possibilities each was one.
fn weighed(decisions: &[usize], options: &str) -> (String, Vec<usize>) {
    let options = choices(options);
    let mut entropy = Noted::new(Written(decisions));
    let position = Random::new(&mut entropy).choose(&options).unwrap();
    assert_eq!(
        entropy.bounds.len(),
        decisions.len(),
        "asked for {:?}",
        entropy.bounds
    );
    (options[position].to_string(), entropy.bounds)
}

fn chosen(decisions: &[usize], options: &str) -> String {
    weighed(decisions, options).0
}

const ALL: &str = "start 1; start 2; apply-late 2.1#1; apply-late 3.1#1; sweep; wait half-minute; \
                   call 1.1#1 throttled; call 1.1#1 late; crash 1.1 never; crash 1.1 late";

#[test]
fn a_late_write_that_cannot_be_dropped_is_applied() {
    // It would be dropped, if that were among the options.
    let options = "apply-late 2.1#1; apply-late 3.1#1";
    assert_eq!(chosen(&[0, 0, 0, 0, 1], options), "apply-late 3.1#1");
}

#[test]
fn a_random_chooser_weighs_faults_time_and_switches() {
    // Any fault.
    assert_eq!(chosen(&[0, 0, 0, 0, 1, 0], ALL), "call 1.1#1 throttled");
    assert_eq!(chosen(&[0, 0, 0, 0, 3, 3], ALL), "crash 1.1 late");
    // No fault, but time passes.
    assert_eq!(chosen(&[0, 0, 0, 1, 0, 0], ALL), "sweep");
    assert_eq!(chosen(&[0, 0, 0, 1, 0, 1], ALL), "wait half-minute");
    // Neither: another invocation goes on, or the first does.
    assert_eq!(chosen(&[0, 0, 0, 1, 1, 1, 0, 1], ALL), "start 2");
    assert_eq!(chosen(&[0, 2, 0, 1, 1, 1, 0, 1], ALL), "start 2");
    assert_eq!(chosen(&[0, 2, 0, 1, 1, 1, 1], ALL), "start 1");
}

#[test]
fn a_random_chooser_draws_how_often_once_for_each_run() {
    let bounds = |run: [usize; 3]| {
        let decisions = [&run[..], &[1, 1, 1, 0, 1]].concat();
        weighed(&decisions, ALL).1[3..].to_vec()
    };
    assert_eq!(bounds([0, 0, 0]), [3, 3, 4, 1, 2]);
    assert_eq!(bounds([1, 1, 1]), [4, 3, 32, 1, 2]);
    assert_eq!(bounds([2, 2, 2]), [6, 3, 32, 3, 2]);
}

#[test]
fn a_random_chooser_prefers_faults_that_outlive_their_invocation() {
    assert_eq!(chosen(&[0, 0, 0, 0, 0, 0], ALL), "call 1.1#1 late");
    assert_eq!(chosen(&[0, 0, 0, 0, 0, 1], ALL), "crash 1.1 late");
    let managed = "start 1; crash 1.1 never; time-out 1.1";
    assert_eq!(chosen(&[0, 0, 0, 0, 0, 0], managed), "time-out 1.1");
    // It is not asked for where there is none.
    let none = "start 1; call 1.1#1 throttled; crash 1.1 never";
    assert_eq!(chosen(&[0, 0, 0, 0, 1], none), "crash 1.1 never");
}

#[test]
fn a_random_chooser_lets_late_writes_be_late() {
    // While anything else goes on, they are applied now and then, and never dropped.
    assert_eq!(chosen(&[0, 0, 0, 1, 1, 0, 0], ALL), "apply-late 2.1#1");
    assert_eq!(chosen(&[0, 0, 0, 1, 1, 0, 1], ALL), "apply-late 3.1#1");
    // Else they are applied, or dropped once in four times.
    let rest = "drop-late 1.1#1; apply-late 1.1#1; drop-late 2.1#1; apply-late 2.1#1";
    let (dropped, bounds) = weighed(&[0, 0, 0, 0, 1], rest);
    assert_eq!((&*dropped, &bounds[3..]), ("drop-late 2.1#1", &[4, 2][..]));
    assert_eq!(chosen(&[0, 0, 0, 1, 0], rest), "apply-late 1.1#1");
    assert_eq!(chosen(&[0, 0, 0, 3, 1], rest), "apply-late 2.1#1");
}

#[test]
fn a_random_chooser_asks_for_nothing_that_is_not_offered() {
    let calm = "start 1; start 2";
    assert_eq!(chosen(&[0, 0, 0, 0, 1], calm), "start 2");
    let without_faults = "start 1; start 2; wait half-minute";
    assert_eq!(chosen(&[0, 0, 0, 0, 0], without_faults), "wait half-minute");
    let without_time = "start 1; start 2; crash 1.1 never";
    assert_eq!(chosen(&[0, 0, 0, 1, 0, 1], without_time), "start 2");
    assert_eq!(chosen(&[0, 0, 0, 0, 0], without_time), "crash 1.1 never");
}
