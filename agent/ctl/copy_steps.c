/* SPDX-License-Identifier: Apache-2.0 */
/* copy alone: medium, files, for whom, step by step. Each answer is checked before the next question. */
#include "copy_steps.h"

#include "client.h"
#include "password.h"
#include "prompt.h"
#include "say.h"
#include "secret_input.h"
#include "show.h"
#include "str.h"

struct Steps {
	const struct Context *context;
	int signals;
	struct CopyChoice *choice;
	/* mine, plugged in */
	char login[LIMIT_LOGIN];
	struct SettingsRow settings;
	struct MsgMedium *media;
	size_t n_media;
};

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

void copy_choice_done(struct CopyChoice *choice)
{
	if (choice->password)
		explicit_bzero(choice->password, strlen(choice->password));
	free(choice->password);
	for (size_t i = 0; i < ARRAY_SIZE(choice->owned); i++)
		free(choice->owned[i]);
	if (!choice->owned[0])
		return; /* the words are the command line's */
	for (int i = 0; i < choice->words.n; i++)
		free(choice->words.words[i]);
	free(choice->words.words);
}

/* 0, or EXIT_CANCELLED after it was said. */
static int ask(struct Steps *s, const char *question, bool hidden, char *ret, size_t size)
{
	int r = prompt_line(
	        &(struct Prompt){.question = question, .hidden = hidden, .signals = s->signals}, ret, size);

	if (!r)
		return 0;
	dprintf(STDERR_FILENO, "\n");
	return say_fault(FAULT_CANCELLED, "", NULL);
}

/* A number from 1 to n; an empty line is 0. */
static int ask_number(struct Steps *s, const char *question, size_t n, size_t *ret)
{
	char line[32], *end;

	for (;;) {
		int r = ask(s, question, false, line, sizeof(line));

		if (r)
			return r;
		*ret = *line ? strtoul(line, &end, 10) : 0;
		if (!*line || (!*end && *line != '-' && *ret >= 1 && *ret <= n))
			return 0;
		printf(_("a number from 1 to %zu, please"), n);
		printf("\n");
	}
}

/* ------------------------------------------------------------------ the medium */

static void status_row(void *owner, struct Message *m)
{
	struct Steps *s = owner;

	if (m->type == MSG_STATUS) {
		STR_CUT(s->login, m->body.STATUS.login);
		s->settings = m->body.STATUS.settings;
	}
	if (m->type != MSG_MEDIUM || !m->body.MEDIUM.checked_out || !m->body.MEDIUM.present ||
	        m->body.MEDIUM.checkout.state != CHECKOUT_OPEN)
		return;
	s->media = must(reallocarray(s->media, s->n_media + 1, sizeof(*s->media)));
	s->media[s->n_media++] = m->body.MEDIUM;
}

/* Status tells of everybody's; others' are not offered. */
static void keep_mine(struct Steps *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n_media; i++)
		if (str_eq(s->media[i].checkout.clerk, s->login))
			s->media[kept++] = s->media[i];
	s->n_media = kept;
}

static void medium_show(const struct MsgMedium *m, size_t i)
{
	_cleanup_free_ char *number = say_escape(m->medium.number),
	                    *until = show_time(m->checkout.until, false),
	                    *destination = say_escape(m->checkout.destination);

	printf("  %zu  %s  ", i, number);
	printf(_("until %s, destination: %s"), until, destination);
	printf("\n");
}

static int step_medium(struct Steps *s)
{
	struct MsgReply reply;
	struct Ask question;
	size_t chosen = 1;
	int r;

	ask_start(&question, VERB_STATUS);
	if (client_call(s->context, &question, status_row, s, &reply))
		return client_say(s->context, &reply);
	keep_mine(s);
	if (!s->n_media) {
		say_error("%s", _("no medium that is checked out to you is plugged in"));
		say_hint("%s", _("see: mediagate"));
		return EXIT_STATE;
	}
	printf("%s\n", _("Media checked out to you:"));
	for (size_t i = 0; i < s->n_media; i++)
		medium_show(&s->media[i], i + 1);
	if (s->n_media > 1) {
		do {
			r = ask_number(s, _("Which one? "), s->n_media, &chosen);
			if (r)
				return r;
		} while (!chosen);
	}
	s->choice->owned[0] = must(strdup(s->media[chosen - 1].medium.number));
	s->choice->number = s->choice->owned[0];
	return 0;
}

/* ------------------------------------------------------------------ the files */

/* Whether it could be copied: by the same walk that the copy will do. */
static int look(struct Steps *s, char *word)
{
	_cleanup_opener_ struct Opener opener = OPENER_NULL;
	_cleanup_free_ char *subject = NULL, *size = NULL;
	struct OpenerWords one = {&word, 1};
	int r = opener_start(&opener, -1, &one);

	if (!r)
		r = opener_walked(&opener, s->signals, &subject);
	if (r) {
		say_fault(r, subject ? subject : word, NULL);
		return r;
	}
	size = show_bytes(opener.bytes);
	printf("  ");
	printf(ngettext("%ju file, %s", "%ju files, %s", opener.files), (uintmax_t)opener.files, size);
	printf("\n");
	return 0;
}

static int step_files(struct Steps *s)
{
	struct OpenerWords *w = &s->choice->words;
	char line[4096];

	printf("%s\n", _("Files and folders to copy, one a line; an empty line ends the list:"));
	for (;;) {
		int r = ask(s, "> ", false, line, sizeof(line));

		if (r)
			return r;
		if (!*line && w->n)
			return 0;
		if (!*line)
			continue;
		r = look(s, line);
		if (r == FAULT_CANCELLED)
			return EXIT_CANCELLED;
		if (r)
			continue;
		w->words = must(reallocarray(w->words, (size_t)w->n + 1, sizeof(*w->words)));
		w->words[w->n++] = must(strdup(line));
	}
}

/* ------------------------------------------------------------------ for whom */

/* What the job would refuse is refused here, before it is typed a second time. */
static bool is_taken(const struct Steps *s, const char *password)
{
	char subject[24];
	size_t wanted;
	int fault = password_check(password, s->settings.own_password_length, &wanted);

	snprintf(subject, sizeof(subject), "%zu", wanted);
	say_fault(fault, subject, NULL);
	return fault == 0;
}

static int ask_own_password(
        struct Steps *s, char first[static SECRET_PASSWORD], char second[static SECRET_PASSWORD])
{
	size_t least = MAX((size_t)s->settings.own_password_length, (size_t)PASSWORD_LEAST);
	_cleanup_free_ char *question = NULL;

	if (asprintf(&question, _("Password, %zu characters or more (empty: one is made): "), least) < 0)
		abort();
	for (;;) {
		int r = ask(s, question, true, first, SECRET_PASSWORD);

		if (r || !*first)
			return r;
		if (!is_taken(s, first))
			continue;
		r = ask(s, _("Once more: "), true, second, SECRET_PASSWORD);
		if (r || str_eq(first, second))
			return r;
		printf("%s\n", _("The two are not the same."));
	}
}

static int step_own_password(struct Steps *s)
{
	char first[SECRET_PASSWORD] = "", second[SECRET_PASSWORD] = "";
	int r = ask_own_password(s, first, second);

	if (!r && *first)
		s->choice->password = must(strdup(first));
	explicit_bzero(first, sizeof(first));
	explicit_bzero(second, sizeof(second));
	return r;
}

/* Only what the policy lets through stands to choice, so the numbers depend on it. */
static int step_secret(struct Steps *s)
{
	_cleanup_free_ struct RecipientChoice *rows = NULL;
	_cleanup_free_ char *trouble = NULL;
	size_t n, chosen, before = s->settings.own_password ? 2 : 1;
	int r = recipients_list(&rows, &n, &trouble);

	if (r)
		return say_fault(r, trouble ? trouble : RECIPIENTS_FILE, NULL);
	printf("%s\n", _("Who is to open it?"));
	printf("  1  %s\n", _("whoever has a password that is made now (usual)"));
	if (s->settings.own_password)
		printf("  2  %s\n", _("whoever has a password that you choose"));
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *name = say_escape(rows[i].name), *code = say_escape(rows[i].code);

		printf("  %zu  %s (%s)\n", before + i + 1, name, code);
	}
	r = ask_number(s, _("Number, or an empty line for 1: "), before + n, &chosen);
	if (r || chosen <= 1)
		return r;
	if (chosen <= before)
		return step_own_password(s);
	s->choice->owned[1] = must(strdup(rows[chosen - before - 1].code));
	s->choice->recipient = s->choice->owned[1];
	return 0;
}

int copy_steps(const struct Context *c, int signals, struct CopyChoice *choice)
{
	struct Steps s = {.context = c, .signals = signals, .choice = choice};
	int r;

	if (c->json || !prompt_possible())
		return say_usage(
		        "%s", _("copy needs a medium and files where there is no terminal to ask on"));
	r = step_medium(&s);
	if (!r)
		r = step_files(&s);
	if (!r && !choice->recipient && !choice->password_file)
		r = step_secret(&s);
	free(s.media);
	return r;
}
