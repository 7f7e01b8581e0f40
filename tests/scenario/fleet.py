"""fleet - one gateway with a listener and an upstream for each peer of a test,
so that thirty faults need one start."""

import harness  # noqa: F401  (knows where the world is)
from smtp import Closed, Reply, Smtp
from world.net import free_port

NAME = "smtp.provider.test"


class Fleet:
    """`peers` maps a name to (peer address, upstream keys that differ)."""

    def __init__(self, world, peers, **more):
        self.world = world
        self.ports = {}
        conf = {"listen submission": None, "upstream provider": None}
        for name, (at, keys) in peers.items():
            self.ports[name] = free_port(world.address)
            conf[f"listen {name}"] = {
                "protocol": "smtp", "tls": "none", "upstream": name,
                "address": f"{world.address}:{self.ports[name]}"}
            conf[f"upstream {name}"] = {
                "address": f"{at[0]}:{at[1]}", "tls": "starttls", "verify": "ca",
                "ca-file": world.ca.pem, "server-name": NAME, **keys}
        self.gateway = world.gateway(upstream=(world.address, 1), conf=conf, **more)

    def session(self, name, **more):
        return Smtp(self.world.address, self.ports[name], **more)

    def try_send(self, name, data, sender="alice@example.org",
                 to=("bob@example.org",), password="pw"):
        """Everything a client does to send; the first refusal, or the 250. A
        connection that closes without a word is Reply(0)."""
        try:
            c = self.session(name)
            if c.greeting.code != 220:
                return c.greeting
            reply = c.ehlo()
            if reply.code != 250:
                return reply
            if "AUTH" in reply.text:
                reply = c.plain(sender, password)
                if reply.code != 235:
                    return reply
            return c.send(sender, to, data)
        except (Closed, OSError) as e:
            return Reply(0, [f"closed: {e}"])
