/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enrol: makes this terminal known, once. The ledger process makes its own keys and the first record;
 * this command tells it who the terminal is and which disks belong to it, and shows the public keys.
 */
#include "file.h"
#include "json.h"
#include "parse.h"
#include "say.h"
#include "str.h"
#include "verb.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/wait.h>

#define TERMINAL_CONF "/etc/mediagate/terminal.conf"
#define LEDGER        LIBEXECDIR "/ledger"
#define DISK_LINE     192 /* as the ledger process takes them */

struct EnrolArgs {
	const char *terminal, *domain;
};

static const struct Option enrol_options[] = {
        {OPTION(struct EnrolArgs, terminal, "terminal", OPTION_TEXT), N_("ID"),
                N_("this terminal's id, instead of terminal.conf's")},
        {OPTION(struct EnrolArgs, domain, "domain", OPTION_TEXT), N_("DOMAIN"),
                N_("the organisation's domain, instead of terminal.conf's")},
        OPTIONS_END,
};

/* What the ledger process answered. */
struct EnrolAnswer {
	char fault[64], subject[LIMIT_SUBJECT], terminal[LIMIT_CODE], domain[LIMIT_DOMAIN];
	char vkey[LIMIT_VKEY], label_vkey[LIMIT_VKEY];
};

static void dir_closep(DIR **d)
{
	if (*d)
		closedir(*d);
}

static int terminal_row(void *owner, enum MessageType type, const void *row)
{
	if (type == MSG_LOAD_TERMINAL)
		memcpy(owner, row, sizeof(struct TerminalRow));
	return 0;
}

static int terminal_read(struct TerminalRow *ret, char *error, size_t size)
{
	_cleanup_stream_ FILE *f = fopen(TERMINAL_CONF, "re");
	struct ConfigReader reader = {.row = terminal_row, .owner = ret};
	int r;

	if (!f) {
		str_cut(error, size, TERMINAL_CONF);
		return FAULT_UNREADABLE;
	}
	r = config_file_read(&reader, CONFIG_TERMINAL, f);
	str_cut(error, size, r < 0 ? strerror(-r) : reader.error);
	return r < 0 ? FAULT_INTERNAL : r;
}

/* The first of a disk's names for itself, `-` when it has none. Bytes that are no line are left out. */
static void disk_identity(int block, const char *name, char *ret, size_t size)
{
	static const char *const attributes[] = {"wwid", "device/wwid", "device/serial", "serial"};
	char file[300];

	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		ssize_t n;

		snprintf(file, sizeof(file), "%s/%s", name, attributes[i]);
		n = file_read_text_at(block, file, ret, size);
		while (n > 0 && ret[n - 1] == ' ')
			ret[--n] = '\0';
		if (n > 0 && str_is_line(ret, (size_t)n))
			return;
	}
	str_cut(ret, size, "-");
}

/* A disk that is part of the machine: not removable, not a card, not on USB, not made of other disks. One
   line: its identity, its path below /sys/devices (cut when it is very long). */
static bool disk_line(int block, const char *name, char *ret, size_t size)
{
	char target[PATH_MAX], file[300], id[128], card[8] = "", line[PATH_MAX + sizeof(id)];
	const char *path;
	uint64_t removable = 1;
	ssize_t n = readlinkat(block, name, target, sizeof(target) - 1);

	snprintf(file, sizeof(file), "%s/removable", name);
	if (n <= 0 || file_read_number_at(block, file, &removable) < 0 || removable)
		return false;
	target[n] = '\0';
	path = strstr(target, "devices/");
	if (!path || strstr(target, "/usb") ||
	        (strstr(target, "/virtual/") && !strstr(target, "/virtual/nvme-subsystem/")))
		return false;
	/* a memory card's slot is fixed, the card is not */
	snprintf(file, sizeof(file), "%s/device/type", name);
	if (file_read_text_at(block, file, card, sizeof(card)) > 0 && str_eq(card, "SD"))
		return false;
	disk_identity(block, name, id, sizeof(id));
	snprintf(line, sizeof(line), "%s %s", id, path + strlen("devices/"));
	str_cut(ret, size, line);
	return str_is_line(ret, strlen(ret));
}

static int disks_write(FILE *out)
{
	_cleanup_(dir_closep) DIR *d = opendir("/sys/block");
	char line[DISK_LINE];

	if (!d)
		return -errno;
	for (const struct dirent *e; (e = readdir(d));)
		if (e->d_name[0] != '.' && disk_line(dirfd(d), e->d_name, line, sizeof(line)))
			fprintf(out, "%s\n", line);
	return fflush(out) ? -errno : 0;
}

static void answer_read(FILE *in, struct EnrolAnswer *ret)
{
	const struct {
		const char *word;
		char *to;
		size_t size;
	} rows[] = {
	        {"fault=", ret->fault, sizeof(ret->fault)},
	        {"subject=", ret->subject, sizeof(ret->subject)},
	        {"terminal=", ret->terminal, sizeof(ret->terminal)},
	        {"domain=", ret->domain, sizeof(ret->domain)},
	        {"vkey=", ret->vkey, sizeof(ret->vkey)},
	        {"label_vkey=", ret->label_vkey, sizeof(ret->label_vkey)},
	};
	char line[1024];

	while (fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
			if (!strncmp(line, rows[i].word, strlen(rows[i].word)))
				str_cut(rows[i].to, rows[i].size, line + strlen(rows[i].word));
	}
}

/* The ledger process with the disks on its standard input and its answer on a pipe. */
static int ledger_enrol(const char *terminal, const char *domain, struct EnrolAnswer *ret)
{
	_cleanup_stream_ FILE *disks = tmpfile(), *answer = NULL;
	int pipes[2], status, r = disks ? disks_write(disks) : -errno;
	pid_t pid;

	if (r < 0 || pipe2(pipes, O_CLOEXEC))
		return r < 0 ? r : -errno;
	rewind(disks);
	pid = fork();
	if (pid == 0) {
		if (dup2(fileno(disks), STDIN_FILENO) < 0 || dup2(pipes[1], STDOUT_FILENO) < 0)
			_exit(126);
		lseek(STDIN_FILENO, 0, SEEK_SET);
		execl(LEDGER, LEDGER, "--enrol", terminal, domain, (char *)NULL);
		_exit(127);
	}
	close(pipes[1]);
	answer = fdopen(pipes[0], "re");
	if (pid < 0 || !answer)
		return -errno;
	answer_read(answer, ret);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) < 126 ? 0 : -ENOEXEC;
}

static void answer_show(const struct Context *c, const struct EnrolAnswer *a, bool again)
{
	if (c->json) {
		struct Json out = {.out = stdout};

		json_object(&out, NULL);
		json_text(&out, "terminal", a->terminal);
		json_text(&out, "domain", a->domain);
		json_text(&out, "vkey", a->vkey);
		json_text(&out, "label_vkey", a->label_vkey);
		json_end_object(&out);
		return;
	}
	printf(again ? _("Terminal %s of %s is enrolled already.\n") : _("Terminal %s of %s is enrolled.\n"),
	        a->terminal, a->domain);
	printf(_("\nThe ledger's key:\n  %s\nThe key of labels and copies:\n  %s\n\n"), a->vkey,
	        a->label_vkey);
	printf("%s\n", _("Write both down where the auditor keeps them, away from this terminal: whoever "
	                 "verifies the ledger\ncompares with them. Enter the second under `issuers` in "
	                 "policy.conf of every terminal\nthat is to read copies made here."));
}

static int enrol_run(const struct Context *c, const void *args, int n _unused_, char **words _unused_)
{
	const struct EnrolArgs *a = args;
	struct TerminalRow terminal = {};
	struct EnrolAnswer answer = {};
	char error[LIMIT_SUBJECT] = "";
	int fault, r;

	if (geteuid() != 0)
		return say_fault(FAULT_NEEDS_ROOT, NULL, NULL);
	if (!a->terminal || !a->domain) {
		fault = terminal_read(&terminal, error, sizeof(error));
		if (fault)
			return say_fault(fault, error, NULL);
	}
	r = ledger_enrol(
	        a->terminal ? a->terminal : terminal.id, a->domain ? a->domain : terminal.domain, &answer);
	if (r < 0)
		return say_fault(FAULT_INTERNAL, strerror(-r), NULL);
	fault = fault_from_code(answer.fault);
	if (fault < 0)
		return say_fault(FAULT_INTERNAL, LEDGER, NULL);
	if (fault_row(fault)->status != EXIT_OK)
		return say_fault(fault, answer.subject, NULL);
	answer_show(c, &answer, fault == FAULT_ALREADY_ENROLLED);
	return EXIT_OK;
}

const struct Command verb_enrol = {
        .name = "enrol",
        .arguments = "",
        .summary = N_("make this terminal known: its keys and its ledger (root, once)"),
        .help = N_(
                "Makes the ledger's key and the key of labels and copies, writes down the fixed disks, and "
                "begins\nthe ledger. Repeating it changes nothing and shows the keys again."),
        .options = enrol_options,
        .args_size = sizeof(struct EnrolArgs),
        .run = enrol_run,
};
