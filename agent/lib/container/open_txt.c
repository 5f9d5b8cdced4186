/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text as rows, each for the recipients it concerns. A command is one parenthesis, indented by four:
 * pasted whole, a shell reads it to its end before it asks for the password. Plaintext goes below the
 * home folder, never onto the medium; whatever fails leaves nothing (openssl before 3.0.22 writes out
 * plaintext before it has checked it). LF: what a POSIX shell needs, and Notepad reads it.
 */
#include "open_txt.h"
#include "str.h"

enum When {
	ALWAYS,
	PASSWORD,
	CERTIFICATE,
	BOTH,
};

struct OpenRow {
	enum When when;
	const char *text; /* {id} {domain} {terminal} are filled in */
};

/* The command up to the secret, and from it on. */
#define COMMAND_START                                                                                      \
	"    (\n"                                                                                          \
	"      set -eu; umask 077; id={id}; out=\"$HOME/mediagate-$id\"\n"                                 \
	"      mkdir \"$out\" \"$out.parts\"\n"                                                            \
	"      trap 'set +e; stty echo 2>/dev/null; rm -rf \"$out\" \"$out.parts\"; echo \"NOT OPENED\"; " \
	"exit 1' "                                                                                         \
	"EXIT\n"                                                                                           \
	"      grep -E '^[0-9a-f]{64}  ' \"$id.note\" | sha256sum -c -\n"
#define COMMAND_DECRYPT                         \
	"      for f in \"$id\"-*of*.p7m; do\n" \
	"        openssl cms -decrypt -binary -inform DER -in \"$f\" -out \"$out.parts/$f.tar\" \\\n"
#define COMMAND_END                                                        \
	"      done\n"                                                     \
	"      cat \"$out.parts\"/*.tar | tar -xf - -C \"$out\"\n"         \
	"      (cd \"$out\" && sha256sum -c SHA256SUMS)\n"                 \
	"      rm -r \"$out.parts\"; trap - EXIT; echo \"OPENED: $out\"\n" \
	"    )\n\n"

static const struct OpenRow ROWS[] = {
        {ALWAYS, "暗号化されたファイルの開き方   (English: see below)\n"
                 "==================================================\n\n"
                 "作成: {domain}  端末 {terminal}\n"
                 "番号: {id}\n\n"
                 "openssl 3.0 以上、tar、sha256sum だけで開けます（Debian 12、Ubuntu 22.04、RHEL 9 など）。\n"
                 "ネットワークは要りません。このフォルダで端末を開き、下の ( から ) までを\n"
                 "そのまま貼り付けて Enter を押してください。\n"
                 "開いたファイルは、ご自分のホームフォルダの mediagate-{id} に入ります。\n"
                 "「File exists」と出たときは、その名前のフォルダが既にあります。移すか消してください。\n"
                 "「NOT OPENED」と出たときは何も残りません。パスワードか鍵が違うか、破損または\n"
                 "改ざんされています。送り主に新しいものを求めてください。\n\n"},
        {BOTH, "パスワードと証明書のどちらか一方で開けます。\n\n"},
        {PASSWORD, "[パスワードで開く] "
                   "英字は大文字、ハイフンも示されたとおりに入力します（画面には出ません）。\n\n"},
        {PASSWORD, COMMAND_START "      printf 'Password: '; stty -echo 2>/dev/null || :; IFS= read -r pw; "
                                 "stty echo 2>/dev/null || :; echo\n" COMMAND_DECRYPT
                                 "          -pwri_password \"$pw\"\n" COMMAND_END},
        {CERTIFICATE, "[証明書で開く] 証明書と秘密鍵のファイル（PEM 形式）の場所をたずねられます。PKCS#12 "
                      "の場合は先に\n"
                      "openssl pkcs12 -in me.p12 -clcerts -nokeys -out me.crt と\n"
                      "openssl pkcs12 -in me.p12 -nocerts -out me.key を実行してください。\n\n"},
        {CERTIFICATE, COMMAND_START "      printf 'Certificate: '; IFS= read -r crt; printf 'Private key: '; "
                                    "IFS= read -r key\n" COMMAND_DECRYPT
                                    "          -recip \"$crt\" -inkey \"$key\"\n" COMMAND_END},
        {ALWAYS,
                "[Windows] Git for Windows（2.40 以上）を入れ、このフォルダを右クリックして「Git Bash "
                "Here」を選び、\n"
                "同じ ( から ) までを貼り付けてください。\n\n"
                "[mediagate がある場合]   mediagate open このフォルダ\n"
                "mediagate は .note "
                "の署名で送り主も確かめます。上の方法では内容の完全性だけが確かめられます。\n\n\n"
                "How to open these encrypted files\n"
                "=================================\n\n"
                "Made by: {domain}, terminal {terminal}\n"
                "Number:  {id}\n\n"
                "openssl 3.0 or later, tar and sha256sum are enough (Debian 12, Ubuntu 22.04, RHEL 9, ...);\n"
                "no network is needed. Open a terminal in this folder and paste the command above,\n"
                "from ( to ), then press Enter.\n"
                "The files go to mediagate-{id} in your home folder; where \"File exists\"\n"
                "is said, that folder is there already: move or delete it first.\n"
                "After \"NOT OPENED\" nothing is kept: the password or key is wrong, or the copy was\n"
                "damaged or altered. Ask the sender for a new one.\n\n"},
        {BOTH, "Either the password or the certificate opens it.\n"},
        {PASSWORD, "Password: type it as it was shown, capitals and hyphens too; it is not displayed.\n"},
        {CERTIFICATE, "Certificate: you are asked for the files of your certificate and private key (PEM).\n"
                      "From PKCS#12: openssl pkcs12 -in me.p12 -clcerts -nokeys -out me.crt\n"
                      "              openssl pkcs12 -in me.p12 -nocerts -out me.key\n"},
        {ALWAYS, "Windows: install Git for Windows (2.40 or later), right-click this folder, choose\n"
                 "\"Git Bash Here\" and paste the same command.\n"
                 "With mediagate: mediagate open FOLDER. It also verifies who signed the .note; the\n"
                 "command above proves that the content is whole, not who sent it.\n"},
};

struct OpenValue {
	const char *word, *value;
};

static bool row_concerns(enum When when, const struct OpenFacts *f)
{
	switch (when) {
	case PASSWORD:
		return f->password;
	case CERTIFICATE:
		return f->certificate;
	case BOTH:
		return f->password && f->certificate;
	default:
		return true;
	}
}

/* The value whose word stands at p, or NULL. */
static const struct OpenValue *value_at(const char *p, const struct OpenValue *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strncmp(p, values[i].word, strlen(values[i].word)) == 0)
			return &values[i];
	return NULL;
}

ssize_t open_text(const struct OpenFacts *f, char *ret, size_t size)
{
	char domain[4 * LIMIT_DOMAIN], terminal[4 * LIMIT_CODE];
	struct OpenValue values[] = {{"{id}", f->copy}, {"{domain}", domain}, {"{terminal}", terminal}};
	size_t at = 0;

	if (!copy_id_is_valid(f->copy) || !(f->password || f->certificate))
		return -EINVAL;
	str_escape(domain, sizeof(domain), (const uint8_t *)f->domain, strlen(f->domain));
	str_escape(terminal, sizeof(terminal), (const uint8_t *)f->terminal, strlen(f->terminal));
	for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
		const char *p = ROWS[i].text;

		while (row_concerns(ROWS[i].when, f) && *p) {
			const struct OpenValue *v = value_at(p, values, ARRAY_SIZE(values));
			size_t n = v ? strlen(v->value) : 1;

			if (n > size - at)
				return -E2BIG;
			memcpy(ret + at, v ? v->value : p, n);
			at += n;
			p += v ? strlen(v->word) : 1;
		}
	}
	return (ssize_t)at;
}
