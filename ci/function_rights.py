"""Usage: function_rights.py TEMPLATE...

Expands AWS SAM templates without an AWS account, and fails if the function's role has a right that it does not need,
or if the resources depend on each other in a circle, which cfn-lint does not see where only SAM's expansion closes it.
"""

import sys
from graphlib import TopologicalSorter

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

LOGS = "AWSLambdaBasicExecutionRole"
NEEDED = {
    "handler/deploy/direct.yaml": {
        ("dynamodb:PutItem", "Table"),
        ("sqs:SendMessage", "DeadLetters"),
    },
    "handler/deploy/queue.yaml": {
        ("dynamodb:PutItem", "Table"),
        ("sqs:DeleteMessage", "Queue"),
        ("sqs:GetQueueAttributes", "Queue"),
        ("sqs:ReceiveMessage", "Queue"),
    },
}


def expanded(path):
    with open(path, encoding="utf-8") as file:
        template = yaml_parse(file)
    # SAM insists on code that is uploaded already.
    template["Resources"]["Function"]["Properties"]["CodeUri"] = "s3://any/code.zip"
    session = boto3.Session(region_name="us-east-1")
    translator = Translator({LOGS: LOGS}, Parser(), boto_session=session)
    return translator.translate(template, {})["Resources"]


def as_list(value):
    return value if isinstance(value, list) else [value]


def awaited(node, names):
    """The resources that a resource refers to, and so waits for."""
    if isinstance(node, list):
        return set().union(*(awaited(item, names) for item in node))
    if not isinstance(node, dict):
        return set()
    here = [node.get("Ref"), as_list(node.get("Fn::GetAtt"))[0], *as_list(node.get("DependsOn"))]
    return {name for name in here if name in names} | awaited(list(node.values()), names)


def rights(role):
    statements = [s for policy in role["Policies"] for s in policy["PolicyDocument"]["Statement"]]
    return {
        (action, as_list(statement["Resource"])[0]["Fn::GetAtt"][0])
        for statement in statements
        for action in as_list(statement["Action"])
    }


for path in sys.argv[1:]:
    resources = expanded(path)
    waits = {name: awaited(resource, resources) for name, resource in resources.items()}
    TopologicalSorter(waits).prepare()  # raises CycleError on a circle
    role = resources["FunctionRole"]["Properties"]
    managed = [arn.rsplit("/", 1)[-1] for arn in role["ManagedPolicyArns"]]
    if (managed, rights(role)) != ([LOGS], NEEDED[path]):
        sys.exit(f"{path}: the function may {sorted(rights(role))} and {managed}; needed: {sorted(NEEDED[path])}")
    print(f"{path}: the function may write logs, and {', '.join(f'{a} on {r}' for a, r in sorted(rights(role)))}.")
