"""tap - a relay on the wire between two parties that keeps what it sees."""

import socket
import threading


class Tap:
    """Relays to `target` and records. `sent` is what the caller said, `got`
    what it was answered, all connections one after the other."""

    def __init__(self, address, target):
        self.target = target
        self.address = address
        self.connections = []
        self.open = []
        self.lock = threading.Lock()
        self.server = socket.create_server((address, 0), backlog=300)
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.server.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self.target, 5)
            except OSError:
                near.close()
                continue
            record = {"sent": bytearray(), "got": bytearray()}
            with self.lock:
                self.connections.append(record)
                self.open += [near, far]
            for args in ((near, far, record["sent"]), (far, near, record["got"])):
                threading.Thread(target=self.pass_on, args=args,
                                 daemon=True).start()

    def pass_on(self, source, sink, record):
        try:
            while data := source.recv(65536):
                record += data
                sink.sendall(data)
        except OSError:
            pass
        for end, how in ((sink, socket.SHUT_WR), (source, socket.SHUT_RD)):
            try:
                end.shutdown(how)
            except OSError:
                pass

    @property
    def sent(self):
        return b"".join(bytes(c["sent"]) for c in self.connections)

    @property
    def got(self):
        return b"".join(bytes(c["got"]) for c in self.connections)

    @property
    def both(self):
        return self.sent + self.got

    def cut(self):
        """Breaks every connection that is open."""
        with self.lock:
            for sock in self.open:
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
            self.open.clear()

    def close(self):
        self.server.close()
        self.cut()
