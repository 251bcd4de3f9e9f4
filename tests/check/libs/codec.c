/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One row has everything about a codec: names, caps, elements, and its offer. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "rcast-codec.h"

static const struct
{
  const gchar *caps;
  GstRcastCodec codec;
} caps_rows[] = {
  {"application/x-rtp, encoding-name=H264", GST_RCAST_CODEC_H264},
  {"application/x-rtp, encoding-name=vp8", GST_RCAST_CODEC_VP8},
  {"application/x-rtp, encoding-name=VP8-DRAFT-IETF-01", GST_RCAST_CODEC_VP8},
  {"application/x-rtp, encoding-name=VP9-DRAFT-IETF-01", GST_RCAST_CODEC_VP9},
  {"application/x-rtp, encoding-name=AV1", GST_RCAST_CODEC_AV1},
  {"application/x-rtp, encoding-name=AV1X", GST_RCAST_CODEC_AV1},
  {"application/x-rtp, encoding-name=opus", GST_RCAST_CODEC_OPUS},
  {"application/x-rtp, encoding-name=X-GST-OPUS-DRAFT-SPITTKA-00",
      GST_RCAST_CODEC_OPUS},
  {"application/x-rtp, encoding-name=G722", GST_RCAST_CODEC_UNKNOWN},
  {"application/x-rtp", GST_RCAST_CODEC_UNKNOWN},
  {"video/x-h264, stream-format=avc", GST_RCAST_CODEC_H264},
  {"video/x-h265", GST_RCAST_CODEC_H265},
  {"video/x-h26", GST_RCAST_CODEC_UNKNOWN},
  {"video/x-h2645", GST_RCAST_CODEC_UNKNOWN},
  {"audio/x-alaw", GST_RCAST_CODEC_PCMA},
  {"audio/x-mulaw", GST_RCAST_CODEC_PCMU},
  {"video/x-raw", GST_RCAST_CODEC_UNKNOWN},
  {"ANY", GST_RCAST_CODEC_UNKNOWN},
  {"EMPTY", GST_RCAST_CODEC_UNKNOWN},
};

GST_START_TEST (test_codec_is_known_by_its_caps)
{
  for (guint i = 0; i < G_N_ELEMENTS (caps_rows); i++) {
    g_autoptr (GstCaps) caps = gst_caps_from_string (caps_rows[i].caps);

    fail_unless (gst_rcast_codec_from_caps (caps) == caps_rows[i].codec, "%s",
        caps_rows[i].caps);
  }
  fail_unless (gst_rcast_codec_from_caps (NULL) == GST_RCAST_CODEC_UNKNOWN);
}

GST_END_TEST;

static const struct
{
  const gchar *name, *canonical;
} names[] = {
  {"VP8-DRAFT-IETF-01", "VP8"},
  {"vp9-draft-ietf-01", "VP9"},
  {"AV1X", "AV1"},
  {"X-GST-OPUS-DRAFT-SPITTKA-00", "OPUS"},
  {"opus", "OPUS"},
  {"h264", "H264"},
  {"theora", "THEORA"},
};

GST_START_TEST (test_old_names_are_offered_under_the_name_of_today)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GstCaps) caps = gst_caps_new_simple ("application/x-rtp",
        "media", G_TYPE_STRING, "video", "clock-rate", G_TYPE_INT, 90000,
        "encoding-name", G_TYPE_STRING, names[i].name, NULL);
    g_autoptr (GstStructure) offer =
        gst_rcast_codec_make_offer_of_rtp (caps, GST_RCAST_MEDIA_VIDEO,
        GST_RCAST_INPUT_RTP);

    fail_unless_equals_string (gst_structure_get_string (offer,
            "encoding-name"), names[i].canonical);
    /* Names are compared by address. */
    fail_unless (gst_rcast_codec_canonical_name (names[i].name)
        == gst_rcast_codec_canonical_name (names[i].canonical));
  }
  fail_unless (gst_rcast_codec_canonical_name ("VP8")
      != gst_rcast_codec_canonical_name ("VP9"));
  fail_unless_equals_string (gst_rcast_codec_canonical_name (NULL), "");
}

GST_END_TEST;

GST_START_TEST (test_each_row_is_complete)
{
  for (guint i = 1; i < GST_RCAST_N_CODECS; i++) {
    const gchar *name = gst_rcast_codec_get_encoding_name (i);
    g_autoptr (GstCaps) caps = gst_rcast_codec_get_caps (i);
    g_autoptr (GstCaps) raw = gst_rcast_codec_get_raw_caps (i);
    g_autoptr (GstCaps) parsed = gst_rcast_codec_get_parsed_caps (i);
    g_autoptr (GstStructure) offer = gst_rcast_codec_make_offer (i);
    gint clock_rate;

    fail_unless (caps != NULL && gst_caps_get_size (caps) == 1, "%s", name);
    fail_unless (gst_rcast_codec_from_caps (caps) == i, "%s", name);
    fail_unless (gst_rcast_codec_from_name (name) == i, "%s", name);
    fail_unless (gst_rcast_codec_get_payloader (i) != NULL, "%s", name);
    fail_unless (gst_rcast_codec_is_video (i) == (raw == NULL), "%s", name);
    if (parsed) {
      fail_unless (gst_rcast_codec_get_parser (i) != NULL, "%s", name);
      fail_unless (gst_rcast_codec_from_caps (parsed) == i, "%s", name);
      fail_unless (gst_caps_can_intersect (parsed, caps), "%s", name);
    }
    fail_unless_equals_string (gst_structure_get_string (offer,
            "encoding-name"), name);
    fail_unless_equals_string (gst_structure_get_string (offer, "media"),
        gst_rcast_media_get_name (gst_rcast_codec_get_media (i)));
    fail_unless (gst_structure_get_int (offer, "clock-rate", &clock_rate));
    fail_unless (clock_rate == 90000 || clock_rate == 48000
        || clock_rate == 8000);
  }
  fail_if (gst_rcast_codec_is_video (GST_RCAST_CODEC_UNKNOWN));
}

GST_END_TEST;

static const struct
{
  const gchar *rtp;             /* NULL: encoded here */
  GstRcastCodec codec;
  const gchar *offer;
  GstRcastInput from;
} offers[] = {
  {NULL, GST_RCAST_CODEC_H264, "media=video,encoding-name=H264,"
        "clock-rate=90000,packetization-mode=(string)1,"
        "level-asymmetry-allowed=(string)1"},
  {NULL, GST_RCAST_CODEC_VP9, "media=video,encoding-name=VP9,"
        "clock-rate=90000,profile-id=(string)0"},
  {NULL, GST_RCAST_CODEC_OPUS, "media=audio,encoding-name=OPUS,"
        "clock-rate=48000,encoding-params=(string)2,minptime=(string)10,"
        "useinbandfec=(string)1,a-ptime=(string)20"},
  {NULL, GST_RCAST_CODEC_PCMA, "media=audio,encoding-name=PCMA,"
        "clock-rate=8000,a-ptime=(string)20"},
  {"encoding-name=PCMA,clock-rate=8000", GST_RCAST_CODEC_PCMA,
        "media=audio,encoding-name=PCMA,clock-rate=8000,a-ptime=(string)20",
      GST_RCAST_INPUT_ENCODED},
  {"encoding-name=PCMA,clock-rate=8000", GST_RCAST_CODEC_PCMA,
      "media=audio,encoding-name=PCMA,clock-rate=8000", GST_RCAST_INPUT_RTP},
  {"encoding-name=OPUS,clock-rate=48000", GST_RCAST_CODEC_OPUS,
        "media=audio,encoding-name=OPUS,clock-rate=48000,"
        "encoding-params=(string)2", GST_RCAST_INPUT_ENCODED},
  {"encoding-name=H264,clock-rate=90000,packetization-mode=(string)0,"
        "profile-level-id=(string)640020,sprop-parameter-sets=(string)x",
        GST_RCAST_CODEC_H264, "media=video,encoding-name=H264,"
        "clock-rate=90000,profile-level-id=(string)640020,"
        "packetization-mode=(string)1,level-asymmetry-allowed=(string)1"},
  {"encoding-name=VP9,clock-rate=90000,profile-id=(string)2,ssrc=(uint)3",
        GST_RCAST_CODEC_VP9, "media=video,encoding-name=VP9,"
        "clock-rate=90000,profile-id=(string)2"},
  {"encoding-name=OPUS,clock-rate=48000,encoding-params=(string)1,payload=9",
        GST_RCAST_CODEC_OPUS, "media=audio,encoding-name=OPUS,"
        "clock-rate=48000,encoding-params=(string)2"},
  {"encoding-name=theora,clock-rate=90000", GST_RCAST_CODEC_UNKNOWN,
      "media=video,encoding-name=THEORA,clock-rate=90000"},
};

GST_START_TEST (test_offer_says_what_leaves)
{
  GstRcastCodec codec = offers[__i__].codec;
  g_autofree gchar *text = g_strconcat ("application/x-rtp,",
      offers[__i__].offer, NULL);
  g_autoptr (GstStructure) wanted = gst_structure_from_string (text, NULL);
  g_autoptr (GstStructure) offer = NULL;
  g_autofree gchar *made = NULL;

  if (offers[__i__].rtp) {
    g_autofree gchar *rtp = g_strconcat ("application/x-rtp,",
        offers[__i__].rtp, NULL);
    g_autoptr (GstCaps) caps = gst_caps_from_string (rtp);

    offer = gst_rcast_codec_make_offer_of_rtp (caps,
        gst_rcast_codec_get_media (codec), offers[__i__].from);
  } else {
    offer = gst_rcast_codec_make_offer (codec);
  }
  made = gst_structure_to_string (offer);
  fail_unless (gst_structure_is_equal (offer, wanted), "%s", made);
}

GST_END_TEST;

GST_START_TEST (test_payload_types_are_those_of_rfc3551)
{
  fail_unless_equals_int (gst_rcast_codec_get_payload_type
      (GST_RCAST_CODEC_PCMU), 0);
  fail_unless_equals_int (gst_rcast_codec_get_payload_type
      (GST_RCAST_CODEC_PCMA), 8);
  fail_unless_equals_int (gst_rcast_codec_get_payload_type
      (GST_RCAST_CODEC_OPUS), -1);
  fail_unless_equals_int (gst_rcast_codec_get_payload_type
      (GST_RCAST_CODEC_UNKNOWN), -1);
}

GST_END_TEST;

GST_START_TEST (test_pads_take_each_codec_as_rtp_encoded_and_raw)
{
  g_autoptr (GstCaps) video = gst_rcast_media_get_caps (GST_RCAST_MEDIA_VIDEO);
  g_autoptr (GstCaps) audio = gst_rcast_media_get_caps (GST_RCAST_MEDIA_AUDIO);
  g_autoptr (GstCaps) gpu =
      gst_caps_from_string ("video/x-raw(memory:GLMemory), format=RGBA");

  for (guint i = 1; i < GST_RCAST_N_CODECS; i++) {
    g_autoptr (GstCaps) encoded = gst_rcast_codec_get_caps (i);
    g_autoptr (GstCaps) rtp =
        gst_caps_new_full (gst_rcast_codec_make_offer (i), NULL);
    gboolean is_video = gst_rcast_codec_is_video (i);

    fail_unless (gst_caps_is_subset (encoded, is_video ? video : audio));
    fail_unless (gst_caps_is_subset (rtp, is_video ? video : audio));
    fail_if (gst_caps_can_intersect (encoded, is_video ? audio : video));
    fail_if (gst_caps_can_intersect (rtp, is_video ? audio : video));
  }
  fail_unless (gst_caps_is_subset (gpu, video));
}

GST_END_TEST;

GST_START_TEST (test_h264_promise_holds_for_what_is_made)
{
  static const struct
  {
    gint width, height;
    guint fps;
    const gchar *made, *promised;
  } rows[] = {
    {320, 240, 25, NULL, "42e01f"},
    {1280, 720, 30, NULL, "42e01f"},
    {1280, 720, 60, NULL, "42e020"},
    {1920, 1080, 30, NULL, "42e028"},
    {1920, 1080, 60, NULL, "42e02a"},
    {3840, 2160, 30, NULL, "42e033"},
    {7680, 4320, 60, NULL, "42e034"},
    /* A lower level of constrained baseline keeps it, ... */
    {1280, 720, 30, "42c01f", "42e01f"},
    {1280, 720, 30, "42c015", "42e01f"},
    /* ... a higher level, or another profile, does not. */
    {1280, 720, 30, "42c028", "42c028"},
    {1280, 720, 30, "4d401f", "4d401f"},
    {1280, 720, 30, "42001f", "42001f"},
    {1280, 720, 30, "64001f", "64001f"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *promised = gst_rcast_h264_promise (gst_rcast_h264_level
        (rows[i].width, rows[i].height, rows[i].fps), rows[i].made);

    fail_unless_equals_string (promised, rows[i].promised);
  }
}

GST_END_TEST;

static const struct
{
  const gchar *one, *other;
  gboolean same;
} offer_pairs[] = {
  {"encoding-name=VP8", "encoding-name=VP8", TRUE},
  {"encoding-name=VP8", "encoding-name=VP9", FALSE},
  /* Another level changes nothing, ... */
  {"encoding-name=H264,profile-level-id=(string)42e01f",
      "encoding-name=H264,profile-level-id=(string)42e028", TRUE},
  {"encoding-name=H264,profile-level-id=(string)42e01f",
      "encoding-name=H264,profile-level-id=(string)42c015", TRUE},
  {"encoding-name=H265,profile-id=(string)1,level-id=(string)93",
      "encoding-name=H265,profile-id=(string)1,level-id=(string)120", TRUE},
  /* ... another profile does. */
  {"encoding-name=H264,profile-level-id=(string)42e01f",
      "encoding-name=H264,profile-level-id=(string)42001f", FALSE},
  {"encoding-name=H264,profile-level-id=(string)42e01f",
      "encoding-name=H264,profile-level-id=(string)64001f", FALSE},
  {"encoding-name=H265,profile-id=(string)1", "encoding-name=H265,"
        "profile-id=(string)2", FALSE},
  {"encoding-name=H264,profile-level-id=(string)nonsense",
      "encoding-name=H264,profile-level-id=(string)42e01f", FALSE},
  {"encoding-name=VP8;application/x-rtp,encoding-name=VP9",
      "encoding-name=VP8", FALSE},
};

GST_START_TEST (test_offer_is_the_same_whatever_the_level)
{
  for (guint i = 0; i < G_N_ELEMENTS (offer_pairs); i++) {
    g_autofree gchar *one = g_strconcat ("application/x-rtp,",
        offer_pairs[i].one, NULL);
    g_autofree gchar *other = g_strconcat ("application/x-rtp,",
        offer_pairs[i].other, NULL);
    g_autoptr (GstCaps) a = gst_caps_from_string (one);
    g_autoptr (GstCaps) b = gst_caps_from_string (other);

    fail_unless_equals_int (gst_rcast_offer_is_same (a, b),
        offer_pairs[i].same);
    fail_unless_equals_int (gst_rcast_offer_is_same (b, a),
        offer_pairs[i].same);
  }
}

GST_END_TEST;

static const struct
{
  const gchar *caps;
  GstRcastInput input;
  const gchar *fault;           /* a word of the error */
} inputs[] = {
  {"application/x-rtp,encoding-name=VP8,clock-rate=90000", GST_RCAST_INPUT_RTP},
  {"application/x-rtp,clock-rate=90000", GST_RCAST_INPUT_RTP, "encoding-name"},
  {"application/x-rtp,encoding-name=VP8", GST_RCAST_INPUT_RTP, "clock-rate"},
  {"video/x-raw(memory:VAMemory),format=NV12", GST_RCAST_INPUT_RAW},
  {"audio/x-raw,channels=6", GST_RCAST_INPUT_RAW},
  {"audio/x-raw,channels=63", GST_RCAST_INPUT_RAW},
  {"audio/x-raw,channels=64", GST_RCAST_INPUT_RAW, "63 channels"},
  {"audio/x-raw,channels=2,rate=768000", GST_RCAST_INPUT_RAW},
  {"audio/x-raw,channels=2,rate=2147483647", GST_RCAST_INPUT_RAW, "768,000"},
  {"video/x-h264", GST_RCAST_INPUT_ENCODED},
  {"audio/x-opus,channels=2,channel-mapping-family=0", GST_RCAST_INPUT_ENCODED},
  {"audio/x-opus,channels=6,channel-mapping-family=1", GST_RCAST_INPUT_ENCODED,
      "Opus"},
};

GST_START_TEST (test_input_is_judged_by_its_caps)
{
  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++) {
    g_autoptr (GstCaps) caps = gst_caps_from_string (inputs[i].caps);
    const gchar *fault = gst_rcast_input_find_fault (caps);

    fail_unless_equals_int (gst_rcast_input_from_caps (caps), inputs[i].input);
    fail_unless_equals_int (fault != NULL, inputs[i].fault != NULL);
    if (fault)
      fail_unless (strstr (fault, inputs[i].fault) != NULL, "%s", fault);
  }
}

GST_END_TEST;

GST_START_TEST (test_static_payload_types_need_no_name)
{
  static const gchar *const pairs[][2] = {
    {"application/x-rtp,media=audio,payload=0", "application/x-rtp,media=audio,"
          "payload=0,encoding-name=PCMU,clock-rate=8000"},
    {"application/x-rtp,media=audio,payload=8,clock-rate=8000",
          "application/x-rtp,media=audio,payload=8,encoding-name=PCMA,"
          "clock-rate=8000"},
    {"application/x-rtp,media=audio,payload=0,encoding-name=OPUS", NULL},
    {"application/x-rtp,media=audio,payload=9", NULL},
    {"application/x-rtp,media=audio", NULL},
    {"audio/x-mulaw,payload=0", NULL},
  };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++) {
    g_autoptr (GstCaps) caps = gst_caps_from_string (pairs[i][0]);
    g_autoptr (GstCaps) complete = gst_rcast_rtp_caps_complete (caps);
    g_autoptr (GstCaps) want = pairs[i][1] ?
        gst_caps_from_string (pairs[i][1]) : NULL;

    fail_unless (want ? complete && gst_caps_is_equal (complete, want) :
        complete == NULL, "%s", pairs[i][0]);
  }
}

GST_END_TEST;

/* The ptime and maxptime of an answer, and the ms of a packet */
static const struct
{
  const gchar *ptime, *maxptime;
  gdouble chosen;
} ptimes[] = {
  {NULL, NULL, 20},
  {"20", "20", 20},
  {"10", NULL, 10},
  {"60", NULL, 60},
  {"2.5", NULL, 2.5},
  {"1", NULL, 1},
  {"200", NULL, 200},
  {"30", "60", 30},
  {"60", "30", 30},
  {"60", "150", 60},
  {NULL, "10", 10},
  {NULL, "120", 20},
  {NULL, "12.5", 12.5},
  /* no packet has such a length */
  {"0", NULL, 20},
  {"0.0", "0", 20},
  {"", "", 20},
  {"0.5", NULL, 20},
  {"201", "10", 10},
  {"604800000", NULL, 20},
  {"40", "604800000", 40},
  {"99999999999999999999999999", NULL, 20},
  {"-10", NULL, 20},
  {"+10", NULL, 20},
  {" 10", NULL, 20},
  {"10 ", NULL, 20},
  {"10ms", NULL, 20},
  {"1e2", NULL, 20},
  {"0x20", NULL, 20},
  {"10.0.0", NULL, 20},
  {".5", NULL, 20},
  {"nan", "inf", 20},
  {"forty", "\xff\xfe", 20},
};

GST_START_TEST (test_packets_are_as_long_as_the_answer_wants)
{
  for (guint i = 0; i < G_N_ELEMENTS (ptimes); i++) {
    GstClockTime chosen = gst_rcast_ptime_choose (ptimes[i].ptime,
        ptimes[i].maxptime);

    fail_unless (chosen == (GstClockTime) (ptimes[i].chosen * GST_MSECOND),
        "ptime %s, maxptime %s: %" GST_TIME_FORMAT, ptimes[i].ptime,
        ptimes[i].maxptime, GST_TIME_ARGS (chosen));
  }
}

GST_END_TEST;

static Suite *
codec_suite (void)
{
  Suite *s = suite_create ("rcast-codec");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_codec_is_known_by_its_caps);
  tcase_add_test (tc, test_old_names_are_offered_under_the_name_of_today);
  tcase_add_test (tc, test_each_row_is_complete);
  tcase_add_loop_test (tc, test_offer_says_what_leaves, 0,
      G_N_ELEMENTS (offers));
  tcase_add_test (tc, test_payload_types_are_those_of_rfc3551);
  tcase_add_test (tc, test_pads_take_each_codec_as_rtp_encoded_and_raw);
  tcase_add_test (tc, test_h264_promise_holds_for_what_is_made);
  tcase_add_test (tc, test_offer_is_the_same_whatever_the_level);
  tcase_add_test (tc, test_input_is_judged_by_its_caps);
  tcase_add_test (tc, test_static_payload_types_need_no_name);
  tcase_add_test (tc, test_packets_are_as_long_as_the_answer_wants);
  return s;
}

GST_CHECK_MAIN (codec);
