/* SPDX-License-Identifier: Apache-2.0 */
/* mediagate's ledger: holds the keys, writes and verifies the records. docs/ledger.md */
#include "channel.h"
#include "confine.h"
#include "enrol.h"
#include "file.h"
#include "log.h"
#include "privs.h"
#include "run.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#define STATE_DIR "/var/lib/mediagate"
#define OWNER     "mediagate-ledger"

static int fail(const char *what, int r)
{
	log_error("%s: %s", what, strerrordesc_np(-r));
	return EXIT_FAILURE;
}

/* What the process must not need a path for later. */
static int open_all(struct Ledger *l, char boot[static 64], char subject[static LIMIT_SUBJECT])
{
	_cleanup_fd_ int state_dir = open(STATE_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	_cleanup_fd_ int random = open("/proc/sys/kernel/random", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ssize_t n = file_read_text_at(random, "boot_id", boot, 64);

	if (n < 0)
		return (int)n;
	tzset();
	if (state_dir < 0)
		return errno == ENOENT ? FAULT_NOT_ENROLLED : -errno;
	return ledger_open(l, state_dir, subject);
}

static int run(void)
{
	static struct Ledger ledger = LEDGER_NULL;
	char boot[64], subject[LIMIT_SUBJECT] = "";
	uid_t uid;
	gid_t gid;
	int r;

	r = channel_verify(WIRE_CHANNEL);
	if (r < 0)
		return fail("channel", r);
	r = privs_lookup(OWNER, &uid, &gid);
	if (r < 0)
		return fail("user " OWNER, r);
	/* those count too that are on their way to core: four for each auditor's question */
	r = privs_drop(uid, gid, 256);
	if (r < 0)
		return fail("dropping rights", r);
	r = key_memory_lock();
	if (r < 0)
		return fail("locked memory", r);
	r = open_all(&ledger, boot, subject);
	if (r) {
		ledger_tell(WIRE_CHANNEL, r, subject);
		return EXIT_FAILURE;
	}
	ledger_prepare(&ledger);
	r = ledger_confine();
	if (r < 0)
		return fail("sandbox", r);
	r = ledger_run(&ledger, WIRE_CHANNEL, boot);
	ledger_done(&ledger);
	return r ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	log_open("ledger");
	if (argc == 4 && !strcmp(argv[1], "--enrol"))
		return enrol_main(argv[2], argv[3]);
	/* core ends this process by closing the channel: it must outlive the signal that ends core */
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	umask(0027);
	return run();
}
