//! Tables, as a template describes them.

use super::intrinsic::{GLOBAL_TABLE, Resolver, SIMPLE_TABLE, TABLE};
use super::yaml::Node;
use super::{Template, TemplateError};

/// A table, as a template describes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Table {
    /// Its name; its logical id, where the template leaves the name to CloudFormation.
    pub name: String,
    /// Its key.
    pub key: Key,
    /// Its secondary indexes.
    pub indexes: Vec<Index>,
}

/// The key of a table or of an index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The partition key.
    pub partition: Attribute,
    /// The sort key, if there is one.
    pub sort: Option<Attribute>,
}

/// An attribute of a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: AttributeKind,
}

/// The type of an attribute of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum AttributeKind {
    /// `S`
    #[default]
    Text,
    /// `N`
    Number,
    /// `B`
    Binary,
}

/// A secondary index of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Its key.
    pub key: Key,
    /// Whether it is a local one.
    pub is_local: bool,
}

impl Template {
    /// The tables, by name.
    ///
    /// # Errors
    ///
    /// A table that does not say what its key is.
    pub fn tables(&self) -> Result<Vec<Table>, TemplateError> {
        let ids = self.of_kinds(&[TABLE, GLOBAL_TABLE, SIMPLE_TABLE]);
        let tables = ids.into_iter().map(|id| {
            let table = self.table(id);
            table.ok_or_else(|| TemplateError::TableWithoutKey {
                file: self.file.clone(),
                table: id.to_owned(),
            })
        });
        let mut tables = tables.collect::<Result<Vec<_>, _>>()?;
        tables.sort();
        Ok(tables)
    }

    fn table(&self, id: &str) -> Option<Table> {
        let name = Resolver::new(self).name(id).ok()?;
        let properties = self.properties(id);
        if self.kind(id) == Some(SIMPLE_TABLE) {
            let key = properties.and_then(|it| it.get("PrimaryKey"));
            let field = |name| key.and_then(|it| it.get(name)).and_then(Node::text);
            let partition = Attribute {
                name: field("Name").unwrap_or("id").to_owned(),
                kind: field("Type").map_or(Some(AttributeKind::Text), AttributeKind::of)?,
            };
            return Some(Table {
                name,
                key: Key {
                    partition,
                    sort: None,
                },
                indexes: Vec::new(),
            });
        }
        let properties = properties?;
        let indexes = |list: &str, is_local: bool| {
            let all = properties.get(list).map(|it| self.branch(it).elements());
            let all = all.unwrap_or_default().iter().map(move |it| {
                Some(Index {
                    name: Resolver::new(self).text(it.get("IndexName")?).ok()?,
                    key: self.key(properties, it)?,
                    is_local,
                })
            });
            all.collect::<Option<Vec<_>>>()
        };
        let mut all = indexes("GlobalSecondaryIndexes", false)?;
        all.extend(indexes("LocalSecondaryIndexes", true)?);
        Some(Table {
            name,
            key: self.key(properties, properties)?,
            indexes: all,
        })
    }

    /// The key of a table or an index, whose attributes the table defines.
    fn key(&self, table: &Node, keyed: &Node) -> Option<Key> {
        let resolved = |node: &Node| Resolver::new(self).text(node).ok();
        let attribute = |role: &str| {
            let schema = keyed.get("KeySchema")?.elements().iter();
            let mut schema =
                schema.filter(|it| it.get("KeyType").and_then(resolved).as_deref() == Some(role));
            let name = resolved(schema.next()?.get("AttributeName")?)?;
            let mut defined = table.get("AttributeDefinitions")?.elements().iter();
            let is_it =
                |it: &&Node| it.get("AttributeName").and_then(resolved).as_ref() == Some(&name);
            let kind = resolved(defined.find(is_it)?.get("AttributeType")?)?;
            let kind = AttributeKind::of(&kind)?;
            Some(Attribute { name, kind })
        };
        Some(Key {
            partition: attribute("HASH")?,
            sort: attribute("RANGE"),
        })
    }
}

impl AttributeKind {
    /// DynamoDB's letter for it.
    pub fn letter(self) -> &'static str {
        match self {
            Self::Text => "S",
            Self::Number => "N",
            Self::Binary => "B",
        }
    }

    /// Reads DynamoDB's letter, or SAM's word.
    pub fn of(text: &str) -> Option<Self> {
        match text {
            "S" | "String" => Some(Self::Text),
            "N" | "Number" => Some(Self::Number),
            "B" | "Binary" => Some(Self::Binary),
            _ => None,
        }
    }
}
