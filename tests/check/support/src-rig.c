/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pipeline with an rcastsrc, and a record of the output of each of its pads. */
#include "config.h"

#include "src-rig.h"

#include <gst/check/gstcheck.h>

static void
note_buffer (Sight * sight, GstBuffer * buffer)
{
  GstClockTime time = GST_BUFFER_DTS_OR_PTS (buffer);

  sight->buffers++;
  sight->disconts += GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  if (GST_CLOCK_TIME_IS_VALID (sight->last) && time < sight->last)
    sight->backwards++;
  sight->stays += sight->last == time;
  sight->last = time;
  if (!GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT)) {
    sight->last_key = time;
    sight->keys++;
  }
}

static void
note_event (Sight * sight, GstEvent * event)
{
  GstClockTime duration;
  GstCaps *caps;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      gst_event_parse_caps (event, &caps);
      sight->caps++;
      g_free (sight->media);
      sight->media = g_strdup (gst_structure_get_name (gst_caps_get_structure
              (caps, 0)));
      sight->width = 0;
      gst_structure_get_int (gst_caps_get_structure (caps, 0), "width",
          &sight->width);
      break;
    case GST_EVENT_GAP:
      gst_event_parse_gap (event, NULL, &duration);
      sight->shortest = MIN (sight->shortest, duration);
      sight->gaps++;
      break;
    case GST_EVENT_EOS:
      sight->eos++;
      break;
    case GST_EVENT_SEGMENT:
      sight->segments++;
      break;
    case GST_EVENT_STREAM_START:
      sight->starts++;
      break;
    default:
      break;
  }
}

static GstPadProbeReturn
on_item (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Sight *sight = data;

  g_mutex_lock (&sight->lock);
  if (GST_IS_BUFFER (GST_PAD_PROBE_INFO_DATA (info)))
    note_buffer (sight, GST_PAD_PROBE_INFO_BUFFER (info));
  else if (GST_IS_EVENT (GST_PAD_PROBE_INFO_DATA (info)))
    note_event (sight, GST_PAD_PROBE_INFO_EVENT (info));
  g_cond_broadcast (&sight->changed);
  g_mutex_unlock (&sight->lock);
  return GST_PAD_PROBE_OK;
}

static void
on_pad_added (GstElement * src, GstPad * pad, gpointer data)
{
  Fixture *f = data;
  Sight *sight = g_str_equal (GST_OBJECT_NAME (pad), "video_1") ? &f->screen :
      g_str_has_prefix (GST_OBJECT_NAME (pad), "video") ? &f->video : &f->audio;
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  g_autoptr (GstPad) sinkpad = gst_element_get_static_pad (sink, "sink");

  g_mutex_lock (&sight->lock);
  sight->pads++;
  sight->pad = pad;
  g_mutex_unlock (&sight->lock);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_item, sight, NULL);
  g_object_set (sink, "async", FALSE, "sync", FALSE, NULL);
  gst_bin_add (GST_BIN (f->rig.pipeline), sink);
  gst_element_sync_state_with_parent (sink);
  gst_pad_link (pad, sinkpad);
}

static void
sight_init (Sight * sight)
{
  *sight = (Sight) { .last = GST_CLOCK_TIME_NONE,
    .shortest = GST_CLOCK_TIME_NONE
  };
  g_mutex_init (&sight->lock);
  g_cond_init (&sight->changed);
}

void
fixture_init (Fixture * f, const gchar * description)
{
  sight_init (&f->video);
  sight_init (&f->audio);
  sight_init (&f->screen);
  rig_init (&f->rig, description);
  g_signal_connect (f->rig.sink, "pad-added", G_CALLBACK (on_pad_added), f);
}

void
fixture_clear (Fixture * f)
{
  rig_clear (&f->rig);
  g_free (f->video.media);
  g_free (f->audio.media);
  g_free (f->screen.media);
}

void
sight_wait (Sight * sight, const guint * count, guint at_least)
{
  gint64 end = rcast_check_get_end ();

  g_mutex_lock (&sight->lock);
  while (*count < at_least)
    fail_unless (g_cond_wait_until (&sight->changed, &sight->lock, end));
  g_mutex_unlock (&sight->lock);
}

void
sight_wait_more (Sight * sight, guint more)
{
  guint now;

  g_mutex_lock (&sight->lock);
  now = sight->buffers;
  g_mutex_unlock (&sight->lock);
  sight_wait (sight, &sight->buffers, now + more);
}

void
fixture_go_on_air (Fixture * f)
{
  rig_set_state (&f->rig, GST_STATE_PLAYING);
  rig_expect (&f->rig, "signalling");
  rig_expect (&f->rig, "connected");
  rig_expect (&f->rig, "broadcasting");
}
