"""Wrong: the id is Lambda's request id. That stays the same when Lambda tries again, but not
when S3 or Lambda's queue delivers the event once more."""

import boto3

table = boto3.resource("dynamodb").Table("lambda-idempotency-table")


def handler(event, context):
    for position, record in enumerate(event["Records"]):
        key = record["s3"]["object"]["key"]
        table.put_item(Item={"id": f"{context.aws_request_id}/{position}", "filename": key})
