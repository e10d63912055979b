"""Wrong: the row's id has nothing to do with the event, so every delivery makes a row of its
own."""

import uuid

import boto3

table = boto3.resource("dynamodb").Table("lambda-idempotency-table")


def handler(event, context):
    for record in event["Records"]:
        key = record["s3"]["object"]["key"]
        table.put_item(Item={"id": str(uuid.uuid4()), "filename": key})
