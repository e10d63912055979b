"""Right: every record becomes one row, whose key tells bucket, key, version and sequencer
apart, and which says who wrote it. A condition that fails on a row of this very request has
met its own write."""

import json
from urllib.parse import unquote_plus

import boto3

client = boto3.client("dynamodb")


def handler(event, context):
    for position, record in enumerate(event["Records"]):
        insert_once(record["s3"], context.aws_request_id, position)


def insert_once(s3, request_id, position):
    stored = s3["object"]
    key = unquote_plus(stored["key"], errors="strict")
    identity = [s3["bucket"]["name"], key, stored.get("versionId"), stored.get("sequencer")]
    writer = {"request_id": {"S": request_id}, "record": {"N": str(position)}}
    try:
        client.put_item(
            TableName="lambda-idempotency-table",
            Item={"id": {"S": json.dumps(identity)}, "filename": {"S": key}, **writer},
            ConditionExpression="attribute_not_exists(id)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        print(f"Inserted {key}")
    except client.exceptions.ConditionalCheckFailedException as error:
        is_own = writer.items() <= error.response.get("Item", {}).items()
        print(f"Confirmed {key}" if is_own else f"Duplicate skipped for {key}")
