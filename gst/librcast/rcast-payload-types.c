/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Assigns payload types to all formats of an offer. */
#include "config.h"

#include "rcast-payload-types.h"

#include "rcast-codec.h"
#include "rcast-error.h"

/* RFC 3551 3: the range for dynamic payload types, and a spare range for when that is full.
 * RFC 5761 4: not 64 to 95, which collide with RTCP. */
#define FIRST_DYNAMIC 96
#define LAST_DYNAMIC 127
#define FIRST_SPARE 35
#define LAST_SPARE 63

typedef struct
{
  const GstStructure *format;   /* without a payload type; owned by its offer */
  gint number;                  /* payload type, -1: there was none left */
} Entry;

/* All m-lines of an offer may be bundled into one RTP session, in which a payload type means one
 * format. The same format may have the same payload type in each m-line (RFC 9143 9.1). */
typedef struct
{
  GArray *entries;              /* of Entry */
  gint next, last;              /* of the range in use */
} Plan;

/* webrtcbin takes a payload type between 96 and 127 for the retransmissions of the first
 * video format of each m-line. */
static guint
count_retransmissions (GPtrArray * offers)
{
  g_autoptr (GPtrArray) firsts = g_ptr_array_new ();

  for (guint i = 0; i < offers->len; i++) {
    const GstStructure *first =
        gst_caps_get_structure (g_ptr_array_index (offers, i), 0);

    if (g_strcmp0 (gst_structure_get_string (first, "media"), "video") == 0
        && !g_ptr_array_find_with_equal_func (firsts, first,
            (GEqualFunc) gst_structure_is_equal, NULL))
      g_ptr_array_add (firsts, (gpointer) first);
  }
  return firsts->len;
}

static gint
take_number (Plan * plan, const GstStructure * format)
{
  gint fixed = gst_rcast_codec_get_payload_type (gst_rcast_codec_from_name
      (gst_structure_get_string (format, "encoding-name")));

  if (fixed >= 0)
    return fixed;
  if (plan->next > plan->last && plan->last != LAST_SPARE) {
    plan->next = FIRST_SPARE;
    plan->last = LAST_SPARE;
  }
  return plan->next <= plan->last ? plan->next++ : -1;
}

static gint
find_number (Plan * plan, const GstStructure * format)
{
  Entry entry = { format, -1 };

  for (guint i = 0; i < plan->entries->len; i++) {
    const Entry *known = &g_array_index (plan->entries, Entry, i);

    if (gst_structure_is_equal (known->format, format))
      return known->number;
  }
  entry.number = take_number (plan, format);
  g_array_append_val (plan->entries, entry);
  return entry.number;
}

/* Assigns payload types to the most wanted format of each m-line first, so that each has one. */
static Plan
make_plan (GPtrArray * offers)
{
  Plan plan = {
    .entries = g_array_new (FALSE, FALSE, sizeof (Entry)),
    .next = FIRST_DYNAMIC,
    .last = LAST_DYNAMIC - (gint) count_retransmissions (offers),
  };
  gboolean more = TRUE;

  for (guint rank = 0; more; rank++) {
    more = FALSE;
    for (guint i = 0; i < offers->len; i++) {
      const GstCaps *caps = g_ptr_array_index (offers, i);

      if (rank >= gst_caps_get_size (caps))
        continue;
      find_number (&plan, gst_caps_get_structure (caps, rank));
      more = TRUE;
    }
  }
  return plan;
}

/* Returns: (transfer full): @caps with payload types, without the formats that have none */
static GstCaps *
apply_plan (Plan * plan, const GstCaps * caps)
{
  GstCaps *numbered = gst_caps_new_empty ();

  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    const GstStructure *format = gst_caps_get_structure (caps, i);
    gint number = find_number (plan, format);
    GstStructure *s;

    if (number < 0)
      continue;
    s = gst_structure_copy (format);
    gst_structure_set (s, "payload", G_TYPE_INT, number, NULL);
    gst_caps_append_structure (numbered, s);
  }
  return numbered;
}

/**
 * gst_rcast_payload_types_assign:
 * @offers: (element-type GstCaps): the formats of each m-line as RTP caps without a
 *   payload type, most wanted first
 * @error: names the m-line that got none
 *
 * Replaces each of @offers by one with payload types. Equal formats have the same one in all
 * m-lines. If there are more formats than payload types, the less wanted ones are left out.
 */
gboolean
gst_rcast_payload_types_assign (GPtrArray * offers, GError ** error)
{
  Plan plan = make_plan (offers);
  g_autoptr (GPtrArray) numbered =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_caps_unref);
  gboolean ok = TRUE;

  for (guint i = 0; ok && i < offers->len; i++) {
    GstCaps *caps = apply_plan (&plan, g_ptr_array_index (offers, i));

    g_ptr_array_add (numbered, caps);
    ok = !gst_caps_is_empty (caps);
    if (!ok)
      g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_NOT_SUPPORTED,
          "RTP has no payload type left for stream %u of %u: too many formats",
          i + 1, offers->len);
  }
  g_array_unref (plan.entries);
  for (guint i = 0; ok && i < offers->len; i++)
    gst_caps_replace ((GstCaps **) & g_ptr_array_index (offers, i),
        g_ptr_array_index (numbered, i));
  return ok;
}
