/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastsrc: who is to blame when a received stream stops, and when it is back. */
#include "config.h"

#include <gio/gio.h>
#include <gst/check/gstcheck.h>
#include <gst/rtp/rtp.h>

#include "gstrcastsrc.h"
#include "rcast-message.h"
#include "rcast-rtp.h"
#include "rig.h"

/* In µs: less than what counts as a fault of a stream */
#define STANDSTILL 250000

typedef struct
{
  Rig rig;
  gint frames;                  /* atomic; video frames */
  gint sounds;                  /* atomic; audio buffers */
} Fixture;

static GstPadProbeReturn
on_frame (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  g_atomic_int_inc ((gint *) data);
  return GST_PAD_PROBE_OK;
}

static void
on_pad_added (GstElement * src, GstPad * pad, gpointer data)
{
  Fixture *f = data;
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  g_autoptr (GstPad) sinkpad = gst_element_get_static_pad (sink, "sink");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_frame,
      g_str_has_prefix (GST_OBJECT_NAME (pad), "video") ? &f->frames :
      &f->sounds, NULL);
  g_object_set (sink, "async", FALSE, "sync", FALSE, NULL);
  gst_bin_add (GST_BIN (f->rig.pipeline), sink);
  gst_element_sync_state_with_parent (sink);
  gst_pad_link (pad, sinkpad);
}

/* Ignores other messages. Returns: (transfer full) (nullable): what the next message says */
static GstRcastStreamInfo *
next_info (Fixture * f, GstClockTime timeout)
{
  g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (f->rig.bus,
      timeout, GST_MESSAGE_ELEMENT);

  return message ? gst_rcast_message_parse_reception (message) : NULL;
}

/* Waits for a message with @cause; no other cause may come. */
static GstRcastStreamInfo *
wait_for (Fixture * f, const gchar * pad, gboolean connected,
    GstRcastStreamCause cause)
{
  gint64 end = rcast_check_get_end ();

  while (g_get_monotonic_time () < end) {
    g_autoptr (GstRcastStreamInfo) info = next_info (f, GST_SECOND);
    g_autofree gchar *text = NULL;
    gboolean awaited, is_part;

    if (!info)
      continue;
    text = gst_rcast_stream_info_to_string (info);
    awaited = info->connected == connected && g_str_equal (info->pad, pad);
    /* On a busy machine one stream stops, or comes back, some time before the other. */
    is_part = info->cause == GST_RCAST_STREAM_CAUSE_PART
        && cause == GST_RCAST_STREAM_CAUSE_SILENT;
    fail_unless (info->cause == cause || is_part, "%s", text);
    if (is_part && !(connected && awaited))
      continue;
    if (awaited)
      return g_steal_pointer (&info);
  }
  fail ("%s: no message", pad);
  return NULL;
}

static void
expect_gone (Fixture * f, const gchar * pad, GstRcastStreamCause cause,
    gboolean certain)
{
  g_autoptr (GstRcastStreamInfo) info = wait_for (f, pad, FALSE, cause);

  while (certain && !info->certain) {
    gst_rcast_stream_info_free (info);
    info = wait_for (f, pad, FALSE, cause);
  }
  fail_unless (info->since <= g_get_real_time ());
  fail_unless (info->detail != NULL);
}

static void
expect_back (Fixture * f, const gchar * pad, GstRcastStreamCause cause)
{
  g_autoptr (GstRcastStreamInfo) info = wait_for (f, pad, TRUE, cause);

  fail_unless (info->duration >= 100 * GST_MSECOND);
  fail_unless (info->duration < PATIENCE * rcast_check_slowness ());
}

/* Waits for @more frames. No message may come, unless the machine has stood still. */
static void
wait_frames (Fixture * f, gint more)
{
  gint until = g_atomic_int_get (&f->frames) + more;
  gint64 now = g_get_monotonic_time (), stood = 0;
  gint64 end = now + PATIENCE * rcast_check_slowness () / 1000;

  while (g_atomic_int_get (&f->frames) < until) {
    g_autoptr (GstRcastStreamInfo) info = next_info (f, 10 * GST_MSECOND);
    g_autofree gchar *text = info ? gst_rcast_stream_info_to_string (info) : NULL;

    stood = MAX (stood, g_get_monotonic_time () - now);
    now = g_get_monotonic_time ();
    fail_if (info != NULL && stood < STANDSTILL, "%s", text);
    fail_unless (now < end);
  }
}

static void
fixture_init (Fixture * f)
{
  f->frames = f->sounds = 0;
  rig_init (&f->rig, "rcastsrc name=r");
  g_signal_connect (f->rig.sink, "pad-added", G_CALLBACK (on_pad_added), f);
}

static void
fixture_start (Fixture * f, const gchar * location)
{
  fixture_init (f);
  if (location)
    gst_rcast_signaller_set_location (GST_RCAST_SIGNALLER (f->rig.signaller),
        location, NULL);
  rig_set_state (&f->rig, GST_STATE_PLAYING);
  wait_frames (f, 40);
}

/* Returns: (transfer full): the statistics of the received video */
static GstStructure *
dup_video_stats (Fixture * f)
{
  g_autoptr (GstStructure) stats = NULL;
  GstStructure *video;

  g_object_get (f->rig.sink, "stats", &stats, NULL);
  fail_unless (gst_structure_get (stats, "video_0", GST_TYPE_STRUCTURE, &video,
          NULL));
  return video;
}

/* Returns: a count of the packets or frames that arrive, of the statistics of a video */
static guint64
read_inbound (const GstStructure * video, const gchar * field)
{
  g_autoptr (GstStructure) inbound = NULL;
  guint64 value = 0;

  fail_unless (gst_structure_get (video, "inbound", GST_TYPE_STRUCTURE,
          &inbound, NULL));
  fail_unless (gst_structure_get_uint64 (inbound, field, &value));
  return value;
}

static guint64
get_inbound (Fixture * f, const gchar * field)
{
  g_autoptr (GstStructure) video = dup_video_stats (f);

  return read_inbound (video, field);
}

static void
check_stats (Fixture * f, const gchar * state, const gchar * cause)
{
  g_autoptr (GstStructure) video = dup_video_stats (f);

  assert_equals_string (gst_structure_get_string (video, "state"), state);
  assert_equals_string (gst_structure_get_string (video, "cause"), cause);
  fail_unless (gst_structure_has_field_typed (video, "since", G_TYPE_INT64));
  fail_unless (read_inbound (video, "packetsReceived") > 0
      && read_inbound (video, "framesReceived") >= 30);
}

GST_START_TEST (test_usual_media_is_no_news)
{
  Fixture f;

  fixture_start (&f, NULL);
  wait_frames (&f, 270);
  check_stats (&f, "arriving", "none");
  rig_clear (&f.rig);
}

GST_END_TEST;

GST_START_TEST (test_publisher_stops)
{
  Fixture f;

  fixture_start (&f, NULL);
  fake_signaller_pause_media (f.rig.signaller, TRUE);
  expect_gone (&f, "video_0", GST_RCAST_STREAM_CAUSE_SILENT, TRUE);
  check_stats (&f, "gone", "silent");
  fake_signaller_pause_media (f.rig.signaller, FALSE);
  expect_back (&f, "video_0", GST_RCAST_STREAM_CAUSE_SILENT);
  check_stats (&f, "arriving", "none");
  wait_frames (&f, 0);
  rig_clear (&f.rig);
}

GST_END_TEST;

/* Returns: (transfer full): the first element of @factory inside rcastsrc */
static GstElement *
dup_inner (Fixture * f, const gchar * factory)
{
  g_autoptr (GstIterator) all =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (f->rig.sink),
      factory);
  GValue value = G_VALUE_INIT;
  GstElement *element;

  fail_unless (gst_iterator_next (all, &value) == GST_ITERATOR_OK);
  element = g_value_dup_object (&value);
  g_value_unset (&value);
  return element;
}

/* Injects a BYE of both streams, as if it came from the server. */
static void
say_bye (Fixture * f)
{
  GstBuffer *buffer = gst_rtcp_buffer_new (200);
  g_autoptr (GstElement) rtpbin = dup_inner (f, "rtpbin");
  g_autoptr (GObject) session = NULL;
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;

  gst_rtcp_buffer_map (buffer, GST_MAP_READWRITE, &rtcp);
  gst_rtcp_buffer_add_packet (&rtcp, GST_RTCP_TYPE_RR, &packet);
  gst_rtcp_packet_rr_set_ssrc (&packet, 1111);
  gst_rtcp_buffer_add_packet (&rtcp, GST_RTCP_TYPE_BYE, &packet);
  gst_rtcp_packet_bye_add_ssrc (&packet, 1111);
  gst_rtcp_packet_bye_add_ssrc (&packet, 2222);
  gst_rtcp_buffer_unmap (&rtcp);
  g_signal_emit_by_name (rtpbin, "get-internal-session", 0, &session);
  g_signal_emit_by_name (session, "on-receiving-rtcp", buffer);
  gst_buffer_unref (buffer);
}

GST_START_TEST (test_publisher_says_bye)
{
  Fixture f;

  fixture_start (&f, NULL);
  fake_signaller_pause_media (f.rig.signaller, TRUE);
  say_bye (&f);
  expect_gone (&f, "video_0", GST_RCAST_STREAM_CAUSE_UNPUBLISHED, TRUE);
  fake_signaller_pause_media (f.rig.signaller, FALSE);
  expect_back (&f, "video_0", GST_RCAST_STREAM_CAUSE_UNPUBLISHED);
  rig_clear (&f.rig);
}

GST_END_TEST;

GST_START_TEST (test_server_says_that_the_publisher_left)
{
  Fixture f;

  fixture_start (&f, NULL);
  fake_signaller_pause_media (f.rig.signaller, TRUE);
  fake_signaller_change_stream (f.rig.signaller, GST_RCAST_STREAM_UNPUBLISHED);
  expect_gone (&f, "video_0", GST_RCAST_STREAM_CAUSE_UNPUBLISHED, TRUE);
  fake_signaller_change_stream (f.rig.signaller, GST_RCAST_STREAM_PUBLISHED);
  fake_signaller_pause_media (f.rig.signaller, FALSE);
  expect_back (&f, "video_0", GST_RCAST_STREAM_CAUSE_UNPUBLISHED);
  rig_clear (&f.rig);
}

GST_END_TEST;

GST_START_TEST (test_only_one_stream_arrives)
{
  static const gchar *const pads[] = { "video_0", "audio_0" };
  Fixture f;

  fixture_start (&f, NULL);
  fake_signaller_pause_line (f.rig.signaller, __i__, TRUE);
  expect_gone (&f, pads[__i__], GST_RCAST_STREAM_CAUSE_PART, TRUE);
  fake_signaller_pause_line (f.rig.signaller, __i__, FALSE);
  expect_back (&f, pads[__i__], GST_RCAST_STREAM_CAUSE_PART);
  rig_clear (&f.rig);
}

GST_END_TEST;

static GstPadProbeReturn
drop (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  return GST_PAD_PROBE_DROP;
}

/* Packets still arrive, but no frame is made of them. */
GST_START_TEST (test_no_frame_can_be_decoded)
{
  Fixture f;
  g_autoptr (GstElement) depay = NULL;
  g_autoptr (GstPad) pad = NULL;
  gulong probe;

  fixture_start (&f, NULL);
  depay = dup_inner (&f, "rtpvp8depay");
  pad = gst_element_get_static_pad (depay, "src");
  probe = gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, drop, NULL, NULL);
  expect_gone (&f, "video_0", GST_RCAST_STREAM_CAUSE_FROZEN, TRUE);
  gst_pad_remove_probe (pad, probe);
  expect_back (&f, "video_0", GST_RCAST_STREAM_CAUSE_FROZEN);
  gst_clear_object (&pad);
  gst_clear_object (&depay);
  rig_clear (&f.rig);
}

GST_END_TEST;

/* No packet arrives any more. The network is to blame if the server can
 * still be reached, else the server. */
GST_START_TEST (test_path_is_dead)
{
  gboolean reachable = __i__ == 0;
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  g_autofree gchar *location =
      g_strdup_printf ("fake://127.0.0.1:%u/demo", port);
  Fixture f;

  fail_unless (port > 0);
  if (!reachable)
    g_socket_listener_close (listener);
  fixture_start (&f, location);
  fake_signaller_hold_offer (f.rig.signaller, 2);
  fake_signaller_lose_ice (f.rig.signaller);
  expect_gone (&f, "video_0", reachable ? GST_RCAST_STREAM_CAUSE_NETWORK :
      GST_RCAST_STREAM_CAUSE_SERVER, TRUE);
  rig_clear (&f.rig);
}

GST_END_TEST;

static gboolean
has_pad (Fixture * f, const gchar * name)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (f->rig.sink, name);

  return pad != NULL;
}

/* This tests the fake server: a paused line has to stop with the rest of it. */
GST_START_TEST (test_server_goes_while_it_pauses)
{
  Fixture f;

  fixture_start (&f, NULL);
  fake_signaller_pause_line (f.rig.signaller, 1, TRUE);
  rig_clear (&f.rig);
}

GST_END_TEST;

/* Waits for @more buffers, whatever messages come meanwhile. */
static void
wait_count (const gint * count, gint more)
{
  gint until = g_atomic_int_get (count) + more;
  gint64 end = rcast_check_get_end ();

  while (g_atomic_int_get (count) < until)
    rig_turn (end, "media");
}

/* This tests the fake server, too: a paused line stays paused in the next session, which may
 * begin when the machine stands still. */
GST_START_TEST (test_session_that_follows_pauses_as_well)
{
  Fixture f;
  gint before;

  fixture_start (&f, NULL);
  fake_signaller_pause_line (f.rig.signaller, 1, TRUE);
  fake_signaller_drop_answerer (f.rig.signaller);
  fake_signaller_wait (f.rig.signaller, FAKE_OFFERS, 2);
  /* By then, no buffer holds sound from before. */
  wait_count (&f.frames, 20);
  before = g_atomic_int_get (&f.sounds);
  wait_count (&f.frames, 30);
  assert_equals_int (g_atomic_int_get (&f.sounds), before);
  fake_signaller_pause_line (f.rig.signaller, 1, FALSE);
  wait_count (&f.sounds, 10);
  rig_clear (&f.rig);
}

GST_END_TEST;

/* With DTX, silence sends no packets, and the server has announced it. */
GST_START_TEST (test_dtx_is_no_outage)
{
  Fixture f;

  fixture_init (&f);
  fake_signaller_behave (f.rig.signaller, FAKE_SENDS_DTX);
  rig_set_state (&f.rig, GST_STATE_PLAYING);
  do
    wait_frames (&f, 40);
  while (!has_pad (&f, "audio_0"));
  fake_signaller_pause_line (f.rig.signaller, 1, TRUE);
  /* 3 s */
  wait_frames (&f, 90);
  fake_signaller_pause_line (f.rig.signaller, 1, FALSE);
  wait_frames (&f, 30);
  rig_clear (&f.rig);
}

GST_END_TEST;

/* The application's EOS ends the streams and the connection: that is no outage. */
GST_START_TEST (test_application_ends_it)
{
  GstMessage *message;
  Fixture f, other;

  fixture_start (&f, NULL);
  fixture_start (&other, NULL);
  /* What a busy machine caused meanwhile */
  gst_bus_set_flushing (f.rig.bus, TRUE);
  gst_bus_set_flushing (f.rig.bus, FALSE);
  fail_unless (gst_element_send_event (f.rig.sink, gst_event_new_eos ()));
  /* 2 s */
  wait_frames (&other, 60);
  while ((message = gst_bus_pop_filtered (f.rig.bus, GST_MESSAGE_ELEMENT))) {
    g_autoptr (GstRcastStreamInfo) info =
        gst_rcast_message_parse_reception (message);

    gst_message_unref (message);
    fail_if (info != NULL, "%s is reported", info ? info->pad : NULL);
  }
  rig_clear (&other.rig);
  rig_clear (&f.rig);
}

GST_END_TEST;

/* A packet on its way into a jitter buffer */
static GstPadProbeReturn
keep_packet (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GPtrArray *kept = data;

  g_object_set_data_full (G_OBJECT (pad), "packet",
      gst_buffer_copy (info->data), (GDestroyNotify) gst_buffer_unref);
  g_ptr_array_add (kept, gst_object_ref (pad));
  return GST_PAD_PROBE_REMOVE;
}

static void
keep_next_packet (const GValue * value, gpointer data)
{
  g_autoptr (GstPad) pad =
      gst_element_get_static_pad (g_value_get_object (value), "sink");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, keep_packet, data, NULL);
}

GST_START_TEST (test_packets_that_come_too_late)
{
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (gst_object_unref);
  GstIterator *jitterbuffers;
  guint64 before;
  Fixture f;

  fixture_start (&f, NULL);
  jitterbuffers = gst_bin_iterate_all_by_element_factory_name
      (GST_BIN (f.rig.sink), "rtpjitterbuffer");
  fail_unless (gst_iterator_foreach (jitterbuffers, keep_next_packet, kept)
      == GST_ITERATOR_DONE);
  gst_iterator_free (jitterbuffers);
  /* Much older ones would be another beginning. */
  wait_frames (&f, 15);
  before = get_inbound (&f, "packetsDiscarded");
  /* One of the sound, and one of the video */
  assert_equals_int (kept->len, 2);
  for (guint i = 0; i < kept->len; i++) {
    GstPad *pad = g_ptr_array_index (kept, i);

    gst_pad_chain (pad, g_object_steal_data (G_OBJECT (pad), "packet"));
  }
  fail_unless (get_inbound (&f, "packetsDiscarded") > before);
  rig_clear (&f.rig);
}

GST_END_TEST;

/* SSRC of the other end's video */
#define VIDEO_SSRC 1111
#define LOSSES 20
/* Audio packets (20 ms) that arrive between the jitter buffer's request for a lost packet and the
 * NACK, median; seen: 0 to 1, with sixteen of these tests at once, too */
#define SOUNDS_MAX 4

typedef struct
{
  gint loses;                   /* atomic; whether to lose the next video packet */
  gint lost;                    /* atomic; sequence number of the lost packet */
  gint *sounds;                 /* constant; atomic: audio packets that have arrived */
  gint since;                   /* atomic; of these, when the jitter buffer asked; -1: not yet */
  gint requested;               /* atomic; it has been requested */
} Loss;

static GstPadProbeReturn
on_packet_in (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  guint8 header[GST_RCAST_RTP_HEADER_SIZE];
  Loss *loss = data;

  gst_buffer_extract (GST_PAD_PROBE_INFO_BUFFER (info), 0, header,
      sizeof header);
  if (gst_rcast_rtp_read_u32 (header + 8) != VIDEO_SSRC
      || GST_BUFFER_FLAG_IS_SET (GST_PAD_PROBE_INFO_BUFFER (info),
          GST_RTP_BUFFER_FLAG_RETRANSMISSION)
      || !g_atomic_int_compare_and_exchange (&loss->loses, TRUE, FALSE))
    return GST_PAD_PROBE_OK;
  g_atomic_int_set (&loss->lost, gst_rcast_rtp_read_u16 (header + 2));
  return GST_PAD_PROBE_DROP;
}

/* The jitter buffer asks several times. */
static GstPadProbeReturn
on_request (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  const GstStructure *s = gst_event_get_structure (info->data);
  Loss *loss = data;
  guint seqnum;

  if (s && gst_structure_has_name (s, "GstRTPRetransmissionRequest")
      && gst_structure_get_uint (s, "seqnum", &seqnum)
      && (gint) seqnum == g_atomic_int_get (&loss->lost))
    g_atomic_int_compare_and_exchange (&loss->since, -1,
        g_atomic_int_get (loss->sounds));
  return GST_PAD_PROBE_OK;
}

/* RFC 4585 6.2.1: a number, and a bit for each of the 16 behind it. @lost: -1: none is lost */
static gboolean
requests (GstRTCPPacket * packet, gint lost)
{
  const guint8 *fci = gst_rtcp_packet_fb_get_fci (packet);

  for (guint i = 0; lost >= 0
      && i < gst_rtcp_packet_fb_get_fci_length (packet); i++) {
    guint16 behind = lost - gst_rcast_rtp_read_u16 (fci + 4 * i);

    if (behind == 0 || (behind <= 16
            && gst_rcast_rtp_read_u16 (fci + 4 * i + 2) >> (behind - 1) & 1))
      return TRUE;
  }
  return FALSE;
}

static gboolean
on_sending_rtcp (GObject * session, GstBuffer * buffer, gboolean early,
    Loss * loss)
{
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;
  gboolean more;

  gst_rtcp_buffer_map (buffer, GST_MAP_READ, &rtcp);
  for (more = gst_rtcp_buffer_get_first_packet (&rtcp, &packet); more;
      more = gst_rtcp_packet_move_to_next (&packet))
    if (gst_rtcp_packet_get_type (&packet) == GST_RTCP_TYPE_RTPFB
        && gst_rtcp_packet_fb_get_type (&packet) == GST_RTCP_RTPFB_TYPE_NACK
        && requests (&packet, g_atomic_int_get (&loss->lost)))
      g_atomic_int_set (&loss->requested, TRUE);
  gst_rtcp_buffer_unmap (&rtcp);
  return FALSE;
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  return *(const gint *) a - *(const gint *) b;
}

/* By default, RTCP about a thin stream has little bandwidth (RFC 3550 6.2). */
GST_START_TEST (test_lost_packets_are_requested_at_once)
{
  g_autoptr (GstElement) rtpbin = NULL, demux = NULL;
  g_autoptr (GObject) session = NULL;
  g_autoptr (GstPad) pad = NULL;
  Fixture f;
  Loss loss = { .sounds = &f.sounds };
  gint64 end = rcast_check_get_end ();
  gint sounds[LOSSES];

  fixture_init (&f);
  /* Either end may make the offer. */
  fake_signaller_behave (f.rig.signaller,
      FAKE_WANTS_REPAIRS | (__i__ ? FAKE_MAKES_OFFERS : 0));
  rig_set_state (&f.rig, GST_STATE_PLAYING);
  wait_frames (&f, 40);
  rtpbin = dup_inner (&f, "rtpbin");
  g_signal_emit_by_name (rtpbin, "get-internal-session", 0, &session);
  g_signal_connect (session, "on-sending-rtcp", G_CALLBACK (on_sending_rtcp),
      &loss);
  demux = dup_inner (&f, "rtpssrcdemux");
  pad = gst_element_get_static_pad (demux, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_packet_in, &loss, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, on_request, &loss,
      NULL);
  for (gint i = 0; i < LOSSES; i++) {
    g_atomic_int_set (&loss.lost, -1);
    g_atomic_int_set (&loss.since, -1);
    g_atomic_int_set (&loss.requested, FALSE);
    g_atomic_int_set (&loss.loses, TRUE);
    while (!g_atomic_int_get (&loss.requested))
      rig_turn (end, "request");
    sounds[i] = g_atomic_int_get (&f.sounds) - g_atomic_int_get (&loss.since);
  }
  qsort (sounds, LOSSES, sizeof *sounds, compare);
  fail_unless (sounds[LOSSES / 2] <= SOUNDS_MAX * (gint) rcast_check_slowness (),
      "%d", sounds[LOSSES / 2]);
  /* The other end has chosen a codec that is not the first one of the offer. */
  while (get_inbound (&f, "retransmittedPacketsReceived") < LOSSES)
    rig_turn (end, "repairs");
  g_signal_handlers_disconnect_by_data (session, &loss);
  rig_clear (&f.rig);
}

GST_END_TEST;

/* What rtpbin does while another thread holds its lock */
typedef struct
{
  GMutex lock;
  GCond changed;
  GstElement *rtpbin;
  gboolean held;                /* rtpbin's lock is held */
  gboolean added;               /* the jitter buffer of a new stream is there */
  gboolean late;                /* it was not there in time */
} Locking;

/* rtpbin makes a session with its lock, and holds it until this returns. The parts of the new stream
 * follow. */
static void
on_element_added (GstBin * rtpbin, GstElement * element, Locking * locking)
{
  gint64 end = rcast_check_get_end ();
  gboolean first;

  g_mutex_lock (&locking->lock);
  first = !locking->held;
  locking->held = TRUE;
  g_cond_broadcast (&locking->changed);
  while (first && !locking->added && !locking->late)
    locking->late = !g_cond_wait_until (&locking->changed, &locking->lock, end);
  g_mutex_unlock (&locking->lock);
}

static void
on_new_jitterbuffer (GstElement * rtpbin, GstElement * buffer, guint session,
    guint ssrc, Locking * locking)
{
  g_mutex_lock (&locking->lock);
  locking->added = TRUE;
  g_cond_broadcast (&locking->changed);
  g_mutex_unlock (&locking->lock);
}

static gpointer
make_session (gpointer data)
{
  return gst_element_request_pad_simple (((Locking *) data)->rtpbin,
      "recv_rtcp_sink_9");
}

static GstBuffer *
make_packet (guint32 ssrc)
{
  GstBuffer *packet = gst_rtp_buffer_new_allocate (10, 0, 0);
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;

  gst_rtp_buffer_map (packet, GST_MAP_WRITE, &rtp);
  gst_rtp_buffer_set_ssrc (&rtp, ssrc);
  gst_rtp_buffer_set_payload_type (&rtp, 96);
  gst_rtp_buffer_unmap (&rtp);
  return packet;
}

/* Whoever sets the latency has rtpbin's lock, and waits for that of the session. */
GST_START_TEST (test_new_stream_does_not_wait_for_the_lock_of_rtpbin)
{
  g_autoptr (GstElement) demux = NULL;
  g_autoptr (GstPad) pad = NULL;
  Locking locking = { 0 };
  GstPad *made;
  GThread *thread;
  Fixture f;

  fixture_start (&f, NULL);
  g_mutex_init (&locking.lock);
  g_cond_init (&locking.changed);
  locking.rtpbin = dup_inner (&f, "rtpbin");
  demux = dup_inner (&f, "rtpssrcdemux");
  pad = gst_element_get_static_pad (demux, "sink");
  g_signal_connect (locking.rtpbin, "element-added",
      G_CALLBACK (on_element_added), &locking);
  g_signal_connect (locking.rtpbin, "new-jitterbuffer",
      G_CALLBACK (on_new_jitterbuffer), &locking);
  thread = g_thread_new ("session", make_session, &locking);
  g_mutex_lock (&locking.lock);
  while (!locking.held)
    g_cond_wait (&locking.changed, &locking.lock);
  g_mutex_unlock (&locking.lock);
  gst_pad_chain (pad, make_packet (4711));
  made = g_thread_join (thread);
  fail_if (locking.late);
  g_signal_handlers_disconnect_by_data (locking.rtpbin, &locking);
  gst_element_release_request_pad (locking.rtpbin, made);
  gst_object_unref (made);
  gst_clear_object (&locking.rtpbin);
  gst_clear_object (&pad);
  gst_clear_object (&demux);
  rig_clear (&f.rig);
  g_cond_clear (&locking.changed);
  g_mutex_clear (&locking.lock);
}

GST_END_TEST;

/* Lets the first packets of each source through, and no others until it is open: they end before
 * the jitter buffer lets the first one go. */
typedef struct
{
  guint passed[2];              /* streaming thread; of sound, of video */
  gint open;                    /* atomic */
} Gate;

#define FIRST_PACKETS 6

static GstPadProbeReturn
on_packet_at_gate (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  guint8 header[GST_RCAST_RTP_HEADER_SIZE];
  Gate *gate = data;
  guint *passed;

  if (g_atomic_int_get (&gate->open))
    return GST_PAD_PROBE_REMOVE;
  gst_buffer_extract (GST_PAD_PROBE_INFO_BUFFER (info), 0, header,
      sizeof header);
  passed = &gate->passed[gst_rcast_rtp_read_u32 (header + 8) == VIDEO_SSRC];
  return ++*passed > FIRST_PACKETS ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

static void
on_demuxer_added (GstBin * bin, GstBin * parent, GstElement * element,
    gpointer data)
{
  g_autoptr (GstPad) pad = NULL;

  if (!g_str_has_prefix (GST_OBJECT_NAME (element), "rtpssrcdemux"))
    return;
  pad = gst_element_get_static_pad (element, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_packet_at_gate, data,
      NULL);
}

GST_START_TEST (test_publisher_stops_at_once)
{
  Gate gate = { {0, 0}, FALSE };
  Fixture f;

  fixture_init (&f);
  if (__i__)
    g_object_set (f.rig.sink, "output", GST_RCAST_OUTPUT_RTP, NULL);
  g_signal_connect (f.rig.sink, "deep-element-added",
      G_CALLBACK (on_demuxer_added), &gate);
  rig_set_state (&f.rig, GST_STATE_PLAYING);
  expect_gone (&f, "video_0", GST_RCAST_STREAM_CAUSE_SILENT, TRUE);
  g_atomic_int_set (&gate.open, TRUE);
  expect_back (&f, "video_0", GST_RCAST_STREAM_CAUSE_SILENT);
  rig_clear (&f.rig);
}

GST_END_TEST;

GST_START_TEST (test_latency_changes_while_media_arrives)
{
  g_autoptr (GstElement) buffer = NULL;
  guint latency = 0;
  Fixture f;

  fixture_start (&f, NULL);
  buffer = dup_inner (&f, "rtpjitterbuffer");
  g_object_set (f.rig.sink, "latency", 321, NULL);
  g_object_get (buffer, "latency", &latency, NULL);
  assert_equals_int (latency, 321);
  gst_clear_object (&buffer);
  rig_clear (&f.rig);
}

GST_END_TEST;

static Suite *
rcastsrc_reception_suite (void)
{
  Suite *s = suite_create ("rcastsrc-reception");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, NULL, rig_abandon);
  tcase_add_test (tc, test_usual_media_is_no_news);
  tcase_add_test (tc, test_publisher_stops);
  tcase_add_loop_test (tc, test_publisher_stops_at_once, 0, 2);
  tcase_add_test (tc, test_publisher_says_bye);
  tcase_add_test (tc, test_server_says_that_the_publisher_left);
  tcase_add_loop_test (tc, test_only_one_stream_arrives, 0, 2);
  tcase_add_test (tc, test_no_frame_can_be_decoded);
  tcase_add_loop_test (tc, test_path_is_dead, 0, 2);
  tcase_add_test (tc, test_server_goes_while_it_pauses);
  tcase_add_test (tc, test_session_that_follows_pauses_as_well);
  tcase_add_test (tc, test_dtx_is_no_outage);
  tcase_add_test (tc, test_application_ends_it);
  tcase_add_test (tc, test_packets_that_come_too_late);
  tcase_add_loop_test (tc, test_lost_packets_are_requested_at_once, 0, 2);
  tcase_add_test (tc, test_new_stream_does_not_wait_for_the_lock_of_rtpbin);
  tcase_add_test (tc, test_latency_changes_while_media_arrives);
  return s;
}

GST_CHECK_MAIN (rcastsrc_reception);
