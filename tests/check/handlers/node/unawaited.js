// Wrong: forEach does not wait for the promises that its function returns. Lambda hears of
// success, and freezes the environment before the writes are done.

const { DynamoDBClient, PutItemCommand } = require("@aws-sdk/client-dynamodb");

const client = new DynamoDBClient();

exports.handler = async (event) => {
  event.Records.forEach(async ({ s3 }) => {
    await client.send(
      new PutItemCommand({
        TableName: "lambda-idempotency-table",
        Item: { id: { S: s3.object.key } },
      })
    );
  });
};
