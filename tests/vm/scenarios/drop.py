# SPDX-License-Identifier: Apache-2.0
"""A year's ledger from its first record to its end: archived, asked for by one person and confirmed by another, gone;
what the next year's trust rests on, before and after. The guest's clock is set; the year turns while the terminal is off."""
import base64, json

from checks import Checks, eventually
from media import fault
from office import Office
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0")
OLD, NEW = "2024", "2026"
LEDGERS = "/var/lib/mediagate/ledger/T001"
KEPT = "/root/kept"
CONSOLE = "example.lg.jp/mediagate/console"
# its form only: who judges such a signature is tested in tests/cli
COSIGNATURE = f"\u2014 {CONSOLE} {base64.b64encode(bytes(4) + (1743500000).to_bytes(8, 'big') + bytes(64)).decode()}"


def clock(vm, text):
    vm.sh(f"date -u -s '{text}' >/dev/null")


def retention(vm, years):
    vm.sh(f"sed -i '/^retention_years/d' /etc/mediagate/policy.conf; echo 'retention_years = {years};' >> /etc/mediagate/policy.conf; mediagate-guest reload")


def drop(o, who, more=""):
    rc, out = o.run(who, f"mediagate ledger drop {OLD} {more} --json")
    return rc, fault(out), out


def verified(o, path="", root="root"):
    """(status, [one object a ledger])"""
    rc, out = o.run(root, f"mediagate verify {path} --json")
    rows = json.loads(out)
    return rc, rows if isinstance(rows, list) else rows["ledgers"] if "ledgers" in rows else [rows]


def of_year(rows, year):
    return next((r for r in rows if r["origin"].endswith("/" + year)), {})


def first_year(c, vm, o):
    clock(vm, "2024-11-20 01:00:00")
    o.start()
    vm.plug("storage", "a", serial="KEPT-0001", image=mkstick(vm.dir + "/a.img", 16))
    o.register("KEPT-0001", "USB-0001")
    vm.unplug("a")
    eventually(lambda: not o.devices(), 10)
    c.equal("the_running_year_cannot_be_dropped", drop(o, "supervisor1")[1], "no-retention")
    retention(vm, 1)
    c.equal("nor_with_a_retention", eventually(lambda: drop(o, "supervisor1")[1] == "retention", 10), True)
    vm.sh("mediagate-guest stop")


def turned(c, vm, o):
    """A year too early, and then late enough."""
    clock(vm, "2025-04-02 01:00:00")
    o.start()
    c.equal("before_its_retention_has_passed_a_year_stays", drop(o, "supervisor1")[:2], (3, "retention"))
    vm.sh("mediagate-guest stop")
    clock(vm, "2026-04-02 01:00:00")
    o.start()
    rc, rows = verified(o)
    c.ok("all_years_verify_and_each_follows_the_one_before",
         rc == 0 and [of_year(rows, y).get("follows") for y in (OLD, "2025", NEW)] == [None, "yes", "yes"], f"{rc} {rows}")
    c.equal("the_medium_was_carried_over", [r["medium"] for r in o.records("carry") if r["detail"]["carried"] == "register"], ["USB-0001"] * 2)
    return of_year(rows, OLD)


def archived(c, o, old):
    """With the receipt for the year's last checkpoint, as forward keeps it."""
    receipts = "/var/lib/mediagate-forward/T001"
    o.vm.sh(f"mkdir -p {receipts}; cat {LEDGERS}/heads/{OLD}.note > {receipts}/{OLD}.receipt; echo '{COSIGNATURE}' >> {receipts}/{OLD}.receipt")
    rc, out = o.run("root", f"mkdir -p {KEPT} && mediagate ledger archive {OLD} {KEPT} --json")
    c.ok("the_year_is_archived", rc == 0, out)
    rc, rows = verified(o, KEPT)
    c.equal("what_a_console_signed_goes_into_the_archive", o.vm.sh(f"tail -n 1 {KEPT}/T001/heads/{OLD}.note").strip(), COSIGNATURE)
    c.equal("the_archive_verifies", (rc, rows[0].get("root"), rows[0].get("covered")), (0, old["root"], old["covered"]))


def by_two(c, vm, o, old):
    c.equal("a_clerk_cannot_ask", drop(o, "clerk1")[:2], (3, "not-allowed"))
    c.equal("nobody_confirms_what_nobody_asked", drop(o, "supervisor2", "--confirm")[1], "not-asked")
    rc, _, out = drop(o, "supervisor1")
    c.ok("one_person_asks", rc == 0 and not json.loads(out)["dropped"], out)
    c.equal("who_asked_cannot_confirm", drop(o, "supervisor1", "--confirm")[:2], (3, "same-person"))
    c.ok("so_far_the_year_is_there", vm.run(f"[ -s {LEDGERS}/{OLD}/records.jsonl ]")[0] == 0)
    rc, _, out = drop(o, "supervisor2", "--confirm")
    c.ok("another_confirms", rc == 0 and json.loads(out)["dropped"] and json.loads(out)["asked_by"] == "supervisor1", out)
    c.ok("the_year_is_gone", vm.run(f"ls -d {LEDGERS}/{OLD} {LEDGERS}/.{OLD}.drop")[0] != 0, vm.run(f"ls -la {LEDGERS}")[1])
    asked, intent, done = (o.records(k, r)[-1:] for k, r in (("drop-asked", "done"), ("drop", "intent"), ("drop", "done")))
    c.ok("who_asked_who_confirmed_and_the_outcome_are_on_record",
         asked and intent and done and asked[0]["actor"] == "supervisor1" and intent[0]["actor"] == "supervisor2" and
         intent[0]["detail"]["asked_by"] == "supervisor1" and done[0]["detail"]["intent"] == intent[0]["n"], f"{asked} {intent} {done}")
    c.equal("the_record_names_the_last_checkpoint", (intent[0]["detail"]["size"], intent[0]["detail"]["root"]) if intent else None,
            (old["covered"], old["root"]))
    c.equal("dropped_once_it_is_no_more", drop(o, "supervisor1")[1], "no-such-year")


def rests_on(c, vm, o, old, claim):
    """After the drop 2025 follows a year that is not here."""
    rc, rows = verified(o)
    next_year = of_year(rows, "2025")
    c.ok(f"{claim}_all_that_is_left_verifies", rc == 0 and not of_year(rows, OLD) and of_year(rows, NEW).get("follows") == "yes", f"{rc} {rows}")
    c.equal(f"{claim}_verify_says_who_dropped_the_year_before", [next_year.get(k) for k in ("follows", "asked_by", "confirmed_by", "dropped_in")],
            ["dropped", "supervisor1", "supervisor2", NEW], next_year)
    c.equal(f"{claim}_and_the_checkpoint_that_trust_rests_on", next_year.get("before_paper"), old["paper"], next_year)
    c.equal(f"{claim}_and_who_else_has_signed_that", (next_year.get("before_cosigned"), next_year.get("cosigned_by")), ("not-judged", CONSOLE), next_year)
    said = o.run("root", "mediagate verify")[1]
    c.ok(f"{claim}_people_read_it_too", "the year before was dropped: supervisor1 asked, supervisor2 confirmed" in said and old["paper"] in said, said)


def scenario(vm, args):
    c, o = Checks(), Office(vm)
    first_year(c, vm, o)
    old = turned(c, vm, o)
    archived(c, o, old)
    by_two(c, vm, o, old)
    rests_on(c, vm, o, old, "after_the_drop")
    vm.sh("mediagate-guest kill9 core", 60)
    o.start()
    rests_on(c, vm, o, old, "after_a_kill_and_a_start")
    rc, out = o.run("root", f"cp -a {KEPT}/T001/{OLD} {LEDGERS}/ && mediagate verify --json")
    c.ok("with_the_archive_put_back_each_year_follows_the_one_before_again", rc == 0 and out.count('"follows":"yes"') == 2, out)
    # another ledger under the name of the one that went: its head in heads gives it away
    vm.sh(f"rm -r {LEDGERS}/{OLD}; sed -i '2s/.*/1/' {LEDGERS}/heads/{OLD}.note")
    rc, out = o.run("root", "mediagate verify --json")
    c.ok("another_checkpoint_in_heads_is_found", rc == 6, out)
    return c.status()
