/* SPDX-License-Identifier: Apache-2.0 */
/* return NUMBER: compares what is on the medium with the records, ends the checkout. */
#include "client.h"
#include "say.h"
#include "show.h"
#include "slip.h"
#include "verb.h"

struct FoundRows {
	struct Json *json; /* NULL: for people */
};

static void found_row(void *owner, struct Message *m)
{
	struct FoundRows *f = owner;
	const struct MsgFound *found = &m->body.FOUND;
	static const char *const codes[] = {
	        [FOUND_COPY] = "copy",
	        [FOUND_DAMAGED] = "damaged",
	        [FOUND_LEFTOVER] = "leftover",
	        [FOUND_FOREIGN] = "foreign",
	        [FOUND_MISSING] = "missing",
	};
	_cleanup_free_ char *name = NULL, *size = NULL;

	static_assert(ARRAY_SIZE(codes) == _FOUND_N, "a code for each");
	if (m->type != MSG_FOUND || found->found >= _FOUND_N)
		return;
	if (f->json) {
		json_object(f->json, NULL);
		json_text(f->json, "found", codes[found->found]);
		json_text(f->json, "name", found->name);
		json_number(f->json, "size", found->size);
		json_end_object(f->json);
		return;
	}
	name = say_escape(found->name);
	size = show_bytes(found->size);
	if (found->found == FOUND_MISSING) /* nothing is there to have a size */
		printf("  %s: %s\n", name, show_found(found->found));
	else
		printf("  %s, %s: %s\n", name, size, show_found(found->found));
}

static void reply_json(struct Json *j, const struct MsgReply *reply)
{
	json_end_array(j);
	client_reply_json(j, reply);
	if (reply->fault == FAULT_OK) {
		json_text(j, "checkout", reply->checkout);
		json_number(j, "known", reply->known);
		json_number(j, "foreign", reply->foreign);
		json_number(j, "damaged", reply->damaged);
		json_number(j, "missing", reply->missing);
		if (reply->n != UINT64_MAX)
			json_number(j, "record", reply->n);
		slip_json(j, reply);
	}
	json_end_object(j);
}

static void reply_people(const char *number, const struct MsgReply *reply)
{
	printf(_("%s is returned"), number);
	printf("\n");
	slip_people(reply);
	if (reply->known)
		printf(ngettext("%ju copy on record was found whole\n",
		               "%ju copies on record were found whole\n", reply->known),
		        (uintmax_t)reply->known);
	if (reply->damaged)
		say_warning(ngettext("%ju copy is not as it was written",
		                    "%ju copies are not as they were written", reply->damaged),
		        (uintmax_t)reply->damaged);
	if (reply->foreign)
		say_warning(ngettext("%ju thing on it was not written by mediagate; it is on record",
		                    "%ju things on it were not written by mediagate; they are on record",
		                    reply->foreign),
		        (uintmax_t)reply->foreign);
	if (reply->missing)
		say_warning(ngettext("%ju copy on record is not on it any more; it is on record",
		                    "%ju copies on record are not on it any more; they are on record",
		                    reply->missing),
		        (uintmax_t)reply->missing);
}

static int return_run(const struct Context *c, const void *args _unused_, int n _unused_, char **words)
{
	struct Json j = {.out = stdout};
	struct FoundRows found = {.json = c->json ? &j : NULL};
	struct MsgReply reply;
	struct Ask ask;

	ask_start(&ask, VERB_RETURN);
	ask_text(&ask, REQUEST_number, words[0]);
	if (c->json) {
		json_object(&j, NULL);
		json_array(&j, "found");
	}
	client_call(c, &ask, found_row, &found, &reply);
	if (c->json) {
		reply_json(&j, &reply);
		return say_fault(reply.fault, reply.subject, reply.contact);
	}
	if (reply.fault == FAULT_OK)
		reply_people(words[0], &reply);
	return client_say(c, &reply);
}

const struct Command verb_return = {
        .name = "return",
        .arguments = N_("NUMBER"),
        .summary = N_("give a medium back; what is on it is compared with the records"),
        .help = N_("Plug the medium in first. What mediagate did not write is named and recorded, not "
                   "erased, and so\n"
                   "is a copy that the records have and the medium has not."),
        .least = 1,
        .most = 1,
        .run = return_run,
};
