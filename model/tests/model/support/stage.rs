//! Handlers as scripts, driven through a world by a schedule in its text form.

use redeliver_model::delivery::InvocationId;
use redeliver_model::history::{Answer, History, Invocation};
use redeliver_model::scene::Scene;
use redeliver_model::schedule::{CallId, Choice, Chooser, Replay};
use redeliver_model::table::{Operation, Reply};
use redeliver_model::world::{Demand, Reduction, World};

/// What a script does next.
#[derive(Clone, Debug)]
pub(crate) enum Next {
    /// Makes these calls at once, and waits for a reply to any.
    Call(Vec<Operation>),
    /// Gives its n-th call up, from 1, and goes on.
    GiveUp(u32),
    /// Waits for a reply to any of its calls.
    Wait,
    /// Returns.
    Answer(Answer),
}

/// An invocation as its script sees it.
pub(crate) struct Told<'a> {
    pub(crate) invocation: &'a Invocation,
    /// The replies until now, in the order in which they came.
    pub(crate) replies: &'a [(CallId, Reply)],
    /// How many times the script was asked.
    pub(crate) turn: usize,
}

impl Told<'_> {
    pub(crate) fn delivery(&self) -> usize {
        self.invocation.id.delivery
    }

    pub(crate) fn attempt(&self) -> u32 {
        self.invocation.id.attempt
    }

    pub(crate) fn reply(&self) -> Option<&Reply> {
        self.replies.last().map(|(_, reply)| reply)
    }
}

/// A handler, as a function of what its invocation was told.
pub(crate) type Script<'s> = &'s dyn Fn(&Told<'_>) -> Next;

/// No run of the tests has more steps.
const MOST_STEPS: usize = 200;

/// A handler in a world.
pub(crate) struct Stage<'a> {
    pub(crate) world: World<'a>,
    script: Script<'a>,
    under_way: Vec<UnderWay>,
}

/// What a script has been told.
struct UnderWay {
    id: InvocationId,
    turn: usize,
    replies: Vec<(CallId, Reply)>,
}

impl<'a> Stage<'a> {
    pub(crate) fn new(scene: &'a Scene, script: Script<'a>) -> Self {
        Self {
            world: World::new(scene),
            script,
            under_way: Vec::new(),
        }
    }

    pub(crate) fn options(&self) -> Vec<Choice> {
        let mut options = Vec::new();
        self.world.options(&mut options);
        options
    }

    /// The options, as text.
    pub(crate) fn offers(&self) -> Vec<String> {
        self.options().iter().map(Choice::to_string).collect()
    }

    pub(crate) fn take(&mut self, choice: Choice) -> Demand {
        let taken = self.world.history().steps.len();
        assert!(taken < MOST_STEPS, "it does not come to rest");
        let demand = self.world.take(choice);
        match &demand {
            Demand::Start(id) => {
                self.under_way.push(UnderWay {
                    id: *id,
                    turn: 0,
                    replies: Vec::new(),
                });
                self.go_on(*id);
            }
            Demand::Resume(call, reply) => {
                let mut under_way = self.under_way.iter_mut();
                if let Some(it) = under_way.find(|it| it.id == call.invocation) {
                    it.replies.push((*call, reply.clone()));
                }
                self.go_on(call.invocation);
            }
            Demand::End(_) | Demand::Nothing => {}
        }
        demand
    }

    fn go_on(&mut self, id: InvocationId) {
        let mut all = self.under_way.iter_mut();
        let it = all.find(|it| it.id == id).unwrap();
        let invocation = self.world.history().invocation(id).unwrap().clone();
        loop {
            let next = (self.script)(&Told {
                invocation: &invocation,
                replies: &it.replies,
                turn: it.turn,
            });
            it.turn += 1;
            match next {
                Next::Call(operations) => {
                    for operation in operations {
                        self.world.called(id, operation);
                    }
                    return;
                }
                Next::GiveUp(number) => self.world.abandoned(CallId {
                    invocation: id,
                    number,
                }),
                Next::Wait => return,
                Next::Answer(answer) => return self.world.answered(id, answer),
            }
        }
    }

    /// Takes the choices of a schedule, each of which must be possible.
    pub(crate) fn play(&mut self, schedule: &str) -> &mut Self {
        for choice in choices(schedule) {
            let offers = self.offers();
            assert!(
                offers.contains(&choice.to_string()),
                "{choice} is not among {offers:?}"
            );
            self.take(choice);
        }
        self
    }

    /// Lets the rest happen, without faults.
    pub(crate) fn rest(mut self) -> History {
        while let Some(first) = self.options().first() {
            self.take(*first);
        }
        self.world.finish()
    }
}

/// A schedule, its choices parted by `;`.
pub(crate) fn choices(schedule: &str) -> Vec<Choice> {
    let texts = schedule.split(';').map(str::trim);
    let texts = texts.filter(|text| !text.is_empty());
    texts.map(|text| text.parse().unwrap()).collect()
}

/// A schedule as text.
pub(crate) fn text(schedule: &[Choice]) -> String {
    let texts: Vec<String> = schedule.iter().map(Choice::to_string).collect();
    texts.join("; ")
}

/// Plays a schedule, and lets the rest happen.
pub(crate) fn run(scene: &Scene, script: Script<'_>, schedule: &str) -> History {
    let mut stage = Stage::new(scene, script);
    stage.play(schedule);
    stage.rest()
}

/// Plays whatever is chosen.
pub(crate) fn play(
    scene: &Scene,
    script: Script<'_>,
    chooser: &mut dyn Chooser,
    mut reduction: Option<&mut Reduction<'_>>,
) -> Option<History> {
    let mut stage = Stage::new(scene, script);
    if let Some(reduction) = reduction.as_deref_mut() {
        reduction.begin();
    }
    loop {
        let mut options = stage.options();
        if options.is_empty() {
            return Some(stage.world.finish());
        }
        if let Some(reduction) = reduction.as_deref_mut() {
            reduction.cut(&stage.world, &mut options);
        }
        if options.is_empty() {
            return None;
        }
        let choice = options[chooser.choose(&options)?];
        if let Some(reduction) = reduction.as_deref_mut() {
            reduction.note(&stage.world, choice);
        }
        stage.take(choice);
    }
}

/// Plays a saved schedule as far as it fits.
pub(crate) fn replay(scene: &Scene, script: Script<'_>, schedule: &[Choice]) -> History {
    play(scene, script, &mut Replay::new(schedule), None).unwrap()
}
