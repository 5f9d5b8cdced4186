/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A real job with its sandbox in a child, and around it a scripted core and a scripted person, on a
 * temporary directory as the medium. Tests say what the two do and look at what came of it.
 */
#include "job.h"

#include <sys/types.h>

#define RIG_FILES 64

struct RigFile {
	const char *path; /* below the rig's folder; NULL: `fault` is sent */
	const char *name; /* in the copy */
	int flags;        /* to open with; 0: O_RDONLY */
	int fault;
};

struct Rig;
typedef void (*RigHook)(struct Rig *rig);

enum RigCut {
	CUT_NONE,
	CUT_PERSON,   /* the person's end closes */
	CUT_SHUTDOWN, /* the person stops sending, as the command does at Ctrl-C */
	CUT_STOP,     /* core says JOB_STOP */
	CUT_CORE,     /* core's end closes */
};

struct Rig {
	/* before rig_run */
	char folder[64]; /* holds medium/, in/, out/ */
	struct JobLimits limits;
	struct MsgJob order;
	struct IssuerRow issuer; /* the key that notes are signed with here */
	struct RigFile files[RIG_FILES];
	uint64_t n_files;
	const char *(*many)(
	        uint64_t i, char *name); /* instead of files: path of one file for all, its names */
	uint64_t n_many;
	struct MsgSecret secrets[3]; /* answers in order */
	const char *pem[3];          /* that go with them */
	RigHook second_pass;         /* before the second pass begins */
	RigHook ready;               /* when JOB_READY came */
	RigHook forked;              /* in the job, before it serves */
	int proceed_fault;
	bool bad_note;
	enum RigCut cut;
	unsigned int cut_at; /* after so many messages of the job (1, 2 …) */
	int stop_fault;
	/* after */
	struct MsgJobDone done;
	bool has_done;
	int status; /* of the process */
	struct MsgJobReady report;
	char password[256];
	struct MsgJobFile *out_files;
	struct MsgNoteLine *lines;
	struct MsgJobFound *found;
	struct MsgListed *listed;
	size_t n_out_files, n_lines, n_found, n_listed;
	unsigned int n_messages, n_asked, n_progress;
	bool published, verified;
	/* inside */
	int core, person, pipe;
	unsigned int passes;
	uint64_t next_secret;
	unsigned int n_cats; /* children that write what is got */
	pid_t pid;
};

void rig_start(struct Rig *r, enum JobKind kind);
/* One order from start to end. */
void rig_run(struct Rig *r);
/* The same with a real person at the other end of `person`, which is closed here. */
void rig_serve(struct Rig *r, int person);
void rig_done(struct Rig *r);

void rig_write(struct Rig *r, const char *path, const void *bytes, size_t n);
/* `size` bytes that begin with a mark nobody else writes, so that it can be searched for. */
void rig_write_marked(struct Rig *r, const char *path, size_t size);
#define RIG_MARK "PLAINTEXT-MARK-6b1f"
void rig_add(struct Rig *r, const char *path, const char *name);

bool rig_exists(struct Rig *r, const char *path);
bool rig_same(struct Rig *r, const char *a, const char *b);
/* Names in medium/ that begin so. */
unsigned int rig_count(struct Rig *r, const char *prefix);
/* No file below medium/ holds the mark. */
bool rig_medium_hides(struct Rig *r);
/* Every folder under a final name agrees with its note. */
bool rig_medium_whole(struct Rig *r);
int rig_shell(struct Rig *r, const char *command);

/* copy_sign.c: the text and its signature by the rig's key; to be freed. */
char *rig_sign(const char *text);
void rig_vkey(char ret[static LIMIT_VKEY]);
