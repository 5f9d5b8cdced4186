# SPDX-License-Identifier: Apache-2.0
"""The guest's parts: Debian's kernel (unpacked, never installed), the initramfs with the current build in
the places the packages use, and sticks as image files. All lands under build/vm/ and is kept by content."""
import fcntl, glob, hashlib, os, re, shlex, shutil, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(TOP, "build")
CACHE = os.path.join(BUILD, "vm")

MODULES = """virtio_pci virtio_blk virtio_console virtio_rng
 xhci_pci usb_storage uas sd_mod sr_mod sdhci_pci mmc_block
 vfat nls_cp437 nls_ascii nls_utf8 nls_iso8859-1 exfat ext4 isofs loop fuse
 hid_generic usbhid evdev usbmon cdc_ether rndis_host cdc_acm
 dummy_hcd libcomposite usb_f_mass_storage usb_f_hid usb_f_rndis""".split()

BINARIES = """/usr/bin/udevadm /usr/lib/systemd/systemd-udevd /usr/bin/mount /usr/bin/umount
 /usr/sbin/blkid /usr/bin/lsblk /usr/sbin/losetup /usr/bin/openssl /usr/bin/kmod
 /usr/sbin/modprobe /usr/bin/setpriv /usr/bin/chrt /usr/bin/unshare /usr/bin/nsenter /usr/bin/strace /usr/bin/lsusb /usr/bin/env
 /usr/bin/tar /usr/bin/script /usr/bin/fusermount3 /usr/sbin/mkfs.vfat /usr/sbin/mkfs.exfat /usr/sbin/mkfs.fat
 /usr/sbin/sfdisk /usr/sbin/fsck.fat /usr/sbin/fsck.vfat /usr/sbin/fsck.exfat""".split()

FILES = """/usr/lib/udev/rules.d /etc/login.defs /etc/ssl/openssl.cnf /usr/lib/ssl/openssl.cnf
 /usr/lib/udev/ata_id /usr/lib/udev/scsi_id /usr/lib/udev/cdrom_id /usr/lib/locale/C.utf8
 /usr/share/zoneinfo/Asia/Tokyo""".split()

# The people of the example roster, and root.
PEOPLE = dict(supervisor1=1001, supervisor2=1002, clerk1=1003, clerk2=1004, auditor1=1005, admin1=1006)


def sh(*cmd, **kw):
    return subprocess.run(cmd, check=True, **kw)


class Lock:
    """One preparation at a time; others wait for it and then find the work done."""

    def __enter__(self):
        os.makedirs(CACHE, exist_ok=True)
        self.f = open(f"{CACHE}/lock", "w")
        fcntl.flock(self.f, fcntl.LOCK_EX)

    def __exit__(self, *_):
        self.f.close()


# ---------------------------------------------------------------- kernel

def kernel():
    """Folder of the guest's kernel: vmlinux, vmlinuz, lib/modules/VERSION. Fetched once (100 MB, no installation)."""
    dest = f"{CACHE}/kernel"
    if os.path.exists(f"{dest}/vmlinux"):
        return dest
    shutil.rmtree(dest, ignore_errors=True)
    os.makedirs(dest)
    pkg = kernel_package()
    if not pkg:
        sh("apt-get", "-q", "update", stdout=sys.stderr)
        pkg = kernel_package()
    print(f"vm: fetching {pkg}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as t:
        sh("apt-get", "-q", "download", pkg, cwd=t, stdout=sys.stderr)
        sh("dpkg-deb", "-x", glob.glob(t + "/*.deb")[0], dest)
    ver = os.listdir(dest + "/lib/modules")[0]
    sh("depmod", "-b", dest, ver)
    shutil.copy(f"{dest}/boot/vmlinuz-{ver}", f"{dest}/vmlinuz")
    data = open(f"{dest}/vmlinuz", "rb").read()
    # The ELF image inside boots 2.4 s faster than one that must unpack itself under emulation.
    for m in re.finditer(re.escape(b"\xfd7zXZ\x00"), data):
        r = subprocess.run(["xz", "-dc", "--single-stream"], input=data[m.start():], capture_output=True)
        if r.stdout[:4] == b"\x7fELF":
            open(f"{dest}/vmlinux.new", "wb").write(r.stdout)
            os.rename(f"{dest}/vmlinux.new", f"{dest}/vmlinux")
            return dest
    raise SystemExit("vm: no ELF image in the kernel")


def kernel_package():
    out = subprocess.run(["apt-cache", "depends", "linux-image-amd64"], capture_output=True, text=True).stdout
    m = re.search(r"Depends: (linux-image-\S+)", out)
    return m and m[1]


# ---------------------------------------------------------------- programs to measure against

PEERS = {"usbguard-daemon": "usbguard", "usbguard": "usbguard"}  # program: Debian package


def peer(program):
    """A peer's program and its libraries, unpacked below build/vm and never installed: installing USBGuard would
    enable its service, and this machine's own keyboard would be subject to it at the next boot.
    (path of the program, folder of its libraries)"""
    package = PEERS.get(program)
    if not package:
        raise SystemExit(f"vm: no such program: {program}")
    dest = f"{CACHE}/peer-{package}"
    if not os.path.exists(dest):
        plan = subprocess.run(["apt-get", "-s", "--no-install-recommends", "install", package], capture_output=True, text=True)
        if plan.returncode:
            sh("apt-get", "-q", "update", stdout=sys.stderr)
            plan = sh("apt-get", "-s", "--no-install-recommends", "install", package, capture_output=True, text=True)
        packages = {package} | set(re.findall(r"^Inst (\S+)", plan.stdout, re.M))
        print(f"vm: fetching {' '.join(sorted(packages))} (not installed)", file=sys.stderr)
        with tempfile.TemporaryDirectory() as t:
            sh("apt-get", "-q", "download", *sorted(packages), cwd=t, stdout=sys.stderr)
            for deb in glob.glob(t + "/*.deb"):
                sh("dpkg-deb", "-x", deb, t + "/root")
            shutil.copytree(t + "/root", dest + ".new", symlinks=True)
            os.rename(dest + ".new", dest)
    for d in ("usr/sbin", "usr/bin"):
        if os.path.exists(f"{dest}/{d}/{program}"):
            libs = f"{dest}/usr/lib/x86_64-linux-gnu"
            return f"{dest}/{d}/{program}", libs if os.path.isdir(libs) else ""
    raise SystemExit(f"vm: {program} is not in {package}")


# ---------------------------------------------------------------- root file system

class Tree:
    """A root directory being filled with host files, following links and shared libraries."""

    def __init__(self, root):
        self.root, self.done, self.libpath = root, set(), ""

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
        if not os.path.lexists(out) or not os.path.samefile(src, out):
            shutil.copy2(src, out)
        if libs:
            self.libraries(src)

    def libraries(self, src):
        with open(src, "rb") as f:
            if f.read(4) != b"\x7fELF":
                return
        # a library of a program's own finds its neighbours by that program's path
        beside = self.libpath or (os.path.dirname(src) if ".so" in os.path.basename(src) else "")
        env = dict(os.environ, LD_LIBRARY_PATH=beside) if beside else None
        r = subprocess.run(["ldd", src], capture_output=True, text=True, env=env).stdout
        if "not found" in r:
            raise SystemExit(f"{src}: missing library:\n{r}")
        for lib in re.findall(r"(/\S+) \(0x", r):
            dst = None
            if self.libpath and lib.startswith(self.libpath):
                dst = "/usr/lib/x86_64-linux-gnu/" + os.path.basename(lib)
            self.add(lib, dst)


def system_users(root):
    """The system users and groups that the shipped sysusers.d names: [(name, gid group name)], [group]."""
    users, groups = [], []
    for f in sorted(glob.glob(f"{root}/usr/lib/sysusers.d/mediagate*.conf")):
        for line in open(f):
            w = line.split()
            if w[:1] == ["u"]:
                users.append(w[1])
            elif w[:1] == ["g"]:
                groups.append(w[1])
    return users, groups


def accounts(root):
    users, groups = system_users(root)
    passwd, shadow, group = ["root:x:0:0:root:/root:/bin/sh"], ["root:*:20000::::::"], ["root:x:0:"]
    for n, g in (("disk", 6), ("cdrom", 24), ("floppy", 25), ("plugdev", 46), ("audio", 29), ("video", 44), ("tty", 5),
                 ("dialout", 20), ("kmem", 15), ("lp", 7), ("tape", 26), ("input", 101), ("kvm", 102), ("render", 103),
                 ("sgx", 104), ("users", 100), ("nogroup", 65534)):
        group.append(f"{n}:x:{g}:")
    passwd.append("nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin")
    for i, u in enumerate(users):
        passwd.append(f"{u}:x:{900 + i}:{900 + i}::/nonexistent:/usr/sbin/nologin")
        shadow.append(f"{u}:!:20000::::::")
        group.append(f"{u}:x:{900 + i}:")
    for i, g in enumerate(g for g in groups if g not in users):
        group.append(f"{g}:x:{950 + i}:" + ("auditor1" if g == "mediagate-audit" else ""))
    for u, i in PEOPLE.items():
        passwd.append(f"{u}:x:{i}:{i}:{u}:/home/{u}:/bin/sh")
        shadow.append(f"{u}:*:20000::::::")
        group.append(f"{u}:x:{i}:")
    for name, lines, mode in (("passwd", passwd, 0o644), ("group", group, 0o644), ("shadow", shadow, 0o640)):
        with open(f"{root}/etc/{name}", "w") as f:
            f.write("\n".join(lines) + "\n")
        os.chmod(f"{root}/etc/{name}", mode)
    open(f"{root}/etc/nsswitch.conf", "w").write("passwd: files\ngroup: files\nshadow: files\n")
    open(f"{root}/etc/shells", "w").write("/bin/sh\n")


def skeleton(root):
    os.chmod(root, 0o755)
    for d in "usr/bin usr/sbin usr/lib usr/lib64 proc sys dev run tmp mnt root etc/boot.d var/log var/lib home".split():
        os.makedirs(f"{root}/{d}")
    for link in "bin sbin lib lib64".split():
        os.symlink("usr/" + link, f"{root}/{link}")
    os.symlink("/run", f"{root}/var/run")
    os.chmod(f"{root}/tmp", 0o1777)
    os.chmod(f"{root}/root", 0o700)


def add_modules(root, kernel_dir, modules):
    ver = os.listdir(kernel_dir + "/lib/modules")[0]
    mdir = f"lib/modules/{ver}"
    names = MODULES + list(modules)
    # every driver that could make a disk of a USB interface: the closed gate is judged against all of them
    names += [os.path.basename(p)[:-3] for p in glob.glob(f"{kernel_dir}/{mdir}/kernel/drivers/usb/storage/*.ko")]
    for m in names:
        r = subprocess.run(["modprobe", "-d", kernel_dir, "-S", ver, "--show-depends", m], capture_output=True, text=True)
        if r.returncode:
            print(f"vm: module {m}: {r.stderr.strip()}", file=sys.stderr)
        for ko in re.findall(r"insmod (\S+)", r.stdout):
            rel = ko[ko.index("lib/modules"):]
            os.makedirs(os.path.dirname(f"{root}/usr/{rel}"), exist_ok=True)
            shutil.copy(ko, f"{root}/usr/{rel}")
    for f in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
        shutil.copy(f"{kernel_dir}/{mdir}/{f}", f"{root}/usr/{mdir}/{f}")
    sh("depmod", "-b", root, ver)


def build_initramfs(dest, kernel_dir, adds=(), bins=(), modules=(), product=None):
    """product: a folder as `cmake --install` with DESTDIR leaves it, or None for a guest without mediagate."""
    with tempfile.TemporaryDirectory() as root:
        skeleton(root)
        t = Tree(root)
        t.add("/usr/bin/busybox")
        for b in BINARIES + list(bins):
            p = b if "/" in b else shutil.which(b)
            if p and os.path.exists(p):
                t.add(os.path.abspath(p))
            elif b in bins:
                p, t.libpath = peer(b)
                t.add(p, "/usr/" + "/".join(p.split("/")[-2:]))
        for f in FILES:
            if os.path.exists(f):
                t.add(f)
        for a in adds:
            src, _, dst = a.partition(":")
            t.add(os.path.abspath(src), dst or None)
        add_modules(root, kernel_dir, modules)
        if product:
            add_product(t, product)
        for n in sh("/usr/bin/busybox", "--list", capture_output=True, text=True).stdout.split():
            if not any(os.path.lexists(f"{root}/usr/{d}/{n}") for d in ("bin", "sbin")):
                os.symlink("/usr/bin/busybox", f"{root}/usr/bin/{n}")
        accounts(root)
        for f, to in (("init", "init"), ("shell", "shell"), ("mediagate-guest", "usr/sbin/mediagate-guest")):
            shutil.copy(f"{HERE}/guest/{f}", f"{root}/{to}")
            os.chmod(f"{root}/{to}", 0o755)
        os.makedirs(os.path.dirname(os.path.abspath(dest)), exist_ok=True)
        sh("sh", "-c", "find . -print0 | LC_ALL=C sort -z | cpio --null --reproducible --quiet -o -H newc -R 0:0 > "
           + shlex.quote(os.path.abspath(dest) + ".new"), cwd=root)
        os.rename(os.path.abspath(dest) + ".new", dest)


# ---------------------------------------------------------------- mediagate in it

def install(build=BUILD):
    """`cmake --install` into an empty folder, as a package's build does."""
    stage = f"{CACHE}/stage"
    shutil.rmtree(stage, ignore_errors=True)
    r = subprocess.run(["cmake", "--install", build, "--prefix", "/usr", "--strip"], env=dict(os.environ, DESTDIR=stage),
                       capture_output=True, text=True)
    if r.returncode:
        raise SystemExit(f"vm: cmake --install failed:\n{r.stdout}{r.stderr}")
    return stage


def add_product(t, stage):
    for d, dirs, names in os.walk(stage):
        for n in names:
            p = os.path.join(d, n)
            guest = p[len(stage):]
            if guest.startswith("/usr/etc/"):
                guest = guest[len("/usr"):]
            out = t.root + guest
            os.makedirs(os.path.dirname(out), exist_ok=True)
            shutil.copy2(p, out, follow_symlinks=False)
            if not os.path.islink(p):
                t.libraries(p)
    etc = f"{t.root}/etc/mediagate"
    shutil.rmtree(etc, ignore_errors=True)
    shutil.copytree(f"{HERE}/etc", etc)
    for d, _, names in os.walk(etc):
        os.chmod(d, 0o755)
        for n in names:
            os.chmod(os.path.join(d, n), 0o644)
    # what the package's configuration step does on the terminal: rules and modprobe option for its kernel
    r = subprocess.run([f"{stage}/usr/bin/mediagate", "enforce", "on", "--root", t.root, "--templates", t.root + "/usr/share/mediagate"],
                       capture_output=True, text=True)
    if r.returncode:
        raise SystemExit(f"vm: mediagate enforce on --root: status {r.returncode}\n{r.stdout}{r.stderr}")


def helpers():
    """The guest's own small programs (a file system that hangs, a thrower of packets…), compiled when they changed."""
    adds = []
    for src in sorted(glob.glob(f"{HERE}/guest/*.c")):
        name = os.path.basename(src)[:-2]
        out = f"{CACHE}/{name}"
        if not os.path.exists(out) or os.path.getmtime(out) < os.path.getmtime(src):
            flags = []
            if "fuse3" in open(src).read():
                flags = sh("pkg-config", "--cflags", "--libs", "fuse3", capture_output=True, text=True).stdout.split()
            sh("cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", out, src, *flags)
        adds.append(f"{out}:/usr/bin/{name}")
    return adds


def digest_of(paths, words):
    """What decides an initramfs: names, sizes and times of its sources (contents of small scripts), and the options."""
    h = hashlib.sha256(repr(words).encode())
    for top in paths:
        files = [top] if not os.path.isdir(top) else sorted(os.path.join(d, n) for d, _, ns in os.walk(top) for n in ns)
        for f in files:
            try:
                h.update(f.encode() + b"\0")
                h.update(hashlib.sha256(open(f, "rb").read()).digest() if not os.path.islink(f) else os.readlink(f).encode())
            except OSError:
                h.update(b"-")
    return h.hexdigest()[:20]


def initramfs(product=True, adds=(), bins=(), modules=()):
    """Path of an initramfs with the current build (product) and whatever else is asked for; built when anything changed."""
    with Lock():
        k = kernel()
        stage = install() if product else None
        adds = list(adds) + helpers()
        own = [f"{HERE}/guest", f"{HERE}/etc", __file__] + ([stage] if stage else [])
        key = digest_of(own + [a.partition(":")[0] for a in adds] + BINARIES + ["/usr/lib/udev/rules.d"],
                        (sorted(adds), sorted(bins), sorted(modules), os.listdir(k + "/lib/modules")))
        dest = f"{CACHE}/initrd-{key}.cpio"
        if not os.path.exists(dest):
            old = sorted(glob.glob(f"{CACHE}/initrd-*.cpio"), key=os.path.getmtime)
            for f in old[:-5]:
                os.unlink(f)
            build_initramfs(dest, k, adds, bins, modules, stage)
        else:
            os.utime(dest)
    return dest


# ---------------------------------------------------------------- sticks

PARTITION_TYPES = dict(vfat=0x0c, exfat=0x07, ext4=0x83, none=0x83)


def mkfs(image, fs, files, label):
    q = dict(stdout=subprocess.DEVNULL)
    if fs == "vfat":
        sh("/usr/sbin/mkfs.vfat", "-n", label, image, **q)
        if files:
            sh("mcopy", "-s", "-i", image, *files, "::/")
    elif fs == "exfat":
        sh("/usr/sbin/mkfs.exfat", "-L", label, image, **q)
    elif fs == "ext4":
        sh("/usr/sbin/mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,nodiscard", "-L", label, image, **q)


def mkstick(image, size=32, fs="vfat", files=(), label="STICK", table=True):
    """A raw image as sticks are sold: one partition from 1 MiB on, holding one file system (built without mounting
    anything). Without `table` the file system has the whole disk, and a label has no room."""
    with open(image, "wb") as f:
        f.truncate(size << 20)
    if not table:
        mkfs(image, fs, files, label)
        return image
    start, sectors = 2048, (size << 11) - 2048
    with tempfile.NamedTemporaryFile(dir=os.path.dirname(os.path.abspath(image))) as part:
        part.truncate(sectors * 512)
        mkfs(part.name, fs, files, label)
        sh("dd", f"if={part.name}", f"of={image}", "bs=1M", "seek=1", "conv=notrunc,sparse", "status=none")
    with open(image, "r+b") as f:
        f.seek(440)
        f.write(os.urandom(4) + bytes(2) + bytes([0, 0xfe, 0xff, 0xff, PARTITION_TYPES[fs], 0xfe, 0xff, 0xff])
                + start.to_bytes(4, "little") + sectors.to_bytes(4, "little") + bytes(48) + b"\x55\xaa")
    return image
