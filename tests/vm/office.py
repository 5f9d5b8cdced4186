# SPDX-License-Identifier: Apache-2.0
"""What the scenarios have in common: the office with its people, its sticks and its ledger."""
import base64, datetime, io, json, os, re, shlex, subprocess, tarfile

from checks import eventually

MEDIUM = 7  # the status of a medium that cannot be read or written
LOAN = "--purpose submission --ground law --destination 年金事務所 --carry-out --locked-carrier"
# what was handed over stays beside; sh takes the last newline away, so there is a full stop after it
READ_ON = """cd /run; cat /var/lib/mediagate/ledger/*/*/records.jsonl > records.now 2>/dev/null
n=$(stat -c %s records.seen 2>/dev/null) || n=0
cmp -s -n $n records.seen records.now || n=0
echo -n $n:; tail -c +$((n + 1)) records.now; echo .
mv records.now records.seen"""


class Office:
    def __init__(self, vm):
        self.vm, self.lines = vm, ""

    # -- people
    def run(self, who, command, timeout=60, lang=""):
        """Types a command as somebody: (status, output)."""
        env = f"export LANG=C.UTF-8 LANGUAGE={lang}; cd; "
        if who == "root":
            return self.vm.run(env + command, timeout)
        return self.vm.run(f"su {who} -c {shlex.quote(env + command)}", timeout)

    def must(self, who, command, timeout=60):
        rc, out = self.run(who, command, timeout)
        if rc:
            raise RuntimeError(f"{who}$ {command}: status {rc}\n{out}")
        return out

    def begin(self, who, command, name="job"):
        """Types a command and does not wait; finish(name) does."""
        q = shlex.quote("export LANG=C.UTF-8; cd; " + command)
        self.vm.sh(f"rm -f /run/{name}.rc; (/usr/bin/env --default-signal=INT,QUIT su {who} -c {q} > /run/{name}.out 2>&1 < /dev/null; echo $? > /run/{name}.rc) > /dev/null 2>&1 &")

    def finish(self, timeout=90, name="job"):
        """(status, output) of what begin() started."""
        self.vm.until(f"[ -s /run/{name}.rc ]", timeout)
        return int(self.vm.sh(f"cat /run/{name}.rc")), self.vm.sh(f"cat /run/{name}.out")

    def terminal(self, who, command, name="tty", lang=""):
        return Terminal(self, who, command, name, lang)

    # -- the agent
    def start(self):
        self.vm.sh("mediagate-guest start", 90)
        return self

    def log(self):
        return self.vm.run("tail -n 25 /run/mediagate.log")[1]

    def devices(self):
        rc, out = self.run("root", "mediagate devices --json")
        if rc:
            return []
        v = json.loads("\n".join(line for line in out.splitlines() if not line.startswith("warning: ")))
        return v if isinstance(v, list) else v.get("devices", [])

    def wait_job(self, timeout=30):
        """Until a session's process runs."""
        self.vm.until("mediagate-guest pid copy", timeout)

    def wait_writing(self, timeout=60):
        """Until a copy writes its first part: it has seen all its files by then and read the first of them."""
        self.vm.until("for p in $(mediagate-guest pid copy); do ls -l /proc/$p/fd; done 2>/dev/null | grep -q '[.]p7m'", timeout)

    def none_left(self):
        """No job process and no mount of a medium in any process' mount namespace."""
        jobs = self.vm.run("mediagate-guest pid copy")[1].strip()
        mounts = self.vm.run("cat /proc/[0-9]*/mountinfo 2>/dev/null | grep /dev/sd | head -3")[1].strip()
        return not jobs and not mounts, f"jobs {jobs} mounts {mounts}"

    def device(self, serial):
        return next((d for d in self.devices() if d.get("serial") == serial), None)

    def seen(self, serial, timeout=20):
        """The agent's row of a device, once it has judged it."""
        d = eventually(lambda: self.device(serial), timeout)
        if not d:
            raise RuntimeError(f"the agent does not see {serial}: {self.devices()}\n{self.log()}")
        return d

    def reason(self, serial):
        d = self.seen(serial)
        return d.get("fault", "open" if d["open"] else None)

    # -- sticks
    def until_time(self, hours=8, **kw):
        now = datetime.datetime.fromisoformat(self.vm.sh("date -u +%Y-%m-%dT%H:%M:%S"))
        return (now + datetime.timedelta(hours=hours, **kw)).strftime("%Y-%m-%dT%H:%M:%S")

    def register(self, serial, number, prepare=None, who="supervisor1"):
        port = self.seen(serial)["device"]
        more = f" --prepare {prepare} --yes" if prepare else ""
        said, command = [], f"mediagate register {port} --number {number} --supervisor supervisor1{more}"
        # on a busy machine its port may not open in time: the hint says to try again
        eventually(lambda: said.append(self.run(who, command, 120)) or said[-1][0] != MEDIUM, 60, 1)
        rc, out = said[-1]
        if rc:
            raise RuntimeError(f"{who}$ {command}: status {rc}\n{out}")
        return out

    def lend(self, number, to="clerk1", until=None, who="supervisor1", more=""):
        return self.must(who, f"mediagate checkout {number} --to {to} {LOAN} --until {until or self.until_time()} {more}")

    def lent(self, serial, number, image, kind="storage", prepare=None, to="clerk1", id=None, **props):
        """Plugs, registers and lends a stick."""
        self.vm.plug(kind, id or number, serial=serial, image=image, **props)
        self.register(serial, number, prepare)
        return self.lend(number, to)

    def disks(self):
        """Disks in the guest that came by USB or a card slot."""
        return self.vm.run("ls /sys/block | grep -Ev '^(loop|vd|ram|zram|dm-)'")[1].split()

    def closed(self, wait=1.5):
        """No disk, now and a moment later."""
        import time
        time.sleep(wait)
        return not self.disks()

    # -- the ledger
    def ledger(self):
        """The lines as they stand now. Only those that have come are carried over, if those of before still stand."""
        out = self.vm.sh(READ_ON)
        n, _, new = out[:-1].partition(":")
        if int(n) and int(n) != len(self.lines.encode()):
            self.vm.sh("rm /run/records.seen")
            return self.ledger()
        lines = self.lines + new if int(n) else new
        self.lines = lines if lines.endswith("\n") else ""  # a line that is being written is read again
        return lines

    def records(self, kind=None, result=None):
        rows = [json.loads(line) for line in self.ledger().splitlines() if line.endswith("}")]
        return [r for r in rows if (kind is None or r["kind"] == kind) and (result is None or r.get("result") == result)]

    def pending(self):
        """Intents that no outcome names."""
        rows = self.records()
        settled = {r.get("detail", {}).get("intent") for r in rows if r.get("result") in ("done", "failed")}
        return [r for r in rows if r.get("result") == "intent" and r["n"] not in settled]

    def verifies(self):
        """(holds, what it said)"""
        rc, out = self.run("root", "mediagate verify")
        return rc == 0, out

    def password(self, out):
        m = re.search(r"\b[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}\b", out)
        return m and m[0]

    # -- files
    def fetch(self, guest, host):
        """A guest's folder to the host."""
        os.makedirs(host, exist_ok=True)
        out = self.vm.sh(f"cd {shlex.quote(guest)} && tar -cf - . | base64", 180)
        with tarfile.open(fileobj=io.BytesIO(base64.b64decode(out))) as t:
            t.extractall(host)


class Terminal:
    """A command on a terminal of its own, which a person reads and types on."""

    def __init__(self, office, who, command, name, lang):
        self.o, self.vm, self.name, self.at = office, office.vm, f"/run/{name}", 0
        q = shlex.quote(f"export LANG=C.UTF-8 LANGUAGE={lang} TERM=linux; cd; script -qfec {shlex.quote(command)} {self.name}.out 0<> {self.name}.in > /dev/null 2>&1")
        self.vm.sh(f"cd /run; rm -f {name}.in {name}.out {name}.rc; mkfifo -m 666 {name}.in; : > {name}.out; chmod 666 {name}.out; "
                   f"(/usr/bin/env --default-signal=INT,QUIT su {who} -c {q} < /dev/null > /dev/null 2>&1; echo $? > {name}.rc) > /dev/null 2>&1 &")

    def seen(self):
        return self.vm.run(f"cat {self.name}.out")[1]

    def expect(self, text, timeout=60):
        """Until the terminal shows the text, after what was expected before."""
        def there():
            return text in self.seen()[self.at:]
        if not eventually(there, timeout):
            raise RuntimeError(f"the terminal does not show {text!r}: {self.seen()[self.at:]!r}")
        seen = self.seen()
        self.at = seen.index(text, self.at) + len(text)
        return seen

    def type(self, text):
        self.vm.put(text, "/run/typed")
        self.vm.sh(f"cat /run/typed > {self.name}.in")

    def finish(self, timeout=90):
        """(status, everything it showed)"""
        self.vm.until(f"[ -s {self.name}.rc ]", timeout)
        return int(self.vm.sh(f"cat {self.name}.rc")), self.seen()


def names_on(image, offset="1M"):
    """What stands at the top of a stick's FAT file system, seen from the host."""
    env = dict(os.environ, MTOOLS_SKIP_CHECK="1")
    where = f"{image}@@{offset}" if offset else image
    r = subprocess.run(["mdir", "-b", "-i", where, "::"], capture_output=True, text=True, env=env)
    return [l.strip()[3:].rstrip("/") for l in r.stdout.splitlines() if l.startswith("::/")]


INPUTS = r"for d in /sys/class/input/event*; do grep -l 'QEMU.*Keyboard' $d/device/name 2>/dev/null; done | sed 's:.*/\(event[0-9]*\)/.*:\1:'"


def keyboard_works(vm, id="kbd", keep=False):
    """Plugs a keyboard, presses a key, and sees the guest receive it."""
    vm.plug("kbd", id)
    event = eventually(lambda: vm.run(INPUTS)[1].split(), 15)
    works = False
    if event:
        vm.sh(f"rm -f /run/key; (timeout 8 dd if=/dev/input/{event[-1]} bs=24 count=1 of=/run/key 2>/dev/null) > /dev/null 2>&1 &")
        works = eventually(lambda: press(vm) and vm.run("[ -s /run/key ]")[0] == 0, 6)
    if not keep:
        vm.unplug(id)
    return bool(works)


def press(vm, key="a"):
    vm.qmp("send-key", keys=[dict(type="qcode", data=key)])
    return True
