# SPDX-License-Identifier: Apache-2.0
"""The same ways around a gate, and the same everyday work, with one side in force: mediagate, Debian's USBGuard, or nobody.
Every row ends in a word that the guest shows; none is written here. scripts/compare runs all sides and writes docs/comparison.md.
args: SIDE [PART or ROW]…; the last line printed is one JSON object"""
import contextlib, json, shutil, time

from checks import eventually
from office import press
from rig import FAILS, GRACE, KNOWN, LET_IN, NUMBER, QUIET, REFUSED, TAKEN, WORKS, Rig
from sides import SIDES
from vm import HERE, mkstick

AUTOSTART = False
# the sections of the table; several may share a boot
PARTS = dict(usb="What comes by USB", identity="The known stick, and what calls itself so", hands="Hands on the terminal",
             roads="Roads that are no USB port", gone="With the agent gone", boot="At boot", works="What must go on working",
             beyond="What mediagate leaves to others")
BOOTS = ("usb beyond", "identity", "hands roads", "gone works", "boot")


def IMAGE(args):
    own = SIDES[args[0]].image()
    return dict(own, adds=[*own.get("adds", ()), HERE + "/guest/storage-early:/etc/boot.d/storage-early"], modules=["nvme", "ahci", "virtio_scsi", "nbd", "usbip-vudc", "vhci-hcd", "usb_f_ecm", "usb_f_acm"])


def CONFIG(args):
    port = "pcie-root-port,id=rp{0},chassis={0},slot={0},bus=pcie.0"
    return dict(append="usb-storage.delay_use=0",
                qemu=("-device", port.format(1), "-device", port.format(2), "-device", "virtio-scsi-pci,id=scsi", "-device", "ich9-ahci,id=sata",
                      "-audiodev", "none,id=sound"))


ROWS = []


class Row:
    def __init__(self, probe, part, title, threat, should, apart):
        self.name, self.probe = probe.__name__, probe
        self.part, self.title, self.threat, self.should, self.apart = part, title, threat, should, apart


def row(part, title, threat=None, should=REFUSED, apart=False):
    """threat: its number in docs/threats.md, which declares it out of scope where the row stands apart."""
    def put(probe):
        ROWS.append(Row(probe, part, title, threat, should, apart))
        return probe
    return put


# ---------------------------------------------------------------- by USB

@row("usb", "an unknown stick")
def stranger(r):
    r.plug("storage", "a", "STRANGER-01", r.other)
    return r.disk()


@row("usb", "an unknown disk that speaks UAS")
def uas(r):
    r.plug("uas", "a", "UAS-00001", r.other)
    return r.disk()


@row("usb", "an unknown optical drive", 21)
def optical(r):
    r.plug("bot", "a", "DISC-00001", units=[("scsi-cd", r.disc)])
    return r.disk()


@row("usb", "a phone (MTP)", 9)
def phone(r):
    r.plug("mtp", "a", "PHONE-0001")
    return r.interface()


@row("usb", "an unknown stick behind a hub behind a hub")
def hubs(r):
    r.vm.plug("hub", "h1", port="1")
    r.vm.plug("hub", "h2", port="1.1")
    r.plug_behind("DEEP-0001", port="1.1.1")
    return r.disk()


def late_controller(r):
    r.late = int(r.vm.sh("ls -d /sys/bus/usb/devices/usb* | wc -l"))
    r.vm.qmp("device_add", driver="qemu-xhci", id="late", bus="rp1")
    r.vm.until(f"[ $(ls -d /sys/bus/usb/devices/usb* | wc -l) = {r.late + 2} ] && udevadm settle", 40)
    r.plug_behind("DOCK-0001", bus="late.0")


@row("usb", "an unknown stick on a controller that appears later", 2)
def controller(r):
    late_controller(r)
    return r.disk()


def composite(name, title, functions):
    @row("usb", title, 6)
    def probe(r):
        r.gadget(name, 0x0951, 0x1666, name.upper() + "-01", functions)
        return r.interface()
    ROWS[-1].name = "composite_" + name


composite("keys", "storage and a keyboard in one device", ("mass_storage", "hid"))
composite("net", "storage and a network card in one device", ("mass_storage", "ecm"))
composite("modem", "storage and a modem in one device", ("mass_storage", "acm"))


@row("usb", "a keyboard by its descriptors, storage by vendor and product", 6)
def hidden(r):
    r.gadget("hidden", 0x357D, 0x7788, "HIDDEN-001", ("hid",))
    return r.interface()


@row("usb", "a USB network card", 40)
def network(r):
    r.gadget("card", 0x0525, 0xA4A2, "NET-00001", ("ecm",))
    return r.interface()


@row("usb", "a serial adapter", 40)
def adapter(r):
    r.gadget("adapter", 0x0525, 0xA4A7, "ACM-00001", ("acm",))
    return r.interface()


@row("usb", "a second stick of a batch without serial numbers, after somebody tried to make the first one known", 4)
def batch(r):
    r.plug("storage", "a", "", r.other)
    with contextlib.suppress(RuntimeError):
        r.side.allow("", "USB-0004")
    r.unplug("a")
    r.mark()
    r.plug("storage", "b", "", r.disc)
    return r.disk()


@row("usb", "a stick of another machine (USB/IP)", 26)
def remote(r):
    r.vm.sh("modprobe -a usbip-vudc vhci-hcd; dd if=/dev/zero of=/run/g.img bs=1M count=16 2>/dev/null; udevadm settle", 60)
    r.gadgets.append("remote")
    r.serial = "REMOTE-01"
    r.vm.gadget("remote", 0x0951, 0x1666, serial="REMOTE-01", functions=("mass_storage",), lun="/run/g.img", udc="usbip-vudc.0")
    r.vm.sh("usbip_loop 0")
    if eventually(lambda: "REMOTE-01" in r.vm.run("cat /sys/bus/usb/devices/*/serial")[1].split(), 10):
        r.side.judged("REMOTE-01")
    return r.disk()


# ---------------------------------------------------------------- the known stick, or what calls itself so

@row("identity", "a second stick with the known one's descriptors and serial number, beside it", 3)
def twin(r):
    r.plug_known()
    r.mark()
    r.plug("storage", "b", KNOWN, r.other)
    return r.disk(2)


@row("identity", "a clone of the known stick: its descriptors and serial number, other content", 3)
def clone(r):
    r.plug_known(r.other)
    return r.disk()


@row("identity", "a clone of the known stick: its descriptors, serial number and bytes, after the stick was used", 3)
def put_back(r):
    old = r.vm.dir + "/old.img"
    shutil.copyfile(r.known, old)
    r.plug_known()
    if r.works() != WORKS:
        raise RuntimeError("the stick itself does not work")
    r.unplug("known")
    r.mark()
    r.plug_known(old)
    return r.disk()


def comes_back(r, serial, number, disks):
    """A reader that was known with one disk in it; disks() makes what is in it the next time out of that one."""
    known = f"{r.vm.dir}/{serial}.img"
    mkstick(known, 16)
    r.plug("bot", "reader", serial, units=[("scsi-hd", known)])
    r.side.allow(serial, number)
    r.unplug("reader")
    r.mark()
    r.plug("bot", "reader", serial, units=[("scsi-hd", d) for d in disks(known)])
    return r.disk()


@row("identity", "another card in a known card reader", 19)
def card(r):
    return comes_back(r, "READER-01", "USB-0002", lambda known: [r.disc])


@row("identity", "a second disk behind a known stick (LUN)", 18)
def unit(r):
    return comes_back(r, "UNIT-0001", "USB-0003", lambda known: [known, r.other])


@row("identity", "a known stick that comes back with another product number", 7)
def changed(r):
    r.gadget("shift", 0x0951, 0x1666, "SHIFT-0001")
    r.side.allow("SHIFT-0001", "USB-0005", prepare="vfat")
    g = "/sys/kernel/config/usb_gadget/shift"
    r.vm.sh(f"echo > {g}/UDC")
    r.quiet()
    r.mark()
    r.vm.sh(f"cd {g}; echo 0x1667 > idProduct; echo dummy_udc.0 > UDC")
    r.seen("SHIFT-0001")
    return r.disk()


@row("identity", "the known stick after it was given back")
def given_back(r):
    r.plug_known()
    r.works()
    r.side.returned(NUMBER)
    r.unplug("known")
    r.mark()
    r.plug_known()
    return r.disk()


# ---------------------------------------------------------------- hands on the terminal

@row("hands", "root writes `authorized=1` for an unknown stick", 30)
def by_hand(r):
    r.plug("storage", "a", "STRANGER-03", r.other)
    r.mark()
    r.vm.run("for d in /sys/bus/usb/devices/*; do [ \"$(cat $d/serial 2>/dev/null)\" = STRANGER-03 ] || continue; echo 1 > $d/authorized; "
             "for i in $d:*; do echo 1 > $i/authorized; echo ${i##*/} > /sys/bus/usb/drivers_probe; done; done")
    return r.disk()


def known_disk(r):
    r.plug_known()
    disk = eventually(r.readable, 20)[0]
    r.vm.until(f"[ -b /dev/{disk}1 ] && udevadm settle", 30)
    r.mark()
    return disk


@row("hands", "root mounts the known stick", 13)
def mounted(r):
    r.vm.sh(f"mkdir -p /mnt/hand; mount -t vfat /dev/{known_disk(r)}1 /mnt/hand")
    return r.disk()


@row("hands", "root mounts the known stick in a namespace of its own, with a loop on a file there", 25)
def looped(r):
    r.vm.run(f"modprobe loop; mkdir -p /mnt/x; unshare -m --propagation private sh -c 'mount -t vfat /dev/{known_disk(r)}1 /mnt/x && "
             "dd if=/dev/zero of=/mnt/x/f bs=1M count=2 && losetup -f /mnt/x/f'")
    return r.disk()


@row("hands", "desktops may mount the known stick (udev sets no UDISKS_IGNORE)", 12)
def desktop(r):
    known = r.vm.sh(f"udevadm info -q property /dev/{known_disk(r)}1")
    return REFUSED if "UDISKS_IGNORE=1" in known else LET_IN


@row("hands", "udev parses the known stick's file system as root (libblkid)", 14)
def parsed(r):
    known = r.vm.sh(f"udevadm info -q property /dev/{known_disk(r)}1")
    return LET_IN if "ID_FS_TYPE=" in known else REFUSED


@row("hands", "a clerk opens the known stick's USB node", 10)
def node(r):
    known_disk(r)
    path = r.vm.sh(f"for d in /sys/bus/usb/devices/*; do [ \"$(cat $d/serial 2>/dev/null)\" = {KNOWN} ] && "
                   "printf '/dev/bus/usb/%03d/%03d' $(cat $d/busnum) $(cat $d/devnum); done; true")
    return LET_IN if r.vm.run(f"su clerk1 -c 'exec 3< {path}'")[0] == 0 else REFUSED


@row("hands", "an unknown stick in the known one's port, while the agent hangs", 32)
def recycled(r):
    there = "ls -d /sys/bus/usb/devices/*-3"
    r.side.hold()
    try:
        for id, serial, image in (("known", KNOWN, r.known), ("b", "STRANGER-04", r.other)):
            r.vm.plug("storage", id, serial=serial, image=image, port="3")
            r.vm.until(there, 20)
            time.sleep(1)
            if id == "known":
                r.vm.unplug(id)
                r.vm.until(f"! {there}", 20)
    finally:
        r.side.resume()
    r.serial = "STRANGER-04"
    r.seen(r.serial)
    return r.disk()


# ---------------------------------------------------------------- roads that are no USB port

@row("roads", "a card in a native SD slot", 20)
def sd(r):
    r.vm.plug("sd", "card", image=r.other)
    r.vm.until("grep -qx SD /sys/bus/mmc/devices/*/type", 30)
    return r.disk()


@row("roads", "a disk plugged into SATA", 24)
def sata(r):
    r.vm.sh(f"echo - - - > /sys/class/scsi_host/{r.sata}/scan", 60)
    r.coming()
    return r.disk()


@row("roads", "a disk plugged into SCSI (SAS, iSCSI)", 24)
def scsi(r):
    r.vm.plug("scsi-hd", "hot", serial="SCSI-HOT-1", image=r.other, bus="scsi.0")
    r.coming()
    return r.disk()


@row("roads", "a disk plugged into PCI Express (NVMe)", 23)
def nvme(r):
    r.vm.plug("nvme", "hot", serial="NVME-HOT-1", image=r.other, bus="rp2")
    r.coming()
    return r.disk()


@row("roads", "a network block device (nbd)", 25)
def nbd(r):
    r.vm.sh("modprobe nbd; (nbd_loop /dev/nbd0 16 > /run/nbd.out 2>&1 &)", 30)
    r.vm.until("grep -q connected /run/nbd.out", 20)
    gone = eventually(lambda: not r.readable(), GRACE)
    return TAKEN if gone else LET_IN


# ---------------------------------------------------------------- with the agent gone

@row("gone", "the known stick in its port when the agent is killed (-9)", 29)
def killed_open(r):
    r.plug_known()
    r.works()
    r.mark()
    r.side.kill9()
    return r.disk()


@row("gone", "the known stick in its port when the agent is stopped", 29)
def stopped_open(r):
    r.plug_known()
    r.works()
    r.mark()
    r.side.stop()
    return r.disk()


@row("gone", "an unknown stick, after the agent was killed", 29)
def killed_stranger(r):
    r.side.kill9()
    r.plug("storage", "a", "STRANGER-02", r.other)
    return r.disk()


@row("gone", "an unknown stick, after the agent was stopped", 29)
def stopped_stranger(r):
    r.side.stop()
    r.plug("storage", "a", "STRANGER-02", r.other)
    return r.disk()


@row("gone", "the known stick, plugged in after the agent was killed", 29)
def killed_known(r):
    r.side.kill9()
    r.plug_known()
    return r.disk()


@row("gone", "an unknown stick on a controller that appears after the agent was killed", 2)
def killed_controller(r):
    r.side.kill9()
    late_controller(r)
    return r.disk()


# ---------------------------------------------------------------- at boot

def boot(r, more="", **plugged):
    """A boot with something in. The marks are the boot itself."""
    r.side.save()
    append, r.vm.append = r.vm.append, r.vm.append + more
    r.vm.shutdown()
    r.vm.plug("storage", "early", **plugged)
    r.vm.start()
    r.vm.append, r.stamp, r.serial = append, "", plugged["serial"]
    r.vm.until(f"grep -qsx {plugged['serial']} /sys/bus/usb/devices/*/serial", 60)


@row("boot", "an unknown stick that is in at boot", 1)
def early(r):
    boot(r, serial="EARLY-0001", image=r.other)
    r.side.booted()
    r.side.judged("EARLY-0001")
    return r.disk()


@row("boot", "an unknown stick that is in at boot, with the drivers of storage loaded early and udev late", 1)
def held_back(r):
    boot(r, " vm.holdudev vm.storage", serial="EARLY-0002", image=r.other)
    time.sleep(QUIET)
    had = r.had_disk()
    r.vm.sh("udevadm control --start-exec-queue", 30)
    r.side.booted()
    r.side.judged("EARLY-0002")
    word = r.disk()
    return TAKEN if word == REFUSED and had else word


@row("boot", "the known stick that is in at boot: a person lists its files", should=WORKS)
def early_known(r):
    boot(r, serial=KNOWN, image=r.known)
    r.side.booted()
    return r.works()


@row("boot", "the keyboard that was there from the start, after a boot", should=WORKS)
def early_keyboard(r):
    boot(r, serial="EARLY-0003", image=r.other)
    return types(r)


# ---------------------------------------------------------------- what must go on working

def types(r):
    """A key pressed on the keyboard that was plugged in last reaches the guest."""
    def once():
        r.vm.sh("rm -f /run/key.*; for e in /dev/input/event*; do (timeout 3 dd if=$e bs=24 count=1 of=/run/key.${e##*/} 2>/dev/null) > /dev/null 2>&1 & done")
        time.sleep(0.3)
        press(r.vm)
        return eventually(lambda: r.vm.run("cat /run/key.* 2>/dev/null | grep -q .")[0] == 0, 2)
    r.vm.sh("udevadm settle", 60)
    return WORKS if eventually(once, 12) else FAILS


def answers(r, which):
    """A smart-card reader answers as pcscd asks it."""
    nodes = eventually(lambda: [n for n in r.vm.run(
        "for d in /sys/bus/usb/devices/*; do [ \"$(cat $d:1.0/bInterfaceClass 2>/dev/null)\" = 0b ] && "
        "printf '%s /dev/bus/usb/%03d/%03d\n' ${d##*/} $(cat $d/busnum) $(cat $d/devnum); done; true")[1].splitlines()
        if (n.split()[0] in r.own) == (which == "own")], 10)
    return WORKS if nodes and r.vm.run(f"ccid {nodes[0].split()[1]}", 30)[0] == 0 else FAILS


@row("works", "the known stick: a person lists its files", should=WORKS)
def known(r):
    r.plug_known()
    return r.works()


@row("works", "the known stick behind a hub that was plugged in later: a person lists its files", should=WORKS)
def known_hub(r):
    r.vm.plug("hub", "h1", port="1")
    r.vm.plug("storage", "known", serial=KNOWN, image=r.known, port="1.1")
    eventually(lambda: KNOWN in r.vm.run("cat /sys/bus/usb/devices/*/serial")[1].split(), 15)
    return r.works()


@row("works", "the known stick, after the agent was killed and started again", 29, should=WORKS)
def known_again(r):
    r.side.kill9()
    r.side.start()
    r.plug_known()
    return r.works()


@row("works", "the keyboard that was there from the start", should=WORKS)
def keyboard_own(r):
    return types(r)


@row("works", "another keyboard, plugged in later", should=WORKS)
def keyboard_later(r):
    r.vm.plug("kbd", "k")
    return types(r)


@row("works", "a keyboard plugged in after the agent was killed", 29, should=WORKS)
def keyboard_killed(r):
    r.side.kill9()
    r.vm.plug("kbd", "k")
    return types(r)


@row("works", "the smart-card reader that was there from the start", should=WORKS)
def reader_own(r):
    return answers(r, "own")


@row("works", "a smart-card reader plugged in later", should=WORKS)
def reader_later(r):
    r.vm.plug("ccid", "card")
    return answers(r, "later")


# ---------------------------------------------------------------- where USBGuard does more

@row("beyond", "a keyboard that nobody knows and that types by itself", 8, apart=True)
def keyboard_strange(r):
    r.serial = "BAD-00001"
    r.vm.plug("kbd", "k", serial=r.serial)
    return LET_IN if types(r) == WORKS else REFUSED


@row("beyond", "a headset that nobody knows", 39, apart=True)
def headset(r):
    r.serial = "SOUND-0001"
    r.vm.plug("audio", "s", serial=r.serial, audiodev="sound")
    r.vm.until(f"grep -qsx {r.serial} /sys/bus/usb/devices/*/serial", 30)
    return r.interface()


def run(r, row):
    start = time.monotonic()
    try:
        r.begin()
        word = row.probe(r)
        if not r.side.up:
            r.side.start()  # it may record what it finds
        noted = row.should == REFUSED and bool(eventually(lambda: r.side.recorded(r.serial), 3))
        why = ""
    except Exception as e:  # noqa: BLE001: a row that broke has no word, and the next goes on
        word, noted, why = None, False, f"{type(e).__name__}: {e}"
    try:
        r.clean()
    except Exception as e:  # noqa: BLE001
        why += f" and {type(e).__name__} in clearing up: {e}"
    ok = word is not None and not why
    print(f"{'ok' if ok else 'not ok'} {row.name} has a result on the side of {r.side.name}: {word or ''}{', recorded' if noted else ''} {why[-1500:]}"
          f"\n# {row.name}: {time.monotonic() - start:.0f} s", flush=True)
    return dict(word=word, recorded=noted) if ok else None


def scenario(vm, args):
    side, wanted = SIDES[args[0]](vm), set(args[1:])
    r = Rig(vm, side)
    rows = [x for x in ROWS if not wanted or x.part in wanted or x.name in wanted]
    r.install("sata" in [x.name for x in rows])
    found = {x.name: run(r, x) for x in rows}
    print(json.dumps(dict(side=side.name, version=side.version(), kernel=vm.sh("uname -r"), rows=found)), flush=True)
    return 0 if found and all(found.values()) else 1
