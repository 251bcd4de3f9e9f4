/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The STUN messages of a consent check: request and response. Pure. */
#include "config.h"

#include "gstrcasticestun.h"

#include <string.h>

/* RFC 8489 */
#define HEADER_SIZE 20
#define COOKIE 0x2112A442
#define BINDING_REQUEST 0x0001
#define BINDING_SUCCESS 0x0101
#define BINDING_ERROR 0x0111
#define ATTR_USERNAME 0x0006
#define ATTR_MESSAGE_INTEGRITY 0x0008
#define ATTR_ERROR_CODE 0x0009
#define ATTR_XOR_MAPPED_ADDRESS 0x0020
#define ATTR_FINGERPRINT 0x8028
#define ATTR_OPTIONAL 0x8000
#define FINGERPRINT_SIZE 8
#define INTEGRITY_SIZE 20
#define FINGERPRINT_XOR 0x5354554E
/* RFC 8445 16.1 */
#define ATTR_PRIORITY 0x0024
#define ATTR_USE_CANDIDATE 0x0025
#define ATTR_CONTROLLED 0x8029
#define ATTR_CONTROLLING 0x802A
/* RFC 7675 5.2 */
#define CODE_FORBIDDEN 403
/* RFC 8445 7.3.1.1 */
#define CODE_ROLE_CONFLICT 487

/* RFC 8489 6.3.3: any other comprehension-required attribute in a response fails the transaction.
 * Attributes of RFC 3489 and an address that is not XORed are harmless. */
static const guint16 understood[] = { 0x0001, 0x0004, 0x0005, ATTR_USERNAME,
  ATTR_ERROR_CODE, 0x000A, 0x0014, 0x0015, ATTR_XOR_MAPPED_ADDRESS,
  ATTR_PRIORITY, ATTR_USE_CANDIDATE
};

static void
put16 (guint8 * out, guint16 value)
{
  out[0] = value >> 8;
  out[1] = value;
}

static void
put32 (guint8 * out, guint32 value)
{
  put16 (out, value >> 16);
  put16 (out + 2, value);
}

static guint16
get16 (const guint8 * bytes)
{
  return bytes[0] << 8 | bytes[1];
}

static guint32
get32 (const guint8 * bytes)
{
  return (guint32) get16 (bytes) << 16 | get16 (bytes + 2);
}

/* The CRC of ITU V.42, as RFC 8489 14.7 requires. */
static guint32
crc32 (const guint8 * bytes, gsize size)
{
  guint32 crc = 0xFFFFFFFF;

  for (gsize i = 0; i < size; i++) {
    crc ^= bytes[i];
    for (guint k = 0; k < 8; k++)
      crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

/* Covers the message up to @size, with @length in its length field. */
static void
compute_integrity (const guint8 * bytes, gsize size, guint16 length,
    const gchar * password, guint8 * digest)
{
  GHmac *hmac = g_hmac_new (G_CHECKSUM_SHA1, (const guchar *) password,
      strlen (password));
  gsize digest_size = INTEGRITY_SIZE;
  guint8 header[4];

  memcpy (header, bytes, 2);
  put16 (header + 2, length);
  g_hmac_update (hmac, header, 4);
  g_hmac_update (hmac, bytes + 4, size - 4);
  g_hmac_get_digest (hmac, digest, &digest_size);
  g_hmac_unref (hmac);
}

static guint8 *
put_attribute (guint8 * out, guint16 type, guint16 size)
{
  put16 (out, type);
  put16 (out + 2, size);
  return out + 4;
}

/* Returns the size of the request; 0 if it does not fit. */
gsize
gst_rcast_ice_stun_write_request (guint8 * out, gsize size, const guint8 * id,
    const GstRcastIceStunConfig * config)
{
  gsize name_size = strlen (config->remote_ufrag) + 1
      + strlen (config->local_ufrag);
  gsize padded = (name_size + 3) & ~(gsize) 3;
  gboolean nominate = config->controlling && config->nominate;
  gsize total = HEADER_SIZE + 4 + padded + 8 + 12
      + (nominate ? 4 : 0) + 4 + INTEGRITY_SIZE + FINGERPRINT_SIZE;
  guint8 *at = out + HEADER_SIZE;

  if (total > size || name_size > 512)
    return 0;
  put16 (out, BINDING_REQUEST);
  put16 (out + 2, total - HEADER_SIZE);
  put32 (out + 4, COOKIE);
  memcpy (out + 8, id, GST_RCAST_ICE_STUN_ID_SIZE);

  at = put_attribute (at, ATTR_USERNAME, name_size);
  memset (at, 0, padded);
  g_snprintf ((gchar *) at, name_size + 1, "%s:%s", config->remote_ufrag,
      config->local_ufrag);
  at += padded;
  at = put_attribute (at, ATTR_PRIORITY, 4);
  put32 (at, config->priority);
  at += 4;
  at = put_attribute (at, config->controlling ? ATTR_CONTROLLING :
      ATTR_CONTROLLED, 8);
  put32 (at, config->tie_breaker >> 32);
  put32 (at + 4, config->tie_breaker);
  at += 8;
  if (nominate)
    at = put_attribute (at, ATTR_USE_CANDIDATE, 0);
  compute_integrity (out, at - out, total - HEADER_SIZE - FINGERPRINT_SIZE,
      config->remote_password, at + 4);
  at = put_attribute (at, ATTR_MESSAGE_INTEGRITY, INTEGRITY_SIZE);
  at += INTEGRITY_SIZE;
  put32 (at + 4, crc32 (out, at - out) ^ FINGERPRINT_XOR);
  put_attribute (at, ATTR_FINGERPRINT, 4);
  return total;
}

static gboolean
is_authentic (const guint8 * bytes, gsize offset, const gchar * password)
{
  guint8 digest[INTEGRITY_SIZE];
  guint8 difference = 0;

  compute_integrity (bytes, offset,
      offset + 4 + INTEGRITY_SIZE - HEADER_SIZE, password, digest);
  for (guint i = 0; i < INTEGRITY_SIZE; i++)
    difference |= digest[i] ^ bytes[offset + 4 + i];
  return difference == 0;
}

/* RFC 8489 14.7: FINGERPRINT is the last attribute, and may be absent. @signed_end: where the
 * signature ends. */
static gboolean
has_wrong_fingerprint (const guint8 * bytes, gsize signed_end, gsize end)
{
  gsize at = end - FINGERPRINT_SIZE;

  return at >= signed_end && get16 (bytes + at) == ATTR_FINGERPRINT
      && get16 (bytes + at + 2) == 4
      && get32 (bytes + at + 4) != (crc32 (bytes, at) ^ FINGERPRINT_XOR);
}

static gboolean
is_understood (guint16 attribute)
{
  gboolean found = attribute >= ATTR_OPTIONAL;

  for (guint i = 0; i < G_N_ELEMENTS (understood); i++)
    found = found || understood[i] == attribute;
  return found;
}

/* RFC 8489 14.2. @bytes: start with the attribute's value. */
static void
read_address (const guint8 * bytes, gsize length, const guint8 * id,
    GstRcastIceStunAddress * address)
{
  guint8 mask[4 + GST_RCAST_ICE_STUN_ID_SIZE];

  if (length != 8 && length != 20)
    return;
  put32 (mask, COOKIE);
  memcpy (mask + 4, id, GST_RCAST_ICE_STUN_ID_SIZE);
  address->size = length;
  memcpy (address->bytes, bytes, 4);
  address->bytes[0] = 0;
  for (guint i = 0; i < 2; i++)
    address->bytes[2 + i] ^= mask[i];
  for (guint i = 0; i + 4 < length; i++)
    address->bytes[4 + i] = bytes[4 + i] ^ mask[i];
}

gboolean
gst_rcast_ice_stun_address_equal (const GstRcastIceStunAddress * a,
    const GstRcastIceStunAddress * b)
{
  return a->size == b->size && memcmp (a->bytes, b->bytes, a->size) == 0;
}

static GstRcastIceStunAnswer
classify (guint16 type, guint code)
{
  if (type == BINDING_SUCCESS)
    return GST_RCAST_ICE_STUN_SUCCESS;
  switch (code) {
    case CODE_FORBIDDEN:
      return GST_RCAST_ICE_STUN_REVOKED;
    case CODE_ROLE_CONFLICT:
      return GST_RCAST_ICE_STUN_ROLE_CONFLICT;
    default:
      return GST_RCAST_ICE_STUN_ERROR;
  }
}

/**
 * gst_rcast_ice_stun_read_answer:
 * @bytes: what came from the network
 * @id: the transaction of the request
 * @password: the peer's, which signs the response
 * @mapped: (out) (optional): the address the peer saw the request come from; set only for
 *     %GST_RCAST_ICE_STUN_SUCCESS, with size 0 if the peer does not report it
 *
 * Only what the peer has signed counts. Attributes after the signature are ignored.
 */
GstRcastIceStunAnswer
gst_rcast_ice_stun_read_answer (const guint8 * bytes, gsize size,
    const guint8 * id, const gchar * password, GstRcastIceStunAddress * mapped)
{
  GstRcastIceStunAddress address = { {0,}, 0 };
  guint16 type;
  gsize end;
  guint code = 0;

  if (size < HEADER_SIZE || get32 (bytes + 4) != COOKIE
      || memcmp (bytes + 8, id, GST_RCAST_ICE_STUN_ID_SIZE) != 0)
    return GST_RCAST_ICE_STUN_NONE;
  type = get16 (bytes);
  end = HEADER_SIZE + get16 (bytes + 2);
  if ((type != BINDING_SUCCESS && type != BINDING_ERROR) || end > size
      || end < HEADER_SIZE + 4 + INTEGRITY_SIZE)
    return GST_RCAST_ICE_STUN_NONE;
  for (gsize at = HEADER_SIZE; at + 4 <= end;) {
    guint16 attribute = get16 (bytes + at);
    guint16 length = get16 (bytes + at + 2);

    if (at + 4 + length > end)
      return GST_RCAST_ICE_STUN_NONE;
    if (attribute == ATTR_MESSAGE_INTEGRITY) {
      if (length != INTEGRITY_SIZE || !is_authentic (bytes, at, password)
          || has_wrong_fingerprint (bytes, at + 4 + INTEGRITY_SIZE, end))
        return GST_RCAST_ICE_STUN_NONE;
      if (mapped && type == BINDING_SUCCESS)
        *mapped = address;
      return classify (type, code);
    }
    if (!is_understood (attribute))
      return GST_RCAST_ICE_STUN_NONE;
    if (attribute == ATTR_ERROR_CODE && length >= 4)
      code = (bytes[at + 6] & 7) * 100 + bytes[at + 7];
    else if (attribute == ATTR_XOR_MAPPED_ADDRESS)
      read_address (bytes + at + 4, length, id, &address);
    at += 4 + ((length + 3) & ~3);
  }
  return GST_RCAST_ICE_STUN_NONE;
}
