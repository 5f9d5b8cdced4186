/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forward: sends what the console does not hold yet of this terminal's ledgers, and keeps what it gives for
 * it. One shot, by a timer. It reads ledger files and has no key; what it cannot do, the next one does.
 *
 *	forward [CONFIG]
 */
#include "forward_conf.h"
#include "log.h"
#include "privs.h"
#include "receipt_record.h"
#include "sandbox.h"
#include "send.h"
#include "str.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#define CONFIG_FILE "/etc/mediagate/forward.conf"

/* What was the matter is in the log; systemd shows the status. */
enum { FORWARD_DONE = 0, FORWARD_FAILED = 1, FORWARD_CONFIG = 3, FORWARD_ALARM = 6 };

/* Addresses, certificates and folders are known before: it opens files of both folders, and connects. */
static const struct SandboxRow rows[] = {
        SANDBOX_COMMON,
        SANDBOX_WITH(socket, 0, 1 /* AF_UNIX: the agent */),
        SANDBOX_WITH(socket, 0, 2 /* AF_INET */),
        SANDBOX_WITH(socket, 0, 10 /* AF_INET6 */),
        SANDBOX_ALLOW(connect),
        SANDBOX_ALLOW(setsockopt),
        SANDBOX_ALLOW(getsockopt),
        SANDBOX_ALLOW(sendto),
        SANDBOX_ALLOW(recvfrom),
        SANDBOX_ALLOW(recvmsg),
        SANDBOX_ALLOW(read),
        SANDBOX_ALLOW(pread64),
        SANDBOX_ALLOW(lseek),
        SANDBOX_ALLOW(openat),
        SANDBOX_ALLOW(newfstatat),
        SANDBOX_ALLOW(fcntl),
        SANDBOX_ALLOW(getdents64),
        SANDBOX_ALLOW(sysinfo), /* qsort of many names */
        SANDBOX_ALLOW(mkdirat),
        SANDBOX_ALLOW(fsync),
        SANDBOX_ALLOW(fdatasync),
        SANDBOX_ALLOW(renameat),
        SANDBOX_ALLOW(unlinkat),
        SANDBOX_ALLOW(fchmod),
        SANDBOX_ALLOW(getuid), /* libcrypto asks before it looks for its own configuration */
        SANDBOX_ALLOW(geteuid),
        SANDBOX_ALLOW(getgid),
        SANDBOX_ALLOW(getegid),
};

struct Forward {
	struct ForwardConf conf;
	struct Sender sender;
	int ledgers;
	int status;
};

static const struct {
	const char *words;
	int status;
} outcomes[] = {
        [SEND_RECEIVED] = {"received", FORWARD_DONE},
        [SEND_LATER] = {"the console is busy", FORWARD_FAILED},
        [SEND_WRONG] = {"the console shows an alarm for it", FORWARD_ALARM},
        [SEND_REFUSED] = {"the console does not take it", FORWARD_FAILED},
        [SEND_FORGED] = {"the answer is not the console's: compare console_key", FORWARD_FAILED},
};

static void worse(struct Forward *f, int status)
{
	f->status = MAX(f->status, status);
}

/* In the running year's ledger; one that is over grows no more. */
static int record(struct Forward *f, const struct Year *y)
{
	int r = *f->conf.agent ? receipt_record(f->conf.agent, f->sender.state, y) : 0;

	if (r >= 0)
		return 0;
	log_error("%s: the receipt is not on record: %s", y->seen.origin, strerrordesc_np(-r));
	worse(f, FORWARD_FAILED);
	return 0;
}

static int send_one(struct Forward *f, const struct Year *y, bool last)
{
	struct LedgerSeen since = {};
	enum SendOutcome outcome;
	int r = receipt_read(f->sender.state, y, &since);

	if (r < 0)
		since = (struct LedgerSeen){};
	/* a year that is over and received as it stands says nothing new; the running one says that we are
	 * there */
	if (!last && since.size == y->seen.size && !memcmp(since.root, y->seen.root, sizeof(since.root)))
		return 0;
	r = send_year(&f->sender, y, &since, &outcome);
	if (r < 0)
		return r;
	if (outcome == SEND_RECEIVED)
		log_info("%s: %" PRIu64 " records, received", y->seen.origin, y->seen.size);
	else
		log_error("%s: %s", y->seen.origin, outcomes[outcome].words);
	worse(f, outcomes[outcome].status);
	return last && outcome == SEND_RECEIVED ? record(f, y) : 0;
}

static int each_year(void *owner, const char *terminal, const char *name, bool last)
{
	static struct Year year;
	struct Forward *f = owner;
	int r = year_open(&year, f->ledgers, terminal, name);

	if (r >= 0)
		r = send_one(f, &year, last);
	year_done(&year);
	/* another year may still go; nobody being there is the same for all */
	if (r < 0) {
		log_error("%s/%s: %s", terminal, name, strerrordesc_np(-r));
		worse(f, FORWARD_FAILED);
	}
	return 0;
}

static int prepare(struct Forward *f, const char *config)
{
	_cleanup_(crypto_freep) struct Crypto *crypto = NULL;
	char error[700];
	int r;

	forward_conf_default(&f->conf);
	r = flat_read(&forward_conf, config, &f->conf, error, sizeof(error));
	if (r == 1)
		log_error("%s", error);
	if (r < 0)
		log_error("%s: %s", config, strerrordesc_np(-r));
	if (r)
		return -EINVAL;
	r = crypto_new(&crypto);
	if (r >= 0)
		r = cosign_vkey_parse(
		        crypto, f->conf.console_key, strlen(f->conf.console_key), &f->sender.console);
	if (r < 0) {
		log_error("%s: console_key", config);
		return -EINVAL;
	}
	f->sender.host = f->conf.host;
	f->sender.port = f->conf.port;
	f->sender.usual_port = str_eq(f->conf.port, f->conf.tls ? "443" : "80");
	return 0;
}

static int open_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		log_error("%s: %s", path, strerrordesc_np(errno));
	return fd;
}

static int enter(struct Forward *f)
{
	const struct NetPeer peer = {f->conf.host, f->conf.port, f->conf.tls, f->conf.ca};
	int r = privs_drop(getuid(), getgid(), 64);

	if (r >= 0)
		r = net_new(&peer, &f->sender.net);
	if (r < 0) {
		log_error("%s: %s", f->conf.url, strerrordesc_np(-r));
		return r;
	}
	f->ledgers = open_folder(f->conf.ledgers);
	f->sender.state = open_folder(f->conf.state);
	if (f->ledgers < 0 || f->sender.state < 0)
		return -ENOENT;
	tzset();
	return sandbox_enter(rows, ARRAY_SIZE(rows));
}

int main(int argc, char **argv)
{
	static struct Forward f = {.ledgers = -1, .sender = {.state = -1}};
	int r;

	log_open("forward");
	signal(SIGPIPE, SIG_IGN);
	umask(0022);
	if (argc > 2 || prepare(&f, argc == 2 ? argv[1] : CONFIG_FILE) < 0)
		return FORWARD_CONFIG;
	r = enter(&f);
	if (r >= 0)
		r = years_each(f.ledgers, each_year, &f);
	net_freep(&f.sender.net);
	fd_close(f.ledgers);
	fd_close(f.sender.state);
	return r < 0 ? FORWARD_FAILED : f.status;
}
