# SPDX-License-Identifier: Apache-2.0
"""scripts/run on a machine that has USB and no mediagate: it closes, opens to a loan, and leaves nothing behind."""
import glob, os, subprocess

import image
from checks import Checks, eventually
from office import LOAN
from vm import mkstick

CONFIG = dict(append="usb-storage.delay_use=0")
STAGE = image.CACHE + "/run-stage"
IMAGE = dict(product=False, adds=[f"{STAGE}:/stage", f"{image.TOP}/scripts/run:/usr/bin/run"], modules=["overlay"])

SNAPSHOT = ("find /etc /usr /var /run/udev/rules.d -xdev ! -path '/run/udev/rules.d' 2>/dev/null | grep -v '^/var/lib/lost' | sort | md5sum; "
            "md5sum /etc/passwd /etc/group; grep -h . /sys/bus/usb/devices/usb*/authorized_default /sys/bus/usb/devices/usb*/interface_authorized_default")


def stage():
    with image.Lock():
        subprocess.run(["rm", "-rf", STAGE], check=True)
        subprocess.run(["cmake", "--install", image.BUILD, "--prefix", "/usr", "--strip"], env=dict(os.environ, DESTDIR=STAGE), check=True, stdout=subprocess.DEVNULL)
        os.makedirs(STAGE + "/etc/mediagate")
        for f in glob.glob(image.TOP + "/packaging/etc/*.conf"):
            subprocess.run(["cp", f, STAGE + "/etc/mediagate/"], check=True)


stage()


def scenario(vm, args):
    c = Checks()
    img = mkstick(vm.dir + "/a.img", 16)
    vm.until("ls /sys/bus/usb/devices/usb2 && udevadm settle")
    vm.sh("modprobe overlay; ln -sf /bin/busybox /usr/bin/su")
    before = vm.sh(SNAPSHOT)
    vm.sh("(/usr/bin/env --default-signal=INT,QUIT sh -c 'echo $$ > /run/run.pid; exec run --staged /stage' > /var/log/run.log 2>&1 < /dev/null; echo $? > /run/run.rc) > /dev/null 2>&1 & ")
    as_ = lambda who, cmd: vm.run(f"run as {who} {cmd}", 60)
    ok = eventually(lambda: as_("clerk1", "mediagate")[0] == 0, 30, 0.5)
    c.ok("scripts_run_starts_the_agent", ok, f"{as_('clerk1', 'mediagate')} {vm.run('cat /var/log/run.log; cat /run/run.rc')[1]}")
    vm.plug("storage", "a", serial="RUN-0001", image=img)
    c.ok("an_unknown_stick_is_refused", eventually(lambda: "not-registered" in as_("clerk1", "mediagate devices --json")[1], 15))
    c.ok("it_has_no_disk", vm.run("ls /sys/block | grep sd")[0] != 0)
    rc, out = as_("supervisor1", "mediagate register RUN-0001 --number USB-0001 --supervisor supervisor1")
    rc2, out2 = as_("supervisor1", f"mediagate checkout USB-0001 --to clerk1 {LOAN} --until +2h")
    c.ok("it_is_registered_and_lent", rc == 0 and rc2 == 0, out + out2)
    rc, out = as_("clerk1", "mediagate copy USB-0001 /etc/passwd")
    c.ok("a_copy_is_made", rc == 0, out + vm.run("cat /var/log/run.log")[1])
    vm.sh("kill -INT $(cat /run/run.pid)")
    c.ok("ctrl_c_ends_it", eventually(lambda: vm.run("[ -s /run/run.rc ]")[0] == 0, 30), vm.run("cat /var/log/run.log; ps")[1])
    vm.sh("rm -f /var/log/run.log")
    c.equal("everything_is_as_it_was", vm.sh(SNAPSHOT), before)
    c.ok("the_stick_is_an_ordinary_one_again", eventually(lambda: vm.run("[ -b /dev/sda ]")[0] == 0, 10), vm.run("ls /sys/block")[1])
    c.ok("nothing_of_it_runs", vm.run("pidof mediagated")[0] != 0)
    c.ok("nothing_of_it_is_mounted", vm.run("grep -E 'overlay|mediagate' /proc/mounts")[0] != 0, vm.run("cat /proc/mounts")[1])
    return c.status()
