# SPDX-License-Identifier: Apache-2.0
"""Observe mode on Debian's kernel and udev: what is refused opens all the same, with its nodes as without mediagate, and is
on record as such; loans are what they are; leaving it closes at once; with the agent down the rules hold."""
import json

from checks import Checks, eventually
from office import Office
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0")


def mode(o, word):
    o.vm.sh(f"sed -i '/^mode *=/d' /etc/mediagate/policy.conf; echo 'mode = \"{word}\";' >> /etc/mediagate/policy.conf; mediagate-guest reload")
    return eventually(lambda: [r for r in o.records("policy", "done")[-1:] if r["detail"].get("mode") == word], 20)


def node(o, name):
    return o.vm.run(f"stat -c %a:%G /dev/{name}")[1].strip()


def observed(rows):
    return bool(rows) and all(r.get("detail", {}).get("observed") is True for r in rows)


def scenario(vm, args):
    c, o = Checks(), Office(vm).start()
    image, other = mkstick(vm.dir + "/a.img", 16), mkstick(vm.dir + "/b.img", 16)
    with c.part("a_stranger"):
        c.ok("a_change_to_observe_mode_is_on_record", mode(o, "observe"), o.log())
        vm.plug("storage", "a", serial="STRANGER-1", image=other)
        disk = (eventually(o.disks, 20) or [""])[0]
        c.ok("a_stranger_that_is_refused_has_its_disk", disk, f"{o.devices()} {o.log()}")
        vm.sh("udevadm settle", 30)
        c.ok("its_node_is_as_without_mediagate", node(o, disk) == "660:disk", node(o, disk))
        known = vm.sh(f"udevadm info -q property /dev/{disk}")
        c.ok("desktops_may_mount_it", "UDISKS_IGNORE" not in known and "ID_FS_TYPE" in vm.sh(f"udevadm info -q property /dev/{disk}1 /dev/{disk}; true"), known)
        d = o.seen("STRANGER-1")
        bus = vm.sh(f"cd /sys/bus/usb/devices/{d['device']}; printf 'bus/usb/%03d/%03d' $(cat busnum) $(cat devnum)")
        c.ok("its_usb_node_is_as_without_mediagate", eventually(lambda: node(o, bus).startswith("664"), 10), node(o, bus))
        c.ok("the_command_shows_it_as_observed", d.get("observed") and not d["open"] and d["fault"] == "not-registered", d)
        refused = o.records("device", "refused")
        c.ok("its_refusal_is_on_record_as_observed", observed(refused[-1:]) and refused[-1]["reason"] == "not-registered", refused)
        let = o.records("observe")
        c.ok("that_it_was_let_in_is_on_record", [r["result"] for r in let] == ["intent", "done"] and observed(let), let)
        rc, out = vm.run(f"mkdir -p /tmp/m && mount /dev/{disk}1 /tmp/m 2>&1 || mount /dev/{disk} /tmp/m 2>&1; sleep 2; mountpoint /tmp/m; echo hello > /tmp/m/f && sync && cat /tmp/m/f; umount /tmp/m")
        c.ok("it_can_be_mounted_and_written_to", "hello" in out, out)
        c.ok("that_is_no_tampering", not o.records("tamper"), o.records("tamper"))
        rc, out = o.run("supervisor1", "mediagate status")
        c.ok("every_command_says_so", rc == 0 and out.count("OBSERVE MODE") >= 3, out)
        rc, out = o.run("root", "mediagate health --json")
        line = next((l for l in out.splitlines() if l.startswith("{")), "{}")
        c.ok("health_says_so_and_fails", rc != 0 and json.loads(line).get("mode") == "observe", out)
    with c.part("a_loan"):
        vm.plug("storage", "b", serial="LENT-0001", image=image)
        o.seen("LENT-0001")
        o.register("LENT-0001", "USB-0001")
        o.lend("USB-0001")
        row = eventually(lambda: [d for d in o.devices() if d["serial"] == "LENT-0001" and d["open"] and d["disk"]], 20)
        c.ok("a_lent_medium_is_open_by_its_loan", row and not row[0].get("observed"), f"{o.devices()} {o.log()}")
        vm.sh("udevadm settle", 30)
        known = vm.sh(f"udevadm info -q property /dev/{row[0]['disk']}")
        c.ok("a_lent_medium_s_nodes_are_for_root_alone", node(o, row[0]["disk"]) == "600:root" and "UDISKS_IGNORE=1" in known, f"{node(o, row[0]['disk'])} {known}")
        vm.sh("su clerk1 -c 'echo text > /home/clerk1/f'")
        rc, out = o.run("clerk1", "mediagate copy USB-0001 f --json", 120)
        c.ok("a_copy_is_what_it_is", rc == 0, out)
        rc, out = o.run("clerk2", "mediagate copy USB-0001 f --json", 60)
        c.ok("somebody_else_s_copy_is_refused_in_earnest", rc != 0 and not any("observed" in r.get("detail", {}) for r in o.records("copy", "refused")), out)
    with c.part("leaving_it"):
        c.ok("a_change_to_enforce_is_on_record", mode(o, "enforce"), o.log())
        c.ok("what_is_not_allowed_closes_at_once", eventually(lambda: o.disks() == [row[0]["disk"]], 10), f"{o.disks()} {o.devices()} {o.log()}")
        c.ok("its_usb_node_is_for_root_again", eventually(lambda: node(o, bus).startswith("600"), 10), node(o, bus))
        last = eventually(lambda: [r for r in o.records("device", "refused")[-1:] if not r["detail"].get("observed")], 10)
        c.ok("it_is_refused_anew_and_in_earnest", last, o.records("device")[-2:])
        c.ok("no_mark_is_left", not vm.run("ls /run/mediagate/observe")[1].split(), vm.run("ls /run/mediagate/observe")[1])
        vm.unplug("b")
        eventually(lambda: len(o.devices()) == 1, 10)
    with c.part("the_agent_down"):
        mode(o, "observe")
        c.ok("in_observe_mode_again_it_opens", eventually(o.disks, 20), f"{o.devices()} {o.log()}")
        vm.sh("mediagate-guest kill9 core", 60)
        c.ok("when_the_agent_dies_what_was_let_in_closes", o.closed(3), o.disks())
        vm.unplug("a")
        vm.plug("storage", "a2", serial="STRANGER-2", image=other)
        c.ok("with_the_agent_down_the_rules_hold", o.closed(4), o.disks())
        c.ok("its_death_leaves_no_mark", not vm.run("ls /run/mediagate/observe")[1].split(), vm.run("ls /run/mediagate/observe")[1])
        o.start()
        c.ok("the_next_agent_lets_it_in", eventually(o.disks, 20), f"{o.devices()} {o.log()}")
    c.ok("the_ledger_verifies_after_observing", *o.verifies())
    return c.status()
