"""Right: one row for each object, that of its latest event. A row gives way only to a later
sequencer, and a deletion leaves a tombstone, so that no late event brings an object back."""

import boto3

client = boto3.client("dynamodb")


def handler(event, context):
    for record in event["Records"]:
        keep_latest(record["eventName"], record["s3"])


def keep_latest(event_name, s3):
    stored = s3["object"]
    # In this form, comparing texts is what AWS says: pad the shorter with zeros.
    sequencer = stored["sequencer"].upper().rstrip("0")
    try:
        client.put_item(
            TableName="lambda-idempotency-table",
            Item={
                "id": {"S": f"{s3['bucket']['name']}/{stored['key']}"},
                "sequencer": {"S": sequencer},
                "etag": {"S": stored.get("eTag", "")},
                "deleted": {"BOOL": event_name.startswith("ObjectRemoved:")},
            },
            ConditionExpression="attribute_not_exists(id) OR sequencer < :sequencer",
            ExpressionAttributeValues={":sequencer": {"S": sequencer}},
        )
    except client.exceptions.ConditionalCheckFailedException:
        print(f"{stored['key']} is newer already")
