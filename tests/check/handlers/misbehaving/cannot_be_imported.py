"""Fails to import, as when a dependency was not packed: awslambdaric reports it to
/runtime/init/error, and ends."""

import a_module_that_nobody_has_installed  # noqa: F401


def handler(event, context):
    pass
