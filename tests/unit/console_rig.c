/* SPDX-License-Identifier: Apache-2.0 */
#include "console_rig.h"

#include "str.h"

#include <setjmp.h>
#include <stdarg.h>

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
