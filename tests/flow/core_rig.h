/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A whole core in this process. Its helpers and jobs are scripts at the other ends of its channels; time,
 * children and callers are the test's (core_wrap.c); /sys is a temporary folder. One thread, no waiting:
 * what a test says happens, in that order, and the same again the next time.
 *
 * Whatever a script does, the rig itself watches that no port is opened without a durable intent, that a
 * success is told only when a checkpoint covers it, and that each request gets one reply at most.
 */
#include "core.h"

#define RIG_DEVICES  8
#define RIG_ENDS     64
#define RIG_LINES    4096
#define RIG_REQUESTS 128

/* The key of a terminal's labels, of its name. */
#define RIG_ISSUER "city.example.jp/mediagate/%s/label+00000000+key"

enum RigRole {
	RIG_NONE,
	RIG_LEDGER,
	RIG_LOAD,
	RIG_WATCH,
	RIG_GATE,
	RIG_JOB,
	RIG_PREPARE,
	RIG_LABEL,
	RIG_SESSION,
	_RIG_ROLE_N,
};

/* The other end of a channel, and the child that would hold it. */
struct RigEnd {
	int ours, theirs; /* core's number; the script's descriptor, -1: none */
	pid_t pid;	  /* 0: not forked yet */
	enum RigRole role;
	bool gone; /* the child has ended, and is to be reaped */
	/* of a job */
	struct MsgJob order;
	int step;
};

struct RigDevice {
	char port[LIMIT_PORT], interface[LIMIT_PORT];
	struct MsgUsbAdd add;
	bool plugged;
	bool leave; /* a durable intent names it, and it was not closed since */
	bool let_leave; /* the same of observe mode's; a loan's may come before this one's end */
	bool cut;   /* closed since: whatever is open now has another disk */
	bool disk;  /* watch has told it */
	uint64_t diskseq;
	uint8_t slots[LABEL_SLOTS][LABEL_SIZE]; /* of its label, as they stand on it */
	bool read_only, full; /* no room before its first partition */
};

struct RigReply {
	uint32_t client;
	size_t n_replies, n_rows;
	struct MsgReply reply;
	struct MsgStatus status;
	struct MsgDevice device; /* the last row of that kind */
	int n_files; /* descriptors that came */
};

struct Rig;
/* A script's answer to one message. True: it is dealt with. False: the honest script goes on with it. */
typedef bool (*RigScript)(struct Rig *r, struct RigEnd *end, const struct Message *m);

struct Rig {
	char folder[64];
	int at; /* the same */
	struct Core *core;
	bool in_core; /* calls that are made now are core's own */
	size_t n_writes; /* to sysfs, by core */
	int result;   /* why core ended: 0 or -errno */
	bool ended;
	int64_t now, boot; /* what the clocks say */
	int64_t slept;	   /* of boot */
	uid_t caller;	   /* what the kernel says of the next request's sender */
	pid_t next_pid;
	struct RigEnd ends[RIG_ENDS];
	struct RigDevice devices[RIG_DEVICES];
	size_t n_devices;
	/* the ledger: what is durable, and what its history adds up to */
	struct Record *lines;
	size_t n_lines;
	uint64_t covered;
	struct Loans state;
	uint32_t next_checkout;
	bool ledger_slow; /* answers to APPEND wait until rig_answer */
	struct Message held[64];
	size_t n_held;
	int ledger_fault; /* answered to every APPEND */
	uint32_t sleep_ready; /* of the last SLEEP_READY that session heard, 0: none yet */
	bool ledger_reads; /* it verifies what is there, and says nothing until rig_verified */
	bool no_session; /* it ends at once, as where it is not installed */
	/* what the configuration says */
	bool no_config;
	bool observe; /* the policy's mode */
	const char *issuers[4]; /* other terminals whose labels the policy honours */
	unsigned int n_loads, bad_loads; /* how often it was asked; so many of the next are wrong */
	bool no_disks;	     /* watch tells of none */
	bool disk_elsewhere; /* watch tells one that is not below its device */
	/* the job */
	size_t job_files;
	int job_fault;
	bool machine; /* the kernel's files are below `machine` of the folder */
	void (*wrote)(struct Rig *r, int dir, const char *name, const char *text); /* core is about to */
	const char *on_record[4]; /* copies that the ledger has on every medium, told one by one; NULL: no more */
	/* foul play: asked first */
	RigScript script[_RIG_ROLE_N];
	size_t lost; /* messages that found a full channel */
	char note[96]; /* said when something does not hold */
	bool threads; /* what may hang is done as in the machine, by a thread and within its time */
	int hangs;    /* a write that opens waits until this descriptor can be read; 0: none does */
	bool quiet;  /* what core logs goes nowhere */
	bool liar;   /* ledger, watch or gate says what is not: what rests on their word is not checked */
	/* the next message but `at` of this role has one byte changed */
	struct {
		enum RigRole role;
		unsigned int at;
		size_t offset;
		uint8_t with; /* 0: none */
	} alter;
	/* people */
	uint32_t next_client;
	struct RigReply replies[RIG_REQUESTS];
};

/* Who is on the roster here, by uid. */
#define RIG_SUPERVISOR	  1001
#define RIG_SUPERVISOR2 1002
#define RIG_EXPIRED	  1003
#define RIG_CLERK	  2001
#define RIG_CLERK2	  2002
#define RIG_AUDITOR	  3001
#define RIG_STRANGER	  4001

void rig_start(struct Rig *r);
/* As after rig_start, in the same folder. */
void rig_reset(struct Rig *r);
/* The folder and the ledger go too. */
void rig_done(struct Rig *r);

/* A new core, over the same ledger; the one before is freed. Ends when it is quiet. */
void rig_boot(struct Rig *r);
/* ledger has verified all. */
void rig_verified(struct Rig *r);
/* As at SIGTERM. */
void rig_stop(struct Rig *r);
/* As at SIGHUP. */
int rig_reload(struct Rig *r);
/* Until nobody has anything to say. */
void rig_run(struct Rig *r);
/* The same after so many milliseconds; timers fall due. */
void rig_later(struct Rig *r, int64_t milliseconds);

/* Drops the last good configuration. */
void rig_forget(struct Rig *r);

/* A stick at a port, its serial number. */
struct RigDevice *rig_plug(struct Rig *r, const char *port, const char *serial);
/* The same while it has no interface yet; rig_plug with the port alone brings that. */
struct RigDevice *rig_expect(struct Rig *r, const char *port, const char *serial);
/* Its interface is there, by the kernel's word alone. */
void rig_came(struct Rig *r, const struct RigDevice *d);
void rig_unplug(struct Rig *r, struct RigDevice *d);
/* What sysfs says of an attribute from now on. */
void rig_attribute(struct Rig *r, const struct RigDevice *d, const char *name, const char *value);
bool rig_is_open(const struct Rig *r, const struct RigDevice *d);

/* Asks as `uid` and returns the number of the reply; nothing has run yet. */
uint32_t rig_send(struct Rig *r, uid_t uid, const struct Request *q);
/* The same, run until quiet: the reply's fault, -1: there was none. */
int rig_ask(struct Rig *r, uid_t uid, const struct Request *q);
struct RigReply *rig_reply(struct Rig *r, uint32_t client);

/* The usual ones. */
struct Request rig_register(const char *port, const char *number);
struct Request rig_checkout(const char *number, const char *clerk, int64_t until);
struct Request rig_verb(enum Verb verb, const char *number);

/* The living end of a role, or NULL. */
struct RigEnd *rig_end(struct Rig *r, enum RigRole role);
void rig_say(struct Rig *r, struct RigEnd *end, enum MessageType type, const void *body, const int *fds, size_t n);
/* The child ends: its channel closes, core reaps it. */
void rig_die(struct Rig *r, struct RigEnd *end);
/* Lets a slow ledger answer what it holds. */
void rig_answer(struct Rig *r);

/* The device whose disk a label's child holds. */
struct RigDevice *rig_label_device(struct Rig *r, const struct RigEnd *end);

/* Lines of this kind and result; reason -1: any. */
size_t rig_lines(const struct Rig *r, enum RecordKind kind, enum RecordResult result, int reason);

/* core_stick.c: what stands in the rig's folder. */
void rig_folder(const struct Rig *r, const char *name);
void rig_text(const struct Rig *r, const char *name, const char *bytes);
/* The same, and the folders above it. */
void rig_put(const struct Rig *r, const char *path, const char *text);
/* An open folder; to be closed. */
int rig_under(const struct Rig *r, const char *name);
/* What the kernel and udev would tell after a port was opened or closed; false: nothing. */
bool rig_tell_disk(struct Rig *r, struct RigDevice *d);

/* core_script.c: what honest helpers do. */
/* A first label as the script's ledger would make it: into the row and the slots. */
void script_label(struct MediumRow *m, const struct CheckoutRow *c, uint8_t slots[LABEL_SLOTS][LABEL_SIZE]);
/* The same by any terminal, into the slot of its counter; whose it is follows from the row's identity and number. */
void script_label_by(const char *terminal, const struct MediumRow *m, uint8_t slots[LABEL_SLOTS][LABEL_SIZE]);
/* The same, with a loan of that terminal on it; NULL: none. */
void script_label_lent(
	const char *terminal, const struct MediumRow *m, const struct CheckoutRow *loan, uint8_t slots[LABEL_SLOTS][LABEL_SIZE]);
void script_message(struct Rig *r, struct RigEnd *end, const struct Message *m);
void script_begin(struct Rig *r, struct RigEnd *end);
void script_answer(struct Rig *r, struct RigEnd *end, const struct Message *m);

/* core_wrap.c: the rig that the wrapped calls ask. */
void wrap_use(struct Rig *r);
const char *wrap_note(void);

/* Ends the test with what does not hold. */
#define RIG_MUST(condition)                                                                    \
	do {                                                                                   \
		if (!(condition))                                                              \
			rig_fail(__FILE__, __LINE__, #condition);                              \
	} while (0)
_noreturn_ void rig_fail(const char *file, int line, const char *what);
