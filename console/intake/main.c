/* SPDX-License-Identifier: Apache-2.0 */
/* mediagate-console's intake: reads ledgers as they lie there, verifies them, hands the rows to the store.
 * docs/console.md */
#include "client.h"
#include "find.h"
#include "intake.h"
#include "log.h"
#include "parcel.h"
#include "privs.h"
#include "push_desk.h"
#include "sandbox.h"
#include "str.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#define PUSHES_FD  4
#define WITNESS_FD 5

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
        SANDBOX_ALLOW(pwrite64), /* parts that terminals send */
        SANDBOX_ALLOW(flock),
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

static int start(struct Intake *in, const char *data)
{
	int r = privs_drop(getuid(), getgid(), 64);

	tzset(); /* the zone's file, for the filter's sake */
	if (r >= 0)
		r = sandbox_enter(rows, ARRAY_SIZE(rows));
	if (r < 0) {
		log_error("start: %s", strerrordesc_np(-r));
		return r;
	}
	in->store = STORE_FD;
	in->data = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = in->data < 0 ? -errno : 0;
	if (r < 0)
		log_error("%s: %s", data, strerrordesc_np(-r));
	return r;
}

static int take_folders(const char *data, char **folders)
{
	static struct Intake in = INTAKE_NULL;
	int r = start(&in, data);

	for (; *folders && r >= 0; folders++) {
		r = find_ledgers(*folders, each, &in);
		if (r < 0)
			log_error("%s: %s", *folders, strerrordesc_np(-r));
	}
	intake_done(&in);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* One request after another, until who hands them on is gone. */
static int serve_pushes(struct PushDesk *desk)
{
	static char request[PUSH_MOST], reply[PUSH_REPLY_MOST];
	ssize_t n;
	int r = 0;

	while (r >= 0) {
		n = parcel_receive(PUSHES_FD, request, sizeof(request));
		if (n < 0)
			return n == -EPIPE ? 0 : (int)n;
		n = push_take(desk, request, (size_t)n, reply);
		r = n < 0 ? (int)n : parcel_send(PUSHES_FD, reply, (size_t)n);
	}
	return r;
}

static int take_pushes(const char *data, const char *quota, bool newcomers)
{
	static struct Intake in = INTAKE_NULL;
	struct PushDesk desk = PUSH_DESK_NULL;
	int r = start(&in, data);

	desk.quota = strtoull(quota, NULL, 10) << 20;
	desk.newcomers = newcomers;
	if (r >= 0)
		r = push_desk_open(&desk, &in, WITNESS_FD);
	if (r >= 0)
		r = serve_pushes(&desk);
	if (r < 0)
		log_error("ended: %s", strerrordesc_np(-r));
	push_desk_done(&desk);
	intake_done(&in);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* console-intake DATA FOLDER…, or for what terminals send: console-intake --push DATA QUOTA NEWCOMERS (MiB of
   a ledger; 1: of ledgers that are new, too). */
int main(int argc, char **argv)
{
	log_open("console-intake");
	signal(SIGPIPE, SIG_IGN);
	umask(0077);
	if (argc == 5 && str_eq(argv[1], "--push"))
		return take_pushes(argv[2], argv[3], str_eq(argv[4], "1"));
	return argc >= 3 ? take_folders(argv[1], argv + 2) : EXIT_FAILURE;
}
