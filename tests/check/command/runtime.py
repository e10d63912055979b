"""A Lambda runtime client and a DynamoDB client of a few lines, for tests."""

import http.client
import json
import os


def call(host, method, path, body=None, headers={}):
    connection = http.client.HTTPConnection(host, timeout=60)
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    return response.status, response.headers, response.read()


def put(item, condition):
    """Puts an item, if the condition is met, and says whether. A failed condition is no error."""
    request = {"TableName": "rows", "Item": item}
    if condition:
        request["ConditionExpression"] = condition
    host = os.environ["AWS_ENDPOINT_URL_DYNAMODB"].removeprefix("http://")
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.PutItem"}
    status, _, body = call(host, "POST", "/", json.dumps(request), headers)
    if status != 200 and b"ConditionalCheckFailed" not in body:
        raise RuntimeError(body.decode())
    return status == 200


# HANDLE

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
INVOCATION = "/2018-06-01/runtime/invocation/"

while True:
    _, headers, event = call(API, "GET", INVOCATION + "next")
    request_id = headers["Lambda-Runtime-Aws-Request-Id"]
    try:
        handle(json.loads(event), request_id)
        call(API, "POST", INVOCATION + request_id + "/response", "null")
    except Exception as error:
        told = json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)})
        call(API, "POST", INVOCATION + request_id + "/error", told)
