//! Identifiers in AWS's forms, that follow from what they identify.

/// 32 hexadecimal digits.
pub(super) fn digits(parts: &[&str]) -> String {
    let mut all = String::new();
    for part in parts {
        // With its length, so that no part passes for the end of its neighbour.
        all.push_str(&format!("{}:{part}", part.len()));
    }
    md5_of(all.as_bytes())
}

/// A UUID, as SQS, SNS and EventBridge name what they carry.
pub(super) fn uuid(parts: &[&str]) -> String {
    let digits = digits(parts);
    let (a, rest) = digits.split_at(8);
    let (b, rest) = rest.split_at(4);
    let (c, rest) = rest.split_at(4);
    let (d, e) = rest.split_at(4);
    // Version 4, so that whoever checks finds nothing amiss.
    format!("{a}-{b}-4{}-a{}-{e}", &c[1..], &d[1..])
}

/// The MD5 sum that is an object's ETag and a message's `md5OfBody`.
pub(super) fn md5_of(bytes: &[u8]) -> String {
    format!("{:x}", md5::compute(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_anywhere_has_another_identifier() {
        assert_ne!(uuid(&["a", "bc"]), uuid(&["ab", "c"]));
        assert_ne!(uuid(&["a"]), uuid(&["a", ""]));
        assert_eq!(uuid(&["a"]).len(), 36);
    }

    #[test]
    fn an_md5_sum_is_the_one_that_everybody_computes() {
        assert_eq!(md5_of(b""), "d41d8cd98f00b204e9800998ecf8427e");
    }
}
