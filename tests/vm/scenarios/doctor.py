# SPDX-License-Identifier: Apache-2.0
"""mediagate doctor and health on a running terminal: good at first, each thing that is broken found, good again when
mended."""
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
    def found():
        """What the agent itself shuts again within half a minute is opened anew."""
        vm.sh(how, 60)
        said[:] = findings(vm)
        return said[0] == 8 and (check, "wrong") in said[1]
    said = []
    c.ok(f"{claim}_is_found", eventually(found, 60), said)
    vm.sh(mend, 60)
    c.equal(f"{claim}_is_mended_by_what_the_hint_says", findings(vm)[1], set())


def health(vm):
    rc, out = vm.run("mediagate health --json", 60)
    return rc, json.loads(out)


def monitoring(c, vm):
    rc, h = health(vm)
    c.ok("a_terminal_that_works_is_healthy", rc == 0 and h["ok"] and h["mode"] == "enforce" and h["rules"] == h["agent"] == h["ledger"]
         == h["room"] == "good" and h["records"] >= h["signed"] > 0 and h["last_receipt"] is None and h["free"] > 0, (rc, h))
    vm.sh("rm /etc/udev/rules.d/59-mediagate.rules")
    rc, h = health(vm)
    c.ok("rules_that_are_not_in_force_end_health_with_8", rc == 8 and not h["ok"] and h["rules"] == "wrong", (rc, h))
    vm.sh("mediagate enforce on; mediagate-guest stop", 60)
    rc, h = health(vm)
    c.ok("a_silent_agent_ends_health_with_5", rc == 5 and h["fault"] == "no-agent" and h["ledger"] == "good", (rc, h))
    rc, out = Office(vm).run("clerk1", "mediagate health --json")
    c.ok("who_may_not_read_the_ledger_is_told_so", json.loads(out)["ledger"] == "untold", out)
    vm.sh("sed -i 's/\"start\"/\"stark\"/' /var/lib/mediagate/ledger/*/*/records.jsonl")
    rc, h = health(vm)
    c.ok("an_altered_ledger_ends_health_with_6", rc == 6 and h["ledger"] == "wrong", (rc, h))


def scenario(vm, args):
    c = Checks()
    vm.until("ls /sys/bus/usb/devices/usb1 && udevadm settle")
    vm.sh("mediagate enforce on; mediagate-guest start", 60)
    eventually(lambda: findings(vm)[1] == set(), 20)
    c.equal("a_terminal_as_installed_is_good", findings(vm)[1], set())
    broken(c, vm, "a_removed_rule", "rm -f /etc/udev/rules.d/72-mediagate.rules", "rules")
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
    monitoring(c, vm)
    return c.status()
