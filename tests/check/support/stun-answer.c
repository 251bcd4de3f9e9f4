/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes responses to the agent's STUN checks, valid ones and odd ones. */
#include "config.h"

#include "stun-answer.h"

#include <gst/gst.h>
#include <string.h>

static guint8 *
put (guint8 * at, guint16 type, const void *value, guint16 length)
{
  GST_WRITE_UINT16_BE (at, type);
  GST_WRITE_UINT16_BE (at + 2, length);
  memset (at + 4, 0, (length + 3) & ~3);
  memcpy (at + 4, value, length);
  return at + 4 + ((length + 3) & ~3);
}

static guint8 *
sign (guint8 * out, guint8 * at, const gchar * password)
{
  guint8 digest[20];
  gsize length = sizeof digest;
  GHmac *hmac = g_hmac_new (G_CHECKSUM_SHA1, (const guchar *) password,
      strlen (password));

  /* RFC 8489 14.5: the length counts up to the end of MESSAGE-INTEGRITY. */
  GST_WRITE_UINT16_BE (out + 2, at - out + 24 - 20);
  g_hmac_update (hmac, out, at - out);
  g_hmac_get_digest (hmac, digest, &length);
  g_hmac_unref (hmac);
  return put (at, 0x0008, digest, sizeof digest);
}

static guint32
crc32 (const guint8 * bytes, gsize size)
{
  guint32 crc = 0xFFFFFFFF;

  for (gsize bit = 0; bit < 8 * size; bit++) {
    guint32 top = (crc ^ bytes[bit / 8] >> bit % 8) & 1;

    crc = crc >> 1 ^ (top ? 0xEDB88320 : 0);
  }
  return ~crc;
}

/* Returns: the size. @out has room for STUN_ANSWER_MAX_SIZE bytes. */
gsize
stun_answer_write (const StunAnswer * answer, const guint8 * id, guint8 * out)
{
  guint8 *at = out + 20;
  guint8 value[8] = { 0, };

  GST_WRITE_UINT16_BE (out, answer->code ? 0x0111 : 0x0101);
  GST_WRITE_UINT32_BE (out + 4, 0x2112A442);
  memcpy (out + 8, id, 12);
  if (answer->code) {
    value[2] = answer->code / 100;
    value[3] = answer->code % 100;
    at = put (at, 0x0009, value, 4);
  }
  if (answer->mapped_port) {
    GST_WRITE_UINT16_BE (value, 1);
    GST_WRITE_UINT16_BE (value + 2, answer->mapped_port ^ 0x2112);
    GST_WRITE_UINT32_BE (value + 4, (answer->mapped_address ?
            answer->mapped_address : 0x7F000001) ^ 0x2112A442);
    at = put (at, 0x0020, value, sizeof value);
  }
  if (answer->extra)
    at = put (at, answer->extra, value, 4);
  if (answer->password)
    at = sign (out, at, answer->password);
  if (!answer->no_fingerprint) {
    GST_WRITE_UINT16_BE (out + 2, at - out + 8 - 20);
    GST_WRITE_UINT32_BE (value, crc32 (out, at - out) ^ 0x5354554E
        ^ (answer->bad_fingerprint ? 1 : 0));
    at = put (at, 0x8028, value, 4);
  }
  GST_WRITE_UINT16_BE (out + 2, at - out - 20);
  return at - out;
}

/* The value of the first attribute of @type in @message; NULL if there is none. */
const guint8 *
stun_find_attribute (const guint8 * message, gsize size, guint16 type,
    gsize * length)
{
  for (gsize at = 20; at + 4 <= size;) {
    gsize this_length = GST_READ_UINT16_BE (message + at + 2);

    if (GST_READ_UINT16_BE (message + at) == type) {
      if (length)
        *length = this_length;
      return message + at + 4;
    }
    at += 4 + ((this_length + 3) & ~(gsize) 3);
  }
  return NULL;
}
