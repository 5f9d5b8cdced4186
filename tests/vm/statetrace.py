# SPDX-License-Identifier: Apache-2.0
"""The guest kernel's own record, by probes, of what core's device table goes through, of every write that opens or closes
an interface, of the starts of our processes, and of what the scenario says of itself. Nothing is too short for it."""
import os, re, subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CORE = TOP + "/build/bin/mediagated"
GONE = None


def states():
    """The states' names, in their order, from the code."""
    text = open(TOP + "/agent/core/device.h").read()
    return re.findall(r"^\t(DEVICE_\w+)", re.search(r"enum DeviceState \{(.*?)\n\};", text, re.S)[1], re.M)


def _offsets():
    """Where the structures have what is read."""
    program = """#include "device.h"
#include <stdio.h>
int main(void) { printf("%zu %zu\\n", offsetof(struct Device, interface), offsetof(struct MsgUsbAdd, interface)); }"""
    include = [f"-I{TOP}/{d}" for d in ("agent/core", "agent/lib", "include", "policy")]
    binary = f"/tmp/offsets.{os.getpid()}"
    try:
        subprocess.run(["gcc", "-std=gnu17", "-D_GNU_SOURCE", "-x", "c", *include, "-o", binary, "-"], input=program, text=True, check=True)
        return map(int, subprocess.run([binary], capture_output=True, text=True, check=True).stdout.split())
    finally:
        if os.path.exists(binary):
            os.unlink(binary)


def _places(*names):
    """Offsets of functions in the program's file."""
    rows = subprocess.run(["nm", CORE], capture_output=True, text=True, check=True).stdout.split("\n")
    at = {r.split()[2]: int(r.split()[0], 16) for r in rows if len(r.split()) == 3}
    loads = subprocess.run(["readelf", "-lW", CORE], capture_output=True, text=True, check=True).stdout
    for off, virtual, size in re.findall(r"LOAD +(0x\w+) (0x\w+) 0x\w+ (0x\w+) \S+ R E", loads):
        off, virtual, size = (int(x, 16) for x in (off, virtual, size))
        if all(virtual <= at[n] < virtual + size for n in names):
            return [hex(at[n] - virtual + off) for n in names]
    raise RuntimeError(f"{CORE}: no place of {names}")


def start(vm):
    device, added = _offsets()
    move, add, remove = _places("device_move", "devices_add", "devices_remove")
    vm.sh(f"""grep -q ' /sys/kernel/tracing ' /proc/mounts || mount -t tracefs t /sys/kernel/tracing
cd /sys/kernel/tracing; echo mono > trace_clock
echo 'p:istore usbcore:interface_authorized_store name=+0(+0($arg1)):string buf=+0($arg3):string' > kprobe_events
cat > uprobe_events <<'X'
p:move /usr/sbin/mediagated:{move} name=+{device}(%di):string to=%si:u32
p:add /usr/sbin/mediagated:{add} name=+{added}(%si):string
p:remove /usr/sbin/mediagated:{remove} name=+{device}(%si):string
X
echo 'filename ~ "*mediagate*"' > events/sched/sched_process_exec/filter
echo 1 > events/kprobes/enable; echo 1 > events/uprobes/enable; echo 1 > events/sched/sched_process_exec/enable; echo > trace""")


MARK = "echo {} > /sys/kernel/tracing/trace_marker; "


# nothing is taken away: what comes while it is read is there the next time
SINCE = r"""awk -v t=%f '{ for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+\.[0-9]+:$/) { if ($i + 0 > t) print; next } }' /sys/kernel/tracing/trace"""


def read(vm, since):
    """[(seconds, event, fields)] since those seconds, in the order of the clock."""
    rows = []
    for l in vm.sh(SINCE % since, 60).splitlines():
        m = re.match(r"\s*(\S.*)-(\d+)\s+\[\d+\]\s+\S+\s+([\d.]+): (\w+): (.*)", l)
        if m:
            f = dict(re.findall(r'(\w+)="?([^" ]*)"?', m[5]))
            rows.append((float(m[3]), m[4], dict(f, text=m[5].strip(), pid=m[2])))
    return sorted(rows, key=lambda r: r[0])


class Table:
    """The device table as it stands by the record."""

    def __init__(self):
        self.names, self.now = states(), {}

    def step(self, event, f):
        """True: a row of it changed."""
        if event == "add":
            self.now[f["name"]] = self.names[0]
        elif event == "move":
            self.now[f["name"]] = self.names[int(f["to"])]
        elif event == "remove":
            self.now.pop(f["name"], None)
        elif event == "sched_process_exec" and f["filename"].endswith("/mediagated"):
            self.now = {}
        else:
            return False
        return True
