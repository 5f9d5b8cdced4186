/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger of the console's own acts: the agent's ledger process, over a folder of the console's. It holds
 *the keys; who asks it hands over typed fields and never a line. docs/console.md
 *
 *	console-journal DATA DOMAIN
 */
#include "channel.h"
#include "clock.h"
#include "confine.h"
#include "enrol.h"
#include "file.h"
#include "log.h"
#include "privs.h"
#include "run.h"
#include "str.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#define TERMINAL "console"

static int fail(const char *what, int r)
{
	log_error("%s: %s", what, strerrordesc_np(-r));
	return EXIT_FAILURE;
}

/* The first start makes keys and folder; the name given then stays. */
static int enrol(int dir, const char *domain)
{
	static struct Enrolment e;
	struct EnrolResult keys = {};
	int r = enrolment_read_at(dir, &e);

	if (r != -ENOENT)
		return r;
	e = (struct Enrolment){.year = clock_fiscal_year(clock_now())};
	STR_SET(e.terminal, TERMINAL);
	if (STR_SET(e.domain, domain) < 0 || !enrolment_is_name(e.domain))
		return -EINVAL;
	r = enrol_ledger(dir, &e, &keys);
	if (r)
		return r < 0 ? r : -ESTALE; /* records without an enrolment are never touched */
	return enrol_finish(dir, &e);
}

static int open_own(const char *data, const char *domain, int *ret)
{
	_cleanup_fd_ int below = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (below < 0)
		return -errno;
	r = file_dir_make_at(below, "own", 0700, ret);
	return r < 0 ? r : enrol(*ret, domain);
}

static int run(const char *data, const char *domain)
{
	static struct Ledger ledger = LEDGER_NULL;
	_cleanup_fd_ int own = -1, random = open("/proc/sys/kernel/random", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char boot[64] = "", subject[LIMIT_SUBJECT] = "";
	int r = channel_verify(WIRE_CHANNEL);

	if (r < 0)
		return fail("channel", r);
	r = privs_drop(getuid(), getgid(), 256);
	if (r < 0)
		return fail("dropping rights", r);
	r = key_memory_lock();
	if (r < 0)
		return fail("locked memory", r);
	if (file_read_text_at(random, "boot_id", boot, sizeof(boot)) < 0)
		return fail("boot_id", -errno);
	r = open_own(data, domain, &own);
	if (r < 0)
		return fail("own ledger", r);
	tzset();
	r = ledger_open(&ledger, own, subject);
	if (r) {
		ledger_tell(WIRE_CHANNEL, r, subject);
		return EXIT_FAILURE;
	}
	r = ledger_confine();
	if (r < 0)
		return fail("sandbox", r);
	r = ledger_run(&ledger, WIRE_CHANNEL, boot);
	ledger_done(&ledger);
	return r ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	log_open("console-journal");
	/* the store ends this process by closing the channel: every act that it was told of is covered then
	 */
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	umask(0077);
	return argc == 3 ? run(argv[1], argv[2]) : EXIT_FAILURE;
}
