# SPDX-License-Identifier: Apache-2.0
"""How long a lent stick waits: uevent → write of `authorized`, mediagate beside USBGuard, in one boot. args: [PLUGS]

Times are taken in the guest's kernel by kprobes: for mediagate from the add uevent of the storage interface to
interface_authorized_store, for USBGuard from that of the device to authorized_store; five plugs of one, five of the
other, and so on. The append floor is write + fdatasync of one line on the guest's disk, taken in every turn. The last
line printed is one JSON object.
"""
import json, os, re, statistics, subprocess, time
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0")
IMAGE = dict(bins=["usbguard-daemon", "usbguard"])
SERIAL = "LAT-2026-0001"
PLUGS_A_TURN = 5


PROBES = r"""grep -q ' /sys/kernel/tracing ' /proc/mounts || mount -t tracefs t /sys/kernel/tracing
cd /sys/kernel/tracing; echo 0 > events/kprobes/enable 2>/dev/null; echo mono > trace_clock
cat > kprobe_events <<'X'
p:uev dev_uevent action=+0(+24($arg2)):string name=+0(+0($arg1)):string
p:istore usbcore:interface_authorized_store name=+0(+0($arg1)):string buf=+0($arg3):string
p:store usbcore:authorized_store name=+0(+0($arg1)):string buf=+0($arg3):string
X
echo 'action ~ "ACTION=add*"' > events/kprobes/uev/filter; echo 1 > events/kprobes/enable; echo > trace"""

USBGUARD = """RuleFile=/etc/usbguard/rules.conf
ImplicitPolicyTarget=block
PresentDevicePolicy=apply-policy
PresentControllerPolicy=keep
InsertedDevicePolicy=apply-policy
AuthorizedDefault=none
RestoreControllerDeviceState=false
DeviceManagerBackend=uevent
IPCAllowedUsers=root
IPCAccessControlFiles=/etc/usbguard/IPCAccessControl.d/
DeviceRulesWithPort=false
AuditBackend=FileAudit
AuditFilePath=/var/log/usbguard-audit.log
HidePII=false
"""


def rows(vm):
    """[(seconds, process, event, device)] since the last call."""
    out = vm.sh("cat /sys/kernel/tracing/trace; echo > /sys/kernel/tracing/trace")
    found = []
    for line in out.splitlines():
        m = re.match(r'\s*(\S.*)-(\d+)\s+\[\d+\]\s+\S+\s+([\d.]+): (\w+): \(.*?\).*?name="([^"]*)"', line)
        if m:
            value = re.search(r'buf="([01])', line)
            found.append((float(m[3]), m[1].strip(), m[4], m[5], value[1] if value else ""))
    return found


def plugs(vm, n, image, store, daemon, own):
    """Milliseconds from the uevent of what the daemon writes to, and from the device's, to its write of 1."""
    own_times, device_times = [], []
    for i in range(n):
        rows(vm)
        # nothing is run in the guest meanwhile: a shell that looks for the disk would take its processors
        vm.wait(r"\[sda\] Attached SCSI", since=vm.plug("storage", "lat", serial=SERIAL, image=image), where="console")
        seen = rows(vm)
        vm.unplug("lat")
        vm.until("! ls /sys/bus/usb/devices/ | grep -q '^[12]-[1-9]'", 30)
        time.sleep(0.3)
        add = {k: next((t for t, _, e, d, _ in seen if e == "uev" and re.fullmatch(r, d)), None)
               for k, r in (("device", r"\d+-\d+"), ("interface", r"\d+-\d+:1\.0"))}
        write = next((t for t, c, e, _, v in seen if e == store and c.startswith(daemon) and v == "1"), None)
        if write and add["device"] and add[own]:
            own_times.append((write - add[own]) * 1e3)
            device_times.append((write - add["device"]) * 1e3)
    return own_times, device_times


def floor_put(vm):
    program = vm.dir + "/floor"
    subprocess.run(["cc", "-O2", "-static", "-s", "-o", program, os.path.dirname(os.path.abspath(__file__)) + "/floor.c"], check=True)
    vm.put(open(program, "rb").read(), "/run/floor", "755")


def floor(vm):
    """Milliseconds of write + fdatasync of one 300-byte line on the guest's disk: a median."""
    return float(vm.sh("/run/floor /var/lib/floor.txt 20; rm /var/lib/floor.txt", 60))


def lend(vm, image):
    vm.sh("mediagate-guest start", 120)
    vm.plug("storage", "lat", serial=SERIAL, image=image)
    vm.until(f"mediagate devices --json | grep -q {SERIAL}", 30)
    vm.sh(f"su supervisor1 -c 'mediagate register {SERIAL} --number USB-0001 --supervisor supervisor1'", 60)
    until = vm.sh("date -u -d @$(( $(date +%s) + 28800 )) +%Y-%m-%dT%H:%M")
    vm.sh(f"su supervisor1 -c 'mediagate checkout USB-0001 --to clerk1 --purpose submission --ground law --destination x --until {until}'", 60)
    vm.unplug("lat")


def usbguard_put(vm, rules):
    vm.sh("mkdir -p /etc/usbguard/IPCAccessControl.d /etc/usbguard/rules.d /var/log; chmod 700 /etc/usbguard")
    vm.put(USBGUARD, "/etc/usbguard/usbguard-daemon.conf", "600")
    vm.put(rules, "/etc/usbguard/rules.conf", "600")


def usbguard_start(vm):
    vm.sh("setsid usbguard-daemon -k > /run/ug.log 2>&1 < /dev/null & echo $! > /run/ug.pid")
    vm.until("usbguard list-devices > /dev/null 2>&1", 30)


def to_usbguard(vm):
    """Our agent and our rules out of its way."""
    vm.sh("mediagate-guest stop", 60)
    vm.sh("mkdir -p /run/rules.off; mv /etc/udev/rules.d/*mediagate* /run/rules.off/; udevadm control --reload; "
          "for f in /sys/bus/usb/devices/usb*/interface_authorized_default; do echo 1 > $f; done")
    usbguard_start(vm)


def to_mediagate(vm):
    vm.sh("kill $(cat /run/ug.pid); while pidof usbguard-daemon; do sleep 0.1; done; "
          "mv /run/rules.off/* /etc/udev/rules.d/; udevadm control --reload; "
          "for f in /sys/bus/usb/devices/usb*/interface_authorized_default; do echo 0 > $f; done", 60)
    vm.sh("mediagate-guest start", 120)


def scenario(vm, args):
    n = int((args or ["25"])[0])
    image = mkstick(vm.dir + "/lat.img", 32)
    lend(vm, image)
    usbguard_put(vm, f'allow serial "{SERIAL}"\n')
    floor_put(vm)
    vm.sh(PROBES)
    ours, ours_device, peer, floors = [], [], [], []
    # turn by turn: what else the machine does meets both alike
    for i in range(0, n, PLUGS_A_TURN):
        turn = min(PLUGS_A_TURN, n - i)
        if i:
            to_mediagate(vm)
        own, device = plugs(vm, turn, image, "istore", "mediagated", "interface")
        ours += own
        ours_device += device
        floors.append(floor(vm))
        to_usbguard(vm)
        peer += plugs(vm, turn, image, "store", "usbguard", "device")[0]
    print(json.dumps(summary(ours, ours_device, peer, statistics.median(floors))), flush=True)


def summary(ours, ours_device, peer, append):
    med = statistics.median
    figures = dict(latency_ms=round(med(ours), 2), latency_from_device_ms=round(med(ours_device), 2),
                   usbguard_ms=round(med(peer), 2), append_floor_ms=round(append, 2), plugs=len(ours), usbguard_plugs=len(peer),
                   latency_max_ms=round(max(ours), 2), usbguard_max_ms=round(max(peer), 2))
    ratios = dict(latency_to_usbguard=round(max(med(ours) - append, 0) / med(peer), 3),
                  latency_total_to_usbguard=round(med(ours) / med(peer), 3))
    return dict(ratios=ratios, figures=figures)
