//! The steps, told to a person in 80 columns.

use std::fmt;

use serde_json::Value;

/// A step of the walkthrough.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What happens.
    pub title: &'static str,
    /// To whom it happens, and what comes of it.
    pub scenes: Vec<Scene>,
    /// What to make of it; may be empty.
    pub remark: &'static str,
}

/// What one handler makes of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// The handler.
    pub handler: &'static str,
    /// What it logs.
    pub log: Vec<String>,
    /// What a Scan of its table returns then, ordered by key.
    pub items: Vec<Value>,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        for scene in &self.scenes {
            writeln!(f)?;
            scene.fmt(f)?;
        }
        if !self.remark.is_empty() {
            writeln!(f)?;
            for line in wrapped(self.remark, 76) {
                writeln!(f, "  {line}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {}", self.handler)?;
        for line in &self.log {
            writeln!(f, "    logs   {line}")?;
        }
        writeln!(f, "    Scan   \"Count\": {}", self.items.len())?;
        for item in &self.items {
            writeln!(f, "           - id {}", scalar(&item["id"]))?;
            let others = item.as_object().into_iter().flatten();
            for (name, value) in others.filter(|(name, _)| *name != "id") {
                writeln!(f, "             {name:<12} {}", scalar(value))?;
            }
        }
        Ok(())
    }
}

/// The text or number inside a typed attribute value such as `{"S": "…"}`.
fn scalar(value: &Value) -> &str {
    let typed = value.as_object().and_then(|object| object.values().next());
    typed.and_then(Value::as_str).unwrap_or_default()
}

/// `text` in lines of at most `width` characters, where its words allow.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
