"""Ends while it is being imported, before it asks for an invocation."""

import os

print("Good-bye")
os._exit(3)
