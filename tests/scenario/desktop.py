"""desktop - Thunderbird on a screen of its own (Xvfb), driven through Marionette:
its profile, its certificates and passwords, and what it shows.

Marionette is Gecko's remote control: JSON over TCP, each message with its length
in front. Scripts run with the program's own rights and see its windows."""

import base64
import json
import os
import socket
import subprocess

from harness import until
from world import procs
from world.net import answers, free_port

HOST = "127.0.0.1"
# Nothing of it leaves this machine: no updates, no add-ons, no telemetry, and
# what is forgotten here meets a proxy that is not there.
QUIET = {
    "app.donation.eoy.version.viewed": 999,
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.autoDisableScopes": 15,
    "extensions.getAddons.cache.enabled": False,
    "extensions.update.enabled": False,
    "mail.chat.enabled": False,
    "mail.cloud_files.enabled": False,
    "mail.inappnotifications.enabled": False,
    "mail.provider.enabled": False,
    "mail.rights.version": 1,
    "mail.shell.checkDefaultClient": False,
    "mail.spam.version": 1,
    "mailnews.headers.extraExpandedHeaders": "X-Letterlock",
    "mailnews.start_page.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.proxy.http": HOST, "network.proxy.http_port": 9,
    "network.proxy.ssl": HOST, "network.proxy.ssl_port": 9,
    "network.proxy.type": 1,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}


def account(name, address, imap, smtp):
    """Preferences of one account: IMAP and SMTP by STARTTLS."""
    user = f"{name}@example.org"
    return {
        "mail.accountmanager.accounts": "account1,account2",
        "mail.accountmanager.defaultaccount": "account1",
        "mail.accountmanager.localfoldersserver": "server2",
        "mail.account.account1.server": "server1",
        "mail.account.account1.identities": "id1",
        "mail.account.account2.server": "server2",
        "mail.server.server1.type": "imap",
        "mail.server.server1.name": user,
        "mail.server.server1.hostname": address,
        "mail.server.server1.port": imap,
        "mail.server.server1.socketType": 2,
        "mail.server.server1.authMethod": 3,
        "mail.server.server1.userName": user,
        "mail.server.server1.login_at_startup": False,
        "mail.server.server2.type": "none",
        "mail.server.server2.hostname": "Local Folders",
        "mail.server.server2.userName": "nobody",
        "mail.identity.id1.fullName": name.capitalize(),
        "mail.identity.id1.useremail": user,
        "mail.identity.id1.smtpServer": "smtp1",
        "mail.identity.id1.compose_html": False,
        "mail.identity.id1.fcc_folder": f"imap://{user.replace('@', '%40')}@{address}/Sent",
        "mail.smtpservers": "smtp1",
        "mail.smtp.defaultserver": "smtp1",
        "mail.smtpserver.smtp1.hostname": address,
        "mail.smtpserver.smtp1.port": smtp,
        "mail.smtpserver.smtp1.try_ssl": 2,
        "mail.smtpserver.smtp1.authMethod": 3,
        "mail.smtpserver.smtp1.username": user,
    }


class Marionette:
    def __init__(self, port):
        self.sock = socket.create_connection((HOST, port), procs.PATIENCE)
        self.file = self.sock.makefile("rb")
        self.count = 0
        self.heard()
        self.ask("WebDriver:NewSession", capabilities={})
        self.ask("Marionette:SetContext", value="chrome")

    def heard(self):
        length = b""
        while not length.endswith(b":"):
            byte = self.file.read(1)
            if not byte:
                raise RuntimeError("Thunderbird has gone")
            length += byte
        return json.loads(self.file.read(int(length[:-1])))

    def ask(self, command, **words):
        self.count += 1
        text = json.dumps([0, self.count, command, words])
        self.sock.sendall(f"{len(text.encode())}:{text}".encode())
        _, _, error, result = self.heard()
        if error:
            raise RuntimeError(f"{command}: {error['error']}: {error['message']}"
                               f" {error.get('data') or ''}")
        return result

    def script(self, text, *args):
        """What the function body `text` returns, awaited."""
        return self.ask("WebDriver:ExecuteAsyncScript", args=list(args), newSandbox=True,
                        sandbox="system", timeout=60000, script=(
                            "const done = arguments[arguments.length - 1];\n"
                            "(async (...args) => {" + text + "})(...arguments).then("
                            "value => done({value}), e => done({error: String(e)}));")
                        )["value"]


class Thunderbird:
    def __init__(self, world, preferences):
        self.dir = world.dir / "thunderbird"
        self.dir.mkdir()
        port = free_port(HOST)
        wanted = {**QUIET, **preferences, "marionette.port": port}
        (self.dir / "user.js").write_text("".join(
            f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
            for name, value in wanted.items()))
        self.display = self.screen()
        self.log = open(self.dir / "log", "wb")
        self.process = subprocess.Popen(
            ["thunderbird", "--profile", str(self.dir), "--no-remote", "-marionette",
             "--remote-allow-system-access"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            preexec_fn=procs.ends_with_us,
            env={**os.environ, "HOME": str(self.dir), "TMPDIR": str(self.dir),
                 "DISPLAY": self.display,
                 "MOZ_CRASHREPORTER_DISABLE": "1", "LC_ALL": "C.UTF-8",
                 "DBUS_SESSION_BUS_ADDRESS": "disabled:"})
        answers(HOST, port)
        self.remote = Marionette(port)

    @staticmethod
    def screen():
        """Starts an Xvfb on a display that is free; returns its name."""
        mine, its = os.pipe()
        subprocess.Popen(["Xvfb", "-displayfd", str(its), "-screen", "0", "1280x860x24",
                          "-nolisten", "tcp"], pass_fds=[its], stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                         preexec_fn=procs.ends_with_us)
        os.close(its)
        with os.fdopen(mine) as said:
            number = said.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start")
        return f":{number}"

    def run(self, text, *args):
        got = self.remote.script(text, *args)
        if "error" in got:
            raise RuntimeError(got["error"])
        return got.get("value")

    def until(self, what, text, *args, seconds=procs.PATIENCE):
        return until(what, lambda: self.run(text, *args), seconds)

    def trust(self, pem):
        """Imports a certificate authority into the profile."""
        lines = open(pem, encoding="ascii").read().splitlines()
        self.run("""Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB)
            .addCertFromBase64(args[0], "C,,");""",
                 "".join(x for x in lines if not x.startswith("-----")))

    def remember(self, server, user, password):
        """Keeps a password, as its manager would after asking."""
        self.run("""const info = Cc["@mozilla.org/login-manager/loginInfo;1"]
                .createInstance(Ci.nsILoginInfo);
            info.init(args[0], null, args[0], args[1], args[2], "", "");
            await Services.logins.addLoginAsync(info);""", server, user, password)

    def open_inbox(self):
        """Opens the inbox, as a click on it does; how many messages it lists."""
        return self.until("the inbox", """
            const pane = Services.wm.getMostRecentWindow("mail:3pane")
                ?.gTabmail?.currentAbout3Pane;
            if (!pane?.displayFolder)
                return 0;
            const {MailServices} = ChromeUtils.importESModule(
                "resource:///modules/MailServices.sys.mjs");
            const server = MailServices.accounts.accounts[0].incomingServer;
            const inbox = server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
            if (!inbox) {
                server.performExpand(null);
                return 0;
            }
            if (pane.gFolder != inbox)
                pane.displayFolder(inbox.URI);
            return pane.gDBView?.rowCount;""")

    def read(self, row, awaited):
        """Selects a message in the list; its text, subject and extra headers as the
        window shows them, once `awaited` is in the text."""
        return self.until(f"the message of row {row}", """
            const [row, awaited] = args;
            const pane = Services.wm.getMostRecentWindow("mail:3pane")
                .gTabmail.currentAbout3Pane;
            if (pane.threadTree.selectedIndex != row) {
                pane.threadTree.selectedIndex = row;
                return null;
            }
            const message = pane.messageBrowser.contentWindow;
            const page = message.getMessagePaneBrowser()?.contentDocument;
            const text = page?.body?.textContent;
            // the header as it is printed is there until the style sheets are
            if (!text?.includes(awaited) || page.readyState != "complete"
                || page.querySelector(".moz-main-header")?.checkVisibility())
                return null;
            return {text, subject: message.document.getElementById("expandedsubjectBox")
                            .textContent,
                    headers: message.document.getElementById("extraHeadersArea").textContent};
            """, row, awaited)

    def reply(self, text):
        """Replies to the message that is shown, and sends; back when its window closes."""
        self.run("""Services.wm.getMostRecentWindow("mail:3pane")
            .gTabmail.currentAboutMessage.goDoCommand("cmd_reply");""")
        self.until("the reply's window", """
            const compose = Services.wm.getMostRecentWindow("msgcompose");
            return compose?.gLoadingComplete && !compose.gWindowLocked
                && compose.gMsgCompose?.editor?.document.body.textContent.includes("wrote:");
            """)
        self.run("""const compose = Services.wm.getMostRecentWindow("msgcompose");
            compose.gMsgCompose.editor.insertText(args[0]);
            compose.goDoCommand("cmd_sendNow");""", text)
        self.until("the reply's end", """
            return !Services.wm.getMostRecentWindow("msgcompose");""")

    def picture(self):
        """The window as PNG."""
        return base64.b64decode(self.remote.ask("WebDriver:TakeScreenshot", full=False,
                                                hash=False)["value"])
