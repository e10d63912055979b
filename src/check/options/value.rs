//! The values of options, as the command line and the configuration file write them.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use clap::ValueEnum;
use redeliver_model::property::Property;
use redeliver_model::schedule::Shard;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::check::backend::{KeyAttribute, KeySchema, KeyType};
use crate::check::template::Table;

/// An environment variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl FromStr for Variable {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok(Self {
                name: name.to_owned(),
                value: value.to_owned(),
            }),
            _ => Err("write NAME=VALUE".to_owned()),
        }
    }
}

/// A table with variables: `env = { NAME = "value" }`.
pub(super) fn variables<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Variable>, D::Error> {
    let variables = BTreeMap::<String, String>::deserialize(from)?.into_iter();
    Ok(variables
        .map(|(name, value)| Variable { name, value })
        .collect())
}

/// A length of time, written in seconds or with its unit: `3`, `2.5`, `500ms`, `10m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(pub Duration);

impl FromStr for Seconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3_600.0)];
        let split = |(unit, seconds)| Some((text.strip_suffix(unit)?, seconds));
        let (number, unit) = units.into_iter().find_map(split).unwrap_or((text, 1.0));
        let seconds = number.trim().parse::<f64>().map(|it| it * unit);
        let duration = seconds
            .ok()
            .and_then(|it| Duration::try_from_secs_f64(it).ok());
        match duration {
            Some(duration) if !duration.is_zero() => Ok(Self(duration)),
            _ => Err("write a time above 0, such as 3, 2.5, 500ms, 10m or 2h".to_owned()),
        }
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a time, such as 3, 2.5 or \"500ms\"")]
        enum Written {
            Number(f64),
            Text(String),
        }
        let text = match Written::deserialize(from)? {
            Written::Number(number) => number.to_string(),
            Written::Text(text) => text,
        };
        text.parse().map_err(D::Error::custom)
    }
}

pub(super) fn optional_shard<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Shard>, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map(Some).map_err(D::Error::custom)
}

/// `name:pk[:sk]`, each attribute with `=N` or `=B` if it is no text. The name may have
/// colons, as an ARN does.
impl FromStr for Table {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let advice = "write NAME:PK or NAME:PK:SK, and =N or =B after an attribute that is a \
                      number or binary";
        let attribute = |text: &str| {
            let (name, kind) = match text.split_once('=') {
                Some((name, kind)) => (name, KeyType::of_letter(kind)?),
                None => (text, KeyType::Text),
            };
            let name = Some(name.to_owned()).filter(|it| !it.is_empty())?;
            Some(KeyAttribute { name, kind })
        };
        let parts: Vec<&str> = text.split(':').collect();
        let (name, partition, sort) = match parts[..] {
            [name, partition] => (name, attribute(partition), None),
            [name, partition, sort] => (name, attribute(partition), Some(attribute(sort))),
            _ => return Err(advice.to_owned()),
        };
        match (name, partition, sort) {
            ("", ..) | (_, None, _) | (_, _, Some(None)) => Err(advice.to_owned()),
            (name, Some(partition), sort) => {
                let sort = sort.flatten();
                Ok(Self {
                    name: name.to_owned(),
                    schema: KeySchema { partition, sort }.into(),
                })
            }
        }
    }
}

impl<'de> Deserialize<'de> for Table {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// A program and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command(pub Vec<String>);

/// In one word, divided at blanks that are not in quotes.
impl FromStr for Command {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut words: Vec<String> = Vec::new();
        let mut quote = None;
        let mut in_word = false;
        for char in text.chars() {
            match quote {
                Some(end) if char == end => quote = None,
                None if char.is_whitespace() => in_word = false,
                _ => {
                    if !in_word {
                        words.push(String::new());
                        in_word = true;
                    }
                    match (quote, char, words.last_mut()) {
                        (None, '"' | '\'', _) => quote = Some(char),
                        (_, _, Some(word)) => word.push(char),
                        (_, _, None) => {}
                    }
                }
            }
        }
        match (quote, &words[..]) {
            (Some(_), _) => Err("a quote is not closed".to_owned()),
            (None, []) => Err("there is no program to start".to_owned()),
            (None, _) => Ok(Self(words)),
        }
    }
}

impl<'de> Deserialize<'de> for Command {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let words = Vec::<String>::deserialize(from)?;
        match words.is_empty() {
            true => Err(D::Error::custom("there is no program to start")),
            false => Ok(Self(words)),
        }
    }
}

/// How effects beyond the row are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effects {
    /// None may be lost, and none doubled
    Once,
    /// None may be lost
    AtLeastOnce,
}

/// Log patterns that are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// "Inserted KEY" and "Duplicate skipped for KEY"
    Article,
}

/// What a team has decided to live with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// The property that may be violated.
    #[serde(deserialize_with = "property")]
    pub property: Property,
    /// Why.
    #[serde(deserialize_with = "reason")]
    pub reason: String,
}

fn property<'de, D: Deserializer<'de>>(from: D) -> Result<Property, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(D::Error::custom)
}

fn reason<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    match text.trim() {
        "" => Err(D::Error::custom(
            "an acceptance needs a reason: say why the team can live with it",
        )),
        _ => Ok(text),
    }
}
