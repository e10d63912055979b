//! The words in a picture.

use super::layout::{Layout, MARGIN};
use super::typeset::{Face, Line, set};
use super::{LINE, SIZE, label, lines};
use crate::report::diagram::{
    Attributes, CallFate, Change, Diagram, Epilogue, Event, Step, listed, value,
};
use crate::report::markup::Markup;

/// The longest list of attributes that is shown again when nothing has changed.
const SHORT: usize = 40;

/// The longest part of a value that is shown.
const LONGEST: usize = 72;

/// The longest part of a reply, or of what the handler wrote, that is shown.
const LONGEST_REPLY: usize = 90;

/// How many attributes of an item are shown; of the rest, how many there are.
const MOST_ATTRIBUTES: usize = 5;

/// Pieces of text, one after another.
type Pieces = Vec<(Face, String)>;

/// What happens at each step and at the end, and what is in the items after it, line by
/// line.
pub(super) fn of_rows(diagram: &Diagram) -> Vec<(Pieces, Vec<Pieces>)> {
    let states = diagram.states();
    let mut rows = Vec::new();
    for (step, state) in diagram.steps.iter().zip(&states) {
        let mut items = Vec::new();
        for (item, now) in state.iter().enumerate() {
            let mut changes = step.changes.iter();
            let change = changes.find(|it| it.item == item);
            let is_shown = diagram.watched && step.touched.contains(&item);
            match change {
                Some(change) => items.extend(changed(diagram, change)),
                None if is_shown => items.push(unchanged(diagram, item, *now)),
                None => {}
            }
        }
        rows.push((happens(step), items));
    }
    rows.push(end(diagram));
    rows
}

fn happens(step: &Step) -> Pieces {
    let fault = match step.event {
        Event::Call { fate, .. } => matches!(
            fate,
            CallFate::Late | CallFate::Refused | CallFate::ReplyLost | CallFate::Stale
        ),
        Event::Crash { .. } | Event::TimeOut => true,
        _ => false,
    };
    let mut pieces = match &step.befalls {
        None if fault => vec![(Face::Fault, step.what.clone())],
        None => vec![(Face::Plain, step.what.clone())],
        Some(befalls) => {
            let face = if fault { Face::Fault } else { Face::Strong };
            vec![
                (Face::Plain, format!("{}: ", step.what)),
                (face, cut(befalls, LONGEST_REPLY)),
            ]
        }
    };
    for line in &step.output {
        pieces.push((Face::Faint, format!(" | {}", cut(line, LONGEST_REPLY))));
    }
    pieces
}

fn end(diagram: &Diagram) -> (Pieces, Vec<Pieces>) {
    let (first, more) = &diagram.end;
    let mut words = vec![(Face::Plain, first.clone())];
    let mut items = Vec::new();
    for said in more {
        match said {
            Epilogue::Changed(change) => items.extend(changed(diagram, change)),
            Epilogue::Left(item, attributes) => {
                let shown = attributes.iter();
                let shown = shown.map(|(it, value)| (Face::Plain, it.as_str(), value.as_str()));
                let shown: Vec<_> = shown.collect();
                items.extend(list(&diagram.items[*item].name, &shown));
            }
            Epilogue::Words(said) => words.push((Face::Plain, format!(" {said}"))),
        }
    }
    (words, items)
}

/// An item that has changed: what is new stands out.
fn changed(diagram: &Diagram, change: &Change) -> Vec<Pieces> {
    let name = &diagram.items[change.item].name;
    let Some(after) = &change.after else {
        return vec![vec![(Face::Strong, format!("{name} is gone"))]];
    };
    let none = Attributes::new();
    let before = change.before.as_ref().unwrap_or(&none);
    let (mut new, mut old) = (Vec::new(), Vec::new());
    for (attribute, shown) in after {
        match value(before, attribute) == Some(shown) {
            true => old.push((Face::Faint, attribute.as_str(), shown.as_str())),
            false => new.push((Face::Strong, attribute.as_str(), shown.as_str())),
        }
    }
    let lost = before.iter().filter(|(it, _)| value(after, it).is_none());
    new.extend(lost.map(|(attribute, _)| (Face::Strong, attribute.as_str(), "gone")));
    new.extend(old);
    list(name, &new)
}

/// An item's name and its attributes, line by line, as many as there is room for.
fn list(name: &str, attributes: &[(Face, &str, &str)]) -> Vec<Pieces> {
    let mut lines = Vec::new();
    let most = match attributes.len() {
        // A line that says how many there are more takes as much room as one more.
        count if count <= MOST_ATTRIBUTES + 1 => count,
        _ => MOST_ATTRIBUTES,
    };
    for (face, attribute, value) in &attributes[..most] {
        let shown = format!("{attribute} {}", cut(value, LONGEST));
        lines.push(vec![(*face, shown)]);
    }
    match attributes.len() - most {
        0 if most == 0 => lines.push(vec![(Face::Faint, "no attributes".to_owned())]),
        0 => {}
        more => lines.push(vec![(Face::Faint, format!("and {more} more"))]),
    }
    lines[0].insert(0, (Face::Strong, format!("{name} ")));
    lines
}

fn unchanged(diagram: &Diagram, item: usize, state: Option<&Attributes>) -> Pieces {
    let name = &diagram.items[item].name;
    let what = match state.map(listed) {
        None => "not there".to_owned(),
        Some(all) if all.chars().count() <= SHORT => all,
        Some(_) => "as before".to_owned(),
    };
    vec![(Face::Faint, format!("{name} {what}"))]
}

/// What stands beside the arrow of a delivery.
pub(super) fn arrival(step: &Step) -> Option<String> {
    let Event::Arrival {
        delivery,
        attempt,
        again,
        out_of_order,
    } = step.event
    else {
        return None;
    };
    let mut told = (delivery + 1).to_string();
    if attempt > 1 {
        told.push_str(" retried");
    } else if again {
        told.push_str(" again");
    }
    if out_of_order {
        told.push_str(", out of order");
    }
    Some(told)
}

/// What comes above a picture that stands alone.
pub(super) fn preface(diagram: &Diagram, heading: &str, width: i32) -> Vec<Line> {
    let mut preface = set(&[(Face::Strong, heading)], width, SIZE);
    preface.push(Line::new());
    for (number, what) in (1..).zip(&diagram.deliveries) {
        let head = format!("delivery {number}: ");
        preface.extend(set(
            &[(Face::Strong, &head), (Face::Plain, what)],
            width,
            SIZE,
        ));
    }
    for item in &diagram.items {
        let head = format!("{}: ", item.name);
        let words = (Face::Plain, item.words.as_str());
        preface.extend(set(&[(Face::Strong, &head), words], width, SIZE));
    }
    preface
}

/// What comes below a picture that stands alone.
pub(super) fn postscript(diagram: &Diagram, width: i32) -> Vec<Line> {
    diagram.breach.as_ref().map_or_else(Vec::new, |it| {
        let name = format!("{} {}: ", it.property.id(), it.property.name());
        let because = (Face::Plain, it.because.as_str());
        set(&[(Face::Breach, &name), because], width, SIZE)
    })
}

/// Writes what comes above the lanes.
pub(super) fn heading(markup: &mut Markup, layout: &Layout) {
    lines(markup, (MARGIN, MARGIN + SIZE), &layout.heading);
}

/// Writes the names of the lanes, and of the columns of words.
pub(super) fn columns(markup: &mut Markup, diagram: &Diagram, layout: &Layout) {
    let (first, second) = (layout.names + SIZE, layout.names + SIZE + LINE - 3);
    label(markup, "name end", (MARGIN + 22, first), "step");
    if let Some(time) = layout.time {
        label(markup, "name", (time, first), "time");
    }
    label(markup, "name middle", (layout.queue, first), "queue");
    for (invocation, &x) in diagram.invocations.iter().zip(&layout.invocations) {
        label(markup, "name middle", (x, first), &invocation.name);
        let environment = format!("env {}", invocation.environment);
        label(markup, "under middle", (x, second), &environment);
    }
    if let Some(x) = layout.outside {
        label(markup, "name middle", (x, first), "effects");
    }
    for (item, &x) in diagram.items.iter().zip(&layout.items) {
        label(markup, "name middle", (x, first), &item.name);
    }
    label(markup, "name", (layout.words, first), "what happens");
    label(markup, "name", (layout.state, first), "in the table");
}

/// Writes the words of every step.
pub(super) fn steps(markup: &mut Markup, layout: &Layout) {
    for row in &layout.rows {
        lines(markup, (layout.words, row.line()), &row.words);
        lines(markup, (layout.state, row.line()), &row.state);
    }
    let (top, footing) = &layout.footing;
    lines(markup, (MARGIN, top + SIZE), footing);
}

/// At most so many characters of a text.
fn cut(text: &str, most: usize) -> String {
    match text.chars().count() > most {
        true => text.chars().take(most - 1).chain(['…']).collect(),
        false => text.to_owned(),
    }
}
