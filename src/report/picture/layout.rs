//! Where everything in a picture is, in pixels.

use super::typeset::{Face, Line, set, width};
use super::{LINE, SIZE, words};
use crate::report::diagram::{Diagram, Event};

/// The free space around a picture.
pub(super) const MARGIN: i32 = 14;

/// From one invocation's lane to the next.
const INVOCATION: i32 = 58;

/// From one item's lane to the next.
const ITEM: i32 = 44;

/// How wide the words are that say what happens.
const WORDS: i32 = 290;

/// How wide the words are that say what is in the items.
const STATE: i32 = 232;

/// How much of a row is above and below its words, together.
const AIR: i32 = 14;

/// Half of how wide an invocation's box is.
pub(super) const HALF_BOX: i32 = 17;

/// The size of labels.
pub(super) const LABEL: i32 = 11;

/// A picture's measures, and its words in lines.
pub(super) struct Layout {
    /// The heading's lines, if there is one.
    pub(super) heading: Vec<Line>,
    /// Where the lanes' names stand.
    pub(super) names: i32,
    /// Where the lanes begin.
    pub(super) top: i32,
    /// Where the time stands, if it says anything.
    pub(super) time: Option<i32>,
    /// The queue's lane.
    pub(super) queue: i32,
    /// Each invocation's.
    pub(super) invocations: Vec<i32>,
    /// That of all but the table, if there are calls to it.
    pub(super) outside: Option<i32>,
    /// Each item's.
    pub(super) items: Vec<i32>,
    /// Where the words begin that say what happens.
    pub(super) words: i32,
    /// Where the words begin that say what is in the items.
    pub(super) state: i32,
    /// Each step's row, and the end's.
    pub(super) rows: Vec<Row>,
    /// The lines below all rows, and where they begin.
    pub(super) footing: (i32, Vec<Line>),
    /// The whole width.
    pub(super) width: i32,
    /// The whole height.
    pub(super) height: i32,
}

/// A step's row.
pub(super) struct Row {
    /// Its upper end.
    pub(super) top: i32,
    /// Its height.
    pub(super) height: i32,
    /// What happens.
    pub(super) words: Vec<Line>,
    /// What is in the items after it.
    pub(super) state: Vec<Line>,
}

impl Row {
    /// The height at which things happen.
    pub(super) fn middle(&self) -> i32 {
        self.top + AIR / 2 + LINE / 2
    }

    /// Where the first line of words stands.
    pub(super) fn line(&self) -> i32 {
        self.top + AIR / 2 + SIZE
    }
}

impl Layout {
    /// The measures of a picture; with a heading, what is told of the run comes with it.
    pub(super) fn of(diagram: &Diagram, heading: Option<&str>) -> Self {
        let time = tells_time(diagram).then_some(MARGIN + 30);
        let queue = MARGIN + 56 + time.map_or(0, |_| 54);
        let labels = diagram.steps.iter().filter_map(words::arrival);
        let label = labels.map(|it| width(&it, LABEL)).max().unwrap_or(0);
        let mut next = queue + label.max(36) + 24 + HALF_BOX;
        let mut lane = |step: i32| {
            let here = next;
            next += step;
            here
        };
        let invocations = diagram.invocations.iter().map(|_| lane(INVOCATION));
        let invocations = invocations.collect();
        let goes_outside = diagram.steps.iter().any(|it| is_outside(it.event));
        let outside = goes_outside.then(|| lane(INVOCATION));
        let items = diagram.items.iter().map(|_| lane(ITEM)).collect();
        let words = lane(WORDS + 16) - ITEM / 2 + 6;
        let state = words + WORDS + 16;
        let whole = state + STATE + MARGIN;

        let within = whole - 2 * MARGIN;
        let mut top = MARGIN;
        let heading = heading.map(|it| words::preface(diagram, it, within));
        let heading = heading.unwrap_or_default();
        if !heading.is_empty() {
            top += below(&heading) + LINE / 2;
        }
        let names = top;
        top += 2 * LINE + 8;
        let lanes = top;
        let mut rows = Vec::new();
        for (number, (words, state)) in words::of_rows(diagram).iter().enumerate() {
            let mut words = set(&pieces(words), WORDS, SIZE);
            if diagram.breaks_at(number) {
                words.push(vec![(Face::Breach, "✕ here it breaks".to_owned())]);
            }
            let state = state.iter().flat_map(|it| set(&pieces(it), STATE, SIZE));
            let state: Vec<Line> = state.collect();
            let height = below(&words).max(below(&state)).max(LINE) + AIR;
            rows.push(Row {
                top,
                height,
                words,
                state,
            });
            top += height;
        }
        let footing = match heading.is_empty() {
            true => Vec::new(),
            false => words::postscript(diagram, within),
        };
        let below_all = match footing.is_empty() {
            true => 0,
            false => below(&footing) + LINE,
        };
        Self {
            heading,
            names,
            top: lanes,
            time,
            queue,
            invocations,
            outside,
            items,
            words,
            state,
            rows,
            footing: (top + LINE, footing),
            width: whole,
            height: top + below_all + MARGIN,
        }
    }

    /// The height at which something happens.
    pub(super) fn middle(&self, step: usize) -> i32 {
        self.rows[step].middle()
    }
}

/// Whether time passes at all.
fn tells_time(diagram: &Diagram) -> bool {
    let mut times = diagram.steps.iter().map(|it| &it.time);
    let first = times.next();
    times.any(|it| Some(it) != first)
}

fn is_outside(event: Event) -> bool {
    match event {
        Event::Afterwards { outside } | Event::Call { outside, .. } => outside,
        _ => false,
    }
}

fn below(lines: &[Line]) -> i32 {
    i32::try_from(lines.len()).map_or(0, |count| count * LINE)
}

fn pieces(texts: &[(Face, String)]) -> Vec<(Face, &str)> {
    let pieces = texts.iter().map(|(face, text)| (*face, text.as_str()));
    pieces.collect()
}
