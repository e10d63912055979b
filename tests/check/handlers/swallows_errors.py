"""Wrong: every error is taken for a duplicate. What DynamoDB refused for any other reason is
acknowledged, and lost."""

import boto3
from botocore.exceptions import ClientError

table = boto3.resource("dynamodb").Table("lambda-idempotency-table")


def handler(event, context):
    for record in event["Records"]:
        key = record["s3"]["object"]["key"]
        try:
            table.put_item(Item={"id": key}, ConditionExpression="attribute_not_exists(id)")
        except ClientError:
            print(f"Duplicate skipped for {key}")
