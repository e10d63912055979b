//! A diagram in a terminal: a line or some for every step, in eighty columns.

use super::{Change, Diagram, Epilogue, Step, listed, value};
use crate::report::{hanging, printable};

impl Diagram {
    /// What was delivered, what happened step by step, with the step at which a property
    /// breaks marked, and what is left in the table. Every line ends with a line break.
    pub fn text(&self) -> String {
        let mut told = String::new();
        hanging("", &printable(&self.setting), &mut told);
        for (number, what) in (1..).zip(&self.deliveries) {
            let head = format!("  delivery {number}  ");
            hanging(&head, &printable(what), &mut told);
        }
        for item in &self.items {
            let head = format!("  {:<10}  ", item.name);
            hanging(&head, &printable(&item.words), &mut told);
        }
        told.push_str(match self.tells_time() {
            true => "\n  step    time  who   what happens\n",
            false => "\n  step  who   what happens\n",
        });
        for (number, step) in self.steps.iter().enumerate() {
            self.step(number, step, &mut told);
        }
        self.end(&mut told);
        if let Some(breach) = &self.breach {
            told.push('\n');
            hanging("", &printable(&breach.sentence), &mut told);
        }
        told
    }

    /// Whether it is told when things happen.
    pub(in crate::report) fn tells_time(&self) -> bool {
        self.steps.iter().any(|it| !it.time.is_empty())
    }

    /// Where the words of a step begin.
    fn indent(&self) -> usize {
        if self.tells_time() { 21 } else { 14 }
    }

    fn step(&self, number: usize, step: &Step, told: &mut String) {
        let mark = self.mark(number);
        let indent = self.indent();
        let who = step.who.map_or("", |it| &self.invocations[it].name);
        let time = match self.tells_time() {
            true => format!(" {:>7}", step.time),
            false => String::new(),
        };
        let head = format!("{mark} {:>4}{time}  {who}", number + 1);
        hanging(&format!("{head:<indent$}"), &printable(&step.words()), told);
        let within = " ".repeat(indent + 2);
        for line in &step.output {
            hanging(&within, &format!("| {}", printable(line)), told);
        }
        for change in &step.changes {
            hanging(&within, &printable(&self.change(change)), told);
        }
        self.here(number, told);
    }

    fn end(&self, told: &mut String) {
        let number = self.steps.len();
        let (mark, indent) = (self.mark(number), self.indent());
        let (first, more) = &self.end;
        let head = format!("{mark}  end");
        hanging(&format!("{head:<indent$}"), &printable(first), told);
        for said in more {
            let (indent, what) = match said {
                Epilogue::Changed(change) => (indent + 2, self.change(change)),
                Epilogue::Left(item, attributes) => {
                    let name = &self.items[*item].name;
                    (indent + 2, format!("{name}: {}", listed(attributes)))
                }
                Epilogue::Words(words) => (indent, words.clone()),
            };
            hanging(&" ".repeat(indent), &printable(&what), told);
        }
        self.here(number, told);
    }

    fn mark(&self, step: usize) -> char {
        if self.breaks_at(step) { '>' } else { ' ' }
    }

    fn here(&self, step: usize, told: &mut String) {
        if self.breaks_at(step) {
            let indent = self.indent();
            told.push_str(&format!("{:indent$}^ here it breaks\n", ""));
        }
    }

    fn change(&self, change: &Change) -> String {
        let name = &self.items[change.item].name;
        match (&change.before, &change.after) {
            (_, None) => format!("{name} is gone"),
            (None, Some(after)) => format!("{name} is new: {}", listed(after)),
            (Some(before), Some(after)) => {
                let shown = |attributes, it| value(attributes, it).unwrap_or("nothing");
                let changed = change.attributes().into_iter();
                let changed = changed
                    .map(|it| format!("{it} from {} to {}", shown(before, it), shown(after, it)));
                format!("{name} changes: {}", changed.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

impl Step {
    /// What happens, and what befalls it.
    fn words(&self) -> String {
        match &self.befalls {
            Some(befalls) => format!("{}: {befalls}", self.what),
            None => self.what.clone(),
        }
    }
}
