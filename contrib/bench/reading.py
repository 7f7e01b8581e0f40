"""reading - the rows of IMAP and POP3: a real Dovecot, reached over TLS through
each proxy in turn. The clients are plain; Dovecot shares the machine."""

import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.dont_write_bytecode = True

from world import procs  # noqa: E402
from world.net import free_port  # noqa: E402
from world.world import World  # noqa: E402

NAME = "imap.provider.test"
USER = "bob@example.org"
HEAD = ("From: Alice <alice@example.org>\r\nTo: Bob <bob@example.org>\r\nSubject: load\r\n"
        "Date: Mon, 23 Nov 2026 20:00:00 +0000\r\nMessage-ID: <{}@example.org>\r\n")


def clear(size, number):
    return (HEAD.format(number) + "\r\n").encode() + b"".join(
        [b"the quick brown fox jumps over the lazy dog, again and again\r\n"] * (size // 62))


def pgp_mime(armor, number):
    return (HEAD.format(f"p{number}") + "MIME-Version: 1.0\r\nContent-Type: multipart/encrypted;"
            " boundary=b;\r\n protocol=\"application/pgp-encrypted\"\r\n\r\n--b\r\n"
            "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--b\r\n"
            "Content-Type: application/octet-stream\r\n\r\n").encode() \
        + armor.replace(b"\n", b"\r\n") + b"\r\n--b--\r\n"


class Reading:
    def __init__(self, world, options):
        self.world, self.options = world, options
        self.load = str(world.dir / "read_load")
        procs.run("cc", "-O2", "-o", self.load, HERE / "read_load.c", "-lpthread")
        world.start_store(more="service imap {\n process_limit = 6000\n}\nservice imap-login {\n"
                          " process_limit = 6000\n client_limit = 6000\n service_count = 0\n"
                          " process_min_avail = 2\n}\nservice pop3-login {\n service_count = 0\n}\n"
                          "default_client_limit = 20000\n")
        self.processes = {}

    def proxies(self, protocol):
        """{name: plain port} for `imap` or `pop3`, each a process of its own."""
        far = getattr(self.world.store, protocol + "s")
        made = {}
        if shutil.which("nginx"):
            # what it speaks unless it is told otherwise is TLS 1.2 at most, where
            # resuming takes no key exchange; ours is TLS 1.3
            made["nginx stream"] = self.nginx(protocol, far)
            made["nginx stream, TLS 1.3"] = self.nginx(protocol, far, "TLSv1.3")
        if shutil.which("haproxy"):
            made["haproxy"] = self.haproxy(protocol, far)
        if shutil.which("stunnel4"):
            made["stunnel"] = self.stunnel(protocol, far)
        made["letterlock"] = self.letterlock(protocol, far)
        return made

    def serve(self, name, args, port):
        process = subprocess.Popen([str(x) for x in args], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   preexec_fn=procs.ends_with_us)
        self.processes[name] = process.pid
        from world.net import answers
        answers(self.world.address, port)
        return port

    def write(self, name, text):
        path = self.world.dir / name
        path.write_text(text)
        return path

    def nginx(self, protocol, far, tls=None):
        w, port = self.world, free_port(self.world.address)
        name = "nginx stream" + (", TLS 1.3" if tls else "")
        module = "/usr/lib/nginx/modules/ngx_stream_module.so"
        conf = self.write(f"nginx-{port}.conf", f"""
{f'load_module {module};' if os.path.exists(module) else ''}
daemon off; pid {w.dir}/nginx-{port}.pid; worker_processes 2; error_log {w.dir}/nginx.err;
worker_rlimit_nofile 20000;
events {{ worker_connections 16000; }}
stream {{ server {{ listen {w.address}:{port}; tcp_nodelay on; proxy_pass {w.address}:{far};
  proxy_ssl on; proxy_ssl_session_reuse on; proxy_ssl_verify on; proxy_timeout 1h;
  {f"proxy_ssl_protocols {tls};" if tls else ""}
  proxy_ssl_trusted_certificate {w.ca.pem}; proxy_ssl_name {NAME}; }} }}
""")
        return self.serve(name, ["nginx", "-c", conf, "-e", w.dir / "nginx.err"], port)

    def haproxy(self, protocol, far):
        w, port = self.world, free_port(self.world.address)
        conf = self.write(f"haproxy-{protocol}.cfg", f"""
global
  nbthread 2
  maxconn 8000
defaults
  mode tcp
  timeout connect 5s
  timeout client 3600s
  timeout server 3600s
listen mail
  bind {w.address}:{port}
  server up {w.address}:{far} ssl verify required ca-file {w.ca.pem} sni str({NAME})
""")
        return self.serve("haproxy", ["haproxy", "-db", "-f", conf], port)

    def stunnel(self, protocol, far):
        w, port = self.world, free_port(self.world.address)
        conf = self.write(f"stunnel-{protocol}.conf", f"""
foreground = yes
pid =
debug = 3
socket = l:TCP_NODELAY=1
socket = r:TCP_NODELAY=1
[mail]
client = yes
accept = {w.address}:{port}
connect = {w.address}:{far}
CAfile = {w.ca.pem}
verifyChain = yes
""")
        return self.serve("stunnel", ["stunnel4", conf], port)

    def letterlock(self, protocol, far):
        w, port = self.world, free_port(self.world.address)
        gateway = w.gateway(upstream=(w.address, far), own=("bob",), keys=("alice",), start=False,
                            server_name=NAME, conf={
                                "gateway": {"spool-memory": "1G"}, "listen submission": None,
                                "listen reading": {"protocol": protocol, "tls": "none",
                                                   "address": f"{w.address}:{port}",
                                                   "upstream": "provider"},
                                "upstream provider": {"tls": "implicit"}})
        os.environ["LETTERLOCK"] = self.options.letterlock
        gateway.start()
        self.processes["letterlock"] = gateway.process.pid
        return port

    def rate(self, mode, port, connections, first=0, last=0, seconds=None):
        out = procs.run(self.load, mode, self.world.address, port, USER, self.world.password("bob"),
                        connections, seconds or self.options.seconds, first, last).out
        speed, p50, p99, errors = out.split()
        if int(errors):
            sys.exit(f"{errors} errors in {mode} at {port}")
        return float(speed), float(p50), float(p99)

    def memory(self, name):
        """PSS of a proxy's processes, KiB."""
        total = 0
        for pid in (self.processes[name], *procs.descendants(self.processes[name])):
            try:
                for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                    if line.startswith("Pss:"):
                        total += int(line.split()[1])
            except OSError:
                pass
        return total

    def held(self, name, port, count):
        """KiB for each of `count` idle sessions."""
        before = self.memory(name)
        process = subprocess.Popen([self.load, "idle", self.world.address, str(port), USER,
                                    self.world.password("bob"), str(count), "0", "0", "0"],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        said = process.stdout.readline()
        after = self.memory(name)
        process.stdin.close()
        process.wait(60)
        if said != b"held\n":
            sys.exit(f"{name} did not hold {count} sessions")
        return (after - before) / count


def compare(r, title, work, field, table):
    rows = []
    for label, mode, connections, first, last in work:
        got = {name: [] for name in field}
        for _ in range(r.options.rounds):
            for name, port in field.items():
                got[name].append(r.rate(mode, port, connections, first, last)[0])
        median = {name: statistics.median(x) for name, x in got.items()}
        rows += [[label, name, f"{median[name]:.1f}", f"{median['letterlock'] / median[name]:.2f}"]
                 for name in field]
    table(title, ["work", "proxy", "ops/s", "letterlock / it"], rows)


def gpg_alone(home, path, count):
    """How many a second, two at a time."""
    import time
    began, running = time.monotonic(), []
    for _ in range(count):
        if len(running) == 2:
            running.pop(0).wait()
        running.append(subprocess.Popen(
            ["gpg", "--homedir", home.path, "--batch", "--quiet", "--decrypt", path],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    for process in running:
        process.wait()
    return count / (time.monotonic() - began)


def decrypting(r, imap, table):
    """First and second look at encrypted mail, against gpg alone."""
    from imap_eyes import SESSIONS, look
    w = r.world
    home = w.home("bob")
    count, rows = 200, []
    for what, sign in (("encrypted", ()), ("signed, too", ("--sign", "--local-user", USER))):
        armor = home.gpg("--armor", "--trust-model", "always", "--encrypt", "--recipient", USER,
                         *sign, data=b"Content-Type: text/plain\r\n\r\n" + b"x" * 70
                         + b"\r\nyy" * 900).stdout
        mailbox, path = f"Sealed{len(rows)}", w.dir / "armor"
        store(r, [pgp_mime(armor, i) for i in range(count)], mailbox)
        first, second = look(w.address, imap["letterlock"], USER, w.password("bob"), mailbox, count)
        path.write_bytes(armor)
        limit = gpg_alone(home, path, count)
        rows += [[f"{what}: gpg alone", f"{limit:.1f}", "1.00"],
                 [f"{what}: first look", f"{first:.1f}", f"{first / limit:.2f}"],
                 [f"{what}: second look", f"{second:.1f}", f"{second / limit:.2f}"]]
    table(f"Decrypting 4 KiB, IMAP FETCH, {SESSIONS} sessions, against gpg alone (2 at a time)",
          ["work", "a second", "against gpg"], rows)


def store(r, messages, mailbox="INBOX"):
    import imaplib
    with imaplib.IMAP4(r.world.address, r.world.store.imap) as c:
        c.login(USER, r.world.password("bob"))
        c.create(mailbox)
        for data in messages:
            c.append(mailbox, None, None, data)


def reading(options, table):
    with World() as world:
        r = Reading(world, options)
        store(r, [clear(4096, i) for i in range(20)] + [clear(100 << 10, 100 + i) for i in range(10)]
              + [clear(10 << 20, 200)])
        imap = r.proxies("imap")
        compare(r, "IMAP, TLS to a real Dovecot, content untouched", [
            ("FETCH 4 KiB", "imap", 16, 1, 20), ("FETCH 100 KiB", "imap", 16, 21, 30),
            ("FETCH 10 MiB", "imap", 4, 31, 31),
            ("connect, login, logout", "login", 8, 0, 0)], imap, table)
        rows = []
        for name, port in imap.items():
            rows.append([name, f"{r.held(name, port, options.idle):.1f}"])
        table(f"idle IMAP sessions, {options.idle} held", ["proxy", "KiB a session (PSS)"], rows)
        decrypting(r, imap, table)
        pop3 = r.proxies("pop3")
        compare(r, "POP3, TLS to a real Dovecot, content untouched",
                [("RETR 4 KiB", "pop3", 8, 1, 20)], pop3, table)
