"""The handler that the article ends with. It is right about rows; but after a lost reply boto3
sends the write again by itself, meets its own row, and the handler reports a duplicate on
the first and only delivery."""

import boto3
from botocore.exceptions import ClientError

table = boto3.resource("dynamodb").Table("lambda-idempotency-table")


def handler(event, context):
    for record in event["Records"]:
        key = record["s3"]["object"]["key"]
        try:
            table.put_item(
                Item={"id": key, "filename": key, "status": "processed"},
                ConditionExpression="attribute_not_exists(id)",
            )
            print(f"Inserted {key}")
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            print(f"Duplicate skipped for {key}")
