# SPDX-License-Identifier: Apache-2.0
"""One record of all that copies wrote to a stick, cut on the host at many places, each time with other sectors lost
that were not flushed. args: [CUTS] [SEED]
Whatever is damaged carries the mark that has it mended, fsck brings it in order, and no folder under its final name
is less than whole after that."""
import collections, os, random, shutil, subprocess, time

import fat, stick
from checks import Checks
from power import Rig
from powerloss import FLUSH, FUA, SECTOR, entries

CONFIG = dict(append="usb-storage.delay_use=0", volatile=True)
AUTOSTART = False
HARMLESS = ("fsck.fat", "There are differences", "This is mostly", "  65:", "  Not auto", "Dirty bit", " Automatically", "Leaving", "/",
            "Free cluster summary", "  Auto-corr")


def copies(rig):
    vm, o = rig.vm, rig.o
    vm.put(open(rig.cert).read(), "/home/clerk1/recipient.pem")
    vm.sh("mkdir -p /home/clerk1/w; cd /home/clerk1; for i in 1 2 3; do head -c 90000 /dev/urandom > w/$i; done; chown -R clerk1:clerk1 .")
    for _ in range(4):
        o.must("clerk1", "mediagate copy USB-0001 w --recipient recipient.pem", 120)


def cut(base, rows, rng, image):
    """Writes the image; how many sectors were lost."""
    flushed = max((i for i, r in enumerate(rows) if r[1] & FLUSH), default=-1)
    share, lost = rng.choice((0.2, 0.5, 0.8)), 0
    shutil.copyfile(base, image)
    with open(image, "r+b") as f:
        for i, (sector, flags, data) in enumerate(rows):
            for at in range(0, len(data), SECTOR):
                if i > flushed and not flags & FUA and rng.random() < share:
                    lost += 1
                    continue
                f.seek(sector * SECTOR + at)
                f.write(data[at:at + SECTOR])
    return lost


def fsck(volume, how):
    return subprocess.run(["/usr/sbin/fsck.fat", how, volume], capture_output=True, text=True)


def look(rig, image, claims, where, place):
    start, volume = int(stick.partition(image).partition("@@")[2] or 0), image + ".volume"
    with fat.opened(image) as f:
        marked = f.is_dirty()
    with open(image, "rb") as f, open(volume, "wb") as v:
        f.seek(start)
        shutil.copyfileobj(f, v)
    said = [line for line in fsck(volume, "-n").stdout.splitlines() if line and not line.startswith(HARMLESS)]
    where["damaged"] += bool(said)
    if said and not marked:
        claims["no_mark"].append((place, said[:4]))
    status = [fsck(volume, "-a").returncode]
    while status[-1] == 1 and len(status) < 10:
        status.append(fsck(volume, "-a").returncode)
    if status[-1]:
        claims["not_mended"].append((place, status))
    for name in (n for n in stick.folders(volume) if n.startswith("MEDIAGATE-")):
        taken = image + ".taken"
        shutil.rmtree(taken, ignore_errors=True)
        ok, why = stick.take(volume, name, taken)
        if ok:
            ok, why = stick.opens(taken, "", (rig.cert, rig.key))
        where["folders that are whole"] += ok
        if not ok:
            claims["not_whole"].append((place, name, why))


def scenario(vm, args):
    n, seed = int(args[0]) if args else 100, int(args[1]) if len(args) > 1 else int(time.time())
    print(f"# seed {seed}", flush=True)
    rig = Rig(vm, random.Random(seed))
    rig.prepare()
    _, base, log = vm.logs["n-a"]
    begun = len(list(entries(log)))  # it has its file system
    copies(rig)
    rows, c = list(entries(log)), Checks()
    kept = [shutil.copy(f, f + ".kept") for f in (base, log)]
    vm.power_cut()
    claims, where, rng = collections.defaultdict(list), collections.Counter(), random.Random(seed)
    for _ in range(n):
        at = rng.randrange(begun + 1, len(rows) + 1)
        where["cuts that lost sectors"] += bool(cut(kept[0], rows[:at], rng, vm.dir + "/cut.img"))
        look(rig, vm.dir + "/cut.img", claims, where, at)
    print(f"# {n} cuts in {len(rows) - begun} writes; {dict(where)}", flush=True)
    for f in kept:
        os.unlink(f)
    c.ok("what_is_damaged_carries_the_mark", not claims["no_mark"], claims["no_mark"])
    c.ok("what_is_damaged_can_be_mended", not claims["not_mended"], claims["not_mended"])
    c.ok("what_has_its_final_name_is_whole_when_mended", not claims["not_whole"], claims["not_whole"])
    c.ok("the_cuts_fell_where_they_hurt", where["damaged"] >= n // 10, where)
    return c.status()
