/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Templates of RFC 5652's RecipientInfo for the three kinds we know. What is fixed in them (algorithms
 * with their parameters) is kept as raw DER and compared with the one form allowed; whose certificate it
 * is stays raw as well, since keys are tried, not looked up.
 */
#include "cms_asn1.h"

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/safestack.h>

/* AlgorithmIdentifiers, complete. */
#define OID_SHA256 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01
#define OID_OAEP   0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x07
#define OID_MGF1   0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08
#define OID_PBKDF2 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c
#define OID_HMAC   0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09
#define OID_PWRI   0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x03, 0x09
#define OID_CBC    0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a
#define OID_ECDH   0x06, 0x06, 0x2b, 0x81, 0x04, 0x01, 0x0b, 0x01
#define OID_WRAP   0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2d
#define OID_EC_KEY 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01
#define DER_NULL   0x05, 0x00

/* as the stock tool writes it: digests without parameters (RFC 5754) */
static const uint8_t OAEP[] = {0x30, 0x38, OID_OAEP, 0x30, 0x2b, 0xa0, 0x0d, 0x30, 0x0b, OID_SHA256, 0xa1,
        0x1a, 0x30, 0x18, OID_MGF1, 0x30, 0x0b, OID_SHA256};
/* the other spelling, NULL parameters (RFC 8017): read only */
static const uint8_t OAEP_NULL[] = {0x30, 0x3c, OID_OAEP, 0x30, 0x2f, 0xa0, 0x0f, 0x30, 0x0d, OID_SHA256,
        DER_NULL, 0xa1, 0x1c, 0x30, 0x1a, OID_MGF1, 0x30, 0x0d, OID_SHA256, DER_NULL};
static const uint8_t ECDH[] = {0x30, 0x15, OID_ECDH, 0x30, 0x0b, OID_WRAP};
static const uint8_t POINT_OF_EC[] = {0x30, 0x09, OID_EC_KEY};
static const uint8_t HMAC_SHA256[] = {0x30, 0x0c, OID_HMAC, DER_NULL};
static const uint8_t PBKDF2_OID[] = {OID_PBKDF2};
static const uint8_t PWRI_OID[] = {OID_PWRI};
static const uint8_t CBC_OID[] = {OID_CBC};

typedef struct {
	ASN1_TYPE *issuer; /* a Name */
	ASN1_INTEGER *serial;
} CmsIssuerSerial;

typedef struct {
	int type; /* 0 issuer and serial number, 1 key identifier */
	union {
		CmsIssuerSerial *issuer;
		ASN1_OCTET_STRING *key_id;
	} d;
} CmsRid;

typedef struct {
	ASN1_OCTET_STRING *key_id;
} CmsKeyId;

typedef struct {
	int type;
	union {
		CmsIssuerSerial *issuer;
		CmsKeyId *key_id;
	} d;
} CmsAgreeRid;

typedef struct {
	int32_t version;
	CmsRid *rid;
	ASN1_TYPE *algorithm;
	ASN1_OCTET_STRING *wrapped;
} CmsKtri;

typedef struct {
	ASN1_TYPE *algorithm;
	ASN1_BIT_STRING *point;
} CmsEcKey;

typedef struct {
	int type;
	union {
		CmsEcKey *key;
	} d;
} CmsOriginator;

typedef struct {
	CmsAgreeRid *rid;
	ASN1_OCTET_STRING *wrapped;
} CmsAgreeKey;

typedef struct {
	CmsAgreeKey *one; /* SEQUENCE OF, here always of one */
} CmsAgreeKeys;

typedef struct {
	int32_t version;
	CmsOriginator *originator;
	ASN1_TYPE *algorithm;
	CmsAgreeKeys *keys;
} CmsKari;

typedef struct {
	ASN1_OCTET_STRING *salt;
	int32_t rounds;
	int32_t key_size;
	ASN1_TYPE *prf;
} CmsPbkdf2;

typedef struct {
	ASN1_TYPE *object;
	CmsPbkdf2 *parameters;
} CmsKdf;

typedef struct {
	ASN1_TYPE *object;
	ASN1_OCTET_STRING *iv;
} CmsCbc;

typedef struct {
	ASN1_TYPE *object;
	CmsCbc *parameters;
} CmsKek;

typedef struct {
	int32_t version;
	CmsKdf *kdf;
	CmsKek *kek;
	ASN1_OCTET_STRING *wrapped;
} CmsPwri;

typedef struct {
	int type; /* enum as below */
	union {
		CmsKtri *ktri;
		CmsKari *kari;
		CmsPwri *pwri;
	} d;
} CmsInfo;

enum { INFO_KTRI, INFO_KARI, INFO_PWRI };

/* clang-format off */
ASN1_SEQUENCE(CmsIssuerSerial) = {
	ASN1_SIMPLE(CmsIssuerSerial, issuer, ASN1_ANY),
	ASN1_SIMPLE(CmsIssuerSerial, serial, ASN1_INTEGER),
} static_ASN1_SEQUENCE_END(CmsIssuerSerial)

ASN1_CHOICE(CmsRid) = {
	ASN1_SIMPLE(CmsRid, d.issuer, CmsIssuerSerial),
	ASN1_IMP(CmsRid, d.key_id, ASN1_OCTET_STRING, 0),
} static_ASN1_CHOICE_END(CmsRid)

ASN1_SEQUENCE(CmsKeyId) = {
	ASN1_SIMPLE(CmsKeyId, key_id, ASN1_OCTET_STRING),
} static_ASN1_SEQUENCE_END(CmsKeyId)

ASN1_CHOICE(CmsAgreeRid) = {
	ASN1_SIMPLE(CmsAgreeRid, d.issuer, CmsIssuerSerial),
	ASN1_IMP(CmsAgreeRid, d.key_id, CmsKeyId, 0),
} static_ASN1_CHOICE_END(CmsAgreeRid)

ASN1_SEQUENCE(CmsKtri) = {
	ASN1_EMBED(CmsKtri, version, INT32),
	ASN1_SIMPLE(CmsKtri, rid, CmsRid),
	ASN1_SIMPLE(CmsKtri, algorithm, ASN1_ANY),
	ASN1_SIMPLE(CmsKtri, wrapped, ASN1_OCTET_STRING),
} static_ASN1_SEQUENCE_END(CmsKtri)

ASN1_SEQUENCE(CmsEcKey) = {
	ASN1_SIMPLE(CmsEcKey, algorithm, ASN1_ANY),
	ASN1_SIMPLE(CmsEcKey, point, ASN1_BIT_STRING),
} static_ASN1_SEQUENCE_END(CmsEcKey)

ASN1_CHOICE(CmsOriginator) = {
	ASN1_IMP(CmsOriginator, d.key, CmsEcKey, 1),
} static_ASN1_CHOICE_END(CmsOriginator)

ASN1_SEQUENCE(CmsAgreeKey) = {
	ASN1_SIMPLE(CmsAgreeKey, rid, CmsAgreeRid),
	ASN1_SIMPLE(CmsAgreeKey, wrapped, ASN1_OCTET_STRING),
} static_ASN1_SEQUENCE_END(CmsAgreeKey)

ASN1_SEQUENCE(CmsAgreeKeys) = {
	ASN1_SIMPLE(CmsAgreeKeys, one, CmsAgreeKey),
} static_ASN1_SEQUENCE_END(CmsAgreeKeys)

ASN1_SEQUENCE(CmsKari) = {
	ASN1_EMBED(CmsKari, version, INT32),
	ASN1_EXP(CmsKari, originator, CmsOriginator, 0),
	ASN1_SIMPLE(CmsKari, algorithm, ASN1_ANY),
	ASN1_SIMPLE(CmsKari, keys, CmsAgreeKeys),
} static_ASN1_SEQUENCE_END(CmsKari)

ASN1_SEQUENCE(CmsPbkdf2) = {
	ASN1_SIMPLE(CmsPbkdf2, salt, ASN1_OCTET_STRING),
	ASN1_EMBED(CmsPbkdf2, rounds, INT32),
	ASN1_EMBED(CmsPbkdf2, key_size, INT32),
	ASN1_SIMPLE(CmsPbkdf2, prf, ASN1_ANY),
} static_ASN1_SEQUENCE_END(CmsPbkdf2)

ASN1_SEQUENCE(CmsKdf) = {
	ASN1_SIMPLE(CmsKdf, object, ASN1_ANY),
	ASN1_SIMPLE(CmsKdf, parameters, CmsPbkdf2),
} static_ASN1_SEQUENCE_END(CmsKdf)

ASN1_SEQUENCE(CmsCbc) = {
	ASN1_SIMPLE(CmsCbc, object, ASN1_ANY),
	ASN1_SIMPLE(CmsCbc, iv, ASN1_OCTET_STRING),
} static_ASN1_SEQUENCE_END(CmsCbc)

ASN1_SEQUENCE(CmsKek) = {
	ASN1_SIMPLE(CmsKek, object, ASN1_ANY),
	ASN1_SIMPLE(CmsKek, parameters, CmsCbc),
} static_ASN1_SEQUENCE_END(CmsKek)

ASN1_SEQUENCE(CmsPwri) = {
	ASN1_EMBED(CmsPwri, version, INT32),
	ASN1_IMP(CmsPwri, kdf, CmsKdf, 0),
	ASN1_SIMPLE(CmsPwri, kek, CmsKek),
	ASN1_SIMPLE(CmsPwri, wrapped, ASN1_OCTET_STRING),
} static_ASN1_SEQUENCE_END(CmsPwri)

ASN1_CHOICE(CmsInfo) = {
	ASN1_SIMPLE(CmsInfo, d.ktri, CmsKtri),
	ASN1_IMP(CmsInfo, d.kari, CmsKari, 1),
	ASN1_IMP(CmsInfo, d.pwri, CmsPwri, 3),
} static_ASN1_CHOICE_END(CmsInfo)

ASN1_ITEM_TEMPLATE(CmsInfos) =
	ASN1_EX_TEMPLATE_TYPE(ASN1_TFLG_SET_OF, 0, CmsInfos, CmsInfo)
static_ASN1_ITEM_TEMPLATE_END(CmsInfos)

DEFINE_STACK_OF(CmsInfo)
        /* clang-format on */

        static void infos_freep(STACK_OF(CmsInfo) * *infos)
{
	ASN1_item_free((ASN1_VALUE *)*infos, ASN1_ITEM_rptr(CmsInfos));
}

static void info_freep(CmsInfo **info)
{
	ASN1_item_free((ASN1_VALUE *)*info, ASN1_ITEM_rptr(CmsInfo));
}

void cms_der_freep(uint8_t **der)
{
	OPENSSL_free(*der);
	*der = NULL;
}

/* ---- encoding */

static bool raw_set(ASN1_TYPE **ret, const uint8_t *der, size_t n)
{
	return d2i_ASN1_TYPE(ret, &der, (long)n) != NULL;
}

static bool octets_set(ASN1_OCTET_STRING *s, const uint8_t *bytes, size_t n)
{
	return ASN1_OCTET_STRING_set(s, bytes, (int)n) == 1;
}

static bool issuer_set(CmsIssuerSerial *i, const struct CmsRecipient *r)
{
	const uint8_t *serial = r->serial;

	return raw_set(&i->issuer, r->issuer, r->issuer_size) &&
	       d2i_ASN1_INTEGER(&i->serial, &serial, (long)r->serial_size);
}

static bool ktri_set(CmsKtri *k, const struct CmsRecipient *r)
{
	k->rid->type = 0;
	k->rid->d.issuer = (CmsIssuerSerial *)ASN1_item_new(ASN1_ITEM_rptr(CmsIssuerSerial));
	return k->rid->d.issuer && issuer_set(k->rid->d.issuer, r) &&
	       raw_set(&k->algorithm, OAEP, sizeof(OAEP)) &&
	       octets_set(k->wrapped, r->wrapped, r->wrapped_size);
}

static bool kari_set(CmsKari *k, const struct CmsRecipient *r)
{
	CmsAgreeKey *one = k->keys->one;
	CmsEcKey *key = (CmsEcKey *)ASN1_item_new(ASN1_ITEM_rptr(CmsEcKey));

	k->version = 3;
	k->originator->type = 0;
	k->originator->d.key = key;
	if (!key || !raw_set(&key->algorithm, POINT_OF_EC, sizeof(POINT_OF_EC)) ||
	        ASN1_BIT_STRING_set(key->point, (uint8_t *)(uintptr_t)r->point, (int)r->point_size) != 1)
		return false;
	/* whole bytes: no unused bits, whatever the last one looks like */
	key->point->flags &= ~(ASN1_STRING_FLAG_BITS_LEFT | 0x07);
	key->point->flags |= ASN1_STRING_FLAG_BITS_LEFT;
	one->rid->type = 0;
	one->rid->d.issuer = (CmsIssuerSerial *)ASN1_item_new(ASN1_ITEM_rptr(CmsIssuerSerial));
	return one->rid->d.issuer && issuer_set(one->rid->d.issuer, r) &&
	       raw_set(&k->algorithm, ECDH, sizeof(ECDH)) &&
	       octets_set(one->wrapped, r->wrapped, r->wrapped_size);
}

static bool pwri_set(CmsPwri *p, const struct CmsRecipient *r)
{
	CmsPbkdf2 *kdf = p->kdf->parameters;

	kdf->rounds = (int32_t)r->rounds;
	kdf->key_size = CRYPTO_KEY;
	return raw_set(&p->kdf->object, PBKDF2_OID, sizeof(PBKDF2_OID)) &&
	       octets_set(kdf->salt, r->salt, r->salt_size) &&
	       raw_set(&kdf->prf, HMAC_SHA256, sizeof(HMAC_SHA256)) &&
	       raw_set(&p->kek->object, PWRI_OID, sizeof(PWRI_OID)) &&
	       raw_set(&p->kek->parameters->object, CBC_OID, sizeof(CBC_OID)) &&
	       octets_set(p->kek->parameters->iv, r->iv, sizeof(r->iv)) &&
	       octets_set(p->wrapped, r->wrapped, r->wrapped_size);
}

static bool info_set(CmsInfo *info, const struct CmsRecipient *r)
{
	switch (r->kind) {
	case CMS_RSA:
		info->type = INFO_KTRI;
		info->d.ktri = (CmsKtri *)ASN1_item_new(ASN1_ITEM_rptr(CmsKtri));
		return info->d.ktri && ktri_set(info->d.ktri, r);
	case CMS_ECDH:
		info->type = INFO_KARI;
		info->d.kari = (CmsKari *)ASN1_item_new(ASN1_ITEM_rptr(CmsKari));
		return info->d.kari && kari_set(info->d.kari, r);
	case CMS_PASSWORD:
		info->type = INFO_PWRI;
		info->d.pwri = (CmsPwri *)ASN1_item_new(ASN1_ITEM_rptr(CmsPwri));
		return info->d.pwri && pwri_set(info->d.pwri, r);
	default:
		return false;
	}
}

int cms_recipients_encode(const struct CmsRecipient *recipients, size_t n, uint8_t **ret, size_t *ret_size)
{
	_cleanup_(infos_freep) STACK_OF(CmsInfo) *infos = sk_CmsInfo_new_null();
	_cleanup_(cms_der_freep) uint8_t *der = NULL;
	int size;

	for (size_t i = 0; i < n; i++) {
		_cleanup_(info_freep) CmsInfo *info = (CmsInfo *)ASN1_item_new(ASN1_ITEM_rptr(CmsInfo));

		if (!infos || !info || !info_set(info, &recipients[i]) || sk_CmsInfo_push(infos, info) <= 0) {
			ERR_clear_error();
			return -ENOMEM;
		}
		info = NULL; /* the set's now */
	}
	size = ASN1_item_i2d((ASN1_VALUE *)infos, &der, ASN1_ITEM_rptr(CmsInfos));
	if (size <= 0) {
		ERR_clear_error();
		return -EIO;
	}
	*ret = ptr_steal(&der);
	*ret_size = (size_t)size;
	return 0;
}

/* ---- decoding */

static bool raw_is(const ASN1_TYPE *t, const uint8_t *der, size_t n)
{
	return t && t->type == V_ASN1_SEQUENCE && (size_t)t->value.sequence->length == n &&
	       memcmp(t->value.sequence->data, der, n) == 0;
}

/* An OBJECT IDENTIFIER; der is head and content. */
static bool object_is(const ASN1_TYPE *t, const uint8_t *der, size_t n)
{
	return t && t->type == V_ASN1_OBJECT && OBJ_length(t->value.object) == (size_t)n - 2 &&
	       memcmp(OBJ_get0_data(t->value.object), der + 2, n - 2) == 0;
}

static bool octets_get(const ASN1_STRING *s, size_t least, size_t most, uint8_t *ret, size_t *ret_size)
{
	size_t n = s && s->length > 0 ? (size_t)s->length : 0;

	if (n < least || n > most)
		return false;
	memcpy(ret, s->data, n);
	*ret_size = n;
	return true;
}

static bool ktri_get(const CmsKtri *k, struct CmsRecipient *ret)
{
	ret->kind = CMS_RSA;
	/* version 0 names issuer and serial number, 2 a key identifier */
	return k->version == 2 * k->rid->type &&
	       (raw_is(k->algorithm, OAEP, sizeof(OAEP)) ||
	               raw_is(k->algorithm, OAEP_NULL, sizeof(OAEP_NULL))) &&
	       octets_get(k->wrapped, 128, CRYPTO_RSA, ret->wrapped, &ret->wrapped_size);
}

static bool kari_get(const CmsKari *k, struct CmsRecipient *ret)
{
	const CmsEcKey *key = k->originator->d.key;

	ret->kind = CMS_ECDH;
	return k->version == 3 && raw_is(key->algorithm, POINT_OF_EC, sizeof(POINT_OF_EC)) &&
	       (key->point->flags & 0x07) == 0 && raw_is(k->algorithm, ECDH, sizeof(ECDH)) &&
	       octets_get(key->point, 65, CRYPTO_POINT, ret->point, &ret->point_size) &&
	       (ret->point_size == 65 || ret->point_size == CRYPTO_POINT) && ret->point[0] == 0x04 &&
	       octets_get(k->keys->one->wrapped, CRYPTO_WRAPPED, CRYPTO_WRAPPED, ret->wrapped,
	               &ret->wrapped_size);
}

static bool pwri_get(const CmsPwri *p, struct CmsRecipient *ret)
{
	const CmsPbkdf2 *kdf = p->kdf->parameters;
	size_t iv;

	ret->kind = CMS_PASSWORD;
	ret->rounds = (uint32_t)kdf->rounds;
	return p->version == 0 && kdf->rounds > 0 && kdf->key_size == CRYPTO_KEY &&
	       object_is(p->kdf->object, PBKDF2_OID, sizeof(PBKDF2_OID)) &&
	       raw_is(kdf->prf, HMAC_SHA256, sizeof(HMAC_SHA256)) &&
	       object_is(p->kek->object, PWRI_OID, sizeof(PWRI_OID)) &&
	       object_is(p->kek->parameters->object, CBC_OID, sizeof(CBC_OID)) &&
	       octets_get(kdf->salt, 8, sizeof(ret->salt), ret->salt, &ret->salt_size) &&
	       octets_get(p->kek->parameters->iv, CRYPTO_BLOCK, CRYPTO_BLOCK, ret->iv, &iv) &&
	       octets_get(p->wrapped, PWRI_WRAPPED, PWRI_WRAPPED, ret->wrapped, &ret->wrapped_size);
}

static bool info_get(const CmsInfo *info, struct CmsRecipient *ret)
{
	switch (info->type) {
	case INFO_KTRI:
		return ktri_get(info->d.ktri, ret);
	case INFO_KARI:
		return kari_get(info->d.kari, ret);
	case INFO_PWRI:
		return pwri_get(info->d.pwri, ret);
	default:
		return false;
	}
}

/* BER has many spellings of one value; only DER's is taken. */
static bool encodes_again(STACK_OF(CmsInfo) * infos, const uint8_t *der, size_t size)
{
	_cleanup_(cms_der_freep) uint8_t *again = NULL;
	int n = ASN1_item_i2d((ASN1_VALUE *)infos, &again, ASN1_ITEM_rptr(CmsInfos));

	return n > 0 && (size_t)n == size && memcmp(again, der, size) == 0;
}

int cms_recipients_decode(
        const uint8_t *der, size_t size, struct CmsRecipient ret[static CMS_RECIPIENTS], size_t *ret_n)
{
	_cleanup_(infos_freep) STACK_OF(CmsInfo) *infos = NULL;
	const uint8_t *p = der;
	size_t passwords = 0;
	int n;

	if (size > CMS_HEADER)
		return -EBADMSG;
	infos = (STACK_OF(CmsInfo) *)ASN1_item_d2i(NULL, &p, (long)size, ASN1_ITEM_rptr(CmsInfos));
	ERR_clear_error();
	n = infos ? sk_CmsInfo_num(infos) : 0;
	if (n < 1 || n > CMS_RECIPIENTS || p != der + size || !encodes_again(infos, der, size))
		return -EBADMSG;
	for (int i = 0; i < n; i++) {
		struct CmsRecipient one = {};

		if (!info_get(sk_CmsInfo_value(infos, i), &one))
			return -EBADMSG;
		passwords += one.kind == CMS_PASSWORD;
		ret[i] = one;
	}
	if (passwords > 1)
		return -EBADMSG;
	*ret_n = (size_t)n;
	return 0;
}
