# SPDX-License-Identifier: Apache-2.0
"""mediagate enforce on and off on a running system. No mediagated runs here."""
import json

from checks import Checks, eventually
from office import Office, keyboard_works
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0")
FILES = "find /etc/udev /etc/modprobe.d /etc/initramfs-tools /etc/kernel -name '*mediagate*' 2>/dev/null; true"
HUBS = "cat /sys/bus/usb/devices/usb*/authorized_default /sys/bus/usb/devices/usb*/interface_authorized_default | sort -u"


def step(vm, arguments):
    rc, out = vm.run("mediagate enforce --json " + arguments + " 2>/dev/null", 60)
    return rc, [s["step"] for s in json.loads(out)["steps"]] if out.startswith("{") else []


def plug(vm, id, image):
    n = "ls -d /sys/bus/usb/devices/*:* | wc -l"
    before = int(vm.sh(n))
    vm.plug("storage", id, serial=id.upper() + "-0001", image=image)
    vm.until(f"[ $({n}) -gt {before} ]")
    vm.sh("udevadm settle; sleep 1; udevadm settle")


def off(c, vm, images):
    rc, said = step(vm, "off")
    c.equal("off_succeeds", rc, 0)
    c.equal("off_removes_every_file", vm.sh(FILES), "")
    c.equal("off_opens_the_hubs", vm.sh(HUBS), "1")
    c.ok("off_says_what_stays_closed", "off-later" in said, said)
    c.ok("a_stick_that_was_closed_stays_closed", not Office(vm).disks(), Office(vm).disks())
    plug(vm, "b", images[1])
    c.ok("after_off_a_stick_gets_its_disk", eventually(lambda: Office(vm).disks()), "")
    c.equal("off_again_succeeds_and_removes_nothing", [s for s in step(vm, "off")[1] if s == "removed"], [])


def on(c, vm, images):
    disks = Office(vm).disks()
    rc, said = step(vm, "on")
    c.equal("on_succeeds", rc, 0)
    c.equal("on_closes_the_hubs", vm.sh(HUBS), "0")
    c.equal("what_is_open_is_not_cut", Office(vm).disks(), disks)
    vm.sh("udevadm settle")
    c.equal("the_nodes_are_for_root_alone_at_once", vm.sh("stat -c '%a %U %G' /dev/bus/usb/*/* /dev/sd* | sort -u"), "600 root root")
    plug(vm, "c", images[2])
    c.equal("after_on_a_stick_gets_no_disk", Office(vm).disks(), disks)
    c.ok("after_on_a_keyboard_works", keyboard_works(vm, "k2"))
    c.equal("on_again_writes_nothing", [s for s in step(vm, "on")[1] if s == "wrote"], [])
    vm.sh("modprobe dummy_hcd num=1 is_super_speed=1; sleep 1; udevadm settle")
    c.equal("a_controller_that_comes_later_is_closed", vm.sh(HUBS), "0")


def refusals(c, vm):
    c.equal("who_is_not_root_is_refused", Office(vm).run("clerk1", "mediagate enforce off")[0], 3)
    policy = vm.sh("cat /etc/mediagate/policy.conf")
    vm.put(policy + '\nusb_classes = [ "08" ];\n', "/etc/mediagate/policy.conf")
    before = vm.sh("cat /etc/udev/rules.d/*mediagate* | md5sum")
    rc, out = vm.run("mediagate enforce on")
    c.ok("a_site_list_that_opens_storage_is_refused_with_its_line", rc == 8 and f"policy.conf:{policy.count(chr(10)) + 2}: usb_classes" in out, out)
    c.equal("and_changes_nothing", vm.sh("cat /etc/udev/rules.d/*mediagate* | md5sum"), before)
    vm.put(policy + '\nusb_classes = [ "07" ];\n', "/etc/mediagate/policy.conf")
    vm.run("mediagate enforce on", 60)
    c.ok("a_class_that_the_policy_names_is_in_the_rules",
         'ATTR{bInterfaceClass}=="07", GOTO="mediagate_open"' in vm.sh("cat /etc/udev/rules.d/60-mediagate.rules"))
    vm.put(policy + "\n", "/etc/mediagate/policy.conf")
    vm.run("mediagate enforce on", 60)
    c.equal("and_goes_with_it", vm.sh("cat /etc/udev/rules.d/*mediagate* | md5sum"), before)


def keyboard_through_on_and_off(c, vm):
    c.ok("a_keyboard_works_before", keyboard_works(vm, "k1", keep=True))
    for word in ("off", "on", "off", "on"):
        vm.sh(f"mediagate enforce {word}", 60)
    c.equal("a_keyboard_that_is_plugged_in_lives_through_on_and_off",
            vm.sh("ls -d /sys/bus/usb/drivers/usbhid/*:* | wc -l"), "1")


def on_card(vm, where, root=""):
    """A card mounted there: (whether `enforce on` leaves cards alone, whether the card still has its disk when its rules have run)."""
    vm.sh(f"mkdir -p '{where}' && mount -t vfat /dev/mmcblk0p1 '{where}'")
    if root:
        vm.sh(f"mkdir -p '{root}'/lib/modules/k && cp /lib/modules/*/modules.alias '{root}'/lib/modules/k/")
    rc, said = step(vm, f"on --root '{root}'" if root else "on")
    line = vm.run(f"grep '^SUBSYSTEM==\"mmc\"' '{root}'/etc/udev/rules.d/60-mediagate.rules")[0] == 0
    if not root:
        vm.sh("udevadm trigger --action=add --subsystem-match=mmc && udevadm settle")
    stays = vm.run("[ -b /dev/mmcblk0p1 ]")[0] == 0
    vm.sh(f"umount '{where}'")
    return rc == 0 and "system-on-card" in said and not line, stays


def system_on_a_card(c, vm, image):
    vm.sh("mediagate enforce off", 60)
    vm.plug("sd", "card", image=image)
    vm.until("[ -b /dev/mmcblk0p1 ]")
    c.equal("a_system_whose_home_lies_on_a_card_keeps_it", on_card(vm, "/home"), (True, True))
    c.equal("another_system_on_a_card_keeps_it", on_card(vm, "/mnt/its root", "/mnt/its root"), (True, True))
    c.equal("and_one_with_a_part_on_a_card", on_card(vm, "/mnt/other/var", "/mnt/other"), (True, True))
    vm.sh("mkdir -p /mnt/image/lib/modules/k && cp /lib/modules/*/modules.alias /mnt/image/lib/modules/k/")
    rc, said = step(vm, "on --root /mnt/image")
    c.ok("an_image_in_a_folder_closes_cards", rc == 0 and "system-on-card" not in said and "mmc" in vm.sh("grep '^SUBSYSTEM==' /mnt/image/etc/udev/rules.d/60-mediagate.rules"), said)


def scenario(vm, args):
    c = Checks()
    images = [mkstick(f"{vm.dir}/{i}.img", 16) for i in "abcd"]
    vm.until("ls /sys/bus/usb/devices/usb2 && udevadm settle")
    plug(vm, "a", images[0])
    c.ok("at_first_the_gate_stands", not Office(vm).disks(), Office(vm).disks())
    with c.part("off"):
        off(c, vm, images)
    with c.part("on"):
        on(c, vm, images)
    with c.part("refusals"):
        refusals(c, vm)
    with c.part("keyboard_through_on_and_off"):
        keyboard_through_on_and_off(c, vm)
    with c.part("system_on_a_card"):
        system_on_a_card(c, vm, images[3])
    return c.status()
