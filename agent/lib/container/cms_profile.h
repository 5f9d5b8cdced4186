/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What is fixed in every message, as bytes: written by cms_write.c, demanded by cms_read.c. */
#include <stdint.h>

#define CMS_TYPE_SIZE        13
#define CMS_VERSION_SIZE     3
#define CMS_DATA_GCM_SIZE    28
#define CMS_TAG_SIZE_SIZE    3
#define CMS_SHARED_INFO_SIZE 23

/* id-ct-authEnvelopedData */
extern const uint8_t CMS_TYPE[CMS_TYPE_SIZE];
extern const uint8_t CMS_VERSION[CMS_VERSION_SIZE];
/* id-data, then AES-256-GCM up to the nonce's bytes; after them the tag's size */
extern const uint8_t CMS_DATA_GCM[CMS_DATA_GCM_SIZE];
extern const uint8_t CMS_TAG_SIZE[CMS_TAG_SIZE_SIZE];
/* What the key agreement's KDF takes in besides the shared secret: RFC 5753's ECC-CMS-SharedInfo for a
   256-bit wrapping key. */
extern const uint8_t CMS_SHARED_INFO[CMS_SHARED_INFO_SIZE];
