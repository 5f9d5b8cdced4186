# SPDX-License-Identifier: Apache-2.0
"""scripts/run on a machine that has USB and no mediagate: it closes, opens to a loan, takes nothing else away, and leaves
everything as it was, what had been closed before included."""
import difflib, os, re, subprocess

import image
from checks import Checks, eventually
from office import INPUTS, LOAN, press
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0", mem=768, qemu=("-device", "ich9-ahci,id=sata"))
AUTOSTART = False
STAGE = image.CACHE + "/run-stage"
IMAGE = dict(product=False, adds=[f"{STAGE}:/stage", f"{image.TOP}/scripts/run:/usr/bin/run"], modules=["overlay", "ahci"])

# every file's contents, owner and mode; every node; what each USB device, interface and hub is set to; what is mounted
SNAPSHOT = r"""
find /etc /usr /var /var/lib -xdev ! -path '/var/lib/lost*' -type f -exec md5sum {} + | sort -k2
find /etc /usr /var /var/lib /run/udev/rules.d -xdev ! -path '/var/lib/lost*' -exec stat -c '%n %A %u:%g' {} + | sort
find /dev ! -path '/dev/pts*' -exec stat -c '%n %A %u:%g %t:%T' {} + | sort
for d in /sys/bus/usb/devices/*; do
	echo "${d##*/} $(cat $d/devnum 2>/dev/null) $(cat $d/authorized) $(cat $d/authorized_default 2>/dev/null) $(cat $d/interface_authorized_default 2>/dev/null) $(readlink $d/driver)"
done
for d in /sys/block/*; do echo "$d $(cat $d/size)"; done
udevadm info --export-db | grep -i mediagate
cat /proc/mounts
true"""
PORTS = "for d in /sys/bus/usb/devices/*; do [ \"$(cat $d/serial 2>/dev/null)\" = '%s' ] && echo ${d##*/}; done; true"


def stage():
    with image.Lock():
        subprocess.run(["rm", "-rf", STAGE], check=True)
        subprocess.run(["cmake", "--install", image.BUILD, "--prefix", "/usr", "--strip"], env=dict(os.environ, DESTDIR=STAGE), check=True, stdout=subprocess.DEVNULL)


stage()


def port_of(vm, serial):
    """A device's name by its serial number."""
    return eventually(lambda: vm.run(PORTS % serial)[1].split(), 20)[0]


def disks(vm):
    return vm.run("ls /sys/block | grep -Ev '^(loop|vd|ram)'; true")[1].split()


def key_arrives(vm, event):
    vm.sh(f"rm -f /run/key; (timeout 8 dd if=/dev/input/{event} bs=24 count=1 of=/run/key 2>/dev/null) > /dev/null 2>&1 &")
    return bool(eventually(lambda: press(vm) and vm.run("[ -s /run/key ]")[0] == 0, 7))


def snapshot(vm):
    """Names that depend on the order in which disks are found are all one."""
    text = re.sub(r"(by-diskseq/|/dev/block/8:|/dev/char/21:)\d+", r"\1N", vm.sh(SNAPSHOT, 300))
    lines = [re.sub(r"\bsd[a-z]", "sd", re.sub(r"\b\d+:0:0:0", "H:0:0:0", re.sub(r"\bsg\d", "sg", l))) for l in text.splitlines()]
    return sorted(re.sub(r" \S+$", "", l) if re.match(r"/dev/(sd|sg|bsg)", l) else l for l in lines)


def differences(before, after):
    return "\n".join(l for l in difflib.unified_diff(before, after, lineterm="", n=0) if not l.startswith(("---", "+++", "@@")))


def start(vm):
    vm.sh("(/usr/bin/env --default-signal=INT,QUIT sh -c 'echo $$ > /run/run.pid; exec run --staged /stage' > /run/run.log 2>&1 < /dev/null; echo $? > /run/run.rc) > /dev/null 2>&1 & ")


def said(vm):
    return vm.run("cat /run/run.log /run/run.rc")[1]


def as_(vm, who, cmd):
    return vm.run(f"run as {who} {cmd}", 180)


def machine(vm, images):
    """A drive with a disc, a card, a keyboard; a stick that is open, one that the administrator closed; an interface
    without a driver. Ports of USB 2 are closed to what comes, as an administrator may have it; another refuses a stick by rule."""
    vm.qemu_args += ["-drive", f"if=none,id=disc,format=raw,file={images['disc']},readonly=on", "-device", "ide-cd,bus=sata.0,drive=disc,serial=DISC-1"]
    vm.start()
    vm.until("ls /sys/bus/usb/devices/usb2 /sys/block/sr0 && udevadm settle", 90)
    vm.sh("modprobe overlay; ln -sf /bin/busybox /usr/bin/su; mkdir -p /run/udev/rules.d")
    vm.put('ACTION=="add", SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_interface", ATTRS{serial}=="SITE-0001", ATTR{authorized}="0"\n', "/run/udev/rules.d/10-site.rules")
    vm.sh("udevadm control --reload")
    vm.plug("sd", "card", image=images["card"])
    vm.plug("kbd", "keyboard")
    vm.plug("storage", "open", serial="OPEN-0001", image=images["open"])
    vm.until("[ -b /dev/sda1 ]", 60)
    vm.plug("storage", "closed", serial="CLOSED-0001", image=images["closed"])
    vm.plug("mouse", "mouse")
    closed = port_of(vm, "CLOSED-0001")
    vm.until("[ -b /dev/mmcblk0 ] && [ -b /dev/sda ] && [ -b /dev/sdb ] && [ $(ls -d /sys/bus/usb/drivers/usbhid/*:* | wc -l) = 2 ]", 60)
    vm.sh(f"echo 0 > /sys/bus/usb/devices/{closed}/authorized")
    mouse = vm.sh("grep -l Mouse /sys/bus/usb/devices/*-*/product").split("/")[-2]
    vm.sh(f"echo {mouse}:1.0 > /sys/bus/usb/drivers/usbhid/unbind; echo 0 > /sys/bus/usb/devices/usb1/authorized_default")
    vm.sh("udevadm settle")
    return closed, mouse


def refuses_to_start(c, vm):
    """What is in use is not closed."""
    vm.sh("mkdir /run/stick && mount -t vfat /dev/sda1 /run/stick")
    rc, out = vm.run("run --staged /stage", 60)
    c.ok("with_a_usb_disk_mounted_it_does_not_start", rc == 4 and "in use: sda1 /run/stick\n" in out, out)
    vm.sh("umount /run/stick && rmdir /run/stick; modprobe loop; losetup /dev/loop3 /dev/sda1")
    rc, out = vm.run("run --staged /stage", 60)
    c.ok("with_a_loop_on_a_usb_disk_it_does_not_start", rc == 4 and "/loop3/" in out, out)
    vm.sh("losetup -d /dev/loop3; mkfifo /run/fifo; cp /usr/bin/openssl /run/usbguard-daemon; (/run/usbguard-daemon dgst /run/fifo > /dev/null 2>&1 &)")
    rc, out = vm.run("run --staged /stage", 60)
    c.ok("where_usbguard_decides_it_does_not_start", rc == 4 and "USBGuard" in out, out)
    vm.sh("echo > /run/fifo; rm /run/fifo /run/usbguard-daemon")
    vm.until("! pidof usbguard-daemon")


def stays(c, vm, claim):
    """The disc, the card, the keyboard: as if nothing ran."""
    reads = vm.run("dd if=/dev/sr0 of=/dev/null bs=2048 count=16 && dd if=/dev/mmcblk0 of=/dev/null bs=1M count=1", 60)
    c.ok(f"a_disc_and_a_card_are_read_{claim}", reads[0] == 0, f"{reads} {disks(vm)} {said(vm)}")
    event = vm.run(INPUTS)[1].split()
    c.ok(f"a_keyboard_works_{claim}", event and key_arrives(vm, event[0]), f"{event} {said(vm)}")


def lends(c, vm, images):
    vm.plug("storage", "lent", serial="RUN-0001", image=images["lent"])
    c.ok("an_unknown_stick_is_refused", eventually(lambda: '"serial":"RUN-0001"' in as_(vm, "clerk1", "mediagate devices --json")[1].replace(" ", ""), 30) and
         "not-registered" in as_(vm, "clerk1", "mediagate devices --json")[1])
    rc, out = as_(vm, "supervisor1", "mediagate register RUN-0001 --number USB-0001 --supervisor supervisor1")
    rc2, out2 = as_(vm, "supervisor1", f"mediagate checkout USB-0001 --to clerk1 {LOAN} --until +2h")
    c.ok("it_is_registered_and_lent", rc == 0 and rc2 == 0, out + out2)
    rc, out = as_(vm, "clerk1", "mediagate copy USB-0001 /etc/passwd")
    c.ok("a_copy_is_made", rc == 0, out + said(vm))


def comes(c, vm, images):
    """Plugged in while it runs: one that nobody closes, one that the machine's own rule closes, a card, a keyboard, a controller."""
    vm.unplug("card")
    vm.until("[ ! -e /dev/mmcblk0 ]")
    vm.plug("sd", "card2", image=images["card2"])
    c.ok("a_card_put_in_meanwhile_has_its_disk", eventually(lambda: "mmcblk0" in disks(vm), 20), said(vm))
    vm.plug("storage", "site", serial="SITE-0001", image=images["site"])
    vm.plug("tablet", "tablet")
    vm.sh("modprobe dummy_hcd num=1 is_super_speed=1")
    vm.until("ls /sys/bus/usb/devices/usb4 && udevadm settle")
    tablet = eventually(lambda: vm.run(r"grep -ls Tablet /sys/bus/usb/devices/*-*/product")[1].strip(), 15).split("/")[-2]
    opened = eventually(lambda: vm.run(f"[ -e /sys/bus/usb/devices/{tablet}:1.0/driver ]")[0] == 0, 15)
    c.ok("an_input_device_that_comes_works", opened, said(vm))
    lent = port_of(vm, "RUN-0001")
    open_ = vm.sh("ls -d /sys/bus/usb/devices/*:1.0/host*/target*/*/block/sd*").split()
    c.ok("no_stick_but_the_lent_one_has_a_disk", len(open_) == 1 and f"/{lent}:1.0/" in open_[0], f"{open_} {said(vm)}")
    return tablet


def crash(c, vm):
    """The script is killed: the agent goes on, and the ports stay as they are until somebody says so."""
    before = snapshot(vm)
    vm.sh("rm -f /run/run.rc")
    start(vm)
    c.ok("it_starts_a_second_time", eventually(lambda: as_(vm, "clerk1", "mediagate")[0] == 0, 60, 0.5), lambda: said(vm))
    vm.sh("kill -9 $(cat /run/run.pid)")
    out = vm.run("run --staged /stage")[1]
    c.ok("what_is_left_of_a_run_is_named", "scripts/run restore" in out, out)
    rc, out = vm.run("run restore", 120)
    after = snapshot(vm)
    c.ok("restore_puts_back_what_a_killed_run_left", rc == 0 and after == before and vm.run("pidof mediagated")[0] != 0, f"{out} {differences(before, after)}")


def scenario(vm, args):
    c = Checks()
    images = {n: mkstick(f"{vm.dir}/{n}.img", 16) for n in ("disc", "card", "card2", "open", "closed", "lent", "site")}
    closed, mouse = machine(vm, images)
    refuses_to_start(c, vm)
    before = snapshot(vm)
    c.ok("at_first_one_stick_is_open", len([d for d in disks(vm) if d.startswith("sd")]) == 1, disks(vm))
    start(vm)
    c.ok("scripts_run_starts_the_agent", eventually(lambda: as_(vm, "clerk1", "mediagate")[0] == 0, 60, 0.5), lambda: f"{as_(vm, 'clerk1', 'mediagate')} {said(vm)}")
    stays(c, vm, "while_it_runs")
    with c.part("lends"):
        lends(c, vm, images)
    with c.part("comes"):
        tablet = comes(c, vm, images)
    stays(c, vm, "after_a_while")
    vm.sh("kill -INT $(cat /run/run.pid)")
    c.ok("ctrl_c_ends_it", eventually(lambda: vm.run("[ -s /run/run.rc ]")[0] == 0, 60), lambda: said(vm) + vm.run("ps")[1])
    stays(c, vm, "afterwards")
    lent, site = port_of(vm, "RUN-0001"), port_of(vm, "SITE-0001")
    has_disk = lambda port: vm.run(f"ls -d /sys/bus/usb/devices/{port}:1.0/host*/target*/*/block/sd*")[0] == 0
    c.ok("what_came_is_an_ordinary_stick", eventually(lambda: has_disk(lent), 15), lambda: f"{disks(vm)} {said(vm)}")
    c.ok("what_this_machines_rule_closes_stays_closed", vm.sh(f"cat /sys/bus/usb/devices/{site}:1.0/authorized") == "0" and not has_disk(site), said(vm))
    c.ok("what_the_hub_keeps_closed_is_closed_again", vm.sh(f"cat /sys/bus/usb/devices/{tablet}/authorized") == "0", said(vm))
    hubs = vm.sh("cat /sys/bus/usb/devices/usb3/*authorized_default /sys/bus/usb/devices/usb4/*authorized_default").split()
    c.equal("a_controller_that_came_is_open", hubs, ["1"] * 4)
    with c.part("everything_is_as_it_was"):
        for id in ("lent", "site", "tablet", "card2"):
            vm.unplug(id)
        vm.until("[ ! -e /dev/mmcblk0 ]")
        vm.plug("sd", "card", image=images["card"])
        vm.sh("modprobe -r dummy_hcd; rm -rf /run/key; udevadm settle")
        vm.until("[ -b /dev/mmcblk0 ]")
        after = snapshot(vm)
        c.ok("everything_is_as_it_was", after == before, differences(before, after))
        c.ok("what_the_administrator_closed_is_closed", vm.sh(f"cat /sys/bus/usb/devices/{closed}/authorized") == "0")
        c.ok("what_had_no_driver_has_none", vm.run(f"[ -e /sys/bus/usb/devices/{mouse}:1.0/driver ]")[0] != 0)
    c.ok("nothing_of_it_runs", vm.run("pidof mediagated")[0] != 0)
    with c.part("a_crash"):
        crash(c, vm)
    return c.status()
