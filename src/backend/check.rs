//! The checks, one by one.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::{Effort, Verdict};
use crate::dynamodb::{Client, Failure};

/// The longest partition key, in bytes
/// ([limits](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html)).
const LONGEST_KEY: usize = 2048;

/// Something that DynamoDB does and a stand-in must do as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// Of several concurrent conditional writers of one key, one wins.
    OneWinner,
    /// A failed condition is answered with HTTP 400 and its own error.
    RefusedAsDocumented,
    /// A failed condition returns the item that is there, if asked to.
    ItemReturned,
    /// A partition key has at most 2048 bytes, however many characters.
    KeyLimitInBytes,
}

impl Check {
    /// Every check, in the order in which they run.
    pub const ALL: [Self; 4] = [
        Self::OneWinner,
        Self::RefusedAsDocumented,
        Self::ItemReturned,
        Self::KeyLimitInBytes,
    ];

    /// What the check is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::OneWinner => "one winner",
            Self::RefusedAsDocumented => "refused with HTTP 400",
            Self::ItemReturned => "item returned",
            Self::KeyLimitInBytes => "key limit in bytes",
        }
    }

    /// What it means for verdicts on handlers if the API fails the check.
    pub fn consequence(self) -> &'static str {
        match self {
            Self::OneWinner => {
                "a correct handler would be blamed for rows written twice: do not judge handlers \
                 on this API"
            }
            Self::RefusedAsDocumented => {
                "SDKs would take a duplicate for another error: do not judge handlers on this API"
            }
            Self::ItemReturned => {
                "a handler cannot recognise its own row, so it reports Duplicate where it would \
                 report Confirmed: RD-4 cannot be judged on this API"
            }
            Self::KeyLimitInBytes => {
                "keys that AWS would refuse, or accept, are not: RD-9 cannot be judged on this API"
            }
        }
    }

    pub(super) async fn run(self, client: &Client, table: &str, effort: Effort) -> Verdict {
        let row = Row { client, table };
        let result = match self {
            Self::OneWinner => row.one_winner(effort).await,
            Self::RefusedAsDocumented => row.refused_as_documented().await,
            Self::ItemReturned => row.item_returned().await,
            Self::KeyLimitInBytes => row.key_limit().await,
        };
        result.unwrap_or_else(|failure| Verdict::Inconclusive(failure.to_string()))
    }
}

/// The rows of the table that is tested with.
struct Row<'a> {
    client: &'a Client,
    table: &'a str,
}

impl Row<'_> {
    async fn one_winner(&self, effort: Effort) -> Result<Verdict, Failure> {
        let Effort { keys, writers } = effort;
        let mut fought_badly = 0;
        let mut most_winners = 0;
        for key in 0..keys {
            let key = format!("contested-{key}");
            let winners = self.winners(&key, writers).await?;
            let stored = self.get(&key).await?;
            let stored = stored["writer"]["N"].as_str().and_then(|n| n.parse().ok());
            if winners.len() != 1 || winners.first() != stored.as_ref() {
                fought_badly += 1;
            }
            most_winners = most_winners.max(winners.len());
        }
        let writes = u64::from(keys) * u64::from(writers);
        Ok(match fought_badly {
            0 => Verdict::Holds(format!(
                "{keys} keys, {writers} writers at once for each, {writes} writes"
            )),
            _ => Verdict::Violated(format!(
                "for {fought_badly} of {keys} keys not just one of {writers} writers won, but up \
                 to {most_winners}"
            )),
        })
    }

    /// Who of so many concurrent writers of `key` is told that it won.
    async fn winners(&self, key: &str, writers: u32) -> Result<Vec<u32>, Failure> {
        let start = Arc::new(Barrier::new(writers as usize));
        let mut attempts = JoinSet::new();
        for writer in 0..writers {
            let (client, start) = (self.client.clone(), Arc::clone(&start));
            let put = laborious(self.put_if_absent(key, writer));
            attempts.spawn(async move {
                start.wait().await;
                (writer, client.call("PutItem", &put).await)
            });
        }
        let mut winners = Vec::new();
        for (writer, answer) in attempts.join_all().await {
            match answer {
                Ok(_) => winners.push(writer),
                Err(failure) if failure.is_failed_condition() => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(winners)
    }

    async fn refused_as_documented(&self) -> Result<Verdict, Failure> {
        Ok(match self.second_put("refused").await? {
            Err(Failure::Refused { status, code, .. })
                if status == 400 && code == "ConditionalCheckFailedException" =>
            {
                Verdict::Holds(format!("HTTP {status} {code}"))
            }
            Err(Failure::Refused { status, code, .. }) => Verdict::Violated(format!(
                "a failed condition is answered with HTTP {status} {code}, not with HTTP 400 \
                 ConditionalCheckFailedException"
            )),
            Err(no_answer) => Verdict::Inconclusive(no_answer.to_string()),
            Ok(_) => Verdict::Violated("a write whose condition fails is accepted".to_owned()),
        })
    }

    async fn item_returned(&self) -> Result<Verdict, Failure> {
        let stored = json!({ "id": { "S": "returned" }, "writer": { "N": "1" } });
        Ok(match self.second_put("returned").await? {
            Err(Failure::Refused {
                item: Some(item), ..
            }) if item == stored => {
                Verdict::Holds("ReturnValuesOnConditionCheckFailure=ALL_OLD returns it".to_owned())
            }
            Err(Failure::Refused {
                item: Some(item), ..
            }) => Verdict::Violated(format!("the item returned is {item}, not {stored}")),
            Err(Failure::Refused { item: None, .. }) => Verdict::Violated(
                "ReturnValuesOnConditionCheckFailure=ALL_OLD returns no item".to_owned(),
            ),
            Err(no_answer) => Verdict::Inconclusive(no_answer.to_string()),
            Ok(_) => Verdict::Violated("a write whose condition fails is accepted".to_owned()),
        })
    }

    async fn key_limit(&self) -> Result<Verdict, Failure> {
        let two_bytes = "é";
        for (key, fits) in [
            ("k".repeat(LONGEST_KEY), true),
            ("k".repeat(LONGEST_KEY + 1), false),
            (two_bytes.repeat(LONGEST_KEY / 2), true),
            (two_bytes.repeat(LONGEST_KEY / 2 + 1), false),
        ] {
            let accepted = match self
                .client
                .call("PutItem", &self.put_if_absent(&key, 1))
                .await
            {
                Ok(_) => true,
                Err(Failure::Refused { code, .. }) if code == "ValidationException" => false,
                Err(failure) => return Err(failure),
            };
            if accepted != fits {
                let verb = if accepted { "accepted" } else { "refused" };
                return Ok(Verdict::Violated(format!(
                    "a key of {} bytes ({} characters) is {verb}",
                    key.len(),
                    key.chars().count()
                )));
            }
        }
        Ok(Verdict::Holds(format!(
            "{LONGEST_KEY} bytes fit and {} do not, of one-byte and of two-byte characters",
            LONGEST_KEY + 1
        )))
    }

    /// Puts a row twice, and returns the answer to the second.
    async fn second_put(&self, key: &str) -> Result<Result<Value, Failure>, Failure> {
        self.client
            .call("PutItem", &self.put_if_absent(key, 1))
            .await?;
        Ok(self
            .client
            .call("PutItem", &self.put_if_absent(key, 2))
            .await)
    }

    fn put_if_absent(&self, key: &str, writer: u32) -> Value {
        json!({
            "TableName": self.table,
            "Item": { "id": { "S": key }, "writer": { "N": writer.to_string() } },
            "ConditionExpression": "attribute_not_exists(id)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        })
    }

    async fn get(&self, key: &str) -> Result<Value, Failure> {
        let get = json!({
            "TableName": self.table,
            "Key": { "id": { "S": key } },
            "ConsistentRead": true,
        });
        Ok(self.client.call("GetItem", &get).await?["Item"].take())
    }
}

/// The same write with much more to do: a wide item, and a condition with many
/// terms, all of them about attributes that no item has. An emulator that reads
/// the item, evaluates the condition and writes, without a lock around the three,
/// is then far more likely to be caught in between.
fn laborious(mut put: Value) -> Value {
    const ATTRIBUTES: usize = 200;
    const TERMS: usize = 100;
    for number in 0..ATTRIBUTES {
        put["Item"][format!("filler{number}")] = json!({ "S": "x" });
    }
    let absent = (0..TERMS).map(|number| format!(" AND attribute_not_exists(absent{number})"));
    put["ConditionExpression"] = Value::String(
        std::iter::once("attribute_not_exists(id)".to_owned())
            .chain(absent)
            .collect(),
    );
    put
}
