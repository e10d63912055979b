"""Wrong: whoever holds a claim completes it without looking whether it is still its own. A
completion that comes late, when another has taken over and been acknowledged, replaces the
other's row."""

import time

import boto3
from boto3.dynamodb.conditions import Attr

table = boto3.resource("dynamodb").Table("lambda-idempotency-table")
condition_failed = table.meta.client.exceptions.ConditionalCheckFailedException


def handler(event, context):
    for record in event["Records"]:
        process(record["s3"]["object"]["key"], context)


def process(key, context):
    now = int(time.time() * 1000)
    lease = now + context.get_remaining_time_in_millis()
    lapsed = Attr("status").eq("claimed") & Attr("lease").lt(now)
    try:
        table.put_item(
            Item={"id": key, "status": "claimed", "lease": lease},
            ConditionExpression=Attr("id").not_exists() | lapsed,
        )
    except condition_failed:
        found = table.get_item(Key={"id": key}, ConsistentRead=True)["Item"]
        if found["status"] == "claimed":
            raise RuntimeError(f"{key} is claimed by somebody else")
        return
    table.put_item(Item={"id": key, "status": "done", "processed_at": now})
