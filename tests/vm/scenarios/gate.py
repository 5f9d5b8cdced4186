# SPDX-License-Identifier: Apache-2.0
"""The gate that stands without the agent: kernel option and udev rules alone. No mediagated runs here."""
import time

from checks import Checks, eventually
from office import Office, keyboard_works
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0")
AUTOSTART = False

STATE = r"""for i in /sys/bus/usb/devices/*:*; do n=${i##*/}; case $n in *-0:*) continue;; esac
echo "$n class=$(cat $i/bInterfaceClass) authorized=$(cat $i/authorized) driver=$(basename "$(readlink $i/driver 2>/dev/null)")"; done"""


def interfaces(vm, least=1):
    """Interfaces of what is plugged in, once there are at least so many: [(name, class, authorized, driver)]"""
    def rows():
        out = [dict(x.split("=") for x in l.split()[1:]) | dict(name=l.split()[0]) for l in vm.run(STATE)[1].splitlines() if "authorized=" in l]
        return out if len(out) >= least else None
    return eventually(rows, 15) or []


def closed(c, vm, name, least=1, wait=1.5):
    rows = interfaces(vm, least)
    time.sleep(wait)
    rows = interfaces(vm, least)
    bad = [r for r in rows if r["authorized"] != "0" or r["driver"]]
    c.ok(name, rows and not bad and not Office(vm).disks(), f"{rows} disks {Office(vm).disks()}")


def gone(vm):
    vm.until("! ls -d /sys/bus/usb/devices/*:* | grep -v -- -0:", 30)


def at_boot(c, vm, image):
    vm.plug("storage", "boot", serial="BOOT-0001", image=image)
    vm.start()
    vm.until("ls /sys/bus/usb/devices/usb2 && udevadm settle")
    closed(c, vm, "a_stick_that_was_in_at_boot_gets_no_disk")
    vm.unplug("boot")
    gone(vm)


def plugged(c, vm, image):
    for kind in ("storage", "uas", "mtp"):
        vm.plug(kind, "x", serial="PLUG-0001" if kind != "mtp" else None, image=image if kind != "mtp" else None)
        closed(c, vm, f"{kind}_plugged_without_agent_gets_no_driver_and_no_disk")
        if kind == "storage":
            node = vm.sh("for d in /sys/bus/usb/devices/*-[1-9]*; do case $d in *:*) ;; *) [ \"$(cat $d/serial 2>/dev/null)\" = PLUG-0001 ] && "
                         "printf '/dev/bus/usb/%03d/%03d' $(cat $d/busnum) $(cat $d/devnum);; esac; done")
            c.equal("its_usb_node_is_for_root_alone", vm.sh(f"stat -c '%a %U %G' {node}"), "600 root root")
            c.ok("a_clerk_cannot_open_its_usb_node", vm.run(f"su clerk1 -c 'exec 3<>{node}'")[0] != 0)
        vm.unplug("x")
        gone(vm)


def gadgets(c, vm):
    vm.sh("dd if=/dev/zero of=/run/g.img bs=1M count=8 2>/dev/null")
    for name, vendor, product, functions, claim in (
            ("both", 0x0951, 0x1666, ("mass_storage", "hid"), "composite_of_storage_and_keyboard_opens_neither"),
            ("hidden", 0x357D, 0x7788, ("hid",), "storage_by_vendor_and_product_behind_a_hid_class_stays_closed"),
            ("net", 0x0525, 0xA4A2, ("rndis",), "network_card_stays_closed")):
        with c.part(claim):
            vm.gadget(name, vendor, product, serial="G-0001", functions=functions, lun="/run/g.img")
            closed(c, vm, claim, len(functions))
            vm.gadget_off(name)
            gone(vm)
    with c.part("the_same_keyboard_under_a_harmless_id_works"):
        vm.gadget("plain", 0x0525, 0xA4AC, serial="G-0002", functions=("hid",))
        rows = eventually(lambda: [r for r in interfaces(vm) if r["driver"] == "usbhid"], 10)
        c.ok("the_same_keyboard_under_a_harmless_id_works", rows, interfaces(vm))
        vm.gadget_off("plain")
        gone(vm)


def held_back(c, vm, image):
    """udev does not run while the controller loads: nothing opens, and the keyboard works once the queue runs."""
    vm.shutdown()
    vm.append += " vm.holdudev"
    vm.plug("storage", "held", serial="HELD-0001", image=image)
    vm.plug("kbd", "hk")
    vm.start()
    vm.until("ls /sys/bus/usb/devices/usb2")
    time.sleep(4)
    inputs = vm.run("grep -h 'QEMU USB' /sys/class/input/*/device/name 2>/dev/null")[1]
    c.ok("with_udev_held_back_nothing_opens", not Office(vm).disks() and not inputs, inputs + vm.run(STATE)[1])
    devices = vm.run("grep -H . /sys/bus/usb/devices/*-*/authorized | grep -v -- -0:")[1]
    c.ok("with_udev_held_back_no_device_is_authorised", devices and ":1" not in devices.replace("devices/", ""), devices)
    vm.sh("udevadm control --start-exec-queue; udevadm settle", 30)
    names = eventually(lambda: vm.run("grep -h 'QEMU USB' /sys/class/input/event*/device/name")[1].strip(), 15)
    c.ok("the_keyboard_works_as_soon_as_the_queue_runs", names)
    c.ok("the_stick_stays_closed_when_the_queue_runs", Office(vm).closed(2), Office(vm).disks())


def scenario(vm, args):
    c = Checks()
    image = mkstick(vm.dir + "/a.img", 16)
    with c.part("at_boot"):
        at_boot(c, vm, image)
    with c.part("plugged"):
        plugged(c, vm, image)
    with c.part("keyboard"):
        c.ok("a_keyboard_works_without_agent", keyboard_works(vm))
    with c.part("gadgets"):
        gadgets(c, vm)
    with c.part("held_back"):
        held_back(c, vm, image)
    return c.status()
