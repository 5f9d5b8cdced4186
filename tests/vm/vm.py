#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Boot a real Debian kernel in QEMU (TCG) and hot-plug emulated USB devices into it.

  vm.py get-kernel DEST                       download linux-image-amd64, unpack it in DEST
  vm.py build-initramfs DEST [--kernel-dir K] [--add HOST[:GUEST]]... [--bin BINARY]... [--module M]...
  vm.py mkstick IMAGE [--size MiB] [--fs vfat|exfat|ext4|none] [FILE...]
  vm.py run --kernel K --initrd I --scenario S.py [--data IMG] [--log F] [-v] [ARG...]

A scenario is a Python file with scenario(vm, args) and, optionally, CONFIG = dict(VM keyword arguments).
See docs/testing.md and scenarios/. scripts/vm builds the image with mediagate in it and runs a scenario.
"""
import argparse, base64, glob, importlib.util, json, os, queue, re, shlex, shutil, signal
import socket, subprocess, sys, tempfile, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join(HERE, "../../build/vm")
now = time.monotonic

# ---------------------------------------------------------------- building

MODULES = """virtio_pci virtio_blk virtio_console virtio_rng
 xhci_pci usb_storage uas sd_mod sr_mod sdhci_pci mmc_block
 vfat nls_cp437 nls_ascii nls_utf8 nls_iso8859-1 exfat ext4 isofs loop
 hid_generic usbhid evdev usbmon cdc_ether rndis_host cdc_acm
 dummy_hcd libcomposite usb_f_mass_storage usb_f_hid usb_f_rndis
 fuse""".split()

BINARIES = """/usr/bin/udevadm /usr/lib/systemd/systemd-udevd /usr/bin/mount /usr/bin/umount
 /usr/sbin/blkid /usr/bin/lsblk /usr/sbin/losetup /usr/bin/openssl /usr/bin/kmod
 /usr/sbin/modprobe /usr/bin/setpriv /usr/bin/unshare /usr/bin/strace /usr/bin/lsusb
 /usr/sbin/sfdisk /usr/sbin/mkfs.vfat /usr/sbin/mkfs.exfat /usr/bin/tar /usr/bin/sha256sum""".split()

FILES = """/usr/lib/udev/rules.d /etc/nsswitch.conf /etc/passwd /etc/group /etc/login.defs
 /etc/ssl/openssl.cnf /usr/lib/ssl/openssl.cnf /usr/lib/udev/ata_id /usr/lib/udev/scsi_id /usr/lib/udev/cdrom_id""".split()


def sh(*cmd, **kw):
    return subprocess.run(cmd, check=True, **kw)


def get_kernel(dest):
    """Unpack (do not install) the kernel; also extract the ELF vmlinux, which boots faster than bzImage."""
    os.makedirs(dest, exist_ok=True)
    dep = subprocess.run(["apt-cache", "depends", "linux-image-amd64"], check=True, capture_output=True, text=True).stdout
    pkg = re.search(r"Depends: (linux-image-\S+)", dep)[1]
    with tempfile.TemporaryDirectory() as t:
        sh("apt-get", "-q", "download", pkg, cwd=t)
        sh("dpkg-deb", "-x", glob.glob(t + "/*.deb")[0], dest)
    ver = os.listdir(dest + "/lib/modules")[0]
    sh("depmod", "-b", dest, ver)
    shutil.copy(f"{dest}/boot/vmlinuz-{ver}", f"{dest}/vmlinuz")
    data = open(f"{dest}/vmlinuz", "rb").read()
    for m in re.finditer(re.escape(b"\xfd7zXZ\x00"), data):
        r = subprocess.run(["xz", "-dc", "--single-stream"], input=data[m.start():], capture_output=True)
        if r.stdout[:4] == b"\x7fELF":
            open(f"{dest}/vmlinux", "wb").write(r.stdout)
            break
    print(ver, file=sys.stderr)


class Tree:
    """A root directory being filled with host files, following links and shared libraries."""

    def __init__(self, root):
        self.root, self.done = root, set()

    def add(self, src, dst=None, libs=True):
        if os.path.isdir(src) and not os.path.islink(src):
            for d, _, names in os.walk(src):
                for n in names:
                    p = os.path.join(d, n)
                    self.add(p, os.path.join(dst, os.path.relpath(p, src)) if dst else None, libs)
            return
        dst = dst or src
        dst = os.path.join(os.path.realpath(os.path.dirname(dst)), os.path.basename(dst))
        if dst in self.done:
            return
        self.done.add(dst)
        out = self.root + dst
        os.makedirs(os.path.dirname(out), exist_ok=True)
        if os.path.islink(src):
            if not os.path.lexists(out):
                os.symlink(os.readlink(src), out)
            return self.add(os.path.join(os.path.dirname(src), os.readlink(src)), None, libs)
        shutil.copy2(src, out)
        if libs and open(src, "rb").read(4) == b"\x7fELF":
            r = subprocess.run(["ldd", src], capture_output=True, text=True).stdout
            if "not found" in r:
                raise SystemExit(f"{src}: missing library:\n{r}")
            for lib in re.findall(r"(/\S+) \(0x", r):
                self.add(lib)


def build_initramfs(dest, kernel_dir, adds=(), bins=(), modules=()):
    with tempfile.TemporaryDirectory() as root:
        os.chmod(root, 0o755)  # it becomes /: people other than root must be able to enter
        for d in "usr/bin usr/sbin usr/lib usr/lib64 proc sys dev run tmp mnt root etc/boot.d var/log var/lib".split():
            os.makedirs(f"{root}/{d}")
        for link in "bin sbin lib lib64".split():
            os.symlink("usr/" + link, f"{root}/{link}")
        os.symlink("/run", f"{root}/var/run")
        os.chmod(f"{root}/tmp", 0o1777)
        t = Tree(root)
        t.add("/usr/bin/busybox")
        for b in BINARIES + list(bins):
            p = b if "/" in b else shutil.which(b)
            if p and os.path.exists(p):
                t.add(os.path.abspath(p))
            elif b in bins:
                raise SystemExit(f"no such binary: {b}")
        for a in adds:  # first: the caller's /etc/passwd is the guest's, not the host's
            src, _, dst = a.partition(":")
            t.add(os.path.abspath(src), dst or None)
        for f in FILES:
            if os.path.exists(f):
                t.add(f)
        for n in sh("/usr/bin/busybox", "--list", capture_output=True, text=True).stdout.split():
            if not any(os.path.lexists(f"{root}/usr/{d}/{n}") for d in ("bin", "sbin")):
                os.symlink("/usr/bin/busybox", f"{root}/usr/bin/{n}")
        ver = os.listdir(kernel_dir + "/lib/modules")[0]
        mdir = f"lib/modules/{ver}"
        for m in MODULES + list(modules):
            r = subprocess.run(["modprobe", "-d", kernel_dir, "-S", ver, "--show-depends", m], capture_output=True, text=True)
            if r.returncode:
                print(f"module {m}: {r.stderr.strip()}", file=sys.stderr)
            for ko in re.findall(r"insmod (\S+)", r.stdout):
                rel = ko[ko.index("lib/modules"):]
                os.makedirs(os.path.dirname(f"{root}/usr/{rel}"), exist_ok=True)
                shutil.copy(ko, f"{root}/usr/{rel}")
        for f in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
            shutil.copy(f"{kernel_dir}/{mdir}/{f}", f"{root}/usr/{mdir}/{f}")
        sh("depmod", "-b", root, ver)
        for f in ("init", "agent"):
            shutil.copy(f"{HERE}/guest/{f}", f"{root}/{f}")
            os.chmod(f"{root}/{f}", 0o755)
        os.makedirs(os.path.dirname(os.path.abspath(dest)), exist_ok=True)
        sh("sh", "-c", f"find . -print0 | LC_ALL=C sort -z | cpio --null --reproducible --quiet -o -H newc -R 0:0 > {shlex.quote(os.path.abspath(dest))}", cwd=root)
    print(f"{dest}: {os.path.getsize(dest) / 1e6:.1f} MB", file=sys.stderr)


def mkstick(image, size=32, fs="vfat", files=(), label="STICK"):
    """A raw image without partition table, holding one file system (built without mounting anything)."""
    with open(image, "wb") as f:
        f.truncate(size << 20)
    q = dict(stdout=subprocess.DEVNULL)
    if fs == "vfat":
        sh("/usr/sbin/mkfs.vfat", "-n", label, image, **q)
        if files:
            sh("mcopy", "-s", "-i", image, *files, "::/")
    elif fs == "exfat":
        sh("/usr/sbin/mkfs.exfat", "-L", label, image, **q)
    elif fs == "ext4":
        sh("/usr/sbin/mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,nodiscard", "-L", label, image, **q)
    return image

# ---------------------------------------------------------------- running


class Timeout(Exception):
    pass


class VM:
    def __init__(self, kernel, initrd, data=None, data_mb=64, mem=512, smp=2, append="", qemu=(), sd=True,
                 accel="tcg,thread=multi", workdir=None, verbose=False, log=None):
        self.kernel, self.initrd, self.mem, self.smp, self.append = kernel, initrd, mem, smp, append
        self.qemu_args, self.sd, self.accel, self.verbose = list(qemu), sd, accel, verbose
        self.tmp = tempfile.TemporaryDirectory(prefix="vm.")
        self.dir = workdir or self.tmp.name
        self.data = data or os.path.join(self.dir, "data.img")
        if not os.path.exists(self.data):
            mkstick(self.data, data_mb, "ext4", label="DATA")
        self.t0, self.events, self.console, self.devs, self.proc = now(), [], [], {}, None
        self.logfile = open(log, "a") if log else None
        self.lock = threading.Lock()

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
        cmd = ["qemu-system-x86_64", "-M", "q35,usb=off,smbus=off,hpet=off", "-accel", self.accel, "-cpu", "max", "-smp", str(self.smp),
               "-m", str(self.mem), "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-S",
               "-kernel", self.kernel, "-initrd", self.initrd,
               "-append", "console=ttyS0 loglevel=6 panic=-1 mitigations=off nokaslr nowatchdog audit=0 " + self.append,
               "-chardev", f"socket,id=con,path={d}/con,server=on,wait=off", "-serial", "chardev:con",
               "-chardev", f"socket,id=qmp,path={d}/qmp,server=on,wait=off", "-mon", "chardev=qmp,mode=control",
               "-device", "virtio-serial-pci", *port("agent"), *port("stream"),
               "-device", "virtio-rng-pci",
               "-drive", f"if=none,id=data,format=raw,file={self.data}", "-device", "virtio-blk-pci,drive=data,serial=data",
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
        self.note("shell", boot_s=round(now() - self.t0 - self.t_start, 3))
        return self

    def power_cut(self):
        """kill -9 of QEMU: the guest loses all it had not yet handed to its disks."""
        if self.proc:
            self.proc.send_signal(signal.SIGKILL)
            self.proc.wait()
            self.note("power-cut")
            self._closed()

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
        self.s_agent.sendall(self._frame(cmd, timeout))
        while True:
            line = self._agent_line(timeout + 15)
            seq, rc, n = map(int, line.split())
            out = self._agent_read(n, 30)
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
                 hub="usb-hub", net="usb-net", serial="usb-serial", audio="usb-audio")

    def plug(self, kind, id, serial=None, image=None, **props):
        """Hot-plug a device. serial None: QEMU's own ('1-<controller>-<port>'); '': the device has no serial.
        vendor/product are QEMU's (46f4:0001 for storage): use gadget() where they matter."""
        spec = dict(kind=kind, id=id, serial=serial, image=image, **props)
        if not self.proc:  # not running: to be there at the next start()
            self.devs[id] = spec
            return
        args = dict(driver=self.KINDS.get(kind, kind), id=id, **props)
        if serial is not None:
            args["serial"] = serial
        if image:
            self.qmp("blockdev-add", **{"driver": "raw", "node-name": f"n-{id}", "file": {"driver": "file", "filename": os.path.abspath(image)}})
        e = self.note("plug", id=id, device=kind, serial=serial)
        if kind == "sd":
            self.qmp("blockdev-insert-medium", **{"id": "sdcard", "node-name": f"n-{id}"})
        elif kind == "uas":
            self.qmp("device_add", **args, bus="xhci.0", attached=False)
            self.qmp("device_add", driver="scsi-hd", id=f"{id}-lun", bus=f"{id}.0", drive=f"n-{id}")
            e = self.note("plug", id=id, device=kind, serial=serial)
            self.qmp("qom-set", path=f"/machine/peripheral/{id}", property="attached", value=True)
        else:
            if kind == "mtp":
                args.setdefault("rootdir", self.dir)
            if image:
                args["drive"] = f"n-{id}"
            self.qmp("device_add", bus="xhci.0", **args)
        self.devs[id] = spec
        return e["t"]

    def unplug(self, id, timeout=10):
        spec = self.devs.pop(id)
        e = self.note("unplug", id=id)
        if spec["kind"] == "sd":
            self.qmp("blockdev-remove-medium", id="sdcard")
        else:
            n = len(self.qmp_events)
            self.qmp("device_del", id=id)
            with self.cond:
                if not self.cond.wait_for(lambda: any(x["event"] == "DEVICE_DELETED" and x["data"].get("device") == id for x in self.qmp_events[n:]), timeout):
                    raise Timeout(f"{id} not removed")
        if spec["image"]:
            for _ in range(50):
                try:
                    self.qmp("blockdev-del", **{"node-name": f"n-{id}"})
                    break
                except RuntimeError:
                    time.sleep(0.02)
        return e["t"]

    def gadget(self, name, vendor, product, serial=None, functions=("mass_storage",), lun=None, udc=0):
        """A device of any vendor/product, made inside the guest (dummy_hcd + configfs): composite if several functions.
        lun: guest path of the backing file for mass_storage. Takes udc number `udc`; gadget_off(name) unplugs it."""
        g = f"/sys/kernel/config/usb_gadget/{name}"
        s = f"""set -e
[ -d /sys/class/udc/dummy_udc.{udc} ] || modprobe dummy_hcd num=4 is_super_speed=1
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
        self.sh(f"echo dummy_udc.{udc} > {g}/UDC")
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
            return self.qmp_q.get(timeout=timeout)
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


def run_scenario(a):
    spec = importlib.util.spec_from_file_location("scenario", a.scenario)
    mod = importlib.util.module_from_spec(spec)
    sys.path[:0] = [HERE, os.path.dirname(os.path.abspath(a.scenario)), HERE + "/scenarios"]
    spec.loader.exec_module(mod)
    vm = VM(a.kernel, a.initrd, data=a.data, log=a.log, verbose=a.verbose, **getattr(mod, "CONFIG", {}))
    try:
        if getattr(mod, "AUTOSTART", True):
            vm.start()
        return mod.scenario(vm, a.args) or 0
    finally:
        if vm.proc:
            vm.power_cut()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    s = p.add_subparsers(dest="cmd", required=True)
    q = s.add_parser("get-kernel"); q.add_argument("dest", nargs="?", default=BUILD + "/kernel")
    q = s.add_parser("build-initramfs"); q.add_argument("dest")
    q.add_argument("--kernel-dir", default=BUILD + "/kernel")
    for o in ("add", "bin", "module"):
        q.add_argument("--" + o, nargs="+", action="extend", default=[])
    q = s.add_parser("mkstick"); q.add_argument("image"); q.add_argument("files", nargs="*")
    q.add_argument("--size", type=int, default=32); q.add_argument("--fs", default="vfat")
    q = s.add_parser("run")
    q.add_argument("--kernel", default=BUILD + "/kernel/vmlinux"); q.add_argument("--initrd", default=BUILD + "/initrd.cpio")
    q.add_argument("--scenario", required=True); q.add_argument("--data"); q.add_argument("--log"); q.add_argument("-v", "--verbose", action="store_true")
    q.add_argument("args", nargs="*")
    a = p.parse_args()
    if a.cmd == "get-kernel":
        get_kernel(a.dest)
    elif a.cmd == "build-initramfs":
        build_initramfs(a.dest, a.kernel_dir, a.add, a.bin, a.module)
    elif a.cmd == "mkstick":
        mkstick(a.image, a.size, a.fs, a.files)
    else:
        sys.exit(run_scenario(a))


if __name__ == "__main__":
    main()
