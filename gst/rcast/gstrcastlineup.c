/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The streams to send: those that can be offered, compared with the last offer. */
#include "config.h"

#include "gstrcastlineup.h"

typedef struct
{
  GstRcastStream *stream;
  GstCaps *caps;                /* never NULL */
} Entry;

/* For use on one thread. */
struct _GstRcastLineup
{
  GPtrArray *offered;           /* (element-type Entry): NULL: nothing since the start */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  gst_object_unref (entry->stream);
  gst_caps_unref (entry->caps);
  g_free (entry);
}

static const Entry *
find (GPtrArray * entries, const GstRcastStream * stream)
{
  for (guint i = 0; entries && i < entries->len; i++) {
    const Entry *entry = g_ptr_array_index (entries, i);

    if (entry->stream == stream)
      return entry;
  }
  return NULL;
}

/* Returns: (transfer full) (element-type Entry): those of @streams that can be offered */
static GPtrArray *
take (GPtrArray * streams)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func (entry_free);

  for (guint i = 0; i < streams->len; i++) {
    GstRcastStream *stream = g_ptr_array_index (streams, i);
    GstCaps *caps = gst_rcast_stream_get_offer_caps (stream);
    Entry *entry;

    if (!caps)
      continue;
    entry = g_new (Entry, 1);
    *entry = (Entry) { gst_object_ref (stream), caps };
    g_ptr_array_add (entries, entry);
  }
  return entries;
}

/* The first offer waits for every stream, up to start-timeout. Later a pad that never gets data
 * must not keep the others off air: its stream joins when it has data. */
static gboolean
is_complete (const GstRcastLineup * self, GPtrArray * streams,
    GPtrArray * entries)
{
  for (guint i = 0; i < streams->len; i++) {
    GstRcastStream *stream = g_ptr_array_index (streams, i);

    if (!find (entries, stream)
        && (self->offered ? find (self->offered, stream) != NULL
            : gst_rcast_stream_is_awaited (stream)))
      return FALSE;
  }
  return entries->len > 0;
}

/* Whether all of @entries were offered, unchanged. */
static gboolean
is_offered (const GstRcastLineup * self, GPtrArray * entries)
{
  for (guint i = 0; i < entries->len; i++) {
    const Entry *entry = g_ptr_array_index (entries, i);
    const Entry *before = find (self->offered, entry->stream);

    if (!before || !gst_rcast_offer_is_same (before->caps, entry->caps))
      return FALSE;
  }
  return TRUE;
}

/* @streams: (element-type GstRcastStream): all streams
 * Returns: whether they can be offered, and whether a new offer is necessary */
GstRcastLineupState
gst_rcast_lineup_check (const GstRcastLineup * self, GPtrArray * streams)
{
  g_autoptr (GPtrArray) entries = take (streams);

  if (!is_complete (self, streams, entries))
    return GST_RCAST_LINEUP_PENDING;
  if (!self->offered)
    return GST_RCAST_LINEUP_READY;
  if (!is_offered (self, entries))
    return GST_RCAST_LINEUP_CHANGED;
  return entries->len < self->offered->len ?
      GST_RCAST_LINEUP_FEWER : GST_RCAST_LINEUP_READY;
}

/* Returns: (transfer full) (element-type GstRcastStream): those of @streams that can be offered.
 * They are remembered as offered */
GPtrArray *
gst_rcast_lineup_offer (GstRcastLineup * self, GPtrArray * streams)
{
  GPtrArray *entries = take (streams);
  GPtrArray *list = g_ptr_array_new_with_free_func (gst_object_unref);

  for (guint i = 0; i < entries->len; i++) {
    const Entry *entry = g_ptr_array_index (entries, i);

    g_ptr_array_add (list, gst_object_ref (entry->stream));
  }
  gst_rcast_lineup_reset (self);
  self->offered = entries;
  return list;
}

/* Forgets the last offer. */
void
gst_rcast_lineup_reset (GstRcastLineup * self)
{
  g_clear_pointer (&self->offered, g_ptr_array_unref);
}

GstRcastLineup *
gst_rcast_lineup_new (void)
{
  return g_new0 (GstRcastLineup, 1);
}

void
gst_rcast_lineup_free (GstRcastLineup * self)
{
  gst_rcast_lineup_reset (self);
  g_free (self);
}
