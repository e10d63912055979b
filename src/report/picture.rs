//! A diagram as a picture: SVG that needs nothing but itself.
//!
//! Time goes downwards. On the left are the lanes: the queue, each invocation as a box
//! from its start to its end, and each item as a line; on the right, in words, what
//! happens at each step and what is in the items after it. Whatever a colour says, a
//! shape or a word says too.

mod layout;
mod marks;
mod typeset;
mod words;

use super::diagram::Diagram;
use super::markup::Markup;
use layout::Layout;
use typeset::Face;

/// The colours, as custom properties: light ones and dark ones.
pub(super) const COLOURS: &str = include_str!("picture/colours.css");

/// How what is in a picture looks, in these colours.
pub(super) const STYLE: &str = include_str!("picture/picture.css");

/// The size of letters, in pixels.
const SIZE: i32 = 13;

/// From line to line, in pixels.
const LINE: i32 = 18;

/// A picture as a document of its own, with a heading above it.
pub fn picture(diagram: &Diagram, heading: &str) -> String {
    let layout = Layout::of(diagram, Some(heading));
    let mut markup = Markup::default();
    let namespace = ("xmlns", "http://www.w3.org/2000/svg");
    svg(diagram, &layout, heading, &[namespace], &mut markup, |it| {
        it.element("style", &[], |it| {
            it.fixed(COLOURS);
            it.fixed(STYLE);
        });
        rectangle(it, "paper", (0, 0), (layout.width, layout.height));
    });
    markup.finish().trim_start().to_owned() + "\n"
}

/// Adds a picture to a page, whose style it takes.
pub(super) fn add_to(markup: &mut Markup, diagram: &Diagram, title: &str) {
    let layout = Layout::of(diagram, None);
    svg(diagram, &layout, title, &[], markup, |_| {});
}

/// How wide a picture is, in pixels.
pub(super) fn width(diagram: &Diagram) -> i32 {
    Layout::of(diagram, None).width
}

fn svg(
    diagram: &Diagram,
    layout: &Layout,
    title: &str,
    more: &[(&'static str, &str)],
    markup: &mut Markup,
    first: impl FnOnce(&mut Markup),
) {
    let (width, height) = (layout.width.to_string(), layout.height.to_string());
    let view = format!("0 0 {width} {height}");
    let mut attributes = more.to_vec();
    attributes.extend([
        ("class", "picture"),
        ("viewBox", &view),
        ("width", &width),
        ("height", &height),
        ("role", "img"),
    ]);
    markup.element("svg", &attributes, |it| {
        it.of_text("title", &[], title);
        first(it);
        words::heading(it, layout);
        marks::rows(it, diagram, layout);
        words::columns(it, diagram, layout);
        marks::lanes(it, diagram, layout);
        marks::steps(it, diagram, layout);
        words::steps(it, layout);
    });
}

/// Lines of text, the first of which stands on this line.
fn lines(markup: &mut Markup, (x, y): (i32, i32), lines: &[typeset::Line]) {
    for (number, line) in (0..).zip(lines) {
        let (x, y) = (x.to_string(), (y + number * LINE).to_string());
        markup.element("text", &[("x", &x), ("y", &y)], |it| {
            for (face, text) in line {
                match face {
                    Face::Plain => it.text(text),
                    face => it.of_text("tspan", &[("class", face.class())], text),
                }
            }
        });
    }
}

/// A short text around a point.
fn label(markup: &mut Markup, class: &str, (x, y): (i32, i32), text: &str) {
    let (x, y) = (x.to_string(), y.to_string());
    markup.of_text("text", &[("class", class), ("x", &x), ("y", &y)], text);
}

fn rectangle(markup: &mut Markup, class: &str, (x, y): (i32, i32), (width, height): (i32, i32)) {
    let [x, y, width, height] = [x, y, width, height].map(|it| it.to_string());
    let attributes = [
        ("class", class),
        ("x", &x),
        ("y", &y),
        ("width", &width),
        ("height", &height),
    ];
    markup.empty("rect", &attributes);
}

/// A line through these points.
fn path(markup: &mut Markup, class: &str, points: &[(i32, i32)]) {
    let points = points.iter().map(|(x, y)| format!("{x} {y}"));
    let through = format!("M{}", points.collect::<Vec<_>>().join(" L"));
    markup.empty("path", &[("class", class), ("d", &through)]);
}

fn circle(markup: &mut Markup, class: &str, (x, y): (i32, i32), radius: i32) {
    let [x, y, radius] = [x, y, radius].map(|it| it.to_string());
    let attributes = [("class", class), ("cx", &x), ("cy", &y), ("r", &radius)];
    markup.empty("circle", &attributes);
}
