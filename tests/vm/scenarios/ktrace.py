# SPDX-License-Identifier: Apache-2.0
"""In-guest timing through kprobes: who did what to which device, in the guest kernel's monotonic clock."""
import re, statistics


def start(vm):
    vm.sh(r"""grep -q ' /sys/kernel/tracing ' /proc/mounts || mount -t tracefs t /sys/kernel/tracing
cd /sys/kernel/tracing; echo mono > trace_clock
cat > kprobe_events <<'X'
p:uev dev_uevent action=+0(+24($arg2)):string name=+0(+0($arg1)):string
p:auth usbcore:usb_authorize_device
p:deauth usbcore:usb_deauthorize_device
p:store usbcore:authorized_store name=+0(+0($arg1)):string buf=+0($arg3):string count=$arg4
X
echo 'action ~ "ACTION=*"' > events/kprobes/uev/filter; echo 1 > events/kprobes/enable; echo > trace""")


def read(vm, clear=True):
    """[(seconds, comm, event, fields)]"""
    out = vm.sh("cat /sys/kernel/tracing/trace" + ("; echo > /sys/kernel/tracing/trace" if clear else ""))
    rows = []
    for l in out.splitlines():
        m = re.match(r"\s*(\S.*)-(\d+)\s+\[\d+\]\s+\S+\s+([\d.]+): (\w+): \(.*?\)(.*)", l)
        if m:
            f = dict(re.findall(r'(\w+)="?([^" ]*)"?', m[5]))
            rows.append((float(m[3]), m[1].strip(), m[4], {k: v.replace("ACTION=", "") for k, v in f.items()}))
    return rows


def stats(xs):
    xs = sorted(xs)
    return dict(n=len(xs), min=round(xs[0] * 1e3, 2), median=round(statistics.median(xs) * 1e3, 2),
                p90=round(xs[int(len(xs) * .9)] * 1e3, 2), max=round(xs[-1] * 1e3, 2), unit="ms") if xs else dict(n=0)
