//! From what stood at a field to what the field must be.

use std::borrow::Cow;

use super::Rejected;
use super::json::Given;

/// A field under its name, for the error that it may end in.
pub(super) struct Field<T>(pub(super) &'static str, pub(super) Given<T>);

impl<T> Field<T> {
    /// The field's value, if it has one. `expected` is what S3 sends there.
    pub(super) fn optional(self, expected: &'static str) -> Result<Option<T>, Rejected> {
        let Self(field, given) = self;
        match given {
            Given::Absent | Given::Null => Ok(None),
            Given::Expected(value) => Ok(Some(value)),
            Given::Other(found) => Err(Rejected::WrongType {
                field,
                expected,
                found,
            }),
            Given::Twice => Err(Rejected::RepeatedField { field }),
        }
    }

    /// The field's value, which must be there.
    pub(super) fn required(self, expected: &'static str) -> Result<T, Rejected> {
        let field = self.0;
        self.optional(expected)?.ok_or(Rejected::Missing { field })
    }
}

impl<'de> Field<Cow<'de, str>> {
    /// The text at this field. An empty one says as little as none: some
    /// imitators of S3 send one where S3 sends nothing.
    pub(super) fn text(self) -> Result<Option<Cow<'de, str>>, Rejected> {
        Ok(self.optional("a string")?.filter(|text| !text.is_empty()))
    }

    /// The text at this field, which must be there and not empty.
    pub(super) fn required_text(self) -> Result<Cow<'de, str>, Rejected> {
        let field = self.0;
        self.text()?.ok_or(Rejected::Missing { field })
    }
}
