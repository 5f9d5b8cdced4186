/* SPDX-License-Identifier: Apache-2.0 */
/*
 * console-web: the pages. It is given its socket to the store and the socket to accept from, opens nothing
 *and knows no secret; when the store is gone it ends, and holds nothing that could be lost.
 *
 *	console-web OFFICE LANGUAGE HOST PROXIED [RATE]
 *	console-web OFFICE LANGUAGE --print ADDRESS
 *
 * The second form has no socket to accept from: it writes one page to standard output, for the command.
 *
 * OFFICE: its name; LANGUAGE: ja, en, or empty for what browsers prefer; HOST: the name people use, may be
 * empty; PROXIED: 1 when a proxy of ours ends TLS before it; RATE: requests a second that one address may
 *make, eight times as many at once.
 */
#include "door.h"
#include "log.h"
#include "privs.h"
#include "sandbox.h"
#include "site.h"
#include "str.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <time.h>

static const struct SandboxRow rows[] = {
        SANDBOX_COMMON,
        DOOR_CALLS,
        SANDBOX_ALLOW(lseek),
        SANDBOX_ALLOW(newfstatat),
        SANDBOX_ALLOW(sysinfo), /* qsort of many slots */
        /* the zone's file again, when tests change it: what was read at first stays */
        SANDBOX_DENY(openat, ENOENT),
        SANDBOX_DENY(ioctl, ENOTTY),
};

enum { RATE = 50, RATE_MOST = 100000, BURST_SECONDS = 8 };

static int socket_verify(int fd, int family, int type)
{
	int have[2] = {-1, -1};
	socklen_t size = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &have[0], &size) < 0 ||
	        getsockopt(fd, SOL_SOCKET, SO_TYPE, &have[1], &size) < 0)
		return -errno;
	return have[0] == family && have[1] == type ? 0 : -EBADF;
}

/* One page, for who may read the files anyway. */
static int print(struct Site *site, const char *uri)
{
	int r = socket_verify(STORE_FD, AF_UNIX, SOCK_SEQPACKET);

	if (r == 0)
		r = privs_close_from(STORE_FD + 1);
	if (r == 0)
		r = privs_drop(getuid(), getgid(), 16);
	if (r == 0)
		r = sandbox_enter(rows, ARRAY_SIZE(rows));
	if (r == 0)
		r = site_print(site, uri, stdout);
	if (r == 0 && fflush(stdout))
		r = -errno;
	return r;
}

static int sockets_verify(void)
{
	int r = socket_verify(STORE_FD, AF_UNIX, SOCK_SEQPACKET);

	if (r == 0 && socket_verify(LISTEN_FD, AF_INET, SOCK_STREAM) &&
	        socket_verify(LISTEN_FD, AF_INET6, SOCK_STREAM))
		r = -EBADF;
	if (r == 0 && fcntl(LISTEN_FD, F_SETFL, O_NONBLOCK) < 0)
		r = -errno;
	return r;
}

static int run(struct Site *site, const char *host, unsigned int rate)
{
	struct DoorSettings door = {.listener = LISTEN_FD,
	        .proxied = site->settings.proxied,
	        .host = *host ? host : NULL,
	        .rate = rate,
	        .burst = rate * BURST_SECONDS};
	struct Door *d = NULL;
	int r = sockets_verify();

	if (r == 0)
		r = privs_close_from(MAX(STORE_FD, LISTEN_FD) + 1);
	if (r == 0)
		r = privs_drop(getuid(), getgid(), DOOR_CONNECTIONS + 64);
	if (r == 0)
		r = door_open(&door, site_serve, site, &d);
	if (r == 0)
		r = sandbox_enter(rows, ARRAY_SIZE(rows));
	if (r == 0)
		r = door_run(d, STORE_FD);
	door_free(d);
	return r;
}

int main(int argc, char **argv)
{
	static struct Site site = {.client.fd = STORE_FD};
	bool printing = argc == 5 && str_eq(argv[3], "--print");
	unsigned long rate = argc == 6 ? strtoul(argv[5], NULL, 10) : RATE;
	int r;

	log_open("console-web");
	if (argc != 5 && argc != 6)
		return EXIT_FAILURE;
	tzset();
	site.settings = (struct SiteSettings){.office = *argv[1] ? argv[1] : "mediagate",
	        .language = LANGUAGE_JAPANESE,
	        .proxied = str_eq(argv[4], "1")};
	site.settings.language_set = language_from_tag(argv[2], &site.settings.language) == 0;
	if (printing)
		r = print(&site, argv[4]);
	else
		r = run(&site, argv[3], (unsigned int)MIN(MAX(rate, 1ul), (unsigned long)RATE_MOST));
	if (r < 0)
		log_error("%s", strerrordesc_np(-r));
	return r < 0 ? EXIT_FAILURE : r > 0 ? WEB_NO_SUCH_PAGE : EXIT_SUCCESS;
}
