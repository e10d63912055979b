//! The whole catalogue as one page: no script, nothing from the network, every text
//! escaped. Each property, each handler of the gallery and each chapter has an anchor.

use std::fmt;

use redeliver_model::property::Property;
use redeliver_model::schedule::NoChoice;

use super::entry::{Entry, HEADINGS};
use super::markdown::{Block, Span, Unreadable, blocks};
use super::{CHECKLIST, LIMITS};
use crate::engine::replay;
use crate::gallery::{CLAIM, EXHIBITS, Exhibit, Verdict};
use crate::report::story;
use crate::simulation::Hang;

const STYLE: &str = include_str!("page.css");

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
    let version = env!("CARGO_PKG_VERSION");
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Redeliver: the catalogue</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <h1>Redeliver: the catalogue</h1>\n<p>What must hold of a handler under at-least-once \
         delivery; the handlers that look right and are not; what to ask in a review; and what \
         none of this proves. To cite a property, write its id and its name. Ids are stable for \
         ever. This is version {version}.</p>\n"
    );
    contents(&mut html);
    html.push_str("<h2 id=\"properties\">Properties</h2>\n");
    for entry in Entry::all()? {
        property(&entry, &mut html)?;
    }
    html.push_str("<h2 id=\"gallery\">Gallery</h2>\n");
    for exhibit in EXHIBITS {
        handler(exhibit, &mut html)?;
    }
    html.push_str(&format!(
        "<section>\n<h3 id=\"{SHARED}\">Claim, effect, completion</h3>\n<p>What the handlers \
         that claim have in common.</p>\n<pre>{}</pre>\n</section>\n",
        escaped(CLAIM)
    ));
    for (anchor, title, text) in [
        ("checklist", "Checklist for a review", CHECKLIST),
        ("limits", "What this does not prove", LIMITS),
    ] {
        html.push_str(&format!("<h2 id=\"{anchor}\">{title}</h2>\n<section>\n"));
        rendered(text, &mut html)?;
        html.push_str("</section>\n");
    }
    html.push_str("</body>\n</html>\n");
    Ok(html)
}

fn contents(html: &mut String) {
    html.push_str("<nav aria-label=\"Contents\">\n");
    let mut list = |title: &str, entries: &mut dyn Iterator<Item = (String, String)>| {
        html.push_str(&format!("<h2>{title}</h2>\n<ul>\n"));
        for (anchor, text) in entries {
            let text = escaped(&text);
            html.push_str(&format!("<li><a href=\"#{anchor}\">{text}</a></li>\n"));
        }
        html.push_str("</ul>\n");
    };
    let named = |it: &Property| format!("{} {}", it.id(), it.name());
    let mut properties = Property::ALL.iter().map(|it| (it.id().into(), named(it)));
    list("Properties", &mut properties);
    for (title, rogues) in [("Right handlers", false), ("Rogues", true)] {
        let wanted = |it: &&Exhibit| matches!(it.verdict, Verdict::Wrong { .. }) == rogues;
        let handlers = EXHIBITS.iter().filter(wanted);
        list(
            title,
            &mut handlers.map(|it| (it.name.into(), it.name.into())),
        );
    }
    let chapters = [
        ("checklist", "Checklist for a review"),
        ("limits", "What this does not prove"),
    ];
    let mut chapters = chapters
        .map(|(it, title)| (it.into(), title.into()))
        .into_iter();
    list("Chapters", &mut chapters);
    html.push_str("</nav>\n");
}

fn property(entry: &Entry, html: &mut String) -> Result<(), NoPage> {
    let property = entry.property;
    let (id, name) = (property.id(), property.name());
    html.push_str(&format!(
        "<section>\n<h3 id=\"{id}\">{id} {}</h3>\n<p class=\"statement\">{}</p>\n",
        escaped(name),
        escaped(property.statement())
    ));
    for (heading, text) in HEADINGS
        .iter()
        .zip([entry.why, entry.checked, entry.review])
    {
        html.push_str(&format!("<h4>{heading}</h4>\n"));
        rendered(text, html)?;
    }
    let broken_by = EXHIBITS.iter().filter(|it| it.breaks() == Some(property));
    let broken_by: Vec<_> = broken_by.map(|it| link_to(it.name, it.name)).collect();
    html.push_str(&format!(
        "<h4>Broken by</h4>\n<p>{}</p>\n<h4>How to cite it</h4>\n<p><code>{}</code></p>\n\
         </section>\n",
        broken_by.join(", "),
        escaped(&entry.citation())
    ));
    Ok(())
}

fn handler(exhibit: &Exhibit, html: &mut String) -> Result<(), NoPage> {
    let case = exhibit.witness()?;
    let replayed = replay(exhibit, &case)?;
    let mut violations = replayed.violations.iter();
    let violation = violations.find(|it| Some(it.property) == exhibit.breaks());
    let name = exhibit.name;
    html.push_str(&format!(
        "<section>\n<h3 id=\"{name}\">{name}</h3>\n<p>It {}.</p>\n",
        escaped(exhibit.summary)
    ));
    let mut part = |heading: &str, text: &str| {
        html.push_str(&format!("<h4>{heading}</h4>\n<p>{text}</p>\n"));
    };
    let explanation = exhibit.explanation();
    let explanation: Vec<_> = explanation.iter().map(|it| escaped(it)).collect();
    let explanation = explanation.join("</p>\n<p>");
    let played = match exhibit.verdict {
        Verdict::Right => {
            part("Why it is right", &explanation);
            "What happens to it"
        }
        Verdict::Wrong { breaks, remedy, .. } => {
            let (id, property) = (breaks.id(), breaks.name());
            part("What is wrong", &explanation);
            part("What it breaks", &link_to(id, &format!("{id} {property}")));
            part("How to write it right", &escaped(remedy));
            "Its smallest counterexample"
        }
    };
    part("Where it was seen", &escaped(exhibit.source));
    let told = story(&case.scene, &replayed.history, violation);
    html.push_str(&format!(
        "<h4>{played}</h4>\n<pre>{}</pre>\n<h4>The code</h4>\n<pre>{}</pre>\n",
        escaped(&told),
        escaped(&exhibit.handler())
    ));
    if exhibit.code.contains("super::claim::") {
        let shared = link_to(SHARED, "these functions");
        html.push_str(&format!("<p>It is made of {shared}.</p>\n"));
    }
    html.push_str("</section>\n");
    Ok(())
}

/// A text of the catalogue.
fn rendered(markdown: &str, html: &mut String) -> Result<(), Unreadable> {
    for block in blocks(markdown)? {
        match block {
            Block::Code(code) => html.push_str(&format!("<pre>{}</pre>\n", escaped(&code))),
            Block::Heading(heading) => {
                html.push_str(&format!("<h3>{}</h3>\n", escaped(&heading)));
            }
            Block::List { from, items } => {
                let (start, end) = match from {
                    Some(from) => (format!("<ol start=\"{from}\">"), "</ol>"),
                    None => ("<ul>".to_owned(), "</ul>"),
                };
                html.push_str(&format!("{start}\n"));
                for item in items {
                    html.push_str(&format!("<li>{}</li>\n", words(&item)));
                }
                html.push_str(&format!("{end}\n"));
            }
            Block::Paragraph(spans) => html.push_str(&format!("<p>{}</p>\n", words(&spans))),
        }
    }
    Ok(())
}

fn words(spans: &[Span]) -> String {
    let word = |span: &Span| match span {
        Span::Code(code) => format!("<code>{}</code>", escaped(code)),
        Span::Text(text) => escaped(text),
        Span::Link { label, target } => match target.starts_with("https://") {
            true => format!("<a href=\"{}\">{}</a>", escaped(target), escaped(label)),
            false => match anchor_of(target) {
                Some(anchor) => link_to(&anchor, label),
                None => escaped(label),
            },
        },
    };
    spans.iter().map(word).collect()
}

/// Where an item of this crate is on the page.
fn anchor_of(target: &str) -> Option<String> {
    let item = target.rsplit("::").next()?;
    let property = item.strip_prefix("rd_").map(|it| format!("RD-{it}"));
    Some(property.unwrap_or_else(|| item.replace('_', "-")))
}

fn link_to(anchor: &str, text: &str) -> String {
    format!("<a href=\"#{}\">{}</a>", escaped(anchor), escaped(text))
}

/// What HTML shows as this very text, in an element or in an attribute in quotes.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(char),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_shown_and_never_obeyed() {
        let mut html = String::new();
        let hostile = "`</code><script>` and [a\"b](https://c\"d'e&f)";
        rendered(hostile, &mut html).unwrap();
        let expected = "<p><code>&lt;/code&gt;&lt;script&gt;</code> and \
                        <a href=\"https://c&quot;d&#39;e&amp;f\">a&quot;b</a></p>\n";
        assert_eq!(html, expected);
    }

    #[test]
    fn links_to_items_lead_to_anchors_of_the_page() {
        let text = "[RD-4](crate::catalogue::rd_4) [x](crate::gallery::check_then_put)";
        let mut html = String::new();
        rendered(text, &mut html).unwrap();
        let expected = "<p><a href=\"#RD-4\">RD-4</a> <a href=\"#check-then-put\">x</a></p>\n";
        assert_eq!(html, expected);
    }
}
