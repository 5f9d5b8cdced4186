# SPDX-License-Identifier: Apache-2.0
"""A made-up system for `mediagate doctor --root`: everything as it should be, then one thing broken at a time."""
import base64
import gzip
import os
import pathlib
import shutil
import struct
import subprocess

top = pathlib.Path(__file__).resolve().parents[2]
KERNEL = "6.1.0-test"
SECURE_BOOT = "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
DRIVERS = "".join(f"alias usb:v{i:04X}p*d*dc*dsc*dp*ic*isc*ip*in* usb_storage\n" for i in (1, 2, 3))


def put(root, path, text):
    path = root / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def enforce(mediagate, root):
    subprocess.run([mediagate, "enforce", "on", "--root", root, "--templates", top / "packaging"], check=True,
                   stdout=subprocess.DEVNULL)


RULES = [f"usr/lib/udev/rules.d/{n}-mediagate.rules" for n in (59, 60, 72)]


def packed(root, rules):
    """An image as update-initramfs makes them."""
    inner = root / "inner"
    put(inner, "etc/modprobe.d/mediagate.conf", "x")
    for name in rules:
        put(inner, name, "x")
    listed = "".join(f"{p.relative_to(inner)}\n" for p in sorted(inner.rglob("*")))
    image = subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], cwd=inner, input=listed.encode(), check=True, capture_output=True)
    put(root, f"boot/initrd.img-{KERNEL}", gzip.compress(image.stdout))
    shutil.rmtree(inner)


def machine(root):
    """Two fixed disks: the system on a volume of the first, with swap on the second; both are on the list."""
    for i, disk in enumerate(("sda", "sdb")):
        at = f"sys/devices/pci0000:00/0000:00:1f.2/host{i}/target{i}:0:0/{i}:0:0:0/block/{disk}"
        put(root, f"{at}/wwid", f"naa.{i}\n")
        put(root, f"{at}/{disk}1/partition", "1\n")
        for folder, name, to in (("sys/block", disk, at), ("sys/class/block", disk, at), ("sys/class/block", disk + "1", f"{at}/{disk}1"),
                                 ("sys/dev/block", f"8:{16 * i + 1}", f"{at}/{disk}1")):
            (root / folder).mkdir(parents=True, exist_ok=True)
            os.symlink(os.path.relpath(root / to, root / folder), root / folder / name)
    volume = root / "sys/devices/virtual/block/dm-0"
    (volume / "slaves").mkdir(parents=True)
    os.symlink(os.path.relpath((root / "sys/class/block/sda1").resolve(), (volume / "slaves").resolve()), volume / "slaves/sda1")
    os.symlink("../../devices/virtual/block/dm-0", root / "sys/dev/block/254:0")
    os.symlink("../devices/virtual/block/dm-0", root / "sys/block/dm-0")
    put(root, "proc/self/mountinfo", "25 1 254:0 / / rw - ext4 /dev/mapper/root rw\n30 25 8:17 / /mnt rw - ext4 /dev/sdb1 rw\n")
    put(root, "proc/swaps", "Filename Type Size Used Priority\n/dev/sdb1 partition 1 0 -2\n")
    put(root, "var/lib/mediagate/disks", "".join(f"naa.{i} /pci0000:00/0000:00:1f.2/host/target:0:0/:0:0:0\n" for i in (0, 1)))


def good(mediagate, root):
    put(root, f"lib/modules/{KERNEL}/modules.alias", DRIVERS)
    for folder in ("etc/initramfs-tools", "etc/kernel", "etc/systemd/system/sysinit.target.wants"):
        (root / folder).mkdir(parents=True)
    for conf in ("terminal", "policy", "roster", "recipients"):
        put(root, f"etc/mediagate/{conf}.conf", (top / f"packaging/etc/{conf}.conf").read_text())
    os.symlink("/lib/systemd/system/mediagated.service", root / "etc/systemd/system/sysinit.target.wants/mediagated.service")
    put(root, "proc/cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/sda1 quiet\n")
    put(root, "sys/module/usbcore/parameters/authorized_default", "0\n")
    for hub in ("usb1", "usb2"):
        for switch in ("interface_authorized_default", "authorized_default"):
            put(root, f"sys/bus/usb/devices/{hub}/{switch}", "0\n")
    machine(root)
    put(root, SECURE_BOOT, b"\x06\0\0\0\x01")
    enforce(mediagate, root)


def edit(path, old, new):
    def change(root):
        text = (root / path).read_text()
        assert old in text, path
        put(root, path, text.replace(old, new))
    return change


def gone(path):
    return lambda root: (root / path).unlink()


def there(path, text=""):
    return lambda root: put(root, path, text)


def running(name):
    return there("proc/4242/comm", name + "\n")


def wanted(link):
    def change(root):
        path = root / "etc/systemd/system" / link
        path.parent.mkdir(parents=True)
        os.symlink("/lib/systemd/system/" + path.name, path)
    return change


def built_in(root):
    put(root, f"lib/modules/{os.uname().release}/modules.builtin", "kernel/drivers/usb/core/usbcore.ko\n")


# claim, what is broken, the findings that are not good: check level subject
CASES = [
    ("nothing_is_found_where_all_is_good", lambda root: None, []),
    ("a_missing_rule_is_found", gone("etc/udev/rules.d/72-mediagate.rules"), ["rules wrong @/etc/udev/rules.d/72-mediagate.rules"]),
    ("a_changed_rule_is_found", edit("etc/udev/rules.d/59-mediagate.rules", "SPDX", "spdx"),
     ["rules wrong @/etc/udev/rules.d/59-mediagate.rules"]),
    ("a_hook_that_cannot_run_is_found", lambda root: (root / "etc/initramfs-tools/hooks/mediagate").chmod(0o644),
     ["rules wrong @/etc/initramfs-tools/hooks/mediagate"]),
    ("a_class_opened_since_is_found", edit("etc/mediagate/policy.conf", "file_systems", 'usb_classes = [ "07" ];\nfile_systems'),
     ["rules wrong @/etc/udev/rules.d/60-mediagate.rules", "rules wrong @/etc/udev/rules.d/72-mediagate.rules"]),
    ("a_kernel_that_came_after_the_rules_is_found",
     there("lib/modules/6.9.9-new/modules.alias", "alias usb:v0004p*d*dc*dsc*dp*ic*isc*ip*in* uas\n"),
     ["rules wrong @/etc/udev/rules.d/60-mediagate.rules", "drivers wrong 6.9.9-new"]),
    ("a_kernel_without_new_drivers_is_fine", there("lib/modules/6.9.9-new/modules.alias", DRIVERS), []),
    ("an_initramfs_with_all_is_fine", lambda root: packed(root, RULES), []),
    ("an_initramfs_without_a_rule_is_found", lambda root: packed(root, RULES[:2]),
     [f"initramfs wrong @/boot/initrd.img-{KERNEL}"]),
    ("an_initramfs_that_is_none_is_untold", there(f"boot/initrd.img-{KERNEL}", "no image"),
     [f"initramfs untold @/boot/initrd.img-{KERNEL}"]),
    ("usbcore_left_open_is_found", there("sys/module/usbcore/parameters/authorized_default", "-1\n"), ["kernel wrong"]),
    ("a_command_line_that_opens_usb_is_found", there("proc/cmdline", "quiet usbcore.authorized_default=1\n"),
     ["kernel wrong usbcore.authorized_default=1"]),
    ("usbcore_built_in_and_not_closed_is_found", built_in, ["kernel wrong"]),
    ("an_open_hub_is_found", there("sys/bus/usb/devices/usb2/interface_authorized_default", "1\n"), ["hubs wrong usb2"]),
    ("a_hub_that_opens_devices_is_found", there("sys/bus/usb/devices/usb1/authorized_default", "1\n"), ["hubs wrong usb1"]),
    ("a_mistake_in_the_configuration_is_found", edit("etc/mediagate/roster.conf", "people", "poeple"),
     ["config wrong @/etc/mediagate/roster.conf:"]),
    ("a_missing_configuration_is_found", gone("etc/mediagate/terminal.conf"), ["config wrong @/etc/mediagate/terminal.conf"]),
    ("rules_of_a_broken_policy_are_untold", there("etc/mediagate/policy.conf", "purposes = ;"),
     ["rules untold", "config wrong @/etc/mediagate/policy.conf:1"]),
    ("an_agent_that_does_not_start_is_found", gone("etc/systemd/system/sysinit.target.wants/mediagated.service"), ["service wrong"]),
    ("usbguard_is_found", running("usbguard-daemon"), ["conflicts wrong"]),
    ("usbguard_that_starts_with_the_machine_is_found", wanted("basic.target.wants/usbguard.service"), ["conflicts wrong"]),
    ("another_program_is_not_taken_for_usbguard", running("usbguard-dbus"), []),
    ("an_automounter_is_found", there("usr/bin/udiskie"), ["conflicts warning /usr/bin/udiskie"]),
    ("a_foreign_rule_that_opens_is_found", there("etc/udev/rules.d/99-vendor.rules", 'ACTION=="add", ATTR{authorized}="1"\n'),
     ["conflicts warning @/etc/udev/rules.d/99-vendor.rules"]),
    ("a_foreign_rule_that_only_asks_is_fine", there("etc/udev/rules.d/99-vendor.rules", '# ATTR{authorized}="1"\nATTR{authorized}=="1"\n'), []),
    ("a_side_door_is_found", there("sys/module/nbd/refcnt", "0\n"), ["doors warning nbd"]),
    ("a_machine_without_a_list_of_fixed_disks_is_found", gone("var/lib/mediagate/disks"), ["disks wrong @/var/lib/mediagate/disks"]),
    ("a_list_that_cannot_be_read_is_untold", lambda root: ((root / "var/lib/mediagate/disks").unlink(), (root / "var/lib/mediagate/disks").mkdir()),
     ["disks untold @/var/lib/mediagate/disks"]),
    ("a_disk_of_the_system_that_is_on_no_list_is_found", edit("var/lib/mediagate/disks", "naa.0", "naa.7"), ["disks wrong sda"]),
    ("a_disk_with_swap_that_is_on_no_list_is_found", edit("var/lib/mediagate/disks", "naa.1", "naa.7"), ["disks wrong sdb"]),
    ("a_disk_without_the_system_may_be_on_no_list", lambda root: (put(root, "proc/swaps", "Filename\n"),
                                                                 edit("var/lib/mediagate/disks", "naa.1", "naa.7")(root)), []),
    ("mounts_that_cannot_be_read_are_untold", gone("proc/self/mountinfo"), ["disks untold sda"]),
    ("secure_boot_off_is_found", there(SECURE_BOOT, b"\x06\0\0\0\x00"), ["boot warning"]),
    ("a_machine_without_uefi_is_told", lambda root: shutil.rmtree(root / "sys/firmware"), ["boot warning"]),
]


def receive(root, grown=0):
    """A receipt for the root's ledger, as forward keeps it; `grown`: the console saw so many records more."""
    year = sorted((root / "var/lib/mediagate/ledger").glob("*/*/checkpoint"))[-1].parent
    origin, size, rest = (year / "checkpoint").read_text().split("\n", 2)
    line = base64.b64encode(b"\x01\x02\x03\x04" + struct.pack(">Q", 1795000000) + bytes(64)).decode()
    put(root, f"var/lib/mediagate-forward/{year.parent.name}/{year.name}.receipt",
        f"{origin}\n{int(size) + grown}\n{rest}— city.example/mediagate/console {line}\n")


def write_all(mediagate, folder, ledgers):
    """For golden output: good systems, one with several things wrong, one with an altered ledger, one that was set back."""
    for name, ledger in (("good", "good"), ("bad", "good"), ("altered", "flip"), ("received", "good"), ("setback", "good")):
        good(mediagate, folder / name)
        shutil.copytree(ledgers / ledger, folder / name / "var/lib/mediagate/ledger")
    receive(folder / "received")
    receive(folder / "setback", 3)
    (folder / "bare").mkdir()
    for claim in ("a_missing_rule_is_found", "an_open_hub_is_found", "usbguard_is_found", "a_side_door_is_found",
                  "secure_boot_off_is_found"):
        next(c for c in CASES if c[0] == claim)[1](folder / "bad")
