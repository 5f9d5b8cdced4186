# SPDX-License-Identifier: Apache-2.0
"""What hands on the terminal can do around the agent: docs/threats.md rows 7, 10, 12, 13, 14, 17, 30, 31, 32, 36.
args: names of parts"""
import time

from checks import Checks, eventually
from media import fault
from office import Office
from vm import mkstick
from walk_buses import gone, interfaces

CONFIG = dict(append="usb-storage.delay_use=0")


def interface_of(o, serial):
    return o.vm.sh(f"for d in /sys/bus/usb/devices/*; do [ \"$(cat $d/serial 2>/dev/null)\" = {serial} ] && echo $d:1.0; done; true")


def after(vm, act, held):
    """(whether it held within ten seconds, seconds it took): both as the guest sees them, who need not wait for the harness."""
    out = vm.run(f"""{act}
s=$(cut -d' ' -f1 /proc/uptime); n=0
until {{ {held}; }} || [ $n = 200 ]; do n=$((n + 1)); sleep 0.05; done
{{ {held}; }} && echo held || echo not; echo $s; cut -d' ' -f1 /proc/uptime""", 60)[1].split()
    return out[-3] == "held", float(out[-1]) - float(out[-2])


def opened_by_hand(c, vm, o, image):
    """Root writes authorized=1, as another daemon would."""
    with c.part("a_stick_that_is_opened_by_hand_is_closed_again"):
        vm.plug("storage", "a", serial="HAND-0001", image=image)
        o.seen("HAND-0001")
        path = interface_of(o, "HAND-0001")
        # both in one go: the agent may be faster than the second
        shut, took = after(vm, f"echo 1 > {path}/authorized; echo {path.rsplit('/', 1)[1]} > /sys/bus/usb/drivers_probe",
                           f"[ $(cat {path}/authorized) = 0 ] && ! ls -d /sys/block/sd* >/dev/null 2>&1")
        shut = shut and not o.disks()
        c.ok("a_stick_that_is_opened_by_hand_is_closed_again", shut, f"{interfaces(vm)} {o.disks()} {o.log()}")
        c.ok("it_is_closed_again_within_two_seconds", shut and took < 2, took)
        c.ok("opening_by_hand_is_on_record", eventually(lambda: o.records("tamper", "done"), 5), o.records()[-3:])
        vm.sh("udevadm trigger --action=add; udevadm settle", 60)
        c.ok("rules_run_anew_open_nothing", o.closed(2), f"{interfaces(vm)} {o.disks()}")
        device = path.rsplit(":", 1)[0]
        vm.sh(f"echo 0 > {device}/authorized; echo 1 > {device}/authorized")
        c.ok("a_device_that_is_closed_and_opened_as_a_whole_opens_nothing", o.closed(2), f"{interfaces(vm)} {o.disks()}")
        rc, out = vm.run(f"su clerk1 -c 'echo 1 > {path}/authorized'")
        c.ok("a_clerk_cannot_open_by_hand", rc != 0, out)
        vm.unplug("a")
        eventually(lambda: not o.devices(), 10)


def properties(c, vm, o, image):
    """What udev knows about a lent stick's disk, and what a person can do with it."""
    with c.part("nobody_parses_or_mounts_a_lent_stick"):
        vm.plug("storage", "a", serial="LENT-0001", image=image)
        disk = eventually(o.disks, 15)[0]
        vm.sh("udevadm settle", 30)
        known = vm.sh(f"udevadm info -q property /dev/{disk}")
        c.ok("desktops_are_told_to_ignore_a_lent_stick", "UDISKS_IGNORE=1" in known and "UDISKS_AUTO=0" in known, known)
        c.ok("udev_parses_no_file_system_of_a_lent_stick", "ID_FS_" not in known and "ID_PART_TABLE" not in known, known)
        links = vm.run("ls /dev/disk/by-uuid /dev/disk/by-label 2>/dev/null")[1]
        c.ok("no_link_by_label_or_uuid_leads_to_it", "STICK" not in links, links)
        rc, out = vm.run(f"su clerk1 -c 'mkdir -p /tmp/m; mount /dev/{disk} /tmp/m'")
        c.ok("a_clerk_cannot_mount_a_lent_stick", rc != 0, out)
        c.ok("a_lent_stick_s_usb_node_is_for_root_alone", set(vm.sh(
            "for d in /sys/bus/usb/devices/*; do [ \"$(cat $d/serial 2>/dev/null)\" = LENT-0001 ] && "
            "stat -c '%a' $(printf '/dev/bus/usb/%03d/%03d' $(cat $d/busnum) $(cat $d/devnum)); done; true").split()) == {"600"})
        shut, took = after(vm, f"mkdir -p /mnt/hand; mount -t vfat /dev/{disk}1 /mnt/hand && touch /run/mounted", "! ls -d /sys/block/sd* >/dev/null 2>&1")
        c.ok("root_can_mount_it_by_hand", vm.run("ls /run/mounted")[0] == 0, o.log())
        c.ok("a_lent_stick_that_root_mounts_loses_its_disk", shut, f"{o.disks()} {o.log()}")
        c.ok("it_loses_it_within_two_seconds", shut and took < 2, took)
        c.ok("a_mount_by_hand_is_on_record", eventually(lambda: [r for r in o.records("tamper") if r.get("reason") == "foreign-mount"], 5), o.records()[-3:])
        rc, out = o.run("clerk1", "mediagate ls USB-0001 --json", 60)
        c.ok("a_stick_that_was_mounted_by_hand_stays_closed", rc != 0 and fault(out) == "foreign-mount", f"status {rc}: {out}")
        vm.run("umount /mnt/hand")
        vm.unplug("a")
        eventually(lambda: not o.devices(), 10)
        vm.plug("storage", "a", serial="LENT-0001", image=image)
        c.ok("at_its_next_plug_it_works_again", eventually(o.disks, 15), f"{o.devices()} {o.log()}")
        rc, out = vm.run(f"modprobe loop; losetup /dev/loop3 /dev/{o.disks()[0]}1 && mount -t vfat /dev/loop3 /mnt/hand")
        c.ok("a_lent_stick_that_root_mounts_through_a_loop_loses_its_disk", eventually(lambda: not o.disks(), 10), f"{rc} {out} {o.disks()} {o.log()}")
        vm.run("umount /mnt/hand; losetup -d /dev/loop3")
        vm.unplug("a")
        eventually(lambda: not o.devices(), 10)


def changed(c, vm, o):
    """The lent stick is a gadget; it comes back with other descriptors in the same port."""
    vm.sh("dd if=/dev/zero of=/run/g.img bs=1M count=16 2>/dev/null; dd if=/dev/zero of=/run/big.img bs=1M count=24 2>/dev/null")
    g = "/sys/kernel/config/usb_gadget/shift"
    with c.part("a_lent_stick_that_comes_back_as_another_is_refused"):
        vm.gadget("shift", 0x0951, 0x1666, serial="SHIFT-0001", functions=("mass_storage",), lun="/run/g.img")
        o.register("SHIFT-0001", "USB-0002", prepare="vfat")
        o.lend("USB-0002")
        c.ok("the_gadget_opens_when_lent", eventually(o.disks, 15), f"{o.devices()} {o.log()}")
        for name, change, back in (("product", "echo 0x1667 > idProduct", "echo 0x1666 > idProduct"),
                                   ("serial_number", "printf SHIFT-0002 > strings/0x409/serialnumber", "printf SHIFT-0001 > strings/0x409/serialnumber"),
                                   ("revision", "echo 0x0999 > bcdDevice", "echo 0x0601 > bcdDevice")):
            was = vm.sh(f"cat {g}/bcdDevice")
            vm.sh(f"cd {g}; echo > UDC; {change}; echo dummy_udc.0 > UDC")
            d = eventually(lambda: next((x for x in o.devices() if x.get("fault") == "not-registered"), None), 15)
            c.ok(f"a_lent_stick_that_comes_back_with_another_{name}_is_refused", d and o.closed(1), f"{o.devices()} {o.disks()}")
            vm.sh(f"cd {g}; echo > UDC; {back}; echo {was} > bcdDevice; echo dummy_udc.0 > UDC")
            c.ok(f"with_its_own_{name}_again_it_opens", eventually(o.disks, 15), f"{o.devices()} {o.log()}")
    with c.part("a_card_of_another_size_is_refused"):
        lun = vm.sh(f"ls -d {g}/functions/*/lun.0")
        rc, out = o.run("clerk1", "mediagate ls USB-0002 --json", 60)
        c.ok("the_card_works_that_was_registered", rc == 0, out)
        vm.sh(f"echo > {lun}/file; echo /run/big.img > {lun}/file; head -c 512 /dev/{o.disks()[0]} >/dev/null 2>&1; true")
        rc, out = o.run("clerk1", "mediagate ls USB-0002 --json", 60)
        c.ok("a_card_of_another_size_in_a_lent_reader_is_refused", rc != 0 and fault(out) in ("size-differs", "changed-device", "not-plugged-in", "medium-gone"), f"status {rc}: {out}")
        vm.gadget_off("shift")
        gone(vm)
        eventually(lambda: not o.devices(), 10)


def recycled(c, vm, o, image, other):
    """Core is held while the lent stick goes and a stranger takes its port: the verdict must not reach the stranger."""
    with c.part("a_verdict_does_not_reach_who_took_the_port"):
        core = vm.sh("mediagate-guest pid core")
        vm.sh(f"kill -STOP {core}")
        try:
            vm.plug("storage", "a", serial="LENT-0001", image=image, port="3")
            vm.until("ls -d /sys/bus/usb/devices/*-3:1.0", 20)
            time.sleep(1)
            vm.unplug("a")
            vm.until("! ls -d /sys/bus/usb/devices/*-3:1.0", 20)
            vm.plug("storage", "b", serial="STRANGER-9", image=other, port="3")
            vm.until("ls -d /sys/bus/usb/devices/*-3:1.0", 20)
            time.sleep(1)
        finally:
            vm.sh(f"kill -CONT {core}")
        seen = o.seen("STRANGER-9")
        c.ok("a_verdict_does_not_reach_who_took_the_port", not seen["open"] and o.closed(3), f"{o.devices()} {o.disks()} {o.log()}")
        opened = [r for r in o.records("open", "done") if bytes.fromhex(r["detail"]["serial"]).decode() == "STRANGER-9"]
        c.ok("the_stranger_was_never_opened", not opened, opened)
        vm.unplug("b")
        eventually(lambda: not o.devices(), 10)


def hangs(c, vm, o, image, other):
    """The stick takes the data at a byte a second: people must not notice, but whose copy it is."""
    with c.part("a_stick_that_hangs_stalls_nobody"):
        vm.plug("storage", "a", serial="LENT-0001", image=image, slow=512 << 10)
        eventually(o.disks, 15)
        vm.sh("su clerk1 -c 'dd if=/dev/urandom of=/home/clerk1/f bs=1M count=4 2>/dev/null'", 60)
        o.begin("clerk1", "mediagate copy USB-0001 f --json")
        o.wait_job()
        vm.speed("a", 1)
        time.sleep(3)
        took = []
        for command in ("mediagate", "mediagate devices --json", "mediagate history --json"):
            start = time.monotonic()
            rc, out = o.run("supervisor1", command)
            took.append(round(time.monotonic() - start, 2))
            c.ok(f"while_a_stick_hangs_{command.split()[-2] if ' ' in command else 'status'}_answers", rc == 0, out)
        c.ok("while_a_stick_hangs_the_agent_answers_at_once", max(took) < 10, took)
        vm.plug("storage", "b", serial="STRANGER-8", image=other)
        c.equal("while_a_stick_hangs_another_is_judged", o.reason("STRANGER-8"), "not-registered")
        vm.unplug("b")
        vm.speed("a", 0)
        rc, out = o.finish(180)
        c.ok("the_copy_to_a_stick_that_hung_ends_and_says_how", rc == 0 or fault(out), f"status {rc}: {out}")
        c.ok("neither_job_nor_mount_is_left_of_it", eventually(lambda: o.none_left()[0], 30), o.none_left())
        vm.unplug("a", 60)
        eventually(lambda: not o.devices(), 10)


def clock(c, vm, o, image):
    with c.part("a_clock_set_back_lends_nothing"):
        vm.sh("date -s \"$(date -u -d @$(( $(date +%s) - 7200 )) '+%Y-%m-%d %H:%M:%S')\" >/dev/null")
        vm.plug("storage", "a", serial="LENT-0001", image=image)
        o.seen("LENT-0001")
        time.sleep(3)
        d = o.device("LENT-0001")
        c.ok("with_the_clock_set_back_a_lent_stick_stays_closed", d and not d["open"] and not o.disks(), f"{d} {o.disks()} {o.log()}")
        rc, out = o.run("supervisor1", f"mediagate checkout USB-0009 --to clerk1 --purpose submission --ground law --destination X "
                        f"--locked-carrier --carry-out --until {o.until_time()} --json")
        c.ok("with_the_clock_set_back_nothing_is_lent", rc != 0 and fault(out) == "time-unsure", f"status {rc}: {out}")
        c.ok("the_clock_going_back_is_on_record", eventually(lambda: o.records("clock"), 5), o.records()[-4:])
        vm.sh("date -s \"$(date -u -d @$(( $(date +%s) + 7205 )) '+%Y-%m-%d %H:%M:%S')\" >/dev/null")
        c.ok("with_the_clock_right_again_it_opens", eventually(o.disks, 20), f"{o.devices()} {o.log()}")
        # so little that it is still later than the last record
        last = max(r["t"] for r in o.records())
        time.sleep(25)
        vm.sh("date -s \"$(date -u -d @$(( $(date +%s) - 15 )) '+%Y-%m-%d %H:%M:%S')\" >/dev/null")
        shut = eventually(lambda: (o.device("LENT-0001") or {}).get("fault") == "time-unsure", 5)
        c.ok("set_back_within_the_session_it_closes_what_is_lent", shut and not o.disks(), f"last record {last}: {o.devices()} {o.disks()} {o.log()}")
        c.ok("when_the_clock_has_caught_up_it_opens_by_itself", eventually(o.disks, 40), f"{o.devices()} {o.log()}")
        vm.unplug("a")
        eventually(lambda: not o.devices(), 10)


USBGUARD = "printf usbguard-daemon > /proc/$$/comm; echo $$ > /run/other.pid; sleep 1000; true"
HUB = "/sys/bus/usb/devices/usb1/interface_authorized_default"
# what root does, what undoes it, the reason on record
PAST = dict(
    rule_that_was_removed=("mv /etc/udev/rules.d/72-mediagate.rules /run/", "mv /run/72-mediagate.rules /etc/udev/rules.d/", "rules-changed"),
    hub_that_was_opened=(f"echo 1 > {HUB}", "true", "gate-opened"),
    configuration_that_was_changed=("cp /etc/mediagate/policy.conf /run/; echo '# more' >> /etc/mediagate/policy.conf",
                                    "cp /run/policy.conf /etc/mediagate/policy.conf", "config-changed"),
    second_program_that_decides=(f"sh -c '{USBGUARD}' > /dev/null 2>&1 & until [ -s /run/other.pid ]; do :; done", "kill $(cat /run/other.pid)", "other-agent"))


def past_the_agent(c, vm, o):
    """Root changes what keeps the ports shut, and starts another program that decides. The kernel tells of none of it."""
    with c.part("what_root_changes_past_the_agent_is_on_record"):
        for change, _, _ in PAST.values():
            vm.sh(change)
        for what, (_, back, reason) in PAST.items():
            c.ok(f"a_{what}_is_on_record", eventually(lambda: [r for r in o.records("tamper") if r.get("reason") == reason], 240, 1), lambda: f"{o.records()[-4:]} {o.log()}")
        c.equal("a_hub_that_was_opened_is_shut_again", vm.sh(f"cat {HUB}"), "0")
        for _, back, _ in PAST.values():
            vm.sh(back)


def scenario(vm, args):
    c, o = Checks(), Office(vm).start()
    image, other = mkstick(vm.dir + "/a.img", 16), mkstick(vm.dir + "/b.img", 16)
    o.lent("LENT-0001", "USB-0001", image, id="first")
    for part, given in ((opened_by_hand, (other,)), (properties, (image,)), (recycled, (image, other)), (changed, ()),
                        (clock, (image,)), (hangs, (image, other)), (past_the_agent, ())):
        if args and part.__name__ not in args:
            continue
        # what a part that broke has left must not break the next
        for id in list(vm.devs):
            vm.unplug(id)
        eventually(lambda: not o.devices(), 10)
        part(c, vm, o, *given)
    c.ok("the_ledger_verifies_after_all_hands", *o.verifies())
    return c.status()
