//! A body in chunks, each with its size, as SDKs send what they sign or sum up as they
//! read it
//! ([streaming](https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html)).

use hyper::body::Bytes;

/// The body without its chunks' heads and without what follows the last of them; none
/// if it is not in chunks.
pub(super) fn decode(body: &Bytes) -> Option<Bytes> {
    let mut decoded = Vec::new();
    let mut rest: &[u8] = body;
    loop {
        let end = rest.windows(2).position(|it| it == b"\r\n")?;
        let head = std::str::from_utf8(&rest[..end]).ok()?;
        let size = head.split(';').next()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        rest = &rest[end + 2..];
        if size == 0 {
            return Some(decoded.into());
        }
        decoded.extend(rest.get(..size)?);
        rest = rest.get(size..)?.strip_prefix(b"\r\n")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(body: &'static str) -> Option<Bytes> {
        decode(&Bytes::from(body))
    }

    #[test]
    fn chunks_are_put_together() {
        let signed = "3;chunk-signature=00\r\nabc\r\n1;chunk-signature=00\r\nd\r\n0;x=y\r\n\r\n";
        assert_eq!(decoded(signed).unwrap(), "abcd");
        let summed = "a\r\n0123456789\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
        assert_eq!(decoded(summed).unwrap(), "0123456789");
    }

    #[test]
    fn a_body_that_is_cut_or_is_not_in_chunks_is_none() {
        for body in [
            "",
            "abc",
            "3\r\nab",
            "3\r\nabcd\r\n0\r\n",
            "ffffffffffffffff\r\nx",
            "-1\r\n",
        ] {
            assert_eq!(decoded(body), None, "{body:?}");
        }
    }
}
