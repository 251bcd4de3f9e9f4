/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The viewer of the fault lab: prints each decoded frame, and the skew of audio and video. */
#include "config.h"

#include "view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <glib-unix.h>
#include <gst/video/video.h>

#include "tell.h"

#define BRIGHT 160              /* mean luma of a white frame; other frames are dark */
#define LOUD 3000
#define SILENT_SAMPLES 2400     /* 50 ms of 48 kHz before a tone begins */

struct _View
{
  GMutex lock;                  /* below: streaming threads */
  gboolean bright;
  guint silent;
  guint64 frames;
  GstClockTime flash;           /* start of the last white frames, in running time */
  GstClockTime beep;
};

View *
view_new (void)
{
  View *view = g_new0 (View, 1);

  g_mutex_init (&view->lock);
  view_begin (view);
  return view;
}

void
view_free (View * view)
{
  g_mutex_clear (&view->lock);
  g_free (view);
}

void
view_begin (View * view)
{
  g_mutex_lock (&view->lock);
  view->flash = view->beep = GST_CLOCK_TIME_NONE;
  g_mutex_unlock (&view->lock);
}

/* Prints the skew once flash and beep have begun less than half a period apart. */
static void
compare_locked (View * view)
{
  GstClockTimeDiff skew = GST_CLOCK_DIFF (view->flash, view->beep);

  if (view->flash == GST_CLOCK_TIME_NONE || view->beep == GST_CLOCK_TIME_NONE
      || ABS (skew) > (GstClockTimeDiff) GST_SECOND / 2)
    return;
  tell ("sync", "sound-late-ms=%.1f", (gdouble) skew / GST_MSECOND);
  view->flash = view->beep = GST_CLOCK_TIME_NONE;
}

static gboolean
is_bright (const GstVideoInfo * info, GstBuffer * buffer)
{
  GstVideoFrame frame;
  guint64 sum = 0;
  guint n = 0;

  if (!gst_video_frame_map (&frame, info, buffer, GST_MAP_READ))
    return FALSE;
  for (gint y = 0; y < GST_VIDEO_FRAME_HEIGHT (&frame); y += 16) {
    const guint8 *line = (const guint8 *) GST_VIDEO_FRAME_PLANE_DATA (&frame, 0)
        + y * GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0);

    for (gint x = 0; x < GST_VIDEO_FRAME_WIDTH (&frame); x += 16, n++)
      sum += line[x];
  }
  gst_video_frame_unmap (&frame);
  return n > 0 && sum / n > BRIGHT;
}

static GstPadProbeReturn
on_picture (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  View *view = data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstVideoInfo video;
  gboolean bright;
  guint64 number;

  if (!caps || !gst_video_info_from_caps (&video, caps))
    return GST_PAD_PROBE_OK;
  bright = is_bright (&video, buffer);
  g_mutex_lock (&view->lock);
  number = view->frames++;
  if (bright && !view->bright)
    view->flash = GST_BUFFER_PTS (buffer);
  view->bright = bright;
  compare_locked (view);
  g_mutex_unlock (&view->lock);
  tell ("view", "n=%" G_GUINT64_FORMAT " pts-ms=%" G_GUINT64_FORMAT,
      number, GST_TIME_AS_MSECONDS (GST_BUFFER_PTS (buffer)));
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_sound (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  View *view = data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  gint rate = 0, channels = 0;
  GstMapInfo map;

  if (!caps || !gst_structure_get (gst_caps_get_structure (caps, 0), "rate",
          G_TYPE_INT, &rate, "channels", G_TYPE_INT, &channels, NULL)
      || !gst_buffer_map (buffer, &map, GST_MAP_READ))
    return GST_PAD_PROBE_OK;
  g_mutex_lock (&view->lock);
  for (gsize i = 0; i < map.size / sizeof (gint16); i += (gsize) channels) {
    if (ABS ((gint) ((gint16 *) map.data)[i]) < LOUD) {
      view->silent++;
      continue;
    }
    if (view->silent > SILENT_SAMPLES) {
      view->beep = GST_BUFFER_PTS (buffer)
          + gst_util_uint64_scale_int (i / (gsize) channels, GST_SECOND, rate);
      compare_locked (view);
    }
    view->silent = 0;
  }
  g_mutex_unlock (&view->lock);
  gst_buffer_unmap (buffer, &map);
  return GST_PAD_PROBE_OK;
}

void
view_add_picture (View * view, GstPad * pad)
{
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_picture, view, NULL);
}

void
view_add_sound (View * view, GstPad * pad)
{
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_sound, view, NULL);
}

static gboolean
on_signal (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_CONTINUE;
}

static void
run (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  guint sources[] = { g_unix_signal_add (SIGTERM, on_signal, loop),
    g_unix_signal_add (SIGINT, on_signal, loop)
  };

  g_main_loop_run (loop);
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    g_source_remove (sources[i]);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  gboolean plain = argc == 3 && strcmp (argv[1], "--plain") == 0;
  ViewSource *source;
  View *view;

  setvbuf (stdout, NULL, _IOLBF, 0);
  gst_init (&argc, &argv);
  if (argc != 2 && !plain) {
    g_printerr ("usage: faults-view LOCATION | --plain WHEP-URL\n");
    return 2;
  }
  view = view_new ();
  if (plain) {
    ViewPlain *yardstick = view_plain_new (view, argv[2]);

    run ();
    view_plain_free (yardstick);
  } else if ((source = view_source_new (view, argv[1], &error))) {
    run ();
    view_source_free (source);
  } else {
    g_printerr ("%s: %s\n", argv[1], error->message);
  }
  view_free (view);
  return error ? 1 : 0;
}
