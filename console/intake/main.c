/* SPDX-License-Identifier: Apache-2.0 */
/* mediagate-console's intake: reads ledgers as they lie there, verifies them, hands the rows to the store.
 * docs/console.md */
#include "client.h"
#include "find.h"
#include "intake.h"
#include "log.h"
#include "privs.h"
#include "sandbox.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/stat.h>

/* It opens what it is pointed at, and writes below the console's folder alone: the kernel's filter knows no
   paths, the user's rights do. */
static const struct SandboxRow rows[] = {
        SANDBOX_COMMON,
        SANDBOX_ALLOW(recvfrom),
        SANDBOX_ALLOW(sendto),
        SANDBOX_ALLOW(openat),
        SANDBOX_ALLOW(newfstatat),
        SANDBOX_ALLOW(fcntl),
        SANDBOX_ALLOW(getdents64),
        SANDBOX_ALLOW(sysinfo), /* qsort of many names */
        SANDBOX_ALLOW(faccessat),
        SANDBOX_ALLOW(faccessat2),
        SANDBOX_ALLOW(read),
        SANDBOX_ALLOW(pread64),
        SANDBOX_ALLOW(lseek),
        SANDBOX_ALLOW(mkdirat),
        SANDBOX_ALLOW(ftruncate),
        SANDBOX_ALLOW(fdatasync),
        SANDBOX_ALLOW(fsync),
        SANDBOX_ALLOW(renameat),
        SANDBOX_ALLOW(unlinkat),
};

/* A line for each ledger, fields by tabs: outcome, verdict, origin, added, line, sentence. */
static int each(void *owner, int dir, const char *path)
{
	struct Intake *in = owner;
	struct IntakeResult result;
	int r = intake_folder(in, dir, path, false, &result);

	if (r < 0) {
		log_error("%s: %s", path, strerrordesc_np(-r));
		return r;
	}
	printf("%d\t%d\t%s\t%" PRIu64 "\t%" PRIu64 "\t%s\n", (int)result.outcome, (int)result.verdict,
	        result.origin, result.added, result.bad, result.error);
	return fflush(stdout) ? -errno : 0;
}

static int run(const char *data, char **folders)
{
	static struct Intake in = INTAKE_NULL;
	int r = privs_drop(getuid(), getgid(), 64);

	if (r >= 0)
		r = sandbox_enter(rows, ARRAY_SIZE(rows));
	if (r < 0) {
		log_error("start: %s", strerrordesc_np(-r));
		return EXIT_FAILURE;
	}
	in.store = STORE_FD;
	in.data = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = in.data < 0 ? -errno : 0;
	if (r < 0)
		log_error("%s: %s", data, strerrordesc_np(-r));
	for (; *folders && r >= 0; folders++) {
		r = find_ledgers(*folders, each, &in);
		if (r < 0)
			log_error("%s: %s", *folders, strerrordesc_np(-r));
	}
	intake_done(&in);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* console-intake DATA FOLDER… */
int main(int argc, char **argv)
{
	log_open("console-intake");
	signal(SIGPIPE, SIG_IGN);
	umask(0077);
	return argc >= 3 ? run(argv[1], argv + 2) : EXIT_FAILURE;
}
