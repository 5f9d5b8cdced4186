/* SPDX-License-Identifier: Apache-2.0 */
#include "privs.h"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

int privs_lookup(const char *user, uid_t *ret_uid, gid_t *ret_gid)
{
	struct passwd entry, *found = NULL;
	char buffer[2048];
	int r = getpwnam_r(user, &entry, buffer, sizeof(buffer), &found);

	if (r)
		return -r;
	if (!found)
		return -ENOENT;
	*ret_uid = entry.pw_uid;
	*ret_gid = entry.pw_gid;
	return 0;
}

static int drop_bounding(uint64_t but)
{
	for (unsigned long cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (!(but & 1ull << cap) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) && errno != EINVAL)
			return -errno;
	return 0;
}

static int set_capabilities(uint64_t permitted, uint64_t effective)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	const struct __user_cap_data_struct data[2] = {
		{.permitted = (uint32_t)permitted, .effective = (uint32_t)effective},
		{.permitted = (uint32_t)(permitted >> 32), .effective = (uint32_t)(effective >> 32)},
	};

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return -errno;
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

/* Nothing that is executed from here on gains a right by its file's mode; nothing of the memory gets out. */
static int shut(void)
{
	struct rlimit core = {0, 0};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return -errno;
	return setrlimit(RLIMIT_CORE, &core) ? -errno : 0;
}

static int check_dropped(uid_t uid, gid_t gid)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct have[2];
	uid_t r, e, s;
	gid_t rg, eg, sg;

	if (getresuid(&r, &e, &s) || r != uid || e != uid || s != uid)
		return -EPERM;
	if (getresgid(&rg, &eg, &sg) || rg != gid || eg != gid || sg != gid)
		return -EPERM;
	if (syscall(SYS_capget, &header, have))
		return -errno;
	if (have[0].permitted | have[1].permitted | have[0].inheritable | have[1].inheritable)
		return -EPERM;
	/* the way back must be shut */
	if (uid != 0 && (setuid(0) == 0 || geteuid() == 0))
		return -EPERM;
	return 0;
}

int privs_drop(uid_t uid, gid_t gid, unsigned int files)
{
	struct rlimit descriptors = {files, files};
	int r;

	if (geteuid() != uid || getegid() != gid) {
		r = drop_bounding(0);
		if (r < 0 && r != -EPERM) /* no CAP_SETPCAP: already without */
			return r;
		if (setgroups(0, NULL) || setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
			return -errno;
	}
	r = set_capabilities(0, 0);
	if (r < 0)
		return r;
	r = shut();
	if (r < 0)
		return r;
	if (setrlimit(RLIMIT_NOFILE, &descriptors))
		return -errno;
	return check_dropped(uid, gid);
}

int privs_keep(uint64_t set, uint64_t effective)
{
	int r = drop_bounding(set);

	if (r >= 0)
		r = set_capabilities(set, effective);
	return r < 0 ? r : shut();
}

int privs_no_haste(void)
{
	return sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0}) ? -errno : 0;
}

int privs_close_from(int least)
{
	return close_range((unsigned int)least, ~0u, 0) ? -errno : 0;
}
