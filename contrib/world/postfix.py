"""postfix - the provider's submission and relay: a real Postfix of its own,
with its own queue, beside any that the machine has."""

import os
import pwd
import subprocess
from pathlib import Path

from . import net, procs

MAIN = """
compatibility_level = 3.6
queue_directory = {dir}/queue
data_directory = {dir}/data
meta_directory = /etc/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = {dir}/log
maillog_file_prefixes = {dir}
myhostname = {name}
mydomain = provider.test
myorigin = provider.test
mydestination =
mynetworks = 192.0.2.0/24
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_host_lookup = native
disable_dns_lookups = yes
smtputf8_enable = yes
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = {domains}
virtual_mailbox_maps = texthash:{dir}/mailboxes
virtual_transport = lmtp:unix:{lmtp}
message_size_limit = {size_limit}
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_tls_cert_file = {cert.pem}
smtpd_tls_key_file = {cert.key}
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_loglevel = 1
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_tls_session_cache_database =
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {auth}
smtpd_sasl_security_options = noanonymous
broken_sasl_auth_clients = no
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access texthash:{dir}/refused, reject_unlisted_recipient, permit_sasl_authenticated, reject
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 2000
smtpd_error_sleep_time = 0
smtpd_recipient_limit = 2000
default_process_limit = 300
in_flow_delay = 0
line_length_limit = 2048
smtpd_discard_ehlo_keywords = {hidden}
"""

MASTER = """
{address}:{submission} inet n - n - - smtpd
  -o syslog_name=submission -o smtpd_tls_security_level={tls}
{address}:{smtps} inet n - n - - smtpd
  -o syslog_name=smtps -o smtpd_tls_wrappermode=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

PRIVATE = ("active bounce corrupt defer deferred flush hold incoming private "
           "saved trace").split()


class Postfix:
    def __init__(self, folder, address, cert, store, hidden="", tls="encrypt",
                 size_limit=64 << 20, name="smtp.provider.test"):
        """Delivers to `store` (a Dovecot). `hidden`: EHLO words not offered."""
        self.dir = Path(folder)
        self.address = address
        self.name = name
        self.submission = net.free_port(address)
        self.smtps = net.free_port(address)
        self.conf = self.dir / "conf"
        self.conf.mkdir(parents=True)
        users = store.users
        domains = sorted({user.partition("@")[2] for user in users})
        (self.dir / "mailboxes").write_text(
            "".join(f"{user} x\n" for user in users))
        (self.dir / "refused").write_text(
            "refused@example.org 550 5.1.1 The word of the provider\n"
            "later@example.org 451 4.2.0 Come back later, says the provider\n")
        (self.conf / "main.cf").write_text(MAIN.format(
            dir=self.dir, name=name, address=address, domains=", ".join(domains),
            lmtp=store.dir / "lmtp", auth=store.dir / "auth", cert=cert,
            size_limit=size_limit, hidden=hidden))
        (self.conf / "master.cf").write_text(MASTER.format(
            address=address, submission=self.submission, smtps=self.smtps,
            tls=tls))
        for path in self.conf.iterdir():	# Postfix waits for files to be 2 s old
            os.utime(path, (0, 0))
        self.make_queue()
        self.process = None

    def make_queue(self):
        """What `postfix start` would have made, without its checks of the
        system's own instance."""
        owner = pwd.getpwnam("postfix").pw_uid
        queue = self.dir / "queue"
        for name in ["", *PRIVATE, "maildrop", "public", "pid"]:
            (queue / name).mkdir()
            if name not in ("", "pid"):
                os.chown(queue / name, owner, -1)
                os.chmod(queue / name, 0o700)
        os.chmod(queue / "public", 0o755)
        (self.dir / "data").mkdir()
        os.chown(self.dir / "data", owner, -1)

    def start(self):
        libexec = procs.run("postconf", "-h", "-d", "daemon_directory").out.strip()
        out = open(self.dir / "out", "wb")
        self.process = subprocess.Popen(
            [f"{libexec}/master", "-c", str(self.conf), "-d"],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            preexec_fn=procs.ends_with_us,
            env={**os.environ, "MAIL_CONFIG": str(self.conf)})
        try:
            net.answers(self.address, self.submission)
            net.answers(self.address, self.smtps)
        except procs.Late as e:
            raise RuntimeError(f"Postfix did not start: {e}\n" + self.log()) from e

    def log(self):
        text = ""
        for name in ("out", "log"):
            if (self.dir / name).exists():
                text += (self.dir / name).read_text(errors="replace")
        return text

    def queue_empty(self):
        return not any(
            path.is_file() for name in ("maildrop", "incoming", "active",
                                        "deferred")
            for path in (self.dir / "queue" / name).rglob("*"))

    def settle(self, seconds=2 * procs.PATIENCE):
        """Waits until all that was accepted has been delivered."""
        procs.until("Postfix's queue runs empty", self.queue_empty, seconds)
