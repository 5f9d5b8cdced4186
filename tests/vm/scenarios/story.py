# SPDX-License-Identifier: Apache-2.0
"""The main job from the prompt of the people in it. args: [--quiet] [KEEP-DIR]"""
import base64, datetime, os, re, shlex, sys
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0")


class Story:
    def __init__(self, vm, quiet=False):
        self.vm, self.quiet, self.failed = vm, quiet, 0

    def tell(self, text):
        if not self.quiet:
            print("\n# " + text, flush=True)

    def say(self, who, command, expect=0, timeout=60, match=None):
        """Types a command as somebody; its status (and text) must be as expected."""
        rc, out = self.vm.run(f"su {who} -c {shlex.quote('cd; ' + command)}" if who != "root" else command, timeout)
        if not self.quiet:
            print(f"{who}$ {command}\n{out.rstrip()}", flush=True)
        if rc != expect or (match and not re.search(match, out)):
            self.failed += 1
            print(f"not ok: {who}$ {command}: status {rc}, expected {expect}" + (f", no match for {match!r}" if match else "") + f"\n{out}", flush=True)
        return out


def files(vm):
    """What the clerk copies: text, Japanese names, a binary."""
    vm.sh("""mkdir -p /home/clerk1/提出 && cd /home/clerk1/提出
for i in 1 2 3 4 5 6 7 8; do echo "受付番号 $i 標準報酬月額の届出 PLAINTEXT-CANARY-$i"; done > 届出.csv
echo "PLAINTEXT-CANARY-README" > README.txt
dd if=/dev/urandom of=図面.bin bs=1000 count=3000 2>/dev/null
chown -R clerk1:clerk1 /home/clerk1/提出""")


def fetch(vm, guest, host):
    """A guest file or folder to the host, by tar over the agent's channel."""
    os.makedirs(host, exist_ok=True)
    out = vm.sh(f"cd {shlex.quote(guest)} && tar -cf - . | base64", 120)
    import io, tarfile
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(out))) as t:
        t.extractall(host)


def scenario(vm, args):
    quiet = "--quiet" in args
    keep = next((a for a in args if not a.startswith("--")), None)
    media = (keep or vm.dir) + "/media"
    os.makedirs(media, exist_ok=True)
    office, stranger = mkstick(media + "/office.img", 64), mkstick(media + "/stranger.img", 32)
    s = Story(vm, quiet)
    until = (datetime.datetime.utcnow() + datetime.timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M")

    vm.sh("mediagate-guest start", 120)
    files(vm)
    s.tell("A terminal of the tax section. Nothing is plugged in.")
    s.say("clerk1", "mediagate")
    s.tell("The clerk plugs in a stick from the drawer: refused from its first instant.")
    vm.plug("storage", "office", serial="OF-2026-0007", image=office)
    vm.until("mediagate devices --json | grep -q not-registered", 30)
    s.say("clerk1", "mediagate devices")
    s.say("clerk1", "ls /dev/sd*", expect=1)
    s.say("clerk1", "mediagate explain OF-2026-0007")
    port = re.search(r"\b\d+-[\d.]+\b", vm.sh("mediagate devices --json"))[0]
    s.tell("A clerk cannot register it, a supervisor can.")
    s.say("clerk1", f"mediagate register {port} --number USB-0007 --supervisor supervisor1", expect=3)
    s.say("supervisor1", f"mediagate register {port} --number USB-0007 --supervisor supervisor1 --prepare vfat --yes", timeout=120)
    s.tell("Registered, but not checked out: it stays closed.")
    s.say("clerk1", "mediagate copy USB-0007 提出", expect=3)
    s.tell("The supervisor checks it out to the clerk; not to themselves.")
    lend = f"mediagate checkout USB-0007 --to %s --purpose submission --ground law --destination 年金事務所 --until {until} --carry-out --locked-carrier"
    s.say("supervisor1", lend % "supervisor1", expect=3)
    s.say("supervisor1", lend % "clerk1")
    s.tell("The clerk copies: encrypted, nothing readable reaches the stick.")
    out = s.say("clerk1", "mediagate copy USB-0007 提出", timeout=120)
    password = re.search(r"\b[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}\b", out)
    s.say("clerk1", "mediagate ls USB-0007")
    s.say("clerk2", "mediagate ls USB-0007", expect=3)
    s.tell("An unknown stick never works, whoever asks.")
    vm.plug("storage", "stranger", serial="ST-9999", image=stranger)
    vm.until("mediagate devices --json | grep -q ST-9999", 30)
    s.say("clerk1", "mediagate devices")
    s.say("clerk1", "mediagate copy USB-9999 提出", expect=4)
    s.tell("The clerk returns the stick; what is on it is compared with the records.")
    s.say("clerk1", "mediagate return USB-0007", timeout=120)
    s.say("clerk1", "mediagate copy USB-0007 提出", expect=3)
    s.tell("What happened, for the auditor.")
    s.say("auditor1", "mediagate history")
    s.say("auditor1", "mediagate verify")
    vm.sh("mediagate-guest stop", 60)
    vm.unplug("office")
    vm.unplug("stranger")
    if keep:
        fetch(vm, "/var/lib/mediagate/ledger", keep + "/ledger")
        fetch(vm, "/home/clerk1", keep + "/original")
        for junk in os.listdir(keep + "/original"):
            if junk.startswith("."):
                os.unlink(f"{keep}/original/{junk}")
        open(keep + "/password", "w").write((password[0] if password else "") + "\n")
    return 1 if s.failed or not password else 0
