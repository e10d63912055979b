//! XML as AWS writes it: elements and text.

/// An element with these elements in it.
pub(super) fn element(name: &str, inside: impl IntoIterator<Item = String>) -> String {
    let inside: String = inside.into_iter().collect();
    format!("<{name}>{inside}</{name}>")
}

/// An element with text in it.
pub(super) fn text(name: &str, value: &str) -> String {
    element(name, [escape(value)])
}

/// A whole document.
pub(super) fn document(root: &str, namespace: &str, inside: &[String]) -> String {
    let inside = inside.concat();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{namespace}\">{inside}</{root}>"
    )
}

/// XML has no way to write most control characters; nobody sends them.
pub(super) fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => escaped.push_str("&#13;"),
            '\t' | '\n' => escaped.push(character),
            it if it.is_control() => escaped.push('\u{fffd}'),
            it => escaped.push(it),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_back_as_it_was() {
        let value = "a<b> & \"c\"\r\n\td'é";
        let written = document("R", "urn:x", &[text("V", value)]);
        let read = roxmltree::Document::parse(&written).unwrap();
        let found = read
            .descendants()
            .find(|it| it.has_tag_name(("urn:x", "V")));
        assert_eq!(found.unwrap().text(), Some(value));
    }

    #[test]
    fn what_xml_cannot_carry_is_replaced() {
        assert_eq!(text("V", "\u{1}"), "<V>\u{fffd}</V>");
    }
}
