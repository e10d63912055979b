"""Started by itself, without a runtime client: sends what is no HTTP to the Runtime API, then
answers an invocation that never was, then claims a body that never comes. Never ends."""

import os
import socket
import time

host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
RESPONSE = "POST /2018-06-01/runtime/invocation/nobody/response HTTP/1.1\r\nHost: lambda\r\n"

for request in (
    os.urandom(4096),
    b"GET /" + b"a" * (1 << 20),
    f"{RESPONSE}Content-Length: 2\r\n\r\nhi".encode(),
    f"{RESPONSE}Content-Length: -1\r\n\r\n".encode(),
    f"{RESPONSE}Content-Length: 999999999999\r\n\r\nhi".encode(),
):
    try:
        connection = socket.create_connection((host, int(port)))
        connection.sendall(request)
        connection.settimeout(1)
        print(connection.recv(4096))
    except OSError as error:
        print(error)
time.sleep(3600)
