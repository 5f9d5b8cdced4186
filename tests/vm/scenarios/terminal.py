# SPDX-License-Identifier: Apache-2.0
"""What a person at a terminal sees and types: `copy` alone asks step by step, in English and Japanese; how far it is
is shown; Ctrl-C stops it and leaves the medium clean."""
import re

from checks import Checks, eventually
from office import Office, names_on
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0")


def clean(image, copies):
    names = names_on(image)
    return len([n for n in names if n.startswith("MEDIAGATE-")]) == copies and not [n for n in names if n.startswith(".MEDIAGATE")]


def steps(c, vm, o):
    with c.part("step_by_step"):
        t = o.terminal("clerk1", "mediagate copy")
        t.expect("Media checked out to you:")
        t.expect("1  USB-0001  ")
        t.expect("destination: 年金事務所")
        t.expect("> ")
        t.type("nowhere\n")
        t.expect("error: nowhere cannot be read")
        t.expect("> ")
        t.type("papers\n")
        t.expect("2 files, ")
        t.expect("> ")
        t.type("\n")
        t.expect("1  whoever has a password that is made now (usual)")
        t.expect("or an empty line for 1: ")
        t.type("\n")
        rc, seen = t.finish()
        c.ok("copy_alone_asks_step_by_step", rc == 0 and re.search(r"copy \w+ is on USB-0001: 2 files, .*, 1 part", seen) and o.password(seen), f"status {rc}: {seen}")
        done = o.records("copy", "done")[-1]
        c.equal("what_was_answered_is_what_is_recorded", (done["actor"], done["medium"], done["detail"]["files"]), ("clerk1", "USB-0001", 2))
    with c.part("step_by_step_in_japanese"):
        t = o.terminal("clerk1", "mediagate copy", lang="ja")
        t.expect("1  USB-0001  ")
        t.expect("> ")
        t.type("papers/日本語.txt\n")
        t.expect("> ")
        t.type("\n")
        t.expect("  2  ")
        t.expect(": ")
        t.type("2\n")
        t.expect(": ")
        t.type("correct horse battery staple\n")
        t.expect(": ")
        t.type("correct horse battery staple\n")
        rc, seen = t.finish()
        c.ok("the_dialogue_is_in_japanese", rc == 0 and "貸出中" in seen and "Media checked out" not in seen, f"status {rc}: {seen}")
        c.ok("a_password_that_is_typed_is_not_shown", "horse" not in seen, seen)
    with c.part("ctrl_c_in_the_dialogue"):
        before = len(o.records())
        t = o.terminal("clerk1", "mediagate copy")
        t.expect("> ")
        t.type("\x03")
        rc, seen = t.finish()
        c.ok("ctrl_c_in_the_dialogue_ends_it", rc == 130, f"status {rc}: {seen}")
        c.equal("and_nothing_was_begun", o.records()[before:], [])
    with c.part("nothing_lent"):
        t = o.terminal("clerk2", "mediagate copy")
        rc, seen = t.finish()
        c.ok("who_has_no_medium_is_told_so", rc == 4 and "no medium that is checked out to you is plugged in" in seen, f"status {rc}: {seen}")


def progress(c, vm, o, image):
    vm.sh("truncate -s 40M /home/clerk1/large.bin")
    copies = len(o.records("copy", "done"))
    with c.part("how_far_it_is"):
        vm.speed("stick", 4 << 20)
        t = o.terminal("clerk1", "mediagate copy USB-0001 large.bin papers")
        t.expect(" of 41.9 MB, file 1 of 3")
        vm.speed("stick", 20 << 20)
        rc, seen = t.finish()
        percents = [int(x) for x in re.findall(r"(\d+) %  ", seen)]
        c.ok("progress_rises_on_a_terminal", rc == 0 and len(percents) > 1 and percents == sorted(percents) and percents[-1] <= 100, f"status {rc}: {percents} {seen}")
        c.ok("its_line_is_cleared_before_the_outcome", re.search(r"\r\x1b\[Kcopy \w+ is on USB-0001", seen), seen)
    with c.part("stopped"):
        vm.speed("stick", 1 << 20)
        t = o.terminal("clerk1", "mediagate copy USB-0001 large.bin")
        o.wait_writing()
        t.type("\x03")
        t.expect("stopping, please leave the medium in")
        vm.speed("stick", 20 << 20)
        rc, seen = t.finish()
        c.ok("ctrl_c_stops_a_copy", rc == 130 and "error: stopped as asked" in seen and "hint: nothing half-done is left on the medium" in seen, f"status {rc}: {seen}")
        c.ok("it_is_on_record_as_cancelled", o.records("copy")[-1]["reason"] == "cancelled", o.records("copy")[-1])
        c.ok("neither_job_nor_mount_is_left", *o.none_left())
        c.ok("the_medium_is_left_clean", eventually(lambda: clean(image, copies + 1), 5), names_on(image))


def scenario(vm, args):
    c, o = Checks(), Office(vm).start()
    image = mkstick(vm.dir + "/a.img", 128)
    o.lent("TTY-0001", "USB-0001", image, id="stick", prepare="vfat", slow=20 << 20)
    eventually(lambda: o.disks(), 20)
    vm.sh("cd /home/clerk1; mkdir papers; echo a > papers/a.txt; echo 日本語 > papers/日本語.txt; chown -R clerk1:clerk1 .")
    steps(c, vm, o)
    progress(c, vm, o, image)
    c.ok("nothing_is_pending_at_the_end", not o.pending(), o.pending())
    return c.status()
