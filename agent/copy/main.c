/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent/copy: one session with one medium, then gone. Core's child has mounted the medium where nobody
 * else sees it and given up its rights; this process makes sure of that, serves one order, and exits.
 */
#include "channel.h"
#include "job.h"
#include "log.h"
#include "privs.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define COPY_USER   "mediagate-copy"
#define COPY_FILES  64 /* descriptors at once */
#define COPY_PERSON WIRE_EXTRA
#define COPY_ROOT   (WIRE_EXTRA + 1)

/* First of all: nobody looks into this process, and it leaves no image behind. */
static int hide(void)
{
	struct rlimit none = {0, 0};

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || setrlimit(RLIMIT_CORE, &none))
		return -errno;
	return 0;
}

static int verify_inherited(void)
{
	struct stat st;
	int r = channel_verify(WIRE_CHANNEL);

	if (r < 0)
		return r;
	if (fstat(COPY_ROOT, &st) || !S_ISDIR(st.st_mode))
		return -EBADF;
	return privs_close_from(COPY_ROOT + 1);
}

static int become_copy(void)
{
	uid_t uid;
	gid_t gid;
	int r = privs_lookup(COPY_USER, &uid, &gid);

	return r < 0 ? r : privs_drop(uid, gid, COPY_FILES);
}

int main(void)
{
	int r = hide();

	log_open("copy");
	if (r >= 0)
		r = verify_inherited();
	if (r >= 0)
		r = become_copy();
	if (r >= 0)
		r = job_serve(WIRE_CHANNEL, COPY_PERSON, COPY_ROOT, &job_limits);
	if (r < 0)
		log_error("%s", strerror(-r));
	return r < 0;
}
