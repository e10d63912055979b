//! From a counterexample to a smaller one.

use serde::{Deserialize, Serialize};

use super::variation::{simpler_scenes, with_a_minute};
use super::{Choice, Fate};
use crate::delivery::{Form, Route};
use crate::history::History;
use crate::scene::{Hosting, Scene};

/// A scene, and a schedule that leads through it: all that a run depends on but for
/// the handler.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// What is played.
    pub scene: Scene,
    /// What happens.
    pub schedule: Vec<Choice>,
}

/// How large a counterexample is: the fewer things go wrong the better, and then
/// the fewer steps there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Size {
    /// How many things go wrong.
    pub faults: usize,
    /// How many steps the run has, to its end.
    pub steps: usize,
}

impl Size {
    /// The size of a run.
    pub fn of(history: &History) -> Self {
        Self {
            faults: history.faults(),
            steps: history.steps.len(),
        }
    }
}

/// Makes a counterexample smaller, as long as leaving something out does so.
///
/// `play` plays a case and returns its history if that is still a counterexample.
/// Notifications, deliveries, records and single choices are left out, alone and in
/// pairs; what is unusual about a scene is made usual, unless it takes fewer steps:
/// several records in one notification do, and a queue that gives up early. What is
/// left out of a schedule happens nevertheless if it must, at the end and without
/// faults.
pub fn reduce(
    case: &Case,
    history: History,
    play: &mut dyn FnMut(&Case) -> Option<History>,
) -> (Case, History) {
    let mut best = (case.clone(), history);
    loop {
        let mut candidates = simpler_scenes(&best.0);
        candidates.extend(simpler_schedules(&best.0));
        let smaller = candidates.into_iter().find_map(|mut candidate| {
            let history = play(&candidate)?;
            candidate.schedule = history.schedule();
            candidate.scene.faults = u32::try_from(history.faults()).unwrap_or(u32::MAX);
            let is_smaller = weight(&candidate, &history) < weight(&best.0, &best.1);
            is_smaller.then_some((candidate, history))
        });
        match smaller {
            Some(smaller) => best = smaller,
            None => return best,
        }
    }
}

/// What a reduction makes less of: the size, and then whatever is unusual.
fn weight(case: &Case, history: &History) -> (Size, usize, usize) {
    let notifications = case.scene.notifications.iter();
    let records: usize = notifications.clone().map(|it| it.records.len()).sum();
    let unusual = notifications.map(|it| {
        let revised = it.deliveries.iter().filter(|&&form| form != Form::Original);
        usize::from(it.route != Route::Direct) + revised.count()
    });
    let unusual: usize = unusual.sum::<usize>()
        + usize::from(case.scene.hosting != Hosting::Default)
        + case.scene.waits as usize;
    (Size::of(history), records, unusual)
}

fn simpler_schedules(case: &Case) -> Vec<Case> {
    let schedule = &case.schedule;
    let with = |schedule: Vec<Choice>| Case {
        scene: case.scene.clone(),
        schedule,
    };
    let without = |left_out: &[usize]| {
        let rest = schedule.iter().enumerate();
        let rest = rest.filter(|(position, _)| !left_out.contains(position));
        with(rest.map(|(_, choice)| *choice).collect())
    };
    let mut simpler = Vec::new();
    for (position, choice) in schedule.iter().enumerate() {
        if let Choice::Call(call, fate) = *choice
            && fate != Fate::Answered
        {
            let mut calm = schedule.clone();
            calm[position] = Choice::Call(call, Fate::Answered);
            simpler.push(with(calm));
        }
        if let Choice::TimeOut(_) = choice {
            simpler.push(with_a_minute(case, position..position + 1));
        }
        simpler.push(without(&[position]));
    }
    let worth_a_pair = |choice: &Choice| choice.is_fault() || choice.invocation().is_none();
    for (first, choice) in schedule.iter().enumerate() {
        if worth_a_pair(choice) {
            let others = (0..schedule.len()).filter(|&other| other != first);
            simpler.extend(others.map(|other| without(&[first, other])));
        }
    }
    simpler
}
