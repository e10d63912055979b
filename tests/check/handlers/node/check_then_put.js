// Wrong: two deliveries at once both find no row, and each writes one that says who wrote it.
// The records of a notification are looked up all at once.

const { DynamoDBClient, GetItemCommand, PutItemCommand } = require("@aws-sdk/client-dynamodb");

const client = new DynamoDBClient();
const TableName = "lambda-idempotency-table";

exports.handler = async (event, context) => {
  const keys = event.Records.map(({ s3 }) => s3.object.key);
  await Promise.all(keys.map((key) => putUnlessThere(key, context.awsRequestId)));
};

async function putUnlessThere(key, processedBy) {
  const Key = { id: { S: key } };
  const found = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  if (found.Item) return;
  const Item = { ...Key, processed_by: { S: processedBy } };
  await client.send(new PutItemCommand({ TableName, Item }));
}
