# SPDX-License-Identifier: Apache-2.0
"""Ways in by another road than a plain stick in a plain port: docs/threats.md rows 2, 6, 9, 18, 21, 26; and what must go
on working beside it: hubs, a smart-card reader. args: names of parts"""
import time

from checks import Checks, eventually
from office import Office
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0",
              qemu=("-device", "pcie-root-port,id=rp1,chassis=1,slot=1,bus=pcie.0"))
IMAGE = dict(modules=["usbip-vudc", "vhci-hcd", "usb_f_ecm", "usb_f_acm"])

# interfaces of what is plugged in: name, class, authorized, driver
STATE = r"""for i in /sys/bus/usb/devices/*:*; do n=${i##*/}; case $n in *-0:*) continue;; esac
echo "$n $(cat $i/bInterfaceClass) $(cat $i/authorized) $(basename "$(readlink $i/driver 2>/dev/null)")"; done"""


def interfaces(vm):
    return [(l.split() + [""])[:4] for l in vm.run(STATE)[1].splitlines() if len(l.split()) >= 3]


def gone(vm):
    vm.until("! ls -d /sys/bus/usb/devices/*:* | grep -v -- -0:", 30)


def refused(c, o, serial, fault, claim):
    """Seen, refused for this reason, without a disk now and a moment later, and on record."""
    d = eventually(lambda: next((x for x in o.devices() if x["serial"] == serial and x.get("fault") == fault), None), 20)
    time.sleep(1)
    c.ok(claim, d and not d["open"] and not o.disks(), f"{o.devices()} {o.disks()} {interfaces(o.vm)}")
    on_record = eventually(lambda: [r for r in o.records("device", "refused") if r["reason"] == fault
                                    and bytes.fromhex(r["detail"].get("serial", "")).decode() == (serial or "")], 5)
    c.ok(claim + "_and_it_is_on_record", on_record, o.records("device"))


def hubs(c, vm, o, image):
    """QEMU's hubs are slow ones (12 Mbit/s): a stick behind them is the same to the gate."""
    with c.part("a_stick_behind_nested_hubs_is_refused"):
        vm.plug("hub", "h1", port="1")
        vm.plug("hub", "h2", port="1.1")
        vm.plug("storage", "deep", serial="HUB-DEEP-01", image=image, port="1.1.1")
        refused(c, o, "HUB-DEEP-01", "not-registered", "a_stick_behind_nested_hubs_is_refused")
        c.ok("hubs_themselves_work", len([i for i in interfaces(vm) if i[1:] == ["09", "1", "hub"]]) == 2, interfaces(vm))
        vm.unplug("deep")
        eventually(lambda: not o.devices(), 10)
    with c.part("a_lent_stick_behind_nested_hubs_works"):
        o.lent("HUB-LENT-01", "USB-0001", image, id="deep", port="1.1.2")
        rc, out = o.run("clerk1", "mediagate ls USB-0001", 90)
        c.ok("a_lent_stick_behind_nested_hubs_works", rc == 0, f"{out} {o.log()}")
    with c.part("a_hub_that_goes_takes_the_lent_stick_along"):
        vm.qmp("device_del", id="h1")
        gone(vm)
        c.ok("a_hub_that_goes_takes_the_lent_stick_along", eventually(lambda: not o.devices() and not o.disks(), 10), o.devices())
        for id in ("h1", "h2", "deep"):
            vm.devs.pop(id, None)


def controller(c, vm, o, image):
    """A second xHCI controller on PCI Express, as a dock brings it, with the agent running."""
    with c.part("a_stick_on_a_controller_that_appears_later_is_refused"):
        before = vm.sh("ls -d /sys/bus/usb/devices/usb*").split()
        vm.qmp("device_add", driver="qemu-xhci", id="late", bus="rp1")
        hubs = eventually(lambda: [x for x in vm.sh("ls -d /sys/bus/usb/devices/usb*").split() if x not in before], 30)
        closed = eventually(lambda: all(vm.sh(f"cat {h}/authorized_default {h}/interface_authorized_default").split() == ["0", "0"] for h in hubs), 10)
        c.ok("a_controller_that_appears_later_is_closed", hubs and closed, hubs)
        vm.plug("storage", "dock", serial="DOCK-0001", image=image, bus="late.0")
        refused(c, o, "DOCK-0001", "not-registered", "a_stick_on_a_controller_that_appears_later_is_refused")
        vm.unplug("dock")
    with c.part("a_stick_that_comes_with_its_controller_is_refused"):
        vm.qmp("device_del", id="late")
        vm.until(f"[ $(ls -d /sys/bus/usb/devices/usb* | wc -l) = {len(before)} ]", 30)
        eventually(lambda: not o.devices(), 10)


def units(c, vm, o, image, other, disc):
    """Several disks behind one interface: unit 0 is lent, the other comes along."""
    for name, second in (("disk", ("scsi-hd", other)), ("disc", ("scsi-cd", disc))):
        with c.part(f"a_second_{name}_behind_a_lent_stick_closes_both"):
            serial, number = f"UNITS-{name.upper()}", f"USB-01{len(name)}{name[-1] == 'c':d}"
            vm.plug("bot", "u", serial=serial, units=[("scsi-hd", image)])
            o.register(serial, number)
            o.lend(number)
            alone = eventually(o.disks, 15)
            vm.unplug("u")
            eventually(lambda: not o.devices(), 10)
            vm.plug("bot", "u", serial=serial, units=[("scsi-hd", image), second])
            d = eventually(lambda: next((x for x in o.devices() if x["serial"] == serial and x.get("fault") == "composite"), None), 20)
            gone_ = eventually(lambda: not o.disks(), 10)
            c.ok(f"a_second_{name}_behind_a_lent_stick_closes_both", len(alone) == 1 and d and gone_, f"{alone} {o.devices()} {o.disks()} {o.log()}")
            rc, out = o.run("clerk1", f"mediagate ls {number} --json", 60)
            c.ok(f"with_a_second_{name}_nothing_is_read", rc != 0, out)
            vm.unplug("u")
            eventually(lambda: not o.devices(), 10)


def other_kinds(c, vm, o, image, disc):
    with c.part("a_uas_disk_is_refused"):
        vm.plug("uas", "x", serial="UAS-00001", image=image)
        refused(c, o, "UAS-00001", "not-registered", "a_uas_disk_is_refused")
        vm.unplug("x")
    with c.part("an_optical_drive_is_refused"):
        vm.plug("bot", "x", serial="DISC-00001", units=[("scsi-cd", disc)])
        refused(c, o, "DISC-00001", "not-registered", "an_optical_drive_is_refused")
        vm.unplug("x")
    with c.part("a_phone_is_refused"):
        vm.plug("mtp", "x", serial="PHONE-0001")
        refused(c, o, "PHONE-0001", "bus-closed", "a_phone_is_refused")
        rc, out = o.run("supervisor1", "mediagate register PHONE-0001 --number USB-0099 --supervisor supervisor1 --json")
        c.ok("a_phone_cannot_be_registered", rc != 0 and "bus-closed" in out, out)
        vm.unplug("x")
    gone(vm)


def composites(c, vm, o):
    vm.sh("dd if=/dev/zero of=/run/g.img bs=1M count=8 2>/dev/null")
    for name, functions in (("network", ("mass_storage", "ecm")), ("modem", ("mass_storage", "acm")), ("three", ("hid", "ecm", "mass_storage"))):
        with c.part(f"storage_with_{name}_is_refused_whole"):
            serial = f"WALK-{name.upper()}"
            vm.gadget(name, 0x0951, 0x1666, serial=serial, functions=functions, lun="/run/g.img")
            refused(c, o, serial, "composite", f"storage_with_{name}_is_refused")
            rows = interfaces(vm)
            c.ok(f"storage_with_{name}_opens_no_interface", rows and all(r[2] == "0" and not r[3] for r in rows), rows)
            vm.gadget_off(name)
            gone(vm)
    with c.part("storage_that_calls_itself_a_keyboard_is_refused"):
        vm.gadget("hidden", 0x357D, 0x7788, serial="HIDDEN-001", functions=("hid",))
        d = eventually(lambda: o.device("HIDDEN-001"), 15)
        c.ok("storage_that_calls_itself_a_keyboard_is_refused", d and not d["open"] and not o.disks(), f"{o.devices()} {interfaces(vm)}")
        vm.gadget_off("hidden")
        gone(vm)


def remote(c, vm, o):
    """The machine's own gadget, carried over USB/IP: the virtual host controller is one more."""
    with c.part("a_stick_through_usbip_is_refused"):
        before = vm.sh("ls -d /sys/bus/usb/devices/usb*").split()
        vm.sh("modprobe -a usbip-vudc vhci-hcd", 60)
        vm.gadget("remote", 0x0951, 0x1666, serial="REMOTE-01", functions=("mass_storage",), lun="/run/g.img", udc="usbip-vudc.0")
        said = vm.run("usbip_loop 0", 30)
        there = eventually(lambda: interfaces(vm), 15)
        refused(c, o, "REMOTE-01", "not-registered", "a_stick_through_usbip_is_refused")
        c.ok("usbip_brought_a_controller_of_its_own", there and len(vm.sh("ls -d /sys/bus/usb/devices/usb*").split()) > len(before), f"{said} {there}")
        c.ok("its_interface_is_closed", there and all(r[2] == "0" and not r[3] for r in interfaces(vm)), interfaces(vm))


def card(c, vm, o, image):
    """A card in a native slot (sdhci on PCI): its disk goes, whichever comes first of driver and rule."""
    with c.part("a_card_in_a_native_slot_gets_no_disk"):
        vm.plug("sd", "card", image=image)
        there = eventually(lambda: vm.run("cat /sys/bus/mmc/devices/*/type 2>/dev/null")[1].split(), 20)
        vm.sh("udevadm settle", 30)
        gone_ = eventually(lambda: not o.disks(), 5)
        time.sleep(2)
        c.ok("a_card_in_a_native_slot_gets_no_disk", there == ["SD"] and gone_ and not o.disks(), f"{there} {o.disks()}")
        vm.sh("udevadm trigger --action=add; udevadm settle", 60)
        c.ok("rules_run_anew_give_it_none", not o.disks(), o.disks())
        vm.unplug("card")
        eventually(lambda: not vm.run("ls -d /sys/bus/mmc/devices/*:*")[1].split(":")[0].endswith("mmc0"), 10)


def reader(c, vm):
    """People log in with a card while all this stands."""
    with c.part("a_smart_card_reader_works"):
        vm.plug("ccid", "card")
        rows = eventually(lambda: [r for r in interfaces(vm) if r[1] == "0b" and r[2] == "1"], 15)
        node = vm.sh("for d in /sys/bus/usb/devices/*; do [ \"$(cat $d:1.0/bInterfaceClass 2>/dev/null)\" = 0b ] && "
                     "printf '/dev/bus/usb/%03d/%03d' $(cat $d/busnum) $(cat $d/devnum); done; true")
        rc, out = vm.run(f"ccid {node}")
        c.ok("a_smart_card_reader_works", rows and rc == 0 and "answered" in out, f"{rows} {node} {out} {interfaces(vm)}")
        vm.unplug("card")
        gone(vm)


def scenario(vm, args):
    c, o = Checks(), Office(vm).start()
    image, other = mkstick(vm.dir + "/a.img", 16), mkstick(vm.dir + "/b.img", 16)
    disc = mkstick(vm.dir + "/c.img", 8)
    for part, given in ((reader, (c, vm)), (card, (c, vm, o, image)), (hubs, (c, vm, o, image)), (controller, (c, vm, o, image)),
                        (other_kinds, (c, vm, o, image, disc)), (units, (c, vm, o, image, other, disc)), (composites, (c, vm, o)),
                        (remote, (c, vm, o))):
        if not args or part.__name__ in args:
            part(*given)
    opened = {bytes.fromhex(r["detail"]["serial"]).decode() for r in o.records("open", "done")}
    c.ok("only_what_was_lent_was_ever_opened", opened <= {"HUB-LENT-01", "UNITS-DISK", "UNITS-DISC"}, opened)
    c.ok("the_ledger_verifies_after_all_roads", *o.verifies())
    return c.status()
