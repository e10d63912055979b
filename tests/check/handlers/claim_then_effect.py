"""Wrong: a crash after the row and before the message loses the message: the retry finds the
row, and takes the event for done."""

import boto3
from boto3.dynamodb.conditions import Attr

table = boto3.resource("dynamodb").Table("lambda-idempotency-table")
condition_failed = table.meta.client.exceptions.ConditionalCheckFailedException
sns = boto3.client("sns")
TOPIC = "arn:aws:sns:eu-central-1:123456789012:invoices"


def handler(event, context):
    for record in event["Records"]:
        key = record["s3"]["object"]["key"]
        try:
            table.put_item(Item={"id": key}, ConditionExpression=Attr("id").not_exists())
        except condition_failed:
            print(f"Duplicate skipped for {key}")
            continue
        sns.publish(TopicArn=TOPIC, Message=key)
