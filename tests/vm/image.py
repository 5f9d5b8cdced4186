#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The guest's image: Debian's kernel, its udev, and mediagate where the packages put it.

  image.py [--build DIR] [--extra BINARY…]      prints KERNEL and INITRD

Everything is kept under build/vm and made anew only when what it is made of has changed.
"""
import argparse, glob, hashlib, os, shutil, subprocess, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import vm as harness

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(HERE + "/../..")
PEOPLE = "supervisor1 supervisor2 clerk1 clerk2 auditor1 admin1".split()
SYSTEM = "mediagate-watch mediagate-gate mediagate-ledger mediagate-load mediagate-copy".split()


def run(*cmd, **kw):
    return subprocess.run(cmd, check=True, **kw)


def accounts(root):
    """passwd, group and shadow of the guest."""
    os.makedirs(root + "/etc", exist_ok=True)
    passwd = ["root:x:0:0:root:/root:/bin/sh"]
    group = ["root:x:0:", "tty:x:5:", "disk:x:6:", "plugdev:x:46:", "nogroup:x:65534:", "mediagate-audit:x:990:"]
    for line in open("/etc/group"):
        name = line.split(":")[0]
        if not any(g.startswith(name + ":") for g in group) and not name.startswith("mediagate"):
            group.append(":".join(line.strip().split(":")[:3]) + ":")
    for i, n in enumerate(SYSTEM):
        passwd.append(f"{n}:x:{900 + i}:{900 + i}::/nonexistent:/usr/sbin/nologin")
        group.append(f"{n}:x:{900 + i}:")
    for i, n in enumerate(PEOPLE):
        passwd.append(f"{n}:x:{1001 + i}:{1001 + i}:{n}:/home/{n}:/bin/sh")
        group.append(f"{n}:x:{1001 + i}:")
    passwd.append("nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin")
    open(root + "/etc/passwd", "w").write("\n".join(passwd) + "\n")
    open(root + "/etc/group", "w").write("\n".join(group) + "\n")
    with open(root + "/etc/shadow", "w") as f:
        f.writelines(f"{l.split(':')[0]}:*:19000:0:99999:7:::\n" for l in passwd)
    open(root + "/etc/nsswitch.conf", "w").write("passwd: files\ngroup: files\nshadow: files\n")


def stage(build, kernel, root):
    """What a package would install, and what `mediagate enforce on` writes, below root."""
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(root)
    run("cmake", "--install", build, "--prefix", "/usr", env=dict(os.environ, DESTDIR=root), stdout=subprocess.DEVNULL)
    accounts(root)
    shutil.copytree(HERE + "/etc", root + "/etc/mediagate", dirs_exist_ok=True)
    version = os.listdir(kernel + "/lib/modules")[0]
    os.makedirs(f"{root}/lib/modules/{version}")
    for f in glob.glob(f"{kernel}/lib/modules/{version}/modules.*"):
        shutil.copy(f, f"{root}/lib/modules/{version}/")
    run(build + "/bin/mediagate", "enforce", "on", "--root", root, "--templates", root + "/usr/share/mediagate", stdout=subprocess.DEVNULL)
    shutil.rmtree(root + "/lib")
    os.makedirs(root + "/usr/bin", exist_ok=True)
    shutil.copy(HERE + "/guest/mediagate-guest", root + "/usr/bin/mediagate-guest")


def digest(paths):
    h = hashlib.sha256()
    for p in sorted(paths):
        files = [p] if os.path.isfile(p) else sorted(glob.glob(p + "/**", recursive=True))
        for f in files:
            if os.path.isfile(f) and not os.path.islink(f):
                h.update(f.encode() + b"\0" + open(f, "rb").read())
    return h.hexdigest()[:16]


def make(build=ROOT + "/build", extra=()):
    """(kernel, initrd)"""
    top = ROOT + "/build/vm"
    kernel = top + "/kernel"
    if not os.path.exists(kernel + "/vmlinux"):
        harness.get_kernel(kernel)
    root = top + "/root"
    stage(build, kernel, root)
    helpers = []
    if os.path.exists(HERE + "/guest/hangfs.c"):
        out = top + "/hangfs"
        if not os.path.exists(out) or os.path.getmtime(out) < os.path.getmtime(HERE + "/guest/hangfs.c"):
            flags = subprocess.run(["pkg-config", "--cflags", "--libs", "fuse3"], check=True, capture_output=True, text=True).stdout.split()
            run("cc", "-O2", "-o", out, HERE + "/guest/hangfs.c", *flags)
        helpers = [f"{out}:/usr/bin/hangfs", "/usr/bin/fusermount3"]
    name = digest([root, HERE + "/vm.py", HERE + "/guest"] + list(extra) + [h.split(":")[0] for h in helpers])
    initrd = f"{top}/initrd-{name}.cpio"
    if not os.path.exists(initrd):
        for old in sorted(glob.glob(top + "/initrd-*.cpio"), key=os.path.getmtime)[:-3]:
            os.unlink(old)
        adds = [f"{os.path.join(d, f)}:{os.path.join(d, f)[len(root):]}" for d, _, fs in os.walk(root) for f in fs]
        harness.build_initramfs(initrd + ".new", kernel, adds=adds + helpers, bins=list(extra))
        os.rename(initrd + ".new", initrd)
    return kernel + "/vmlinux", initrd


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", default=ROOT + "/build")
    p.add_argument("--extra", nargs="*", default=[])
    a = p.parse_args()
    print(*make(a.build, a.extra))
