"""What the probes do with clients that misbehave."""

import socket
import struct
import threading

import pytest

from heavylift.telemetry.metrics import Metrics
from heavylift.telemetry.probe_server import ProbeServer
from tests.support.eventually import eventually

HANG_UP = struct.pack("ii", 1, 0)  # with a reset, at once


def test_a_client_that_hangs_up_before_the_answer_leaves_no_traceback_in_the_log(capfd: pytest.CaptureFixture[str]):
    server = ProbeServer("127.0.0.1", 0, Metrics(), faults=list, variable="PORT")
    server.start()

    # When clients ask and do not wait for the answer
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, HANG_UP)
            client.sendall(b"GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n")

    # Then nobody speaks of it
    eventually(
        lambda: [thread for thread in threading.enumerate() if "process_request" in thread.name], holds=lambda busy: not busy
    )
    server.stop()
    assert "Traceback" not in capfd.readouterr().err
