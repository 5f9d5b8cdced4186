/* SPDX-License-Identifier: Apache-2.0 */
#include "label_slot.h"

#define FIELD(name, at, size, type, loan, member) \
	{(name), (at), (size), (type), (loan), offsetof(struct Label, member), sizeof(((struct Label *)NULL)->member)}
static const struct LabelField fields[] = {
	FIELD("counter", 24, 8, LABEL_NUMBER, 0, counter),
	FIELD("random", 32, 32, LABEL_BYTES, 0, random),
	FIELD("identity", 64, 32, LABEL_BYTES, 0, identity),
	FIELD("number", 96, 24, LABEL_TEXT, 0, number),
	FIELD("registration", 120, 48, LABEL_TEXT, 0, registration),
	FIELD("terminal", 168, 40, LABEL_TEXT, 0, terminal),
	FIELD("checkout", 208, 48, LABEL_TEXT, 1, loan.checkout),
	FIELD("clerk", 256, 40, LABEL_TEXT, 1, loan.clerk),
	FIELD("purpose", 296, 40, LABEL_TEXT, 1, loan.purpose),
	FIELD("ground", 336, 40, LABEL_TEXT, 1, loan.ground),
	FIELD("terminals", 376, 264, LABEL_TEXT, 1, loan.terminals),
	FIELD("from", 640, 8, LABEL_NUMBER, 1, loan.from),
	FIELD("until", 648, 8, LABEL_NUMBER, 1, loan.until),
	FIELD("carry_out", 656, 8, LABEL_FLAG, 1, loan.carry_out),
	FIELD("key", 4028, LABEL_KEY_ID, LABEL_BYTES, 0, key_id),
	FIELD("signature", LABEL_SIGNED, LABEL_SIGNATURE, LABEL_BYTES, 0, signature),
};

const struct LabelField *label_field(size_t i)
{
	return i < ARRAY_SIZE(fields) ? &fields[i] : NULL;
}

static bool is_code(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] < 0x21 || text[i] > 0x7e)
			return false;
	return true;
}

/* Who must be named: all but a loan's details, and those when there is a loan at all. */
static bool may_be_empty(const struct LabelField *f)
{
	return f->loan;
}

static void number_write(uint64_t value, uint8_t *ret)
{
	for (size_t i = 0; i < 8; i++)
		ret[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t number_read(const uint8_t *bytes)
{
	uint64_t value = 0;

	for (size_t i = 0; i < 8; i++)
		value |= (uint64_t)bytes[i] << 8 * i;
	return value;
}

static int field_write(const struct LabelField *f, const char *member, uint8_t *ret)
{
	uint64_t number = 0;
	size_t n;

	switch ((enum LabelFieldType)f->type) {
	case LABEL_TEXT:
		n = strnlen(member, f->room);
		if (n == f->room || (!n && !may_be_empty(f)) || !is_code(member, n))
			return -EINVAL;
		memcpy(ret, member, n);
		return 0;
	case LABEL_BYTES:
		memcpy(ret, member, f->size);
		return 0;
	case LABEL_NUMBER:
		memcpy(&number, member, sizeof(number));
		number_write(number, ret);
		return 0;
	case LABEL_FLAG:
		number_write(*member != 0, ret);
		return 0;
	}
	return -EINVAL;
}

static bool has_loan(const struct Label *l)
{
	return l->loan.checkout[0] != '\0';
}

int label_encode(const struct Label *l, uint8_t ret[static LABEL_SIZE])
{
	memset(ret, 0, LABEL_SIZE);
	memcpy(ret, LABEL_MAGIC, strlen(LABEL_MAGIC));
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const struct LabelField *f = &fields[i];
		int r = f->loan && !has_loan(l) ? 0 : field_write(f, (const char *)l + f->member, ret + f->at);

		if (r < 0)
			return r;
	}
	return 0;
}

static bool is_zero(const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i])
			return false;
	return true;
}

static int field_read(const struct LabelField *f, const uint8_t *bytes, char *member)
{
	uint64_t number;
	size_t n;

	switch ((enum LabelFieldType)f->type) {
	case LABEL_TEXT:
		n = strnlen((const char *)bytes, f->size);
		if (n >= f->room || (!n && !may_be_empty(f)) || !is_code((const char *)bytes, n) ||
			!is_zero(bytes + n, f->size - n))
			return LABEL_STATE_MALFORMED;
		memcpy(member, bytes, n);
		return 0;
	case LABEL_BYTES:
		memcpy(member, bytes, f->size);
		return 0;
	case LABEL_NUMBER:
		number = number_read(bytes);
		memcpy(member, &number, sizeof(number));
		return 0;
	case LABEL_FLAG:
		number = number_read(bytes);
		*member = (char)number;
		return number > 1 ? LABEL_STATE_MALFORMED : 0;
	}
	return LABEL_STATE_MALFORMED;
}

/* Between and behind the fields there is nothing. */
static bool gaps_are_zero(const uint8_t *bytes)
{
	size_t at = strlen(LABEL_MAGIC);

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (!is_zero(bytes + at, fields[i].at - at))
			return false;
		at = (size_t)fields[i].at + fields[i].size;
	}
	return at == LABEL_SIZE;
}

static bool loan_is_whole(const struct Label *l, const uint8_t *bytes)
{
	if (has_loan(l))
		return l->loan.clerk[0] != '\0';
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i].loan && !is_zero(bytes + fields[i].at, fields[i].size))
			return false;
	return true;
}

int label_decode(const uint8_t bytes[static LABEL_SIZE], struct Label *ret)
{
	struct Label l = {};

	if (memcmp(bytes, LABEL_MAGIC, strlen(LABEL_MAGIC)))
		return LABEL_NOTHING;
	if (!gaps_are_zero(bytes))
		return LABEL_STATE_MALFORMED;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		int r = field_read(&fields[i], bytes + fields[i].at, (char *)&l + fields[i].member);

		if (r)
			return r;
	}
	if (!l.counter || !loan_is_whole(&l, bytes))
		return LABEL_STATE_MALFORMED;
	*ret = l;
	return 0;
}
