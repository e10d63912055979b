//! What the catalogue says of a property.

use redeliver_model::property::Property;

use super::markdown::{Block, Span, Unreadable, blocks};

/// What the catalogue says of a property. The texts are Markdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The property.
    pub property: Property,
    /// Why AWS makes it necessary, with AWS's own documents.
    pub why: &'static str,
    /// How it is checked: by which engines, and by which tests.
    pub checked: &'static str,
    /// The tests that are named there.
    pub tests: Vec<Test>,
    /// What a reviewer should look for.
    pub review: &'static str,
}

/// A test that shows a property, or that its check can tell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Test {
    /// Its file, from the root of the repository.
    pub file: String,
    /// The name of its function.
    pub name: String,
}

/// The headings of an entry, in order. Its statement stands in the model, and how to
/// cite it follows from its id.
pub const HEADINGS: [&str; 3] = [
    "Why AWS makes it necessary",
    "How it is checked",
    "What a reviewer should look for",
];

impl Entry {
    /// The entry of a property.
    ///
    /// # Errors
    ///
    /// If its text is not written as it must be.
    pub fn of(property: Property) -> Result<Self, Unreadable> {
        Self::read(property, super::text_of(property))
    }

    /// The entry of every property, in the order of the ids.
    ///
    /// # Errors
    ///
    /// If one is not written as it must be.
    pub fn all() -> Result<Vec<Self>, Unreadable> {
        Property::ALL.into_iter().map(Self::of).collect()
    }

    /// How to cite the property, in a review or in a comment.
    pub fn citation(&self) -> String {
        let (id, name) = (self.property.id(), self.property.name());
        let version = env!("CARGO_PKG_VERSION");
        format!("{id} ({name}), Redeliver {version}")
    }

    fn read(property: Property, text: &'static str) -> Result<Self, Unreadable> {
        let id = property.id();
        let [why, checked, review] = sections(text)
            .ok_or_else(|| Unreadable::because(format!("{id} has other headings: {HEADINGS:?}")))?;
        for section in [why, review] {
            blocks(section)?;
        }
        let entry = Self {
            property,
            why,
            tests: tests(checked)?,
            checked,
            review,
        };
        match entry.tests.is_empty() {
            true => Err(Unreadable::because(format!("{id} has no test"))),
            false => Ok(entry),
        }
    }
}

/// What stands below each of the headings, if they are these, in this order.
fn sections(text: &str) -> Option<[&str; 3]> {
    let mut parts = [""; 3];
    let mut rest = text;
    for (number, heading) in HEADINGS.iter().enumerate() {
        rest = rest.strip_prefix("# ")?.strip_prefix(heading)?;
        let end = rest.find("\n# ").map_or(rest.len(), |it| it + 1);
        let (part, after) = rest.split_at(end);
        parts[number] = part.trim();
        rest = after;
    }
    let complete = rest.is_empty() && parts.iter().all(|it| !it.is_empty());
    complete.then_some(parts)
}

/// The tests in the lists of a text: each item is a file, a colon, and the names of
/// functions.
fn tests(text: &str) -> Result<Vec<Test>, Unreadable> {
    let mut tests = Vec::new();
    for block in blocks(text)? {
        let Block::List { items, .. } = block else {
            continue;
        };
        for item in items {
            let named = named(&item);
            tests.extend(named.ok_or_else(|| {
                Unreadable::because(format!("no file and tests of it: {item:?}"))
            })?);
        }
    }
    Ok(tests)
}

fn named(item: &[Span]) -> Option<Vec<Test>> {
    let (file, names) = item.split_first()?;
    let Span::Code(file) = file else {
        return None;
    };
    let mut tests = Vec::new();
    for (number, pair) in names.chunks(2).enumerate() {
        let between = if number == 0 { ": " } else { ", " };
        let [Span::Text(text), Span::Code(name)] = pair else {
            return None;
        };
        if text != between {
            return None;
        }
        tests.push(Test {
            file: file.clone(),
            name: name.clone(),
        });
    }
    let is_test = file.ends_with(".rs") && !tests.is_empty();
    is_test.then_some(tests)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = "# Why AWS makes it necessary\n\nWhy.\n\n# How it is checked\n\nBy:\n\n\
                           - `a.rs`: `b`, `c`\n- `d.rs`: `e`\n\n\
                           # What a reviewer should look for\n\nThat.\n";

    fn read(text: &str) -> Result<Entry, Unreadable> {
        Entry::read(Property::UniqueRows, text.to_owned().leak())
    }

    #[test]
    fn an_entry_has_its_sections_and_names_its_tests() {
        let entry = read(WRITTEN).unwrap();
        assert_eq!(entry.why, "Why.");
        assert_eq!(entry.review, "That.");
        let tests = [("a.rs", "b"), ("a.rs", "c"), ("d.rs", "e")];
        let tests = tests.map(|(file, name)| Test {
            file: file.to_owned(),
            name: name.to_owned(),
        });
        assert_eq!(entry.tests, tests);
    }

    #[test]
    fn an_entry_with_other_headings_or_without_tests_is_refused() {
        for (from, to) in [
            ("How it is checked", "How it was checked"),
            ("# What a reviewer should look for\n\nThat.\n", ""),
            ("Why.", ""),
            ("- `a.rs`: `b`, `c`\n- `d.rs`: `e`\n", ""),
            ("`b`, `c`", "b and c"),
            ("`a.rs`: `b`", "`a.toml`: `b`"),
            ("That.", "That.\n\n# And more\n\nMore."),
            ("That.", "*That.*"),
        ] {
            assert_ne!(WRITTEN, WRITTEN.replace(from, to));
            assert!(read(&WRITTEN.replace(from, to)).is_err(), "{from}");
        }
    }
}
