/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enrol: makes this terminal known, once. The ledger process makes its own keys and the first record;
 * this command tells it who the terminal is and which disks belong to it, and shows the public keys.
 */
#include "dir.h"
#include "disks.h"
#include "file.h"
#include "json.h"
#include "parse.h"
#include "say.h"
#include "str.h"
#include "verb.h"

#include <fcntl.h>
#include <linux/limits.h>
#include <stdio.h>
#include <sys/wait.h>

#define TERMINAL_CONF "/etc/mediagate/terminal.conf"
#define LEDGER        LIBEXECDIR "/ledger"
#define STATE_DIR     "/var/lib/mediagate"
#define FOLDER        (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

struct EnrolArgs {
	const char *terminal, *domain;
	bool disks;
};

static const struct Option enrol_options[] = {
        {OPTION(struct EnrolArgs, terminal, "terminal", OPTION_TEXT), N_("ID"),
                N_("this terminal's id, instead of terminal.conf's")},
        {OPTION(struct EnrolArgs, domain, "domain", OPTION_TEXT), N_("DOMAIN"),
                N_("the organisation's domain, instead of terminal.conf's")},
        {OPTION(struct EnrolArgs, disks, "disks", OPTION_FLAG), NULL,
                N_("write the fixed disks down anew: the machine got another one")},
        OPTIONS_END,
};

/* What the ledger process answered. */
struct EnrolAnswer {
	char fault[64], subject[LIMIT_SUBJECT], terminal[LIMIT_CODE], domain[LIMIT_DOMAIN];
	char vkey[LIMIT_VKEY], label_vkey[LIMIT_VKEY];
};

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

/* A disk that is part of the machine: not removable, not a card, not on USB, not made of other disks. */
static bool disk_is_fixed(int dir)
{
	char path[PATH_MAX], card[8] = "";
	uint64_t removable = 1;

	if (disk_path(dir, path, sizeof(path)) < 0 || disk_is_virtual(path) || strstr(path, "/usb") ||
	        file_read_number_at(dir, "removable", &removable) < 0 || removable)
		return false;
	/* a memory card's slot is fixed, the card is not */
	return file_read_text_at(dir, "device/type", card, sizeof(card)) < 0 || !str_eq(card, "SD");
}

static int disks_write(FILE *out)
{
	_cleanup_dir_ DIR *d = opendir("/sys/block");
	char line[DISK_LINE];

	if (!d)
		return -errno;
	for (const struct dirent *e; (e = readdir(d));) {
		_cleanup_fd_ int dir = e->d_name[0] == '.' ? -1 : openat(dirfd(d), e->d_name, FOLDER);
		int r = dir >= 0 && disk_is_fixed(dir) ? disk_line(dir, line) : -ENODEV;

		/* one that was left out would be taken away */
		if (r < 0 && r != -ENODEV)
			return r;
		if (r >= 0)
			fprintf(out, "%s\n", line);
	}
	return fflush(out) ? -errno : 0;
}

/* The list that the agent goes by: at the enrolment, and again when the machine got another disk. */
static int disks_keep(bool again)
{
	_cleanup_fd_ int dir = open(STATE_DIR, FOLDER);
	_cleanup_stream_ FILE *out = NULL;
	char text[DISKS_SIZE];
	int r;

	if (dir < 0)
		return -errno;
	if (!again && !faccessat(dir, DISKS_FILE, F_OK, 0))
		return 0;
	out = fmemopen(text, sizeof(text), "w");
	r = out ? disks_write(out) : -errno;
	return r < 0 ? r : file_replace_at(dir, DISKS_FILE, text, (size_t)ftell(out), 0644);
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
	r = disks_keep(a->disks);
	if (r < 0)
		return say_fault(FAULT_INTERNAL, strerror(-r), NULL);
	answer_show(c, &answer, fault == FAULT_ALREADY_ENROLLED);
	return EXIT_OK;
}

const struct Command verb_enrol = {
        .name = "enrol",
        .arguments = "",
        .summary = N_("make this terminal known: its keys and its ledger (root, once)"),
        .help = N_(
                "Makes the ledger's key and the key of labels and copies, writes down the fixed disks, and "
                "begins\nthe ledger. Repeating it changes nothing and shows the keys again; with --disks the list\nof "
                "fixed disks is made anew, which holds from the agent's next start."),
        .options = enrol_options,
        .args_size = sizeof(struct EnrolArgs),
        .run = enrol_run,
};
