"""Wrong: the write is left to a thread, and Lambda freezes the environment before it is
done."""

from concurrent.futures import ThreadPoolExecutor

import boto3

table = boto3.resource("dynamodb").Table("lambda-idempotency-table")
executor = ThreadPoolExecutor()


def handler(event, context):
    for record in event["Records"]:
        executor.submit(table.put_item, Item={"id": record["s3"]["object"]["key"]})
