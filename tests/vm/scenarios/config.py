# SPDX-License-Identifier: Apache-2.0
"""Configuration that is broken: the last good one stays in force; where there never was one, nothing is let in."""
from checks import Checks, eventually
from media import fault
from office import LOAN, Office
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0")
POLICY = "/etc/mediagate/policy.conf"


def broken_while_running(c, vm, o):
    vm.sh(f"cp {POLICY} /run/good.conf; sed -i 's/^checkout_days.*/checkout_days = \"many\";/' {POLICY}")
    line = vm.sh(f"grep -n many {POLICY} | cut -d: -f1")
    rc, out = vm.run(f"mediagate policy check {POLICY}")
    c.ok("policy_check_names_file_and_line", rc == 8 and f"policy.conf:{line}" in out, f"status {rc}: {out}")
    vm.sh("mediagate-guest reload")
    failed = eventually(lambda: o.records("policy", "failed"), 10)
    c.ok("a_broken_file_is_on_record_with_its_line", failed and f":{line}" in failed[-1]["detail"].get("subject", ""), failed)
    rc, out = o.run("clerk1", "mediagate ls USB-0001", 60)
    c.ok("the_last_good_configuration_stays_in_force", rc == 0, f"status {rc}: {out} {o.log()}")


def broken_at_start(c, vm, o):
    vm.sh("mediagate-guest stop", 60)
    c.ok("a_clean_stop_closes_the_medium", not o.disks(), o.disks())
    vm.sh("mediagate-guest start", 90)
    c.ok("after_a_start_with_a_broken_file_the_loan_is_known", eventually(lambda: o.disks(), 15), f"{o.devices()} {o.log()}")
    rc, out = o.run("clerk1", "mediagate ls USB-0001", 60)
    c.ok("the_kept_copy_of_the_last_good_one_is_in_force", rc == 0, f"status {rc}: {out}")
    vm.sh(f"cp /run/good.conf {POLICY}; mediagate-guest reload")
    c.ok("the_mended_file_comes_into_force", eventually(lambda: o.records("policy")[-1]["result"] == "done", 10), o.records("policy"))


def roster(c, vm, o):
    vm.sh("cp /etc/mediagate/roster.conf /run/roster.good; sed -i '/clerk1/d' /etc/mediagate/roster.conf; mediagate-guest reload")
    n = len(o.records("policy", "done"))
    eventually(lambda: len(o.records("policy", "done")) > n, 5)
    rc, out = o.run("clerk1", "mediagate ls USB-0001 --json", 60)
    c.ok("who_is_taken_from_the_roster_may_nothing_at_once", rc == 3 and fault(out) == "not-on-roster", f"status {rc}: {out}")
    vm.sh("cp /run/roster.good /etc/mediagate/roster.conf; mediagate-guest reload")
    c.ok("who_is_entered_again_may_again", eventually(lambda: o.run("clerk1", "mediagate ls USB-0001", 60)[0] == 0, 10, 1))


def never_any(c, vm, o):
    vm.sh("mediagate-guest stop; rm -rf /var/lib/mediagate; echo 'people = (' > /etc/mediagate/roster.conf", 60)
    rc, out = vm.run("mediagate-guest start", 90)
    rc, out = vm.run("mediagate --json")
    c.ok("without_any_configuration_ever_the_gate_says_so", "no-policy" in out, f"{out} {o.log()}")
    vm.unplug("stick")
    vm.plug("storage", "stick", serial="CONF-0001", image=vm.dir + "/a.img")
    c.ok("nothing_is_let_in", o.closed(3), f"{o.devices()}")
    for who, command in (("clerk1", "copy USB-0001 /etc/passwd"), ("supervisor1", f"checkout USB-0001 --to clerk1 {LOAN} --until +2h"),
                         ("supervisor1", "register CONF-0001 --number USB-0001 --supervisor supervisor1")):
        rc, out = o.run(who, f"mediagate {command} --json", 60)
        c.ok(f"{command.split()[0]}_is_refused_without_configuration", rc in (3, 5) and fault(out) in ("no-policy", "not-on-roster"), f"status {rc}: {out}")
    vm.sh("cp /run/roster.good /etc/mediagate/roster.conf; mediagate-guest reload")
    c.ok("a_first_good_configuration_comes_into_force", eventually(lambda: "no-policy" not in vm.run("mediagate --json")[1], 10), o.log())
    c.ok("the_new_ledger_verifies", *o.verifies())


def scenario(vm, args):
    c, o = Checks(), Office(vm).start()
    o.lent("CONF-0001", "USB-0001", mkstick(vm.dir + "/a.img", 16), id="stick")
    eventually(lambda: o.disks(), 20)
    for part in (broken_while_running, broken_at_start, roster, never_any):
        with c.part(part.__name__):
            part(c, vm, o)
    return c.status()
