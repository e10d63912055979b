"""Wrong: whoever claims an event and then crashes keeps it for ever: every retry meets the
claim, and fails."""

import boto3
from boto3.dynamodb.conditions import Attr

table = boto3.resource("dynamodb").Table("lambda-idempotency-table")
condition_failed = table.meta.client.exceptions.ConditionalCheckFailedException


def handler(event, context):
    for record in event["Records"]:
        process(record["s3"]["object"]["key"])


def process(key):
    claim = {"id": key, "status": "in progress"}
    try:
        table.put_item(Item=claim, ConditionExpression=Attr("id").not_exists())
    except condition_failed:
        found = table.get_item(Key={"id": key}, ConsistentRead=True)["Item"]
        if found["status"] == "in progress":
            raise RuntimeError(f"{key} is being processed")
        return
    table.put_item(Item={"id": key, "status": "done"})
