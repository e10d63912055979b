//! YAML as CloudFormation reads it: `!Ref X` and `{"Ref": "X"}` are the same.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScanError, Tag};
use serde_json::Value;

/// A place in a template, and what stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// The line, counted from 1; none in JSON.
    pub(super) line: Option<usize>,
    /// What stands there.
    pub(super) content: Content,
}

/// What stands at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// An intrinsic function by its long name, `Ref` or `Fn::Sub`, and its argument.
    Call(String, Box<Node>),
    /// An array.
    List(Vec<Node>),
    /// An object.
    Map(Vec<(String, Node)>),
    /// Anything else, as text.
    Scalar(String),
}

/// How deep a template may be nested: several times as deep as sense goes.
const MAX_DEPTH: usize = 100;

/// How many places there may be, those that anchors keep and aliases repeat included.
const MAX_NODES: usize = 200_000;

impl Node {
    /// Reads a template, in YAML or JSON. The error says what is wrong, and where.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if let Ok(value) = serde_json::from_str::<Value>(text) {
            return Ok(Self::of_json(value));
        }
        let mut builder = Builder::default();
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| place(&error))?;
            builder
                .take(event, span.start.line())
                .map_err(|message| format!("line {}: {message}", span.start.line()))?;
        }
        builder.root.ok_or_else(|| "it is empty".to_owned())
    }

    fn of_json(value: Value) -> Self {
        let content = match value {
            Value::Null => Content::Scalar(String::new()),
            Value::Bool(truth) => Content::Scalar(truth.to_string()),
            Value::Number(number) => Content::Scalar(number.to_string()),
            Value::String(text) => Content::Scalar(text),
            Value::Array(all) => Content::List(all.into_iter().map(Self::of_json).collect()),
            Value::Object(all) => {
                let members = all.into_iter().map(|(name, it)| (name, Self::of_json(it)));
                map(members.collect())
            }
        };
        Self {
            line: None,
            content,
        }
    }

    /// What stands under a name, if this is an object that has it.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        self.members().find(|(it, _)| *it == name).map(|(_, it)| it)
    }

    /// The members of an object; none of anything else.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, &Self)> {
        let members = match &self.content {
            Content::Map(members) => &members[..],
            _ => &[],
        };
        members.iter().map(|(name, it)| (name.as_str(), it))
    }

    /// The elements of an array; of anything else itself.
    pub(super) fn elements(&self) -> &[Self] {
        match &self.content {
            Content::List(elements) => elements,
            _ => std::slice::from_ref(self),
        }
    }

    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(text) => Some(text),
            _ => None,
        }
    }
}

fn place(error: &ScanError) -> String {
    format!("line {}: {}", error.marker().line(), error.info())
}

/// An object, or the function that it stands for.
fn map(mut members: Vec<(String, Node)>) -> Content {
    let is_call = |name: &str| name == "Ref" || name.starts_with("Fn::");
    match &members[..] {
        [(name, _)] if is_call(name) => {
            let (name, argument) = members.remove(0);
            Content::Call(name, Box::new(argument))
        }
        _ => Content::Map(members),
    }
}

/// Builds the tree from the parser's events.
#[derive(Default)]
struct Builder {
    root: Option<Node>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
}

/// An array or object that has not ended.
struct Open {
    line: usize,
    anchor: usize,
    tag: Option<String>,
    is_map: bool,
    elements: Vec<Node>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, line: usize) -> Result<(), String> {
        let (anchor, tag, is_map) = match event {
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => return Ok(()),
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor);
                let node = node
                    .ok_or("the alias stands for nothing before it")?
                    .clone();
                self.count(size(&node))?;
                return self.put(node);
            }
            Event::Scalar(text, _, anchor, tag) => {
                let content = Content::Scalar(text.into_owned());
                let tag = tag.as_deref().and_then(function);
                return self.finish(content, line, anchor, tag);
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let open = self.open.pop().ok_or("something ends that did not begin")?;
                let content = match open.is_map {
                    true => map(paired(open.elements)?),
                    false => Content::List(open.elements),
                };
                return self.finish(content, open.line, open.anchor, open.tag);
            }
            Event::SequenceStart(anchor, tag) => (anchor, tag, false),
            Event::MappingStart(anchor, tag) => (anchor, tag, true),
        };
        if self.open.len() >= MAX_DEPTH {
            return Err(format!("it is nested more than {MAX_DEPTH} deep"));
        }
        self.open.push(Open {
            line,
            anchor,
            tag: tag.as_deref().and_then(function),
            is_map,
            elements: Vec::new(),
        });
        Ok(())
    }

    fn finish(
        &mut self,
        content: Content,
        line: usize,
        anchor: usize,
        tag: Option<String>,
    ) -> Result<(), String> {
        let line = Some(line);
        let node = Node { line, content };
        let node = match tag {
            None => node,
            Some(name) => Node {
                line,
                content: Content::Call(name, Box::new(node)),
            },
        };
        self.count(1)?;
        if anchor > 0 {
            self.count(size(&node))?;
            self.anchors.insert(anchor, node.clone());
        }
        self.put(node)
    }

    fn count(&mut self, nodes: usize) -> Result<(), String> {
        self.nodes += nodes;
        match self.nodes > MAX_NODES {
            true => Err(format!("it has more than {MAX_NODES} values")),
            false => Ok(()),
        }
    }

    fn put(&mut self, node: Node) -> Result<(), String> {
        match self.open.last_mut() {
            Some(open) => open.elements.push(node),
            None if self.root.is_some() => return Err("a second document begins".to_owned()),
            None => self.root = Some(node),
        }
        Ok(())
    }
}

/// How many places a copy adds.
fn size(node: &Node) -> usize {
    match &node.content {
        Content::Scalar(_) => 1,
        Content::Call(_, argument) => 1 + size(argument),
        Content::List(elements) => 1 + elements.iter().map(size).sum::<usize>(),
        Content::Map(members) => 1 + members.iter().map(|(_, it)| size(it)).sum::<usize>(),
    }
}

fn paired(elements: Vec<Node>) -> Result<Vec<(String, Node)>, String> {
    let mut members = Vec::with_capacity(elements.len() / 2);
    let mut elements = elements.into_iter();
    while let Some((name, value)) = elements.next().zip(elements.next()) {
        let Content::Scalar(name) = name.content else {
            return Err("a name is no text".to_owned());
        };
        members.push((name, value));
    }
    Ok(members)
}

/// The long name of the function that a tag is short for; none for YAML's own tags.
fn function(tag: &Tag) -> Option<String> {
    match (tag.handle.as_str(), tag.suffix.as_str()) {
        ("!", name @ ("Ref" | "Condition")) => Some(name.to_owned()),
        ("!", name) if !name.is_empty() => Some(format!("Fn::{name}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(text: &str) -> (String, Content) {
        match Node::parse(text).unwrap().content {
            Content::Call(name, argument) => (name, argument.content),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn short_and_long_functions_are_the_same() {
        let table = Content::Scalar("Table".to_owned());
        for text in ["!Ref Table", "Ref: Table", r#"{"Ref": "Table"}"#] {
            assert_eq!(call(text), ("Ref".to_owned(), table.clone()), "{text}");
        }
        let arn = Content::Scalar("Table.Arn".to_owned());
        assert_eq!(call("!GetAtt Table.Arn"), ("Fn::GetAtt".to_owned(), arn));
        let (name, argument) = call("!Sub\n  - a-${B}\n  - B: !Ref C\n");
        assert_eq!(name, "Fn::Sub");
        assert!(matches!(argument, Content::List(both) if both.len() == 2));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let error = Node::parse("a: 1\nb: [1, 2\nc: }\n").unwrap_err();
        assert!(error.starts_with("line "), "{error}");
        assert_eq!(Node::parse("").unwrap_err(), "it is empty");
        let error = Node::parse("--- 1\n--- 2\n").unwrap_err();
        assert_eq!(error, "line 2: a second document begins");
    }

    #[test]
    fn neither_depth_nor_aliases_of_aliases_fill_the_memory() {
        let deep = Node::parse(&"- ".repeat(100_000)).unwrap_err();
        assert!(deep.ends_with("nested more than 100 deep"), "{deep}");
        let mut bomb = "a: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let before = format!("*a{},", level - 1).repeat(10);
            bomb.push_str(&format!("b{level}: &a{level} [{before}]\n"));
        }
        let bomb = Node::parse(&bomb).unwrap_err();
        assert!(bomb.ends_with("more than 200000 values"), "{bomb}");
        let many = format!("[{}]", "x, ".repeat(100_000));
        let nested = (0..50).fold(many, |inside, level| format!("&n{level} [{inside}]"));
        let nested = Node::parse(&nested).unwrap_err();
        assert!(nested.ends_with("more than 200000 values"), "{nested}");
    }

    #[test]
    fn a_large_template_is_read() {
        let inside = |text: String| format!("{{ a: {text} }}");
        let many = (0..8).fold(format!("[{}]", "x, ".repeat(100_000)), |it, _| inside(it));
        assert!(Node::parse(&many).is_ok());
    }
}
