"""Wrong: one row for each object, that of the event that came last, which need not be the
latest."""

import boto3

table = boto3.resource("dynamodb").Table("lambda-idempotency-table")


def handler(event, context):
    for record in event["Records"]:
        bucket, stored = record["s3"]["bucket"]["name"], record["s3"]["object"]
        identifier = f"{bucket}/{stored['key']}"
        if record["eventName"].startswith("ObjectRemoved:"):
            table.delete_item(Key={"id": identifier})
        else:
            table.put_item(Item={"id": identifier, "sequencer": stored["sequencer"]})
