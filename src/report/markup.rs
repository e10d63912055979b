//! Markup that is safe by construction: what is not part of the program's own text gets
//! into it escaped, or not at all.

use super::printable;

/// HTML and SVG under construction, written so that it is XML as well.
///
/// The names of elements and of attributes, and whatever stands there as it is, are part
/// of the program (`&'static str`). Everything else goes through one function, which
/// escapes what markup would obey, and writes out what would not be seen or would turn
/// the line around.
#[derive(Debug, Default)]
pub(crate) struct Markup {
    written: String,
}

/// The elements that stand within a line.
const INLINE: [&str; 7] = ["a", "b", "code", "span", "strong", "summary", "tspan"];

impl Markup {
    /// What has been written.
    pub(crate) fn finish(self) -> String {
        self.written
    }

    /// Part of the program: written as it is.
    pub(crate) fn fixed(&mut self, markup: &'static str) {
        self.written.push_str(markup);
    }

    /// Any text, as text.
    pub(crate) fn text(&mut self, text: &str) {
        self.escaped(&printable(text));
    }

    /// Any text of several lines, each as text.
    pub(crate) fn lines(&mut self, text: &str) {
        for line in text.lines() {
            self.text(line);
            self.written.push('\n');
        }
    }

    /// An element with something in it.
    pub(crate) fn element(
        &mut self,
        name: &'static str,
        attributes: &[(&'static str, &str)],
        content: impl FnOnce(&mut Self),
    ) {
        self.open(name, attributes);
        self.written.push('>');
        content(self);
        self.written.push_str("</");
        self.written.push_str(name);
        self.written.push('>');
    }

    /// An element of text.
    pub(crate) fn of_text(
        &mut self,
        name: &'static str,
        attributes: &[(&'static str, &str)],
        text: &str,
    ) {
        self.element(name, attributes, |it| it.text(text));
    }

    /// An element that never has anything in it: in HTML, only some are such.
    pub(crate) fn empty(&mut self, name: &'static str, attributes: &[(&'static str, &str)]) {
        self.open(name, attributes);
        self.written.push_str(" />");
    }

    fn open(&mut self, name: &'static str, attributes: &[(&'static str, &str)]) {
        if !INLINE.contains(&name) {
            self.written.push('\n');
        }
        self.written.push('<');
        self.written.push_str(name);
        for (attribute, value) in attributes {
            self.written.push(' ');
            self.written.push_str(attribute);
            self.written.push_str("=\"");
            self.text(value);
            self.written.push('"');
        }
    }

    fn escaped(&mut self, text: &str) {
        for char in text.chars() {
            match char {
                '"' => self.written.push_str("&quot;"),
                '&' => self.written.push_str("&amp;"),
                '\'' => self.written.push_str("&#39;"),
                '<' => self.written.push_str("&lt;"),
                '>' => self.written.push_str("&gt;"),
                _ => self.written.push(char),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_markup_wherever_it_stands() {
        let hostile = "</script><img src=x onerror=\"alert('1')\">&\u{202e}\u{0}\n";
        let shown = "&lt;/script&gt;&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;\
                     \\u{202e}\\0\\n";
        let mut markup = Markup::default();
        markup.element("b", &[("title", hostile)], |it| it.text(hostile));
        markup.empty("br", &[("class", hostile)]);
        assert_eq!(
            markup.finish(),
            format!("<b title=\"{shown}\">{shown}</b>\n<br class=\"{shown}\" />")
        );
    }

    #[test]
    fn lines_stay_lines() {
        let mut markup = Markup::default();
        markup.element("pre", &[], |it| it.lines("a\n  <b>\n"));
        assert_eq!(markup.finish(), "\n<pre>a\n  &lt;b&gt;\n</pre>");
    }
}
