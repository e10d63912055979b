//! What is on a page, from the top to the bottom.

use std::collections::BTreeSet;

use redeliver_model::property::Property;

use super::{Beside, Compared, Fact, Judgement, Page, Run, Table, Value};
use crate::report::diagram::Diagram;
use crate::report::markup::Markup;
use crate::report::{Verdict, picture};

/// How wide pictures are at most that stand beside each other on a laptop's screen.
const NARROW: i32 = 870;

impl Page {
    pub(super) fn sections(&self, markup: &mut Markup) {
        markup.element("header", &[], |it| {
            it.of_text("p", &[("class", "command")], &self.command);
            it.element("h1", &[], |it| {
                verdict(it, self.verdict);
                it.of_text("span", &[], &self.title);
            });
            self.summary
                .iter()
                .for_each(|said| it.of_text("p", &[], said));
            facts(it, &self.facts);
        });
        for run in &self.runs {
            markup.element("section", &[], |it| run.section(it));
        }
        if !self.runs.is_empty() {
            markup.element("details", &[("class", "legend")], legend);
        }
        if let Some(stages) = &self.stages {
            markup.element("section", &[], |it| {
                it.of_text("h2", &[], "Coverage");
                table(it, stages);
                facts(it, &self.coverage);
            });
        }
        markup.element("section", &[], |it| {
            it.of_text("h2", &[], "Properties");
            self.properties(it);
        });
    }

    /// Every property that the handler is judged by, or that the page speaks of.
    fn properties(&self, markup: &mut Markup) {
        let judged: BTreeSet<Property> = self.properties.iter().map(|it| it.property).collect();
        let facts = self.runs.iter().flat_map(|it| &it.facts);
        let spoken_of = facts.chain(&self.facts).filter_map(|it| match it.value {
            Value::Property(property) => Some(property),
            _ => None,
        });
        let others: BTreeSet<Property> = spoken_of.filter(|it| !judged.contains(it)).collect();
        let others = others.into_iter().map(|property| Judgement {
            property,
            verdict: None,
            detail: String::new(),
        });
        let mut all: Vec<Judgement> = self.properties.clone();
        all.extend(others);
        all.sort_by_key(|it| it.property);
        markup.element("dl", &[("class", "properties")], |it| {
            for judgement in &all {
                it.element("div", &[("id", judgement.property.id())], |it| {
                    it.element("dt", &[], |it| {
                        let name = judgement.property.name();
                        it.of_text("b", &[], judgement.property.id());
                        it.text(" ");
                        it.of_text("span", &[("class", "name")], name);
                        if let Some(found) = judgement.verdict {
                            it.text(" ");
                            verdict(it, found);
                        }
                        if !judgement.detail.is_empty() {
                            it.text(" ");
                            it.of_text("span", &[("class", "detail")], &judgement.detail);
                        }
                    });
                    it.of_text("dd", &[], judgement.property.statement());
                });
            }
        });
    }
}

impl Run {
    fn section(&self, markup: &mut Markup) {
        markup.of_text("h2", &[], &self.title);
        facts(markup, &self.facts);
        markup.element("div", &[("class", "cast")], |it| cast(it, &self.diagram));
        let other = self.beside.as_ref().and_then(|it| match &it.shown {
            Compared::Run(diagram) => Some(diagram),
            Compared::Table(_) => None,
        });
        let class = match other.map(|it| picture::width(it).max(picture::width(&self.diagram))) {
            None => "alone",
            Some(width) if width <= NARROW => "pair",
            Some(_) => "pair wide",
        };
        markup.element("div", &[("class", class)], |it| {
            it.element("figure", &[], |it| {
                if other.is_some() {
                    it.of_text("h3", &[], "As it is written");
                }
                shown(it, &self.diagram, &self.title);
                breach(it, &self.diagram);
            });
            if let Some(beside) = &self.beside {
                it.element("figure", &[], |it| beside.figure(it));
            }
        });
        markup.element("details", &[], |it| {
            it.of_text("summary", &[], "The same in words");
            it.element("pre", &[], |it| it.lines(&self.diagram.text()));
        });
    }
}

impl Beside {
    fn figure(&self, markup: &mut Markup) {
        markup.of_text("h3", &[], &self.title);
        match &self.shown {
            Compared::Run(diagram) => shown(markup, diagram, &self.title),
            Compared::Table(it) => table(markup, it),
        }
        markup.of_text("figcaption", &[], &self.caption);
        if let Compared::Run(diagram) = &self.shown {
            breach(markup, diagram);
        }
    }
}

/// What is delivered, and which items there are.
fn cast(markup: &mut Markup, diagram: &Diagram) {
    if !diagram.setting.is_empty() {
        markup.of_text("p", &[], &diagram.setting);
    }
    markup.element("dl", &[], |it| {
        for (number, what) in (1..).zip(&diagram.deliveries) {
            it.of_text("dt", &[], &format!("delivery {number}"));
            it.of_text("dd", &[], what);
        }
        for item in &diagram.items {
            it.of_text("dt", &[], &item.name);
            it.of_text("dd", &[], &item.words);
        }
    });
}

/// A picture, in a box that scrolls where the window is too narrow for it.
pub(crate) fn shown(markup: &mut Markup, diagram: &Diagram, title: &str) {
    let label = format!("{title}, as a diagram");
    let attributes = [
        ("class", "scroll"),
        ("tabindex", "0"),
        ("role", "group"),
        ("aria-label", label.as_str()),
    ];
    markup.element("div", &attributes, |it| picture::add_to(it, diagram, title));
}

/// Why a property breaks where it does.
fn breach(markup: &mut Markup, diagram: &Diagram) {
    let Some(breach) = &diagram.breach else {
        return;
    };
    let id = breach.property.id();
    markup.element("p", &[("class", "because")], |it| {
        it.element("strong", &[], |it| {
            let at = match diagram.steps.get(breach.step) {
                Some(_) => format!("At step {}", breach.step + 1),
                None => "At the end".to_owned(),
            };
            it.text(&format!("{at}, "));
            it.of_text("a", &[("href", &format!("#{id}"))], id);
            it.text(" breaks: ");
        });
        it.text(&breach.because);
        if !breach.because.ends_with('.') {
            it.text(".");
        }
    });
    let takes = diagram.takes();
    if !takes.is_empty() {
        markup.element("p", &[("class", "takes")], |it| {
            it.of_text("strong", &[], "What it takes: ");
            it.text(&format!("{}.", takes.join(", ")));
        });
    }
}

fn verdict(markup: &mut Markup, verdict: Verdict) {
    let class = match verdict {
        Verdict::Holds => "verdict holds",
        Verdict::Inconclusive => "verdict inconclusive",
        Verdict::Violated => "verdict violated",
    };
    markup.of_text("span", &[("class", class)], verdict.name());
}

fn facts(markup: &mut Markup, facts: &[Fact]) {
    if facts.is_empty() {
        return;
    }
    markup.element("dl", &[("class", "facts")], |it| {
        for fact in facts {
            it.of_text("dt", &[], fact.name);
            it.element("dd", &[], |it| match &fact.value {
                Value::Command(command) => it.of_text("code", &[], command),
                Value::Property(property) => {
                    let (id, name) = (property.id(), property.name());
                    let link = format!("#{id}");
                    it.of_text("a", &[("href", &link)], &format!("{id} {name}"));
                }
                Value::Text(text) => it.text(text),
            });
        }
    });
}

fn table(markup: &mut Markup, table: &Table) {
    let class = |numbers| if numbers { "number" } else { "text" };
    markup.element("div", &[("class", "scroll"), ("tabindex", "0")], |it| {
        it.element("table", &[], |it| {
            it.element("thead", &[], |it| {
                it.element("tr", &[], |it| {
                    for (name, numbers) in &table.columns {
                        it.of_text("th", &[("class", class(*numbers))], name);
                    }
                });
            });
            it.element("tbody", &[], |it| {
                for row in &table.rows {
                    it.element("tr", &[], |it| {
                        for (cell, (_, numbers)) in row.iter().zip(&table.columns) {
                            it.of_text("td", &[("class", class(*numbers))], cell);
                        }
                    });
                }
            });
        });
    });
    table
        .notes
        .iter()
        .for_each(|it| markup.of_text("p", &[("class", "note")], it));
}

/// How a picture is read.
fn legend(markup: &mut Markup) {
    markup.of_text("summary", &[], "How to read the diagram");
    markup.element("ul", &[], |it| {
        for said in [
            "Time goes downwards, a row for each step. A box is an invocation, from its start to \
             its end; 2.1 is the first attempt at delivery 2.",
            "An arrow from the queue is a delivery: dashed if the same has been delivered before, \
             dotted if it is a retry. Its label says so too, and whether it is out of order.",
            "An arrow to an item is a write: it ends in a full circle where the call was carried \
             out, in a struck one where its condition failed, and at a bar where it was refused. \
             A cross on it is a reply that is lost; a dotted one may be applied later, or is.",
            "An arrow from an item is a read; its circle is dotted if it sees an earlier state. \
             Diamonds are effects beyond the table, squares are what was seen there when an \
             invocation had returned.",
            "The line of an item is dotted as long as there is none.",
            "Below in a box: a check mark for success, an exclamation mark for failure, a cross \
             for a crash. A box that timed out and runs on is dashed.",
        ] {
            it.of_text("li", &[], said);
        }
    });
}
