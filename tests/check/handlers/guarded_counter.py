"""Right: a count of a bucket's uploads with a guard. The event's marker and the count are one
transaction, so that an event counts once however often it comes."""

import json

import boto3

client = boto3.client("dynamodb")
TABLE = "lambda-idempotency-table"


def handler(event, context):
    for record in event["Records"]:
        count_once(record["s3"])


def count_once(s3):
    bucket, stored = s3["bucket"]["name"], s3["object"]
    marker = [bucket, stored["key"], stored.get("versionId"), stored.get("sequencer")]
    mark = {
        "TableName": TABLE,
        "Item": {"id": {"S": json.dumps(marker)}},
        "ConditionExpression": "attribute_not_exists(id)",
    }
    count = {
        "TableName": TABLE,
        "Key": {"id": {"S": bucket}},
        "UpdateExpression": "ADD objects :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    try:
        client.transact_write_items(TransactItems=[{"Put": mark}, {"Update": count}])
    except client.exceptions.TransactionCanceledException as error:
        of_mark, _ = error.response["CancellationReasons"]
        if of_mark["Code"] != "ConditionalCheckFailed":
            raise
