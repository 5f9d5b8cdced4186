/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The privileged process: what it knows and the words its files share.
 *
 * Two sentences (docs/flow.md): device_flow.c has the first, request_flow.c and what it calls the second.
 * Everything waits by callback: an object that may be gone when the answer comes is named by its id,
 * never by a pointer. Negative results end the agent; the gate is closed then by what is left of it.
 */
#include "answer.h"
#include "backstop.h"
#include "device.h"
#include "dispatch.h"
#include "event.h"
#include "fault.h"
#include "job.h"
#include "label.h"
#include "loan.h"
#include "observe.h"
#include "peer.h"
#include "policy.h"
#include "push.h"
#include "record_detail.h"
#include "refusal.h"
#include "request.h"

enum Stage {
	STAGE_LEDGER, /* its rows are awaited; nothing opens */
	STAGE_CONFIG, /* configuration is being read for the first time */
	STAGE_WATCH,  /* what is plugged in is being told */
	STAGE_RUN,
	STAGE_STOP,
};

/* A request on its way to its one reply. */
struct Ask {
	struct Ask *next;
	uint64_t id;
	uint32_t client;
	uint8_t verb;
	struct PersonRow person;
	struct Request request;
	int channel; /* the job's end, -1: none */
	uint64_t device, job;
	uint64_t intent; /* its record; UINT64_MAX: none yet */
	struct CheckoutRow checkout;
	struct MediumRow medium;
	/* what to do once the device's disk is there, or has not come (fault) */
	int (*disk)(struct Core *core, struct Ask *ask, int fault);
	int64_t deadline; /* of that, boot milliseconds */
	bool watches;	  /* it is answered when there is an event, or at the deadline */
	pid_t prepare;	  /* the child that makes a file system, 0: none */
	int (*prepared)(struct Core *core, struct Ask *ask); /* what to do once it has */
	bool second;	  /* the second of two labels is being written */
	struct MsgYearSeen *year; /* of a drop that is confirmed; NULL: none */
	struct MsgReply reply;
};

struct Core {
	struct Dispatch *dispatch;
	struct Peer ledger, load, watch, gate, session;
	enum Stage stage;
	bool ledger_up, watch_up, gate_up;
	int ledger_fault; /* its last words, FAULT_OK: none */
	char ledger_subject[LIMIT_SUBJECT];
	int shut; /* why the gate is closed as a whole (enum Fault); FAULT_OK: it is not */
	char shut_subject[LIMIT_SUBJECT];
	struct Answers answers;
	struct Loans loans, loans_incoming;
	struct PendingRow *pending;
	size_t n_pending;
	struct StateEnd state;
	uint64_t records; /* lines in the ledger, as far as told */
	bool time_unsure;    /* the clock is earlier than it has been */
	int64_t time_least;  /* the latest it is known to have been: the last record, or before it was set back */
	int64_t time_offset; /* clock less boot clock, when we last looked; 0: never */
	bool asleep;	     /* the machine is about to sleep; nothing opens until it has woken */
	uint32_t sleep_word; /* the sleep that session holds up until all has ended; 0: none */
	bool sleep_lock;     /* logind waits for us */
	bool session_up;     /* session has said what it holds */
	int64_t session_start, session_wait; /* when it was started last; before it is the next time */
	int64_t slept;	     /* how long the machine had slept, then */
	struct Policy *policy, *policy_incoming;
	uint32_t n_rows; /* of the load under way */
	int config_texts[LIMIT_FDS], config_in_force[LIMIT_FDS];
	bool config_is_last_good;
	bool config_on_record; /* the digests of the texts in force */
	char config_error[LIMIT_SUBJECT];
	struct Devices devices;
	struct Guard *guard;   /* NULL: nobody looks at what keeps the ports shut */
	struct Pusher *pusher; /* the thread that opens, there since a stick was first expected; NULL: none */
	char *fixed_disks; /* the list, NULL: none was ever made */
	struct Stray *strays;
	struct Job *jobs;
	struct LabelTask *labels;
	struct Ask *asks;
	struct Refusals refusals;
	struct Events events;
	uint64_t next_id;
	int listen_fd, signal_fd, clock_fd, mounts_fd;
	int usb_dir;	/* /sys/bus/usb */
	int state_dir;	/* /var/lib/mediagate */
	int observe_dir; /* /run/mediagate/observe */
	uid_t copy_uid, label_uid;
	uid_t forward_uid; /* who may bring the console's receipts; -1: there is none */
	gid_t copy_gid, label_gid;
};

/* core.c */
/* Empty: core_new gives it its places, signals, clock and socket. */
int core_bare(struct Core **ret);
int core_new(struct Core **ret);
struct Core *core_free(struct Core *core);
void core_freep(struct Core **core);
int core_run(struct Core *core);

/* boot.c: the order of starting, the death of helpers, the end */
int boot_start(struct Core *core);
int boot_ready(struct Core *core); /* moves on when what a stage waits for is there */
int boot_stop(struct Core *core);
int boot_stop_next(struct Core *core); /* a job has ended while stopping */
int boot_reap(struct Core *core);      /* children that have ended */

/* `helper`: a process of ours, by its name, has ended before its time. */
int helper_lost_record(struct Core *core, const char *name);

/* config.c */
const char *config_name(size_t i); /* of LIMIT_FDS files */
int config_begin(struct Core *core);
/* At the start: the same, heard when load is resumed. Where it cannot be read nothing is started. */
int config_ahead(struct Core *core);
int config_reload(struct Core *core); /* somebody has changed it */
/* Puts the digests of what is in force on record, unless they are. */
int config_tell(struct Core *core);
int config_message(void *owner, struct Peer *p, struct Message *m);
int config_end(void *owner, struct Peer *p);

/* device_flow.c */
int device_flow_message(void *owner, struct Peer *p, struct Message *m);
int device_flow_judge_all(struct Core *core);
int device_flow_judge_medium(struct Core *core, const char *number);
int device_flow_explain(struct Core *core, const struct Device *d, struct Verdict *ret, struct Walk *ret_walk);
/* Opens for a purpose that is not a loan (register, return) until device_flow_release. 0 or FAULT_*. */
int device_flow_hold(struct Core *core, struct Device *d, uint64_t ask);
int device_flow_release(struct Core *core, struct Device *d);
/* Job, sync, unmount, deauthorise: in this order. */
int device_flow_close(struct Core *core, struct Device *d, int fault);
int device_flow_close_all(struct Core *core, int fault);
int device_flow_unplugged(struct Core *core, struct Device *d);
int device_flow_job_ended(struct Core *core, struct Device *d);
/* Judges, and acts by the verdict. */
int device_flow_settle(struct Core *core, struct Device *d);
/* Closes a device whose end was waited for. */
int device_flow_closing_ended(struct Core *core, struct Device *d);
int device_flow_tampered(struct Core *core, struct Device *d, const char *interface, const char *driver);
int device_flow_ask_digest(struct Core *core, struct Device *d);
/* device_disk.c */
int device_flow_disk_add(struct Core *core, const struct MsgBlockAdd *m, int disk_dir);
int device_flow_disk_remove(struct Core *core, const struct MsgBlockRemove *m);
/* A look or a renewal of its label is over. */
int device_flow_labelled(struct Core *core, struct Device *d, int fault);
/* device_hangs.c: looks again, until it is so, whether the kernel has closed what was to be closed. */
int device_flow_look_again(struct Core *core);
/* Opens it. 0 or FAULT_*; what did not answer in time is tried again by itself. */
int device_flow_enforce(struct Core *core, struct Device *d);
/* An opening that was given up is not through: it will be taken back. */
bool device_flow_opens_late(const struct Device *d);
/* device_expect.c. A new row; *ret is NULL where the table is full: the device stays closed. */
int device_flow_new(
	struct Core *core, const struct MsgUsbAdd *add, int device_dir, int interface_dir, struct Device **ret);
/* Takes the directory over on success. */
int device_flow_expect(struct Core *core, const struct MsgUsbExpect *m, int *device_dir);
/* The interface of an expected device is there, by the kernel's word alone. */
int device_flow_came(struct Core *core, const struct MsgUsbCame *m);
/* The same once its directory is known: the digest is known or under way, the intent perhaps durable. */
int device_flow_arrived(struct Core *core, struct Device *d);
void device_describe(const struct Device *d, struct Record *r);
void device_record(struct Core *core, const struct Device *d, struct Record *r);

/* request_flow.c */
int request_flow_message(void *owner, struct Peer *p, struct Message *m);
struct Ask *ask_find(struct Core *core, uint64_t id);
/* Its intent was answered: the ask, which has its number now. NULL: it is gone, or its refusal has been said: *ret is to be
   passed on. */
struct Ask *ask_recorded(struct Core *core, uint64_t id, const struct Answer *a, int *ret);
/* The one reply. Frees the ask. */
int ask_reply(struct Core *core, struct Ask *ask, int fault, const char *subject);
/* Records the refusal, then replies at once. */
int ask_refuse(struct Core *core, struct Ask *ask, int fault, const char *subject);
/* After the intent: the failure on record, then the reply. Without a subject it is about the medium. */
int ask_failed(struct Core *core, struct Ask *ask, int fault, const char *subject);
/* Sends a row of the reply. */
int ask_row(struct Core *core, struct Ask *ask, enum MessageType type, void *row);
/* A record of this request: kind, actor, role, medium and checkout filled in. */
void ask_record(const struct Ask *ask, struct Record *r, enum RecordResult result);
/* And, of a session, the copy or the name in it that it is about. */
void ask_record_session(const struct Ask *ask, struct Record *r, enum RecordResult result);
/* Calls ask->disk when the device's disk is there and its label is in order, or after a time limit. */
int ask_await_disk(struct Core *core, struct Ask *ask, struct Device *d,
	int (*disk)(struct Core *core, struct Ask *ask, int fault));
/* The same is asked of the same medium already, and not answered yet. */
bool ask_is_second(const struct Core *core, const struct Ask *ask);
int ask_disk_came(struct Core *core, struct Device *d, int fault);
/* It registers or relabels: what stands on the medium now does not count. */
bool ask_makes_label(struct Core *core, uint64_t id);

/* request_show.c, request_lend.c, request_job.c: one function a verb */
int request_status(struct Core *core, struct Ask *ask);
int request_devices(struct Core *core, struct Ask *ask);
int request_explain(struct Core *core, struct Ask *ask);
int request_records(struct Core *core, struct Ask *ask);
int request_clock(struct Core *core, struct Ask *ask);
int request_watch(struct Core *core, struct Ask *ask); /* event.c */
int request_register(struct Core *core, struct Ask *ask);
int request_checkout(struct Core *core, struct Ask *ask);
int request_return(struct Core *core, struct Ask *ask);
int request_copy(struct Core *core, struct Ask *ask);
int request_list(struct Core *core, struct Ask *ask);
int request_get(struct Core *core, struct Ask *ask);
int request_relabel(struct Core *core, struct Ask *ask);
int request_receipt(struct Core *core, struct Ask *ask); /* request_receipt.c */
int request_drop(struct Core *core, struct Ask *ask);
struct Device *request_device(struct Core *core, const char *name);
/* The plugged-in device of a registered medium, or NULL. */
struct Device *request_medium_device(struct Core *core, const struct MediumRow *m);
/* A job of this ask is over: outcome on record, reply. */
int request_job_done(struct Core *core, struct Ask *ask, struct Job *job);
/* The child that made a file system has ended with this fault. */
/* The child that made a disk anew has ended with this status. */
int request_prepared(struct Core *core, struct Ask *ask, int status);
/* Makes the disk of an ask's device anew as its `prepare` says, then calls `prepared`. */
int ask_prepare(struct Core *core, struct Ask *ask, int (*prepared)(struct Core *core, struct Ask *ask));

/* sleep.c */
/* The machine is about to sleep, or has woken. */
int sleep_set(struct Core *core, bool begins);
/* Something has ended or is on record: perhaps it was the last thing that a sleep waits for. */
int sleep_settled(struct Core *core);
/* The helper that speaks with logind. Where it cannot be had the gate works without it. */
int sleep_watch(struct Core *core);

/* overdue.c */
int overdue_arm(struct Core *core);

/* mounts.c */
int mounts_open(struct Core *core);
int mounts_look(struct Core *core); /* for mounts of media that are not ours */
int mounts_judge(struct Core *core, const char *path); /* of the block device in sysfs */
int mounts_look_under(struct Core *core, const char *name); /* a device that lies on others: on a medium? */

/* clock_watch.c */
int clock_open(struct Core *core);
int clock_settle(struct Core *core);  /* when the last record's time is known anew */
int clock_was_set(struct Core *core); /* somebody has set the clock, or the machine has slept */
