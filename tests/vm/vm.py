#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Boots Debian's own kernel in QEMU (software emulation) and plugs emulated USB devices in and out.

A scenario is a Python file with scenario(vm, args); what it returns is the exit status. Optional in it:
  CONFIG = dict(append="usb-storage.delay_use=0")   keywords of VM()
  IMAGE = dict(bins=["usbguard-daemon"])            keywords of image.initramfs(); product=False: without mediagate
                                                    (both may be functions of the scenario's arguments)
  AUTOSTART = False                                 it calls vm.start() itself (plugged before = there at boot)
Run it with scripts/vm. docs/testing.md lists the calls.
"""
import argparse, base64, importlib.util, json, os, queue, re, shlex, signal
import socket, subprocess, sys, tempfile, threading, time

import powerloss
from patience import booted, patience
from image import HERE, Tree, build_initramfs, initramfs, kernel, mkstick, sh  # noqa: F401 (scenarios take them from here)

now = time.monotonic

class Timeout(Exception):
    pass


class VM:
    def __init__(self, kernel, initrd, data=None, data_mb=64, mem=512, smp=2, append="", qemu=(), sd=True,
                 accel="tcg,thread=multi", workdir=None, verbose=False, log=None, volatile=False, sleeps=False, counted=False):
        # counted: the guest's clock goes on by a nanosecond with each instruction of its one CPU (any PC that runs Debian 12 does more),
        # and what else the host does is not in it; it takes four times as long. With two CPUs it does not boot
        if counted:
            accel, smp, qemu = "tcg,thread=single", 1, ["-icount", "shift=0,sleep=on", *qemu]
        self.kernel, self.initrd, self.mem, self.smp, self.append = kernel, initrd, mem, smp, append
        self.qemu_args, self.sd, self.accel, self.verbose = list(qemu), sd, accel, verbose
        self.tmp = tempfile.TemporaryDirectory(prefix="vm.")
        self.dir = workdir or self.tmp.name
        self.data = data or os.path.join(self.dir, "data.img")
        if not os.path.exists(self.data):
            mkstick(self.data, data_mb, "ext4", label="DATA", table=False)
        self.t0, self.events, self.console, self.devs, self.proc = now(), [], [], {}, None
        self.logfile = open(log, "a") if log else None
        self.lock = threading.Lock()
        self.volatile, self.logs = volatile, {}  # volatile: disks may forget what was not flushed, see power_cut()
        # sleeps: can wake from ACPI S3, and boots 2.4 s later. QEMU writes an ELF kernel's segments anew at the reset that waking
        # is, over the sleeping kernel's data; and q35's firmware does not bring back the ACPI registers: the clock that is read
        # from them (acpi_pm) stands still, and the next sleep is none. docs/testing.md, "Sleep"
        self.machine = "pc,usb=off,hpet=off" if sleeps else "q35,usb=off,smbus=off,hpet=off"
        if sleeps:
            self.kernel = self.kernel.replace("/vmlinux", "/vmlinuz")

    # -- record of what happened: every entry has the host's monotonic time
    def note(self, kind, **kw):
        e = dict(t=round(now() - self.t0, 6), kind=kind, **kw)
        with self.lock:
            self.events.append(e)
            if self.logfile:
                self.logfile.write(json.dumps(e) + "\n")
                self.logfile.flush()
        if self.verbose:
            print(json.dumps(e), file=sys.stderr, flush=True)
        return e

    # -- life cycle
    def start(self, timeout=120):
        """Boot; devices still in self.devs (after power_cut or shutdown) are present from the start."""
        d = tempfile.mkdtemp(dir=self.tmp.name)
        port = lambda n: ["-chardev", f"socket,id={n},path={d}/{n},server=on,wait=off", "-device", f"virtserialport,chardev={n},name={n}"]
        cmd = ["qemu-system-x86_64", "-M", self.machine, "-accel", self.accel, "-cpu", "max", "-smp", str(self.smp),
               "-m", str(self.mem), "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-S",
               "-kernel", self.kernel, "-initrd", self.initrd,
               # lpj: the emulated clock counts nanoseconds; measured on a busy host it came out so high that a boot never ended
               "-append", "console=ttyS0 loglevel=6 panic=-1 mitigations=off nokaslr nowatchdog no_timer_check lpj=4000000 audit=0 " + self.append,
               "-chardev", f"socket,id=con,path={d}/con,server=on,wait=off", "-serial", "chardev:con",
               "-chardev", f"socket,id=qmp,path={d}/qmp,server=on,wait=off", "-mon", "chardev=qmp,mode=control",
               "-device", "virtio-serial-pci", *port("agent"), *port("stream"),
               "-device", "virtio-rng-pci",
               "-blockdev", json.dumps(self._node("data", self.data)), "-device", "virtio-blk-pci,drive=data,serial=data",
               "-device", "qemu-xhci,id=xhci,p2=15,p3=15"]
        if self.sd:
            cmd += ["-device", "sdhci-pci,id=sdhc", "-drive", "if=none,id=sdslot", "-device", "sd-card,id=sdcard,drive=sdslot"]
        self.stderr = open(f"{d}/stderr", "w+")
        self.proc = subprocess.Popen(cmd + self.qemu_args, stdin=subprocess.DEVNULL, stdout=self.stderr, stderr=self.stderr)
        self.t_start = self.note("qemu-start", pid=self.proc.pid)["t"]
        self.seq, self.qmp_q, self.agent_buf, self.qmp_events = 0, queue.Queue(), b"", []
        self.cond = threading.Condition()
        self.stream_lines = []
        self.s_con, self.s_qmp, self.s_agent, self.s_stream = (self._connect(f"{d}/{n}") for n in ("con", "qmp", "agent", "stream"))
        for s, f in ((self.s_con, self._on_con), (self.s_qmp, self._on_qmp), (self.s_stream, self._on_stream)):
            threading.Thread(target=self._lines, args=(s, f), daemon=True).start()
        self._qmp_get(10)
        self.qmp("qmp_capabilities")
        old, self.devs = self.devs, {}
        for i, a in old.items():
            self.plug(**a)
        self.qmp("cont")
        if self._agent_line(timeout) != b"ready":
            raise RuntimeError("agent: bad greeting")
        boot = now() - self.t0 - self.t_start
        booted(boot)
        self.note("shell", boot_s=round(boot, 3))
        return self

    def power_cut(self, forget=None):
        """kill -9 of QEMU: the guest loses all it had not yet handed to its disks. forget (a random.Random; needs
        VM(volatile=True)): the disks, too, lose sectors that were handed to them and not flushed."""
        if not self.proc:
            return []
        self.proc.send_signal(signal.SIGKILL)
        self.proc.wait()
        # the terminal's disk writes 4 KiB as one, as disks do; a cheap stick 512 bytes
        lost = {n: powerloss.lose(*images, 8 if n == "data" else 1, forget) for n, images in sorted(self.logs.items())} if forget else {}
        self.note("power-cut", lost=lost)
        self._closed()
        return lost

    def _node(self, id, image, readonly=False):
        """The block node of an image, its writes logged where disks are volatile."""
        node = {"driver": "raw", "node-name": id, "read-only": readonly,
                "file": {"driver": "file", "filename": os.path.abspath(image), "read-only": readonly}}
        if image.endswith(".sock"):  # a disk of ours behind it (liar.py)
            return dict(node, file={"driver": "nbd", "server": {"type": "unix", "path": image}})
        if not self.volatile or readonly:
            return node
        base, log = powerloss.begin(image, self.dir, id)
        self.logs[id] = image, base, log
        return {"driver": "blklogwrites", "node-name": id, "file": dict(node, **{"node-name": f"raw-{id}"}),
                "log": {"driver": "file", "filename": log, "node-name": f"log-{id}"}}

    def shutdown(self, timeout=30):
        self.s_agent.sendall(self._frame("sync; umount /var/lib; poweroff -f", 10))
        try:
            self.proc.wait(timeout)
        except subprocess.TimeoutExpired:
            return self.power_cut()
        self.note("shutdown")
        self._closed()

    def reboot(self, hard=False, timeout=120):
        """Same disk images, same plugged devices (which the guest now finds at boot)."""
        self.power_cut() if hard else self.shutdown()
        return self.start(timeout)

    def _closed(self):
        for s in (self.s_con, self.s_qmp, self.s_agent, self.s_stream):
            s.close()
        self.proc = None

    # -- guest shell
    def run(self, cmd, timeout=30):
        """Run cmd with sh in the guest: (rc, output). rc is 124 when it was killed at the timeout."""
        timeout = patience(timeout)
        self.s_agent.sendall(self._frame(cmd, timeout))
        while True:
            line = self._agent_line(timeout + 15)
            seq, rc, n = map(int, line.split())
            out = self._agent_read(n, patience(30))
            if seq == self.seq:
                rc = 124 if rc in (137, 143) else rc
                self.note("run", cmd=cmd[:200], rc=rc, out=out[:200].decode("latin1"))
                return rc, out.decode("utf-8", "replace")

    def sh(self, cmd, timeout=30):
        """run(), but a failure raises; returns the output, stripped."""
        rc, out = self.run(cmd, timeout)
        if rc:
            raise RuntimeError(f"guest: {cmd!r}: rc {rc}: {out}")
        return out.strip()

    def until(self, cmd, timeout=30):
        """Repeat cmd in the guest until it succeeds; its output. Raises at the timeout."""
        return self.sh(f"until ( {cmd} ); do sleep 0.1; done", timeout)

    def put(self, data, path, mode=None):
        """Write bytes (or str) to a guest file."""
        b = base64.b64encode(data.encode() if isinstance(data, str) else data).decode()
        self.sh(f"base64 -d > {shlex.quote(path)} <<'EOF'\n{b}\nEOF\n" + (f"chmod {mode} {shlex.quote(path)}" if mode else ""))

    def _frame(self, cmd, timeout):
        self.seq += 1
        b = cmd.encode() + b"\n"
        return b"%d %d %d\n" % (self.seq, timeout, len(b)) + b

    def _agent_fill(self, deadline):
        self.s_agent.settimeout(max(0.01, deadline - now()))
        try:
            b = self.s_agent.recv(1 << 16)
        except socket.timeout:
            b = None
        if b is None or b == b"":
            self.stderr.seek(0)
            raise Timeout(f"guest agent {'silent' if b is None else 'gone'}; qemu: {self.stderr.read()[-500:]}\nconsole: " + "\n".join(l for _, l in self.console[-15:]))
        self.agent_buf += b

    def _agent_line(self, timeout):
        end = now() + timeout
        while b"\n" not in self.agent_buf:
            self._agent_fill(end)
        line, self.agent_buf = self.agent_buf.split(b"\n", 1)
        return line

    def _agent_read(self, n, timeout):
        end = now() + timeout
        while len(self.agent_buf) < n:
            self._agent_fill(end)
        out, self.agent_buf = self.agent_buf[:n], self.agent_buf[n:]
        return out

    # -- lines the guest writes by itself
    def stream(self, cmd):
        """Start cmd in the guest's background; each line it prints comes to stream_lines as (host time, line)."""
        self.sh(f"( {cmd} ) > /run/stream 2>&1 < /dev/null &")

    def wait(self, pattern, since=0.0, timeout=30, where="stream"):
        """First (time, line) of the stream (or where='console') at or after `since` that matches."""
        timeout = patience(timeout)
        rx, end = re.compile(pattern), now() + timeout
        with self.cond:
            while True:
                for t, l in (self.stream_lines if where == "stream" else self.console):
                    if t >= since and rx.search(l):
                        return t, l
                if not self.cond.wait(end - now()):
                    raise Timeout(f"no line matching {pattern!r} in {timeout} s")

    # -- devices
    KINDS = dict(storage="usb-storage", uas="usb-uas", kbd="usb-kbd", mouse="usb-mouse", tablet="usb-tablet", mtp="usb-mtp",
                 hub="usb-hub", net="usb-net", serial="usb-serial", audio="usb-audio", ccid="usb-ccid", bot="usb-bot")

    def plug(self, kind, id, serial=None, image=None, readonly=False, slow=0, units=(), **props):
        """Hot-plug a device. serial None: QEMU's own ('1-<controller>-<port>'); '': the device has no serial.
        vendor/product are QEMU's (46f4:0001 for storage): use gadget() where they matter.
        readonly: write-protected; slow: bytes per second that can be written to it.
        bot and uas take units=[("scsi-hd" or "scsi-cd", image), …]: unit 0, 1, … behind one interface."""
        spec = dict(kind=kind, id=id, serial=serial, image=image, readonly=readonly, slow=slow, units=units, **props)
        if not self.proc:  # not running: to be there at the next start()
            self.devs[id] = spec
            return
        args = dict(dict(bus="xhci.0"), driver=self.KINDS.get(kind, kind), id=id, **props)
        if serial is not None:
            args["serial"] = serial
        if image:
            self._image(id, image, readonly, slow)
        e = self.note("plug", id=id, device=kind, serial=serial)
        if kind == "sd":
            self.qmp("blockdev-insert-medium", **{"id": "sdcard", "node-name": f"n-{id}"})
        elif kind in ("uas", "bot"):
            self.qmp("device_add", **args, attached=False)
            for n, (driver, unit) in enumerate(units):
                self._image(f"{id}-{n}", unit, driver == "scsi-cd", 0)
                self.qmp("device_add", driver=driver, id=f"{id}-lun{n}", bus=f"{id}.0", lun=n, drive=f"n-{id}-{n}")
            if not units:
                self.qmp("device_add", driver="scsi-hd", id=f"{id}-lun", bus=f"{id}.0", drive=f"n-{id}")
            e = self.note("plug", id=id, device=kind, serial=serial)
            self.qmp("qom-set", path=f"/machine/peripheral/{id}", property="attached", value=True)
        else:
            if kind == "mtp":
                args.setdefault("rootdir", self.dir)
            if image:
                args["drive"] = f"n-{id}"
            self.qmp("device_add", **args)
        self.devs[id] = spec
        return e["t"]

    def _image(self, id, image, readonly, slow):
        node = self._node(f"n-{id}", image, readonly)
        if slow:
            self.qmp("object-add", **{"qom-type": "throttle-group", "id": f"t-{id}", "limits": {"bps-write": slow}})
            node = {"driver": "throttle", "node-name": f"n-{id}", "throttle-group": f"t-{id}", "file": dict(node, **{"node-name": f"f-{id}"})}
        self.qmp("blockdev-add", **node)

    def speed(self, id, slow):
        """Changes the speed of a stick that was plugged with slow=…; 0: as fast as it goes."""
        self.qmp("qom-set", path=f"/objects/t-{id}", property="limits", value={"bps-write": slow})

    def unplug(self, id, timeout=10):
        spec = self.devs.pop(id)
        e = self.note("unplug", id=id)
        if spec["kind"] == "sd":
            self.qmp("blockdev-remove-medium", id="sdcard")
        else:
            n = len(self.qmp_events)
            self.qmp("device_del", id=id)
            with self.cond:
                if not self.cond.wait_for(lambda: any(x["event"] == "DEVICE_DELETED" and x["data"].get("device") == id for x in self.qmp_events[n:]), patience(timeout)):
                    raise Timeout(f"{id} not removed")
        self.logs.pop(f"n-{id}", None)
        nodes = [f"n-{id}-{n}" for n in range(len(spec["units"]))] + ([f"n-{id}"] if spec["image"] else [])
        for node in nodes:
            for _ in range(50):
                try:
                    self.qmp("blockdev-del", **{"node-name": node})
                    break
                except RuntimeError:
                    time.sleep(0.02)
            if spec.get("slow"):
                self.qmp("object-del", id=f"t-{id}")
        return e["t"]

    def gadget(self, name, vendor, product, serial=None, functions=("mass_storage",), lun=None, udc=0):
        """A device of any vendor/product, made inside the guest (dummy_hcd + configfs): composite if several functions.
        lun: guest path of the backing file for mass_storage. Takes udc number `udc`, or a controller of that name;
        gadget_off(name) unplugs it."""
        controller = udc if isinstance(udc, str) else f"dummy_udc.{udc}"
        g = f"/sys/kernel/config/usb_gadget/{name}"
        s = f"""set -e
[ -d /sys/class/udc/{controller} ] || modprobe dummy_hcd num=4 is_super_speed=1
modprobe -a libcomposite usb_f_mass_storage usb_f_hid usb_f_rndis
grep -q ' configfs ' /proc/mounts || mount -t configfs none /sys/kernel/config
mkdir -p {g}/strings/0x409 {g}/configs/c.1; cd {g}
echo 0x{vendor:04x} > idVendor; echo 0x{product:04x} > idProduct
echo Maker > strings/0x409/manufacturer; echo {shlex.quote(name)} > strings/0x409/product
"""
        if serial is not None:
            s += f"printf %s {shlex.quote(serial)} > strings/0x409/serialnumber\n"
        for i, f in enumerate(functions):
            s += f"mkdir functions/{f}.{name}{i}\n"
            if f == "mass_storage":
                s += f"echo 1 > functions/{f}.{name}{i}/lun.0/removable; echo {shlex.quote(lun or '')} > functions/{f}.{name}{i}/lun.0/file\n"
            if f == "hid":  # boot keyboard
                desc = "05010906a101050719e029e71500250175019508810295017508810395057501050819012905910295017503910395067508150025650507190029658100c0"
                s += f"cd functions/{f}.{name}{i}; echo 1 > protocol; echo 1 > subclass; echo 8 > report_length; echo {desc} | xxd -r -p > report_desc; cd {g}\n"
            s += f"ln -s functions/{f}.{name}{i} configs/c.1/\n"
        self.sh(s)
        e = self.note("plug", id=name, device="gadget", serial=serial)
        self.sh(f"echo {controller} > {g}/UDC")
        return e["t"]

    def gadget_off(self, name):
        g = f"/sys/kernel/config/usb_gadget/{name}"
        e = self.note("unplug", id=name)
        self.sh(f"cd {g}; echo > UDC; rm -f configs/c.1/*.*; rmdir functions/* configs/c.1 strings/0x409; cd ..; rmdir {name}")
        return e["t"]

    # -- plumbing
    def qmp(self, execute, timeout=20, **arguments):
        self.s_qmp.sendall(json.dumps(dict(execute=execute, arguments=arguments)).encode() + b"\n")
        r = self._qmp_get(timeout)
        if "error" in r:
            raise RuntimeError(f"qmp {execute} {arguments}: {r['error']['desc']}")
        return r["return"]

    def _qmp_get(self, timeout):
        try:
            return self.qmp_q.get(timeout=patience(timeout))
        except queue.Empty:
            raise Timeout("qmp")

    def _connect(self, path):
        for _ in range(500):
            try:
                s = socket.socket(socket.AF_UNIX)
                s.connect(path)
                return s
            except OSError:
                s.close()
                if self.proc.poll() is not None:
                    break
                time.sleep(0.01)
        self.stderr.seek(0)
        raise RuntimeError("qemu did not start: " + self.stderr.read())

    def _lines(self, s, f):
        buf = b""
        try:
            while b := s.recv(1 << 16):
                *lines, buf = (buf + b).split(b"\n")
                t = now() - self.t0
                with self.cond:
                    for l in lines:
                        f(t, l.decode("utf-8", "replace").rstrip("\r"))
                    self.cond.notify_all()
        except OSError:
            pass

    def _on_con(self, t, l):
        self.console.append((t, l))
        if self.verbose:
            print(f"{t:10.3f} console: {l}", file=sys.stderr, flush=True)

    def _on_stream(self, t, l):
        self.stream_lines.append((t, l))

    def _on_qmp(self, t, l):
        m = json.loads(l)
        if "event" in m:
            self.qmp_events.append(dict(m, t=t))
        else:
            self.qmp_q.put(m)


def keywords(mod, name, args):
    given = getattr(mod, name, {})
    return given(args) if callable(given) else given


def run_scenario(a):
    spec = importlib.util.spec_from_file_location("scenario", a.scenario)
    mod = importlib.util.module_from_spec(spec)
    sys.modules["vm"] = sys.modules[__name__]  # `from vm import …` gets this very module
    sys.path[:0] = [HERE, os.path.dirname(os.path.abspath(a.scenario)), HERE + "/scenarios"]
    spec.loader.exec_module(mod)
    initrd = a.initrd or initramfs(**keywords(mod, "IMAGE", a.args))
    vm = VM(a.kernel or kernel() + "/vmlinux", initrd, data=a.data, log=a.log, verbose=a.verbose, **keywords(mod, "CONFIG", a.args))
    try:
        if getattr(mod, "AUTOSTART", True):
            vm.start()
        return mod.scenario(vm, a.args) or 0
    finally:
        if vm.proc:
            vm.power_cut()


def main():
    p = argparse.ArgumentParser(prog="scripts/vm", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("scenario", metavar="SCENARIO.py")
    p.add_argument("--kernel", help="another kernel image")
    p.add_argument("--initrd", help="another initramfs")
    p.add_argument("--data", metavar="IMG", help="keep the guest's /var/lib in this image")
    p.add_argument("--log", metavar="FILE", help="append every action as a line of JSON")
    p.add_argument("-v", "--verbose", action="store_true", help="show the guest's console and every action")
    p.add_argument("args", nargs="*", metavar="ARG")
    a, more = p.parse_known_intermixed_args()
    a.args += more  # options of the scenario's own
    sys.exit(run_scenario(a))


if __name__ == "__main__":
    main()
