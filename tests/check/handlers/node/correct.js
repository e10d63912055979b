// Right: every record becomes one row, written at once with its neighbours, and awaited. A
// condition that fails on a row of this very request has met its own write.

const { DynamoDBClient, PutItemCommand } = require("@aws-sdk/client-dynamodb");

const client = new DynamoDBClient();

exports.handler = async (event, context) => {
  const writes = event.Records.map(({ s3 }, position) =>
    insertOnce(s3, { request_id: { S: context.awsRequestId }, record: { N: `${position}` } })
  );
  const failed = (await Promise.allSettled(writes)).find((it) => it.status === "rejected");
  if (failed) throw failed.reason;
};

async function insertOnce({ bucket, object }, writer) {
  const key = decodeURIComponent(object.key.replaceAll("+", " "));
  const identity = [bucket.name, key, object.versionId ?? null, object.sequencer ?? null];
  try {
    await client.send(
      new PutItemCommand({
        TableName: "lambda-idempotency-table",
        Item: { id: { S: JSON.stringify(identity) }, filename: { S: key }, ...writer },
        ConditionExpression: "attribute_not_exists(id)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      })
    );
    console.log(`Inserted ${key}`);
  } catch (error) {
    if (error.name !== "ConditionalCheckFailedException") throw error;
    const isOwn =
      error.Item?.request_id?.S === writer.request_id.S &&
      error.Item?.record?.N === writer.record.N;
    console.log(isOwn ? `Confirmed ${key}` : `Duplicate skipped for ${key}`);
  }
}
