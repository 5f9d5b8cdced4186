# SPDX-License-Identifier: Apache-2.0
"""Sleep as it is asked for on a terminal: `systemctl suspend`, by Debian's systemd, logind, polkit and the shipped units.
Arguments: the parts to run."""
import os, re

from checks import Checks, eventually
from office import Office
from vm import HERE, mkstick
from walk_sleep import asleep, closed_for_sleep as slept, wake, works

SYSTEM = "/usr/lib/systemd/system/"
UNITS = """sysinit.target basic.target sockets.target timers.target paths.target slices.target local-fs.target local-fs-pre.target swap.target
 shutdown.target umount.target sleep.target suspend.target systemd-suspend.service dbus.service dbus.socket polkit.service
 systemd-logind.service user.slice""".split()
NAMES = ("login1", "PolicyKit1", "systemd1")
ADDS = ([SYSTEM + u for u in UNITS] + [f"/usr/share/dbus-1/system.d/org.freedesktop.{n}.conf" for n in NAMES]
        + [f"/usr/share/dbus-1/system-services/org.freedesktop.{n}.service" for n in NAMES]
        + ["/usr/share/dbus-1/system.conf", "/usr/share/polkit-1/actions/org.freedesktop.login1.policy", "/usr/lib/systemd/systemd",
           "/usr/lib/systemd/systemd-logind", "/usr/lib/systemd/systemd-sleep", "/usr/lib/polkit-1/polkitd", "/usr/bin/dbus-daemon",
           "/usr/bin/systemctl", "/usr/bin/busctl", f"{HERE}/guest/systemd/vm.target:/etc/systemd/system/vm.target",
           f"{HERE}/guest/systemd/vm-shell.service:/etc/systemd/system/vm-shell.service", f"{HERE}/guest/systemd/boot.sh:/etc/boot.d/systemd"])
IMAGE = dict(adds=[a for a in ADDS if os.path.exists(a.partition(":")[0])])
CONFIG = dict(append="usb-storage.delay_use=0 no_console_suspend vm.systemd systemd.unit=vm.target", sleeps=True, mem=768)
LOCKS = "busctl call org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager ListInhibitors"


def started(vm):
    """The agent, as systemd starts it."""
    vm.sh("mediagate enrol > /run/enrol.out 2>&1; systemctl daemon-reload; systemctl enable mediagated.service; systemctl start mediagated.service", 90)
    vm.until("mediagate > /dev/null", 60)
    return Office(vm)


def said(vm):
    """What the agent has logged since the last time."""
    return vm.sh("n=$(cat /run/log.seen 2>/dev/null || echo 1); tail -c +$n /run/mediagate.log; echo $(($(stat -c %s /run/mediagate.log) + 1)) > /run/log.seen")


def in_order(text, *words):
    at = -1
    for w in words:
        at = text.find(w, at + 1)
        if at < 0:
            return False
    return True


def suspended(vm, within=60):
    said(vm)
    n = len(vm.qmp_events)
    vm.sh("(systemctl suspend; echo $?) > /run/sleep.out 2>&1 &")
    if not asleep(vm, n, within):
        raise RuntimeError("no sleep: " + vm.run("cat /run/sleep.out; systemctl list-jobs --no-pager; systemctl status --no-pager mediagated-sleep suspend.target systemd-suspend; dmesg | tail -20")[1])
    wake(vm)
    eventually(lambda: "inactive" in vm.run("systemctl is-active suspend.target systemd-suspend.service")[1], 30)
    return said(vm)


def held(vm):
    return vm.run(LOCKS)[1].count('"mediagate"')


def begin_copy(vm, o, name):
    vm.sh(f"truncate -s 200M /home/clerk1/{name}; chown clerk1 /home/clerk1/{name}")
    vm.speed("a", 8 << 20)  # all of it takes 25 s, what is left to be written when it is stopped a moment
    o.begin("clerk1", f"mediagate copy USB-0001 {name} --json")
    o.wait_writing(240)  # 600,000 rounds for its password come first, emulated


def both(c, vm, o):
    c.ok("logind_holds_a_delay_lock_for_us", eventually(lambda: held(vm) == 1, 60, 1), vm.run(LOCKS)[1] + o.log())
    out = vm.run(LOCKS)[1]
    c.ok("it_is_a_delay_of_sleep_by_sessions_user", re.search(r'"sleep" "mediagate" "[^"]*" "delay" %s ' % vm.sh("id -u mediagate-session"), out), out)
    begin_copy(vm, o, "large")
    log = suspended(vm)
    # core says so when every line is durable, and only then is the lock let go
    c.ok("the_session_has_ended_and_is_on_record_before_logind_goes_on", in_order(log, "going to sleep", "closed (slept)", "sessions have ended", "awake"), log)
    vm.speed("a", 50 << 20)
    rc, out = o.finish(60)
    c.ok("the_copy_that_was_under_way_fails_and_says_so", rc != 0 and '"slept"' in out, f"{rc} {out}")
    c.equal("it_was_closed_once_for_the_sleep", len(slept(o)), 1)
    c.ok("after_waking_the_stick_works_again", *works(o))
    c.ok("the_lock_is_there_again", eventually(lambda: held(vm) == 1, 30, 1), vm.run(LOCKS)[1])


def unit_alone(c, vm, o):
    """As where session is not installed, or polkit is not."""
    vm.sh("mv /usr/libexec/mediagate/session /usr/libexec/mediagate/away; systemctl restart mediagated.service", 60)
    vm.until("mediagate > /dev/null", 60)
    c.ok("without_session_the_stick_is_open", eventually(lambda: o.disks(), 60), o.log())
    c.equal("nobody_holds_a_lock_of_ours", held(vm), 0)
    log = suspended(vm)
    c.ok("by_the_unit_alone_all_is_closed_before_the_sleep", in_order(log, "going to sleep", "closed (slept)", "awake"), log)
    c.ok("and_opens_again_after_it", *works(o))


# what is written to `authorized` of an interface, and the kernel's own beginning of a sleep, by one clock
TRACE = """grep -q ' /sys/kernel/tracing ' /proc/mounts || mount -t tracefs t /sys/kernel/tracing
cd /sys/kernel/tracing; echo mono > trace_clock
echo 'p:istore usbcore:interface_authorized_store name=+0(+0($arg1)):string buf=+0($arg3):string' > kprobe_events
echo 1 > events/kprobes/enable; echo 1 > events/power/suspend_resume/enable; echo > trace"""
TRACED = "awk '/istore:/ || /suspend_resume: suspend_enter.*begin/' /sys/kernel/tracing/trace"


def closed_before(trace):
    """Whether the last that was written before the machine slept took leave away."""
    lines = trace.splitlines()
    sleep = next((k for k, l in enumerate(lines) if "suspend_enter" in l), None)
    wrote = [l for l in lines[:sleep] if "istore" in l]
    return sleep is not None and wrote and 'buf="0' in wrote[-1]


def outlasts(c, vm, o, name, hold):
    """Neither a job nor its end is through when logind has waited its 5 s."""
    c.ok(f"{name}_logind_waits_for_us_before_it", eventually(lambda: held(vm) == 1, 60, 1), lambda: vm.run(LOCKS)[1] + o.log())
    begin_copy(vm, o, name)
    hold()
    vm.sh(TRACE)
    log = suspended(vm, 180)
    trace = vm.sh(TRACED)
    c.ok(f"with_a_job_that_is_{name}_the_stick_is_closed_before_the_machine_sleeps", closed_before(trace), trace + log)
    c.ok(f"{name}_it_is_told_in_order", in_order(log, "going to sleep", "awake"), log)
    vm.speed("a", 50 << 20)
    rc, out = o.finish(120)
    c.ok(f"the_copy_that_was_{name}_fails_and_says_so", rc != 0 and '"slept"' in out, f"{rc} {out}")
    c.ok(f"{name}_neither_its_job_nor_its_mount_is_left", eventually(lambda: o.none_left()[0], 30), o.none_left)
    c.ok(f"{name}_that_it_was_closed_is_on_record", eventually(lambda: slept(o), 30), lambda: f"{o.records()[-6:]} {o.log()}")
    c.ok(f"{name}_after_the_sleep_the_stick_works", *works(o))


def stopped(c, vm, o):
    """The job does nothing any more, not even when it is told to end."""
    outlasts(c, vm, o, "stopped", lambda: vm.sh("kill -STOP $(mediagate-guest pid copy)"))


def slow(c, vm, o):
    """It ends, and what it has yet to sync takes the stick minutes."""
    outlasts(c, vm, o, "slow", lambda: vm.speed("a", 256 << 10))


PARTS = dict(both=both, stopped=stopped, slow=slow, unit_alone=unit_alone)


def scenario(vm, args):
    c = Checks()
    o = started(vm)
    o.lent("LOGIND-001", "USB-0001", mkstick(vm.dir + "/a.img", 256), id="a", port="2", slow=50 << 20)
    c.ok("before_it_the_lent_stick_is_open", eventually(o.disks, 30), o.devices())
    for name in args or PARTS:
        with c.part(name):
            PARTS[name](c, vm, o)
    c.ok("the_ledger_verifies_after_sleeping", *o.verifies())
    return c.status()
