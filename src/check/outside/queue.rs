//! URLs of queues.

/// A queue's account and name, `123456789012/jobs`: its URL is another one in each
/// environment, but for its path.
pub(super) fn name(url: &str) -> String {
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => url,
    };
    path.trim_matches('/').to_owned()
}

/// The path of a URL of a queue at AWS, in any of the forms that it ever had
/// ([endpoints](https://docs.aws.amazon.com/general/latest/gr/sqs-service.html)).
pub(super) fn path_at_aws(url: &str) -> Option<&str> {
    let (_, rest) = url
        .split_once("://")
        .filter(|(it, _)| it.starts_with("http"))?;
    let slash = rest.find('/')?;
    let (host, path) = rest.split_at(slash);
    let (account, name) = path[1..].split_once('/')?;
    let is_at_aws = host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn");
    let is_of_sqs = host
        .split('.')
        .any(|it| ["queue", "sqs", "sqs-fips"].contains(&it));
    let is_account = account.len() == 12 && account.bytes().all(|it| it.is_ascii_digit());
    let is_queue = is_at_aws && is_of_sqs && is_account && !name.is_empty();
    is_queue.then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_known_by_its_account_and_name_wherever_it_is() {
        for url in [
            "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs",
            "http://127.0.0.1:4000/123456789012/jobs",
            "/123456789012/jobs",
        ] {
            assert_eq!(name(url), "123456789012/jobs");
        }
    }

    #[test]
    fn only_urls_of_queues_at_aws_are_taken_for_such() {
        for url in [
            "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs",
            "https://queue.amazonaws.com/123456789012/jobs",
            "https://eu-west-1.queue.amazonaws.com/123456789012/jobs",
            "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/jobs",
        ] {
            assert_eq!(path_at_aws(url), Some("/123456789012/jobs"), "{url}");
        }
        for url in [
            "https://s3.amazonaws.com/123456789012/jobs",
            "https://sqs.example.com/123456789012/jobs",
            "https://sqs.eu-west-1.amazonaws.com/bucket/jobs",
            "https://sqs.eu-west-1.amazonaws.com/123456789012/",
            "sqs.eu-west-1.amazonaws.com/123456789012/jobs",
            "jobs",
        ] {
            assert_eq!(path_at_aws(url), None, "{url}");
        }
    }
}
