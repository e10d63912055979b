//! What an exhibit's own file says: why it is wrong, in its head, and the handler, from
//! the key of its rows on.

use super::exhibit::Exhibit;

/// Where the handler begins in the definition of an exhibit: whatever stands before is
/// data about it.
const HANDLER: &str = "    row: ";

/// Where the definition ends, and functions of its own begin.
const END: &str = "};";

impl Exhibit {
    /// What happens to it, and why: the paragraphs at the head of its file.
    pub fn explanation(&self) -> Vec<String> {
        let head = self.code.lines().take_while(|it| it.starts_with("//!"));
        let head: Vec<_> = head.map(|it| it.trim_start_matches("//!").trim()).collect();
        let paragraphs = head.split(|it| it.is_empty());
        let paragraphs = paragraphs.map(|it| it.join(" "));
        paragraphs.filter(|it| !it.is_empty()).collect()
    }

    /// The handler as it is written: how it keys its rows, what it does, and the
    /// functions that it is made of.
    pub fn handler(&self) -> String {
        let lines = self.code.lines();
        let mut lines = lines.skip_while(|it| !it.starts_with(HANDLER));
        let definition: Vec<_> = lines.by_ref().take_while(|it| *it != END).collect();
        let indented = definition.iter().map(|it| it.strip_prefix("    "));
        let definition = indented.map(|it| it.unwrap_or_default());
        let handler: Vec<_> = definition.chain(lines).collect();
        handler.join("\n") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use crate::gallery::{EXHIBITS, exhibit};

    #[test]
    fn every_exhibit_says_what_it_does_and_shows_how() {
        for exhibit in EXHIBITS {
            assert!(!exhibit.explanation().is_empty(), "{}", exhibit.name);
            let handler = exhibit.handler();
            for part in ["row: ", "tally: ", "shares_memory: ", "handle: Handle::"] {
                assert!(handler.contains(part), "{}: {handler}", exhibit.name);
            }
            for told_elsewhere in ["summary:", "remedy:", "source:", "//!", "\n};"] {
                assert!(!handler.contains(told_elsewhere), "{}", exhibit.name);
            }
        }
    }

    #[test]
    fn functions_of_a_handlers_own_are_part_of_it() {
        let rogue = exhibit("plus-left-alone").unwrap();
        assert!(rogue.handler().starts_with("row: identity_with_pluses,\n"));
        assert!(rogue.handler().contains("\nfn identity_with_pluses("));
    }
}
