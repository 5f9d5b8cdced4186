# SPDX-License-Identifier: Apache-2.0
"""Between a device and its interface: udev's queue is held, so a lent stick has an intent on record and nothing to open
yet. Whatever happens then, nothing opens that must not, and the intent gets its outcome."""
from checks import Checks, eventually
from office import Office
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0")
SERIAL = "EARLY-0001"


class Rig:
    def __init__(self, vm, c):
        self.vm, self.c, self.o = vm, c, Office(vm).start()
        self.image = mkstick(vm.dir + "/early.img", 32)
        self.o.lent(SERIAL, "USB-0001", self.image, id="stick")
        eventually(lambda: self.o.disks(), 20)
        self.gone("stick")

    def gone(self, *ids):
        for id in ids:
            self.vm.unplug(id)
        eventually(lambda: not self.o.devices() and not self.o.pending(), 20)

    def held(self):
        """The stick is plugged in, its intent is on record, and udev has not let it have its interface."""
        self.vm.sh("udevadm settle -t 20; udevadm control --stop-exec-queue")
        self.vm.plug("storage", "stick", serial=SERIAL, image=self.image)
        return eventually(self.o.pending, 20)

    def outcome(self, intent):
        rows = eventually(lambda: [r for r in self.o.records("open") if r["detail"].get("intent") == intent["n"]], 20)
        return (rows[0]["result"], rows[0].get("reason")) if rows else None


def waits(r):
    intents = r.held()
    r.c.equal("the_intent_is_on_record_before_the_interface_is_there", [i["kind"] for i in intents], ["open"])
    r.c.ok("nothing_opens_without_the_interface", r.o.closed(), r.o.disks())
    r.c.equal("nobody_is_told_of_a_device_without_interface", r.o.devices(), [])
    rc, out = r.o.run("clerk1", "mediagate return USB-0001")
    r.c.ok("it_can_not_be_asked_for", rc != 0, out)
    r.vm.sh("udevadm control --start-exec-queue")
    r.c.ok("it_opens_as_soon_as_udev_lets_it_in", eventually(r.o.disks, 20), r.o.log())
    r.c.equal("one_intent_has_one_outcome", r.outcome(intents[0]), ("done", None))
    r.gone("stick")


def goes(r):
    intent = r.held()[0]
    r.vm.unplug("stick")
    r.c.equal("a_stick_that_goes_before_its_interface_comes_ends_the_intent", r.outcome(intent), ("failed", "medium-gone"))
    r.vm.sh("udevadm control --start-exec-queue; udevadm settle -t 20")
    r.c.ok("and_nothing_is_left_of_it", not r.o.devices() and not r.o.disks(), r.o.devices())


def twin(r):
    intent = r.held()[0]
    r.vm.plug("storage", "twin", serial=SERIAL, image=mkstick(r.vm.dir + "/twin.img", 16))
    r.c.equal("a_twin_ends_the_intent", r.outcome(intent), ("failed", "twin"))
    r.vm.sh("udevadm control --start-exec-queue")
    eventually(lambda: len(r.o.devices()) == 2, 20)
    r.c.ok("neither_twin_opens", r.o.closed(), r.o.devices())
    r.gone("twin")
    r.c.ok("the_first_opens_when_the_twin_is_gone", eventually(r.o.disks, 20), r.o.devices())
    r.gone("stick")


def killed(r, process):
    intent = r.held()[0]
    r.vm.sh(f"mediagate-guest kill9 {process} --restart", 90)
    r.c.equal(f"{process}_killed_in_between_leaves_the_intent_failed", (r.outcome(intent) or "none")[0], "failed")
    r.c.ok(f"{process}_killed_in_between_opens_nothing", r.o.closed(), r.o.disks())
    r.vm.sh("udevadm control --start-exec-queue")
    r.c.ok(f"{process}_back_again_opens_it_when_the_interface_comes", eventually(r.o.disks, 30), r.o.log())
    r.gone("stick")


def scenario(vm, args):
    c = Checks()
    r = Rig(vm, c)
    for part in (waits, goes, twin):
        with c.part(part.__name__):
            part(r)
        vm.sh("udevadm control --start-exec-queue")
    for process in ("core", "ledger", "watch"):
        with c.part(process):
            killed(r, process)
        vm.sh("udevadm control --start-exec-queue")
    ok, said = r.o.verifies()
    c.ok("the_ledger_verifies", ok, said)
    c.ok("no_intent_is_without_its_outcome", eventually(lambda: not r.o.pending(), 10), r.o.pending())
    return c.status()
