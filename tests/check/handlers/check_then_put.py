"""Wrong: two deliveries at once both find no row, and each writes one that says who wrote it:
the second replaces what the first was acknowledged for."""

import boto3

table = boto3.resource("dynamodb").Table("lambda-idempotency-table")


def handler(event, context):
    for record in event["Records"]:
        key = record["s3"]["object"]["key"]
        found = table.get_item(Key={"id": key}, ConsistentRead=True)
        if "Item" not in found:
            table.put_item(Item={"id": key, "processed_by": context.aws_request_id})
