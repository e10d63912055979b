//! JSON, read without losing a record to a wrong value in its neighbour.
//!
//! A derived `Deserialize` gives up on the whole document at the first field of
//! an unexpected type. Here every well-formed value is read, whatever its type,
//! and each field remembers whether it was absent, as expected, of another type,
//! or given twice. It is still one pass over the bytes, with borrowed strings.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Kind, MAX_RECORDS};

/// What stood at a field.
#[derive(Debug, Default)]
pub(super) enum Given<T> {
    /// Nothing.
    #[default]
    Absent,
    /// Null, which says as little as nothing.
    Null,
    /// What belongs there.
    Expected(T),
    /// Something else.
    Other(Kind),
    /// More than one value.
    Twice,
}

impl<T> Given<T> {
    /// Takes in a value that stands at this field.
    pub(super) fn put(&mut self, value: Self) {
        *self = match self {
            Self::Absent => value,
            _ => Self::Twice,
        };
    }

    /// Whether anything but null stands at this field.
    pub(super) fn is_given(&self) -> bool {
        !matches!(self, Self::Absent | Self::Null)
    }
}

/// A Rust type that one type of JSON value is read as; every other is [`Given::Other`].
pub(super) trait Shape<'de>: Sized {
    fn from_text(_text: Cow<'de, str>) -> Given<Self> {
        Given::Other(Kind::String)
    }

    fn from_integer(_number: i64) -> Given<Self> {
        Given::Other(Kind::Number)
    }

    fn from_array<A: SeqAccess<'de>>(mut array: A) -> Result<Given<Self>, A::Error> {
        while array.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Given::Other(Kind::Array))
    }

    fn from_object<A: MapAccess<'de>>(mut object: A) -> Result<Given<Self>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Given::Other(Kind::Object))
    }
}

impl<'de> Shape<'de> for Cow<'de, str> {
    fn from_text(text: Cow<'de, str>) -> Given<Self> {
        Given::Expected(text)
    }
}

impl Shape<'_> for i64 {
    fn from_integer(number: i64) -> Given<Self> {
        Given::Expected(number)
    }
}

/// An array, of which one element more than [`MAX_RECORDS`] is kept: enough to
/// see that there are too many, too few to fill the memory.
#[derive(Debug)]
pub(super) struct Array<T>(pub(super) Vec<Given<T>>);

impl<'de, T: Shape<'de>> Shape<'de> for Array<T> {
    fn from_array<A: SeqAccess<'de>>(mut array: A) -> Result<Given<Self>, A::Error> {
        // An element is large, and mostly the only one.
        let mut elements = Vec::with_capacity(1);
        while elements.len() <= MAX_RECORDS {
            match array.next_element()? {
                Some(element) => elements.push(element),
                None => return Ok(Given::Expected(Self(elements))),
            }
        }
        while array.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Given::Expected(Self(elements)))
    }
}

/// Declares a struct that is read from a JSON object: each field from the name
/// beside it, every other name skipped.
macro_rules! object {
    ($(#[$doc:meta])* struct $object:ident<'de> { $($field:ident: $shape:ty = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Default)]
        pub(super) struct $object<'de> {
            $(pub(super) $field: Given<$shape>,)*
        }

        impl<'de> Shape<'de> for $object<'de> {
            fn from_object<A: MapAccess<'de>>(mut object: A) -> Result<Given<Self>, A::Error> {
                let mut found = Self::default();
                while let Some(Name(name)) = object.next_key()? {
                    match name.as_ref() {
                        $($name => found.$field.put(object.next_value()?),)*
                        _ => {
                            object.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(Given::Expected(found))
            }
        }
    };
}
pub(super) use object;

impl<'de, T: Shape<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any(PhantomData))
    }
}

struct Any<T>(PhantomData<T>);

impl<'de, T: Shape<'de>> Visitor<'de> for Any<T> {
    type Value = Given<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Given::Null)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Given::Other(Kind::Boolean))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(T::from_integer(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(number).map_or(Given::Other(Kind::Number), T::from_integer))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Given::Other(Kind::Number))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(T::from_text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(T::from_text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<Self::Value, A::Error> {
        T::from_array(array)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
        T::from_object(object)
    }
}

/// A field's name, borrowed where it has no escapes.
pub(super) struct Name<'de>(pub(super) Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(AnyName)
    }
}

struct AnyName;

impl<'de> Visitor<'de> for AnyName {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field's name")
    }

    fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Name(Cow::Borrowed(name)))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Name(Cow::Owned(name.to_owned())))
    }
}
