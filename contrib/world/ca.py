"""ca - a certificate authority of our own, by way of openssl: good server
certificates, and each kind that must be refused."""

import datetime
import os
from dataclasses import dataclass
from pathlib import Path

from .procs import run

CONF = """
[ca]
default_ca = here
[here]
dir = {dir}
database = {dir}/index.txt
serial = {dir}/serial
crlnumber = {dir}/crlnumber
new_certs_dir = {dir}/issued
certificate = {dir}/ca.pem
private_key = {dir}/ca.key
default_md = sha256
policy = any
unique_subject = no
default_crl_days = 30
[any]
commonName = supplied
[req]
distinguished_name = any
"""


@dataclass
class Cert:
    """A server certificate: `pem` holds it and the chain above it."""
    pem: str
    key: str
    own: str


def stamp(days):
    when = datetime.datetime.now(datetime.timezone.utc)
    return (when + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")


def new_key(path, kind="ec"):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
              "w", encoding="ascii") as f:
        if kind == "ec":
            f.write(run("openssl", "ecparam", "-name", "prime256v1", "-genkey",
                        "-noout").out)
        else:
            f.write(run("openssl", "genrsa", kind).out)
    return path


class Authority:
    def __init__(self, folder, name="Throw-away CA", above=None, constraint=None):
        self.dir = Path(folder)
        self.above = above
        self.made = 0
        (self.dir / "issued").mkdir(parents=True)
        (self.dir / "index.txt").touch()
        (self.dir / "serial").write_text("1000\n")
        (self.dir / "crlnumber").write_text("01\n")
        (self.dir / "ca.conf").write_text(CONF.format(dir=self.dir))
        self.key = new_key(self.dir / "ca.key")
        self.pem = str(self.dir / "ca.pem")
        if above:
            extra = f"\nnameConstraints=critical,{constraint}" if constraint else ""
            made = above.issue(name, key=self.key, san=None, eku=None,
                               extensions="basicConstraints=critical,CA:TRUE\n"
                               "keyUsage=critical,keyCertSign,cRLSign" + extra)
            Path(self.pem).write_text(Path(made.own).read_text())
        else:
            run("openssl", "req", "-new", "-x509", "-key", self.key, "-days",
                "30", "-subj", f"/CN={name}", "-out", self.pem, "-addext",
                "keyUsage=critical,keyCertSign,cRLSign")

    def chain(self):
        """The intermediate certificates, ours first."""
        if not self.above:
            return ""
        return Path(self.pem).read_text() + self.above.chain()

    def issue(self, name, san="DNS:{name}", start=-1, end=20, eku="serverAuth",
              key=None, kind="ec", md="sha256", extensions=None):
        """A certificate for `name`, valid from `start` to `end` (days from now)."""
        self.made += 1
        base = self.dir / f"server{self.made}"
        key = key or new_key(f"{base}.key", kind)
        lines = [extensions or "basicConstraints=critical,CA:FALSE"]
        if eku:
            lines.append(f"extendedKeyUsage={eku}")
        if san:
            lines.append("subjectAltName=" + san.format(name=name))
        Path(f"{base}.ext").write_text("\n".join(lines) + "\n")
        run("openssl", "req", "-new", "-key", key, "-subj", f"/CN={name}",
            "-out", f"{base}.csr")
        run("openssl", "ca", "-batch", "-notext", "-config", self.dir / "ca.conf",
            "-in", f"{base}.csr", "-out", f"{base}.own", "-extfile",
            f"{base}.ext", "-startdate", stamp(start), "-enddate", stamp(end),
            "-md", md)
        Path(f"{base}.pem").write_text(Path(f"{base}.own").read_text()
                                       + self.chain())
        return Cert(f"{base}.pem", str(key), f"{base}.own")

    def self_signed(self, name):
        self.made += 1
        base = self.dir / f"server{self.made}"
        key = new_key(f"{base}.key")
        run("openssl", "req", "-new", "-x509", "-key", key, "-days", "20",
            "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
            "-out", f"{base}.pem")
        return Cert(f"{base}.pem", str(key), f"{base}.pem")

    def revoke(self, cert):
        run("openssl", "ca", "-config", self.dir / "ca.conf", "-revoke", cert.own)

    def crl(self):
        path = self.dir / "crl.pem"
        run("openssl", "ca", "-config", self.dir / "ca.conf", "-gencrl", "-out",
            path)
        return str(path)

    def ocsp(self, cert):
        """What the authority says of `cert` now, to be stapled (DER)."""
        base = cert.own.removesuffix(".own")
        run("openssl", "ocsp", "-issuer", self.pem, "-cert", cert.own,
            "-reqout", f"{base}.ocspreq", "-no_nonce")
        run("openssl", "ocsp", "-index", self.dir / "index.txt", "-rsigner",
            self.pem, "-rkey", self.key, "-CA", self.pem, "-reqin",
            f"{base}.ocspreq", "-respout", f"{base}.ocsp", "-ndays", "5")
        return f"{base}.ocsp"


def pin(cert):
    """sha256:BASE64 of the SubjectPublicKeyInfo, as letterlock.conf wants it."""
    import base64
    import hashlib
    public = run("openssl", "x509", "-in", cert.own, "-noout", "-pubkey").stdout
    der = run("openssl", "pkey", "-pubin", "-outform", "DER", data=public).stdout
    return "sha256:" + base64.b64encode(hashlib.sha256(der).digest()).decode()
