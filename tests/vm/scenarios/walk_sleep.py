# SPDX-License-Identifier: Apache-2.0
"""The machine sleeps (ACPI S3) while a stick is lent and open, and nobody has told the agent: docs/threats.md row 27. What is there after
it is decided anew. Arguments: the parts to run."""
import time

from checks import Checks, eventually
from office import Office
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0 no_console_suspend", sleeps=True)


def asleep(vm, since, timeout=30):
    """Whether the machine has gone to sleep since then (len(vm.qmp_events))."""
    return eventually(lambda: any(e["event"] == "SUSPEND" for e in vm.qmp_events[since:]), timeout)


def wake(vm):
    time.sleep(2)
    vm.qmp("system_wakeup")
    vm.sh("true", 60)


def sleep(vm, meanwhile=lambda: None):
    """Sleeps, does something while the guest does not run, wakes it up."""
    n = len(vm.qmp_events)
    vm.sh("(sleep 1; echo mem > /sys/power/state) > /run/sleep.out 2>&1 &")
    if not asleep(vm, n):
        raise RuntimeError("no sleep: " + vm.run("cat /run/sleep.out; dmesg | tail -20")[1])
    meanwhile()
    wake(vm)


def closed_for_sleep(o):
    return [r for r in o.records("close", "done") if r.get("reason") == "slept"]


def works(o):
    """Whether the lent stick can be read through mediagate, and what was said."""
    said = []

    def ls():
        said[:] = o.run("clerk1", "mediagate ls USB-0001 --json", 60)
        return said[0] == 0
    return eventually(ls, 60, 1), f"{said} {o.devices()} {o.log()}"


def swap_for(vm, serial, picture):
    vm.unplug("a", 20)
    vm.plug("storage", "a", serial=serial, image=picture, port="2")


def same(c, vm, o, sticks):
    sleep(vm)
    c.ok("after_a_sleep_what_was_open_was_closed", eventually(lambda: closed_for_sleep(o), 10), lambda: f"{o.records()[-4:]} {o.log()}")
    c.ok("after_a_sleep_the_same_stick_works_again", *works(o))


def stranger(c, vm, o, sticks):
    sleep(vm, lambda: swap_for(vm, "STRANGER-1", sticks["other"]))
    d = eventually(lambda: o.device("STRANGER-1"), 30)
    c.ok("a_stranger_swapped_in_during_a_sleep_is_refused", d and d.get("fault") == "not-registered" and o.closed(2), lambda: f"{o.devices()} {o.disks()} {o.log()}")
    swap_for(vm, "SLEEP-0001", sticks["own"])
    c.ok("back_in_its_place_it_opens", *works(o))


def larger(c, vm, o, sticks):
    """Descriptors, name and port are the same: the kernel may even take it for the one that was there."""
    sleep(vm, lambda: swap_for(vm, "SLEEP-0001", sticks["larger"]))
    d = eventually(lambda: next((x for x in o.devices() if x.get("fault") == "size-differs"), None), 60)
    c.ok("a_stick_of_its_name_and_another_size_is_refused_after_a_sleep", d and o.closed(2), lambda: f"{o.devices()} {o.disks()} {o.log()}")


def out_and_in(c, vm, o, sticks):
    sleep(vm, lambda: vm.unplug("a", 20))
    c.ok("a_stick_pulled_out_during_a_sleep_is_gone_after_it", eventually(lambda: not o.devices() and not o.disks(), 30), lambda: f"{o.devices()} {o.disks()} {o.log()}")
    sleep(vm, lambda: vm.plug("storage", "a", serial="SLEEP-0001", image=sticks["own"], port="2"))
    c.ok("a_lent_stick_put_in_during_a_sleep_opens_after_it", *works(o))


PARTS = dict(same=same, stranger=stranger, larger=larger, out_and_in=out_and_in)


def scenario(vm, args):
    c, o = Checks(), Office(vm).start()
    sticks = dict(own=mkstick(vm.dir + "/a.img", 16), other=mkstick(vm.dir + "/b.img", 16), larger=mkstick(vm.dir + "/c.img", 24))
    o.lent("SLEEP-0001", "USB-0001", sticks["own"], id="a", port="2")
    c.ok("before_it_the_lent_stick_is_open", eventually(o.disks, 15), o.devices())
    for name in args or PARTS:
        with c.part(name):
            PARTS[name](c, vm, o, sticks)
    c.ok("the_ledger_verifies_after_sleeping", *o.verifies())
    return c.status()
