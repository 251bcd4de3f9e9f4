/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks that the certificate of a DTLS association is the one that the answer announced. */
#include "config.h"

#include "rcast-fingerprint.h"

#include <string.h>

#include "rcast-error.h"
#include "rcast-sdp.h"

#define PEM_BEGIN "-----BEGIN CERTIFICATE-----"
#define PEM_END "-----END CERTIFICATE-----"

/* Hash functions of RFC 8122 5 that GLib supports. The RFC forbids md2 and md5. */
static const struct
{
  const gchar *name;
  GChecksumType type;
} hashes[] = {
  {"sha-256", G_CHECKSUM_SHA256},
  {"sha-512", G_CHECKSUM_SHA512},
  {"sha-384", G_CHECKSUM_SHA384},
  {"sha-1", G_CHECKSUM_SHA1},
};

/* Returns: (transfer full) (nullable): the DER bytes of the first certificate */
static guchar *
decode_pem (const gchar * pem, gsize * size)
{
  const gchar *begin = pem ? strstr (pem, PEM_BEGIN) : NULL;
  const gchar *end = begin ? strstr (begin, PEM_END) : NULL;
  g_autofree gchar *base64 = NULL;

  if (!end)
    return NULL;
  begin += strlen (PEM_BEGIN);
  base64 = g_strndup (begin, end - begin);
  return g_base64_decode (base64, size);
}

/* Parses `AB:CD:…` to `abcd…`. Returns: (transfer full) (nullable): NULL if @text is not a
 * fingerprint of @length bytes */
static gchar *
parse_bytes (const gchar * text, gsize length)
{
  g_autoptr (GString) hex = g_string_new (NULL);

  for (gsize i = 0; i < length; i++) {
    if (!g_ascii_isxdigit (text[0]) || !g_ascii_isxdigit (text[1]))
      return NULL;
    g_string_append_c (hex, g_ascii_tolower (text[0]));
    g_string_append_c (hex, g_ascii_tolower (text[1]));
    text += 2;
    if (i + 1 < length && *text++ != ':')
      return NULL;
  }
  /* RFC 8122 5 allows nothing after the bytes; a blank does no harm. */
  while (*text == ' ')
    text++;
  return *text ? NULL : g_strdup (hex->str);
}

/* @value: value of the attribute, `HASH BYTES`
 * @known: set to %TRUE if the hash function is known */
static gboolean
value_matches (const gchar * value, const guchar * der, gsize size,
    gboolean * known)
{
  gsize name_length = strcspn (value, " ");

  for (guint i = 0; i < G_N_ELEMENTS (hashes); i++) {
    g_autofree gchar *announced = NULL, *actual = NULL;

    if (strlen (hashes[i].name) != name_length
        || g_ascii_strncasecmp (value, hashes[i].name, name_length) != 0)
      continue;
    *known = TRUE;
    value += name_length + strspn (value + name_length, " ");
    announced = parse_bytes (value, g_checksum_type_get_length
        (hashes[i].type));
    actual = g_compute_checksum_for_data (hashes[i].type, der, size);
    return announced && g_str_equal (announced, actual);
  }
  return FALSE;
}

/* Returns: (transfer container): the fingerprints for m-section @mline: its own, else those of the
 * section that carries its BUNDLE group (RFC 9143 7.1.3), else the session's */
static GPtrArray *
collect_values (const GstSDPMessage * sdp, guint mline)
{
  const guint sections[] = { mline, gst_rcast_sdp_is_bundled (sdp, mline) ?
    gst_rcast_sdp_get_bundle_mline (sdp) : mline
  };
  GPtrArray *values = g_ptr_array_new ();
  const gchar *value;

  for (guint i = 0; i < G_N_ELEMENTS (sections) && values->len == 0; i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (sdp, sections[i]);

    for (guint n = 0; (value = gst_sdp_media_get_attribute_val_n (media,
                "fingerprint", n)); n++)
      g_ptr_array_add (values, (gpointer) value);
  }
  for (guint n = 0; values->len == 0 && (value =
          gst_sdp_message_get_attribute_val_n (sdp, "fingerprint", n)); n++)
    g_ptr_array_add (values, (gpointer) value);
  return values;
}

/**
 * gst_rcast_fingerprint_check:
 * @sdp: the remote description
 * @mline: index of an m-section that uses the DTLS association
 * @pem: (nullable): the certificate that the peer presented
 * @error: (nullable): why the certificate does not match
 *
 * RFC 8122 6.2: the certificate must match one of the fingerprints of the
 * description, with any hash function from sha-1 to sha-512. A description
 * without a fingerprint, or with unknown hash functions only, does not match.
 *
 * Returns: whether the certificate is the one in the description
 */
gboolean
gst_rcast_fingerprint_check (const GstSDPMessage * sdp, guint mline,
    const gchar * pem, GError ** error)
{
  g_autoptr (GPtrArray) values = NULL;
  g_autofree guchar *der = NULL;
  gboolean known = FALSE;
  gsize size = 0;

  if (mline >= gst_sdp_message_medias_len (sdp)) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "the answer has no m-section %u", mline);
    return FALSE;
  }
  der = decode_pem (pem, &size);
  if (!der || size == 0) {
    g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
        "the peer has shown no certificate");
    return FALSE;
  }
  values = collect_values (sdp, mline);
  for (guint i = 0; i < values->len; i++) {
    if (value_matches (g_ptr_array_index (values, i), der, size, &known))
      return TRUE;
  }
  g_set_error_literal (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA,
      values->len == 0 ? "the answer has no certificate fingerprint" :
      !known ? "the answer has no fingerprint of a known hash function" :
      "the peer's certificate is not the one that the answer announced: "
      "somebody may be in between");
  return FALSE;
}
