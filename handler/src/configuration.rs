//! The Lambda binary's configuration, from environment variables.

use std::fmt;
use std::str::FromStr;

use crate::keyed::Selection;
use crate::notification::{EventBridgeKeys, Parser};
use crate::record::Settings;

/// The fewest days that a row may live. A dead-letter queue keeps a message for
/// 14 days at most ([SQS]), and a message that is redriven after its row has
/// expired is recorded as new.
///
/// [SQS]: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
pub const SHORTEST_TTL_DAYS: u32 = 15;

/// What the Lambda binary is told by its environment.
///
/// | variable | value |
/// |---|---|
/// | `REDELIVER_TABLE` | the table's name; required |
/// | `REDELIVER_IDENTITY_POLICY` | `object` (default), `version` or `occurrence` |
/// | `REDELIVER_RECORD` | `created` (default) or `every` event |
/// | `REDELIVER_TTL_ATTRIBUTE` | the table's TTL attribute; rows never expire without it |
/// | `REDELIVER_TTL_DAYS` | days that a row lives; goes with the attribute |
/// | `REDELIVER_SQS_PARTIAL_BATCHES` | `true` if the event source mapping has `ReportBatchItemFailures`; default `false` |
/// | `REDELIVER_CACHE` | how many recorded keys a warm environment keeps in mind; default 0 |
/// | `REDELIVER_EVENTBRIDGE_KEYS` | `verbatim` (default) or `url-encoded` |
///
/// Region, credentials and endpoint come from AWS's own variables, such as
/// `AWS_REGION` and `AWS_ENDPOINT_URL_DYNAMODB`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// The table's name.
    pub table: String,
    /// The table's TTL attribute, if rows expire.
    pub ttl_attribute: Option<String>,
    /// How many recorded keys are kept in mind; 0 for no cache.
    pub cache: usize,
    /// What the handler is told.
    pub settings: Settings,
}

impl Configuration {
    /// Reads the configuration. `variable` looks up an environment variable.
    ///
    /// # Errors
    ///
    /// Names the variable that is missing or wrong, and what it should be.
    ///
    /// ```
    /// use redeliver_handler::configuration::Configuration;
    ///
    /// let error = Configuration::read(|_| None).unwrap_err();
    /// assert_eq!(error.to_string(), "REDELIVER_TABLE is not set: give it the name of the DynamoDB table");
    /// ```
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigurationError> {
        let variables = Variables(variable);
        let table = variables
            .text("REDELIVER_TABLE")
            .ok_or(ConfigurationError::NotSet {
                variable: "REDELIVER_TABLE",
                meaning: "the name of the DynamoDB table",
            })?;
        let ttl_attribute = variables.text("REDELIVER_TTL_ATTRIBUTE");
        let ttl_days = variables.parsed("REDELIVER_TTL_DAYS", "a whole number of days")?;
        check_ttl(ttl_attribute.is_some(), ttl_days)?;
        Ok(Self {
            table,
            ttl_attribute,
            cache: variables
                .parsed("REDELIVER_CACHE", "a whole number of keys")?
                .unwrap_or(0),
            settings: Settings {
                policy: variables
                    .parsed("REDELIVER_IDENTITY_POLICY", "object, version or occurrence")?
                    .unwrap_or_default(),
                selection: variables.one_of(
                    "REDELIVER_RECORD",
                    "created or every",
                    &[("created", Selection::Created), ("every", Selection::Every)],
                )?,
                expire_after_days: ttl_days,
                sqs_partial_batches: variables
                    .parsed("REDELIVER_SQS_PARTIAL_BATCHES", "true or false")?
                    .unwrap_or(false),
                parser: Parser {
                    event_bridge_keys: variables.one_of(
                        "REDELIVER_EVENTBRIDGE_KEYS",
                        "verbatim or url-encoded",
                        &[
                            ("verbatim", EventBridgeKeys::Verbatim),
                            ("url-encoded", EventBridgeKeys::UrlEncoded),
                        ],
                    )?,
                },
            },
        })
    }
}

fn check_ttl(has_attribute: bool, days: Option<u32>) -> Result<(), ConfigurationError> {
    match (has_attribute, days) {
        (true, None) => Err(ConfigurationError::NotSet {
            variable: "REDELIVER_TTL_DAYS",
            meaning: "the days that a row lives, since REDELIVER_TTL_ATTRIBUTE is set",
        }),
        (false, Some(_)) => Err(ConfigurationError::NotSet {
            variable: "REDELIVER_TTL_ATTRIBUTE",
            meaning: "the name of the table's TTL attribute, since REDELIVER_TTL_DAYS is set",
        }),
        (true, Some(days)) if days < SHORTEST_TTL_DAYS => Err(ConfigurationError::Wrong {
            variable: "REDELIVER_TTL_DAYS",
            value: days.to_string(),
            expected: "at least 15, since a dead-letter queue may redeliver an event for 14 days",
        }),
        _ => Ok(()),
    }
}

struct Variables<F>(F);

impl<F: Fn(&str) -> Option<String>> Variables<F> {
    /// A variable's value. An empty one is one that a template left blank.
    fn text(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    fn parsed<T: FromStr>(
        &self,
        variable: &'static str,
        expected: &'static str,
    ) -> Result<Option<T>, ConfigurationError> {
        let wrong = |value| ConfigurationError::Wrong {
            variable,
            value,
            expected,
        };
        self.text(variable)
            .map(|value| value.parse().map_err(|_| wrong(value)))
            .transpose()
    }

    fn one_of<T: Copy + Default>(
        &self,
        variable: &'static str,
        expected: &'static str,
        choices: &[(&str, T)],
    ) -> Result<T, ConfigurationError> {
        let Some(value) = self.text(variable) else {
            return Ok(T::default());
        };
        let chosen = choices.iter().find(|(name, _)| *name == value);
        chosen
            .map(|(_, choice)| *choice)
            .ok_or(ConfigurationError::Wrong {
                variable,
                value,
                expected,
            })
    }
}

/// What is wrong with the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigurationError {
    /// A variable that is needed is not set.
    NotSet {
        /// The variable.
        variable: &'static str,
        /// What it should be given.
        meaning: &'static str,
    },
    /// A variable has a value that it cannot have.
    Wrong {
        /// The variable.
        variable: &'static str,
        /// Its value.
        value: String,
        /// What it should be.
        expected: &'static str,
    },
}

impl fmt::Display for ConfigurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSet { variable, meaning } => {
                write!(f, "{variable} is not set: give it {meaning}")
            }
            Self::Wrong {
                variable,
                value,
                expected,
            } => write!(f, "{variable} is {value:?}: it must be {expected}"),
        }
    }
}

impl std::error::Error for ConfigurationError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::IdentityPolicy;

    fn read(variables: &[(&str, &str)]) -> Result<Configuration, ConfigurationError> {
        Configuration::read(|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn only_the_table_is_required() {
        let configuration = read(&[("REDELIVER_TABLE", "t"), ("REDELIVER_CACHE", "")]).unwrap();
        assert_eq!(
            configuration,
            Configuration {
                table: "t".into(),
                ttl_attribute: None,
                cache: 0,
                settings: Settings::default(),
            }
        );
    }

    #[test]
    fn every_variable_is_read() {
        let configuration = read(&[
            ("REDELIVER_TABLE", "t"),
            ("REDELIVER_IDENTITY_POLICY", "occurrence"),
            ("REDELIVER_RECORD", "every"),
            ("REDELIVER_TTL_ATTRIBUTE", "expires_at"),
            ("REDELIVER_TTL_DAYS", "30"),
            ("REDELIVER_SQS_PARTIAL_BATCHES", "true"),
            ("REDELIVER_CACHE", "1000"),
            ("REDELIVER_EVENTBRIDGE_KEYS", "url-encoded"),
        ]);
        assert_eq!(
            configuration.unwrap(),
            Configuration {
                table: "t".into(),
                ttl_attribute: Some("expires_at".into()),
                cache: 1000,
                settings: Settings {
                    policy: IdentityPolicy::Occurrence,
                    selection: Selection::Every,
                    expire_after_days: Some(30),
                    sqs_partial_batches: true,
                    parser: Parser {
                        event_bridge_keys: EventBridgeKeys::UrlEncoded,
                    },
                },
            }
        );
    }

    #[test]
    fn a_wrong_value_is_named_with_its_variable_and_what_it_should_be() {
        for (variable, value, sentence) in [
            (
                "REDELIVER_IDENTITY_POLICY",
                "etag",
                r#"REDELIVER_IDENTITY_POLICY is "etag": it must be object, version or occurrence"#,
            ),
            (
                "REDELIVER_CACHE",
                "-1",
                r#"REDELIVER_CACHE is "-1": it must be a whole number of keys"#,
            ),
            (
                "REDELIVER_RECORD",
                "deleted",
                r#"REDELIVER_RECORD is "deleted": it must be created or every"#,
            ),
            (
                "REDELIVER_TTL_ATTRIBUTE",
                "expires_at",
                "REDELIVER_TTL_DAYS is not set: give it the days that a row lives, since \
                 REDELIVER_TTL_ATTRIBUTE is set",
            ),
            (
                "REDELIVER_TTL_DAYS",
                "30",
                "REDELIVER_TTL_ATTRIBUTE is not set: give it the name of the table's TTL \
                 attribute, since REDELIVER_TTL_DAYS is set",
            ),
        ] {
            let error = read(&[("REDELIVER_TABLE", "t"), (variable, value)]).unwrap_err();
            assert_eq!(error.to_string(), sentence);
        }
    }

    #[test]
    fn rows_outlive_every_redelivery_of_their_event() {
        let ttl = |days| {
            read(&[
                ("REDELIVER_TABLE", "t"),
                ("REDELIVER_TTL_ATTRIBUTE", "expires_at"),
                ("REDELIVER_TTL_DAYS", days),
            ])
        };
        assert!(ttl("15").is_ok());
        assert!(ttl("14").unwrap_err().to_string().contains("at least 15"));
    }
}
