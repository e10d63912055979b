"""Does its work, and writes 4 MB about it to standard output and to standard error, in lines
of a megabyte, the last of which has no end."""

import sys

import boto3

table = boto3.resource("dynamodb").Table("lambda-idempotency-table")
MEGABYTE = "x" * (1 << 20)


def handler(event, context):
    for _ in range(2):
        print(MEGABYTE)
        print(MEGABYTE, file=sys.stderr)
    for record in event["Records"]:
        table.put_item(Item={"id": record["s3"]["object"]["key"]})
    sys.stdout.write(MEGABYTE)
