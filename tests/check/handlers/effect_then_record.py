"""Wrong: a crash after the message and before the row sends the message twice, and nothing in
it tells its receiver so."""

import boto3

table = boto3.resource("dynamodb").Table("lambda-idempotency-table")
sns = boto3.client("sns")
TOPIC = "arn:aws:sns:eu-central-1:123456789012:invoices"


def handler(event, context):
    for record in event["Records"]:
        key = record["s3"]["object"]["key"]
        if "Item" in table.get_item(Key={"id": key}, ConsistentRead=True):
            print(f"Duplicate skipped for {key}")
            continue
        sns.publish(TopicArn=TOPIC, Message=key)
        table.put_item(Item={"id": key})
