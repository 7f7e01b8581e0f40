"""net - an address of our own in 127.0.0.0/8, and ports on it that are free."""

import os
import random
import socket
import time

from .procs import Late

TAKEN = set()


def own_address():
    """An address that no other world uses (but by rare chance, and then the
    ports differ)."""
    rng = random.Random(os.getpid() * 1000003 + time.time_ns())
    return f"127.{rng.randint(1, 250)}.{rng.randint(0, 250)}.{rng.randint(2, 250)}"


def free_port(address):
    while True:
        with socket.socket() as s:
            s.bind((address, 0))
            port = s.getsockname()[1]
        if (address, port) not in TAKEN:
            TAKEN.add((address, port))
            return port


def answers(address, port, seconds=10.0):
    """Waits until something listens there."""
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection((address, port), 1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise Late(f"nothing listens on {address}:{port} after "
                           f"{seconds:g} s") from None
            time.sleep(0.01)
