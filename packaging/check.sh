#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check.sh MEDIAGATE: that systemd's own programs understand what is shipped, that the rules come out whole
# and go again, and that the unit grants what core keeps and nothing else.
set -u
mediagate=$1
cd "$(dirname "$(readlink -f "$0")")" || exit 1
root=$(mktemp -d) || exit 1
trap 'rm -rf "$root"' EXIT
failed=0
ok() { if [ "$2" = 0 ]; then echo "ok $1"; else echo "not ok $1"; failed=1; fi; }
has() { command -v "$1" > /dev/null; }

if has systemd-sysusers; then
	mkdir -p "$root/etc"
	systemd-sysusers --root="$root" "$PWD/sysusers.d/mediagate.conf" > /dev/null 2>&1
	[ "$(grep -c '^mediagate-' "$root/etc/passwd" 2> /dev/null)" = "$(grep -c '^u mediagate-' sysusers.d/mediagate.conf)" ] &&
		grep -q '^mediagate-audit:' "$root/etc/group"; ok "the processes' users and the auditors' group are made" $?
fi
if has systemd-tmpfiles; then
	systemd-tmpfiles --root="$root" --create "$PWD/tmpfiles.d/mediagate.conf"
	[ "$(stat -c %a "$root/run/mediagate")" = 755 ] && [ "$(stat -c %a "$root/var/lib/mediagate/config")" = 700 ]
	ok "the folders are made" $?
fi

# the README's own lines, twice: the second time over a configuration that has been edited
terminal=$root/terminal
copy=$(sed -n '/^    install -d \/etc\/mediagate/,/^    mediagate policy check/p' ../README.md | sed '$d' |
	sed "s:/usr/share/doc/mediagate/examples:$PWD/etc:g; s:/etc/mediagate:$terminal:g")
sh -euc "$copy"
[ "$(ls "$terminal")" = "$(printf '%s\n' policy.conf recipients.conf roster.conf terminal.conf)" ]
ok "the README puts the terminal's four files there and no other" $?
"$mediagate" policy check "$terminal" > /dev/null; ok "they are right as they are" $?
echo '# edited' >> "$terminal/roster.conf"
sh -euc "$copy"
grep -q '^# edited' "$terminal/roster.conf"; ok "a repeat leaves them alone" $?

caps() { tr -s ' ,\t' '\n' | grep '^CAP_' | sort; }
want=$(sed -n '/^static const unsigned int kept/,/^};/s/\/\*.*//p' ../agent/core/main.c | caps)
have=$(sed -n 's/^CapabilityBoundingSet=//p' systemd/mediagated.service | caps)
[ -n "$want" ] && [ "$want" = "$have" ]; ok "the unit grants what core keeps" $?

grep -q '^Also=mediagated-sleep.service' systemd/mediagated.service; ok "enabling the agent enables the end of sessions before sleep" $?
systemd-analyze --version > /dev/null 2>&1 && { ! systemd-analyze verify --man=no systemd/mediagated-sleep.service 2>&1 | grep -i 'unknown\|invalid\|failed to parse'; ok "the sleep unit is understood" $?; }

for script in initramfs/hooks/mediagate kernel/postinst.d/00-mediagate; do
	[ -x $script ] && sh -n $script; ok "$script is a program" $?
done

# a machine with one kernel
modules=$root/lib/modules/6.1.0-test
mkdir -p "$modules" "$root/etc/initramfs-tools" "$root/etc/kernel"
printf 'alias usb:v%04Xp*d*dc*dsc*dp*ic*isc*ip*in* usb_storage\n' 1 2 3 > "$modules/modules.alias"
"$mediagate" enforce on --root "$root" --templates "$PWD" > "$root/said"
[ "$(grep -c '^wrote ' "$root/said")" = 6 ]; ok "enforce on writes six files" $?
"$mediagate" enforce on --root "$root" --templates "$PWD" > "$root/said"
[ "$(grep -c '^wrote ' "$root/said")" = 0 ]; ok "a repeat writes nothing" $?
rules=$root/etc/udev/rules.d
! grep -q '@' "$rules"/*.rules; ok "no mark is left in the rules" $?
for label in $(sed -n 's/.*GOTO="\([a-z_]*\)".*/\1/p' "$rules"/*.rules | sort -u); do
	grep -q "^LABEL=\"$label\"" "$rules"/*.rules; ok "there is a label $label to go to" $?
done
grep -q 'usb:v0002p' "$rules/60-mediagate.rules"; ok "the kernel's storage drivers are in the rules" $?
mkdir -p "$root/etc/mediagate"
printf '%s\n' 'usb_classes = [ "07", "ff:04b8:0202" ];' | cat etc/policy.conf - > "$root/etc/mediagate/policy.conf"
"$mediagate" enforce on --root "$root" --templates "$PWD" > "$root/said" &&
	grep -q '^ATTR{bInterfaceClass}=="07", GOTO' "$rules/60-mediagate.rules" &&
	grep -q '^ENV{ID_USB_INTERFACES}=="\*:ff\*", ATTR{idVendor}=="04b8"' "$rules/72-mediagate.rules"
ok "the policy's USB classes are in the rules" $?
printf '%s\n' 'usb_classes = [ "08" ];' | cat etc/policy.conf - > "$root/etc/mediagate/policy.conf"
"$mediagate" enforce on --root "$root" --templates "$PWD" > /dev/null 2> "$root/said"
[ $? = 8 ] && grep -q "policy.conf:$(($(wc -l < etc/policy.conf) + 1)): usb_classes" "$root/said" &&
	grep -q '"07"' "$rules/60-mediagate.rules"
ok "a policy with a mistake is told with its line, and the rules stay" $?
rm -r "$modules/modules.alias" "$root/etc/mediagate"
! "$mediagate" enforce on --root "$root" --templates "$PWD" > /dev/null 2>&1
ok "without a module table no rules are written" $?
grep -q 'usb:v0002p' "$rules/60-mediagate.rules"; ok "and those that were there stay" $?
"$mediagate" enforce off --root "$root" > "$root/said"
[ -z "$(find "$root/etc" -name '*mediagate*')" ]; ok "enforce off removes them all" $?
"$mediagate" enforce off --root "$root" > "$root/said"; ok "and may be repeated" $?
exit $failed
