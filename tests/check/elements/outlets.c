/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pads of rcastsrc: in which order they are added, and when there are no more. */
#include "config.h"

#include <gst/check/gstcheck.h>

#include "gstrcastoutlets.h"
#include "gstrcastsrc.h"

GST_START_TEST (test_no_pad_after_the_end)
{
  g_autoptr (GstElement) src =
      gst_object_ref_sink (g_object_new (GST_TYPE_RCAST_SRC, NULL));
  g_autoptr (GstRcastOutlets) outlets = gst_rcast_outlets_new (src);
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("video/x-vp8");
  g_autoptr (GstRcastOutlet) outlet = NULL;

  gst_rcast_outlets_open (outlets);
  outlet = gst_rcast_outlets_take (outlets, GST_RCAST_MEDIA_VIDEO, 0, caps);
  fail_unless (outlet != NULL);
  gst_rcast_outlets_end (outlets);
  fail_unless (gst_rcast_outlets_take (outlets, GST_RCAST_MEDIA_VIDEO, 1,
          caps) == NULL);
  assert_equals_int (src->numpads, 1);
  gst_rcast_outlets_close (outlets);
  assert_equals_int (src->numpads, 0);
}

GST_END_TEST;

static GstRcastOutlet *
take_sound (GstRcastOutlets * outlets)
{
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("audio/x-opus");

  return gst_rcast_outlets_take (outlets, GST_RCAST_MEDIA_AUDIO, 0, caps);
}

static void
note_pad (GstElement * src, GstPad * pad, GString * pads)
{
  g_string_append_printf (pads, "%s ", GST_OBJECT_NAME (pad));
}

static void
note_no_more (GstElement * src, GString * pads)
{
  g_string_append (pads, "| ");
}

/* @pads: gets the names of the pads, and a bar when there are no more */
static void
note_pads (GstElement * src, GString * pads)
{
  g_signal_connect (src, "pad-added", G_CALLBACK (note_pad), pads);
  g_signal_connect (src, "no-more-pads", G_CALLBACK (note_no_more), pads);
}

static void
push_at (GstRcastOutlet * outlet, GstPad * source, GstClockTime time)
{
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("audio/x-opus");
  GstBuffer *buffer = gst_buffer_new ();

  GST_BUFFER_PTS (buffer) = time;
  gst_rcast_outlet_push (outlet, source, 1, caps, buffer);
}

/* A connection of a video and a sound, of which the sound has come */
typedef struct
{
  GstElement *src;
  GstRcastOutlets *outlets;
  GstRcastOutlet *sound;
  GstPad *source;
  GString *pads;                /* of note_pads() */
} Scene;

static void
scene_init (Scene * s)
{
  s->src = gst_object_ref_sink (g_object_new (GST_TYPE_RCAST_SRC, NULL));
  s->outlets = gst_rcast_outlets_new (s->src);
  s->source = gst_object_ref_sink (gst_pad_new ("source", GST_PAD_SINK));
  s->pads = g_string_new (NULL);
  note_pads (s->src, s->pads);
  gst_rcast_outlets_open (s->outlets);
  gst_rcast_outlets_set_playing (s->outlets, TRUE);
  gst_rcast_outlets_expect (s->outlets, 1, 1);
  s->sound = take_sound (s->outlets);
}

static void
scene_clear (Scene * s)
{
  gst_rcast_outlet_leave (s->sound, s->source);
  gst_rcast_outlets_close (s->outlets);
  gst_object_unref (s->sound);
  gst_object_unref (s->source);
  gst_object_unref (s->outlets);
  gst_object_unref (s->src);
  g_string_free (s->pads, TRUE);
}

static GstRcastOutlet *
take_video (GstRcastOutlets * outlets)
{
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("video/x-vp8");

  return gst_rcast_outlets_take (outlets, GST_RCAST_MEDIA_VIDEO, 0, caps);
}

/* What comes after 0.9 s of audio that waits for a video */
static const struct
{
  gboolean video, ends;
  GstClockTime audio;           /* time of more audio, or NONE */
  const gchar *pads;
} firsts[] = {
  {TRUE, FALSE, GST_CLOCK_TIME_NONE, "video_0 audio_0 | "},
  {FALSE, FALSE, GST_SECOND, "audio_0 "},
  /* The publisher was away: a video may still come. */
  {FALSE, FALSE, 10 * GST_SECOND, "audio_0 "},
  {FALSE, TRUE, GST_CLOCK_TIME_NONE, "audio_0 | "},
  /* a session without video */
  {FALSE, FALSE, GST_CLOCK_TIME_NONE, "audio_0 | "},
};

/* A launch line links the first pad: `rcastsrc ! decodebin ! autovideosink` needs a video there. */
GST_START_TEST (test_video_comes_first)
{
  g_autoptr (GstRcastOutlet) video = NULL;
  Scene s;

  scene_init (&s);
  push_at (s.sound, s.source, 0);
  push_at (s.sound, s.source, 900 * GST_MSECOND);
  assert_equals_string (s.pads->str, "");
  if (firsts[__i__].video)
    video = take_video (s.outlets);
  else if (GST_CLOCK_TIME_IS_VALID (firsts[__i__].audio))
    push_at (s.sound, s.source, firsts[__i__].audio);
  else if (firsts[__i__].ends)
    gst_rcast_outlets_end (s.outlets);
  else
    gst_rcast_outlets_expect (s.outlets, 0, 1);
  assert_equals_string (s.pads->str, firsts[__i__].pads);
  scene_clear (&s);
}

GST_END_TEST;

/* What is known of a video that does not come beside the sound */
static const struct
{
  gboolean packets;
  GstClockTime patience;        /* media of the sound before "no-more-pads" */
} absences[] = {
  {FALSE, 2 * GST_SECOND},
  {TRUE, 5 * GST_SECOND},
};

/* playbin shows nothing before "no-more-pads". */
GST_START_TEST (test_no_more_pads_without_a_stream)
{
  g_autoptr (GstRcastOutlet) video = NULL;
  GstClockTime patience = absences[__i__].patience;
  Scene s;

  scene_init (&s);
  gst_rcast_outlets_note_packets (s.outlets, GST_RCAST_MEDIA_AUDIO, 0);
  if (absences[__i__].packets)
    gst_rcast_outlets_note_packets (s.outlets, GST_RCAST_MEDIA_VIDEO, 0);
  for (GstClockTime time = 0; time < patience; time += 20 * GST_MSECOND)
    push_at (s.sound, s.source, time);
  assert_equals_string (s.pads->str, "audio_0 ");
  push_at (s.sound, s.source, patience);
  assert_equals_string (s.pads->str, "audio_0 | ");
  /* Later, it is as welcome. */
  video = take_video (s.outlets);
  push_at (s.sound, s.source, 2 * patience);
  assert_equals_string (s.pads->str, "audio_0 | video_0 ");
  scene_clear (&s);
}

GST_END_TEST;

/* The pads without media that an early end makes, whatever was negotiated */
GST_START_TEST (test_no_more_pads_at_an_early_end)
{
  for (guint n = 0; n < 4; n++) {
    g_autoptr (GstElement) src =
        gst_object_ref_sink (g_object_new (GST_TYPE_RCAST_SRC, NULL));
    g_autoptr (GstRcastOutlets) outlets = gst_rcast_outlets_new (src);
    g_autoptr (GString) pads = g_string_new (NULL);

    note_pads (src, pads);
    gst_rcast_outlets_open (outlets);
    gst_rcast_outlets_expect (outlets, n & 1, n >> 1);
    gst_rcast_outlets_end (outlets);
    assert_equals_string (pads->str, "video_0 audio_0 | ");
    gst_rcast_outlets_close (outlets);
  }
}

GST_END_TEST;

/* Each time that the element goes to PAUSED */
GST_START_TEST (test_no_more_pads_once)
{
  g_autoptr (GstElement) src =
      gst_object_ref_sink (g_object_new (GST_TYPE_RCAST_SRC, NULL));
  g_autoptr (GstRcastOutlets) outlets = gst_rcast_outlets_new (src);
  g_autoptr (GString) pads = g_string_new (NULL);

  note_pads (src, pads);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GstRcastOutlet) sound = NULL;

    g_string_truncate (pads, 0);
    gst_rcast_outlets_open (outlets);
    gst_rcast_outlets_expect (outlets, 0, 1);
    assert_equals_string (pads->str, "");
    sound = take_sound (outlets);
    assert_equals_string (pads->str, "audio_0 | ");
    /* A new session */
    gst_rcast_outlets_expect (outlets, 0, 1);
    gst_rcast_outlets_end (outlets);
    assert_equals_string (pads->str, "audio_0 | ");
    gst_rcast_outlets_close (outlets);
  }
}

GST_END_TEST;

/* What an application sees while another thread adds a second stream */
typedef struct
{
  GstRcastOutlets *outlets;
  GstPad *source, *sink;
  gboolean closes;              /* close the outlets in the handler */
  gint inside;                  /* atomic: calls of the handler that have not returned */
  gint pads;                    /* atomic */
  gint buffers;                 /* atomic; on the second pad */
} Exposure;

static GstFlowReturn
count_buffer (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  Exposure *exposure = gst_pad_get_element_private (pad);

  g_atomic_int_inc (&exposure->buffers);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

/* Pushes the first buffer of a second stream. */
static gpointer
bring_sound (gpointer data)
{
  Exposure *exposure = data;
  g_autoptr (GstRcastOutlet) outlet = take_sound (exposure->outlets);

  fail_unless (outlet != NULL);
  push_at (outlet, exposure->source, 0);
  gst_rcast_outlet_leave (outlet, exposure->source);
  return NULL;
}

static void
on_pad_in_turn (GstElement * src, GstPad * pad, Exposure * exposure)
{
  fail_unless_equals_int (g_atomic_int_add (&exposure->inside, 1), 0);
  if (g_atomic_int_add (&exposure->pads, 1) == 0) {
    g_thread_join (g_thread_new ("sound", bring_sound, exposure));
    assert_equals_int (src->numpads, 1);
    if (exposure->closes)
      gst_rcast_outlets_close (exposure->outlets);
  } else {
    assert_equals_string (GST_OBJECT_NAME (pad), "audio_0");
    fail_unless_equals_int (gst_pad_link (pad, exposure->sink),
        GST_PAD_LINK_OK);
  }
  g_atomic_int_add (&exposure->inside, -1);
}

/* gst_parse_launch() links nothing if two threads add pads at once. No early buffer is lost. */
GST_START_TEST (test_one_pad_after_the_other)
{
  g_autoptr (GstElement) src =
      gst_object_ref_sink (g_object_new (GST_TYPE_RCAST_SRC, NULL));
  g_autoptr (GstRcastOutlets) outlets = gst_rcast_outlets_new (src);
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("video/x-vp8");
  g_autoptr (GstPad) source = gst_object_ref_sink (gst_pad_new ("source",
          GST_PAD_SINK));
  g_autoptr (GstPad) sink = gst_object_ref_sink (gst_pad_new ("sink",
          GST_PAD_SINK));
  g_autoptr (GstRcastOutlet) outlet = NULL;
  Exposure exposure = { outlets, source, sink, __i__ == 1, 0, 0, 0 };

  gst_pad_set_element_private (sink, &exposure);
  gst_pad_set_chain_function (sink, count_buffer);
  gst_pad_set_active (sink, TRUE);
  g_signal_connect (src, "pad-added", G_CALLBACK (on_pad_in_turn), &exposure);
  gst_rcast_outlets_open (outlets);
  gst_rcast_outlets_set_playing (outlets, TRUE);
  outlet = gst_rcast_outlets_take (outlets, GST_RCAST_MEDIA_VIDEO, 0, caps);
  fail_unless (outlet != NULL);
  if (exposure.closes) {
    assert_equals_int (g_atomic_int_get (&exposure.pads), 1);
  } else {
    assert_equals_int (g_atomic_int_get (&exposure.pads), 2);
    assert_equals_int (src->numpads, 2);
    while (g_atomic_int_get (&exposure.buffers) == 0)
      g_thread_yield ();
    gst_rcast_outlets_close (outlets);
  }
  assert_equals_int (src->numpads, 0);
  gst_pad_set_active (sink, FALSE);
}

GST_END_TEST;

static Suite *
outlets_suite (void)
{
  Suite *s = suite_create ("outlets");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_no_pad_after_the_end);
  tcase_add_loop_test (tc, test_video_comes_first, 0, G_N_ELEMENTS (firsts));
  tcase_add_loop_test (tc, test_no_more_pads_without_a_stream, 0,
      G_N_ELEMENTS (absences));
  tcase_add_test (tc, test_no_more_pads_at_an_early_end);
  tcase_add_test (tc, test_no_more_pads_once);
  tcase_add_loop_test (tc, test_one_pad_after_the_other, 0, 2);
  return s;
}

GST_CHECK_MAIN (outlets);
