//! Text in a picture: where lines end when nobody knows the reader's fonts.

use crate::report::printable;

/// How text is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    /// As most text is.
    Plain,
    /// What matters.
    Strong,
    /// What matters less.
    Faint,
    /// What went wrong.
    Fault,
    /// Where a property breaks.
    Breach,
}

impl Face {
    /// The class of elements that are set so.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Strong => "strong",
            Self::Faint => "faint",
            Self::Fault => "fault",
            Self::Breach => "breach",
        }
    }
}

/// A line: pieces of text, one after another.
pub(super) type Line = Vec<(Face, String)>;

/// How wide a text is at most, in pixels, in whatever font of this size the reader has.
pub(super) fn width(text: &str, size: i32) -> i32 {
    let hundredths: i32 = text.chars().map(advance).sum();
    (hundredths * size + 99) / 100
}

impl Face {
    /// How wide a text is at most when it is set so: bold letters are wider.
    fn width(self, text: &str, size: i32) -> i32 {
        match self {
            Self::Plain | Self::Faint => width(text, size),
            Self::Strong | Self::Fault | Self::Breach => width(text, size) * 118 / 100,
        }
    }

    /// A word, in parts of at most so many pixels.
    fn parts(self, word: &str, most: i32, size: i32) -> Vec<String> {
        let mut parts = vec![String::new()];
        let mut used = 0;
        for char in word.chars() {
            let needed = self.width(char.encode_utf8(&mut [0; 4]), size);
            if used + needed > most && used > 0 {
                parts.push(String::new());
                used = 0;
            }
            if let Some(part) = parts.last_mut() {
                part.push(char);
            }
            used += needed;
        }
        parts
    }
}

/// How wide a character is at most, in hundredths of the font's size: as wide as in
/// DejaVu Sans or Verdana, which are wider than what other systems have.
fn advance(char: char) -> i32 {
    match char {
        'i' | 'j' | 'l' | '\'' | '|' => 30,
        ' ' | '.' | ',' | ':' | ';' | '!' | 'f' | 't' | 'I' | '(' | ')' | '[' | ']' | '/' => 40,
        'r' | '-' | '"' | '\\' => 46,
        'm' | 'M' | 'w' | 'W' | '@' | '%' | '…' => 98,
        'A'..='Z' | '+' | '=' | '<' | '>' | '~' | '#' => 82,
        'a'..='z' => 60,
        ' '..='~' => 64,
        '\u{a0}'..='\u{24f}' | '\u{370}'..='\u{5ff}' => 82,
        _ => 110,
    }
}

/// Texts one after another, in lines of at most so many pixels. Words that are longer
/// are broken.
pub(super) fn set(texts: &[(Face, &str)], most: i32, size: i32) -> Vec<Line> {
    let mut lines: Vec<Line> = vec![Vec::new()];
    let mut used = 0;
    // Whether a space comes before what is next.
    let mut spaced = false;
    for (face, text) in texts {
        let shown = printable(text);
        let mut words = shown.split(' ').peekable();
        while let Some(word) = words.next() {
            if word.is_empty() {
                spaced = true;
                continue;
            }
            for (number, part) in face.parts(word, most, size).into_iter().enumerate() {
                let needed = face.width(&part, size);
                let space = if spaced { advance(' ') * size / 100 } else { 0 };
                if number > 0 || (used > 0 && used + space + needed > most) {
                    lines.push(Vec::new());
                    (used, spaced) = (0, false);
                }
                // There is a line, since one was pushed first.
                if let Some(line) = lines.last_mut() {
                    let space = if spaced && used > 0 { " " } else { "" };
                    match line.last_mut().filter(|(last, _)| last == face) {
                        Some((_, last)) => *last += &format!("{space}{part}"),
                        None => line.push((*face, format!("{space}{part}"))),
                    }
                }
                used += needed + if spaced { space } else { 0 };
                spaced = false;
            }
            spaced |= words.peek().is_some();
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plainly(text: &str, most: i32) -> Vec<String> {
        let lines = set(&[(Face::Plain, text)], most, 10);
        let told = lines.into_iter().map(|line| {
            let pieces = line.into_iter().map(|(_, text)| text);
            pieces.collect::<String>()
        });
        told.collect()
    }

    #[test]
    fn no_line_is_wider_than_it_may_be() {
        let text = "puts A if it does not exist: condition failed, there is MMMMMMMMMMMM 荷物荷物";
        for most in [60, 100, 200] {
            let lines = plainly(text, most);
            assert!(lines.iter().all(|it| width(it, 10) <= most), "{lines:?}");
            let all: String = lines.concat().split(' ').collect();
            assert_eq!(all, text.replace(' ', ""));
        }
    }

    #[test]
    fn texts_follow_one_another_without_a_break() {
        let lines = set(
            &[(Face::Plain, "puts A: "), (Face::Strong, "done")],
            200,
            10,
        );
        let expected = vec![
            (Face::Plain, "puts A:".to_owned()),
            (Face::Strong, " done".to_owned()),
        ];
        assert_eq!(lines, [expected]);
    }
}
