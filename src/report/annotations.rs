//! Annotations, as GitHub shows them beside the steps of a job.
//!
//! The runner takes lines of a step's output for commands: `::error title=…::…`
//! ([workflow commands](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands)).
//! What comes from outside, such as a key of S3's, must not become one.

use super::{TestSuite, Verdict, printable};

/// For each test case that was violated, an error; if none was, for each that is
/// inconclusive, a warning. Each is a line of its own.
///
/// ```
/// use redeliver::report::{TestCase, TestSuite, Verdict, annotations};
///
/// let case = TestCase {
///     name: "RD-4 one insert reported".to_owned(),
///     verdict: Verdict::Violated,
///     detail: "step 8: 100% sure".to_owned(),
/// };
/// let suite = TestSuite { name: "redeliver verify".to_owned(), cases: vec![case] };
/// assert_eq!(
///     annotations(&[suite]),
///     "::error title=RD-4 one insert reported::redeliver verify: step 8: 100%25 sure\n"
/// );
/// ```
pub fn annotations(suites: &[TestSuite]) -> String {
    let verdicts = suites.iter().flat_map(|it| &it.cases).map(|it| it.verdict);
    let worst = verdicts.max().unwrap_or_default();
    let level = match worst {
        Verdict::Holds => return String::new(),
        Verdict::Inconclusive => "warning",
        Verdict::Violated => "error",
    };
    let mut lines = String::new();
    for TestSuite { name, cases } in suites {
        for case in cases.iter().filter(|it| it.verdict == worst) {
            lines.push_str(&format!(
                "::{level} title={}::{}\n",
                property(&case.name),
                message(&format!("{name}: {}", case.detail))
            ));
        }
    }
    lines
}

/// The text, with nothing in it that the runner takes for a command: neither `::` at the
/// beginning of a line, behind spaces or not, nor `##[` anywhere.
pub fn without_commands(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let rest = line.trim_start();
        let indent = &line[..line.len() - rest.len()];
        let rest = rest.replace("##[", "## [");
        safe.push_str(indent);
        match rest.strip_prefix("::") {
            Some(rest) => {
                safe.push_str(": :");
                safe.push_str(rest);
            }
            None => safe.push_str(&rest),
        }
    }
    safe
}

/// The text of an annotation. A command is one line, so its line breaks are escaped, and
/// with them the sign that escapes.
fn message(text: &str) -> String {
    let lines = text.lines().map(|it| printable(it).replace('%', "%25"));
    lines.collect::<Vec<_>>().join("%0A")
}

/// The text of a property, which ends at a colon or a comma.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::TestCase;

    fn suite(name: &str, verdict: Verdict, detail: &str) -> TestSuite {
        let case = TestCase {
            name: name.to_owned(),
            verdict,
            detail: detail.to_owned(),
        };
        TestSuite {
            name: "s".to_owned(),
            cases: vec![case],
        }
    }

    #[test]
    fn the_worst_is_annotated_and_what_holds_never() {
        let holds = suite("RD-1", Verdict::Holds, "");
        let inconclusive = suite("RD-2", Verdict::Inconclusive, "too little");
        let violated = suite("RD-3", Verdict::Violated, "seen");
        let all = [holds, inconclusive, violated];
        assert_eq!(annotations(&all[..1]), "");
        assert_eq!(
            annotations(&all[..2]),
            "::warning title=RD-2::s: too little\n"
        );
        assert_eq!(annotations(&all), "::error title=RD-3::s: seen\n");
    }

    #[test]
    fn hostile_text_stays_within_its_line_and_its_part() {
        let hostile = "a,line=1::x\r\n::add-mask::b %0A%2C\u{2028}";
        let told = annotations(&[suite(hostile, Verdict::Violated, hostile)]);
        assert_eq!(told.lines().count(), 1);
        let (head, text) = told[2..].trim_end().split_once("::").unwrap();
        assert_eq!(
            head,
            "error title=a%2Cline=1%3A%3Ax%0A%3A%3Aadd-mask%3A%3Ab %250A%252C\\u{2028}"
        );
        assert_eq!(text, "s: a,line=1::x%0A::add-mask::b %250A%252C\\u{2028}");
    }

    #[test]
    fn no_line_of_a_report_is_a_command() {
        let told = "::error::a\n  \t::stop-commands::b\nc ##[error]d ::e\nf::g";
        let expected = ": :error::a\n  \t: :stop-commands::b\nc ## [error]d ::e\nf::g";
        assert_eq!(without_commands(told), expected);
        assert_eq!(without_commands(expected), expected);
        assert_eq!(without_commands("####[x"), "#### [x");
    }
}
