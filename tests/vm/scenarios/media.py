# SPDX-License-Identifier: Apache-2.0
"""Media and disks that fail under our hands: unplugged, full, write-protected, without a file system; a full ledger disk."""
from checks import Checks, eventually
from office import Office, names_on
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0", mem=768)


def fault(out):
    return out.split('"fault":"')[1].split('"')[0] if '"fault":"' in out else None


def make(vm, name, mb):
    vm.sh(f"dd if=/dev/urandom of=/home/clerk1/{name} bs=1M count={mb} 2>/dev/null; chown clerk1:clerk1 /home/clerk1/{name}")


def unplugged(c, vm, o):
    image = mkstick(vm.dir + "/slow.img", 64)
    o.lent("SLOW-0001", "USB-0001", image, id="slow", prepare="vfat", slow=50 << 20)
    vm.sh("truncate -s 40M /home/clerk1/large.bin")  # 40 s at 1 MB/s, as any other bytes once it is encrypted
    make(vm, "small.bin", 1)
    vm.speed("slow", 1 << 20)
    o.begin("clerk1", "mediagate copy USB-0001 large.bin --json")
    o.wait_writing()
    c.ok("the_copy_is_under_way_when_the_stick_is_pulled", vm.run("[ -s /run/job.rc ]")[0] != 0)
    vm.unplug("slow")
    rc, out = o.finish(60)
    c.ok("a_copy_whose_stick_is_pulled_ends_with_a_clear_message",
         rc == 7 and fault(out) == "medium-gone" and "USB-0001 was unplugged" in out, f"status {rc}: {out}")
    failed = eventually(lambda: [r for r in o.records("copy", "failed") if r["reason"] == "medium-gone"], 5)
    c.ok("it_is_on_record_as_failed", failed and not o.pending(), f"{failed} {o.pending()}")
    c.ok("neither_job_nor_mount_is_left", *o.none_left())
    c.ok("no_copy_has_its_final_name", not [n for n in names_on(image) if n.startswith("MEDIAGATE-")], names_on(image))
    vm.plug("storage", "slow", serial="SLOW-0001", image=image)
    eventually(lambda: o.disks(), 20)
    rc, out = o.run("clerk1", "mediagate copy USB-0001 small.bin", 90)
    c.ok("after_the_next_plug_the_stick_works", rc == 0, f"status {rc}: {out} {o.log()}")
    names = names_on(image)
    c.ok("what_was_left_over_is_gone", not [n for n in names if n.startswith(".MEDIAGATE")] and len([n for n in names if n.startswith("MEDIAGATE-")]) == 1, names)
    with c.part("unplugged_in_get"):
        copy = o.records("copy", "done")[-1]["detail"]["copy"]
        rc, out = o.run("clerk1", f"mediagate get USB-0001 {copy} back --password-file /dev/null --json", 60)
        c.ok("an_empty_password_opens_nothing", rc != 0 and vm.run("ls /home/clerk1/back")[0] != 0, f"{rc} {out}")
    with c.part("stopped"):
        vm.unplug("slow")
        eventually(lambda: not o.devices(), 10)
        vm.plug("storage", "slow", serial="SLOW-0001", image=image, slow=1 << 20)
        eventually(lambda: o.disks(), 20)
        o.begin("clerk1", "exec mediagate copy USB-0001 large.bin --json")
        o.wait_writing()
        pids = vm.sh("pidof mediagate")
        vm.sh(f"kill -INT {pids}")  # as Ctrl-C does: the whole group
        vm.until(f"for p in {pids}; do grep -q '^ShdPnd:.*[^0\t]' /proc/$p/status || exit 0; done 2>/dev/null; exit 1")  # it has heard it
        vm.speed("slow", 50 << 20)
        rc, out = o.finish(60)
        c.ok("a_copy_that_is_stopped_by_its_person_says_so", rc == 130 and fault(out) == "cancelled", f"status {rc}: {out}")
        eventually(lambda: o.none_left()[0], 20)
        names = names_on(image)
        c.ok("it_leaves_the_medium_clean", not [n for n in names if n.startswith(".MEDIAGATE")] and len([n for n in names if n.startswith("MEDIAGATE-")]) == 1, names)
        c.ok("it_is_on_record_as_cancelled", eventually(lambda: [r for r in o.records("copy", "failed") if r["reason"] == "cancelled"], 5), o.records("copy")[-2:])
        vm.unplug("slow")
    eventually(lambda: not o.devices(), 10)


def full(c, vm, o):
    image = mkstick(vm.dir + "/full.img", 8)
    o.lent("FULL-0001", "USB-0002", image, id="full")
    eventually(lambda: o.disks(), 20)
    rc, out = o.run("clerk1", "mediagate copy USB-0002 large.bin --json", 90)
    c.ok("a_full_medium_is_told_as_such", rc == 7 and fault(out) == "medium-full", f"status {rc}: {out}")
    rc, out = o.run("clerk1", "mediagate copy USB-0002 small.bin", 60)
    c.ok("what_fits_is_copied_after_that", rc == 0, f"status {rc}: {out}")
    names = eventually(lambda: names_on(image), 3)
    c.ok("a_full_medium_is_left_clean", len([n for n in names if "MEDIAGATE" in n.upper()]) == 1, names)
    vm.unplug("full")
    eventually(lambda: not o.devices(), 10)
    with c.part("readonly"):
        vm.plug("storage", "full", serial="FULL-0001", image=image, readonly=True)
        eventually(lambda: o.disks(), 20)
        rc, out = o.run("clerk1", "mediagate copy USB-0002 small.bin --json", 60)
        c.ok("a_write_protected_medium_is_told_as_such", rc == 7 and fault(out) == "read-only-medium", f"status {rc}: {out}")
        rc, out = o.run("clerk1", "mediagate ls USB-0002", 60)
        c.ok("a_write_protected_medium_can_be_listed", rc == 0, f"status {rc}: {out}")
        vm.unplug("full")
        eventually(lambda: not o.devices(), 10)


def blank(c, vm, o):
    image = mkstick(vm.dir + "/blank.img", 8, "none")
    vm.plug("storage", "blank", serial="BLANK-0001", image=image)
    port = o.seen("BLANK-0001")["device"]
    rc, out = o.run("supervisor1", f"mediagate register {port} --number USB-0003 --supervisor supervisor1 --json", 60)
    if rc == 0:
        o.lend("USB-0003")
        rc, out = o.run("clerk1", "mediagate copy USB-0003 small.bin --json", 60)
    c.ok("a_medium_without_file_system_is_told_as_such", rc == 7 and fault(out) == "no-file-system", f"status {rc}: {out}")
    vm.unplug("blank")
    eventually(lambda: not o.devices(), 10)
    image = mkstick(vm.dir + "/ext.img", 16, "ext4")
    vm.plug("storage", "ext", serial="EXT-0001", image=image)
    port = o.seen("EXT-0001")["device"]
    rc, out = o.run("supervisor1", f"mediagate register {port} --number USB-0004 --supervisor supervisor1 --json", 60)
    if rc == 0:
        o.lend("USB-0004")
        rc, out = o.run("clerk1", "mediagate copy USB-0004 small.bin --json", 60)
    c.ok("a_file_system_that_the_policy_does_not_name_is_not_mounted", rc == 7 and fault(out) == "no-file-system", f"status {rc}: {out}")
    vm.unplug("ext")
    eventually(lambda: not o.devices(), 10)


def ledger_full(c, vm, o):
    image = vm.dir + "/slow.img"
    vm.sh("dd if=/dev/zero of=/var/lib/fill bs=64k 2>/dev/null; dd if=/dev/zero of=/var/lib/fill2 bs=512 2>/dev/null; sync; df /var/lib | tail -1; true")
    before = len(o.records())
    vm.plug("storage", "again", serial="SLOW-0001", image=image)
    o.seen("SLOW-0001")
    for _ in range(60):  # the ledger may have some room kept: use it up
        rc, out = o.run("clerk1", "mediagate ls USB-0001 --json", 60)
        if rc == 5:
            break
    c.ok("with_a_full_ledger_disk_nothing_is_done", rc == 5 and fault(out) == "ledger-full", f"status {rc}: {out} {o.log()}")
    vm.unplug("again")
    eventually(lambda: not o.disks(), 10)
    vm.plug("storage", "again", serial="SLOW-0001", image=image)
    c.ok("with_a_full_ledger_disk_a_lent_stick_stays_closed", o.closed(4), f"{o.disks()} {o.records()[before:]} {vm.run('df /var/lib; df -i /var/lib')[1]}")
    vm.sh("rm -f /var/lib/fill /var/lib/fill2; sync")
    rc, out = 0, ""

    def works():
        nonlocal rc, out
        rc, out = o.run("clerk1", "mediagate ls USB-0001", 60)
        return rc == 0
    c.ok("when_there_is_room_again_it_goes_on", eventually(works, 30, 1), f"status {rc}: {out} {o.log()}")
    c.ok("the_ledger_verifies_after_its_disk_was_full", *o.verifies())
    c.ok("nothing_is_left_pending", eventually(lambda: not o.pending(), 5), o.pending())


def scenario(vm, args):
    c, o = Checks(), Office(vm).start()
    for part in (unplugged, full, blank, ledger_full):
        if not args or part.__name__ in args:
            with c.part(part.__name__):
                part(c, vm, o)
    return c.status()
