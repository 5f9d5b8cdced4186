# SPDX-License-Identifier: Apache-2.0
"""Disks that come by no USB port, with the agent running: docs/threats.md rows 21 to 25. What is not on the list of fixed
disks goes; what is on it, and what the system lies on, stays. args: names of parts"""
import time

from checks import Checks, eventually
from office import Office
from vm import mkstick

AUTOSTART = False
PORT = "pcie-root-port,id=rp{0},chassis={0},slot={0},bus=pcie.0"
CONFIG = dict(append="usb-storage.delay_use=0",
              qemu=("-device", PORT.format(1), "-device", "ich9-ahci,id=sata", "-device", "virtio-scsi-pci,id=scsi"))
IMAGE = dict(modules=["nvme", "ahci", "virtio_scsi", "nbd"])

KEPT, LATER = "SATA-KEPT", "SATA-LATER"
USB = "for d in /sys/block/sd*; do case $(readlink $d) in */usb*) echo ${d##*/};; esac; done"
FAMILY = r"loop|vd|ram|zram|dm-"


def disks(vm):
    """Names of disks that hold something, but for memory and the terminal's own."""
    return vm.run(f"for d in /sys/block/*; do case $d in */nbd*) [ -e $d/pid ];; *) [ $(cat $d/size) != 0 ];; esac && echo ${{d##*/}}; done | grep -Ev '^({FAMILY})'; true")[1].split()


def named(vm, serial):
    """A disk's name by its serial number."""
    return vm.run(f"grep -l -- '{serial}' /sys/block/*/device/wwid /sys/block/*/device/serial /sys/block/*/wwid /sys/block/*/device/vpd_pg80 "
                  "2>/dev/null | cut -d/ -f4 | sort -u; true")[1].split()


def refused(c, o, claim, mark, before):
    """Gone within a moment, for good, and on record."""
    gone = eventually(lambda: disks(o.vm) == before, 15)
    rows = eventually(lambda: [r for r in o.records("device", "refused") if r["reason"] == "bus-closed" and mark in r["detail"].get("disk", "")], 10)
    time.sleep(1)
    c.ok(claim, gone and rows and disks(o.vm) == before, f"{disks(o.vm)} before {before} {o.records('device')} {o.log()}")
    return rows


def start(vm, o, kept, later, disc):
    """Three SATA ports: a fixed disk, one that comes later, a drive for discs. The second is not there at the enrolment."""
    for n, (driver, image, serial) in enumerate((("ide-hd", kept, KEPT), ("ide-hd", later, LATER), ("ide-cd", disc, "SATA-DISC"))):
        vm.qemu_args += ["-drive", f"if=none,id=sata{n},format=raw,file={image}", "-device", f"{driver},bus=sata.{n},drive=sata{n},serial={serial}"]
    vm.start()
    vm.until("[ $(ls -d /sys/block/sd* /sys/block/sr0 2>/dev/null | wc -l) = 3 ]", 90)
    host = vm.sh(f"d=/sys/block/$(grep -l {LATER} /sys/block/sd*/device/vpd_pg80 | cut -d/ -f4); readlink $d | sed 's:.*/\\(host[0-9]*\\)/.*:\\1:'; echo 1 > $d/device/delete")
    vm.until("[ $(ls -d /sys/block/sd* | wc -l) = 1 ]", 60)
    o.start()
    return host


def drive(c, o):
    with c.part("an_optical_drive_on_sata_is_taken_away"):
        gone = eventually(lambda: not o.vm.run("ls -d /sys/block/sr* 2>/dev/null")[1].split(), 15)
        rows = [r for r in o.records("device", "refused") if r["detail"].get("device") == "sr0"]
        c.ok("an_optical_drive_on_sata_is_taken_away", gone and rows, f"{o.records('device')} {o.log()}")
        kept = named(o.vm, KEPT)
        c.ok("a_fixed_disk_stays", len(kept) == 1 and o.vm.run(f"dd if=/dev/{kept[0]} of=/dev/null bs=1M count=2")[0] == 0, f"{kept} {o.log()}")


def sata(c, o, host):
    with c.part("a_disk_plugged_into_sata_is_taken_away"):
        before = disks(o.vm)
        o.vm.sh(f"echo - - - > /sys/class/scsi_host/{host}/scan", 60)
        refused(c, o, "a_disk_plugged_into_sata_is_taken_away", LATER, before)


def scsi(c, o, image):
    with c.part("a_disk_plugged_into_scsi_is_taken_away"):
        before = disks(o.vm)
        o.vm.plug("scsi-hd", "hot", serial="SCSI-HOT-1", image=image, bus="scsi.0")
        refused(c, o, "a_disk_plugged_into_scsi_is_taken_away", "SCSI-HOT-1", before)
        o.vm.unplug("hot", 30)


def nvme(c, o, image):
    with c.part("a_disk_plugged_into_pcie_is_taken_away"):
        before = disks(o.vm)
        o.vm.plug("nvme", "hot", serial="NVME-HOT-1", image=image, bus="rp1")
        refused(c, o, "a_disk_plugged_into_pcie_is_taken_away", "nvme", before)
        driver = o.vm.sh("ls /sys/bus/pci/drivers/nvme")
        c.ok("its_controller_has_no_driver", "0000:" not in driver, driver)
        o.vm.sh("for d in /sys/bus/pci/devices/*; do [ \"$(cat $d/class)\" = 0x010802 ] && echo ${d##*/} > /sys/bus/pci/drivers/nvme/bind; done; true", 30)
        twice = eventually(lambda: o.vm.run("grep -c 'disk nvme0n1 .*taken away' /run/mediagate.log")[1].strip() == "2", 30)
        c.ok("bound_by_hand_it_goes_again", twice and eventually(lambda: disks(o.vm) == before, 10), f"{disks(o.vm)} {o.log()}")
        o.vm.unplug("hot", 40)


def nbd(c, o):
    with c.part("a_network_block_device_is_taken_away"):
        before = disks(o.vm)
        o.vm.sh("modprobe nbd; (nbd_loop /dev/nbd0 16 > /run/nbd.out 2>&1 &)", 30)
        c.ok("the_network_block_device_was_there", eventually(lambda: "connected" in o.vm.run("cat /run/nbd.out")[1], 20), o.vm.run("cat /run/nbd.out")[1])
        refused(c, o, "a_network_block_device_is_taken_away", "nbd0", before)
        c.ok("its_connection_has_ended", eventually(lambda: "ended" in o.vm.run("cat /run/nbd.out")[1], 10), o.vm.run("cat /run/nbd.out")[1])


def loop(c, o, image):
    """Root mounts a lent stick where nobody looks, and puts a loop on a file there."""
    with c.part("a_loop_on_a_file_of_a_lent_stick_closes_it"):
        o.lent("LOOP-0001", "USB-0001", image, id="stick")
        usb = eventually(lambda: o.vm.run(USB)[1].split(), 15)
        o.vm.sh("modprobe loop")
        # the loop holds the mount when its namespace has gone
        said = o.vm.run(f"mkdir -p /mnt/x; unshare -m --propagation private sh -c 'mount -t vfat /dev/{usb[0]}1 /mnt/x && "
                        "dd if=/dev/zero of=/mnt/x/f bs=1M count=2 && losetup -f /mnt/x/f'; losetup -a")
        gone = eventually(lambda: not o.vm.run(USB)[1].split(), 20)
        rows = o.records("tamper", "done")
        c.ok("a_loop_on_a_file_of_a_lent_stick_closes_it", gone and [r for r in rows if r.get("reason") == "foreign-mount"],
             f"{rows} {o.log()} {said}")
        o.vm.unplug("stick")


def system(c, o, host, image):
    """The list names nothing any more, and the system lies on what is there: nothing of it is touched."""
    with c.part("what_the_system_lies_on_is_never_touched"):
        vm = o.vm
        vm.sh("mediagate-guest stop", 60)
        vm.sh(f"echo - - - > /sys/class/scsi_host/{host}/scan", 60)
        vm.plug("nvme", "swap", serial="NVME-SWAP", image=image, bus="rp1")
        vm.until("[ -b /dev/nvme0n1 ]", 60)
        later = eventually(lambda: named(vm, LATER), 20)[0]
        kept = named(vm, KEPT)[0]
        vm.sh("mkswap /dev/nvme0n1 && swapon /dev/nvme0n1")
        vm.sh(f"mkfs.vfat -I /dev/{kept} > /dev/null && mkdir -p /srv && mount -t vfat /dev/{kept} /srv")
        vm.sh(f"modprobe loop; mkfs.vfat -I /dev/{later} > /dev/null && mkdir -p /home/data && losetup /dev/loop5 /dev/{later} && mount -t vfat /dev/loop5 /home/data")
        vm.sh(": > /var/lib/mediagate/disks")
        before = sorted(disks(vm))
        o.start()
        left = eventually(lambda: {r["detail"]["device"] for r in o.records("device", "failed")} >= {"vda", kept, later, "nvme0n1"}, 20)
        time.sleep(3)
        works = vm.run(f"echo x > /srv/x && echo x > /home/data/x && echo x > /var/lib/x && sync && umount /srv /home/data && swapoff /dev/nvme0n1")
        c.ok("what_the_system_lies_on_is_never_touched", sorted(disks(vm)) == before and works[0] == 0, f"{before} {disks(vm)} {works} {o.log()}")
        c.ok("that_it_was_left_is_on_record", left, o.records("device"))
    with c.part("what_the_system_let_go_of_goes"):
        vm.sh("losetup -d /dev/loop5; mediagate-guest restart", 90)
        c.ok("what_the_system_let_go_of_goes", eventually(lambda: not disks(vm), 20), f"{disks(vm)} {o.log()}")
        c.ok("the_terminals_own_disk_is_still_there", vm.run("echo x > /var/lib/x && sync && [ -b /dev/vda ]")[0] == 0, o.log())


def renewed(c, o, host):
    with c.part("a_list_made_anew_lets_a_disk_stay"):
        vm = o.vm
        vm.sh("mediagate-guest stop", 60)
        vm.sh(f"echo - - - > /sys/class/scsi_host/{host}/scan", 60)
        eventually(lambda: named(vm, LATER), 20)
        vm.sh("mediagate enrol --disks", 60)
        o.start()
        time.sleep(3)
        c.ok("a_list_made_anew_lets_a_disk_stay", named(vm, LATER), f"{vm.run('cat /var/lib/mediagate/disks')[1]} {disks(vm)} {o.log()}")


def scenario(vm, args):
    c, o = Checks(), Office(vm)
    images = [mkstick(f"{vm.dir}/{n}.img", 16) for n in range(6)]
    host = start(vm, o, images[0], images[1], images[2])
    for part, given in ((drive, ()), (sata, (host,)), (scsi, (images[3],)), (nvme, (images[4],)), (nbd, ()), (loop, (images[5],)),
                        (system, (host, images[4])), (renewed, (host,))):
        if not args or part.__name__ in args:
            part(c, o, *given)
    c.ok("the_ledger_verifies_after_all_buses", *o.verifies())
    return c.status()
