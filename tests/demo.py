#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""The README's first command, and what it leaves behind, looked at by a stranger: demo.py. A line for each claim.

Nothing of mediagate opens the copy here: openssl, tar and the second verifier do.
"""
import glob, os, re, shutil, subprocess, sys, tempfile

TOP = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
sys.path.insert(0, TOP + "/tests/vm")
import stick
from checks import Checks

CANARY = b"PLAINTEXT-CANARY"
OUTSIDE = """def scenario(vm, args):
    print("seen", args, vm.sh("id -un; id -u clerk1").split())
    return 0
"""


def run(*command, **kw):
    r = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=kw.pop("stdin", subprocess.DEVNULL), text=True,
                       errors="replace", **kw)
    return r.returncode, r.stdout


def layout(c, top):
    years = glob.glob(top + "/ledger/*/*/records.jsonl")
    c.equal("there_is_one_ledger_of_one_terminal_and_year", len(years), 1)
    year = os.path.dirname(years[0])
    c.ok("its_folder_holds_what_a_verifier_needs", {"records.jsonl", "checkpoint", "vkey"} <= set(os.listdir(year)), os.listdir(year))
    c.ok("its_folder_is_named_for_terminal_and_fiscal_year", re.search(r"/ledger/[^/]+/20\d\d$", year), year)
    c.ok("media_are_raw_images", all(open(p, "rb").read(512)[510:] == b"\x55\xaa" for p in glob.glob(top + "/media/office.img")), os.listdir(top + "/media"))
    c.ok("the_password_is_one_line", re.fullmatch(r"[0-9A-Z]{5}(-[0-9A-Z]{5}){4}\n", open(top + "/password").read()))
    names = os.listdir(top + "/copy")
    c.ok("the_copy_is_parts_a_note_and_a_text_that_says_how_to_open_it", "OPEN.txt" in names and [n for n in names if n.endswith(".note")] and
         [n for n in names if n.endswith(".p7m")], names)
    return year


def verdicts(c, year, work):
    """Both verifiers on the ledger as it is, and on copies that somebody altered."""
    lines = open(year + "/records.jsonl", "rb").read().splitlines(keepends=True)
    middle = len(lines) // 2
    ways = dict(as_it_is=lines, without_a_line=lines[:middle] + lines[middle + 1:], with_a_line_twice=lines[:middle] + lines[middle - 1:],
                with_a_byte_changed=[l.replace(b"clerk1", b"clerk2", 1) if i >= middle else l for i, l in enumerate(lines)],
                cut_short=lines[:-2])
    for name, now in ways.items():
        at = f"{work}/{name}/{os.path.basename(os.path.dirname(year))}/{os.path.basename(year)}"
        shutil.copytree(year, at)
        open(at + "/records.jsonl", "wb").write(b"".join(now))
        ours, theirs = run(TOP + "/build/bin/mediagate", "verify", at), run("python3", TOP + "/tests/verifier/verify.py", at)
        good = name == "as_it_is"
        c.ok(f"both_verifiers_agree_on_the_ledger_{name}", (ours[0] == 0) == (theirs[0] == 0) == good, f"{ours} {theirs}")


def opened(c, top, work):
    """By hand, as OPEN.txt's readers could: part by part."""
    password, tar = open(top + "/password").read().strip(), b""
    for part in sorted(glob.glob(top + "/copy/*.p7m")):
        r = subprocess.run(["openssl", "cms", "-decrypt", "-binary", "-inform", "DER", "-in", part, "-pwri_password", password], capture_output=True)
        c.ok("openssl_opens_each_part", r.returncode == 0, r.stderr)
        tar += r.stdout
        r = subprocess.run(["openssl", "cms", "-decrypt", "-binary", "-inform", "DER", "-in", part, "-pwri_password", password[::-1]], capture_output=True)
        c.ok("another_password_opens_nothing", r.returncode != 0)
    os.makedirs(work)
    c.ok("tar_unpacks_what_was_in_them", subprocess.run(["tar", "-xf", "-", "-C", work], input=tar).returncode == 0)
    os.unlink(work + "/SHA256SUMS")
    c.equal("the_members_are_named_and_filled_as_the_originals", run("diff", "-r", top + "/original", work), (0, ""))


def main():
    c, tmp = Checks(), tempfile.TemporaryDirectory()
    keep = tmp.name + "/keep"
    rc, out = run(TOP + "/scripts/demo", "--keep", keep, timeout=800)
    if not c.ok("demo_plays_the_story", rc == 0, out[-3000:]):
        return c.status()
    c.ok("demo_shows_each_command_with_its_answer", all(w in out for w in ("clerk1$ mediagate copy", "supervisor1$ mediagate checkout",
         "auditor1$ mediagate history", "stranger$ mediagate verify", "recipient$ cat OPEN.txt", "OPENED: ")), out[-3000:])
    year = layout(c, keep)
    verdicts(c, year, tmp.name + "/ways")
    opened(c, keep, tmp.name + "/opened")
    images = glob.glob(keep + "/media/*.img")
    seen = [stick.readable(i, CANARY) for i in images]
    c.ok("nothing_readable_is_on_any_image_raw_or_compressed", len(images) == 2 and not any(seen), f"{images} {seen}")
    c.ok("the_search_finds_what_is_readable", stick.readable(glob.glob(keep + "/original/*/README.txt")[0], CANARY))
    rc, out = run(TOP + "/scripts/demo", "--keep", keep)
    c.ok("a_folder_that_is_not_empty_is_left_as_it_is", rc == 2 and "not empty" in out, f"{rc} {out}")
    open(tmp.name + "/outside.py", "w").write(OUTSIDE)
    rc, out = run(TOP + "/scripts/vm", tmp.name + "/outside.py", "a", "b", timeout=300, cwd=tmp.name)
    c.ok("a_scenario_from_outside_the_tree_runs", rc == 0 and "seen ['a', 'b'] ['root', '1003']" in out, f"{rc} {out}")
    return c.status()


if __name__ == "__main__":
    sys.exit(main())
