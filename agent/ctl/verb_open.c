/* SPDX-License-Identifier: Apache-2.0 */
/*
 * open FOLDER|FILE [DEST]: opens a copy anywhere, without an agent. A folder must agree with its note; with
 * --key the note's signature is verified, without it the sender is not known and that is said. A file is
 * one message, also one of stock openssl's.
 */
#include "cms_read.h"
#include "fault.h"
#include "folder_note.h"
#include "out_tree.h"
#include "prompt.h"
#include "say.h"
#include "secret_input.h"
#include "show.h"
#include "signer.h"
#include "str.h"
#include "unseal.h"
#include "verb.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define OPEN_TRIES 3

struct OpenArgs {
	const char *key, *password_file, *key_file;
};

static const struct Option open_options[] = {
        {OPTION(struct OpenArgs, key, "key", OPTION_TEXT), N_("KEY"),
                N_("the sender's label key, or a file that holds it: verifies who made the copy")},
        {OPTION(struct OpenArgs, password_file, "password-file", OPTION_TEXT), N_("FILE"),
                N_("the copy's password is the first line of FILE (- is standard input)")},
        {OPTION(struct OpenArgs, key_file, "key-file", OPTION_TEXT), N_("FILE"),
                N_("the private key (PEM), for a copy made for a certificate")},
        OPTIONS_END,
};

/* Kept out of swap where the system lets us; wiped in any case. */
struct OpenSecret {
	char password[SECRET_PASSWORD];
	uint8_t pem[SECRET_PEM];
	struct CmsKeys keys;
	struct PrivateKey *key;
};

struct Open {
	const struct OpenArgs *args;
	const char *subject; /* what a fault is about */
	struct OpenSecret *secret;
	struct OutTree out;
	const char *destination;
	char *made; /* where we chose the destination */
	bool any;   /* something was written: no second try */
	struct TarTally tally;
	bool verified;
	int said;
};

static int secret_new(struct OpenSecret **ret)
{
	struct OpenSecret *s =
	        mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (s == MAP_FAILED)
		return FAULT_INTERNAL;
	if (mlock(s, sizeof(*s)))
		errno = 0; /* the recipient's machine may not allow it; the copy is theirs */
	*ret = s;
	return 0;
}

static void open_done(struct Open *o)
{
	out_tree_done(&o->out);
	free(o->made);
	if (!o->secret)
		return;
	cms_keys_done(&o->secret->keys);
	private_key_freep(&o->secret->key);
	explicit_bzero(o->secret, sizeof(*o->secret));
	munmap(o->secret, sizeof(*o->secret));
}

/* ------------------------------------------------------------------ secrets */

static int ask(struct Open *o, const char *question)
{
	int r = password_ask(question, -1, o->secret->password);

	if (r == PROMPT_NONE)
		o->said = say_usage("%s", _("no terminal to ask for the password on: give --password-file"));
	return r ? FAULT_CANCELLED : 0;
}

static int passphrase(void *owner, char *ret, size_t size)
{
	struct Open *o = owner;

	if (o->args->password_file ? password_from_file(o->args->password_file, o->secret->password)
	                           : ask(o, _("Passphrase of the key: ")))
		return -ENOENT;
	return str_set(ret, size, o->secret->password) ? -ENOENT : (int)strlen(ret);
}

static int take_key(struct Open *o)
{
	ssize_t n = pem_read(o->args->key_file, o->secret->pem, sizeof(o->secret->pem));
	int r;

	o->subject = o->args->key_file;
	if (n < 0)
		return (int)-n;
	r = private_key_read(o->secret->pem, (size_t)n, passphrase, o, &o->secret->key);
	explicit_bzero(o->secret->pem, sizeof(o->secret->pem));
	if (r)
		return r > 0 ? FAULT_WRONG_KEY : FAULT_INTERNAL;
	o->secret->keys.key = o->secret->key;
	return 0;
}

/* What opens it, as far as the header says. `n`: the how-manieth try. */
static int take_secret(struct Open *o, const struct CmsFacts *facts, unsigned int n)
{
	struct CmsKeys *keys = &o->secret->keys;
	int r;

	if (o->args->key_file)
		return take_key(o);
	if (!facts->password) {
		o->said = say_usage(
		        "%s", _("this copy was made for a certificate: give its key with --key-file"));
		return FAULT_CANCELLED;
	}
	if (o->args->password_file) {
		o->subject = o->args->password_file;
		r = password_from_file(o->args->password_file, o->secret->password);
	} else {
		r = ask(o, n ? _("Wrong. Password of the copy: ") : _("Password of the copy: "));
	}
	if (r)
		return r;
	cms_keys_done(keys);
	*keys = (struct CmsKeys){
	        .password = o->secret->password, .password_size = strlen(o->secret->password)};
	return 0;
}

static bool try_again(const struct Open *o, int r, unsigned int n)
{
	return r == FAULT_WRONG_PASSWORD && !o->any && !o->args->password_file && n + 1 < OPEN_TRIES;
}

/* ------------------------------------------------------------------ a folder */

static int sink_begin(void *owner, const struct TarMember *m)
{
	struct Open *o = owner;

	o->any = true;
	return out_tree_file(&o->out, m->name);
}

static int sink_data(void *owner, const void *bytes, size_t n)
{
	return out_tree_write(&((struct Open *)owner)->out, bytes, n);
}

static int sink_end(void *owner, const uint8_t sha256[static 32] _unused_)
{
	return out_tree_file_end(&((struct Open *)owner)->out);
}

/* The key given, or the first line of the file that was named. */
static int key_given(const char *given, struct IssuerRow *ret)
{
	char text[LIMIT_VKEY + 1];
	ssize_t n = strchr(given, '+') ? -1 : pem_read(given, text, sizeof(text) - 1);

	if (n > 0) {
		text[n] = '\0';
		text[strcspn(text, "\r\n")] = '\0';
		given = text;
	}
	return STR_SET(ret->vkey, given) ? FAULT_BAD_CONFIG : 0;
}

static int sender_check(struct Open *o, const struct FolderNote *note)
{
	struct IssuerRow issuer;
	size_t which;
	int r;

	if (!o->args->key)
		return 0;
	r = key_given(o->args->key, &issuer);
	if (!r)
		r = signer_check(&issuer, 1, note->bytes, note->size, &which);
	if (r == FAULT_BAD_CONFIG) {
		o->said = say_usage(
		        "%s", _("--key needs a verifier key (name+hash+base64) or a file that holds one"));
		return FAULT_CANCELLED;
	}
	o->verified = r == 0;
	return r;
}

static int folder_unseal(struct Open *o, int dir, const struct Folder *f, const struct FolderNote *note)
{
	const struct TarSink sink = {.owner = o, .begin = sink_begin, .data = sink_data, .end = sink_end};
	const struct SealedFolder sealed = {dir, f, note->bytes, note->text_size};
	const char *folder = o->subject;
	struct UnsealWhere where = {};
	struct CmsFacts facts;
	int r = folder_recipients(dir, f, &facts);

	for (unsigned int n = 0; !r; n++) {
		r = take_secret(o, &facts, n);
		if (r)
			return r;
		o->subject = folder;
		r = unseal_folder(&sealed, &o->secret->keys, &sink, &o->tally, &where);
		if (!try_again(o, r, n))
			break;
		r = 0;
	}
	return r;
}

static int open_folder(struct Open *o, const char *path)
{
	_cleanup_fd_ int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_note_ struct FolderNote note = {};
	struct Folder f;
	int r = dir < 0 ? FAULT_UNREADABLE : folder_look(dir, NULL, &f);

	if (!r)
		r = folder_note_read(dir, f.copy, &note);
	if (!r)
		r = note_check(&f, note.bytes, note.text_size);
	if (!r)
		r = sender_check(o, &note);
	if (r)
		return r;
	if (!o->destination)
		o->destination = o->made = strdup(f.copy);
	r = o->destination ? out_tree_begin(&o->out, o->destination) : FAULT_INTERNAL;
	if (r) {
		o->subject = o->destination;
		return r;
	}
	return folder_unseal(o, dir, &f, &note);
}

/* ------------------------------------------------------------------ one message */

static int file_write(void *owner, const void *bytes, size_t n)
{
	struct Open *o = owner;

	o->any = true;
	o->tally.bytes += n;
	return out_tree_write(&o->out, bytes, n);
}

/* FILE.p7m becomes FILE; any other name needs a destination. */
static char *plain_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	static const char *const endings[] = {".p7m", ".cms", ".der"};
	size_t n = strlen(base);

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		if (n > 4 && str_eq(base + n - 4, endings[i]))
			return strndup(base, n - 4);
	return NULL;
}

static int message_facts(struct CmsReader *reader, int *fd, struct CmsFacts *ret)
{
	const struct CmsSource source = {.owner = fd, .read = cms_source_fd};

	return cms_read_header(reader, &source, ret);
}

static int open_message_once(struct Open *o, const char *path, unsigned int n)
{
	_cleanup_(cms_reader_freep) struct CmsReader *reader = NULL, *look = NULL;
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC), again = open(path, O_RDONLY | O_CLOEXEC);
	const struct CmsSource source = {.owner = &fd, .read = cms_source_fd};
	struct CmsFacts facts;
	int r = fd < 0 || again < 0 ? FAULT_UNREADABLE : cms_reader_new(&reader);

	if (!r)
		r = cms_reader_new(&look);
	if (!r)
		r = message_facts(look, &again, &facts);
	if (!r)
		r = take_secret(o, &facts, n);
	if (r)
		return r;
	o->subject = path;
	return cms_read(reader, &source, &o->secret->keys, file_write, o);
}

static int open_message(struct Open *o, const char *path)
{
	int r;

	if (!o->destination)
		o->destination = o->made = plain_name(path);
	if (!o->destination) {
		o->said = say_usage("%s", _("say where the plain file shall go: mediagate open FILE DEST"));
		return FAULT_CANCELLED;
	}
	o->subject = o->destination;
	r = out_tree_begin(&o->out, o->destination);
	if (!r)
		r = out_tree_file(&o->out, "");
	if (r)
		return r;
	o->subject = path;
	for (unsigned int n = 0;; n++) {
		r = open_message_once(o, path, n);
		if (!try_again(o, r, n))
			break;
	}
	o->tally.files = 1;
	return r ? r : out_tree_file_end(&o->out);
}

/* ------------------------------------------------------------------ the verb */

static int say_opened(const struct Context *c, const struct Open *o, int fault)
{
	struct Json j = {.out = stdout};
	_cleanup_free_ char *size = NULL, *where = NULL;

	if (c->json) {
		json_object(&j, NULL);
		json_flag(&j, "ok", fault == FAULT_OK);
		if (fault)
			show_fault_json(&j, fault, o->subject);
		else {
			json_text(&j, "destination", o->destination);
			json_number(&j, "files", o->tally.files);
			json_number(&j, "bytes", o->tally.bytes);
			json_flag(&j, "verified", o->verified);
		}
		json_end_object(&j);
		return say_fault(fault, o->subject, _("the sender"));
	}
	if (fault)
		return say_fault(fault, o->subject, _("the sender"));
	size = show_bytes(o->tally.bytes);
	where = say_escape(o->destination);
	printf(ngettext("%ju file, %s, is in %s\n", "%ju files, %s, are in %s\n", o->tally.files),
	        (uintmax_t)o->tally.files, size, where);
	if (o->verified)
		printf("%s\n", _("the sender is verified, and nothing was altered"));
	else
		say_warning(
		        "%s", _("who made this copy is not verified; --key with the sender's key does that"));
	return EXIT_OK;
}

static int open_any(struct Open *o, const char *path)
{
	struct stat st;
	int r = secret_new(&o->secret);

	if (!r && crypto_prepare() < 0)
		r = FAULT_INTERNAL;
	if (!r && stat(path, &st))
		r = FAULT_UNREADABLE;
	if (!r)
		r = S_ISDIR(st.st_mode) ? open_folder(o, path) : open_message(o, path);
	if (r < 0) {
		o->subject = strerror(-r);
		r = FAULT_INTERNAL;
	}
	if (!r)
		r = out_tree_publish(&o->out);
	if (r == FAULT_DEST_EXISTS || r == FAULT_DEST_FAILED)
		o->subject = o->destination;
	return r;
}

static int open_run(const struct Context *c, const void *args, int n, char **words)
{
	_cleanup_(open_done) struct Open o = {.args = args, .subject = words[0], .out = OUT_TREE_NULL};
	int r;

	if (n > 1)
		o.destination = words[1];
	r = open_any(&o, words[0]);
	return o.said ? o.said : say_opened(c, &o, r);
}

const struct Command verb_open = {
        .name = "open",
        .arguments = N_("FOLDER|FILE [DEST]"),
        .summary = N_("open an encrypted copy, anywhere; needs no agent"),
        .help = N_("FOLDER is a copy's folder, FILE one encrypted message. DEST must not be there yet; it\n"
                   "appears when everything has been checked. Without it: the copy's id, here."),
        .options = open_options,
        .args_size = sizeof(struct OpenArgs),
        .least = 1,
        .most = 2,
        .run = open_run,
};
