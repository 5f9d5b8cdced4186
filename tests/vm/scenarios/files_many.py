# SPDX-License-Identifier: Apache-2.0
"""Files in great number: 10,000 in one copy, there and back, each on record. Argument: another number."""
import time

from checks import Checks, eventually
from files import home, there_and_back
from office import Office
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0", mem=1024, data_mb=128)


def scenario(vm, args):
    n = int((args or ["10000"])[0])
    c, o = Checks(), Office(vm).start()
    o.lent("MANY-0001", "USB-0001", mkstick(vm.dir + "/a.img", 256), id="stick", prepare="exfat")
    eventually(lambda: o.disks(), 20)
    home(vm, f"mkdir many; cd many; i=0; while [ $i -lt {n} ]; do mkdir -p $((i % 10)); echo $i > $((i % 10))/$i; i=$((i + 1)); done")
    start = time.monotonic()
    there_and_back(c, vm, o, dict(many=f"each_of_{n}_files"), 1500)
    print(f"# {n} files there and back took {time.monotonic() - start:.0f} s here")
    done = o.records("copy", "done")[-1]
    mine = [r for r in o.records("file", "done") if r["detail"].get("copy") == done["detail"]["copy"]]
    c.equal(f"each_of_{n}_files_has_its_record", len({r["detail"]["name"] for r in mine}), n)
    c.equal("the_copy_counts_them", done["detail"]["files"], n)
    c.ok("nothing_is_pending_at_the_end", not o.pending(), o.pending())
    c.ok("the_ledger_verifies_at_the_end", *o.verifies())
    return c.status()
