/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_source.h"

#include "client.h"
#include "say.h"

#include <fcntl.h>

void ledger_source_done(struct LedgerSource *s)
{
	ledger_files_done(&s->files);
	free(s->name);
	s->name = NULL;
}

struct Handed {
	int fds[LIMIT_FDS];
	size_t n;
	bool whole;
};

static void files_row(void *owner, struct Message *m)
{
	struct Handed *h = owner;

	if (m->type != MSG_REPLY_FILES || h->n)
		return;
	h->whole = m->body.REPLY_FILES.whole && m->n_fds >= 3;
	for (size_t i = 0; i < m->n_fds; i++)
		h->fds[h->n++] = fd_steal(&m->fds[i]);
	m->n_fds = 0;
}

static char *text_copy(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		abort();
	return copy;
}

static int from_agent(const struct Context *c, struct LedgerSource *ret)
{
	struct Handed handed = {};
	struct MsgReply reply;
	struct Ask a;
	int status = EXIT_OK, r;

	ask_start(&a, VERB_RECORDS);
	client_call(c, &a, files_row, &handed, &reply);
	if (reply.fault != FAULT_OK || !handed.n) {
		status = reply.fault != FAULT_OK ? say_fault(reply.fault, reply.subject, reply.contact)
		                                 : say_fault(FAULT_NO_LEDGER, NULL, reply.contact);
	} else {
		r = ledger_files_take(handed.fds, handed.n, &ret->files);
		ret->whole = handed.whole;
		ret->name = text_copy("records.jsonl");
		status = r ? say_fault(r, ret->name, NULL) : EXIT_OK;
	}
	for (size_t i = 0; i < handed.n; i++)
		fd_close(handed.fds[i]);
	return status;
}

static int from_folder(const char *path, struct LedgerSource *ret)
{
	_cleanup_folders_ struct Folders folders = FOLDERS_NULL;
	int r = folders_find(path, &folders);

	if (!r && folders.n > 1)
		return say_usage("%s", _("there is more than one ledger: name the folder of one year"));
	if (r || !folders.n)
		return say_fault(FAULT_UNREADABLE, path, NULL);
	ret->name = text_copy(folders.paths[0]);
	ret->whole = true;
	r = ledger_files_open(ret->name, &ret->files);
	return r ? say_fault(r, ret->name, NULL) : EXIT_OK;
}

int ledger_source_open(const struct Context *c, const char *path, struct LedgerSource *ret)
{
	_cleanup_folders_ struct Folders folders = FOLDERS_NULL;
	const char *newest;

	*ret = (struct LedgerSource)LEDGER_SOURCE_NULL;
	if (path)
		return from_folder(path, ret);
	if (folders_find(LEDGER_ROOT, &folders) || !folders.n)
		return from_agent(c, ret);
	newest = folders.paths[folders.n - 1];
	if (ledger_files_open(newest, &ret->files))
		return from_agent(c, ret);
	ret->whole = true;
	ret->name = text_copy(newest);
	return EXIT_OK;
}

char *ledger_key_text(const char *given)
{
	_cleanup_fd_ int fd = open(given, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char text[1024] = "";
	ssize_t n;

	if (fd < 0)
		return strchr(given, '+') ? strdup(given) : NULL;
	n = read(fd, text, sizeof(text) - 1);
	if (n <= 0 || !strchr(text, '+'))
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return strdup(text);
}

int ledger_key_read(const char *given, char **ret)
{
	*ret = given ? ledger_key_text(given) : NULL;
	return !given || *ret
	               ? EXIT_OK
	               : say_usage("%s",
	                         _("--key needs a verifier key (name+hash+base64) or a file that holds one"));
}
