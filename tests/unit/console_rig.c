/* SPDX-License-Identifier: Apache-2.0 */
#include "console_rig.h"

#include "changes.h"
#include "clock.h"
#include "secret.h"
#include "str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>

#include <cmocka.h>
#include <ftw.h>

struct StoreRig *store_rig_new(void)
{
	struct StoreRig *g = calloc(1, sizeof(*g));

	assert_non_null(g);
	STR_SET(g->path, "/tmp/console-rig-XXXXXX");
	assert_non_null(mkdtemp(g->path));
	g->server.data = -1;
	assert_int_equal(server_open(&g->server, g->path), 0);
	return g;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	(void)st;
	(void)flag;
	(void)at;
	return remove(path);
}

struct StoreRig *store_rig_free(struct StoreRig *g)
{
	server_done(&g->server);
	nftw(g->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(g);
	return NULL;
}

enum QueryOutcome store_rig_ask(struct StoreRig *g, enum Query query, const struct Cell *cells, size_t n)
{
	struct Ask ask = {.query = query, .session = g->token, .n = n, .limit = 100};
	ssize_t written;

	if (n)
		memcpy(ask.cells, cells, n * sizeof(*cells));
	written = ask_write(&ask, g->packet);
	assert_true(written > 0);
	assert_int_equal(server_ask(&g->server, g->packet, (size_t)written, g->frame, &g->frame_size), 0);
	assert_int_equal(answer_read(g->frame, g->frame_size, &g->answer), 0);
	answer_next(&g->answer, g->row);
	return g->answer.outcome;
}

void store_rig_admin(struct StoreRig *g)
{
	char link[TOKEN_MOST];

	assert_int_equal(people_first_link(&g->server, link), 0);
	assert_int_equal(RIG_ASK(g, QUERY_LINK_USE, cell_text(link), cell_text("admin1"), cell_text("管理者"),
	                         cell_text("a long enough password")),
	        QUERY_DONE);
	assert_int_equal(RIG_ASK(g, QUERY_SIGN_IN, cell_text("admin1"), cell_text("a long enough password")),
	        QUERY_DONE);
	STR_SET(g->token, g->row[SIGN_IN_TOKEN_C].text);
}

#define PASSWORD "又別の長い合言葉です、はい"

void store_rig_account(struct StoreRig *g, const char *login, uint32_t role)
{
	char link[TOKEN_MOST];

	assert_int_equal(
	        RIG_ASK(g, QUERY_ACCOUNT_ADD, cell_text(login), cell_text("某"), CELL_OF_NUMBER(role)),
	        QUERY_DONE);
	STR_SET(link, g->row[ACCOUNT_ADD_LINK_C].text);
	assert_int_equal(RIG_ASK(g, QUERY_LINK_USE, cell_text(link), cell_text(NULL), cell_text(NULL),
	                         cell_text(PASSWORD)),
	        QUERY_DONE);
	assert_int_equal(RIG_ASK(g, QUERY_SIGN_IN, cell_text(login), cell_text(PASSWORD)), QUERY_DONE);
	STR_SET(g->token, g->row[SIGN_IN_TOKEN_C].text);
}

/* The token of a person of the office, and its digest. */
static void token_of(const char *login, char ret[static TOKEN_MOST], char ret_digest[static 65])
{
	snprintf(ret, TOKEN_MOST, "%-43s", login);
	for (char *c = ret; *c; c++)
		*c = *c == ' ' ? 'A' : *c;
	assert_int_equal(token_digest(ret, ret_digest), 0);
}

/* No password: making one takes long on purpose. */
static void person(struct StoreRig *g, const char *login, uint32_t role)
{
	char token[TOKEN_MOST], digest[65];

	token_of(login, token, digest);
	assert_true(CHANGE(&g->server, PSQL_ACCOUNT_ADD, cell_text(login), cell_text("某"),
	                    CELL_OF_NUMBER(role)) >= 0);
	assert_true(CHANGE(&g->server, PSQL_SESSION_ADD, cell_text(digest), cell_text(login),
	                    cell_text("csrf"), CELL_OF_NUMBER(clock_now())) >= 0);
}

void store_rig_office(struct StoreRig *g)
{
	person(g, "admin1", ROLE_ADMINISTRATOR);
	person(g, "chief1", ROLE_CHIEF);
	person(g, "kato", ROLE_SUPERVISOR);
	person(g, "auditor1", ROLE_AUDITOR);
	store_rig_as(g, "admin1");
}

void store_rig_as(struct StoreRig *g, const char *login)
{
	char digest[65];

	token_of(login, g->token, digest);
	assert_true(
	        CHANGE(&g->server, PSQL_SESSION_USED, cell_text(digest), CELL_OF_NUMBER(clock_now())) >= 0);
}

/* The store's other half, as its main.c runs it. */
_noreturn_ static void write_rows(const char *path, int fd)
{
	static struct Take take;
	static uint8_t packet[FEED_MOST];
	static struct FeedHeld reply;
	char file[128];

	snprintf(file, sizeof(file), "%s/ledgers.db", path);
	if (take_open(&take, file) < 0)
		_exit(2);
	for (;;) {
		ssize_t n = recv(fd, packet, sizeof(packet), 0);
		size_t size = 0;
		int r = n <= 0 ? -1 : take_packet(&take, packet, (size_t)n, &reply, &size);

		if (r < 0 || (r == 1 && send(fd, &reply, size, MSG_NOSIGNAL) < 0)) {
			take_done(&take);
			_exit(n == 0 ? 0 : 3);
		}
	}
}

int store_rig_feed(const struct StoreRig *g, pid_t *ret)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	*ret = fork();
	if (*ret == 0) {
		close(pair[0]);
		write_rows(g->path, pair[1]);
	}
	close(pair[1]);
	return pair[0];
}
