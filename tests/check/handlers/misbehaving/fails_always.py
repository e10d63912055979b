"""Fails on every event, as with a wrong table name or an event of another shape."""


def handler(event, context):
    raise KeyError("detail")
