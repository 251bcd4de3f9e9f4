/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* RTP of H.265 and AV1 from other senders: packets that leave fit,
 * and a decoder shows every frame. */
#include "config.h"

#include "rcast-check.h"
#include "stream-decode.h"

#define N_FRAMES 12
#define GOP 6
/* Other senders' packets are larger than ours may be. */
#define THEIR_MTU 1500
#define SNOW "videotestsrc num-buffers=12 pattern=snow ! video/x-raw,format=I420," \
  "width=320,height=240,framerate=25/1"

/* AV1 RTP 4.4 */
#define AV1_Z 0x80
#define AV1_Y 0x40
#define AV1_N 0x08
/* AV1 5.3.2: types of OBUs, and the flag for a size field */
#define OBU_SEQUENCE_HEADER 1
#define OBU_TEMPORAL_DELIMITER 2
#define OBU_HAS_SIZE 0x02

static guint
get_obu_type (const guint8 * obu)
{
  return obu[0] >> 3 & 0x0f;
}

/* Returns: (transfer full) (element-type GstBuffer): the output of @launch */
static GPtrArray *
run (const gchar * launch, gchar ** caps)
{
  g_autofree gchar *line =
      g_strconcat (launch, " ! appsink name=out sync=false", NULL);
  g_autoptr (GstElement) pipeline = gst_parse_launch (line, NULL);
  g_autoptr (GstElement) out = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  GPtrArray *made =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
  GstSample *sample = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (;;) {
    g_signal_emit_by_name (out, "pull-sample", &sample);
    if (!sample)
      break;
    g_free (*caps);
    *caps = gst_caps_to_string (gst_sample_get_caps (sample));
    g_ptr_array_add (made, gst_buffer_copy (gst_sample_get_buffer (sample)));
    gst_sample_unref (sample);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return made;
}

/* Pushes each frame at its time; the gate opens at the second key frame. */
static void
push_all (Hand * hand, GPtrArray * packets, const gchar * caps,
    const gchar * codec)
{
  GstRcastStall stall;
  guint frame = 0;
  guint8 head[2];

  hand_init (hand, GST_RCAST_MEDIA_VIDEO, caps);
  for (guint i = 0; i < packets->len; i++) {
    GstBuffer *buffer = gst_buffer_copy (g_ptr_array_index (packets, i));

    gst_buffer_extract (buffer, 0, head, sizeof (head));
    GST_BUFFER_PTS (buffer) = frame * FRAME;
    GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
    fail_unless_equals_int (gst_harness_push (hand->h, buffer), GST_FLOW_OK);
    frame += head[1] >> 7;
    if (head[1] >> 7 && frame == GOP)
      hand_open (hand, codec);
  }
  fail_unless_equals_int (frame, N_FRAMES);
  fail_unless (gst_rcast_feed_is_open (GST_RCAST_FEED (hand->feed)));
  gst_rcast_stream_get_stall (GST_RCAST_STREAM (hand->stream), &stall);
  rcast_collector_wait (&hand->net, stall.made - hand_stat (hand,
          "packets-dropped-closed") - hand_stat (hand,
          "packets-dropped-overflow"));
  rcast_collector_check (&hand->net, PT, SSRC);
}

/* Returns: whether a packet is larger than ours may be */
static gboolean
has_large (GPtrArray * packets)
{
  for (guint i = 0; i < packets->len; i++)
    if (gst_buffer_get_size (g_ptr_array_index (packets, i)) > GST_RCAST_MTU)
      return TRUE;
  return FALSE;
}

static void
check_sizes (Hand * hand)
{
  guint frames = 0;

  for (guint i = 0; i < rcast_collector_count (&hand->net); i++) {
    RcastPacket packet = rcast_collector_get (&hand->net, i);

    fail_unless (packet.header.payload_offset + packet.header.payload_size
        <= GST_RCAST_MTU);
    frames += packet.header.marker;
  }
  fail_unless_equals_int (frames, N_FRAMES - GOP);
}

/* --- H.265 --- */

static gboolean
is_set (GstBuffer * packet)
{
  guint8 head[14];
  guint type;

  gst_buffer_extract (packet, 0, head, sizeof (head));
  type = gst_rcast_rtp_get_nal_type (GST_RCAST_CODEC_H265, head[12]);
  return type >= 32 && type <= 34;
}

static guint
count_frames (GstHarness * h)
{
  guint n;

  gst_harness_push_event (h, gst_event_new_eos ());
  n = gst_harness_buffers_in_queue (h);
  gst_harness_teardown (h);
  return n;
}

/* Like an IP camera: parameter sets in the caps only, packets of 1500 bytes */
GST_START_TEST (test_h265_of_a_camera_is_decoded)
{
  static const guint8 sets[] = { 32, 33, 34 };
  g_autofree gchar *caps = NULL;
  g_autoptr (GPtrArray) packets = NULL;
  GstHarness *h;
  Hand hand;

  if (!is_installed ("x265enc") || !is_installed ("avdec_h265"))
    return;
  packets = run (SNOW " ! x265enc speed-preset=ultrafast tune=zerolatency "
      "key-int-max=6 bitrate=4000 ! video/x-h265,profile=main ! rtph265pay "
      "mtu=" G_STRINGIFY (THEIR_MTU) " aggregate-mode=none", &caps);
  fail_unless (strstr (caps, "sprop-vps") && strstr (caps, "sprop-sps")
      && strstr (caps, "sprop-pps"), "%s", caps);
  for (guint i = packets->len; i-- > 0;)
    if (is_set (g_ptr_array_index (packets, i)))
      g_ptr_array_remove_index (packets, i);
  fail_unless (has_large (packets));
  push_all (&hand, packets, caps, "H265");
  check_sizes (&hand);
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    fail_unless_equals_int (gst_rcast_rtp_get_nal_type (GST_RCAST_CODEC_H265,
            rcast_collector_get (&hand.net, i).head[0]), sets[i]);
  h = gst_harness_new_parse ("rtph265depay ! h265parse ! avdec_h265 "
      "max-threads=1");
  gst_harness_set_src_caps (h, gst_caps_ref (hand.net.caps));
  for (guint i = 0; i < hand.net.buffers->len; i++)
    gst_harness_push (h, gst_buffer_copy (g_ptr_array_index (hand.net.buffers,
                i)));
  fail_unless_equals_int (count_frames (h), N_FRAMES - GOP);
  hand_clear (&hand);
}

GST_END_TEST;

/* --- AV1 --- */

static gsize
read_size (const guint8 * p, gsize * value)
{
  gsize n = 0;

  *value = 0;
  do
    *value |= (gsize) (p[n] & 0x7f) << (7 * n);
  while (p[n++] & 0x80);
  return n;
}

static void
append_size (GByteArray * bytes, gsize value)
{
  do {
    guint8 byte = (value & 0x7f) | (value > 0x7f ? 0x80 : 0);

    g_byte_array_append (bytes, &byte, 1);
    value >>= 7;
  } while (value > 0);
}

/* Returns: (transfer full) (element-type GBytes): the OBUs of a temporal unit, without size
 * fields and delimiter (AV1 RTP 5) */
static GPtrArray *
split_unit (GstBuffer * unit)
{
  GPtrArray *obus = g_ptr_array_new_with_free_func ((GDestroyNotify)
      g_bytes_unref);
  GstMapInfo map;
  gsize size;

  fail_unless (gst_buffer_map (unit, &map, GST_MAP_READ));
  for (gsize offset = 0; offset < map.size; offset += size) {
    const guint8 *obu = map.data + offset;
    g_autoptr (GByteArray) bytes = g_byte_array_new ();
    guint8 header = obu[0] & ~OBU_HAS_SIZE;

    fail_unless (obu[0] & OBU_HAS_SIZE && !(obu[0] & 0x04));
    offset += 1 + read_size (obu + 1, &size);
    g_byte_array_append (bytes, &header, 1);
    g_byte_array_append (bytes, map.data + offset, size);
    if (get_obu_type (obu) != OBU_TEMPORAL_DELIMITER)
      g_ptr_array_add (obus,
          g_byte_array_free_to_bytes (g_steal_pointer (&bytes)));
  }
  gst_buffer_unmap (unit, &map);
  return obus;
}

static void
add_packet (GPtrArray * packets, guint frame, gboolean marker,
    const GByteArray * payload)
{
  guint8 head[12] = { 0x80, 96 | (marker ? 0x80 : 0), };
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 12 + payload->len, NULL);

  GST_WRITE_UINT16_BE (head + 2, packets->len);
  GST_WRITE_UINT32_BE (head + 4, frame * 3600);
  gst_buffer_fill (buffer, 0, head, sizeof (head));
  gst_buffer_fill (buffer, 12, payload->data, payload->len);
  g_ptr_array_add (packets, buffer);
}

/* Like browsers: a small OBU shares the packet of the next one, with its size in front. The last
 * element of a packet has no size (W). */
static void
payload_unit (GPtrArray * packets, guint frame, GPtrArray * obus)
{
  GByteArray *payload = g_byte_array_new ();
  guint8 aggregation = 0;
  guint n_elements = 0;

  for (guint i = 0; i < obus->len; i++) {
    gsize size, done = 0;
    const guint8 *data = g_bytes_get_data (obus->pdata[i], &size);
    gboolean last = i + 1 == obus->len;

    if (payload->len == 0)
      g_byte_array_append (payload, &aggregation, 1);
    if (i == 0 && get_obu_type (data) == OBU_SEQUENCE_HEADER)
      payload->data[0] |= AV1_N;
    if (!last && size < 100) {
      append_size (payload, size);
      g_byte_array_append (payload, data, size);
      n_elements++;
      continue;
    }
    while (done < size) {
      gsize n = MIN (size - done, THEIR_MTU - 12 - payload->len);

      g_byte_array_append (payload, data + done, n);
      done += n;
      payload->data[0] |= ++n_elements << 4 | (done < size ? AV1_Y : 0);
      add_packet (packets, frame, last && done == size, payload);
      g_byte_array_set_size (payload, 0);
      n_elements = 0;
      if (done < size) {
        guint8 more = AV1_Z;

        g_byte_array_append (payload, &more, 1);
      }
    }
  }
  g_byte_array_unref (payload);
}

/* The temporal unit that a receiver assembles, and its OBU that is not complete yet */
typedef struct
{
  GByteArray *unit, *obu;
} Assembly;

static void
end_obu (Assembly * assembly)
{
  guint8 header = assembly->obu->data[0] | OBU_HAS_SIZE;

  g_byte_array_append (assembly->unit, &header, 1);
  append_size (assembly->unit, assembly->obu->len - 1);
  g_byte_array_append (assembly->unit, assembly->obu->data + 1,
      assembly->obu->len - 1);
  g_byte_array_set_size (assembly->obu, 0);
}

/* Adds the elements of one packet. */
static void
assemble (Assembly * assembly, const guint8 * p, gsize size)
{
  guint count = p[0] >> 4 & 0x03;
  gsize offset = 1, n;

  fail_unless_equals_int ((p[0] & AV1_Z) != 0, assembly->obu->len > 0);
  for (guint i = 1; offset < size; i++) {
    n = size - offset;
    if (count == 0 || i < count)
      offset += read_size (p + offset, &n);
    fail_unless (n <= size - offset);
    g_byte_array_append (assembly->obu, p + offset, n);
    offset += n;
    if (offset < size || !(p[0] & AV1_Y))
      end_obu (assembly);
  }
}

static guint
decode_av1 (Hand * hand)
{
  static const guint8 delimiter[] = { 0x12, 0 };
  GstHarness *h = gst_harness_new_parse ("av1parse ! av1dec");
  Assembly assembly = { g_byte_array_new (), g_byte_array_new () };

  gst_harness_set_src_caps_str (h, "video/x-av1,stream-format=obu-stream,"
      "alignment=tu");
  for (guint i = 0; i < hand->net.buffers->len; i++) {
    RcastPacket packet = rcast_collector_get (&hand->net, i);
    GstMapInfo map;

    if (assembly.unit->len == 0)
      g_byte_array_append (assembly.unit, delimiter, sizeof (delimiter));
    fail_unless (gst_buffer_map (hand->net.buffers->pdata[i], &map,
            GST_MAP_READ));
    assemble (&assembly, map.data + packet.header.payload_offset,
        packet.header.payload_size);
    gst_buffer_unmap (hand->net.buffers->pdata[i], &map);
    if (!packet.header.marker)
      continue;
    gst_harness_push (h, gst_buffer_new_memdup (assembly.unit->data,
            assembly.unit->len));
    g_byte_array_set_size (assembly.unit, 0);
  }
  g_byte_array_unref (assembly.unit);
  g_byte_array_unref (assembly.obu);
  return count_frames (h);
}

GST_START_TEST (test_av1_of_a_browser_is_decoded)
{
  g_autofree gchar *caps = NULL;
  g_autoptr (GPtrArray) units = NULL;
  g_autoptr (GPtrArray) packets =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
  Hand hand;

  if (!is_installed ("av1enc") || !is_installed ("av1dec")
      || !is_installed ("av1parse"))
    return;
  units = run (SNOW " ! av1enc cpu-used=8 usage-profile=realtime "
      "lag-in-frames=0 keyframe-max-dist=6 target-bitrate=4000 ! av1parse ! "
      "video/x-av1,stream-format=obu-stream,alignment=tu", &caps);
  fail_unless_equals_int (units->len, N_FRAMES);
  for (guint i = 0; i < units->len; i++) {
    g_autoptr (GPtrArray) obus = split_unit (units->pdata[i]);

    payload_unit (packets, i, obus);
  }
  fail_unless (has_large (packets));
  push_all (&hand, packets, "application/x-rtp,media=video,encoding-name=AV1,"
      "clock-rate=90000,payload=96", "AV1");
  check_sizes (&hand);
  fail_unless (rcast_collector_get (&hand.net, 0).key);
  fail_unless_equals_int (decode_av1 (&hand), N_FRAMES - GOP);
  hand_clear (&hand);
}

GST_END_TEST;

static Suite *
stream_rtp_codecs_suite (void)
{
  Suite *s = suite_create ("stream-rtp-codecs");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_h265_of_a_camera_is_decoded);
  tcase_add_test (tc, test_av1_of_a_browser_is_decoded);
  return s;
}

GST_CHECK_MAIN (stream_rtp_codecs);
