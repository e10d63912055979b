//! Lines of output: who wrote them, and no more of them than there is room for.

use std::collections::VecDeque;
use std::sync::Arc;

/// So many bytes of the first lines are kept, and as many of the last.
const ROOM: usize = 64 * 1024;

/// A line takes as much room as its text and this. Empty lines would be free else.
const ROOM_OF_A_LINE: usize = size_of::<Line>();

/// A line is cut here.
const LONGEST_LINE: usize = 16 * 1024;

/// One of the streams that a process writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// What was under way when a line was begun.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum During {
    /// The environment had not been handed any invocation.
    #[default]
    Init,
    /// The invocation with this request id was the last that it had been handed.
    Invocation(Arc<str>),
}

/// A line of output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it was written to.
    pub stream: Stream,
    /// When.
    pub during: During,
    /// What it says, without its end. What is not UTF-8 is replaced by `U+FFFD`.
    pub text: String,
}

/// What was written in some time, or the beginning and the end of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captured {
    /// The first lines.
    pub first: Vec<Line>,
    /// How many bytes were left out: between first and last lines, and of long lines.
    pub left_out: u64,
    /// The last lines, if there are more than the first.
    pub last: Vec<Line>,
}

impl Captured {
    /// All the lines that there are.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.first.iter().chain(&self.last)
    }
}

/// Lines in the making.
#[derive(Debug, Default)]
pub(super) struct Lines {
    during: During,
    stdout: Begun,
    stderr: Begun,
    first: Vec<Line>,
    first_takes: usize,
    last: VecDeque<Line>,
    last_takes: usize,
    left_out: u64,
}

/// A line whose end has not been written yet.
#[derive(Debug, Default)]
struct Begun {
    during: Option<During>,
    text: Vec<u8>,
}

impl Lines {
    /// Lines that begin from now on are of this time.
    pub(super) fn attribute_to(&mut self, during: During) {
        self.during = during;
    }

    pub(super) fn add(&mut self, stream: Stream, written: &[u8]) {
        for part in written.split_inclusive(|byte| *byte == b'\n') {
            let during = &self.during;
            let begun = match stream {
                Stream::Stdout => &mut self.stdout,
                Stream::Stderr => &mut self.stderr,
            };
            begun.during.get_or_insert_with(|| during.clone());
            let text = part.strip_suffix(b"\n");
            let whole = text.is_some();
            let text = text.unwrap_or(part);
            let kept = text.len().min(LONGEST_LINE - begun.text.len());
            begun.text.extend_from_slice(&text[..kept]);
            self.left_out += (text.len() - kept) as u64;
            if whole {
                self.end(stream);
            }
        }
    }

    /// Ends a line that was begun, if any.
    pub(super) fn end(&mut self, stream: Stream) {
        let begun = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        let Begun { during, text } = std::mem::take(begun);
        if let Some(during) = during {
            let text = String::from_utf8_lossy(&text).into_owned();
            self.keep(Line {
                stream,
                during,
                text,
            });
        }
    }

    pub(super) fn take(&mut self) -> Captured {
        self.first_takes = 0;
        self.last_takes = 0;
        Captured {
            first: std::mem::take(&mut self.first),
            left_out: std::mem::take(&mut self.left_out),
            last: std::mem::take(&mut self.last).into(),
        }
    }

    fn keep(&mut self, line: Line) {
        let takes = |line: &Line| ROOM_OF_A_LINE + line.text.len();
        if self.last.is_empty() && self.first_takes + takes(&line) <= ROOM {
            self.first_takes += takes(&line);
            self.first.push(line);
            return;
        }
        self.last_takes += takes(&line);
        self.last.push_back(line);
        while self.last_takes > ROOM
            && let Some(oldest) = self.last.pop_front()
        {
            self.last_takes -= takes(&oldest);
            self.left_out += oldest.text.len() as u64 + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(captured: &Captured) -> Vec<&str> {
        captured.lines().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn a_line_is_whole_when_its_end_is_written() {
        let mut lines = Lines::default();
        lines.add(Stream::Stdout, b"Inserted invoice");
        lines.add(Stream::Stderr, b"warning\n");
        assert_eq!(texts(&lines.take()), ["warning"]);
        lines.add(Stream::Stdout, b".txt\n\nDupli");
        assert_eq!(texts(&lines.take()), ["Inserted invoice.txt", ""]);
        lines.end(Stream::Stdout);
        lines.end(Stream::Stderr);
        assert_eq!(texts(&lines.take()), ["Dupli"]);
        assert_eq!(lines.take(), Captured::default());
    }

    #[test]
    fn a_line_is_of_the_time_when_it_was_begun() {
        let mut lines = Lines::default();
        lines.add(Stream::Stdout, b"start");
        let first = During::Invocation("1".into());
        lines.attribute_to(first.clone());
        lines.add(Stream::Stdout, b"ed\nworks\n");
        let captured = lines.take();
        let during: Vec<_> = captured.lines().map(|line| &line.during).collect();
        assert_eq!(during, [&During::Init, &first]);
    }

    #[test]
    fn the_first_and_the_last_of_a_flood_are_kept_and_the_rest_is_counted() {
        let mut lines = Lines::default();
        let flood: Vec<String> = (0..100_000)
            .map(|number| format!("{number:06}\n"))
            .collect();
        for line in &flood {
            lines.add(Stream::Stdout, line.as_bytes());
        }
        let captured = lines.take();
        assert_eq!(captured.first[0].text, "000000");
        assert_eq!(captured.last.last().unwrap().text, "099999");
        let kept = captured.lines().count();
        assert!(kept <= 2 * ROOM / ROOM_OF_A_LINE, "{kept} lines");
        assert_eq!(captured.left_out as usize, 7 * (flood.len() - kept));
    }

    #[test]
    fn a_flood_of_nothing_takes_no_more_room() {
        let mut lines = Lines::default();
        lines.add(Stream::Stderr, &vec![b'\n'; 1_000_000]);
        let captured = lines.take();
        let kept = captured.lines().count();
        assert!(kept <= 2 * ROOM / ROOM_OF_A_LINE, "{kept} lines");
        assert_eq!(captured.left_out as usize, 1_000_000 - kept);
    }

    #[test]
    fn a_long_line_is_cut() {
        let mut lines = Lines::default();
        for _ in 0..1_000 {
            lines.add(Stream::Stdout, &[b'x'; 1_000]);
        }
        lines.add(Stream::Stdout, b"\nnext\n");
        let captured = lines.take();
        assert_eq!(
            texts(&captured),
            ["x".repeat(LONGEST_LINE).as_str(), "next"]
        );
        assert_eq!(captured.left_out as usize, 1_000_000 - LONGEST_LINE);
    }

    #[test]
    fn what_is_no_text_is_shown_as_such() {
        let mut lines = Lines::default();
        lines.add(Stream::Stdout, b"\xff\x00!\n");
        assert_eq!(texts(&lines.take()), ["\u{fffd}\0!"]);
    }
}
