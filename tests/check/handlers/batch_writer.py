"""Right: rows that follow from the event alone, in batches. batch_writer() sends again what
DynamoDB returns as unprocessed."""

import boto3

table = boto3.resource("dynamodb").Table("lambda-idempotency-table")


def handler(event, context):
    with table.batch_writer(overwrite_by_pkeys=["id"]) as batch:
        for record in event["Records"]:
            batch.put_item(Item={"id": record["s3"]["object"]["key"]})
