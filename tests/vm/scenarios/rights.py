# SPDX-License-Identifier: Apache-2.0
"""What each process may: user, capabilities, filter; and that one person reaches nothing of another's through it."""
import re, time

import fat
from checks import Checks, eventually
from office import Office
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0")
HELPERS = ("watch", "gate", "ledger", "session", "copy")
CORE = {5, 6, 7, 8, 21, 27, 0}  # KILL SETGID SETUID SETPCAP SYS_ADMIN MKNOD CHOWN: docs/threats.md says what for
WATCH_ALONE = {12}  # NET_ADMIN, never in force in core
CLOSER = {5}


def status(vm, pid):
    return dict(l.split(":\t", 1) for l in vm.sh(f"cat /proc/{pid}/status").splitlines() if ":\t" in l)


def capabilities(s):
    """The numbers in each set of a process."""
    return {k: {i for i in range(64) if int(s[k], 16) >> i & 1} for k in ("CapEff", "CapPrm", "CapBnd", "CapInh", "CapAmb")}


def scheduling(c, vm, name, pid, first=False):
    """Core and watch go before ordinary processes, and nobody else of ours."""
    after_name = vm.sh(f"cat /proc/{pid}/stat").rsplit(")", 1)[1].split()
    c.equal(f"{name}_is_scheduled_{'first' if first else 'like_anybody'}", (after_name[37], after_name[38]), ("1", "2") if first else ("0", "0"))


def helper(c, vm, name, pid, user, ours=True):
    """A process that gave everything up; a tool that is not ours may be dumped by its own user, who has no shell."""
    s = status(vm, pid)
    uid = vm.sh(f"id -u mediagate-{user}")
    c.equal(f"{name}_runs_as_its_own_user", (s["Uid"].split(), s["Gid"].split()), ([uid] * 4, [uid] * 4))
    c.equal(f"{name}_is_in_no_other_group", s["Groups"].strip(), "")
    c.equal(f"{name}_has_no_capability", {int(s[k], 16) for k in ("CapEff", "CapPrm", "CapInh", "CapAmb")}, {0})
    c.equal(f"{name}_cannot_gain_privileges", s["NoNewPrivs"], "1")
    c.equal(f"{name}_is_in_a_filter", s["Seccomp"], "2")
    scheduling(c, vm, name, pid, first=name == "watch")
    if ours:
        c.equal(f"{name}_is_not_dumpable", vm.sh(f"stat -c %U /proc/{pid}/mem"), "root")
    c.equal(f"{name}_leaves_no_core_file", vm.sh(f"awk '/core file/ {{print $5 $6}}' /proc/{pid}/limits"), "00")


def passing(c, vm, o, name, point, program, user, ours, act):
    """A process that lives for a moment: held right before one of its calls, looked at, and let go."""
    pid = vm.sh("mediagate-guest pid core")
    vm.sh(f"rm -f /run/points; (stopat /run/points {name} {point} 19 {pid}) > /dev/null 2>&1 < /dev/null &")
    vm.until("grep -q ready /run/points", 20)
    act()
    held = eventually(lambda: vm.run(f"grep -q ^hit /run/points && for p in /proc/[0-9]*; do [ \"$(readlink $p/exe)\" = {program} ] && "
                                     "grep -q '^State:.*T (stopped)' $p/status && echo ${p#/proc/}; done")[1].split(), 60)
    if c.ok(f"{name}_was_held_to_be_looked_at", held, vm.run("tail -n 5 /run/points")[1]):
        helper(c, vm, name, held[0], user, ours)
        vm.sh(f"kill -CONT {held[0]}")


def prepared(c, vm, o, n, tool, system):
    """A new stick; the tool is looked at while it is prepared."""
    serial, number, image = f"RIGHTS-01{n}", f"USB-01{n}", mkstick(f"{vm.dir}/{n}.img", 16)
    vm.plug("storage", f"n{n}", serial=serial, image=image)
    port = o.seen(serial)["device"]
    passing(c, vm, o, tool, 1, "/usr/sbin/" + tool, "copy", False,
            lambda: o.begin("supervisor1", f"mediagate register {port} --number {number} --supervisor supervisor1 --prepare {system} --yes"))
    rc, out = o.finish(90)
    c.ok(f"the_stick_is_prepared_after_{tool}", rc == 0, out)
    return serial, number, image


def mended(c, vm, o, n, tool, stick, mark):
    """One that was not taken out cleanly; its fsck is looked at."""
    serial, number, image = stick
    o.lend(number)
    eventually(lambda: o.disks(), 30)
    vm.unplug(f"n{n}")
    eventually(lambda: not o.device(serial), 20)
    with fat.opened(image) as f:
        f.put(*mark)
    vm.plug("storage", f"n{n}", serial=serial, image=image)
    eventually(lambda: o.disks(), 30)
    passing(c, vm, o, tool, 1, "/usr/sbin/" + tool, "copy", False, lambda: o.begin("clerk1", f"mediagate ls {number}"))
    rc, out = o.finish(150)
    c.ok(f"the_stick_works_after_{tool}", rc == 0 and o.records("mend", "done"), out)


def label(c, vm, o):
    vm.unplug("stick")
    eventually(lambda: not o.device("RIGHTS-0001"), 20)
    passing(c, vm, o, "label", 1, "/usr/libexec/mediagate/label", "label", True,
            lambda: vm.plug("storage", "stick", serial="RIGHTS-0001", image=vm.dir + "/a.img", slow=50 << 20))
    c.ok("the_stick_opens_after_its_label_was_held", eventually(lambda: o.disks(), 60), o.log())
    vm.unplug("stick")
    eventually(lambda: not o.disks(), 20)


def closer(c, vm, o):
    """The last one out stays root, for the files in sysfs are root's, and may end a job besides."""
    vm.plug("storage", "stick", serial="RIGHTS-0001", image=vm.dir + "/a.img", slow=50 << 20)
    c.ok("a_lent_stick_is_open_before_the_agent_is_killed", eventually(lambda: o.disks(), 60), o.log())
    vm.sh("mediagate-guest kill9 core", 60)
    c.ok("it_is_closed_after_that", o.closed(0))
    vm.sh("for i in /sys/bus/usb/devices/*:*; do case $(cat $i/bInterfaceClass) in 08) echo 1 > $i/authorized; echo ${i##*/} > /sys/bus/usb/drivers_probe;; esac; done")
    vm.sh("rm -f /run/points; (stopat /run/points closer 1 19 -- /usr/libexec/mediagate/closer) > /run/closer.out 2>&1 < /dev/null &")
    held = eventually(lambda: vm.run("grep -qs ^hit /run/points && pidof closer")[1].split(), 30)
    if c.ok("closer_was_held_to_be_looked_at", held, vm.run("cat /run/points /run/closer.out")[1]):
        s = status(vm, held[0])
        sets = capabilities(s)
        c.equal("closer_may_end_a_job_and_nothing_else", sets, dict(CapEff=CLOSER, CapPrm=CLOSER, CapBnd=CLOSER, CapInh=set(), CapAmb=set()))
        c.equal("closer_cannot_gain_privileges", s["NoNewPrivs"], "1")
        c.equal("closer_is_in_a_filter", s["Seccomp"], "2")
        vm.sh(f"kill -CONT {held[0]}")
    c.ok("closer_closes_what_somebody_opened", eventually(lambda: not o.disks(), 20), vm.run("cat /run/closer.out")[1])
    vm.sh("mediagate-guest start", 90)


def passers_by(c, vm, o):
    """load reads the configuration; the tools of --prepare and of mending write to a medium; label checks its label."""
    n = len(o.records("policy", "done"))
    passing(c, vm, o, "load", 5, "/usr/libexec/mediagate/load", "load", True, lambda: vm.sh("mediagate-guest reload"))
    c.ok("load_goes_on_after_it", eventually(lambda: len(o.records("policy", "done")) > n, 20), o.log())
    label(c, vm, o)
    prepared(c, vm, o, 1, "sfdisk", "vfat")
    vfat, exfat = prepared(c, vm, o, 2, "mkfs.fat", "vfat"), prepared(c, vm, o, 3, "mkfs.exfat", "exfat")
    vm.unplug("n1")
    mended(c, vm, o, 2, "fsck.fat", vfat, (65, b"\x01"))
    vm.unplug("n2")
    eventually(lambda: not o.disks(), 20)
    mended(c, vm, o, 3, "fsck.exfat", exfat, (fat.EXFAT_FLAGS, b"\x02"))
    vm.unplug("n3")
    eventually(lambda: not o.disks(), 20)


def processes(c, vm):
    for name in HELPERS:
        for pid in vm.sh(f"mediagate-guest pid {name}").split():
            helper(c, vm, name, pid, name)
    s = status(vm, vm.sh("mediagate-guest pid core"))
    scheduling(c, vm, "core", vm.sh("mediagate-guest pid core"), first=True)
    c.equal("core_has_the_capabilities_it_needs_and_no_other", capabilities(s),
            dict(CapEff=CORE, CapPrm=CORE | WATCH_ALONE, CapBnd=CORE | WATCH_ALONE, CapInh=set(), CapAmb=set()))
    c.equal("core_cannot_gain_privileges", s["NoNewPrivs"], "1")
    c.equal("core_is_in_a_filter", s["Seccomp"], "2")
    listed = vm.sh("mediagate-guest status").split("\n")
    c.ok("no_other_process_of_ours_runs_as_root", all(l.split()[1] == "core" for l in listed if l.split()[2] == "root"), listed)
    for pid in vm.sh("mediagate-guest pid core; mediagate-guest pid ledger").split():
        maps = vm.sh(f"cat /proc/{pid}/maps")
        if pid == vm.sh("mediagate-guest pid core"):
            c.ok("core_links_neither_openssl_nor_libconfig", not re.search("libcrypto|libssl|libconfig|libarchive", maps), maps)
    keys = vm.sh("ls -la /var/lib/mediagate/keys")
    c.ok("keys_are_for_the_ledger_alone", vm.sh("stat -c '%a %U' /var/lib/mediagate/keys") == "700 mediagate-ledger", keys)
    c.ok("a_clerk_cannot_read_the_ledger_folder", vm.run("su clerk1 -c 'cat /var/lib/mediagate/ledger/*/*/records.jsonl'")[0] != 0)


def intrusions(c, vm, o):
    """A clerk against the job that works for them, and against that of another."""
    job = vm.sh("mediagate-guest pid copy").split()[0]
    rc, out = vm.run(f"ls /proc/{job}/root/ /proc/{job}/fd/ /proc/{job}/cwd/ && cat /proc/{job}/maps /proc/{job}/environ && "
                     f"nsenter -t {job} -m true && timeout 2 strace -p {job} -o /dev/null; true", 30)
    c.ok("root_can_do_what_a_clerk_is_refused", "denied" not in out and "not permitted" not in out and "attached" in out, out[-2000:])
    c.equal("the_mount_point_is_empty_outside_the_job", vm.run("ls -A /run/mediagate/mnt 2> /dev/null")[1].strip(), "")
    for who in ("clerk1", "clerk2"):
        for command, claim in ((f"ls /proc/{job}/root/", "enter_the_jobs_root"), (f"ls /proc/{job}/fd/", "see_the_jobs_descriptors"),
                               (f"cat /proc/{job}/maps", "read_the_jobs_maps"), (f"head -c 1 /proc/{job}/mem", "read_the_jobs_memory"),
                               (f"ls /proc/{job}/cwd/", "enter_the_jobs_folder"),
                               (f"cat /proc/{job}/environ", "read_the_jobs_environment"), (f"kill -9 {job}", "kill_the_job"),
                               (f"strace -p {job} -o /dev/null", "trace_the_job"), (f"nsenter -t {job} -m ls /", "enter_the_jobs_mounts"),
                               (f"nsenter -t {job} -U -m ls /", "enter_the_jobs_mounts_by_a_user_namespace")):
            rc, out = vm.run(f"su {who} -c '{command}'", 15)
            c.ok(f"{who}_cannot_{claim}", rc != 0 and re.search("denied|not permitted", out), f"{rc} {out}")
    c.ok("the_job_goes_on_after_all_that", vm.run(f"[ -d /proc/{job} ]")[0] == 0)
    c.ok("the_mount_is_not_in_the_systems_namespace", vm.run("grep -q /dev/sd /proc/mounts")[0] != 0)
    options = vm.sh(f"grep /dev/sd /proc/{job}/mountinfo; true")
    c.ok("the_medium_is_mounted_nosuid_nodev_noexec_nosymfollow", all(x in options for x in ("nosuid", "nodev", "noexec", "nosymfollow")), options)


def others(c, vm, o):
    vm.sh("echo SECRET-OF-CLERK2 > /home/clerk2/secret; chown clerk2:clerk2 /home/clerk2/secret; chmod 600 /home/clerk2/secret; "
          "su clerk1 -c 'ln -s /home/clerk2/secret /home/clerk1/link; mkdir -p /home/clerk1/tree; ln -s /home/clerk2 /home/clerk1/tree/in'")
    for what, claim in (("/home/clerk2/secret", "by_its_path"), ("link", "through_a_link"), ("tree", "through_a_linked_folder"), ("/etc/shadow", "of_the_system")):
        rc, out = o.run("clerk1", f"mediagate copy USB-0001 {what} --json", 60)
        taken = [r["detail"].get("name") for r in o.records("file", "done") if "secret" in str(r["detail"].get("name")) or "shadow" in str(r["detail"].get("name"))]
        c.ok(f"a_file_of_another_is_not_read_{claim}", not taken and (rc != 0 or what == "tree"), f"status {rc}: {out} {taken}")
    copy = o.records("copy", "done")[-1]["detail"]["copy"]
    rc, out = o.run("clerk1", f"mediagate get USB-0001 {copy} /home/clerk2/x --password-file pw", 60)
    c.ok("nothing_is_written_into_anothers_folder", rc != 0 and vm.run("ls /home/clerk2/x")[0] != 0, out)
    rc, out = o.run("clerk2", "mediagate history --json")
    c.ok("a_clerk_sees_their_own_records_only", "clerk1" not in out, out)
    rc, out = o.run("auditor1", "mediagate history --json")
    c.ok("an_auditor_sees_all_records", rc == 0 and "clerk1" in out, out)


def hostile(c, vm, o):
    core = vm.sh("mediagate-guest pid core; mediagate-guest pid ledger; mediagate-guest pid watch").split()
    out = vm.sh("su clerk2 -c 'throw /run/mediagate/socket 20000 7'", 120)
    print("#", out)
    rc, said = o.run("clerk1", "mediagate")
    c.ok("20000_hostile_packets_neither_stop_nor_block_the_agent", rc == 0 and core == vm.sh("mediagate-guest pid core; mediagate-guest pid ledger; mediagate-guest pid watch").split(), f"{said} {o.log()}")


def scenario(vm, args):
    vm.sh("mutebus")  # without a bus there is no session
    c, o = Checks(), Office(vm).start()
    o.lent("RIGHTS-0001", "USB-0001", mkstick(vm.dir + "/a.img", 64), id="stick", prepare="vfat", slow=50 << 20)
    eventually(lambda: o.disks(), 20)
    vm.sh("dd if=/dev/urandom of=/home/clerk1/large bs=1M count=16 2>/dev/null; chown clerk1:clerk1 /home/clerk1/large")
    vm.speed("stick", 1 << 20)
    o.begin("clerk1", "mediagate copy USB-0001 large --json")
    o.wait_job()
    time.sleep(2)
    with c.part("processes"):
        processes(c, vm)
    with c.part("intrusions"):
        intrusions(c, vm, o)
    vm.speed("stick", 50 << 20)
    rc, out = o.finish(60)
    c.ok("the_copy_ends_well", rc == 0, out)
    with c.part("passers_by"):
        passers_by(c, vm, o)
    with c.part("others"):
        others(c, vm, o)
    with c.part("hostile"):
        hostile(c, vm, o)
    with c.part("closer"):
        closer(c, vm, o)
    return c.status()
