//! The part of Markdown that the catalogue is written in: headings of one level,
//! paragraphs, lists, blocks of code; and in a text `code` and [links](target). What
//! is none of these is refused, lest one rendering shows what another does not.

use std::fmt;

/// Something that stands by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// Code, as it is.
    Code(String),
    /// A heading.
    Heading(String),
    /// A list.
    List {
        /// The number of its first item, if they are numbered.
        from: Option<usize>,
        /// Its items.
        items: Vec<Vec<Span>>,
    },
    /// A paragraph.
    Paragraph(Vec<Span>),
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Span {
    /// Code.
    Code(String),
    /// A text that leads somewhere: to a URL, or to an item of this crate.
    Link {
        /// The text.
        label: String,
        /// Where it leads.
        target: String,
    },
    /// Words.
    Text(String),
}

/// A text of the catalogue that is not written as it must be. The catalogue's own tests
/// see to it that there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(String);

impl Unreadable {
    pub(super) fn because(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a text of the catalogue cannot be read: {}", self.0)
    }
}

impl std::error::Error for Unreadable {}

/// A text, block by block.
pub(super) fn blocks(text: &str) -> Result<Vec<Block>, Unreadable> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        if let Some(heading) = line.strip_prefix("# ") {
            blocks.push(Block::Heading(heading.to_owned()));
            continue;
        }
        if line.starts_with("```") {
            let code: Vec<_> = lines.by_ref().take_while(|it| *it != "```").collect();
            blocks.push(Block::Code(code.join("\n") + "\n"));
            continue;
        }
        let (item, indent) = match (line.strip_prefix("- "), numbered(line)) {
            (Some(item), _) => (Some((None, item)), "  "),
            (None, Some((number, item))) => (Some((Some(number), item)), "   "),
            (None, None) => (None, ""),
        };
        let mut joined = item.map_or(line, |(_, item)| item).to_owned();
        while let Some(next) = lines.next_if(|it| goes_on(it, indent)) {
            joined.push(' ');
            joined.push_str(next.trim_start());
        }
        let spans = spans(&joined)?;
        match (item, blocks.last_mut()) {
            (None, _) => blocks.push(Block::Paragraph(spans)),
            (Some((number, _)), Some(Block::List { from, items }))
                if number == from.map(|from| from + items.len()) =>
            {
                items.push(spans);
            }
            (Some((from, _)), _) => blocks.push(Block::List {
                from,
                items: vec![spans],
            }),
        }
    }
    Ok(blocks)
}

/// The number and the rest of an item that has one.
fn numbered(line: &str) -> Option<(usize, &str)> {
    let (number, item) = line.split_once(". ")?;
    Some((number.parse().ok()?, item))
}

/// Whether a line goes on with what the line before it began.
fn goes_on(line: &str, indent: &str) -> bool {
    let begins = line.starts_with("- ") || line.starts_with("# ") || line.starts_with("```");
    let inside = line.strip_prefix(indent);
    inside.is_some_and(|it| !it.is_empty()) && !begins && numbered(line).is_none()
}

/// What Markdown or HTML would take for something else.
const SPECIAL: [char; 6] = ['*', '<', '>', '[', ']', '|'];

/// A text, part by part.
fn spans(text: &str) -> Result<Vec<Span>, Unreadable> {
    let refused = |what| Unreadable::because(format!("{what} in {text:?}"));
    let mut spans = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let plain = rest.find(['`', '[']).unwrap_or(rest.len());
        let (before, from) = rest.split_at(plain);
        if before.contains(SPECIAL) {
            return Err(refused("a character with another meaning"));
        }
        if !before.is_empty() {
            spans.push(Span::Text(before.to_owned()));
        }
        rest = from;
        if let Some(from) = rest.strip_prefix('`') {
            let (code, after) = from.split_once('`').ok_or(refused("code without end"))?;
            spans.push(Span::Code(code.to_owned()));
            rest = after;
        } else if let Some(from) = rest.strip_prefix('[') {
            let link = from.split_once("](");
            let (label, from) = link.ok_or(refused("a link without target"))?;
            let (target, after) = from.split_once(')').ok_or(refused("a link without end"))?;
            spans.push(Span::Link {
                label: label.replace('`', ""),
                target: target.to_owned(),
            });
            rest = after;
        }
    }
    Ok(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_headings_paragraphs_lists_and_code() {
        let text = "# One\n\nTwo\nthree `x`\n- a\n  b\n- [`c`](https://d)\n\n1. e\n2. f\n\n\
                    ```text\n  g\n```\n";
        let words = |it: &str| Span::Text(it.to_owned());
        let link = Span::Link {
            label: "c".to_owned(),
            target: "https://d".to_owned(),
        };
        let expected = [
            Block::Heading("One".to_owned()),
            Block::Paragraph(vec![words("Two three "), Span::Code("x".to_owned())]),
            Block::List {
                from: None,
                items: vec![vec![words("a b")], vec![link]],
            },
            Block::List {
                from: Some(1),
                items: vec![vec![words("e")], vec![words("f")]],
            },
            Block::Code("  g\n".to_owned()),
        ];
        assert_eq!(blocks(text).unwrap(), expected);
    }

    #[test]
    fn what_one_rendering_would_not_show_is_refused() {
        for text in [
            "*emphasis*",
            "a <br>",
            "| a | b |",
            "> a",
            "a `b",
            "[a]",
            "[a](b",
            "a]",
        ] {
            assert!(blocks(text).is_err(), "{text}");
        }
    }
}
