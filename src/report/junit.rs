//! JUnit XML, as build servers read it.

use super::{Verdict, printable};

/// Test cases under one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestSuite {
    /// What they are about.
    pub name: String,
    /// The cases.
    pub cases: Vec<TestCase>,
}

/// A test case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestCase {
    /// What was tested.
    pub name: String,
    /// What came of it: a violation is a failure; what is inconclusive was skipped,
    /// since JUnit has no third verdict.
    pub verdict: Verdict,
    /// How much was seen, or why it is not enough, or what was seen instead.
    pub detail: String,
}

/// The suites as an XML document.
pub fn junit(suites: &[TestSuite]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for TestSuite { name, cases } in suites {
        let count = |verdict| cases.iter().filter(|it| it.verdict == verdict).count();
        xml.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" \
             skipped=\"{}\">\n",
            escaped(name),
            cases.len(),
            count(Verdict::Violated),
            count(Verdict::Inconclusive),
        ));
        for case in cases {
            let opening = format!("<testcase name=\"{}\"", escaped(&case.name));
            let classname = format!(" classname=\"{}\">", escaped(name));
            let detail = escaped(&case.detail);
            let content = match case.verdict {
                Verdict::Holds => format!("<system-out>{detail}</system-out>"),
                Verdict::Inconclusive => format!("<skipped message=\"{detail}\"/>"),
                Verdict::Violated => format!("<failure message=\"{detail}\"/>"),
            };
            xml.push_str(&format!("    {opening}{classname}{content}</testcase>\n"));
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

/// For an attribute or an element. Control characters have no place in XML, not even
/// as references, so they are written out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in printable(text).chars() {
        match char {
            '"' => escaped.push_str("&quot;"),
            '&' => escaped.push_str("&amp;"),
            '\'' => escaped.push_str("&apos;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            _ => escaped.push(char),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_what_they_are() {
        let case = TestCase {
            name: "<a href=\"&'\"> ]]> \u{0}\u{1b}\u{fffe}".to_owned(),
            verdict: Verdict::Violated,
            detail: "1 < 2 & \"3\"".to_owned(),
        };
        let suite = TestSuite {
            name: "a & b".to_owned(),
            cases: vec![case],
        };
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite \
             name=\"a &amp; b\" tests=\"1\" failures=\"1\" errors=\"0\" skipped=\"0\">\n    <testcase \
             name=\"&lt;a href=&quot;&amp;&apos;&quot;&gt; ]]&gt; \\0\\u{1b}\\u{fffe}\" \
             classname=\"a &amp; b\"><failure message=\"1 &lt; 2 &amp; \
             &quot;3&quot;\"/></testcase>\n  </testsuite>\n</testsuites>\n";
        assert_eq!(junit(&[suite]), expected);
    }
}
