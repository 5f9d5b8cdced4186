# SPDX-License-Identifier: Apache-2.0
"""Kernel events are lost (ENOBUFS) while watch is held: everything is told again, and the ledger says that there was a gap."""
from checks import Checks, eventually
from office import Office
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0")


def scenario(vm, args):
    c = Checks()
    o = Office(vm).start()
    for n in "ab":
        vm.plug("storage", n, serial=f"LOST-{n.upper()}001", image=mkstick(f"{vm.dir}/{n}.img", 16))
    seen = lambda: sorted(d.get("serial") for d in o.devices())
    c.ok("two_sticks_are_seen", eventually(lambda: seen() == ["LOST-A001", "LOST-B001"], 20), seen())
    watch = vm.sh("mediagate-guest pid watch")
    vm.sh(f"kill -STOP {watch}")
    vm.unplug("a")
    vm.plug("storage", "c", serial="LOST-C001", image=mkstick(vm.dir + "/c.img", 16))
    # more than the buffer holds, of a device that no rule is interested in
    vm.sh("i=0; while [ $i -lt 14000 ]; do echo change > /sys/devices/virtual/mem/null/uevent; i=$((i+1)); done", 120)
    dropped = vm.sh("awk '$2 == 15 && $4 == \"00000001\" && $9 > 0' /proc/net/netlink | wc -l")
    c.ok("the_kernel_dropped_events", int(dropped) > 0, vm.sh("cat /proc/net/netlink"))
    vm.sh(f"kill -CONT {watch}")
    c.ok("what_went_and_what_came_is_known_all_the_same", eventually(lambda: seen() == ["LOST-B001", "LOST-C001"], 20), seen())
    c.ok("the_ledger_has_a_gap", eventually(lambda: vm.run("grep -h '\"kind\":\"gap\"' /var/lib/mediagate/ledger/*/*/records.jsonl")[1], 10), o.log())
    c.ok("nothing_opened", not o.disks(), o.disks())
    c.equal("watch_is_still_the_same_process", vm.sh("mediagate-guest pid watch"), watch)
    return c.status()
