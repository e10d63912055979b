"""Wrong: the row says when it was written, and a duplicate writes another time into it."""

from datetime import datetime, timezone

import boto3

table = boto3.resource("dynamodb").Table("lambda-idempotency-table")


def handler(event, context):
    for record in event["Records"]:
        key = record["s3"]["object"]["key"]
        now = datetime.now(timezone.utc).isoformat()
        table.put_item(Item={"id": key, "processed_at": now})
