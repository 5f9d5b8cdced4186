/* SPDX-License-Identifier: Apache-2.0 */
#include "secret_input.h"

#include "fault.h"
#include "file.h"
#include "parse.h"
#include "prompt.h"
#include "say.h"
#include "str.h"

#include <fcntl.h>
#include <sys/stat.h>

int password_from_file(const char *path, char ret[static SECRET_PASSWORD])
{
	_cleanup_fd_ int fd = str_eq(path, "-") ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -errno : file_read_all(fd, ret, SECRET_PASSWORD - 1);
	char *end;

	if (n < 0)
		return FAULT_UNREADABLE;
	ret[n] = '\0';
	end = strpbrk(ret, "\r\n");
	if (!end && n == SECRET_PASSWORD - 1)
		return FAULT_PASSWORD_TEXT; /* longer than any that is taken */
	if (end)
		explicit_bzero(end, (size_t)(ret + n - end));
	return *ret ? 0 : FAULT_PASSWORD_TEXT;
}

int password_ask(const char *question, int signals, char ret[static SECRET_PASSWORD])
{
	return prompt_line(&(struct Prompt){.question = question, .hidden = true, .signals = signals}, ret,
	        SECRET_PASSWORD);
}

/* ------------------------------------------------------------------ recipients */

struct RecipientRows {
	struct RecipientChoice *rows;
	size_t n;
};

static int recipient_row(void *owner, const struct Recipient *recipient)
{
	struct RecipientRows *all = owner;
	void *more = reallocarray(all->rows, all->n + 1, sizeof(*all->rows));

	if (!more)
		return -ENOMEM;
	all->rows = more;
	all->rows[all->n] = (struct RecipientChoice){};
	STR_CUT(all->rows[all->n].code, recipient->code);
	STR_CUT(all->rows[all->n].name, recipient->name);
	STR_CUT(all->rows[all->n].path, recipient->certificate);
	all->n++;
	return 0;
}

int recipients_list(struct RecipientChoice **ret, size_t *ret_n, char **ret_problem)
{
	struct RecipientRows all = {};
	struct ConfigReader reader = {.owner = &all, .recipient = recipient_row};
	FILE *in = fopen(RECIPIENTS_FILE, "re");
	int r;

	*ret = NULL;
	*ret_n = 0;
	if (!in)
		return errno == ENOENT ? 0 : FAULT_UNREADABLE;
	r = config_file_read(&reader, CONFIG_RECIPIENTS, in);
	fclose(in);
	if (r) {
		free(all.rows);
		*ret_problem = strdup(r > 0 ? reader.error : strerror(-r));
		return r > 0 ? r : FAULT_INTERNAL;
	}
	*ret = all.rows;
	*ret_n = all.n;
	return 0;
}

int recipient_find(const char *given, struct RecipientChoice *ret, char **ret_problem)
{
	_cleanup_free_ struct RecipientChoice *rows = NULL;
	struct stat st;
	size_t n;
	int r = recipients_list(&rows, &n, ret_problem);

	if (r == FAULT_BAD_CONFIG || r == FAULT_INTERNAL)
		return r;
	for (size_t i = 0; !r && i < n; i++)
		if (str_eq(rows[i].code, given)) {
			*ret = rows[i];
			return 0;
		}
	*ret = (struct RecipientChoice){};
	if (stat(given, &st) || S_ISDIR(st.st_mode) || STR_SET(ret->path, given))
		return FAULT_NO_SUCH_RECIPIENT;
	return 0;
}

/* ------------------------------------------------------------------ PEM files */

ssize_t pem_read(const char *path, void *ret, size_t size)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n = fd < 0 ? -errno : file_read_all(fd, ret, size);
	char more;

	if (n < 0 || (n == (ssize_t)size && read(fd, &more, 1) != 0))
		return -FAULT_UNREADABLE;
	return n;
}

int pem_pipe(const char *path)
{
	_cleanup_free_ char *bytes = malloc(SECRET_PEM);
	_cleanup_fd_ int in = -1, out = -1;
	int pair[2], r;
	ssize_t n;

	if (!bytes)
		return -FAULT_INTERNAL;
	n = pem_read(path, bytes, SECRET_PEM);
	if (n < 0)
		return (int)n;
	if (pipe2(pair, O_CLOEXEC))
		return -FAULT_INTERNAL;
	in = pair[0];
	out = pair[1];
	/* a pipe holds at least as much as we read: nobody needs to drain it meanwhile */
	r = fcntl(out, F_SETPIPE_SZ, SECRET_PEM) < SECRET_PEM ? -1 : file_write_all(out, bytes, (size_t)n);
	explicit_bzero(bytes, SECRET_PEM);
	return r < 0 ? -FAULT_INTERNAL : fd_steal(&in);
}
