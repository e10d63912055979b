"""Right: claims the event for as long as this invocation may take, under a token of its own;
tells the queue, which knows the event's key for its deduplication id; and completes the row
if it is still its own."""

import hashlib
import json
import time
import uuid

import boto3
from boto3.dynamodb.conditions import Attr

table = boto3.resource("dynamodb").Table("lambda-idempotency-table")
condition_failed = table.meta.client.exceptions.ConditionalCheckFailedException
sqs = boto3.client("sqs")
QUEUE = "https://sqs.eu-central-1.amazonaws.com/123456789012/invoices.fifo"


def handler(event, context):
    for record in event["Records"]:
        s3 = record["s3"]
        identity = [s3["bucket"]["name"], s3["object"]["key"], s3["object"].get("sequencer")]
        key = hashlib.sha256(json.dumps(identity).encode()).hexdigest()
        token, now = str(uuid.uuid4()), int(time.time() * 1000)
        claim = {"id": key, "status": "claimed", "token": token}
        if claimed(claim, now, now + context.get_remaining_time_in_millis()):
            sqs.send_message(
                QueueUrl=QUEUE, MessageBody=key, MessageGroupId=key, MessageDeduplicationId=key
            )
            complete(claim)


def claimed(claim, now, until):
    lapsed = Attr("status").eq("claimed") & Attr("lease").lt(now)
    try:
        table.put_item(
            Item={**claim, "lease": until},
            ConditionExpression=Attr("id").not_exists() | lapsed,
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except condition_failed as error:
        present = error.response["Item"]  # as DynamoDB writes it
        if present["status"]["S"] == "claimed" and present["token"]["S"] != claim["token"]:
            raise RuntimeError(f"{claim['id']} is claimed by somebody else") from error
        return present["status"]["S"] == "claimed"
    return True


def complete(claim):
    done = {**claim, "status": "done"}
    table.put_item(Item=done, ConditionExpression=Attr("token").eq(claim["token"]))
