# SPDX-License-Identifier: Apache-2.0
"""Every reason for which a device or a request is refused, on real plugs: the reason, no disk, the record."""
import time

from checks import Checks, eventually
from office import LOAN, Office
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0")


def refused(c, o, serial, fault, claim):
    d = eventually(lambda: next((x for x in o.devices() if x["serial"] == serial and x.get("fault") == fault), None), 15)
    c.ok(claim, d and not d["open"] and not o.disks(), f"{o.devices()} {o.disks()}")
    seen = eventually(lambda: [r for r in o.records("device", "refused") if r["reason"] == fault], 5)
    c.ok(claim + "_and_it_is_on_record", seen, o.records("device"))


def says(c, o, who, command, status, fault, claim):
    """A request's refusal: status, one error line, one hint line, the code for programs, a record."""
    rc, out = o.run(who, command)
    lines = [l for l in out.splitlines() if l.startswith(("error:", "hint:"))]
    c.ok(claim, rc == status and [l.split(":")[0] for l in lines] == ["error", "hint"], f"status {rc}: {out}")
    rc, out = o.run(who, command + " --json")
    c.ok(claim + "_for_programs", f'"fault":"{fault}"' in out.replace('": "', '":"'), out)


def strangers(c, vm, o, image):
    with c.part("not_registered"):
        vm.plug("storage", "a", serial="STRANGER-01", image=image)
        refused(c, o, "STRANGER-01", "not-registered", "a_stick_that_is_not_registered_is_refused")
        vm.unplug("a")
    with c.part("no_serial"):
        vm.plug("storage", "a", serial="", image=image)
        refused(c, o, None, "no-serial", "a_stick_without_serial_number_is_refused")
        port = o.devices()[0]["device"]
        says(c, o, "supervisor1", f"mediagate register {port} --number USB-0099 --supervisor supervisor1", 3, "no-serial",
             "a_stick_without_serial_number_cannot_be_registered")
        vm.unplug("a")
    with c.part("placeholder"):
        vm.plug("storage", "a", serial="0123456789", image=image)
        refused(c, o, "0123456789", "placeholder-serial", "a_placeholder_for_a_serial_number_is_refused")
        says(c, o, "supervisor1", "mediagate register 0123456789 --number USB-0099 --supervisor supervisor1", 3, "placeholder-serial",
             "a_stick_with_a_placeholder_cannot_be_registered")
        vm.unplug("a")
    with c.part("composite"):
        vm.sh("dd if=/dev/zero of=/run/g.img bs=1M count=8 2>/dev/null")
        vm.gadget("both", 0x0951, 0x1666, serial="COMPOSITE-01", functions=("mass_storage", "hid"), lun="/run/g.img")
        refused(c, o, "COMPOSITE-01", "composite", "a_stick_that_is_a_keyboard_too_is_refused")
        vm.gadget_off("both")
    with c.part("odd_strings"):
        vm.gadget("odd", 0x0951, 0x1666, serial="..;$(id)\x1b[31m", functions=("mass_storage",), lun="/run/g.img")
        d = eventually(lambda: o.devices(), 10)
        c.ok("a_serial_number_with_control_characters_is_shown_escaped", d and "\x1b" not in str(d[0]["serial"]) and not d[0]["open"], d)
        c.ok("no_control_character_reaches_the_terminal", "\x1b" not in o.run("clerk1", "mediagate devices")[1])
        vm.gadget_off("odd")
    eventually(lambda: not o.devices(), 10)


def twins(c, vm, o, image, other):
    with c.part("twin"):
        vm.plug("storage", "a", serial="KNOWN-0001", image=image)
        eventually(lambda: o.disks(), 15)
        c.ok("a_checked_out_stick_opens", len(o.disks()) == 1, f"{o.devices()} {o.log()}")
        vm.plug("storage", "b", serial="KNOWN-0001", image=other)
        both = eventually(lambda: len([d for d in o.devices() if d.get("fault") == "twin"]) == 2, 15)
        c.ok("of_two_devices_with_one_identity_both_are_refused", both and not o.disks(), f"{o.devices()} {o.disks()}")
        vm.unplug("b")
        eventually(lambda: len(o.devices()) == 1, 10)
        rc, out = o.run("clerk1", "mediagate ls USB-0001")
        c.ok("when_the_twin_has_gone_the_lent_one_works", rc == 0, out)
        vm.unplug("a")
        eventually(lambda: not o.devices(), 10)


def loans(c, vm, o, image):
    vm.plug("storage", "a", serial="KNOWN-0001", image=image)
    o.register("KNOWN-0001", "USB-0001")
    c.equal("after_its_registration_a_stick_is_closed", (o.reason("KNOWN-0001"), o.disks()), ("not-checked-out", []))
    vm.unplug("a")
    eventually(lambda: not o.devices(), 10)
    vm.plug("storage", "a", serial="KNOWN-0001", image=image)
    refused(c, o, "KNOWN-0001", "not-checked-out", "a_registered_stick_that_is_not_checked_out_stays_closed")
    with c.part("authority"):
        port = o.seen("KNOWN-0001")["device"]
        lend = f"mediagate checkout USB-0001 {LOAN} --until {o.until_time()} --to"
        for who, command, fault, claim in (
                ("clerk1", f"mediagate register {port} --number USB-0002 --supervisor supervisor1", "not-allowed", "a_clerk_cannot_register"),
                ("clerk1", f"{lend} clerk1", "not-allowed", "a_clerk_cannot_lend"),
                ("auditor1", f"{lend} clerk1", "not-allowed", "an_auditor_cannot_lend"),
                ("admin1", f"{lend} clerk1", "not-allowed", "an_administrator_cannot_lend"),
                ("root", f"{lend} clerk1", "not-allowed", "root_cannot_lend"),
                ("supervisor1", f"{lend} supervisor1", "self-lending", "a_supervisor_cannot_lend_to_themselves"),
                ("supervisor1", f"{lend} supervisor2", "not-a-clerk", "a_stick_is_lent_to_clerks_only"),
                ("supervisor1", f"{lend} clerk1 --purpose fun".replace("--purpose submission ", "", 1), "unknown-purpose", "a_purpose_that_the_policy_lacks_is_refused"),
                ("supervisor1", f"{lend} clerk1 --ground whim".replace("--ground law ", "", 1), "unknown-ground", "a_ground_that_the_policy_lacks_is_refused"),
                ("supervisor1", f"{lend} clerk1".replace("--locked-carrier ", ""), "safeguards-missing", "carrying_out_without_safeguards_is_refused"),
                ("supervisor1", f"{lend} clerk1".replace(o.until_time()[:4], "2099"), "until-far", "a_loan_longer_than_the_policy_allows_is_refused"),
                ("clerk1", "mediagate return USB-0001", "no-checkout", "what_is_not_checked_out_cannot_be_returned"),
                ("supervisor1", f"mediagate register {port} --number USB-0002 --supervisor supervisor1", "already-registered", "a_stick_is_registered_once"),
        ):
            rc, out = o.run(who, command + " --json")
            c.ok(claim, rc != 0 and f'"{fault}"' in out, f"status {rc}: {out}")
        rc, out = vm.run("su nobody -s /bin/sh -c 'mediagate copy USB-0001 /etc/passwd --json'")
        c.ok("who_is_not_on_the_roster_may_nothing", rc == 3 and '"not-on-roster"' in out, f"status {rc}: {out}")
    with c.part("other_loan"):
        o.lend("USB-0001", "clerk1")
        eventually(lambda: o.disks(), 15)
        for verb in ("copy USB-0001 /etc/passwd", "ls USB-0001", "get USB-0001 X /tmp/x"):
            says(c, o, "clerk2", f"mediagate {verb}", 3, "other-loan", f"another_persons_loan_refuses_{verb.split()[0]}")
        rc, out = o.run("supervisor1", f"mediagate checkout USB-0001 --to clerk2 {LOAN} --until {o.until_time()} --json")
        c.ok("a_lent_stick_is_not_lent_again", '"already-checked-out"' in out, out)
        c.ok("disk_nodes_are_for_root_alone", vm.sh("stat -c '%a %U' /dev/sd?") == "600 root", vm.run("ls -l /dev/sd*")[1])
        c.ok("a_clerk_cannot_read_the_raw_disk", vm.run("su clerk1 -c 'head -c 1 /dev/sda'")[0] != 0)
        nodes = vm.run("ls -l /dev/sg* /dev/bsg/* 2>/dev/null")[1]
        c.ok("scsi_nodes_are_for_root_alone", all(l[1:10] == "rw-------" for l in nodes.splitlines()), nodes)
        mine = vm.run("grep -c /dev/sd /proc/mounts")[1].strip()
        c.equal("it_is_mounted_nowhere_that_people_see", mine, "0")
        vm.unplug("a")
        eventually(lambda: not o.devices(), 10)


def returned(c, vm, o, image):
    with c.part("returned"):
        vm.plug("storage", "a", serial="KNOWN-0001", image=image)
        o.seen("KNOWN-0001")
        eventually(lambda: o.disks(), 15)
        o.must("clerk1", "mediagate return USB-0001", 90)
        c.ok("a_returned_stick_loses_its_disk", eventually(lambda: not o.disks(), 10), o.devices())
        vm.unplug("a")
        eventually(lambda: not o.devices(), 10)
        vm.plug("storage", "a", serial="KNOWN-0001", image=image)
        o.seen("KNOWN-0001")
        c.ok("a_returned_stick_stays_closed_at_the_next_plug", o.closed(2) and o.reason("KNOWN-0001") == "not-checked-out", o.devices())


def terminals(c, vm, o):
    with c.part("wrong_terminal"):
        o.lend("USB-0001", "clerk1", more="--terminal T777,T778")
        refused(c, o, "KNOWN-0001", "wrong-terminal", "a_stick_lent_for_other_terminals_is_refused_here")
        says(c, o, "clerk1", "mediagate copy USB-0001 /etc/passwd", 3, "wrong-terminal", "a_copy_to_it_is_refused_here")
        o.must("clerk1", "mediagate return USB-0001", 90)


def overdue(c, vm, o):
    with c.part("overdue"):
        o.lend("USB-0001", "clerk1", until=o.until_time(hours=0, seconds=12))
        c.ok("it_opens_until_its_time", eventually(lambda: o.disks(), 15), o.devices())
        gone = eventually(lambda: not o.disks(), 20)
        c.ok("an_overdue_stick_closes_by_itself", gone, o.devices())
        refused(c, o, "KNOWN-0001", "overdue", "an_overdue_stick_is_refused")
        says(c, o, "clerk1", "mediagate copy USB-0001 /etc/passwd", 3, "overdue", "a_copy_to_an_overdue_stick_is_refused")
        c.ok("running_out_is_on_record", o.records("overdue", "done"))
        rc, out = o.run("clerk1", "mediagate return USB-0001", 90)
        c.ok("an_overdue_stick_can_be_returned", rc == 0, out)


def scenario(vm, args):
    c, o = Checks(), Office(vm).start()
    image, other = mkstick(vm.dir + "/a.img", 16), mkstick(vm.dir + "/b.img", 16)
    strangers(c, vm, o, image)
    with c.part("loans"):
        loans(c, vm, o, image)
    twins(c, vm, o, image, other)
    returned(c, vm, o, image)
    terminals(c, vm, o)
    overdue(c, vm, o)
    c.ok("the_ledger_verifies_after_all_refusals", *o.verifies())
    return c.status()
