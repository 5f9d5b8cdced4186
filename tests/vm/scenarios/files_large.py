# SPDX-License-Identifier: Apache-2.0
"""A file of 5 GB on a medium whose file system holds none of more than 4: copied, and opened here with openssl
and tar alone. Argument: another size in MB."""
import hashlib, os, subprocess, time

from checks import Checks, eventually
from office import Office, names_on
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0", mem=768)
MARKS = 1 << 16  # bytes that are not 0 at the beginning, in the middle and at the end


def make(vm, size, path):
    """A file of holes but for three places; its SHA-256."""
    mark = bytes(range(256)) * (MARKS // 256)
    places = [0, size // 2 // MARKS * MARKS, size - MARKS]
    vm.put(mark, "/run/mark")
    vm.sh(f"truncate -s {size} {path}; for at in {' '.join(str(p // MARKS) for p in places)}; do dd if=/run/mark of={path} bs=64k conv=notrunc seek=$at 2>/dev/null || exit 1; done; chmod 644 {path}")
    digest, at = hashlib.sha256(), 0
    for place in places:
        while at < place:
            n = min(place - at, 1 << 24)
            digest.update(bytes(n))
            at += n
        digest.update(mark)
        at += MARKS
    return digest.hexdigest()


def opened(image, copy, password):
    """SHA-256 of the one file in a copy, with stock tools."""
    env = dict(os.environ, MTOOLS_SKIP_CHECK="1")
    script = f"""set -e
for p in $(mdir -b -i {image}@@1M ::/MEDIAGATE-{copy} | sed 's,.*/,,' | tr -d '\\r' | grep 'p7m$' | sort); do
  mtype -i {image}@@1M "::/MEDIAGATE-{copy}/$p" | openssl cms -decrypt -binary -inform DER -pwri_password "$0" -in /dev/stdin
done | tar -xO large.bin | sha256sum"""
    r = subprocess.run(["bash", "-o", "pipefail", "-c", script, password], capture_output=True, text=True, env=env)
    return r.stdout[:64], r.stderr


def scenario(vm, args):
    mb = int((args or ["5000"])[0])
    size = mb * 1_000_000 // MARKS * MARKS
    c, o = Checks(), Office(vm).start()
    image = mkstick(vm.dir + "/large.img", mb + 200, "none")
    o.lent("LARGE-0001", "USB-0001", image, id="stick", prepare="vfat")
    eventually(lambda: o.disks(), 20)
    vm.sh("mkdir -p /mnt/tmpfs; mount -t tmpfs -o mode=755,size=16g tmpfs /mnt/tmpfs")
    expected = make(vm, size, "/mnt/tmpfs/large.bin")
    start = time.monotonic()
    o.begin("clerk1", "mediagate copy USB-0001 /mnt/tmpfs/large.bin")
    o.wait_writing()
    memory = 0
    while vm.run("[ -s /run/job.rc ]")[0]:
        seen = vm.run("for p in $(mediagate-guest pid copy); do awk '/VmHWM/ { print $2 }' /proc/$p/status; done 2>/dev/null")[1].split()
        memory = max([memory] + [int(x) for x in seen])
        time.sleep(2)
    rc, out = o.finish(60)
    print(f"# {mb} MB took {time.monotonic() - start:.0f} s here; at most {memory} kB of memory in a process")
    c.ok("a_large_file_copies", rc == 0, f"status {rc}: {out} {o.log()}")
    c.ok("its_size_costs_no_memory", 0 < memory < 24 * 1024, memory)
    done = o.records("copy", "done")[-1]["detail"]
    c.equal("it_is_in_parts_of_64_mib", done["parts"], -(-(size + 2048) // (64 << 20)), done)
    file = o.records("file", "done")[-1]["detail"]
    c.equal("its_record_says_size_and_digest", (file["size"], file["sha256"]), (size, expected))
    vm.sh("sync")
    vm.unplug("stick")
    c.ok("the_copy_is_on_the_medium", f"MEDIAGATE-{done['copy']}" in names_on(image), names_on(image))
    got, why = opened(image, done["copy"], o.password(out))
    c.equal("openssl_and_tar_alone_give_it_back", got, expected, why)
    c.ok("the_ledger_verifies_at_the_end", *o.verifies())
    return c.status()
