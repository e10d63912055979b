//! The lanes of a picture, and what is drawn on them.

use super::layout::{HALF_BOX, Layout, MARGIN};
use super::words::arrival;
use super::{circle, label, path, rectangle};
use crate::report::diagram::{CallFate, Diagram, Ending, Event, Step};
use crate::report::markup::Markup;

/// The radius of a mark on an item's lane.
const DOT: i32 = 5;

/// How far a box reaches beyond what is first and last in it.
const REACH: i32 = 12;

/// Draws the rows: a line above each, and the one at which a property breaks stands out.
pub(super) fn rows(markup: &mut Markup, diagram: &Diagram, layout: &Layout) {
    let (left, right) = (MARGIN / 2, layout.width - MARGIN / 2);
    for (number, row) in layout.rows.iter().enumerate() {
        if diagram.breaks_at(number) {
            let (at, size) = ((left, row.top), (right - left, row.height));
            rectangle(markup, "breaks", at, size);
            rectangle(markup, "breaks-edge", at, (4, row.height));
        } else if !(number > 0 && diagram.breaks_at(number - 1)) {
            path(markup, "rule", &[(left, row.top), (right, row.top)]);
        }
        let is_end = number == diagram.steps.len();
        let step = if is_end {
            "end".to_owned()
        } else {
            (number + 1).to_string()
        };
        label(markup, "number end", (MARGIN + 22, row.middle() + 4), &step);
        if let (Some(x), false) = (layout.time, is_end) {
            let time = &diagram.steps[number].time;
            label(markup, "number", (x, row.middle() + 4), time);
        }
    }
}

/// Draws the lanes: the queue's as far as something comes from it, an item's dotted as
/// long as the item is not there.
pub(super) fn lanes(markup: &mut Markup, diagram: &Diagram, layout: &Layout) {
    let middles = |step: usize| layout.middle(step);
    let mut arrivals = diagram.steps.iter();
    let last = arrivals.rposition(|it| matches!(it.event, Event::Arrival { .. }));
    if let Some(last) = last {
        let ends = [(layout.queue, layout.top), (layout.queue, middles(last))];
        path(markup, "lane", &ends);
    }
    let end = middles(diagram.steps.len());
    if let Some(x) = layout.outside {
        path(markup, "lane", &[(x, layout.top), (x, end)]);
    }
    let states = diagram.states();
    for (item, &x) in layout.items.iter().enumerate() {
        let mut from = layout.top;
        let mut there = false;
        for (number, state) in states.iter().enumerate() {
            let is_there = state[item].is_some();
            if is_there != there || number + 1 == states.len() {
                let to = middles(number);
                path(markup, lane_class(there, diagram), &[(x, from), (x, to)]);
                (from, there) = (to, is_there);
            }
        }
    }
}

fn lane_class(is_there: bool, diagram: &Diagram) -> &'static str {
    match (diagram.watched, is_there) {
        (false, _) => "lane",
        (true, true) => "lane there",
        (true, false) => "lane absent",
    }
}

/// Draws what happens: first what passes behind boxes, then the boxes, then what is
/// on them.
pub(super) fn steps(markup: &mut Markup, diagram: &Diagram, layout: &Layout) {
    let canvas = Canvas { diagram, layout };
    for (number, step) in diagram.steps.iter().enumerate() {
        canvas.arrow(number, step, markup);
    }
    for number in 0..diagram.invocations.len() {
        canvas.invocation(number, markup);
    }
    for (number, step) in diagram.steps.iter().enumerate() {
        canvas.mark(number, step, markup);
    }
}

struct Canvas<'a> {
    diagram: &'a Diagram,
    layout: &'a Layout,
}

impl Canvas<'_> {
    fn lane(&self, step: &Step) -> Option<i32> {
        step.who.map(|it| self.layout.invocations[it])
    }

    fn arrow(&self, number: usize, step: &Step, markup: &mut Markup) {
        let y = self.layout.middle(number);
        let Some(lane) = self.lane(step) else {
            return self.meanwhile(step, y, markup);
        };
        match step.event {
            Event::Arrival { attempt, again, .. } => {
                let class = match (attempt, again) {
                    (1, false) => "arrow",
                    (1, true) => "arrow dashed",
                    _ => "arrow dotted",
                };
                let (from, to) = (self.layout.queue, lane - HALF_BOX);
                path(markup, class, &[(from, y), (to - 7, y)]);
                head(markup, (to - 1, y), 1);
                circle(markup, "dot", (from, y), 3);
                if let Some(told) = arrival(step) {
                    label(markup, "beside", (from + 8, y - 5), &told);
                }
            }
            Event::Call { fate, outside } => {
                let ends = self.targets(step, outside);
                self.call(fate, (lane + HALF_BOX, y), &ends, outside, markup);
            }
            Event::Afterwards { outside } => {
                let ends = self.targets(step, outside);
                let Some(&furthest) = ends.last() else {
                    return;
                };
                path(markup, "call dotted", &[(lane, y), (furthest - 10, y)]);
                head(markup, (furthest - DOT, y), 1);
                ends.iter()
                    .for_each(|&x| target(markup, (x, y), outside, "dot"));
            }
            Event::Crash { applied: true } => {
                let ends = self.targets(step, false);
                let Some(&furthest) = ends.last() else {
                    return;
                };
                path(markup, "call", &[(lane + HALF_BOX, y), (furthest - 10, y)]);
                head(markup, (furthest - DOT, y), 1);
                ends.iter()
                    .for_each(|&x| circle(markup, "dot", (x, y), DOT));
            }
            Event::Return(_) => {
                // What the items are is known only now.
                for change in &step.changes {
                    let x = self.layout.items[change.item];
                    rectangle(markup, "seen", (x - DOT, y - DOT), (2 * DOT, 2 * DOT));
                }
            }
            Event::Crash { .. } | Event::Meanwhile | Event::TimeOut => {}
        }
    }

    /// Where a call goes, from the left to the right.
    fn targets(&self, step: &Step, outside: bool) -> Vec<i32> {
        let mut targets: Vec<i32> = match (outside, self.layout.outside) {
            (true, Some(x)) => vec![x],
            _ => {
                let touched = step.touched.iter();
                touched.map(|&it| self.layout.items[it]).collect()
            }
        };
        targets.sort_unstable();
        targets.dedup();
        targets
    }

    fn call(
        &self,
        fate: CallFate,
        (from, y): (i32, i32),
        targets: &[i32],
        outside: bool,
        markup: &mut Markup,
    ) {
        let Some(&to) = targets.last() else {
            // About a table as a whole.
            return path(markup, "call", &[(from, y), (from + 2 * DOT, y)]);
        };
        match fate {
            CallFate::Done | CallFate::ConditionFailed => {
                path(markup, "call", &[(from, y), (to - 10, y)]);
                head(markup, (to - DOT, y), 1);
            }
            CallFate::Read | CallFate::Stale => {
                path(markup, "call", &[(from + 8, y), (to - DOT, y)]);
                head(markup, (from + 1, y), -1);
            }
            CallFate::ReplyLost => {
                path(markup, "call", &[(from, y), (to - 10, y)]);
                head(markup, (to - DOT, y), 1);
                cross(markup, "lost", (from + 12, y), 4);
            }
            CallFate::Refused => {
                let stop = to - 3 * DOT;
                path(markup, "call", &[(from, y), (stop, y)]);
                path(markup, "bar", &[(stop, y - 6), (stop, y + 6)]);
                return;
            }
            CallFate::Late => path(markup, "call dotted", &[(from, y), (to - DOT, y)]),
        }
        for &x in targets {
            match fate {
                CallFate::Done | CallFate::ReplyLost => target(markup, (x, y), outside, "dot"),
                CallFate::Read => target(markup, (x, y), outside, "ring"),
                CallFate::Stale | CallFate::Late => target(markup, (x, y), outside, "ring dotted"),
                CallFate::ConditionFailed | CallFate::Refused => {
                    target(markup, (x, y), outside, "ring");
                    path(markup, "slash", &[(x - 4, y + 4), (x + 4, y - 4)]);
                }
            }
        }
    }

    /// What happens to no invocation: to an item, or to none.
    fn meanwhile(&self, step: &Step, y: i32, markup: &mut Markup) {
        let right = self.layout.words - 12;
        path(markup, "passing", &[(self.layout.queue, y), (right, y)]);
        for change in &step.changes {
            let at = (self.layout.items[change.item], y);
            match change.after {
                None => cross(markup, "gone", at, DOT),
                Some(_) => circle(markup, "dot", at, DOT),
            }
        }
    }

    /// An invocation: a box, which is dashed as soon as it has timed out.
    fn invocation(&self, number: usize, markup: &mut Markup) {
        let x = self.layout.invocations[number];
        let (start, end) = self.diagram.life(number);
        let of_it = |step: &Step, event| step.who == Some(number) && step.event == event;
        let mut steps = self.diagram.steps.iter();
        let timed_out = steps.position(|it| of_it(it, Event::TimeOut));
        let mut part = |class: &str, from: i32, to: i32| {
            let (at, size) = ((x - HALF_BOX, from), (2 * HALF_BOX, to - from));
            rectangle(markup, class, at, size);
        };
        let top = self.layout.middle(start) - REACH;
        let bottom = self.layout.middle(end) + REACH;
        match timed_out {
            None => part("box", top, bottom),
            Some(step) => {
                let middle = self.layout.middle(step);
                part("box", top, middle);
                part("box dashed", middle, bottom);
            }
        }
        let name = &self.diagram.invocations[number].name;
        let at = (x, self.layout.middle(start) + 4);
        label(markup, "inside", at, name);
    }

    fn mark(&self, number: usize, step: &Step, markup: &mut Markup) {
        let Some(x) = self.lane(step) else {
            return;
        };
        let y = self.layout.middle(number);
        match step.event {
            Event::Arrival { .. } => {}
            Event::Afterwards { .. } => circle(markup, "dot", (x, y), 3),
            Event::Call { .. } => circle(markup, "dot", (x + HALF_BOX, y), 3),
            Event::Crash { .. } => cross(markup, "crash", (x, y + 1), 8),
            Event::Meanwhile => {}
            Event::Return(Ending::Acknowledged) => {
                let points = [(x - 6, y), (x - 2, y + 5), (x + 6, y - 5)];
                path(markup, "check", &points);
            }
            Event::Return(Ending::Failed) => {
                path(markup, "check", &[(x, y - 7), (x, y + 2)]);
                circle(markup, "dot", (x, y + 6), 1);
            }
            Event::Return(Ending::Unheard) => {
                path(markup, "check", &[(x - 5, y), (x + 5, y)]);
            }
            Event::TimeOut => cross(markup, "crash", (x, y), 6),
        }
    }
}

/// A mark on a lane: a circle on an item's, a diamond on that of all else.
fn target(markup: &mut Markup, (x, y): (i32, i32), outside: bool, class: &str) {
    match outside {
        false => circle(markup, class, (x, y), DOT),
        true => {
            let far = DOT + 1;
            let points = [
                (x - far, y),
                (x, y - far),
                (x + far, y),
                (x, y + far),
                (x - far, y),
            ];
            path(markup, class, &points);
        }
    }
}

/// The head of an arrow that points to the right, or to the left.
fn head(markup: &mut Markup, (x, y): (i32, i32), direction: i32) {
    let back = x - 8 * direction;
    path(
        markup,
        "head",
        &[(x, y), (back, y - 4), (back, y + 4), (x, y)],
    );
}

fn cross(markup: &mut Markup, class: &str, (x, y): (i32, i32), far: i32) {
    path(markup, class, &[(x - far, y - far), (x + far, y + far)]);
    path(markup, class, &[(x - far, y + far), (x + far, y - far)]);
}
