"""Wrong: a count of a bucket's objects that counts deliveries instead."""

import boto3

table = boto3.resource("dynamodb").Table("lambda-idempotency-table")


def handler(event, context):
    for record in event["Records"]:
        table.update_item(
            Key={"id": record["s3"]["bucket"]["name"]},
            UpdateExpression="ADD objects :one",
            ExpressionAttributeValues={":one": 1},
        )
