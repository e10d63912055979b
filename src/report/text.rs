//! Text for a terminal or a file.

use super::Verdict;

/// Whether words are coloured. Whatever a colour says, a word says too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether they are.
    pub coloured: bool,
}

impl Style {
    /// The verdict in its colour, in a column of so many characters.
    pub fn verdict(self, verdict: Verdict, width: usize) -> String {
        let word = format!("{:<width$}", verdict.name());
        match (self.coloured, verdict) {
            (false, _) => word,
            (true, Verdict::Holds) => format!("\x1b[32m{word}\x1b[0m"),
            (true, Verdict::Inconclusive) => format!("\x1b[33m{word}\x1b[0m"),
            (true, Verdict::Violated) => format!("\x1b[1;31m{word}\x1b[0m"),
        }
    }
}

/// What comes from outside, with whatever a terminal might obey or not show written
/// out: `\u{1b}`.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '"' | '\'' | '\\' => shown.push(char),
            _ => shown.extend(char.escape_debug()),
        }
    }
    shown
}

/// A number with its thousands apart: `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// So many of something: `1 schedule`, `2,000 schedules`.
pub fn counted(number: u64, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{} {one}s", grouped(number)),
    }
}

/// `text` in lines of at most `width` characters. Words that are longer are broken.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut room = 0;
    for word in text.split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        for (number, part) in letters.chunks(width.max(1)).enumerate() {
            let part: String = part.iter().collect();
            let length = part.chars().count();
            match lines.last_mut() {
                Some(line) if number == 0 && length < room => {
                    line.push(' ');
                    line.push_str(&part);
                    room -= length + 1;
                }
                _ => {
                    lines.push(part);
                    room = width.saturating_sub(length);
                }
            }
        }
    }
    lines
}

/// How wide a story is.
const WIDTH: usize = 80;

/// Adds to `told` the head, and the text beside it, in lines of eighty characters.
pub fn hanging(head: &str, text: &str, told: &mut String) {
    let indent = head.chars().count();
    let mut head = head;
    let blank = " ".repeat(indent);
    for line in wrapped(text, WIDTH - indent) {
        told.push_str(&format!("{head}{line}\n"));
        head = &blank;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_written_out() {
        assert_eq!(printable("a\x1b[2Jb\n\u{202e}"), "a\\u{1b}[2Jb\\n\\u{202e}");
        assert_eq!(printable("dir/é \"x\" \\"), "dir/é \"x\" \\");
    }

    #[test]
    fn lines_are_as_wide_as_they_may_be_and_no_wider() {
        assert_eq!(wrapped("ab cd efg", 5), ["ab cd", "efg"]);
        assert_eq!(wrapped("abcdefg h", 3), ["abc", "def", "g h"]);
        assert_eq!(wrapped("", 3), [""; 0]);
    }

    #[test]
    fn thousands_stand_apart() {
        let grouped = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(grouped, ["0", "999", "1,000", "1,234,567"]);
    }
}
