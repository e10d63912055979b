//! The catalogue for a terminal, in eighty columns. A word that is longer, such as a
//! URL or the name of a test, stays whole, so that it can be copied.

use super::markdown::{Block, Span, Unreadable, blocks};

const WIDTH: usize = 80;

/// A text of the catalogue. Where its links lead is listed at its end.
///
/// # Errors
///
/// If it is not written as it must be.
pub fn told(markdown: &str) -> Result<String, Unreadable> {
    let mut told = String::new();
    let mut sources = Vec::new();
    for block in blocks(markdown)? {
        match block {
            Block::Heading(heading) => {
                let line = "-".repeat(heading.chars().count());
                told.push_str(&format!("{heading}\n{line}\n\n"));
                continue;
            }
            Block::Paragraph(spans) => flow("", &words(&spans, &mut sources), &mut told),
            Block::List { from, items } => {
                for (position, item) in items.iter().enumerate() {
                    let bullet = match from {
                        Some(from) => format!("{:>2}. ", from + position),
                        None => "  - ".to_owned(),
                    };
                    flow(&bullet, &words(item, &mut sources), &mut told);
                }
            }
            Block::Code(code) => {
                let lines = code.lines().map(|it| format!("    {it}\n"));
                told.extend(lines);
            }
        }
        told.push('\n');
    }
    for (number, source) in sources.iter().enumerate() {
        told.push_str(&format!("[{}] {source}\n", number + 1));
    }
    Ok(told.trim_end().to_owned() + "\n")
}

/// Adds to `told` the text behind its head, in lines of eighty characters.
pub fn flow(head: &str, text: &str, told: &mut String) {
    let indent = head.chars().count();
    let mut line = head.to_owned();
    let mut width = indent;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        let first = width == indent;
        if !first && width + 1 + length > WIDTH {
            told.push_str(&format!("{line}\n"));
            line = " ".repeat(indent);
            width = indent;
        } else if !first {
            line.push(' ');
            width += 1;
        }
        line.push_str(word);
        width += length;
    }
    told.push_str(&format!("{line}\n"));
}

fn words(spans: &[Span], sources: &mut Vec<String>) -> String {
    let mut words = String::new();
    for span in spans {
        match span {
            Span::Code(text) | Span::Text(text) => words.push_str(text),
            Span::Link { label, target } => {
                words.push_str(label);
                if target.starts_with("https://") {
                    let known = sources.iter().position(|it| it == target);
                    let number = known.unwrap_or_else(|| {
                        sources.push(target.clone());
                        sources.len() - 1
                    });
                    words.push_str(&format!(" [{}]", number + 1));
                }
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_within_eighty_columns_and_words_stay_whole() {
        let long = "x".repeat(90);
        let mut told = String::new();
        flow(
            "  - ",
            &format!("{} {long} y", "word ".repeat(20)),
            &mut told,
        );
        let lines: Vec<_> = told.lines().collect();
        assert!(lines[0].starts_with("  - word word"));
        assert!(lines[1].starts_with("    word"));
        assert_eq!(lines[2], format!("    {long}"));
        assert_eq!(lines[3], "    y");
        assert!(lines[..2].iter().all(|it| it.chars().count() <= 80));
    }

    #[test]
    fn links_are_numbered_and_listed_once() {
        let text = "[a](https://x) and [b](https://y), [a](https://x); [c](crate::d)";
        let expected = "a [1] and b [2], a [1]; c\n\n[1] https://x\n[2] https://y\n";
        assert_eq!(told(text).unwrap(), expected);
    }
}
