"""dovecot - the provider's mail store: a real Dovecot with IMAP, POP3, LMTP
delivery to Maildir and the login service that Postfix asks."""

import base64
import hashlib
import hmac
import json
import os
import pwd
import shutil
import subprocess
import time
from pathlib import Path

from . import net, procs

CONF = """
base_dir = {dir}/run
state_dir = {dir}/state
instance_name = {name}
log_path = {dir}/log
protocols = imap pop3 lmtp
listen = {address}
ssl = yes
ssl_cert = <{cert.pem}
ssl_key = <{cert.key}
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
auth_verbose = yes
auth_failure_delay = 0
mail_fsync = never
mail_location = maildir:{dir}/mail/%d/%n
mail_uid = {owner.pw_uid}
mail_gid = {owner.pw_gid}
first_valid_uid = {owner.pw_uid}
first_valid_gid = {owner.pw_gid}
mail_max_userip_connections = 0
default_process_limit = 300
default_vsz_limit = 1G
namespace inbox {{
  inbox = yes
  separator = /
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {dir}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  args = username_format=%u {dir}/passwd
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={dir}/mail/%d/%n allow_all_users=no
}}
service anvil {{
  client_limit = 1200
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  client_limit = 4000
  unix_listener {dir}/auth {{
    mode = 0666
  }}
}}
service lmtp {{
  unix_listener {dir}/lmtp {{
    mode = 0666
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""

OAUTH = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={dir}/oauth/
username_attribute = email
username_format = %u
"""

MECHANISMS = "plain login cram-md5 scram-sha-1 scram-sha-256 xoauth2 oauthbearer"


class Dovecot:
    def __init__(self, folder, address, cert, users, mechanisms=MECHANISMS,
                 more=""):
        """`users` maps addresses to passwords; `more` is configuration."""
        self.dir = Path(folder)
        self.address = address
        self.imap, self.imaps, self.pop3, self.pop3s = (
            net.free_port(address) for _ in range(4))
        self.users = users
        self.cert = cert
        self.secret = os.urandom(32)
        owner = pwd.getpwnam("mail")
        (self.dir / "mail").mkdir(parents=True)
        os.chown(self.dir / "mail", owner.pw_uid, owner.pw_gid)
        keys = self.dir / "oauth/default/HS256"
        keys.mkdir(parents=True)
        (keys / "default").write_bytes(base64.b64encode(self.secret))
        (self.dir / "oauth2.conf").write_text(OAUTH.format(dir=self.dir))
        (self.dir / "passwd").write_text("".join(
            f"{user}:{{PLAIN}}{password}::::::\n"
            for user, password in users.items()))
        self.conf = self.dir / "dovecot.conf"
        self.conf.write_text(CONF.format(
            dir=self.dir, name=f"world{os.getpid()}", address=address, cert=cert,
            owner=owner, mechanisms=mechanisms, imap=self.imap,
            imaps=self.imaps, pop3=self.pop3, pop3s=self.pop3s) + more)
        self.process = None
        self.dropped = 0

    def start(self):
        out = open(self.dir / "out", "wb")
        self.process = subprocess.Popen(
            [shutil.which("dovecot") or "/usr/sbin/dovecot", "-F", "-c",
             str(self.conf)],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            preexec_fn=procs.ends_with_us)
        try:
            net.answers(self.address, self.imaps)
            procs.until("Dovecot's sockets", lambda: (self.dir / "auth").exists()
                        and (self.dir / "lmtp").exists())
        except procs.Late as e:
            raise RuntimeError(f"Dovecot did not start: {e}\n"
                               + (self.dir / "out").read_text()) from e

    def token(self, user, seconds=600):
        """An OAuth 2.0 access token that this Dovecot accepts for `user`."""
        def part(of):
            return base64.urlsafe_b64encode(of).rstrip(b"=")
        now = int(time.time())
        head = part(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
        body = part(json.dumps({"sub": user, "email": user, "iat": now - 10,
                                "nbf": now - 10, "exp": now + seconds}).encode())
        signed = head + b"." + body
        mac = hmac.new(self.secret, signed, hashlib.sha256).digest()
        return (signed + b"." + part(mac)).decode()

    def maildir(self, address):
        local, _, domain = address.partition("@")
        return self.dir / "mail" / domain / local

    def mails(self, address, mailbox=""):
        """The messages in the inbox, or another mailbox, oldest first, as bytes."""
        folder = self.maildir(address) / (mailbox and "." + mailbox)
        while True:
            try:
                found = [path for sub in ("new", "cur") for path in (folder / sub).glob("*")]
                found.sort(key=lambda path: path.stat().st_mtime_ns)
                return [path.read_bytes() for path in found]
            except FileNotFoundError:
                pass	# a session has moved one from new to cur meanwhile

    def drop(self, address, data):
        """Puts a file into the inbox as it is, past every protocol."""
        folder = self.maildir(address)
        made = [folder, *(folder / sub for sub in ("tmp", "new", "cur"))]
        owner = pwd.getpwnam("mail")
        for path in [folder.parent, *made]:
            path.mkdir(exist_ok=True)
            os.chown(path, owner.pw_uid, owner.pw_gid)
        self.dropped += 1
        path = folder / "tmp" / f"{int(time.time())}.M{self.dropped:06}.world"
        path.write_bytes(data)
        os.chown(path, owner.pw_uid, owner.pw_gid)
        path.rename(folder / "new" / path.name)

    def clear(self):
        """Forgets all mail."""
        for folder in (self.dir / "mail").glob("*/*"):
            shutil.rmtree(folder)
