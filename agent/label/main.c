/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent/label: reads the two slots of a medium's label or writes one, then gone. Core's child has opened the
 * disk, made sure that it is the one meant, and given up its rights; no other file can be reached from here.
 */
#include "confine.h"
#include "label_io.h"
#include "channel.h"
#include "log.h"
#include "privs.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define LABEL_USER "mediagate-label"
#define LABEL_DISK WIRE_EXTRA

static int hide(void)
{
	struct rlimit none = {0, 0};

	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || setrlimit(RLIMIT_CORE, &none) ? -errno : 0;
}

static int verify_inherited(void)
{
	struct stat st;
	int r = channel_verify(WIRE_CHANNEL);

	if (r < 0)
		return r;
	if (fstat(LABEL_DISK, &st) || !S_ISBLK(st.st_mode))
		return -EBADF;
	return privs_close_from(LABEL_DISK + 1);
}

static int become_label(void)
{
	uid_t uid;
	gid_t gid;
	int r = privs_lookup(LABEL_USER, &uid, &gid);

	return r < 0 ? r : privs_drop(uid, gid, 16);
}

int main(void)
{
	int r = hide();

	log_open("label");
	if (r >= 0)
		r = verify_inherited();
	if (r >= 0)
		r = become_label();
	if (r >= 0)
		r = label_confine();
	if (r >= 0)
		r = label_serve(WIRE_CHANNEL, LABEL_DISK);
	if (r < 0)
		log_error("%s", strerror(-r));
	return r < 0;
}
