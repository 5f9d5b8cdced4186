/* SPDX-License-Identifier: Apache-2.0 */
/*
 * console-receive: terminals post their records here. It hands a well-formed request on to intake, one after
 * the other, and tells what intake says. It opens no file and holds no key.
 *
 *	console-receive HOST PROXIED
 */
#include "door.h"
#include "log.h"
#include "parcel.h"
#include "privs.h"
#include "push_text.h"
#include "sandbox.h"
#include "str.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <time.h>

#define INTAKE_FD 3
#define LISTEN_FD 4

/* A terminal asks some times an hour; behind one proxy they have one address until it names theirs. */
enum { CONNECTIONS = 64, RATE = 20, BURST = 200 };

static const struct SandboxRow rows[] = {
        SANDBOX_COMMON,
        DOOR_CALLS,
        SANDBOX_DENY(openat, ENOENT),
        SANDBOX_DENY(ioctl, ENOTTY),
};

struct Receive {
	char reply[PUSH_REPLY_MOST];
	bool gone; /* intake is */
};

static void plain(struct HttpAnswer *ret, unsigned int status, const char *text)
{
	ret->status = status;
	ret->fixed = text;
	ret->size = strlen(text);
}

/* HTTP's word for each of ours, for what stands between: a proxy's log, a monitor. */
static const struct {
	unsigned int status, again;
} statuses[_PUSH_WORD_N] = {
        [PUSH_RECEIVED] = {200, 0},
        [PUSH_MORE] = {202, 0},
        [PUSH_AGAIN] = {409, 0},
        [PUSH_LATER] = {503, 30},
        [PUSH_WRONG] = {422, 0},
        [PUSH_REFUSED] = {403, 0},
};

static void hand_on(struct Receive *rc, const struct RequestRaw *raw, struct HttpAnswer *ret)
{
	struct PushReply reply;
	ssize_t n = parcel_send(INTAKE_FD, raw->body, raw->body_size);

	if (n >= 0)
		n = parcel_receive(INTAKE_FD, rc->reply, sizeof(rc->reply));
	if (n < 0 || push_reply_read(rc->reply, (size_t)n, &reply) < 0) {
		rc->gone = true; /* whoever started us starts both again */
		shutdown(INTAKE_FD, SHUT_RDWR);
		plain(ret, 503, "the console starts again\n");
		return;
	}
	ret->status = statuses[reply.word].status;
	ret->again = statuses[reply.word].again;
	ret->type = PUSH_TYPE;
	ret->body = malloc((size_t)n);
	if (!ret->body) {
		plain(ret, 503, "the console is out of memory\n");
		return;
	}
	memcpy(ret->body, rc->reply, (size_t)n);
	ret->size = (size_t)n;
}

static void serve(void *owner, const struct RequestRaw *raw, struct HttpAnswer *ret)
{
	struct Receive *rc = owner;
	struct Push push;

	if (!raw->uri || !str_eq(raw->uri, PUSH_PATH)) {
		plain(ret, 404, "terminals post to " PUSH_PATH "\n");
		return;
	}
	if (!str_eq(raw->method, "POST")) {
		ret->allow = "POST";
		plain(ret, 405, "terminals post here\n");
		return;
	}
	/* what is no request of ours never reaches who reads ledgers */
	if (!raw->body || push_read(raw->body, raw->body_size, &push) < 0)
		plain(ret, 400, "not what a terminal sends\n");
	else if (rc->gone)
		plain(ret, 503, "the console starts again\n");
	else
		hand_on(rc, raw, ret);
}

static int run(const char *host, bool proxied)
{
	static struct Receive receive;
	const struct DoorSettings settings = {.listener = LISTEN_FD,
	        .proxied = proxied,
	        .host = *host ? host : NULL,
	        .rate = RATE,
	        .burst = BURST,
	        .body = PUSH_MOST,
	        .connections = CONNECTIONS};
	struct Door *d = NULL;
	int r = fcntl(LISTEN_FD, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;

	if (r == 0)
		r = privs_close_from(LISTEN_FD + 1);
	if (r == 0)
		r = privs_drop(getuid(), getgid(), CONNECTIONS + 64);
	if (r == 0)
		r = door_open(&settings, serve, &receive, &d);
	if (r == 0)
		r = sandbox_enter(rows, ARRAY_SIZE(rows));
	if (r == 0)
		r = door_run(d, INTAKE_FD);
	door_free(d);
	return r;
}

int main(int argc, char **argv)
{
	int r;

	log_open("console-receive");
	if (argc != 3)
		return EXIT_FAILURE;
	tzset();
	r = run(argv[1], str_eq(argv[2], "1"));
	if (r < 0)
		log_error("%s", strerrordesc_np(-r));
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
