# SPDX-License-Identifier: Apache-2.0
"""Files of every kind: what a person would expect happens, and what is copied comes back byte for byte.
Arguments: the parts to run; changes=N seed=S for a sample of the changes. What takes longer is in
files_many.py and files_large.py."""
import random

from checks import Checks, eventually
from media import fault
from office import Office
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0", mem=768)
FAST = 20 << 20  # more than the machine encrypts; what QEMU has let through of it is not counted long against a slower rate


def home(vm, script):
    vm.sh("cd /home/clerk1; " + script + "; chown -R clerk1:clerk1 /home/clerk1 2>/dev/null; true", 300)


def there_and_back(c, vm, o, claims, timeout=120):
    """Copies folders, gets them back, compares each. claims: {folder: claim}"""
    rc, out = o.run("clerk1", f"mediagate copy USB-0001 {' '.join(claims)}", timeout)
    password = o.password(out)
    if not c.ok("_and_".join(claims) + "_can_be_copied", rc == 0 and password, f"status {rc}: {out} {o.log()}"):
        return
    copy = o.records("copy", "done")[-1]["detail"]["copy"]
    vm.put(password + "\n", "/home/clerk1/.pw", "644")
    rc, out = o.run("clerk1", f"rm -rf back; mediagate get USB-0001 {copy} back --password-file .pw", timeout)
    for folder, claim in claims.items():
        same = vm.run(f"cd /home/clerk1; diff -r {folder} back/{folder}", timeout)
        c.ok(claim + "_comes_back_the_same", rc == 0 and same[0] == 0, f"status {rc}: {out} {same[1]}")
    vm.run("rm -rf /home/clerk1/back", timeout)


def whole(c, vm, o):
    home(vm, "mkdir -p empty; : > empty/nothing.txt")
    home(vm, r"""mkdir -p odd/深い/ところ; cd odd
printf 1 > "$(printf 'new\nline')"; printf 2 > 日本語の名前.txt; printf 3 > 'sp ace'; printf 4 > -rf; printf 5 > 'quo"te'"'"'s'
printf 6 > '$(id)'; printf 7 > 'back\slash'; printf 8 > ' leading'; printf 9 > 'trailing '; printf 10 > '*'; printf 11 > 深い/ところ/ﾊﾝｶｸ
printf 12 > "$(head -c 200 /dev/zero | tr '\0' n)"; printf 13 > "$(printf 'esc\033[31m')"; printf 14 > con; printf 15 > 'a:b'""")
    home(vm, r"mkdir -p raw; printf x > raw/$(printf 'sjis\203\145')")
    there_and_back(c, vm, o, dict(empty="a_file_of_0_bytes", odd="every_name_with_newlines_and_japanese", raw="a_name_that_is_not_utf8"))
    c.ok("no_control_character_of_a_name_reaches_the_terminal", "\x1b" not in o.run("clerk1", "mediagate history")[1])
    rows = [r for r in o.records("file", "done") if "name_hex" in r["detail"]]
    c.ok("it_is_on_record_in_hex", rows, o.records("file")[-1])


def refused(c, vm, o):
    home(vm, """echo mine > mine.txt; mkfifo pipe; mkdir -p with/x nothing shut; echo a > with/a; mkfifo with/x/pipe; ln -s /etc/passwd link; mkdir linked; ln -s /etc/passwd linked/link
n=$(head -c 250 /dev/zero | tr '\\0' n); mkdir -p long/$n/$n/$n/$n; echo x > long/$n/$n/$n/$n/$n""")
    vm.sh("echo secret > /home/clerk1/locked; chown root:root /home/clerk1/locked; chmod 600 /home/clerk1/locked; "
          "mkdir -p /home/clerk2; echo theirs > /home/clerk2/theirs; chown clerk2:clerk2 /home/clerk2/theirs; chmod 600 /home/clerk2/theirs; "
          "chown root:root /home/clerk1/shut; chmod 700 /home/clerk1/shut")
    before = len(o.records("copy"))
    for what, status, code, claim in (
            ("locked", 7, "file-unreadable", "a_file_without_read_permission_is_named"),
            ("mine.txt locked", 7, "file-unreadable", "a_file_without_read_permission_among_others_is_named"),
            ("shut", 7, "file-unreadable", "a_folder_without_read_permission_is_named"),
            ("/home/clerk2/theirs", 7, "file-unreadable", "another_persons_file_is_not_read_through_the_agent"),
            ("pipe", 2, "not-a-file", "a_fifo_is_refused_and_does_not_hang"),
            ("mine.txt pipe", 2, "not-a-file", "a_fifo_among_files_is_refused"),
            ("with", 2, "not-a-file", "a_fifo_in_a_folder_is_refused"),
            ("/dev/null", 2, "not-a-file", "a_device_node_is_refused"),
            ("linked", 2, "is-link", "a_link_in_a_folder_is_named"),
            ("long", 2, "name-too-long", "a_name_that_is_too_long_is_named"),
            ("no-such-file", 4, "unreadable", "a_file_that_is_not_there_is_named"),
            ("mine.txt with/../mine.txt", 2, "name-twice", "two_files_of_one_name_are_refused")):
        with c.part(claim):
            rc, out = o.run("clerk1", f"mediagate copy USB-0001 {what} --json", 60)
            c.ok(claim, rc == status and fault(out) == code, f"status {rc}: {out}")
    rc, out = o.run("clerk1", "mediagate copy USB-0001 nothing", 60)
    c.ok("a_folder_without_files_is_told_as_such", rc == 2 and "there is no file" in out, f"status {rc}: {out}")
    c.equal("none_of_these_made_a_copy", [r for r in o.records("copy")[before:] if r["result"] == "done"], [])
    c.ok("neither_job_nor_mount_is_left_after_refusals", *o.none_left())


def changed(c, vm, o):
    home(vm, "mkdir set; cd set; truncate -s 24M big.bin; for i in 1 2 3 4 5 6 7 8 9; do echo $i > m$i; echo $i > n$i; done")
    changes = (("echo more >> zz-last.txt", "a_file_that_grows_while_it_is_copied_fails_the_copy"),
               (": > zz-last.txt", "a_file_that_shrinks_while_it_is_copied_fails_the_copy"),
               ("printf SMALL > zz-last.txt", "a_file_whose_content_changes_while_it_is_copied_fails_the_copy"),
               ("cp -p zz-last.txt new; mv new zz-last.txt", "a_file_that_is_replaced_while_it_is_copied_fails_the_copy"),
               ("rm zz-last.txt", "a_file_that_goes_while_it_is_copied_fails_the_copy"))
    for change, claim in random.Random(o.seed).sample(changes, o.changes or len(changes)):
        with c.part(claim):
            home(vm, "printf small > set/zz-last.txt")
            # 24 MB at 0.5 MB/s: the last file has been looked at when the first is being written, and is read long after;
            # as the twentieth it is opened then, too
            vm.speed("stick", 512 << 10)
            o.begin("clerk1", "mediagate copy USB-0001 set --json")
            o.wait_writing()
            vm.sh(f"cd /home/clerk1/set; {change}")
            vm.speed("stick", FAST)
            rc, out = o.finish(90)
            c.ok(claim, rc == 7 and fault(out) == "file-changed" and "zz-last.txt" in out, f"status {rc}: {out}")
    c.ok("neither_job_nor_mount_is_left_after_changes", *o.none_left())
    rc, out = o.run("clerk1", "mediagate ls USB-0001", 60)
    c.ok("a_copy_that_failed_leaves_nothing_on_the_medium", rc == 0 and "cut short" not in out, out)


def hanging(c, vm, o):
    """A share whose file can be opened and not be read: the copy is under way by then."""
    home(vm, "echo mine > mine.txt")
    vm.sh("modprobe fuse; for n in read stat open close; do mkdir -p /mnt/share-$n; hangfs -o allow_other /mnt/share-$n || exit 1; done")
    # these hang before the agent is asked for anything, and wait side by side
    early = ("stat", "open", "close")
    for name in early:
        o.begin("clerk1", f"mediagate copy USB-0001 mine.txt /mnt/share-{name}/{name} --json", name)
    rc, out = o.run("clerk1", "mediagate copy USB-0001 mine.txt /mnt/share-read/read --json", 120)
    c.ok("a_file_on_a_share_that_hangs_ends_the_copy_and_is_named", rc == 7 and fault(out) == "file-stalled" and '"read"' in out, f"status {rc}: {out}")
    c.ok("a_stalled_copy_is_on_record", [r for r in o.records("copy", "failed") if r["reason"] == "file-stalled"], o.records("copy")[-1])
    for name in early:
        rc, out = o.finish(120, name)
        c.ok(f"a_file_that_hangs_in_{name}_ends_the_copy_and_is_named", rc == 7 and fault(out) == "file-stalled" and f"/mnt/share-{name}/{name}" in out, f"status {rc}: {out}")
    rc, out = o.run("clerk1", "mediagate ls USB-0001", 60)
    c.ok("the_agent_and_the_medium_work_after_it", rc == 0, f"status {rc}: {out}")
    c.ok("neither_job_nor_mount_is_left_after_a_stall", *o.none_left())
    vm.run("kill -9 $(pidof hangfs)")


def scenario(vm, args):
    given = dict(a.split("=", 1) for a in args if "=" in a)
    args = [a for a in args if "=" not in a]
    c, o = Checks(), Office(vm).start()
    o.changes, o.seed = int(given.get("changes", 0)), given.get("seed", "")
    o.lent("FILES-0001", "USB-0001", mkstick(vm.dir + "/a.img", 128), id="stick", prepare="exfat", slow=FAST)
    eventually(lambda: o.disks(), 20)
    for part in (whole, refused, changed, hanging):
        if not args or part.__name__ in args:
            with c.part(part.__name__):
                part(c, vm, o)
    c.ok("nothing_is_pending_at_the_end", not o.pending(), o.pending())
    c.ok("the_ledger_verifies_at_the_end", *o.verifies())
    return c.status()
