//! Tables: their keys and their secondary indexes.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

/// What a table has, apart from its items.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TableSchema {
    /// Its primary key.
    pub key: KeySchema,
    /// Its secondary indexes.
    pub indexes: Vec<Index>,
}

/// A table without secondary indexes.
impl From<KeySchema> for TableSchema {
    fn from(key: KeySchema) -> Self {
        let indexes = Vec::new();
        Self { key, indexes }
    }
}

impl TableSchema {
    /// The `CreateTable` request for a table of this name.
    pub(super) fn create_table(&self, name: &str) -> Json {
        let keys = self.indexes.iter().map(|it| &it.key);
        let attributes = keys.chain([&self.key]).flat_map(KeySchema::attributes);
        // An attribute that stands in several keys is defined once.
        let attributes: BTreeSet<_> = attributes.collect();
        let definitions = attributes
            .into_iter()
            .map(|it| json!({ "AttributeName": it.name, "AttributeType": it.kind.letter() }));
        let mut request = json!({
            "TableName": name,
            "KeySchema": self.key.to_json(),
            "AttributeDefinitions": definitions.collect::<Vec<_>>(),
            "BillingMode": "PAY_PER_REQUEST",
        });
        // A list that is there may not be empty.
        for (list, is_local) in [
            ("LocalSecondaryIndexes", true),
            ("GlobalSecondaryIndexes", false),
        ] {
            let indexes = self.indexes.iter().filter(|it| it.is_local == is_local);
            let indexes: Vec<Json> = indexes.map(Index::to_json).collect();
            if !indexes.is_empty() {
                request[list] = Json::Array(indexes);
            }
        }
        request
    }
}

/// A secondary index of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Its key.
    pub key: KeySchema,
    /// Whether it is a local one.
    pub is_local: bool,
    /// What it holds of an item.
    pub projection: Projection,
}

impl Index {
    fn to_json(&self) -> Json {
        json!({
            "IndexName": self.name,
            "KeySchema": self.key.to_json(),
            "Projection": self.projection.to_json(),
        })
    }
}

/// What an index holds of an item, beside the attributes of its own key and the table's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Projection {
    /// Everything.
    All,
    /// Nothing else.
    KeysOnly,
    /// These attributes.
    Include(Vec<String>),
}

impl Projection {
    fn to_json(&self) -> Json {
        match self {
            Self::All => json!({ "ProjectionType": "ALL" }),
            Self::KeysOnly => json!({ "ProjectionType": "KEYS_ONLY" }),
            Self::Include(names) => {
                json!({ "ProjectionType": "INCLUDE", "NonKeyAttributes": names })
            }
        }
    }
}

/// The attributes that make up the key of a table or of an index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeySchema {
    /// The partition key.
    pub partition: KeyAttribute,
    /// The sort key, if there is one.
    pub sort: Option<KeyAttribute>,
}

impl KeySchema {
    /// The schema that a `CreateTable` request asks for, or a table's description
    /// tells of: both name keys and types alike.
    pub(super) fn described_by(table: &Json) -> Option<Self> {
        let attribute = |role: &str| {
            let keys = table["KeySchema"].as_array()?;
            let key = keys.iter().find(|key| key["KeyType"] == role)?;
            let name = key["AttributeName"].as_str()?;
            let definitions = table["AttributeDefinitions"].as_array()?;
            let definition = definitions.iter().find(|it| it["AttributeName"] == name)?;
            let kind = KeyType::of_letter(definition["AttributeType"].as_str()?)?;
            let name = name.to_owned();
            Some(KeyAttribute { name, kind })
        };
        Some(Self {
            partition: attribute("HASH")?,
            sort: attribute("RANGE"),
        })
    }

    /// As `CreateTable` wants it.
    fn to_json(&self) -> Json {
        let roles = self.attributes().zip(["HASH", "RANGE"]);
        let keys = roles.map(|(it, role)| json!({ "AttributeName": it.name, "KeyType": role }));
        keys.collect()
    }

    /// The partition key, then the sort key if there is one.
    pub fn attributes(&self) -> impl Iterator<Item = &KeyAttribute> {
        std::iter::once(&self.partition).chain(&self.sort)
    }
}

/// An attribute of a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyAttribute {
    /// Its name.
    pub name: String,
    /// The type of its values.
    pub kind: KeyType,
}

impl KeyAttribute {
    /// A text attribute of this name.
    pub fn text(name: impl Into<String>) -> Self {
        let (name, kind) = (name.into(), KeyType::Text);
        Self { name, kind }
    }
}

/// What a key attribute may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyType {
    /// `B`: bytes.
    Binary,
    /// `N`: a number.
    Number,
    /// `S`: text.
    Text,
}

impl KeyType {
    /// The type that DynamoDB gives this letter, if a key may have it.
    pub fn of_letter(letter: &str) -> Option<Self> {
        match letter {
            "B" => Some(Self::Binary),
            "N" => Some(Self::Number),
            "S" => Some(Self::Text),
            _ => None,
        }
    }

    /// DynamoDB's letter for this type.
    pub fn letter(self) -> &'static str {
        match self {
            Self::Binary => "B",
            Self::Number => "N",
            Self::Text => "S",
        }
    }
}
