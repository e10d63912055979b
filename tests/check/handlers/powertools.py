"""Powertools for AWS Lambda (Python), as its documentation shows it: each record is processed
by an idempotent function, which here writes a row of its own."""

import boto3
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)

objects = boto3.resource("dynamodb").Table("objects")
persistence_layer = DynamoDBPersistenceLayer(table_name="lambda-idempotency-table")
config = IdempotencyConfig(event_key_jmespath="[bucket.name, object.key, object.sequencer]")


@idempotent_function(
    data_keyword_argument="s3", config=config, persistence_store=persistence_layer
)
def process(s3):
    key = s3["object"]["key"]
    objects.put_item(Item={"id": key, "status": "processed"})
    return {"processed": key}


def handler(event, context):
    config.register_lambda_context(context)
    for record in event["Records"]:
        process(s3=record["s3"])
