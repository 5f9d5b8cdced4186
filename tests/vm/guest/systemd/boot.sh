# SPDX-License-Identifier: Apache-2.0
# Debian's systemd, before it is started: users of what it starts, and a machine that was there before.
echo 'messagebus:x:890:890::/nonexistent:/usr/sbin/nologin
polkitd:x:891:891:polkit:/nonexistent:/usr/sbin/nologin' >> /etc/passwd
echo 'messagebus:x:890:
polkitd:x:891:' >> /etc/group
echo 0123456789abcdef0123456789abcdef > /etc/machine-id
mkdir -p /etc/systemd/system/mediagated.service.d /etc/polkit-1/rules.d /usr/share/polkit-1/rules.d /var/tmp
printf '[Service]\nStandardError=append:/run/mediagate.log\n' > /etc/systemd/system/mediagated.service.d/log.conf
