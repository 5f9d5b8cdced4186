# SPDX-License-Identifier: Apache-2.0
"""mediagate doctor on a running terminal: good at first, each thing that is broken found, good again when mended."""
import json

from checks import Checks, eventually
from office import Office

CONFIG = dict(append="usb-storage.delay_use=0")
# what this virtual machine is without: systemd, UEFI, a time source
BARE = {("service", "wrong"), ("boot", "warning"), ("time", "warning")}


def findings(vm, who=None):
    command = "mediagate doctor --json"
    rc, out = Office(vm).run(who, command) if who else vm.run(command, 60)
    said = json.loads(out)
    return rc, {(f["check"], f["level"]) for f in said["findings"] if f["level"] != "good"} - BARE


def broken(c, vm, claim, how, check, mend="mediagate enforce on"):
    vm.sh(how, 60)
    rc, bad = findings(vm)
    c.ok(f"{claim}_is_found", rc == 8 and (check, "wrong") in bad, (rc, bad))
    vm.sh(mend, 60)
    c.equal(f"{claim}_is_mended_by_what_the_hint_says", findings(vm)[1], set())


def scenario(vm, args):
    c = Checks()
    vm.until("ls /sys/bus/usb/devices/usb1 && udevadm settle")
    vm.sh("mediagate enforce on; mediagate-guest start", 60)
    eventually(lambda: findings(vm)[1] == set(), 20)
    c.equal("a_terminal_as_installed_is_good", findings(vm)[1], set())
    broken(c, vm, "a_removed_rule", "rm /etc/udev/rules.d/72-mediagate.rules", "rules")
    broken(c, vm, "a_changed_rule", "sed -i /GOTO/d /etc/udev/rules.d/60-mediagate.rules", "rules")
    broken(c, vm, "an_opened_hub", "echo 1 > /sys/bus/usb/devices/usb1/interface_authorized_default", "hubs")
    broken(c, vm, "an_opened_kernel_option", "echo 1 > /sys/module/usbcore/parameters/authorized_default", "kernel")
    broken(c, vm, "a_mistake_in_the_policy", "cp /etc/mediagate/policy.conf /run/; echo x >> /etc/mediagate/policy.conf", "config",
           "cp /run/policy.conf /etc/mediagate/policy.conf")
    broken(c, vm, "a_silent_agent", "mediagate-guest stop", "agent", "mediagate-guest start; sleep 2")
    broken(c, vm, "usbguard", "sh -c 'printf usbguard-daemon > /proc/$$/comm; echo $$ > /run/usbguard.pid; sleep 1000; true' "
           "> /dev/null 2>&1 & until [ -s /run/usbguard.pid ]; do :; done", "conflicts", "kill $(cat /run/usbguard.pid)")
    rc, bad = findings(vm, "clerk1")
    c.ok("a_clerk_may_look_too_and_changes_nothing", rc in (4, 8) and not {b for b in bad if b[1] == "wrong"}, (rc, bad))
    return c.status()
