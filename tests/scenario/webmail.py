"""webmail - Roundcube in PHP's own web server, with SQLite, and a headless Chromium
that WebDriver drives (JSON over HTTP)."""

import base64
import contextlib
import http.client
import json
import os
import sqlite3
import subprocess
from pathlib import Path

from harness import until
from world import procs
from world.net import answers, free_port

SHARE = Path("/usr/share/roundcube")
SITE = Path("/var/lib/roundcube/public_html")
QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--disable-dev-shm-usage", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-default-apps",
         "--disable-extensions", "--window-size=1280,860",
         "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.*"]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"	# W3C WebDriver 6.6


class Roundcube:
    """At `url`; `imap` and `smtp` are (scheme, port) of its servers."""

    def __init__(self, world, imap, smtp):
        self.dir = world.dir / "roundcube"
        for name in ("conf", "logs", "temp"):
            (self.dir / name).mkdir(parents=True)
        for name in ("defaults.inc.php", "mimetypes.php"):
            (self.dir / "conf" / name).symlink_to(f"/etc/roundcube/{name}")
        with contextlib.closing(sqlite3.connect(self.dir / "db")) as db:
            db.executescript((SHARE / "SQL/sqlite.initial.sql").read_text())
        tls = {"ssl": {"cafile": world.ca.pem, "verify_peer": True,
                       "verify_peer_name": True}}
        settings = {
            "db_dsnw": f"sqlite:///{self.dir}/db", "des_key": "0123456789abcdef01234567",
            "imap_host": f"{imap[0]}://{world.address}:{imap[1]}", "imap_conn_options": tls,
            "smtp_host": f"{smtp[0]}://{world.address}:{smtp[1]}", "smtp_conn_options": tls,
            "smtp_user": "%u", "smtp_pass": "%p", "log_dir": f"{self.dir}/logs",
            "temp_dir": f"{self.dir}/temp", "enable_installer": False, "plugins": [],
            "skin": "elastic", "language": "en_US", "enable_spellcheck": False,
            "htmleditor": 0, "layout": "widescreen"}
        (self.dir / "settings").write_text(json.dumps(settings))
        (self.dir / "conf/config.inc.php").write_text(
            f"<?php\n$config = json_decode(file_get_contents('{self.dir}/settings'), true);\n")
        port = free_port(world.address)
        self.url = f"http://{world.address}:{port}/"
        self.log = open(self.dir / "logs/php", "wb")
        subprocess.Popen(
            ["php", "-S", f"{world.address}:{port}", "-t", str(SITE)],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            preexec_fn=procs.ends_with_us,
            env={**os.environ, "ROUNDCUBE_CONFIG_DIR": f"{self.dir}/conf",
                 "PHP_CLI_SERVER_WORKERS": "3"})
        answers(world.address, port)

    def logs(self):
        return "".join(f"--- {path.name}\n" + path.read_text(errors="replace")[-3000:]
                       for path in sorted((self.dir / "logs").iterdir()))


class Driver:
    """The chromedriver, which makes browsers."""

    def __init__(self, world):
        self.world = world
        self.port = free_port("127.0.0.1")
        self.log = open(world.dir / "chromedriver", "wb")
        subprocess.Popen(["chromedriver", f"--port={self.port}"], stdin=subprocess.DEVNULL,
                         stdout=self.log, stderr=self.log, preexec_fn=procs.ends_with_us,
                         env={**os.environ, "HOME": str(world.dir),
                              "TMPDIR": str(world.dir)})
        answers("127.0.0.1", self.port)

    def ask(self, method, path, **words):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=procs.PATIENCE)
        with contextlib.closing(c):
            c.request(method, path, json.dumps(words) if method == "POST" else None,
                      {"Content-Type": "application/json"})
            got = json.loads(c.getresponse().read())["value"]
        if isinstance(got, dict) and "error" in got:
            raise RuntimeError(f"{path}: {got['error']}: {got['message'][:600]}")
        return got

    def browser(self, name):
        return Browser(self, self.world.dir / f"chromium-{name}")


class Browser:
    """A Chromium with a profile of its own."""

    def __init__(self, driver, profile):
        self.driver = driver
        self.session = driver.ask("POST", "/session", capabilities={"alwaysMatch": {
            "goog:chromeOptions": {"args": [*QUIET, f"--user-data-dir={profile}"]}}})["sessionId"]

    def ask(self, method, path, **words):
        return self.driver.ask(method, f"/session/{self.session}{path}", **words)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ask("DELETE", "")

    def go(self, url):
        self.ask("POST", "/url", url=url)

    def script(self, text, *args):
        return self.ask("POST", "/execute/sync", script=text, args=list(args))

    def until(self, what, text, *args, seconds=procs.PATIENCE):
        """Asks the page until `text` (a function's body) gives something true."""
        return until(what, lambda: self.script(text, *args), seconds)

    def element(self, css):
        self.until(css, "return !!document.querySelector(arguments[0])?.checkVisibility()", css)
        return self.ask("POST", "/element", using="css selector", value=css)[ELEMENT]

    def click(self, css):
        self.ask("POST", f"/element/{self.element(css)}/click")

    def type(self, css, text):
        self.ask("POST", f"/element/{self.element(css)}/value", text=text)

    def frame(self, css=None):
        """Goes into a frame of the page; without `css` to the page itself."""
        self.ask("POST", "/frame", id=None)
        if css:
            self.ask("POST", "/frame", id={ELEMENT: self.element(css)})

    def picture(self):
        return base64.b64decode(self.ask("GET", "/screenshot"))
