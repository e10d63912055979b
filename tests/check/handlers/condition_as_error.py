"""Wrong: a duplicate's failed condition is an error, so it is tried three times and ends as a
dead letter, though its row has long been there."""

import boto3

table = boto3.resource("dynamodb").Table("lambda-idempotency-table")


def handler(event, context):
    for record in event["Records"]:
        key = record["s3"]["object"]["key"]
        table.put_item(Item={"id": key}, ConditionExpression="attribute_not_exists(id)")
