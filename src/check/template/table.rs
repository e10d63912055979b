//! Tables, as a template describes them.

use super::intrinsic::{GLOBAL_TABLE, Resolver, SIMPLE_TABLE, TABLE};
use super::yaml::Node;
use super::{Template, TemplateError};
use crate::check::backend::{Index, KeyAttribute, KeySchema, KeyType, Projection, TableSchema};

/// A table, as a template describes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Table {
    /// Its name; its logical id, where the template leaves the name to CloudFormation.
    pub name: String,
    /// What it has.
    pub schema: TableSchema,
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
            let partition = KeyAttribute {
                name: field("Name").unwrap_or("id").to_owned(),
                kind: field("Type").map_or(Some(KeyType::Text), key_type)?,
            };
            let sort = None;
            let schema = KeySchema { partition, sort }.into();
            return Some(Table { name, schema });
        }
        let properties = properties?;
        let indexes = |list: &str, is_local: bool| {
            let all = properties.get(list).map(|it| self.branch(it).elements());
            let all = all.unwrap_or_default().iter().map(move |it| {
                Some(Index {
                    name: Resolver::new(self).text(it.get("IndexName")?).ok()?,
                    key: self.key(properties, it)?,
                    is_local,
                    projection: self.projection(it.get("Projection"))?,
                })
            });
            all.collect::<Option<Vec<_>>>()
        };
        let mut all = indexes("GlobalSecondaryIndexes", false)?;
        all.extend(indexes("LocalSecondaryIndexes", true)?);
        let schema = TableSchema {
            key: self.key(properties, properties)?,
            indexes: all,
        };
        Some(Table { name, schema })
    }

    /// What an index holds; everything, where the template does not say.
    fn projection(&self, node: Option<&Node>) -> Option<Projection> {
        let Some(node) = node else {
            return Some(Projection::All);
        };
        let resolved = |node: &Node| Resolver::new(self).text(node).ok();
        match &*node.get("ProjectionType").and_then(resolved)? {
            "ALL" => Some(Projection::All),
            "KEYS_ONLY" => Some(Projection::KeysOnly),
            "INCLUDE" => {
                let names = node
                    .get("NonKeyAttributes")?
                    .elements()
                    .iter()
                    .map(resolved);
                Some(Projection::Include(names.collect::<Option<_>>()?))
            }
            _ => None,
        }
    }

    /// The key of a table or an index, whose attributes the table defines.
    fn key(&self, table: &Node, keyed: &Node) -> Option<KeySchema> {
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
            let kind = key_type(&kind)?;
            Some(KeyAttribute { name, kind })
        };
        Some(KeySchema {
            partition: attribute("HASH")?,
            sort: attribute("RANGE"),
        })
    }
}

/// Reads DynamoDB's letter, or SAM's word.
fn key_type(text: &str) -> Option<KeyType> {
    match text {
        "String" => Some(KeyType::Text),
        "Number" => Some(KeyType::Number),
        "Binary" => Some(KeyType::Binary),
        letter => KeyType::of_letter(letter),
    }
}
