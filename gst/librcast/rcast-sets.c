/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parameter sets of H.264 and H.265 in RTP, and key frames that lack them. */
#include "config.h"

#include "rcast-sets.h"

#include <string.h>

#include "rcast-rtp.h"

/* Bytes of all sets; real ones have some hundreds. */
#define MAX_BYTES 16384
#define MAX_SETS 64

/* Kinds of NAL units; sets are bits, in the order in which a decoder needs them. */
typedef enum
{
  UNIT_OTHER = 0,
  UNIT_VPS = 1 << 0,
  UNIT_SPS = 1 << 1,
  UNIT_PPS = 1 << 2,
  UNIT_KEY = 1 << 3,
} Unit;

struct _GstRcastSets
{
  GstRcastCodec codec;
  gboolean at_recovery;         /* recovery points get the sets, too */
  GPtrArray *sets;              /* of GBytes: NAL units, in order */
  gsize n_bytes;
  gboolean started;             /* packets have come */
  guint32 timestamp;            /* of the present access unit */
  guint seen;                   /* its units so far */
  gboolean given;               /* the caller was told to send the sets in it */
};

/* H.264 table 7-1, H.265 table 7-1 */
static Unit
get_unit (GstRcastCodec codec, guint type)
{
  if (codec == GST_RCAST_CODEC_H264)
    return type == 5 ? UNIT_KEY : type == 7 ? UNIT_SPS : type == 8 ? UNIT_PPS :
        UNIT_OTHER;
  return type >= 16 && type <= 21 ? UNIT_KEY : type == 32 ? UNIT_VPS :
      type == 33 ? UNIT_SPS : type == 34 ? UNIT_PPS : UNIT_OTHER;
}

static Unit
get_unit_of (const GstRcastSets * self, GBytes * set)
{
  const guint8 *data = g_bytes_get_data (set, NULL);

  return get_unit (self->codec,
      gst_rcast_rtp_get_nal_type (self->codec, data[0]));
}

static void
remove_kind (GstRcastSets * self, Unit unit)
{
  for (guint i = self->sets->len; i-- > 0;) {
    GBytes *set = g_ptr_array_index (self->sets, i);

    if (get_unit_of (self, set) != unit)
      continue;
    self->n_bytes -= g_bytes_get_size (set);
    g_ptr_array_remove_index (self->sets, i);
  }
}

/* Adds a set behind those of its kind, unless it is no set or there are too many. */
static void
add_set (GstRcastSets * self, const guint8 * data, gsize size)
{
  Unit unit = size > 2 ? get_unit (self->codec,
      gst_rcast_rtp_get_nal_type (self->codec, data[0])) : UNIT_OTHER;
  guint i = 0;

  if (unit == UNIT_OTHER || unit == UNIT_KEY
      || size > MAX_BYTES - self->n_bytes || self->sets->len == MAX_SETS)
    return;
  while (i < self->sets->len
      && get_unit_of (self, g_ptr_array_index (self->sets, i)) <= unit)
    i++;
  g_ptr_array_insert (self->sets, i, g_bytes_new (data, size));
  self->n_bytes += size;
}

/* --- caps --- */

static void
add_base64 (GstRcastSets * self, const gchar * text)
{
  g_autofree guint8 *data = NULL;
  gsize size = 0;

  if (*text == '\0' || strlen (text) > 2 * MAX_BYTES)
    return;
  data = g_base64_decode (text, &size);
  add_set (self, data, size);
}

/**
 * gst_rcast_sets_take_caps:
 * @self: the sets
 * @caps: RTP caps
 *
 * Takes the sets of the caps: sprop-parameter-sets of H.264 (RFC 6184 8.1),
 * sprop-vps, -sps and -pps of H.265 (RFC 7798 7.1). Caps without them change nothing.
 */
void
gst_rcast_sets_take_caps (GstRcastSets * self, const GstCaps * caps)
{
  static const gchar *const fields[] = { "sprop-parameter-sets", "sprop-vps",
    "sprop-sps", "sprop-pps"
  };
  static const Unit units[] = { UNIT_VPS, UNIT_SPS, UNIT_PPS };
  const GstStructure *s = gst_caps_get_structure (caps, 0);
  gboolean first = TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++) {
    const gchar *value = gst_structure_get_string (s, fields[i]);
    g_auto (GStrv) texts = value ? g_strsplit (value, ",", MAX_SETS) : NULL;

    if (!texts)
      continue;
    for (guint k = 0; first && k < G_N_ELEMENTS (units); k++)
      remove_kind (self, units[k]);
    first = FALSE;
    for (guint k = 0; texts[k]; k++)
      add_base64 (self, g_strstrip (texts[k]));
  }
}

/* --- packets --- */

/* A set in band replaces those of its kind from earlier access units. */
static void
see_unit (GstRcastSets * self, const guint8 * data, gsize size)
{
  Unit unit = get_unit (self->codec,
      gst_rcast_rtp_get_nal_type (self->codec, data[0]));

  if (unit != UNIT_OTHER && unit != UNIT_KEY) {
    if (!(self->seen & unit))
      remove_kind (self, unit);
    add_set (self, data, size);
  }
  self->seen |= unit;
}

static void
see_aggregate (GstRcastSets * self, const guint8 * p, gsize size, gsize offset)
{
  gsize n;

  for (; offset + 2 < size; offset += n) {
    n = gst_rcast_rtp_read_u16 (p + offset);
    offset += 2;
    if (n == 0 || n > size - offset)
      return;
    see_unit (self, p + offset, n);
  }
}

static void
see_payload (GstRcastSets * self, const guint8 * p, gsize size)
{
  gboolean h264 = self->codec == GST_RCAST_CODEC_H264;
  gsize n_header = h264 ? 1 : 2;
  guint type;

  if (size <= n_header)
    return;
  type = gst_rcast_rtp_get_nal_type (self->codec, p[0]);
  if (type == (h264 ? GST_RCAST_H264_STAP_A : GST_RCAST_H265_AP))
    see_aggregate (self, p, size, n_header);
  else if (type == (h264 ? GST_RCAST_H264_FU_A : GST_RCAST_H265_FU))
    self->seen |= get_unit (self->codec, p[n_header] & (h264 ? 0x1f : 0x3f));
  else
    see_unit (self, p, size);
}

/**
 * gst_rcast_sets_look:
 * @self: the sets
 * @payload: payload of the next packet
 * @size: its size
 * @timestamp: its RTP timestamp
 *
 * Returns: whether the packet starts a key frame without parameter sets: the caller then
 *   sends those of gst_rcast_sets_get() before it
 */
gboolean
gst_rcast_sets_look (GstRcastSets * self, const guint8 * payload, gsize size,
    guint32 timestamp)
{
  guint wanted = UNIT_SPS | UNIT_PPS;

  if (self->codec == GST_RCAST_CODEC_H265)
    wanted |= UNIT_VPS;
  if (!self->started || timestamp != self->timestamp) {
    self->started = TRUE;
    self->timestamp = timestamp;
    self->seen = 0;
    self->given = FALSE;
  }
  see_payload (self, payload, size);
  if (self->at_recovery
      && gst_rcast_rtp_starts_recovery (self->codec, payload, size))
    self->seen |= UNIT_KEY;
  if (!(self->seen & UNIT_KEY) || self->given)
    return FALSE;
  self->given = TRUE;
  return (self->seen & wanted) != wanted && self->sets->len > 0;
}

/* @at_recovery: whether recovery points count as key frames; by default they do not */
void
gst_rcast_sets_set_recovery (GstRcastSets * self, gboolean at_recovery)
{
  self->at_recovery = at_recovery;
}

/* Returns: (transfer none) (element-type GBytes): NAL units in the order in which to send
 *   them */
const GPtrArray *
gst_rcast_sets_get (const GstRcastSets * self)
{
  return self->sets;
}

/* @codec: H.264 or H.265 */
GstRcastSets *
gst_rcast_sets_new (GstRcastCodec codec)
{
  GstRcastSets *self = g_new0 (GstRcastSets, 1);

  self->codec = codec;
  self->sets = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  return self;
}

void
gst_rcast_sets_free (GstRcastSets * self)
{
  if (!self)
    return;
  g_ptr_array_unref (self->sets);
  g_free (self);
}
