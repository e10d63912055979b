//! The whole catalogue as one page, in the style of the reports. Each property, each
//! handler of the gallery and each chapter has an anchor.

use std::fmt;

use redeliver_model::property::Property;
use redeliver_model::schedule::NoChoice;

use super::entry::{Entry, HEADINGS};
use super::markdown::{Block, Span, Unreadable, blocks};
use super::{CHECKLIST, LIMITS};
use crate::engine::replay;
use crate::gallery::{CLAIM, EXHIBITS, Exhibit, Verdict};
use crate::report::diagram;
use crate::report::markup::Markup;
use crate::report::page::{document, shown};
use crate::simulation::Hang;

const STYLE: &str = include_str!("page.css");

/// The chapters: anchor, title and text.
const CHAPTERS: [(&str, &str, &str); 2] = [
    ("checklist", "Checklist for a review", CHECKLIST),
    ("limits", "What this does not prove", LIMITS),
];

/// The anchor of what the gallery's claims have in common.
const SHARED: &str = "claim-effect-and-completion";

/// Why there is no page; each of these would be a fault of the kit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoPage {
    /// A handler of the gallery hangs.
    Hang(Hang),
    /// A text of the catalogue is not written as it must be.
    Text(Unreadable),
    /// The schedule of a counterexample is not written as it must be.
    Schedule(NoChoice),
}

impl fmt::Display for NoPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hang(hang) => hang.fmt(f),
            Self::Text(unreadable) => unreadable.fmt(f),
            Self::Schedule(no_choice) => no_choice.fmt(f),
        }
    }
}

impl std::error::Error for NoPage {}

impl From<Hang> for NoPage {
    fn from(hang: Hang) -> Self {
        Self::Hang(hang)
    }
}

impl From<Unreadable> for NoPage {
    fn from(unreadable: Unreadable) -> Self {
        Self::Text(unreadable)
    }
}

impl From<NoChoice> for NoPage {
    fn from(no_choice: NoChoice) -> Self {
        Self::Schedule(no_choice)
    }
}

/// The whole catalogue as one page of HTML. Plays every handler of the gallery its
/// counterexample.
///
/// # Errors
///
/// If a text or a counterexample of the kit's own is broken.
pub fn page() -> Result<String, NoPage> {
    let mut written = Ok(());
    let html = document("Redeliver: the catalogue", STYLE, |it| written = whole(it));
    written.map(|()| html)
}

fn whole(markup: &mut Markup) -> Result<(), NoPage> {
    markup.of_text("h1", &[], "Redeliver: the catalogue");
    let version = env!("CARGO_PKG_VERSION");
    let about = format!(
        "What must hold of a handler under at-least-once delivery; the handlers that look right \
         and are not; what to ask in a review; and what none of this proves. To cite a property, \
         write its id and its name. Ids are stable for ever. This is version {version}."
    );
    markup.of_text("p", &[], &about);
    markup.element("nav", &[("aria-label", "Contents")], contents);
    markup.of_text("h2", &[("id", "properties")], "Properties");
    for entry in Entry::all()? {
        property(&entry, markup)?;
    }
    markup.of_text("h2", &[("id", "gallery")], "Gallery");
    for exhibit in EXHIBITS {
        handler(exhibit, markup)?;
    }
    markup.element("section", &[], |it| {
        it.of_text("h3", &[("id", SHARED)], "Claim, effect, completion");
        it.of_text("p", &[], "What the handlers that claim have in common.");
        it.element("pre", &[], |it| it.lines(CLAIM));
    });
    for (anchor, title, text) in CHAPTERS {
        markup.of_text("h2", &[("id", anchor)], title);
        let parts = blocks(text)?;
        markup.element("section", &[], |it| rendered(&parts, it));
    }
    Ok(())
}

fn contents(markup: &mut Markup) {
    let mut list = |title: &str, entries: &[(&str, String)]| {
        markup.of_text("h3", &[], title);
        markup.element("ul", &[], |it| {
            for (anchor, text) in entries {
                it.element("li", &[], |it| link_to(anchor, text, it));
            }
        });
    };
    let named = |it: &Property| (it.id(), format!("{} {}", it.id(), it.name()));
    list("Properties", &Property::ALL.each_ref().map(named));
    for (title, rogues) in [("Right handlers", false), ("Rogues", true)] {
        let wanted = EXHIBITS.iter().filter(|it| it.breaks().is_some() == rogues);
        let wanted: Vec<_> = wanted.map(|it| (it.name, it.name.to_owned())).collect();
        list(title, &wanted);
    }
    let chapters = CHAPTERS.map(|(anchor, title, _)| (anchor, title.to_owned()));
    list("Chapters", &chapters);
}

fn property(entry: &Entry, markup: &mut Markup) -> Result<(), NoPage> {
    let property = entry.property;
    let (id, name) = (property.id(), property.name());
    let texts = [entry.why, entry.checked, entry.review];
    let texts: Vec<_> = texts.into_iter().map(blocks).collect::<Result<_, _>>()?;
    markup.element("section", &[], |it| {
        it.of_text("h3", &[("id", id)], &format!("{id} {name}"));
        it.of_text("p", &[("class", "statement")], property.statement());
        for (heading, blocks) in HEADINGS.iter().zip(&texts) {
            it.of_text("h4", &[], heading);
            rendered(blocks, it);
        }
        it.of_text("h4", &[], "Broken by");
        it.element("p", &[], |it| {
            let rogues = EXHIBITS.iter().filter(|it| it.breaks() == Some(property));
            for (number, rogue) in rogues.enumerate() {
                it.text(if number == 0 { "" } else { ", " });
                link_to(rogue.name, rogue.name, it);
            }
        });
        it.of_text("h4", &[], "How to cite it");
        it.element("p", &[], |it| it.of_text("code", &[], &entry.citation()));
    });
    Ok(())
}

fn handler(exhibit: &Exhibit, markup: &mut Markup) -> Result<(), NoPage> {
    let case = exhibit.witness()?;
    let replayed = replay(exhibit, &case)?;
    let mut violations = replayed.violations.iter();
    let violation = violations.find(|it| Some(it.property) == exhibit.breaks());
    let diagram = diagram(&case.scene, &replayed.history, violation);
    let name = exhibit.name;
    markup.element("section", &[], |it| {
        it.of_text("h3", &[("id", name)], name);
        it.of_text("p", &[], &format!("It {}.", exhibit.summary));
        let (why, played) = match exhibit.verdict {
            Verdict::Right => ("Why it is right", "What happens to it"),
            Verdict::Wrong { .. } => ("What is wrong", "Its smallest counterexample"),
        };
        it.of_text("h4", &[], why);
        for paragraph in exhibit.explanation() {
            it.of_text("p", &[], &paragraph);
        }
        if let Verdict::Wrong { breaks, remedy, .. } = exhibit.verdict {
            it.of_text("h4", &[], "What it breaks");
            let named = format!("{} {}", breaks.id(), breaks.name());
            it.element("p", &[], |it| link_to(breaks.id(), &named, it));
            it.of_text("h4", &[], "How to write it right");
            it.of_text("p", &[], remedy);
        }
        it.of_text("h4", &[], "Where it was seen");
        it.of_text("p", &[], exhibit.source);
        it.of_text("h4", &[], played);
        shown(it, &diagram, name);
        it.element("details", &[], |it| {
            it.of_text("summary", &[], "The same in words");
            it.element("pre", &[], |it| it.lines(&diagram.text()));
        });
        it.of_text("h4", &[], "The code");
        it.element("pre", &[], |it| it.lines(&exhibit.handler()));
        if exhibit.code.contains("super::claim::") {
            it.element("p", &[], |it| {
                it.text("It is made of ");
                link_to(SHARED, "these functions", it);
                it.text(".");
            });
        }
    });
    Ok(())
}

/// A text of the catalogue.
fn rendered(blocks: &[Block], markup: &mut Markup) {
    for block in blocks {
        match block {
            Block::Code(code) => markup.element("pre", &[], |it| it.lines(code)),
            Block::Heading(heading) => markup.of_text("h3", &[], heading),
            Block::List { from, items } => {
                let start = from.map(|it| it.to_string());
                let start = start.as_deref().map(|it| ("start", it));
                let name = if start.is_some() { "ol" } else { "ul" };
                markup.element(name, start.as_slice(), |it| {
                    for item in items {
                        it.element("li", &[], |it| words(item, it));
                    }
                });
            }
            Block::Paragraph(spans) => markup.element("p", &[], |it| words(spans, it)),
        }
    }
}

fn words(spans: &[Span], markup: &mut Markup) {
    for span in spans {
        match span {
            Span::Code(code) => markup.of_text("code", &[], code),
            Span::Text(text) => markup.text(text),
            Span::Link { label, target } => match target.starts_with("https://") {
                true => markup.of_text("a", &[("href", target)], label),
                false => match anchor_of(target) {
                    Some(anchor) => link_to(&anchor, label, markup),
                    None => markup.text(label),
                },
            },
        }
    }
}

/// Where an item of this crate is on the page.
fn anchor_of(target: &str) -> Option<String> {
    let item = target.rsplit("::").next()?;
    let property = item.strip_prefix("rd_").map(|it| format!("RD-{it}"));
    Some(property.unwrap_or_else(|| item.replace('_', "-")))
}

fn link_to(anchor: &str, text: &str, markup: &mut Markup) {
    markup.of_text("a", &[("href", &format!("#{anchor}"))], text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut markup = Markup::default();
        rendered(&blocks(text).unwrap(), &mut markup);
        markup.finish()
    }

    #[test]
    fn a_text_is_shown_and_never_obeyed() {
        let hostile = "`</code><script>` and [a\"b](https://c\"d'e&f)";
        let expected = "\n<p><code>&lt;/code&gt;&lt;script&gt;</code> and \
                        <a href=\"https://c&quot;d&#39;e&amp;f\">a&quot;b</a></p>";
        assert_eq!(shown(hostile), expected);
    }

    #[test]
    fn links_to_items_lead_to_anchors_of_the_page() {
        let text = "[RD-4](crate::catalogue::rd_4) [x](crate::gallery::check_then_put)";
        let expected = "\n<p><a href=\"#RD-4\">RD-4</a> <a href=\"#check-then-put\">x</a></p>";
        assert_eq!(shown(text), expected);
    }
}
