# SPDX-License-Identifier: Apache-2.0
"""PSS, anonymous memory and wake-ups of all agent processes at rest, and USBGuard's beside them. Prints one JSON object."""
import json, time
from latency import usbguard_put, usbguard_start

CONFIG = dict(append="usb-storage.delay_use=0")
IMAGE = dict(bins=["usbguard-daemon", "usbguard"])


def memory(vm, programs):
    """{program: (PSS, anonymous, RSS)} in MB."""
    out = vm.sh("for p in /proc/[0-9]*; do e=$(readlink $p/exe) || continue; "
                "echo $e $(awk '/^Pss:/{p=$2} /^Anonymous:/{a=$2} /^Rss:/{r=$2} END{print p, a, r}' $p/smaps_rollup); done")
    found = {}
    for line in out.splitlines():
        words = line.split()
        if len(words) == 4 and any(words[0].endswith(p) for p in programs):
            found[words[0].rsplit("/", 1)[1]] = tuple(int(w) / 1024 for w in words[1:])
    return found


def switches(vm):
    """{process: how often it has gone to sleep by itself}, all threads together: one more for each wake-up."""
    out = vm.sh("mediagate-guest status | while read pid name _; do "
                "echo $name $(cat /proc/$pid/task/*/status | awk '/^voluntary_ctxt/{n+=$2} END{print n}'); done")
    return {name: int(n) for name, n in (l.split() for l in out.splitlines())}


def scenario(vm, args):
    vm.sh("mediagate-guest start", 120)
    time.sleep(5)  # at rest: nothing was asked for a while
    before, start = switches(vm), time.monotonic()
    time.sleep(60)
    wakeups = {name: (n - before.get(name, 0)) * 60 / (time.monotonic() - start) for name, n in switches(vm).items()}
    ours = memory(vm, ("/mediagated", "mediagate/watch", "mediagate/gate", "mediagate/ledger", "mediagate/session"))
    usbguard_put(vm, "")
    usbguard_start(vm)
    time.sleep(5)
    peer = memory(vm, ("usbguard-daemon",))
    figures = dict(pss_total_mb=round(sum(v[0] for v in ours.values()), 2), anonymous_total_mb=round(sum(v[1] for v in ours.values()), 2),
                   processes=len(ours), wakeups_a_minute_most=round(max(wakeups.values()), 1), usbguard_pss_mb=round(sum(v[0] for v in peer.values()), 2),
                   usbguard_rss_mb=round(sum(v[2] for v in peer.values()), 2))
    for name, (pss, anonymous, _) in ours.items():
        figures[name + "_pss_mb"], figures[name + "_anonymous_mb"] = round(pss, 2), round(anonymous, 2)
    ratios = dict(pss_to_usbguard=round(figures["pss_total_mb"] / max(figures["usbguard_pss_mb"], 0.01), 3))
    print(json.dumps(dict(ratios=ratios, figures=figures)), flush=True)
