# SPDX-License-Identifier: Apache-2.0
"""The baseline: what Debian's usbguard does. Needs an initramfs built with
   --bin usbguard-daemon usbguard --add /etc/usbguard"""
import json, re, time
from vm import mkstick
import ktrace

CONFIG = dict(append="usb-storage.delay_use=0")
OK = "ALLOWED-0001"
CONF = """RuleFile=/etc/usbguard/rules.conf
ImplicitPolicyTarget=block
PresentDevicePolicy={present}
PresentControllerPolicy=keep
InsertedDevicePolicy=apply-policy
AuthorizedDefault=none
RestoreControllerDeviceState=false
DeviceManagerBackend=uevent
IPCAllowedUsers=root
IPCAccessControlFiles=/etc/usbguard/IPCAccessControl.d/
DeviceRulesWithPort=false
AuditBackend=FileAudit
AuditFilePath=/var/log/usbguard/usbguard-audit.log
HidePII=false
"""
SHOW = r"""for d in /sys/bus/usb/devices/*; do case ${d##*/} in usb*|*:*) ;; *) echo "${d##*/} id=$(cat $d/idVendor):$(cat $d/idProduct) serial='$(cat $d/serial 2>/dev/null)' authorized=$(cat $d/authorized)";; esac; done
echo "block: $(ls /sys/class/block | grep -v -E '^(loop|vd)' | tr '\n' ' ') input: $(ls /dev/input 2>/dev/null | grep event | tr '\n' ' ') net: $(ls /sys/class/net | tr '\n' ' ')" """


def start_daemon(vm, rules=f'allow serial "{OK}"\n', present="block"):
    vm.put(CONF.format(present=present), "/etc/usbguard/usbguard-daemon.conf", "600")
    vm.put(rules, "/etc/usbguard/rules.conf", "600")
    vm.sh("mkdir -p /var/log/usbguard /etc/usbguard/IPCAccessControl.d /etc/usbguard/rules.d; chmod 600 /etc/usbguard/IPCAccessControl.d/* /etc/usbguard/rules.d/* 2>/dev/null; setsid usbguard-daemon -k > /run/ug.log 2>&1 < /dev/null &")
    try:
        vm.until("usbguard list-devices >/dev/null 2>&1", 20)
    except RuntimeError:
        print(vm.sh("cat /run/ug.log"))
        raise


def stop_daemon(vm, sig="TERM"):
    vm.run(f"kill -{sig} $(pidof usbguard-daemon); while pidof usbguard-daemon; do sleep .1; done", 20)


def auth_default(vm):
    return vm.sh("grep . /sys/bus/usb/devices/usb*/authorized_default | sed 's:.*devices/::;s:/authorized_default::' | tr '\\n' ' '")


def mem(vm):
    return vm.sh("P=$(pidof usbguard-daemon); grep -E 'VmRSS|VmHWM|RssAnon|RssFile|Threads' /proc/$P/status | tr -s '\\t ' ' ' | tr '\\n' ' '; grep -E '^Pss:' /proc/$P/smaps_rollup; echo fds $(ls /proc/$P/fd | wc -l)")


def show(vm, title, settle=2.5):
    time.sleep(settle)
    print(f"\n== {title}\n" + vm.sh(SHOW) + "\nusbguard: " + vm.sh("usbguard list-devices | grep -v 1d6b: || echo -"), flush=True)


def latencies(vm, n, serial, image, daemon="usbguard"):
    """Plug n times; in-guest seconds from the usb_device add uevent to the daemon's write, and to the block device."""
    to_write, to_block, after = [], [], []
    for i in range(n):
        ktrace.read(vm)
        vm.plug("storage", "lat", serial=serial, image=image)
        if serial == OK:
            vm.until("[ -b /dev/sda ]")
            time.sleep(0.4)
        else:
            time.sleep(1.5)
        rows = ktrace.read(vm)
        vm.unplug("lat")
        vm.until("! ls /sys/bus/usb/devices/[12]-[1-9]* 2>/dev/null")
        add = next(t for t, c, e, f in rows if e == "uev" and f["action"] == "add" and re.fullmatch(r"\d+-\d+", f["name"]))
        w = [(t, f) for t, c, e, f in rows if e == "store" and c.startswith(daemon)]
        if w:
            to_write.append(w[0][0] - add)
        blk = [t for t, c, e, f in rows if e == "uev" and f["action"] == "add" and f["name"] == "sda"]
        if blk:
            to_block.append(blk[0] - add)
            after.append(blk[0] - w[0][0])
    return dict(writes=sorted({f["buf"][:1] for t, f in w}), uevent_to_write=ktrace.stats(to_write), uevent_to_sdX=ktrace.stats(to_block), write_to_sdX=ktrace.stats(after))


def scenario(vm, args):
    d = vm.dir
    a, b = mkstick(d + "/a.img"), mkstick(d + "/b.img")
    vm.until("ls /sys/bus/usb/devices/usb2 && udevadm settle")
    if "lat" not in args:
        vm.sh("modprobe dummy_hcd num=1 is_super_speed=1")
        print("authorized_default before:", auth_default(vm))
        # -- the window before the daemon: a stranger plugged when it is not yet running
        vm.plug("storage", "early", serial="STRANGER-0", image=b)
        vm.until("[ -b /dev/sda ]")
        t = time.monotonic()
        start_daemon(vm)
        print("daemon answers after (s):", round(time.monotonic() - t, 2))
        show(vm, "a strange stick that was there before the daemon (PresentDevicePolicy=block)")
        print("authorized_default with daemon:", auth_default(vm), "\nmem:", mem(vm))
        vm.unplug("early")

        vm.plug("storage", "a", serial=OK, image=a)
        show(vm, "(a) allowed serial")
        print("readable:", vm.run("mount -t vfat /dev/sda1 /mnt && umount /mnt && echo yes")[1].strip())
        vm.plug("storage", "a2", serial=OK, image=b)
        show(vm, "(d) a second stick with the allowed serial")
        vm.unplug("a"); vm.unplug("a2")
        vm.plug("storage", "b", serial="STRANGER-1", image=b)
        show(vm, "(b) another serial")
        vm.plug("storage", "c", serial="", image=a)
        show(vm, "(c) no serial")
        vm.unplug("b"); vm.unplug("c")
        vm.plug("storage", "d1", serial="TWIN", image=a); vm.plug("storage", "d2", serial="TWIN", image=b)
        show(vm, "(d') two strange sticks with the same serial")
        vm.unplug("d1"); vm.unplug("d2")
        vm.plug("kbd", "k")
        show(vm, "(e) keyboard")
        vm.unplug("k")
        vm.plug("kbd", "k2", serial=OK)
        show(vm, "(e') keyboard that claims the allowed serial")
        vm.unplug("k2")
        time.sleep(1)
        n = vm.sh("wc -l < /var/log/usbguard/usbguard-audit.log")
        vm.plug("sd", "sd", image=a)
        show(vm, "(f) SD card", 3)
        print("readable:", vm.run("mount -t vfat /dev/mmcblk0 /mnt && umount /mnt && echo yes")[1].strip(),
              "; audit lines added:", int(vm.sh("wc -l < /var/log/usbguard/usbguard-audit.log")) - int(n))
        vm.unplug("sd")
        vm.plug("uas", "u", serial="STRANGER-UAS", image=b)
        vm.plug("mtp", "m")
        vm.qmp("netdev_add", type="hubport", id="nd", hubid=0)
        vm.plug("net", "n", netdev="nd")
        show(vm, "uas stick, mtp, usb network card, all strange")
        vm.unplug("u"); vm.unplug("m"); vm.unplug("n")
        # -- composite devices and other ids, made in the guest
        vm.sh("dd if=/dev/zero of=/run/g.img bs=1M count=16 2>/dev/null")
        vm.gadget("evil", 0x0951, 0x1666, serial=OK, functions=("mass_storage", "hid"), lun="/run/g.img")
        show(vm, "composite storage+keyboard that claims the allowed serial (rule names only the serial)")
        vm.gadget_off("evil")
        vm.sh("rmmod dummy_hcd; sleep 1; modprobe dummy_hcd num=1 is_super_speed=1")
        vm.gadget("evil", 0x0951, 0x1666, serial=OK, functions=("mass_storage", "hid"), lun="/run/g.img")
        show(vm, "the same on a controller that appeared after the daemon")
        print("authorized_default, with the late controller:", auth_default(vm), "\n" + vm.sh("for d in /sys/bus/usb/devices/usb*; do echo ${d##*/} authorized=$(cat $d/authorized); done; usbguard list-devices | grep 1d6b | cut -c1-90"))
        vm.gadget_off("evil")
        stop_daemon(vm)
        vm.sh("rmmod dummy_hcd; sleep 1; modprobe dummy_hcd num=1 is_super_speed=1")
        start_daemon(vm, f'allow id 46f4:0001 serial "{OK}" with-interface equals {{ 08:06:50 }}\n')
        vm.gadget("evil", 0x46f4, 0x0001, serial=OK, functions=("mass_storage", "hid"), lun="/run/g.img")
        show(vm, "the same with id 46f4:0001; rule names id, serial and interfaces")
        vm.gadget_off("evil")
        vm.plug("storage", "a", serial=OK, image=a)
        show(vm, "allowed stick under that rule")
        vm.unplug("a")
        print("\naudit log, last lines:\n" + vm.sh("tail -4 /var/log/usbguard/usbguard-audit.log | cut -c1-400"))
    else:
        start_daemon(vm)

    # -- latency
    ktrace.start(vm)
    print("\n== latency, allowed:", json.dumps(latencies(vm, 25, OK, a)))
    print("== latency, strange:", json.dumps(latencies(vm, 25, "STRANGER-2", b)), flush=True)
    print("mem after:", mem(vm))

    # -- 50 plug/unplug cycles, alternately allowed and strange: some cut in mid-enumeration, then all whole
    for title, holds in (("quick, 0.05-0.8 s held", (0.05, 0.15, 0.3, 0.5, 0.8)), ("0.8 s held", (0.8,))):
        ktrace.read(vm)
        for i in range(50):
            vm.plug("storage", "q", serial=OK if i % 2 else f"STRANGER-{i}", image=a if i % 2 else b)
            time.sleep(holds[i % len(holds)])
            vm.unplug("q")
            time.sleep((0.05, 0.2)[i % 2])
        t = time.monotonic()
        vm.plug("storage", "a", serial=OK, image=a)
        vm.plug("storage", "b", serial="STRANGER-3", image=b)
        vm.until("grep -q ALLOWED /sys/bus/usb/devices/*/serial && grep -q STRANGER-3 /sys/bus/usb/devices/*/serial", 120)
        late = time.monotonic() - t
        time.sleep(2)
        rows = ktrace.read(vm)
        print(f"\n== 50 cycles ({title}): enumerated", sum(e == "uev" and f["action"] == "add" and bool(re.fullmatch(r"\d+-\d+", f["name"])) for _, c, e, f in rows),
              "authorized", sum(e == "auth" for _, c, e, f in rows), "writes by usbguard", sum(e == "store" and c.startswith("usbguard") for _, c, e, f in rows),
              "block devices", sum(e == "uev" and f["action"] == "add" and f["name"].startswith("sd") for _, c, e, f in rows), "(last two sticks included); they enumerated after %.1f s" % late)
        show(vm, "after the cycles: allowed + strange")
        vm.unplug("a"); vm.unplug("b")
        print("mem after:", mem(vm), flush=True)
    print("exceptions in the log:", vm.run("grep -i -c 'error\\|exception\\|fail' /run/ug.log")[1].strip(), vm.run("grep -i 'error\\|exception\\|fail' /run/ug.log | tail -3 | cut -c1-200")[1].strip())

    # -- kill -9
    vm.plug("storage", "a", serial=OK, image=a)
    show(vm, "before kill -9: allowed stick in")
    stop_daemon(vm, "9")
    vm.plug("storage", "b", serial="STRANGER-4", image=b)
    vm.plug("storage", "a2", serial=OK, image=mkstick(d + "/c.img"))
    time.sleep(3)
    print("\n== daemon killed -9: authorized_default", auth_default(vm), "\n" + vm.sh(SHOW))
    t = time.monotonic()
    start_daemon(vm, present="apply-policy")
    show(vm, "daemon started again (PresentDevicePolicy=apply-policy)")
    stop_daemon(vm, "TERM")
    print("after TERM: authorized_default", auth_default(vm), "\n" + vm.sh(SHOW))
