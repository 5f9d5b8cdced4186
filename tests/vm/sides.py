# SPDX-License-Identifier: Apache-2.0
"""Who guards the guest in scenarios/comparison.py: mediagate, Debian's USBGuard, nobody. Each side does the same acts in its
own way: it takes a stick for known, is killed, stopped and started, and says what it recorded."""
import os, re

import image
from checks import eventually
from office import Office

GUEST = image.HERE + "/guest/usbguard-guest"


class Nobody:
    """The control: what a row shows here is what Debian does by itself."""
    name = "nobody"
    guards = False

    def __init__(self, vm):
        self.vm, self.up, self.at = vm, True, 0

    @classmethod
    def image(cls):
        return dict(product=False)

    def version(self):
        return self.vm.sh("uname -r")

    def install(self):
        pass

    def allow(self, serial, number, **more):
        """Makes known what is plugged in."""

    def returned(self, number):
        """The loan has ended."""

    def judged(self, serial):
        """Waits until the side has come to a verdict."""

    def works(self, number, disk):
        """A person reads the known stick's list of files."""
        part = eventually(lambda: self.vm.run(f"ls /sys/block/{disk()[0]}" if disk() else "false")[1].split(), 15)
        names = [n for n in part or () if re.fullmatch(r"sd[a-z]\d", n)]
        return bool(names) and self.vm.run(f"mkdir -p /mnt/k; mount -t vfat /dev/{names[0]} /mnt/k && ls /mnt/k && umount /mnt/k", 30)[0] == 0

    def kill9(self):
        self.up = False

    def stop(self):
        self.up = False

    def start(self):
        self.up = True

    def hold(self):
        """The agent hangs, until resume()."""

    def resume(self):
        pass

    def save(self):
        """Before a shutdown."""

    def booted(self):
        """Once the machine is up again."""

    def mark(self):
        """What is recorded from here on."""

    def recorded(self, serial):
        """Whether something was recorded since mark(): of this device, or of anything."""
        return False


class Agent(Nobody):
    """What guards by a process: the guest's command for it, what that calls the process, what finds its number."""
    guards = True
    command = process = pid = ""

    def guest(self, what, up):
        self.vm.sh(f"{self.command} {what}", 60)
        self.up = up

    def kill9(self):
        self.guest(f"kill9 {self.process}", False)

    def stop(self):
        self.guest("stop", False)

    def start(self):
        self.guest("start", True)

    def hold(self):
        self.vm.sh(f"kill -STOP $({self.pid})")

    def resume(self):
        self.vm.sh(f"kill -CONT $({self.pid})")


class UsbGuard(Agent):
    """Debian's package as it is installed: its own configuration file, the policy its postinst generates, and what README.Debian
    says to do with a device that is to be allowed for good."""
    name = "usbguard"
    command, pid = "usbguard-guest", "pidof usbguard-daemon"
    log = "/var/log/usbguard/usbguard-audit.log"

    @classmethod
    def image(cls):
        image.peer("usbguard")  # unpacked, for the configuration file as shipped
        return dict(product=False, bins=["usbguard-daemon", "usbguard"], adds=[
            f"{image.CACHE}/peer-usbguard/etc/usbguard/usbguard-daemon.conf:/etc/usbguard/usbguard-daemon.conf",
            GUEST + ":/usr/sbin/usbguard-guest", GUEST + ":/etc/boot.d/usbguard"])

    def version(self):
        return next(iter(re.findall(r"\(([^)]*)\)", os.popen(f"zcat {image.CACHE}/peer-usbguard/usr/share/doc/usbguard/changelog.Debian.gz").readline())), "")

    def install(self):
        self.vm.sh("usbguard-guest install", 60)

    def devices(self):
        return self.vm.run("usbguard list-devices")[1].splitlines()

    def seen(self, serial):
        return eventually(lambda: next((l for l in self.devices() if f'serial "{serial}"' in l), None), 20)

    def allow(self, serial, number, **more):
        line = self.seen(serial)
        self.vm.sh(f"usbguard allow-device -p {line.split(':')[0]}")

    def judged(self, serial):
        if self.up:
            self.seen(serial)

    def save(self):
        self.vm.sh("usbguard-guest save")

    def booted(self):
        self.vm.until("usbguard list-devices > /dev/null 2>&1", 60)

    def lines(self):
        return self.vm.run(f"cat {self.log} 2>/dev/null")[1].splitlines()

    def mark(self):
        self.at = len(self.lines())

    def recorded(self, serial):
        return any(serial is None or f'serial "{serial}"' in l for l in self.lines()[self.at:])


class Mediagate(Agent):
    """The package as it is installed, the example roster, every known stick lent to clerk1."""
    name = "mediagate"
    command, process, pid = "mediagate-guest", "core", "mediagate-guest pid core"
    KINDS = ("device", "close", "label", "tamper", "gap", "clock")

    def __init__(self, vm):
        super().__init__(vm)
        self.o = Office(vm)

    @classmethod
    def image(cls):
        return {}

    def version(self):
        return self.vm.sh("mediagate --version").split()[-1]

    def install(self):
        self.o.start()

    def allow(self, serial, number, **more):
        self.o.register(serial, number, **more)
        self.o.lend(number)

    def returned(self, number):
        self.o.must("clerk1", f"mediagate return {number}", 90)

    def judged(self, serial):
        if self.up:
            eventually(lambda: self.o.device(serial or None), 20)

    def works(self, number, disk):
        return bool(eventually(lambda: self.o.run("clerk1", f"mediagate ls {number}", 60)[0] == 0, 30))

    def start(self):
        self.o.start()
        self.up = True

    def booted(self):
        self.o.start()

    def mark(self):
        self.at = max((r["n"] for r in self.o.records()), default=0)

    def recorded(self, serial):
        mine = [r for r in self.o.records() if r["n"] > self.at and r["kind"] in self.KINDS]
        return any(serial is None or r.get("detail", {}).get("serial") == serial.encode().hex() or r["kind"] in ("label", "tamper")
                   for r in mine)


SIDES = {s.name: s for s in (Nobody, UsbGuard, Mediagate)}
