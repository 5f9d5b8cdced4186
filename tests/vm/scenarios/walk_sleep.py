# SPDX-License-Identifier: Apache-2.0
"""The machine sleeps (ACPI S3) while a stick is lent and open: docs/threats.md row 27. What is there after it is decided anew."""
import time

from checks import Checks, eventually
from office import Office
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0 no_console_suspend", sleeps=True)


def sleep(vm, meanwhile=lambda: None):
    """Sleeps, does something while the guest does not run, wakes it up."""
    n = len(vm.qmp_events)
    vm.sh("(sleep 1; echo mem > /sys/power/state) > /run/sleep.out 2>&1 &")
    asleep = eventually(lambda: any(e["event"] == "SUSPEND" for e in vm.qmp_events[n:]), 30)
    if not asleep:
        raise RuntimeError("no sleep: " + vm.run("cat /run/sleep.out; dmesg | tail -20")[1])
    meanwhile()
    time.sleep(2)
    vm.qmp("system_wakeup")
    vm.sh("true", 60)


def closed_for_sleep(o):
    return [r for r in o.records("close", "done") if r.get("reason") == "slept"]


def scenario(vm, args):
    c, o = Checks(), Office(vm).start()
    image, other, larger = mkstick(vm.dir + "/a.img", 16), mkstick(vm.dir + "/b.img", 16), mkstick(vm.dir + "/c.img", 24)
    o.lent("SLEEP-0001", "USB-0001", image, id="a", port="2")
    c.ok("before_it_the_lent_stick_is_open", eventually(o.disks, 15), o.devices())
    with c.part("the_same_stick_after_a_sleep"):
        sleep(vm)
        c.ok("after_a_sleep_what_was_open_was_closed", eventually(lambda: closed_for_sleep(o), 10), f"{o.records()[-4:]} {o.log()}")
        rc, out = 0, ""

        def works():
            nonlocal rc, out
            rc, out = o.run("clerk1", "mediagate ls USB-0001 --json", 60)
            return rc == 0
        c.ok("after_a_sleep_the_same_stick_works_again", eventually(works, 30, 1), f"status {rc}: {out} {o.devices()} {o.log()}")

    def swap_for(serial, picture):
        vm.unplug("a", 20)
        vm.plug("storage", "a", serial=serial, image=picture, port="2")

    with c.part("a_stranger_swapped_in_during_a_sleep"):
        sleep(vm, lambda: swap_for("STRANGER-1", other))
        d = eventually(lambda: o.device("STRANGER-1"), 30)
        c.ok("a_stranger_swapped_in_during_a_sleep_is_refused", d and d.get("fault") == "not-registered" and o.closed(2), f"{o.devices()} {o.disks()} {o.log()}")
    with c.part("a_stick_of_its_name_and_another_size"):
        swap_for("SLEEP-0001", image)
        c.ok("back_in_its_place_it_opens", eventually(o.disks, 20), f"{o.devices()} {o.log()}")
        sleep(vm, lambda: swap_for("SLEEP-0001", larger))
        d = eventually(lambda: next((x for x in o.devices() if x.get("fault") == "size-differs"), None), 30)
        c.ok("a_stick_of_its_name_and_another_size_is_refused_after_a_sleep", d and o.closed(2), f"{o.devices()} {o.disks()} {o.log()}")
    c.ok("the_ledger_verifies_after_sleeping", *o.verifies())
    return c.status()
