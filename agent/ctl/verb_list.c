/* SPDX-License-Identifier: Apache-2.0 */
/* ls NUMBER: what is on a medium that one has checked out. */
#include "job_client.h"
#include "say.h"
#include "show.h"
#include "str.h"
#include "verb.h"

struct List {
	struct MsgListed *rows;
	size_t n;
	uint64_t more, more_size; /* not named any more */
};

static void list_done(struct List *l)
{
	free(l->rows);
}

static int list_message(void *owner, struct JobClient *c _unused_, struct Message *m)
{
	struct List *l = owner;
	struct MsgListed *row = &m->body.LISTED;
	void *more;

	if (m->type != MSG_LISTED || row->found >= _FOUND_N)
		return 0;
	if (!row->name[0]) {
		l->more = row->files;
		l->more_size = row->size;
		return 0;
	}
	more = reallocarray(l->rows, l->n + 1, sizeof(*l->rows));
	if (!more)
		abort();
	l->rows = more;
	l->rows[l->n++] = *row;
	return 0;
}

/* Copies first, the newest at the top; then the rest by name. */
static int in_order(const void *a, const void *b)
{
	const struct MsgListed *x = a, *y = b;

	if (x->found != y->found)
		return x->found - y->found;
	if (x->found == FOUND_COPY && x->time != y->time)
		return x->time < y->time ? 1 : -1;
	return strcmp(x->name, y->name);
}

static const char *const codes[] = {
        [FOUND_COPY] = "copy",
        [FOUND_DAMAGED] = "damaged",
        [FOUND_LEFTOVER] = "leftover",
        [FOUND_FOREIGN] = "foreign",
        [FOUND_MISSING] = "missing",
};
static_assert(ARRAY_SIZE(codes) == _FOUND_N, "a code for each");

static const char *const words[] = {
        [FOUND_COPY] = N_("encrypted copy"),
        [FOUND_DAMAGED] = N_("copy, not whole"),
        [FOUND_LEFTOVER] = N_("cut short; removed at the next copy"),
        [FOUND_FOREIGN] = N_("not written by mediagate"),
        [FOUND_MISSING] = N_("a copy on record that is not there any more"),
};

static void list_json(const struct List *l, const struct MsgReply *reply)
{
	struct Json j = {.out = stdout};

	json_object(&j, NULL);
	client_reply_json(&j, reply);
	json_array(&j, "entries");
	for (size_t i = 0; i < l->n; i++) {
		const struct MsgListed *row = &l->rows[i];

		json_object(&j, NULL);
		json_text(&j, "found", codes[row->found]);
		json_text(&j, "name", row->name);
		json_number(&j, "size", row->size);
		if (row->found == FOUND_COPY)
			json_number(&j, "parts", row->files);
		json_time(&j, "time", row->time);
		json_end_object(&j);
	}
	json_end_array(&j);
	json_number(&j, "more", l->more);
	json_end_object(&j);
}

static void list_people(const struct List *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct MsgListed *row = &l->rows[i];
		_cleanup_free_ char *name = say_escape(row->name), *size = show_bytes(row->size);
		_cleanup_free_ char *time = row->time ? show_time(row->time, false) : strdup("");

		show_cell(name, 24);
		printf("  ");
		show_cell(size, 10);
		printf("  ");
		show_cell(time ? time : "", 16);
		printf("  %s\n", _(words[row->found]));
	}
	if (l->more) {
		_cleanup_free_ char *size = show_bytes(l->more_size);

		printf(ngettext("and %ju more, %s\n", "and %ju more, %s\n", l->more), (uintmax_t)l->more,
		        size);
	}
	if (!l->n)
		printf("%s\n", _("there is nothing on it"));
}

static int list_run(const struct Context *c, const void *args _unused_, int n _unused_, char **words_given)
{
	_cleanup_job_client_ struct JobClient client = JOB_CLIENT_NULL;
	_cleanup_(list_done) struct List list = {};
	const struct JobVerb verb = {.owner = &list, .message = list_message};
	struct Ask ask;
	int r = job_client_open(&client, c);

	if (r)
		return say_fault(r, strerror(errno), NULL);
	ask_start(&ask, VERB_LIST);
	ask_text(&ask, REQUEST_number, words_given[0]);
	r = job_client_run(&client, &ask, &verb);
	if (list.n)
		qsort(list.rows, list.n, sizeof(*list.rows), in_order);
	if (c->json) {
		list_json(&list, &client.reply);
		return say_fault(client.reply.fault, client.reply.subject, client.reply.contact);
	}
	if (!r)
		list_people(&list);
	return client_say(c, &client.reply);
}

const struct Command verb_ls = {
        .name = "ls",
        .arguments = N_("NUMBER"),
        .summary = N_("what is on a medium that is checked out to you"),
        .least = 1,
        .most = 1,
        .run = list_run,
};
