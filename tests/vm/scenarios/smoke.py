# SPDX-License-Identifier: Apache-2.0
"""Self-test of the harness, with its figures: shell, files, hot-plug, power cut, every kind of device. args: number of plugs"""
import os, statistics, time
from patience import patience
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0")
IMAGE = dict(product=False)  # nothing of ours closes a port


def scenario(vm, args):
    n = int((args or ["20"])[0])
    stick = mkstick(os.path.join(vm.dir, "stick.img"), 32, files=[__file__])
    # shell
    assert vm.run("echo a; printf 'b\\nc'; exit 7") == (7, "a\nb\nc")
    t = time.monotonic()
    assert vm.run("sleep 60 & sleep 60", 2)[0] == 124 and time.monotonic() - t < 8 + patience(2)
    assert len(vm.run("head -c 3000000 /dev/zero | tr '\\0' x")[1]) == 3000000
    t = time.monotonic()
    vm.put(os.urandom(50000), "/tmp/blob")
    assert vm.sh("wc -c < /tmp/blob") == "50000"
    print("put 50 kB: %.2f s;" % (time.monotonic() - t), end=" ")
    t = time.monotonic()
    for i in range(50):
        vm.sh("true")
    print("run('true'): %.0f ms" % ((time.monotonic() - t) * 20))
    # plug and unplug
    vm.until("ls /sys/bus/usb/devices/usb2 && udevadm settle", 60)
    vm.stream("exec udevadm monitor --kernel --udev")
    time.sleep(1)
    usb, sdx, udev, gone = [], [], [], []
    for i in range(n):
        t = vm.plug("storage", "s1", serial="ALLOWED-0001", image=stick)
        usb.append(vm.wait(r"KERNEL.*add.*/usb\d+/[^:]*\(usb\)", t)[0] - t)
        sdx.append(vm.wait(r"KERNEL.*add.*/block/sd[a-z] \(block\)", t)[0] - t)
        udev.append(vm.wait(r"UDEV.*add.*/block/sd[a-z] \(block\)", t)[0] - t)
        if not i:
            print(vm.sh("mount -t vfat /dev/sda1 /mnt && ls -l /mnt && umount /mnt"))
        t = vm.unplug("s1")
        gone.append(vm.wait(r"KERNEL.*remove.*/block/sd[a-z] \(block\)", t)[0] - t)
        time.sleep(0.3)
    for name, x in (("device_add -> usb_device uevent", usb), ("device_add -> sdX uevent", sdx), ("device_add -> udev done", udev), ("device_del -> sdX gone", gone)):
        print("%-32s n=%d min %.3f median %.3f max %.3f s" % (name, len(x), min(x), statistics.median(x), max(x)))
    # power cut and clean reboot, with the stick in
    vm.sh("echo kept > /var/lib/marker; sync; echo lost > /var/lib/lost")
    vm.plug("storage", "s1", serial="ALLOWED-0001", image=stick)
    vm.reboot(hard=True)
    vm.until("ls /dev/sda")
    assert vm.sh("ls /var/lib | grep -v lost+found") == "marker", vm.sh("ls /var/lib")
    vm.sh("echo kept > /var/lib/second")
    vm.reboot()
    assert "second" in vm.sh("ls /var/lib")
    print("boot to shell (s):", [e["boot_s"] for e in vm.events if e["kind"] == "shell"])
    # other kinds
    vm.until("ls /dev/sda")
    vm.plug("sd", "card", image=mkstick(vm.dir + "/sd.img", 64))
    vm.plug("uas", "u", serial="UAS-1", image=mkstick(vm.dir + "/uas.img", fs="exfat"))
    vm.plug("kbd", "k"); vm.plug("mtp", "m")
    vm.sh("dd if=/dev/zero of=/run/g.img bs=1M count=16 2>/dev/null; modprobe dummy_hcd num=2 is_super_speed=1")
    vm.gadget("evil", 0x0951, 0x1666, serial="G-1", functions=("mass_storage", "hid"), lun="/run/g.img")
    vm.until("ls /dev/mmcblk0 /dev/sda /dev/sdb /dev/sdc /dev/input/event2")
    print(vm.sh("udevadm settle; lsusb; lsblk -o NAME,SERIAL,FSTYPE,TRAN; mount -t exfat $(blkid -t TYPE=exfat -o device) /mnt && umount /mnt && echo exfat ok"))
    vm.gadget_off("evil")
    for i in ("card", "u", "k", "m", "s1"):
        vm.unplug(i)
    vm.until("! ls /dev/sd? /dev/mmcblk0 2>/dev/null")
    print("all well")
