/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every kind of video, as a receiver sees it after decoding. */
#include "config.h"

#include "rcast-check.h"
#include "stream-decode.h"

/* Waits until @n packets with the marker bit have left: one for each video frame. */
static void
wait_for_frames (Hand * hand, guint n)
{
  for (guint packets = 1;; packets++) {
    guint frames = 0;

    rcast_collector_wait (&hand->net, packets);
    g_mutex_lock (&hand->net.lock);
    for (guint i = 0; i < hand->net.packets->len; i++)
      frames += g_array_index (hand->net.packets, RcastPacket,
          i).header.marker;
    g_mutex_unlock (&hand->net.lock);
    if (frames >= n)
      return;
  }
}

typedef struct
{
  const gchar *caps;            /* for videotestsrc, without video/x-raw */
  const gchar *more;            /* elements after it; nullable */
  gint width, height;           /* as a receiver gets them */
  gboolean variable;            /* the frame rate varies */
} Picture;

#define SD "width=720,height=576,framerate=25/1"
static const Picture pictures[] = {
  {"format=I420,width=320,height=240,framerate=30/1", NULL, 320, 240},
  /* fields */
  {"format=I420,width=320,height=240,framerate=50/1",
      "interlace field-pattern=1:1", 320, 240},
  {"format=UYVY,width=320,height=240,framerate=50/1",
      "interlace field-pattern=1:1 top-field-first=true", 320, 240},
  {"format=v210,width=320,height=240,framerate=50/1",
      "interlace field-pattern=1:1", 320, 240},
  {"format=I420,width=320,height=240,framerate=24/1",
      "interlace field-pattern=2:3", 320, 240},
  {"format=I420,width=320,height=240,framerate=50/1",
        "interlace field-pattern=1:1 ! "
        "capsfilter caps=\"video/x-raw(format:Interlaced),"
        "interlace-mode=alternate\"", 320, 240},
  {"format=I420,width=320,height=240,framerate=25/1,"
      "interlace-mode=mixed,pixel-aspect-ratio=1/1", NULL, 320, 240},
  {"format=UYVY,width=360,height=288,framerate=50/1,pixel-aspect-ratio=16/11",
      "interlace field-pattern=1:1", 524, 288},
  /* pixels */
  {"format=I420,pixel-aspect-ratio=12/11," SD, NULL, 786, 576},
  {"format=I420,pixel-aspect-ratio=16/15," SD, NULL, 768, 576},
  {"format=I420,width=360,height=240,framerate=30/1,pixel-aspect-ratio=8/9",
      NULL, 320, 240},
  {"format=NV12,width=360,height=270,framerate=30/1,pixel-aspect-ratio=4/3",
      NULL, 480, 270},
  {"format=I420,width=353,height=241,framerate=25/1,pixel-aspect-ratio=64/45",
      NULL, 502, 240},
  {"format=I420,width=320,height=24,framerate=25/1,pixel-aspect-ratio=1/40",
      NULL, 102, 304},
  {"format=I420,width=70,height=400,framerate=30/1,pixel-aspect-ratio=4/1",
      NULL, 280, 400},
  {"format=I420,width=160,height=120,framerate=30/1,pixel-aspect-ratio=100/1",
      NULL, 3200, 24},
  /* sizes */
  {"format=I420,width=641,height=359,framerate=30/1", NULL, 640, 358},
  {"format=RGB,width=321,height=240,framerate=30/1", NULL, 320, 240},
  {"format=I420,width=320,height=241,framerate=30/1", NULL, 320, 240},
  {"format=I420,width=7,height=5,framerate=30/1", NULL, 24, 16},
  {"format=I420,width=1,height=1,framerate=30/1", NULL, 16, 16},
  {"format=RGB,width=3,height=5,framerate=30/1", NULL, 16, 32},
  {"format=I420,width=2048,height=16,framerate=5/1", NULL, 2048, 16},
  /* formats */
  {"format=I422_10LE,width=320,height=240,framerate=30/1", NULL, 320, 240},
  {"format=v210,width=320,height=240,framerate=30/1", NULL, 320, 240},
  {"format=P010_10LE,width=320,height=240,framerate=30/1", NULL, 320, 240},
  {"format=RGB,width=320,height=240,framerate=30/1", NULL, 320, 240},
  {"format=BGRA,width=320,height=240,framerate=30/1", NULL, 320, 240},
  {"format=YUY2,width=320,height=240,framerate=30/1", NULL, 320, 240},
  {"format=Y444,width=320,height=240,framerate=30/1", NULL, 320, 240},
  {"format=RGB16,width=320,height=240,framerate=30/1", NULL, 320, 240},
  {"format=AYUV64,width=320,height=240,framerate=30/1", NULL, 320, 240},
  {"format=ARGB64,width=320,height=240,framerate=30/1", NULL, 320, 240},
  {"format=GRAY8,width=64,height=48,framerate=30/1", NULL, 64, 48},
  {"format=GRAY16_LE,width=64,height=48,framerate=30/1", NULL, 64, 48},
  /* frame rates */
  {"format=I420,width=320,height=240", NULL, 320, 240, TRUE},
  {"format=I420,width=320,height=240,framerate=30000/1001", NULL, 320, 240},
  {"format=I420,width=320,height=240,framerate=120/1", NULL, 320, 240},
  {"format=I420,width=320,height=240,framerate=1000/1", NULL, 320, 240},
  {"format=I420,width=320,height=240,framerate=1/1", NULL, 320, 240},
  {"format=I420,width=320,height=240,framerate=1/10", NULL, 320, 240},
};

/* Colour bars in the upper part of videotestsrc's pattern smpte */
static const guint8 bars[7][3] = {
  {255, 255, 255}, {255, 255, 0}, {0, 255, 255}, {0, 255, 0}, {255, 0, 255},
  {255, 0, 0}, {0, 0, 255},
};

static guint8
get_mean (const GstVideoFrame * frame, gint x, gint y, gint component)
{
  guint sum = 0, n = 0;
  gint stride = GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0);
  const guint8 *data = GST_VIDEO_FRAME_PLANE_DATA (frame, 0);

  for (gint j = y - 1; j <= y + 1; j++) {
    for (gint i = x - 1; i <= x + 1; i++, n++)
      sum += data[j * stride + 3 * i + component];
  }
  return sum / n;
}

static void
check_bars (const GstVideoFrame * frame, const gchar * what)
{
  gint width = GST_VIDEO_FRAME_WIDTH (frame);
  gint height = GST_VIDEO_FRAME_HEIGHT (frame);

  for (guint i = 0; i < G_N_ELEMENTS (bars) && width >= 160; i++) {
    for (guint c = 0; c < 3; c++) {
      gint seen = get_mean (frame, (2 * i + 1) * width / 14, height / 3, c);

      fail_unless (ABS (seen - bars[i][c]) < 32,
          "%s: component %u of bar %u is %d, not %d", what, c, i, seen,
          bars[i][c]);
    }
  }
}

static void
check_picture (Hand * hand, const gchar * codec, const Picture * picture)
{
  GstHarness *h = decode (hand, codec, "videoconvert ! "
      "capsfilter caps=video/x-raw,format=RGB");
  g_autofree gchar *what = g_strdup_printf ("%s ! %s as %s", picture->caps,
      picture->more ? picture->more : "", codec);
  GstBuffer *buffer = NULL, *next;
  GstVideoInfo info;
  GstVideoFrame frame;
  GstCaps *caps;

  while ((next = gst_harness_try_pull (h))) {
    gst_clear_buffer (&buffer);
    buffer = next;
  }
  fail_unless (buffer != NULL, "%s: nothing decoded", what);
  caps = gst_pad_get_current_caps (h->sinkpad);
  fail_unless (gst_video_info_from_caps (&info, caps));
  fail_unless (info.width == picture->width && info.height == picture->height
      && info.par_n == info.par_d
      && info.interlace_mode == GST_VIDEO_INTERLACE_MODE_PROGRESSIVE,
      "%s: %" GST_PTR_FORMAT, what, caps);
  fail_unless (gst_video_frame_map (&frame, &info, buffer, GST_MAP_READ));
  check_bars (&frame, what);
  gst_video_frame_unmap (&frame);
  gst_caps_unref (caps);
  gst_buffer_unref (buffer);
  gst_harness_teardown (h);
}

/* Returns: (transfer full): the caps of @source. For a variable rate,
 * the source makes one frame only. */
static GstCaps *
make_caps (GstHarness * source, const Picture * picture)
{
  GstCaps *caps = gst_pad_get_current_caps (source->sinkpad);

  if (picture->variable) {
    caps = gst_caps_make_writable (caps);
    gst_caps_set_simple (caps, "framerate", GST_TYPE_FRACTION, 0, 1, NULL);
  }
  return caps;
}

/* Waits for EOS from the source: interlace leaks the second field if
 * the push of the first one fails. */
static void
end_source (GstHarness * source)
{
  gboolean ended = FALSE;

  while (!ended) {
    GstEvent *event = gst_harness_pull_event (source);

    fail_unless (event != NULL, "the source does not end");
    ended = GST_EVENT_TYPE (event) == GST_EVENT_EOS;
    gst_event_unref (event);
  }
  gst_harness_teardown (source);
}

/* Pushes @n buffers of the source that @picture describes. */
static void
push_video (Hand * hand, const Picture * picture, guint n)
{
  /* interlace makes at most one buffer of two, and keeps two. */
  g_autofree gchar *launch = g_strdup_printf ("videotestsrc num-buffers=%u ! "
      "capsfilter caps=\"video/x-raw,%s\"%s%s", picture->more ? 2 * n + 2 : n,
      picture->caps, picture->more ? " ! " : "",
      picture->more ? picture->more : "");
  GstHarness *source = gst_harness_new_parse (launch);

  gst_harness_play (source);
  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = gst_harness_pull (source);

    if (i == 0)
      gst_harness_set_src_caps (hand->h, make_caps (source, picture));
    GST_BUFFER_PTS (buffer) = hand->n_pushed++ * FRAME;
    GST_BUFFER_DURATION (buffer) = FRAME;
    fail_unless_equals_int (gst_harness_push (hand->h, buffer), GST_FLOW_OK);
  }
  end_source (source);
}

static void
show (const Picture * picture, const gchar * codec)
{
  Hand hand;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  push_video (&hand, picture, 1);
  hand_open (&hand, codec);
  push_video (&hand, picture, picture->more ? 8 : 4);
  wait_for_frames (&hand, 2);
  check_picture (&hand, codec, picture);
  hand_clear (&hand);
}

GST_START_TEST (test_picture_arrives_square_and_progressive)
{
  show (&pictures[__i__], "VP8");
  if (find_decoder ("H264"))
    show (&pictures[__i__], "H264");
}

GST_END_TEST;

/* Pairs of pictures in one stream, tested in both orders */
#define SMALL "width=320,height=240,framerate="
static const Picture changes[][2] = {
  /* fields */
  {{"format=I420," SMALL "50/1", "interlace field-pattern=1:1", 320, 240},
      {"format=I420," SMALL "25/1", NULL, 320, 240}},
  {{"format=UYVY," SMALL "50/1", "interlace field-pattern=1:1", 320, 240},
      {"format=I420,width=480,height=270,framerate=25/1", NULL, 480, 270}},
  {{"format=I420," SMALL "50/1", "interlace field-pattern=1:1", 320, 240},
      {"format=I420," SMALL "50/1",
            "interlace field-pattern=1:1 top-field-first=true", 320, 240}},
  {{"format=I420," SMALL "25/1,interlace-mode=mixed", NULL, 320, 240},
      {"format=I420," SMALL "25/1", NULL, 320, 240}},
  {{"format=I420," SMALL "50/1", "interlace field-pattern=1:1 ! "
            "capsfilter caps=\"video/x-raw(format:Interlaced),"
            "interlace-mode=alternate\"", 320, 240},
      {"format=NV12," SMALL "25/1", NULL, 320, 240}},
  /* pixels */
  {{"format=I420,width=360,height=240,framerate=30/1,pixel-aspect-ratio=8/9",
        NULL, 320, 240},
      {"format=I420,width=360,height=240,framerate=30/1,"
            "pixel-aspect-ratio=32/27", NULL, 428, 240}},
  {{"format=I420,width=360,height=240,framerate=30/1,pixel-aspect-ratio=8/9",
        NULL, 320, 240},
      {"format=I420," SMALL "30/1,pixel-aspect-ratio=1/1", NULL, 320, 240}},
  /* sizes */
  {{"format=I420," SMALL "30/1", NULL, 320, 240},
      {"format=I420,width=480,height=360,framerate=30/1", NULL, 480, 360}},
  {{"format=I420,width=321,height=181,framerate=30/1", NULL, 320, 180},
      {"format=I420,width=240,height=320,framerate=30/1", NULL, 240, 320}},
  /* formats */
  {{"format=v210," SMALL "30/1", NULL, 320, 240},
      {"format=RGB," SMALL "30/1", NULL, 320, 240}},
  /* frame rates */
  {{"format=I420," SMALL "1/1", NULL, 320, 240, TRUE},
      {"format=I420," SMALL "30/1", NULL, 320, 240}},
  {{"format=I420," SMALL "1/10", NULL, 320, 240},
      {"format=I420," SMALL "120/1", NULL, 320, 240}},
};

/* Frames pushed of each picture; the deinterlacer and the encoder keep one or two. */
#define N_OF_EACH 8

/* Returns: how many of the last frames have the same size */
static guint
count_last_kind (Hand * hand, const gchar * codec)
{
  GstHarness *h = decode (hand, codec, "videoconvert ! "
      "capsfilter caps=video/x-raw,format=RGB");
  GstBuffer *buffer;
  gsize last = 0;
  guint n = 0;

  while ((buffer = gst_harness_try_pull (h))) {
    n = gst_buffer_get_size (buffer) == last ? n + 1 : 1;
    last = gst_buffer_get_size (buffer);
    gst_buffer_unref (buffer);
  }
  gst_harness_teardown (h);
  return n;
}

/* Two buffers make one frame, if each field has a buffer of its own. */
static guint
count_buffers (const Picture * picture)
{
  return picture->more && strstr (picture->more, "alternate") ?
      2 * N_OF_EACH : N_OF_EACH;
}

static void
change (const Picture * from, const Picture * to, const gchar * codec)
{
  gboolean resized = from->width != to->width || from->height != to->height;
  guint seen, wanted = N_OF_EACH - 2;
  Hand hand;

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  push_video (&hand, from, 1);
  hand_open (&hand, codec);
  push_video (&hand, from, count_buffers (from));
  wait_for_frames (&hand, 2);
  push_video (&hand, to, count_buffers (to));
  wait_for_frames (&hand, 2 * N_OF_EACH - 3);
  check_picture (&hand, codec, to);
  seen = count_last_kind (&hand, codec);
  fail_unless (seen >= (resized ? wanted : N_OF_EACH + wanted),
      "%s after %s as %s: %u frames", to->caps, from->caps, codec, seen);
  hand_clear (&hand);
}

GST_START_TEST (test_video_that_changes_stays_on_air)
{
  const Picture *pair = changes[__i__];

  change (&pair[0], &pair[1], "VP8");
  change (&pair[1], &pair[0], "VP8");
  if (find_decoder ("H264"))
    change (&pair[0], &pair[1], "H264");
}

GST_END_TEST;

/* The encoder must not wait for the next frame to know the duration of this one. */
GST_START_TEST (test_frames_of_any_rate_leave_at_once)
{
  static const Picture rates[] = {
    {"format=I420,width=320,height=240", NULL, 320, 240, TRUE},
    {"format=I420,width=320,height=240,framerate=1/1", NULL, 320, 240},
    {"format=I420,width=320,height=240,framerate=1/10", NULL, 320, 240},
    {"format=I420,width=320,height=240,framerate=1000/1", NULL, 320, 240},
  };
  static const gchar *const codecs[] = { "VP8", "VP9", "H264" };

  for (guint i = 0; i < G_N_ELEMENTS (codecs); i++) {
    Hand hand;

    if (!find_decoder (codecs[i]))
      continue;
    hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
    push_video (&hand, &rates[__i__], 1);
    hand_open (&hand, codecs[i]);
    for (guint n = 1; n <= 4; n++) {
      push_video (&hand, &rates[__i__], 1);
      wait_for_frames (&hand, n);
    }
    hand_clear (&hand);
  }
}

GST_END_TEST;

/* Encoded video in each form that parsers and encoders produce */
static const struct
{
  const gchar *codec, *encoder, *launch;
} encoded[] = {
#define X264 "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=4 ! "
#define H264(form) "capsfilter caps=\"video/x-h264,stream-format=" form "\""
  {"H264", "x264enc", X264 H264 ("byte-stream")},
  {"H264", "x264enc", X264 H264 ("avc")},
  {"H264", "x264enc", X264 H264 ("avc") " ! h264parse ! " H264 ("avc3")},
  {"H264", "x264enc", X264 "h264parse ! " H264 ("byte-stream,alignment=nal")},
  {"VP8", "vp8enc", "vp8enc deadline=1 keyframe-max-dist=4"},
  {"VP9", "vp9enc", "vp9enc deadline=1 cpu-used=8 keyframe-max-dist=4"},
};

#define N_ENCODED 24

GST_START_TEST (test_encoded_video_of_any_form_arrives)
{
  static const Picture picture = { "encoded", NULL, 320, 240 };
  const gchar *codec = encoded[__i__].codec;
  g_autofree gchar *launch = g_strdup_printf ("videotestsrc num-buffers=%u ! "
      "video/x-raw,format=I420,width=320,height=240,framerate=25/1 ! %s",
      N_ENCODED, encoded[__i__].launch);
  GstHarness *source;
  GstBuffer *buffer;
  GstCaps *caps;
  Hand hand;

  if (!is_installed (encoded[__i__].encoder) || !find_decoder (codec))
    return;
  source = gst_harness_new_parse (launch);
  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  gst_harness_play (source);
  buffer = gst_harness_pull (source);
  caps = gst_pad_get_current_caps (source->sinkpad);
  gst_harness_set_src_caps (hand.h, caps);
  /* The offer comes with the caps, or once the parameter sets have arrived. */
  for (; hand.n_offers == 0 && buffer; buffer = gst_harness_pull (source))
    fail_unless_equals_int (gst_harness_push (hand.h, buffer), GST_FLOW_OK);
  hand_open (&hand, codec);
  for (guint i = 0; i < N_ENCODED / 2 && buffer; i++) {
    fail_unless_equals_int (gst_harness_push (hand.h, buffer), GST_FLOW_OK);
    buffer = gst_harness_pull (source);
  }
  gst_clear_buffer (&buffer);
  wait_for_frames (&hand, 2);
  check_picture (&hand, codec, &picture);
  end_source (source);
  hand_clear (&hand);
}

GST_END_TEST;

/* Impossible data: without caps, or with less than a frame in each buffer, as from
 * pipes without a parser. The stream posts one error, which names the pad and the
 * cure, however often this happens. */
static const struct
{
  GstRcastMedia media;
  const gchar *caps;            /* NULL: none */
  gsize size;
  GstFlowReturn ret;
  const gchar *text;
  gboolean in_list;
} wrong[] = {
  {GST_RCAST_MEDIA_VIDEO, NULL, 100, GST_FLOW_NOT_LINKED,
      "stream got data without caps"},
  {GST_RCAST_MEDIA_AUDIO, NULL, 100, GST_FLOW_NOT_LINKED,
      "stream got data without caps"},
  {GST_RCAST_MEDIA_VIDEO, RAW_CAPS, 100, GST_FLOW_ERROR,
      "got a buffer of 100 bytes, and a frame of its caps has 4608"},
  {GST_RCAST_MEDIA_VIDEO, RAW_CAPS, 0, GST_FLOW_ERROR, "rawvideoparse"},
  {GST_RCAST_MEDIA_VIDEO, RAW_CAPS, 100, GST_FLOW_ERROR, "100 bytes", TRUE},
};

static GstFlowReturn
push_wrong (GstHarness * h, gsize size, gboolean in_list)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);
  GstBufferList *list;

  if (!in_list)
    return gst_harness_push (h, buffer);
  list = gst_buffer_list_new ();
  gst_buffer_list_add (list, buffer);
  return gst_pad_push_list (h->srcpad, list);
}

GST_START_TEST (test_data_that_cannot_be_is_one_error)
{
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GError) error = NULL;
  GstMessage *message;
  GstSegment segment;
  Hand hand;

  if (!is_installed ("x264enc"))
    return;
  gst_segment_init (&segment, GST_FORMAT_TIME);
  hand_init (&hand, wrong[__i__].media, wrong[__i__].caps);
  if (!wrong[__i__].caps) {
    gst_harness_push_event (hand.h, gst_event_new_stream_start ("s"));
    gst_harness_push_event (hand.h, gst_event_new_segment (&segment));
  }
  for (guint i = 0; i < 3; i++)
    fail_unless_equals_int (push_wrong (hand.h, wrong[__i__].size,
            wrong[__i__].in_list), wrong[__i__].ret);
  bus = gst_element_get_bus (hand.pipeline);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (strstr (error->message, wrong[__i__].text) != NULL, "%s",
      error->message);
  gst_message_unref (message);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR) == NULL);
  hand_clear (&hand);
}

GST_END_TEST;

/* A camera with a bad contact: the stream drops incomplete frames among whole ones,
 * and empty buffers of any kind. */
static const struct
{
  GstRcastMedia media;
  const gchar *caps;
  gsize whole;                  /* bytes of a whole buffer pushed first; 0: none */
  gsize size;
  gboolean in_list;
} holes[] = {
  {GST_RCAST_MEDIA_VIDEO, RAW_CAPS, 4608, 100},
  {GST_RCAST_MEDIA_VIDEO, RAW_CAPS, 4608, 0},
  {GST_RCAST_MEDIA_VIDEO, RAW_CAPS, 4608, 4607, TRUE},
  {GST_RCAST_MEDIA_VIDEO, "video/x-vp8", 0, 0},
  {GST_RCAST_MEDIA_VIDEO, "video/x-vp9", 0, 0, TRUE},
  {GST_RCAST_MEDIA_VIDEO, "video/x-h264,stream-format=byte-stream,alignment=au",
      0, 0},
  {GST_RCAST_MEDIA_VIDEO, RTP_CAPS, 0, 0, TRUE},
  {GST_RCAST_MEDIA_AUDIO, "audio/x-raw,format=S16LE,rate=48000,channels=2,"
        "layout=interleaved", 3840, 0},
  {GST_RCAST_MEDIA_AUDIO, "audio/x-opus,channels=2,channel-mapping-family=0", 0,
      0},
  {GST_RCAST_MEDIA_AUDIO, "audio/x-mulaw,rate=8000,channels=1", 0, 0, TRUE},
};

GST_START_TEST (test_what_is_no_frame_is_left_out)
{
  g_autoptr (GstBus) bus = NULL;
  Hand hand;

  hand_init (&hand, holes[__i__].media, holes[__i__].caps);
  for (guint i = 0; i < 3; i++) {
    if (holes[__i__].whole > 0)
      fail_unless_equals_int (push_wrong (hand.h, holes[__i__].whole, FALSE),
          GST_FLOW_OK);
    fail_unless_equals_int (push_wrong (hand.h, holes[__i__].size,
            holes[__i__].in_list), GST_FLOW_OK);
  }
  bus = gst_element_get_bus (hand.pipeline);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR) == NULL);
  fail_unless_equals_uint64 (hand_stat (&hand, "packets-invalid"), 3);
  hand_clear (&hand);
}

GST_END_TEST;

/* Formats that sources prefer, and the warning about what the encoder
 * makes of them; NULL: no warning */
static const struct
{
  const gchar *caps, *encoder, *text;
} forms[] = {
  {"format=I420", "x264enc", NULL},
  {"format=Y444", "x264enc", "encoded in 4:4:4"},
  {"format=Y42B", "x264enc", "encoded in 4:2:2"},
  {"format=I420_10LE", "x264enc", "encoded with 10 bits"},
  {"format=I420,interlace-mode=interleaved", "x264enc interlaced=true",
      "encoded interlaced"},
  {"format=I420", "x265enc", NULL},
  {"format=I420_10LE", "x265enc", NULL},
  {"format=Y444", "x265enc", "encoded in 4:4:4"},
};

GST_START_TEST (test_encoded_video_that_is_not_shown_is_told)
{
  g_autofree gchar *launch = g_strdup_printf ("videotestsrc num-buffers=3 ! "
      "video/x-raw,width=320,height=240,framerate=25/1,%s ! %s "
      "tune=zerolatency speed-preset=ultrafast", forms[__i__].caps,
      forms[__i__].encoder);
  g_autoptr (GstBus) bus = NULL;
  GstHarness *source;
  GstMessage *message;
  Hand hand;

  if (!is_installed ("x264enc") || !is_installed ("x265enc"))
    return;
  source = gst_harness_new_parse (launch);
  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  gst_harness_play (source);
  for (guint i = 0; i < 3; i++) {
    GstBuffer *buffer = gst_harness_pull (source);

    if (i == 0)
      gst_harness_set_src_caps (hand.h,
          gst_pad_get_current_caps (source->sinkpad));
    fail_unless_equals_int (gst_harness_push (hand.h, buffer), GST_FLOW_OK);
  }
  bus = gst_element_get_bus (hand.pipeline);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  fail_unless ((message != NULL) == (forms[__i__].text != NULL));
  if (message) {
    g_autoptr (GError) error = NULL;

    gst_message_parse_warning (message, &error, NULL);
    fail_unless (strstr (error->message, forms[__i__].text) != NULL, "%s",
        error->message);
    gst_message_unref (message);
  }
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING) == NULL);
  end_source (source);
  hand_clear (&hand);
}

GST_END_TEST;

/* Caps of sources that do not query what the pad accepts, and a word of the cure in the error */
static const struct
{
  GstRcastMedia media;
  const gchar *caps, *text;
} refused[] = {
  /* Such as frames in GPU memory, without an encoder for them */
  {GST_RCAST_MEDIA_VIDEO, "video/x-raw(memory:Nowhere),format=NV12,width=64,"
        "height=48,framerate=25/1", "memory:Nowhere"},
  {GST_RCAST_MEDIA_VIDEO, "image/jpeg,width=64,height=48", "Decode it"},
  {GST_RCAST_MEDIA_VIDEO, "video/mpeg,mpegversion=2,systemstream=false",
      "Decode it"},
  {GST_RCAST_MEDIA_VIDEO, "video/mpegts,systemstream=true", "Decode it"},
  {GST_RCAST_MEDIA_VIDEO, "audio/x-opus,channels=2", "The pad is for video"},
  {GST_RCAST_MEDIA_VIDEO, "text/x-raw,format=utf8", "Leave it out"},
  {GST_RCAST_MEDIA_VIDEO, "meta/x-klv,parsed=true", "Leave it out"},
  {GST_RCAST_MEDIA_VIDEO, "application/x-rtp,media=audio,encoding-name=PCMU,"
        "clock-rate=8000,payload=0", "The pad is for video"},
  {GST_RCAST_MEDIA_AUDIO, "audio/mpeg,mpegversion=4,stream-format=adts",
      "Decode it"},
  {GST_RCAST_MEDIA_AUDIO, "audio/x-ac3,rate=48000,channels=6", "Decode it"},
  {GST_RCAST_MEDIA_AUDIO, "audio/x-alaw,rate=16000,channels=1",
      "to audio/x-alaw, rate=(int)8000"},
  {GST_RCAST_MEDIA_AUDIO, "audio/x-opus,channels=6,channel-mapping-family=1",
      "RFC 7587"},
  {GST_RCAST_MEDIA_AUDIO, "image/jpeg", "The pad is for audio"},
};

GST_START_TEST (test_caps_that_cannot_be_sent_are_one_error)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (refused[__i__].caps);
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GError) error = NULL;
  GstMessage *message;
  Hand hand;

  hand_init (&hand, refused[__i__].media, NULL);
  gst_harness_push_event (hand.h, gst_event_new_stream_start ("s"));
  gst_harness_push_event (hand.h, gst_event_new_caps (caps));
  bus = gst_element_get_bus (hand.pipeline);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (strstr (error->message, refused[__i__].text) != NULL, "%s",
      error->message);
  gst_message_unref (message);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR) == NULL);
  hand_clear (&hand);
}

GST_END_TEST;

/* B-frames leave in decoding order, with the timestamps of their pictures. A receiver that sorts
 * them gets each picture, and no timestamp counts as a jump. */
GST_START_TEST (test_b_frames_keep_order_and_time)
{
  const guint step = 40, n = 24;        /* ms, frames */
  GstHarness *source, *h;
  GstClockTime last = GST_CLOCK_TIME_NONE, base = 0;
  guint n_back = 0, n_frames = 0;
  GstBuffer *buffer;
  Hand hand;

  if (!is_installed ("x264enc") || !is_installed ("avdec_h264"))
    return;
  source = gst_harness_new_parse ("x264enc bframes=2 b-adapt=false "
      "key-int-max=12 rc-lookahead=2 sync-lookahead=0 threads=1 ! h264parse");
  gst_harness_set_src_caps_str (source, RAW_CAPS);
  for (guint i = 0; i < n; i++) {
    buffer = gst_buffer_new_allocate (NULL, 64 * 48 * 3 / 2, NULL);
    gst_buffer_memset (buffer, 0, 16 + i * 8, -1);
    GST_BUFFER_PTS (buffer) = i * step * GST_MSECOND;
    GST_BUFFER_DURATION (buffer) = step * GST_MSECOND;
    gst_harness_push (source, buffer);
  }
  gst_harness_push_event (source, gst_event_new_eos ());

  hand_init (&hand, GST_RCAST_MEDIA_VIDEO, NULL);
  gst_harness_set_src_caps (hand.h, gst_pad_get_current_caps
      (source->sinkpad));
  while ((buffer = gst_harness_try_pull (source))) {
    /* Timestamps of x264enc begin at 1000 hours. */
    if (hand.n_pushed == 0)
      base = GST_BUFFER_PTS (buffer) - 2 * step * GST_MSECOND;
    GST_BUFFER_PTS (buffer) -= base;
    GST_BUFFER_DTS (buffer) -= base;
    gst_harness_set_time (hand.h, GST_BUFFER_DTS (buffer));
    if (hand.n_pushed++ == 1)
      hand_open (&hand, "H264");
    fail_unless_equals_int (gst_harness_push (hand.h, buffer), GST_FLOW_OK);
  }
  gst_harness_teardown (source);
  fail_unless_equals_int (hand.n_pushed, n);

  wait_for_frames (&hand, n / 2);
  for (guint i = 1; i < hand.net.packets->len; i++) {
    gint32 moved = rcast_collector_get (&hand.net, i).header.timestamp
        - rcast_collector_get (&hand.net, i - 1).header.timestamp;

    fail_unless_equals_int (moved % (gint32) (step * 90), 0);
    n_back += moved < 0;
  }
  fail_unless (n_back > 0);
  h = decode (&hand, "H264", "identity");
  while ((buffer = gst_harness_try_pull (h))) {
    if (n_frames++ > 0)
      fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer) - last,
          step * GST_MSECOND);
    last = GST_BUFFER_PTS (buffer);
    gst_buffer_unref (buffer);
  }
  fail_unless_equals_int (n_frames, n / 2);
  gst_harness_teardown (h);
  hand_clear (&hand);
}

GST_END_TEST;

static Suite *
stream_sources_suite (void)
{
  Suite *suite = suite_create ("stream-sources");
  TCase *tc = tcase_create ("sources");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_picture_arrives_square_and_progressive, 0,
      G_N_ELEMENTS (pictures));
  tcase_add_loop_test (tc, test_video_that_changes_stays_on_air, 0,
      G_N_ELEMENTS (changes));
  tcase_add_loop_test (tc, test_frames_of_any_rate_leave_at_once, 0, 4);
  tcase_add_loop_test (tc, test_encoded_video_of_any_form_arrives, 0,
      G_N_ELEMENTS (encoded));
  tcase_add_loop_test (tc, test_data_that_cannot_be_is_one_error, 0,
      G_N_ELEMENTS (wrong));
  tcase_add_loop_test (tc, test_what_is_no_frame_is_left_out, 0,
      G_N_ELEMENTS (holes));
  tcase_add_loop_test (tc, test_encoded_video_that_is_not_shown_is_told, 0,
      G_N_ELEMENTS (forms));
  tcase_add_loop_test (tc, test_caps_that_cannot_be_sent_are_one_error, 0,
      G_N_ELEMENTS (refused));
  tcase_add_test (tc, test_b_frames_keep_order_and_time);
  return suite;
}

GST_CHECK_MAIN (stream_sources);
