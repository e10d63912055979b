//! Where a property is cited in a source.

/// A function of a file.
pub(crate) struct Function {
    /// Whether it is a test.
    pub(crate) is_test: bool,
    /// Its comments, attributes and body.
    pub(crate) lines: String,
}

impl Function {
    /// The function of that name.
    pub(crate) fn named(name: &str, source: &str) -> Option<Self> {
        let lines: Vec<_> = source.lines().collect();
        let signature = format!("fn {name}(");
        let position = lines.iter().position(|it| {
            let rest = it.trim_start();
            let rest = rest.strip_prefix("async ").unwrap_or(rest);
            rest.starts_with(&signature)
        })?;
        let above = lines[..position].iter().rev();
        let above = above.take_while(|it| {
            let line = it.trim_start();
            line.starts_with("///") || line.starts_with("#[")
        });
        let above = above.count();
        let line = lines[position];
        let indent = &line[..line.len() - line.trim_start().len()];
        let end = lines[position..]
            .iter()
            .position(|it| *it == format!("{indent}}}"));
        let end = if line.ends_with('}') { Some(0) } else { end }?;
        let all = &lines[position - above..=position + end];
        // Or a macro makes tests of the functions that it lists.
        let listed = || lines.iter().any(|it| it.trim() == format!("{name},"));
        Some(Self {
            is_test: all[..above].iter().any(|it| it.contains("test")) || listed(),
            lines: all.join("\n"),
        })
    }
}

/// The comment at the head of a file.
pub(crate) fn head(source: &str) -> String {
    let head = source.lines().take_while(|it| it.starts_with("//!"));
    head.collect::<Vec<_>>().join("\n")
}

/// Every comment of a file.
pub(crate) fn comments(source: &str) -> String {
    let comments = source.lines().filter_map(|it| it.split_once("//"));
    let comments = comments.filter(|(before, _)| !before.contains('"'));
    comments.map(|(_, it)| it).collect::<Vec<_>>().join("\n")
}

/// The ids in a text, those between included: RD-1 to RD-3 are three, over the end of
/// a line as well.
pub(crate) fn ids(text: &str) -> Vec<String> {
    let words = text.split_whitespace();
    let words: Vec<_> = words
        .filter(|it| !matches!(*it, "///" | "//!" | "//"))
        .collect();
    let mut ids: Vec<String> = Vec::new();
    for (position, word) in words.iter().enumerate() {
        let numbers: Vec<_> = numbers(word).collect();
        let previous = ids.last().and_then(|it| it.strip_prefix("RD-"));
        let is_range = position > 1 && words[position - 1] == "to";
        let from_there = is_range && numbers_end(words[position - 2]);
        if let (true, Some(from), Some(to)) = (from_there, previous, numbers.first()) {
            let from: u32 = from.parse().unwrap_or(0);
            ids.extend((from + 1..*to).map(|it| format!("RD-{it}")));
        }
        ids.extend(numbers.iter().map(|it| format!("RD-{it}")));
    }
    ids
}

fn numbers_end(word: &str) -> bool {
    numbers(word).next().is_some()
}

/// The numbers of the ids in a word.
fn numbers(word: &str) -> impl Iterator<Item = u32> {
    word.split("RD-").skip(1).filter_map(|rest| {
        let digits = rest.find(|it: char| !it.is_ascii_digit());
        rest[..digits.unwrap_or(rest.len())].parse().ok()
    })
}

/// The ids at the head of a test's name: `rd_1_2_and_3_…`.
pub(crate) fn ids_of_a_name(name: &str) -> Vec<String> {
    let Some(rest) = name.strip_prefix("rd_") else {
        return Vec::new();
    };
    let words = rest.split('_').filter(|it| *it != "and");
    let numbers = words.map_while(|it| it.parse::<u32>().ok());
    numbers.map(|it| format!("RD-{it}")).collect()
}

#[test]
fn ids_are_found_in_words_ranges_and_names() {
    assert_eq!(ids("RD-1, (RD-12); RD-x"), ["RD-1", "RD-12"]);
    assert_eq!(
        ids("//! RD-1 to\n//! RD-4."),
        ["RD-1", "RD-2", "RD-3", "RD-4"]
    );
    assert_eq!(ids("[RD-3](crate::rd_3)"), ["RD-3"]);
    assert_eq!(ids("goes to RD-4"), ["RD-4"]);
    assert_eq!(
        ids_of_a_name("rd_1_2_and_3_a_row"),
        ["RD-1", "RD-2", "RD-3"]
    );
    assert_eq!(comments("a(\"// RD-99\"); // RD-4\nb(); // RD-5"), " RD-5");
}
