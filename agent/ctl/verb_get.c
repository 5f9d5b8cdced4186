/* SPDX-License-Identifier: Apache-2.0 */
/* get NUMBER NAME DEST: a copy, opened, or any other file or folder of the medium, into a new place. */
#include "job_client.h"
#include "out_tree.h"
#include "prompt.h"
#include "say.h"
#include "secret_input.h"
#include "show.h"
#include "str.h"
#include "verb.h"

#include <fcntl.h>

struct GetArgs {
	const char *password_file, *key_file;
};

static const struct Option get_options[] = {
        {OPTION(struct GetArgs, password_file, "password-file", OPTION_TEXT), N_("FILE"),
                N_("the copy's password is the first line of FILE (- is standard input)")},
        {OPTION(struct GetArgs, key_file, "key-file", OPTION_TEXT), N_("FILE"),
                N_("the private key (PEM), for a copy made for a certificate")},
        OPTIONS_END,
};

struct Get {
	const struct GetArgs *args;
	const char *destination;
	struct OutTree out;
	int in; /* what the job writes the present member into */
	uint64_t left;
	bool sealed, verified, published;
	int said; /* exit status of what was said already */
};

static void get_done(struct Get *g)
{
	g->in = fd_close(g->in);
	out_tree_done(&g->out);
}

/* ------------------------------------------------------------------ members */

static int member_end(struct Get *g)
{
	g->in = fd_close(g->in);
	return g->left ? FAULT_INCOMPLETE : out_tree_file_end(&g->out);
}

/* What is there; at its end the member is closed. */
static int member_read(struct Get *g)
{
	char bytes[8192];
	ssize_t n = read(g->in, bytes, sizeof(bytes));

	if (n < 0)
		return errno == EINTR ? 0 : FAULT_INTERNAL;
	if (n == 0)
		return member_end(g);
	if ((uint64_t)n > g->left)
		return FAULT_DAMAGED;
	g->left -= (uint64_t)n;
	return out_tree_write(&g->out, bytes, (size_t)n);
}

/* The job has closed its end before it sent its next message: the rest is there. */
static int member_drain(struct Get *g)
{
	int r = 0;

	while (!r && g->in >= 0)
		r = member_read(g);
	return r;
}

static int make(struct Get *g, struct JobClient *c, const struct MsgMake *m)
{
	struct MsgMade made = {};
	int pair[2], r = member_drain(g);

	if (!r && g->out.parent < 0)
		r = out_tree_begin(&g->out, g->destination);
	if (!r)
		r = out_tree_file(&g->out, m->name);
	if (!r && pipe2(pair, O_CLOEXEC))
		r = FAULT_INTERNAL;
	if (r)
		return r;
	g->in = pair[0];
	g->left = m->size;
	job_client_say(c, MSG_MADE, &made, &pair[1], 1);
	fd_close(pair[1]);
	return 0;
}

static int publish(struct Get *g, struct JobClient *c, const struct MsgPublish *m)
{
	struct MsgMade made = {};
	int r = member_drain(g);

	if (!r && g->out.parent < 0) /* a folder without a file */
		r = out_tree_begin(&g->out, g->destination);
	if (!r)
		r = out_tree_publish(&g->out);
	g->verified = m->verified;
	g->published = r == 0;
	made.fault = (uint16_t)r;
	job_client_say(c, MSG_MADE, &made, NULL, 0);
	return 0; /* the job has the fault: it goes on record and comes back with the reply */
}

/* ------------------------------------------------------------------ secrets */

static int key_say(struct Get *g, struct JobClient *c, bool again)
{
	struct MsgSecret secret = {.has_certificate = 1};
	_cleanup_fd_ int pem = -1;
	int r = 0;

	if (!g->args->key_file) {
		g->said = say_usage(
		        "%s", _("this copy was made for a certificate: give its key with --key-file"));
		return FAULT_CANCELLED;
	}
	if (again && !prompt_possible())
		return FAULT_WRONG_KEY;
	if (again)
		r = password_ask(_("Passphrase of the key: "), c->signals, secret.password);
	pem = r ? -1 : pem_pipe(g->args->key_file);
	if (!r && pem < 0)
		return -pem;
	if (!r)
		job_client_say(c, MSG_SECRET, &secret, &pem, 1);
	explicit_bzero(&secret, sizeof(secret));
	return r ? FAULT_CANCELLED : 0;
}

static int password_say(struct Get *g, struct JobClient *c, bool again)
{
	struct MsgSecret secret = {};
	int r;

	if (g->args->password_file) {
		r = again ? FAULT_WRONG_PASSWORD
		          : password_from_file(g->args->password_file, secret.password);
	} else {
		r = password_ask(again ? _("Wrong. Password of the copy: ") : _("Password of the copy: "),
		        c->signals, secret.password);
		if (r == PROMPT_NONE)
			g->said = say_usage(
			        "%s", _("no terminal to ask for the password on: give --password-file"));
		r = r ? FAULT_CANCELLED : 0;
	}
	if (!r)
		job_client_say(c, MSG_SECRET, &secret, NULL, 0);
	explicit_bzero(&secret, sizeof(secret));
	return r;
}

/* ------------------------------------------------------------------ the session */

static int get_message(void *owner, struct JobClient *c, struct Message *m)
{
	struct Get *g = owner;
	const struct MsgAskSecret *ask = &m->body.ASK_SECRET;

	switch (m->type) {
	case MSG_MAKE:
		return make(g, c, &m->body.MAKE);
	case MSG_PUBLISH:
		return publish(g, c, &m->body.PUBLISH);
	case MSG_ASK_SECRET:
		g->sealed = true;
		return ask->certificate || g->args->key_file ? key_say(g, c, ask->again)
		                                             : password_say(g, c, ask->again);
	case MSG_PROGRESS:
		job_client_progress(c, &m->body.PROGRESS);
		return 0;
	default:
		return 0;
	}
}

static int get_watch(void *owner, int64_t *ret_until)
{
	const struct Get *g = owner;

	*ret_until = INT64_MAX;
	return g->in;
}

static int get_ready(void *owner, struct JobClient *c _unused_)
{
	return member_read(owner);
}

static int get_say(const struct Context *c, const struct Get *g, const struct JobClient *client)
{
	const struct MsgReply *reply = &client->reply;
	struct Json j = {.out = stdout};
	_cleanup_free_ char *size = NULL, *where = NULL;

	if (c->json) {
		json_object(&j, NULL);
		client_reply_json(&j, reply);
		if (reply->fault == FAULT_OK) {
			json_text(&j, "destination", g->destination);
			json_number(&j, "files", reply->files);
			json_number(&j, "bytes", reply->bytes);
			json_flag(&j, "verified", g->verified);
			if (reply->n != UINT64_MAX)
				json_number(&j, "record", reply->n);
		}
		json_end_object(&j);
		return say_fault(reply->fault, reply->subject, reply->contact);
	}
	if (reply->fault != FAULT_OK)
		return client_say(c, reply);
	size = show_bytes(reply->bytes);
	where = say_escape(g->destination);
	printf(ngettext("%ju file, %s, is in %s\n", "%ju files, %s, are in %s\n", reply->files),
	        (uintmax_t)reply->files, size, where);
	printf("%s\n", g->verified ? _("the sender is verified, and nothing was altered")
	                           : _("not written by mediagate: taken as it is"));
	return EXIT_OK;
}

static int get_run(const struct Context *c, const void *args, int n _unused_, char **words)
{
	_cleanup_job_client_ struct JobClient client = JOB_CLIENT_NULL;
	_cleanup_(get_done) struct Get g = {
	        .args = args, .destination = words[2], .out = OUT_TREE_NULL, .in = -1};
	const struct JobVerb verb = {
	        .owner = &g, .message = get_message, .watch = get_watch, .ready = get_ready};
	struct Ask ask;
	int r;

	if (!access(words[2], F_OK))
		return say_fault(FAULT_DEST_EXISTS, words[2], NULL);
	r = job_client_open(&client, c);
	if (r)
		return say_fault(r, strerror(errno), NULL);
	ask_start(&ask, VERB_GET);
	ask_text(&ask, REQUEST_number, words[0]);
	ask_text(&ask, REQUEST_name, words[1]);
	r = job_client_run(&client, &ask, &verb);
	job_client_progress_end(&client);
	if (r && g.said)
		return g.said;
	/* what went wrong on our side is about our side's name */
	if (r == FAULT_DEST_EXISTS || r == FAULT_DEST_FAILED)
		STR_CUT(client.reply.subject, words[2]);
	return get_say(c, &g, &client);
}

const struct Command verb_get = {
        .name = "get",
        .arguments = N_("NUMBER NAME DEST"),
        .summary = N_("open a copy, or take any other file, from a medium that is checked out to you"),
        .help = N_("NAME is a copy's id, or a file or folder on the medium (see: mediagate ls).\n"
                   "DEST must not be there yet; it appears when everything has been checked."),
        .options = get_options,
        .args_size = sizeof(struct GetArgs),
        .least = 3,
        .most = 3,
        .run = get_run,
};
