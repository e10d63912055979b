"""Wrong: a notification may hold more than one record."""

import boto3

table = boto3.resource("dynamodb").Table("lambda-idempotency-table")


def handler(event, context):
    key = event["Records"][0]["s3"]["object"]["key"]
    table.put_item(Item={"id": key})
