/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the pad of a stream takes, whatever it has now. */
#include "config.h"

#include "gstrcastintake.h"

#include "gstrcastencoders.h"
#include "rcast-raw.h"

struct _GstRcastIntake
{
  GstRcastMedia media;          /* constant */
  GMutex lock;
  GstCaps *accepted;            /* lock; of this system, NULL before anybody asked */
};

/* Returns: (transfer full) */
static GstCaps *
get_accepted (GstRcastIntake * self)
{
  g_autoptr (GstCaps) caps = NULL;

  g_mutex_lock (&self->lock);
  gst_caps_replace (&caps, self->accepted);
  g_mutex_unlock (&self->lock);
  if (caps)
    return g_steal_pointer (&caps);

  caps = gst_rcast_encoders_get_accepted (self->media);
  g_mutex_lock (&self->lock);
  gst_caps_replace (&self->accepted, caps);
  g_mutex_unlock (&self->lock);
  return g_steal_pointer (&caps);
}

static void
answer_caps (GstRcastIntake * self, GstQuery * query)
{
  g_autoptr (GstCaps) accepted = get_accepted (self);
  GstCaps *filter;

  gst_query_parse_caps (query, &filter);
  if (filter) {
    g_autoptr (GstCaps) filtered = gst_caps_intersect_full (filter, accepted,
        GST_CAPS_INTERSECT_FIRST);

    gst_caps_replace (&accepted, filtered);
  }
  gst_query_set_caps_result (query, accepted);
}

/* Includes codecs without an installed payloader: the caps event reports those. */
static void
answer_accept_caps (GstRcastIntake * self, GstQuery * query)
{
  g_autoptr (GstCaps) accepted = gst_rcast_media_get_caps (self->media);
  GstCaps *caps;

  gst_query_parse_accept_caps (query, &caps);
  gst_query_set_accept_caps_result (query,
      gst_caps_can_intersect (caps, accepted));
}

/* The chain takes only what it was built for, the stream takes everything. Any thread */
gboolean
gst_rcast_intake_query (GstRcastIntake * intake, GstPad * pad,
    GstObject * parent, GstQuery * query)
{
  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_CAPS:
      answer_caps (intake, query);
      return TRUE;
    case GST_QUERY_ACCEPT_CAPS:
      answer_accept_caps (intake, query);
      return TRUE;
    default:
      return gst_pad_query_default (pad, parent, query);
  }
}

/* @event: (transfer full): of caps. Returns: (transfer full): with all that converters
 * need */
GstEvent *
gst_rcast_intake_complete (GstEvent * event)
{
  g_autoptr (GstCaps) complete = NULL;
  GstCaps *caps;

  gst_event_parse_caps (event, &caps);
  complete = gst_rcast_raw_complete (caps);
  if (!complete)
    return event;
  gst_event_unref (event);
  return gst_event_new_caps (complete);
}

GstRcastIntake *
gst_rcast_intake_new (GstRcastMedia media)
{
  GstRcastIntake *self = g_new0 (GstRcastIntake, 1);

  self->media = media;
  g_mutex_init (&self->lock);
  return self;
}

void
gst_rcast_intake_free (GstRcastIntake * self)
{
  gst_clear_caps (&self->accepted);
  g_mutex_clear (&self->lock);
  g_free (self);
}
