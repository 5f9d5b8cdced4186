/* SPDX-License-Identifier: Apache-2.0 */
#include "rotate.h"

#include "clock.h"
#include "line.h"
#include "log.h"
#include "str.h"

/* The `key` record's line, its newline included. */
static int line_make(
        const struct Store *s, const char *terminal, char ret[static LIMIT_LINE + 1], size_t *ret_size)
{
	struct LineHead head = {.n = s->tree.size, .time = clock_now(), .terminal = terminal};
	char vkey[LIMIT_VKEY], signature[STORE_SIGNATURE];
	struct Checkpoint before;
	struct Record record;
	int r = vkey_format(&s->seal->next_vkey, vkey, sizeof(vkey));

	if (r >= 0)
		r = store_certify(s, rekey_format, vkey, &before, signature);
	if (r < 0)
		return r;
	record_start(&record, RECORD_KEY, RESULT_DONE);
	record_text(&record, KEY_VKEY, vkey);
	record_text(&record, KEY_SIGNATURE, signature);
	if (line_build(&record, &head, ret, ret_size))
		return -EINVAL;
	ret[(*ret_size)++] = '\n';
	return 0;
}

int rotate(struct Store *s, const char *terminal)
{
	char line[LIMIT_LINE + 1];
	size_t n;
	int r = seal_next_make(s->seal, s->seal->ledger_vkey.name);

	if (r < 0 && store_is_full(-r))
		r = STORE_FULL;
	if (!r)
		r = line_make(s, terminal, line, &n);
	if (!r)
		r = store_append(s, line, n, true);
	if (r == STORE_FULL) {
		/* nothing names the new key */
		log_warning("no room to change the ledger key");
		r = seal_next_drop(s->seal);
		return r < 0 ? r : STORE_FULL;
	}
	if (r < 0)
		return r;
	s->last_key = s->tree.size - 1;
	seal_next_use(s->seal);
	r = store_checkpoint(s);
	/* the old key cannot sign any more: without its checkpoint this record must not be built upon */
	if (r == STORE_FULL)
		return -ENOSPC;
	return r < 0 ? r : seal_next_finish(s->seal);
}

int rotate_resume(struct Seal *seal, const char *last_vkey)
{
	char ours[LIMIT_VKEY];
	int r;

	if (seal->next) {
		r = vkey_format(&seal->next_vkey, ours, sizeof(ours));
		if (r < 0)
			return r;
		if (str_eq(ours, last_vkey)) {
			seal_next_use(seal);
			return 1;
		}
		r = seal_next_drop(seal);
		if (r < 0)
			return r;
	}
	r = vkey_format(&seal->ledger_vkey, ours, sizeof(ours));
	if (r < 0)
		return r;
	return str_eq(ours, last_vkey) ? 0 : -EBADMSG;
}
