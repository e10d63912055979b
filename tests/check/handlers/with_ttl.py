"""Right: rows that expire after 30 days, later than anything is delivered again. DynamoDB
removes them when it likes, so the condition looks at the time itself."""

import json
import time

import boto3

client = boto3.client("dynamodb")
LIFETIME = 30 * 24 * 60 * 60


def handler(event, context):
    for record in event["Records"]:
        insert_once(record["s3"], int(time.time()))


def insert_once(s3, now):
    bucket, stored = s3["bucket"]["name"], s3["object"]
    identity = [bucket, stored["key"], stored.get("versionId"), stored.get("sequencer")]
    try:
        client.put_item(
            TableName="lambda-idempotency-table",
            Item={"id": {"S": json.dumps(identity)}, "expires_at": {"N": str(now + LIFETIME)}},
            ConditionExpression="attribute_not_exists(id) OR expires_at < :now",
            ExpressionAttributeValues={":now": {"N": str(now)}},
        )
    except client.exceptions.ConditionalCheckFailedException:
        print(f"Duplicate skipped for {stored['key']}")
