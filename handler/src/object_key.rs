//! The strict decoder of object keys.
//!
//! S3 sends an object's key "URL encoded", as `application/x-www-form-urlencoded`
//! does it: `red flower.jpg` comes as `red+flower.jpg` ([event message structure]).
//! Common decoders are lenient: they leave `+` alone, pass `%ZZ` through, or turn
//! bytes that are not UTF-8 into U+FFFD, so that two objects end up with one key.
//! This one decodes exactly, or says why it cannot.
//!
//! [event message structure]: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html

use std::borrow::Cow;
use std::fmt;

/// Decodes the key of an S3 event: `+` is a space, `%XX` a byte, and the result
/// UTF-8. Anything else stands for itself.
///
/// # Errors
///
/// An escape that is not two hexadecimal digits, or a result that is not UTF-8.
///
/// ```
/// use redeliver_handler::object_key::{UndecodableKey, decode};
///
/// assert_eq!(decode("this+im+%2B+age.txt")?, "this im + age.txt");
/// assert_eq!(decode("100%"), Err(UndecodableKey::BadEscape { at: 3 }));
/// # Ok::<(), UndecodableKey>(())
/// ```
pub fn decode(encoded: &str) -> Result<Cow<'_, str>, UndecodableKey> {
    if !encoded.contains(['+', '%']) {
        return Ok(Cow::Borrowed(encoded));
    }
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut bytes = encoded.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || hex(bytes.next()?.1);
                let escaped = digit().zip(digit()).map(|(high, low)| high * 16 + low);
                escaped.ok_or(UndecodableKey::BadEscape { at })?
            }
            literal => literal,
        });
    }
    String::from_utf8(decoded)
        .map(Cow::Owned)
        .map_err(|error| UndecodableKey::NotUtf8 {
            at: error.utf8_error().valid_up_to(),
        })
}

/// Encodes a key as S3 does in its events, for documents that a test or a
/// generator writes. Letters, digits and `-._~*/` stand for themselves, a space
/// becomes `+`, every other byte `%XX`.
///
/// ```
/// use redeliver_handler::object_key::encode;
///
/// assert_eq!(encode("2026/red flower (1).jpg"), "2026/red+flower+%281%29.jpg");
/// ```
pub fn encode(key: &str) -> String {
    let mut encoded = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'*' | b'/' => {
                encoded.push(char::from(byte));
            }
            b' ' => encoded.push('+'),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

fn hex(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

/// Why a key could not be decoded. Positions count bytes from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UndecodableKey {
    /// A `%` that two hexadecimal digits do not follow.
    BadEscape {
        /// Where the `%` stands in the encoded key.
        at: usize,
    },
    /// The decoded bytes are not UTF-8, as every S3 key is.
    NotUtf8 {
        /// Where, in the decoded bytes, the first invalid one stands.
        at: usize,
    },
}

impl fmt::Display for UndecodableKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadEscape { at } => write!(
                f,
                "the % at byte {at} is not followed by two hexadecimal digits"
            ),
            Self::NotUtf8 { at } => write!(f, "its decoded bytes are not UTF-8 from byte {at} on"),
        }
    }
}

impl std::error::Error for UndecodableKey {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plus_is_a_space_and_an_escaped_plus_a_plus() {
        assert_eq!(decode("a+b%2Bc%20d").unwrap(), "a b+c d");
    }

    #[test]
    fn escapes_are_decoded_whatever_their_case() {
        assert_eq!(decode("%c3%A9t%C3%a9").unwrap(), "été");
    }

    #[test]
    fn separators_of_forms_are_ordinary_characters() {
        assert_eq!(decode("a=1&b=2;c").unwrap(), "a=1&b=2;c");
    }

    #[test]
    fn only_what_stands_for_something_else_is_escaped() {
        assert_eq!(encode("aZ09-._~*/"), "aZ09-._~*/");
        assert_eq!(encode("a b+c%(é)"), "a+b%2Bc%25%28%C3%A9%29");
    }

    #[test]
    fn a_malformed_escape_is_an_error_and_says_where() {
        for (key, at) in [("%", 0), ("ab%4", 2), ("%ZZ", 0), ("%+1", 0), ("x%%41", 1)] {
            assert_eq!(
                decode(key),
                Err(UndecodableKey::BadEscape { at }),
                "in {key:?}"
            );
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_an_error_and_not_a_replacement_character() {
        for (key, at) in [("%FF", 0), ("ok%C3", 2), ("%ED%A0%80", 0)] {
            assert_eq!(
                decode(key),
                Err(UndecodableKey::NotUtf8 { at }),
                "in {key:?}"
            );
        }
    }
}
