/* SPDX-License-Identifier: Apache-2.0 */
/* mediagate-console's store: the tables, and who may ask for what. docs/console.md */
#include "client.h"
#include "hits.h"
#include "log.h"
#include "privs.h"
#include "sandbox.h"
#include "server.h"
#include "str.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#define FEED_FD 4 /* intake, when the command asks */
#define ACTS_FD 4 /* the journal, when web asks */

/* SQLite opens the log and the shared memory beside a database when it needs them, by path; what this user
   may write is the data folder alone. */
static const struct SandboxRow rows[] = {
        SANDBOX_COMMON,
        SANDBOX_ALLOW(poll),
        SANDBOX_ALLOW(getsockopt),
        SANDBOX_ALLOW(recvfrom),
        SANDBOX_ALLOW(sendto),
        SANDBOX_ALLOW(recvmsg), /* the journal's channel */
        SANDBOX_ALLOW(sendmsg),
        SANDBOX_ALLOW(read),
        SANDBOX_ALLOW(pread64),
        SANDBOX_ALLOW(pwrite64),
        SANDBOX_ALLOW(lseek),
        SANDBOX_ALLOW(fsync),
        SANDBOX_ALLOW(fdatasync),
        SANDBOX_ALLOW(ftruncate),
        SANDBOX_ALLOW(openat),
        SANDBOX_ALLOW(newfstatat),
        SANDBOX_ALLOW(access),
        SANDBOX_ALLOW(faccessat2),
        SANDBOX_ALLOW(readlink),
        SANDBOX_ALLOW(getcwd),
        SANDBOX_ALLOW(unlink),
        SANDBOX_ALLOW(fchown),
        SANDBOX_ALLOW(geteuid),
        SANDBOX_ALLOW(fcntl),
        SANDBOX_ALLOW(clock_nanosleep),
};

static int fail(const char *what, int r)
{
	log_error("%s: %s", what, strerrordesc_np(-r));
	return EXIT_FAILURE;
}

/* Size, 0: the peer is gone, -errno. */
static ssize_t receive(int fd, void *ret, size_t size)
{
	ssize_t n;

	do
		n = recv(fd, ret, size, MSG_TRUNC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? 0 : -errno;
	return (size_t)n > size ? -EBADMSG : n;
}

/* A peer that is gone is noticed at the next receive. */
static int answer(int fd, const void *bytes, size_t n)
{
	ssize_t r;

	do
		r = send(fd, bytes, n, MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	return r < 0 && errno != EPIPE && errno != ECONNRESET ? -errno : 0;
}

/* 1: the peer stays, 0: it is gone. */
static int serve_asker(struct Server *s, int fd)
{
	static uint8_t packet[FRAME_MOST], frame[FRAME_MOST];
	ssize_t n = receive(fd, packet, sizeof(packet));
	size_t size;
	int r;

	if (n <= 0)
		return (int)n;
	r = server_ask(s, packet, (size_t)n, frame, &size);
	explicit_bzero(packet, (size_t)n); /* a password may be among it */
	if (r >= 0)
		r = answer(fd, frame, size);
	return r < 0 ? r : 1;
}

static int serve_intake(struct Server *s, int fd)
{
	static uint8_t packet[FEED_MOST];
	_Alignas(8) uint8_t reply[sizeof(struct FeedHeld)];
	ssize_t n = receive(fd, packet, sizeof(packet));
	size_t size;
	int r;

	if (n <= 0)
		return (int)n;
	r = take_packet(&s->take, packet, (size_t)n, reply, &size);
	if (r == 1)
		r = answer(fd, reply, size);
	return r < 0 ? r : 1;
}

/* A packet socket, or -1: nobody is there. */
static int peer(int fd)
{
	int type;
	socklen_t n = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0 && type == SOCK_SEQPACKET ? fd : -1;
}

/* What came in is looked through when all of it is there; what cannot be done now is done after the next. */
static void look_through(struct Server *s)
{
	int r = hits_refresh(s->take.db, &s->review);

	if (r < 0)
		log_error("review: %s", strerrordesc_np(-r));
}

/* Until both peers are gone. Intake that breaks the rules ends alone; who asks must not. */
static int serve(struct Server *s)
{
	struct pollfd fds[] = {{.fd = peer(STORE_FD), .events = POLLIN},
	        {.fd = s->trusted ? peer(FEED_FD) : -1, .events = POLLIN}};
	int r;

	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		if (poll(fds, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (fds[0].revents) {
			r = serve_asker(s, fds[0].fd);
			if (r < 0)
				return r;
			fds[0].fd = r ? fds[0].fd : fd_close(fds[0].fd);
		}
		if (fds[1].revents) {
			r = serve_intake(s, fds[1].fd);
			if (r < 0)
				log_error("intake: %s", strerrordesc_np(-r));
			if (r <= 0) {
				take_lost(&s->take);
				look_through(s);
				fds[1].fd = fd_close(fds[1].fd);
			}
		}
	}
	return 0;
}

static int first_link(struct Server *s, const char *prefix)
{
	char link[TOKEN_MOST];
	int r = people_first_link(s, link);

	if (r)
		return MIN(r, 0);
	printf("%s/link/%s\n", prefix, link);
	return fflush(stdout) ? -errno : 0;
}

static int run(const char *data, const char *days, const char *review, const char *prefix)
{
	static struct Server server = {.data = -1};
	int r = privs_drop(getuid(), getgid(), 64);

	if (r < 0)
		return fail("dropping rights", r);
	r = server_open(&server, data);
	if (r < 0)
		return fail(data, r);
	r = review_read(review, &server.review);
	if (r < 0)
		return fail(review, r);
	r = sandbox_enter(rows, ARRAY_SIZE(rows));
	if (r < 0)
		return fail("sandbox", r);
	server.trusted = !prefix;
	server.silent_ms = strtol(days, NULL, 10) * 24 * 3600 * 1000;
	if (prefix)
		r = acts_open(&server.acts, ACTS_FD);
	if (r >= 0 && prefix)
		r = first_link(&server, prefix);
	if (r >= 0)
		r = serve(&server);
	server_done(&server);
	return r < 0 ? fail("ended", r) : EXIT_SUCCESS;
}

/* Brings both databases to this version, before anybody else opens them. */
static int ready(const char *data)
{
	static struct Server server = {.data = -1};
	int r = privs_drop(getuid(), getgid(), 64);

	if (r >= 0)
		r = server_open(&server, data);
	server_done(&server);
	if (r == -ENOTSUP)
		return STORE_STRANGE;
	return r < 0 ? fail(data, r) : EXIT_SUCCESS;
}

/* console-store --ready DATA, or
   console-store DATA DAYS REVIEW [URL]: a terminal is silent after DAYS; REVIEW is what the rules go by; with
 * the address of its pages web asks; without, the command. */
int main(int argc, char **argv)
{
	log_open("console-store");
	/* the parent ends this process by the ends of its channels: nothing under way is cut off */
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	umask(0077);
	tzset();
	if (argc == 3 && str_eq(argv[1], "--ready"))
		return ready(argv[2]);
	return argc == 4 || argc == 5 ? run(argv[1], argv[2], argv[3], argc == 5 ? argv[4] : NULL)
	                              : EXIT_FAILURE;
}
