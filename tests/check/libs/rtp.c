/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* RTP as a sender reads it: headers, key frames of each codec, how long Opus plays. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <gst/rtp/rtp.h>
#include <string.h>

#include "rcast-rtp.h"

#define MAX_BYTES 24

static const struct
{
  const gchar *name;
  GstRcastCodec codec;
  gsize size;
  guint8 bytes[MAX_BYTES];
  gboolean key;
} payloads[] = {
  /* H.264: F NRI Type; 5 IDR, 7 SPS, 1 other slice, 9 AUD */
  {"idr", GST_RCAST_CODEC_H264, 2, {0x65, 0x88}, TRUE},
  {"sps", GST_RCAST_CODEC_H264, 2, {0x67, 0x42}, TRUE},
  {"pps", GST_RCAST_CODEC_H264, 2, {0x68, 0xce}, FALSE},
  {"slice", GST_RCAST_CODEC_H264, 2, {0x41, 0x9a}, FALSE},
  {"aud", GST_RCAST_CODEC_H264, 2, {0x09, 0xf0}, FALSE},
  {"stap-a sps pps", GST_RCAST_CODEC_H264, 9, {0x78, 0, 2, 0x67, 0x42, 0, 2,
          0x68, 0xce}, TRUE},
  {"stap-a aud idr", GST_RCAST_CODEC_H264, 9, {0x78, 0, 2, 0x09, 0xf0, 0, 2,
          0x65, 0x88}, TRUE},
  {"stap-a slices", GST_RCAST_CODEC_H264, 9, {0x78, 0, 2, 0x41, 0x9a, 0, 2,
          0x41, 0x9a}, FALSE},
  {"stap-a beyond its end", GST_RCAST_CODEC_H264, 5, {0x78, 0xff, 0xff, 0x41,
          0x9a}, FALSE},
  {"stap-a of nothing", GST_RCAST_CODEC_H264, 5, {0x78, 0, 0, 0, 0}, FALSE},
  {"stap-a cut in a size", GST_RCAST_CODEC_H264, 2, {0x78, 0}, FALSE},
  {"stap-b idr", GST_RCAST_CODEC_H264, 7, {0x79, 0, 1, 0, 2, 0x65, 0x88}, TRUE},
  {"fu-a idr start", GST_RCAST_CODEC_H264, 3, {0x7c, 0x85, 0x88}, TRUE},
  {"fu-a idr middle", GST_RCAST_CODEC_H264, 3, {0x7c, 0x05, 0x88}, FALSE},
  {"fu-a slice start", GST_RCAST_CODEC_H264, 3, {0x7c, 0x81, 0x9a}, FALSE},
  {"fu-a cut", GST_RCAST_CODEC_H264, 1, {0x7c}, FALSE},
  {"empty", GST_RCAST_CODEC_H264, 0, {0}, FALSE},
  /* H.265: type in bits 1-6 of the first of two bytes */
  {"vps", GST_RCAST_CODEC_H265, 3, {0x40, 0x01, 0x0c}, TRUE},
  {"sps", GST_RCAST_CODEC_H265, 3, {0x42, 0x01, 0x01}, TRUE},
  {"pps", GST_RCAST_CODEC_H265, 3, {0x44, 0x01, 0xc1}, FALSE},
  {"idr-w-radl", GST_RCAST_CODEC_H265, 3, {0x26, 0x01, 0xaf}, TRUE},
  {"cra", GST_RCAST_CODEC_H265, 3, {0x2a, 0x01, 0xaf}, TRUE},
  {"trail-r", GST_RCAST_CODEC_H265, 3, {0x02, 0x01, 0xd0}, FALSE},
  {"ap vps", GST_RCAST_CODEC_H265, 7, {0x60, 0x01, 0, 3, 0x40, 0x01, 0x0c},
      TRUE},
  {"ap trail", GST_RCAST_CODEC_H265, 7, {0x60, 0x01, 0, 3, 0x02, 0x01, 0x0c},
      FALSE},
  {"ap cut", GST_RCAST_CODEC_H265, 4, {0x60, 0x01, 0, 3}, FALSE},
  {"fu idr start", GST_RCAST_CODEC_H265, 4, {0x62, 0x01, 0x93, 0xaf}, TRUE},
  {"fu idr end", GST_RCAST_CODEC_H265, 4, {0x62, 0x01, 0x53, 0xaf}, FALSE},
  {"fu trail start", GST_RCAST_CODEC_H265, 4, {0x62, 0x01, 0x81, 0xaf}, FALSE},
  {"fu cut", GST_RCAST_CODEC_H265, 2, {0x62, 0x01}, FALSE},
  {"one byte", GST_RCAST_CODEC_H265, 1, {0x40}, FALSE},
  /* VP8: X R N S R PID; P is bit 0 of the frame's first byte */
  {"key", GST_RCAST_CODEC_VP8, 3, {0x10, 0x50, 0x05}, TRUE},
  {"inter", GST_RCAST_CODEC_VP8, 3, {0x10, 0x51, 0x05}, FALSE},
  {"not the start", GST_RCAST_CODEC_VP8, 3, {0x00, 0x50, 0x05}, FALSE},
  {"second partition", GST_RCAST_CODEC_VP8, 3, {0x11, 0x50, 0x05}, FALSE},
  {"key, 15 bit picture id", GST_RCAST_CODEC_VP8, 5, {0x90, 0x80, 0x81, 0x01,
          0x50}, TRUE},
  {"key, 7 bit picture id", GST_RCAST_CODEC_VP8, 4, {0x90, 0x80, 0x01, 0x50},
      TRUE},
  {"inter, all fields", GST_RCAST_CODEC_VP8, 7, {0x90, 0xf0, 0x81, 0x01, 0x02,
          0x20, 0x51}, FALSE},
  {"key, all fields", GST_RCAST_CODEC_VP8, 7, {0x90, 0xf0, 0x81, 0x01, 0x02,
          0x20, 0x50}, TRUE},
  {"cut in the picture id", GST_RCAST_CODEC_VP8, 3, {0x90, 0x80, 0x81}, FALSE},
  {"cut in the descriptor", GST_RCAST_CODEC_VP8, 1, {0x90}, FALSE},
  {"cut behind it", GST_RCAST_CODEC_VP8, 4, {0x90, 0xf0, 0x01, 0x02}, FALSE},
  /* VP9: I P L F B E V Z */
  {"key", GST_RCAST_CODEC_VP9, 3, {0x08, 0x82, 0x49}, TRUE},
  {"inter", GST_RCAST_CODEC_VP9, 3, {0x48, 0x86, 0x49}, FALSE},
  {"not the start", GST_RCAST_CODEC_VP9, 3, {0x00, 0x82, 0x49}, FALSE},
  {"key, picture id", GST_RCAST_CODEC_VP9, 4, {0x88, 0x81, 0x02, 0x82}, TRUE},
  {"key, base layer", GST_RCAST_CODEC_VP9, 5, {0xa8, 0x01, 0x00, 0x00, 0x82},
      TRUE},
  {"key, upper layer", GST_RCAST_CODEC_VP9, 5, {0xa8, 0x01, 0x02, 0x00, 0x82},
      FALSE},
  {"cut in the picture id", GST_RCAST_CODEC_VP9, 1, {0x88}, FALSE},
  {"cut in the layers", GST_RCAST_CODEC_VP9, 2, {0xa8, 0x01}, FALSE},
  /* AV1: Z Y W W N */
  {"new sequence", GST_RCAST_CODEC_AV1, 2, {0x18, 0x0a}, TRUE},
  {"goes on", GST_RCAST_CODEC_AV1, 2, {0x10, 0x32}, FALSE},
  {"new sequence in a fragment", GST_RCAST_CODEC_AV1, 2, {0x98, 0x0a}, FALSE},
  {"empty", GST_RCAST_CODEC_AV1, 1, {0x18}, FALSE},
  /* Each packet stands alone. */
  {"opus", GST_RCAST_CODEC_OPUS, 1, {0xfc}, TRUE},
  {"empty", GST_RCAST_CODEC_PCMU, 0, {0}, TRUE},
  {"unknown", GST_RCAST_CODEC_UNKNOWN, 0, {0}, TRUE},
};

GST_START_TEST (test_keyframe_is_found_at_its_first_packet)
{
  for (guint i = 0; i < G_N_ELEMENTS (payloads); i++) {
    /* On the heap and of that size, so that a sanitizer sees reads beyond it. */
    g_autofree guint8 *p = g_memdup2 (payloads[i].bytes,
        MAX (payloads[i].size, 1));

    fail_unless (gst_rcast_rtp_starts_keyframe (payloads[i].codec, p,
            payloads[i].size) == payloads[i].key, "%s %s",
        gst_rcast_codec_get_encoding_name (payloads[i].codec),
        payloads[i].name);
  }
}

GST_END_TEST;

/* SEI messages: type and size, then so many bytes; a recovery point has type 6. */
static const struct
{
  const gchar *name;
  GstRcastCodec codec;
  gsize size;
  guint8 bytes[MAX_BYTES];
  gboolean recovery;
} recoveries[] = {
  {"sei", GST_RCAST_CODEC_H264, 6, {0x06, 6, 2, 0x3c, 0x84, 0x80}, TRUE},
  {"after others", GST_RCAST_CODEC_H264, 10, {0x06, 0, 2, 0x11, 0x22, 1, 1, 0x10,
          6, 1}, TRUE},
  {"after an escaped one", GST_RCAST_CODEC_H264, 10, {0x06, 0, 4, 0, 0, 3, 0, 1,
          6, 1}, TRUE},
  {"in the size of an escaped one", GST_RCAST_CODEC_H264, 10, {0x06, 0, 5, 0, 0,
          3, 0, 1, 6, 1}, FALSE},
  {"after a long type", GST_RCAST_CODEC_H264, 8, {0x06, 0xff, 0x01, 1, 0x10, 6,
          1, 0x84}, TRUE},
  {"type 261", GST_RCAST_CODEC_H264, 5, {0x06, 0xff, 6, 1, 0x84}, FALSE},
  {"pic timing", GST_RCAST_CODEC_H264, 5, {0x06, 1, 1, 0x10, 0x80}, FALSE},
  {"six in a user message", GST_RCAST_CODEC_H264, 7, {0x06, 5, 3, 6, 1, 0x84,
          0x80}, FALSE},
  {"longer than it is", GST_RCAST_CODEC_H264, 5, {0x06, 5, 0xff, 0xff, 6},
      FALSE},
  {"of no bytes", GST_RCAST_CODEC_H264, 4, {0x06, 6, 0, 0x80}, FALSE},
  {"cut in its size", GST_RCAST_CODEC_H264, 2, {0x06, 6}, FALSE},
  {"header only", GST_RCAST_CODEC_H264, 1, {0x06}, FALSE},
  {"idr", GST_RCAST_CODEC_H264, 3, {0x65, 6, 1}, FALSE},
  {"slice", GST_RCAST_CODEC_H264, 3, {0x41, 6, 1}, FALSE},
  {"stap-a aud sei slice", GST_RCAST_CODEC_H264, 15, {0x78, 0, 2, 0x09, 0xf0, 0,
          4, 0x06, 6, 1, 0x84, 0, 2, 0x41, 0x9a}, TRUE},
  {"stap-a sei in the wrong unit", GST_RCAST_CODEC_H264, 10, {0x78, 0, 3, 0x06,
          5, 2, 0, 2, 6, 1}, FALSE},
  {"stap-a of two seis", GST_RCAST_CODEC_H264, 13, {0x78, 0, 4, 0x06, 1, 1, 0x10,
          0, 4, 0x06, 6, 1, 0x84}, TRUE},
  {"stap-a beyond its end", GST_RCAST_CODEC_H264, 5, {0x78, 0xff, 0xff, 0x06, 6},
      FALSE},
  {"stap-b sei", GST_RCAST_CODEC_H264, 9, {0x79, 0, 1, 0, 4, 0x06, 6, 1, 0x84},
      TRUE},
  {"fu-a start", GST_RCAST_CODEC_H264, 5, {0x7c, 0x86, 6, 1, 0x84}, TRUE},
  {"fu-a middle", GST_RCAST_CODEC_H264, 5, {0x7c, 0x06, 6, 1, 0x84}, FALSE},
  {"fu-a cut", GST_RCAST_CODEC_H264, 2, {0x7c, 0x86}, FALSE},
  {"fu-b start", GST_RCAST_CODEC_H264, 7, {0x7d, 0x86, 0, 9, 6, 1, 0x84}, TRUE},
  {"fu-b cut", GST_RCAST_CODEC_H264, 3, {0x7d, 0x86, 0}, FALSE},
  {"empty", GST_RCAST_CODEC_H264, 0, {0}, FALSE},
  {"prefix sei", GST_RCAST_CODEC_H265, 6, {0x4e, 0x01, 6, 1, 0x50, 0x80}, TRUE},
  {"suffix sei", GST_RCAST_CODEC_H265, 6, {0x50, 0x01, 6, 1, 0x50, 0x80},
      FALSE},
  {"active parameter sets", GST_RCAST_CODEC_H265, 6, {0x4e, 0x01, 129, 1, 0x10,
          0x80}, FALSE},
  {"ap aud sei", GST_RCAST_CODEC_H265, 14, {0x60, 0x01, 0, 3, 0x46, 0x01, 0x50,
          0, 5, 0x4e, 0x01, 6, 1, 0x50}, TRUE},
  {"ap of one byte", GST_RCAST_CODEC_H265, 5, {0x60, 0x01, 0, 1, 0x4e}, FALSE},
  {"fu start", GST_RCAST_CODEC_H265, 6, {0x62, 0x01, 0xa7, 6, 1, 0x50}, TRUE},
  {"fu end", GST_RCAST_CODEC_H265, 6, {0x62, 0x01, 0x67, 6, 1, 0x50}, FALSE},
  {"one byte", GST_RCAST_CODEC_H265, 1, {0x4e}, FALSE},
  {"any", GST_RCAST_CODEC_VP8, 4, {0x06, 6, 1, 0x84}, FALSE},
};

GST_START_TEST (test_recovery_point_is_found_in_its_sei_message)
{
  for (guint i = 0; i < G_N_ELEMENTS (recoveries); i++) {
    g_autofree guint8 *p = g_memdup2 (recoveries[i].bytes,
        MAX (recoveries[i].size, 1));

    fail_unless (gst_rcast_rtp_starts_recovery (recoveries[i].codec, p,
            recoveries[i].size) == recoveries[i].recovery, "%s %s",
        gst_rcast_codec_get_encoding_name (recoveries[i].codec),
        recoveries[i].name);
  }
}

GST_END_TEST;

static const struct
{
  const gchar *name;
  gsize size;
  guint8 bytes[MAX_BYTES];
  gint payload_offset;          /* -1: not RTP */
  gsize payload_size;
} headers[] = {
  {"plain", 14, {0x80, 0xe0, 0, 1}, 12, 2},
  {"no payload", 12, {0x80, 0x60}, 12, 0},
  {"short", 11, {0x80, 0x60}, -1, 0},
  {"version 1", 14, {0x40, 0x60}, -1, 0},
  {"two csrcs", 22, {0x82, 0x60}, 20, 2},
  {"csrcs beyond the end", 22, {0x8f, 0x60}, -1, 0},
  {"extension", 22, {0x90, 0x60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xbe, 0xde, 0,
          1}, 20, 2},
  {"extension beyond the end", 22, {0x90, 0x60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
          0xbe, 0xde, 0xff, 0xff}, -1, 0},
  {"extension cut", 14, {0x90, 0x60}, -1, 0},
  {"padding", 16, {0xa0, 0x60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 3}, 12,
      1},
  {"padding over all", 14, {0xa0, 0x60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 9}, -1,
      0},
};

GST_START_TEST (test_header_is_parsed_within_its_bounds)
{
  for (guint i = 0; i < G_N_ELEMENTS (headers); i++) {
    g_autofree guint8 *p = g_memdup2 (headers[i].bytes, headers[i].size);
    GstRcastRtpHeader h = { 0, };
    gboolean ok = gst_rcast_rtp_parse_header (p, headers[i].size, &h);

    fail_unless (ok == (headers[i].payload_offset >= 0), "%s", headers[i].name);
    if (!ok)
      continue;
    fail_unless (h.payload_offset == headers[i].payload_offset, "%s",
        headers[i].name);
    fail_unless (h.payload_size == headers[i].payload_size, "%s",
        headers[i].name);
  }
}

GST_END_TEST;

GST_START_TEST (test_header_fields_are_those_of_rfc3550)
{
  static const guint8 p[] = { 0x80, 0xe1, 0x12, 0x34, 0xde, 0xad, 0xbe, 0xef,
    0xca, 0xfe, 0xba, 0xbe
  };
  GstRcastRtpHeader h;

  fail_unless (gst_rcast_rtp_parse_header (p, sizeof (p), &h));
  fail_unless (h.marker);
  fail_unless_equals_int (h.payload_type, 97);
  fail_unless_equals_int (h.sequence, 0x1234);
  fail_unless_equals_int_hex (h.timestamp, 0xdeadbeef);
  fail_unless_equals_int_hex (h.ssrc, 0xcafebabe);
}

GST_END_TEST;

GST_START_TEST (test_header_goes_on_under_other_numbers)
{
  static const guint8 in[] = { 0xb1, 0xe1, 0x12, 0x34, 0xde, 0xad, 0xbe, 0xef,
    0xca, 0xfe, 0xba, 0xbe, 9, 9, 9, 9, 0xbe, 0xde, 0, 0, 0x77
  };
  static const guint8 plain[] = { 0xa1, 0xe5, 0xff, 0xfe, 1, 2, 3, 4,
    5, 6, 7, 8, 9, 9, 9, 9
  };
  static const guint8 twcc[] = { 0xb1, 0xe5, 0xff, 0xfe, 1, 2, 3, 4,
    5, 6, 7, 8, 9, 9, 9, 9, 0xbe, 0xde, 0, 1, 0x31, 0, 0, 0
  };
  /* 65.25 s: one and a quarter in 6.18 fixed point */
  static const guint8 sent[] = { 0xb1, 0xe5, 0xff, 0xfe, 1, 2, 3, 4,
    5, 6, 7, 8, 9, 9, 9, 9, 0xbe, 0xde, 0, 1, 0x22, 0x05, 0, 0
  };
  static const guint8 all[] = { 0xb1, 0xe5, 0xff, 0xfe, 1, 2, 3, 4,
    5, 6, 7, 8, 9, 9, 9, 9, 0xbe, 0xde, 0, 2, 0x31, 0, 0, 0x22, 0x05, 0, 0, 0
  };
  const GstRcastRtpExtensions none = { 0, 0, 0 }, numbers = { 3, 0, 0 },
      time = { 0, 2, 65250 * GST_MSECOND }, both = { 3, 2, 65250 * GST_MSECOND };
  GstRcastRtpHeader h = { FALSE, 101, 0xfffe, 0x01020304, 0x05060708, };
  guint8 out[GST_RCAST_RTP_MAX_HEADER_SIZE];

  fail_unless_equals_int (gst_rcast_rtp_write_header (out, in, &h, NULL),
      sizeof (plain));
  fail_unless (memcmp (out, plain, sizeof (plain)) == 0);
  fail_unless_equals_int (gst_rcast_rtp_write_header (out, in, &h, &none),
      sizeof (plain));
  fail_unless_equals_int (gst_rcast_rtp_write_header (out, in, &h, &numbers),
      sizeof (twcc));
  fail_unless (memcmp (out, twcc, sizeof (twcc)) == 0);
  fail_unless_equals_int (gst_rcast_rtp_write_header (out, in, &h, &time),
      sizeof (sent));
  fail_unless (memcmp (out, sent, sizeof (sent)) == 0);
  fail_unless_equals_int (gst_rcast_rtp_write_header (out, in, &h, &both),
      sizeof (all));
  fail_unless (memcmp (out, all, sizeof (all)) == 0);
}

GST_END_TEST;

/* Parameter sets alone, in front of a key frame, and in front of another picture */
static const struct
{
  const gchar *name;
  GstRcastCodec codec;
  gsize size;
  guint8 bytes[MAX_BYTES];
  GstRcastRtpStart start;
} starts[] = {
  {"sps", GST_RCAST_CODEC_H264, 2, {0x67, 0x42}, GST_RCAST_RTP_START_LEADING},
  {"aud", GST_RCAST_CODEC_H264, 2, {0x09, 0xf0}, GST_RCAST_RTP_START_LEADING},
  {"sei", GST_RCAST_CODEC_H264, 2, {0x06, 0x05}, GST_RCAST_RTP_START_LEADING},
  {"idr", GST_RCAST_CODEC_H264, 2, {0x65, 0x88}, GST_RCAST_RTP_START_KEY},
  {"slice", GST_RCAST_CODEC_H264, 2, {0x41, 0x9a}, GST_RCAST_RTP_START_NONE},
  {"end of stream", GST_RCAST_CODEC_H264, 1, {0x0b}, GST_RCAST_RTP_START_NONE},
  {"stap-a sps pps", GST_RCAST_CODEC_H264, 9, {0x78, 0, 2, 0x67, 0x42, 0, 2,
          0x68, 0xce}, GST_RCAST_RTP_START_LEADING},
  {"stap-a sps idr", GST_RCAST_CODEC_H264, 9, {0x78, 0, 2, 0x67, 0x42, 0, 2,
          0x65, 0x88}, GST_RCAST_RTP_START_KEY},
  {"stap-a sps slice", GST_RCAST_CODEC_H264, 9, {0x78, 0, 2, 0x67, 0x42, 0, 2,
          0x41, 0x9a}, GST_RCAST_RTP_START_NONE},
  {"fu-a idr start", GST_RCAST_CODEC_H264, 3, {0x7c, 0x85, 0x88},
      GST_RCAST_RTP_START_KEY},
  {"fu-a idr middle", GST_RCAST_CODEC_H264, 3, {0x7c, 0x05, 0x88},
      GST_RCAST_RTP_START_NONE},
  {"fu-a sei middle", GST_RCAST_CODEC_H264, 3, {0x7c, 0x06, 0x88},
      GST_RCAST_RTP_START_LEADING},
  {"empty", GST_RCAST_CODEC_H264, 0, {0}, GST_RCAST_RTP_START_NONE},
  {"vps", GST_RCAST_CODEC_H265, 3, {0x40, 0x01, 0x0c},
      GST_RCAST_RTP_START_LEADING},
  {"cra", GST_RCAST_CODEC_H265, 3, {0x2a, 0x01, 0xaf}, GST_RCAST_RTP_START_KEY},
  {"trail-r", GST_RCAST_CODEC_H265, 3, {0x02, 0x01, 0xd0},
      GST_RCAST_RTP_START_NONE},
  {"ap vps trail", GST_RCAST_CODEC_H265, 12, {0x60, 0x01, 0, 3, 0x40, 0x01,
          0x0c, 0, 3, 0x02, 0x01, 0xd0}, GST_RCAST_RTP_START_NONE},
  {"ap vps idr", GST_RCAST_CODEC_H265, 12, {0x60, 0x01, 0, 3, 0x40, 0x01,
          0x0c, 0, 3, 0x26, 0x01, 0xaf}, GST_RCAST_RTP_START_KEY},
  {"fu sei start", GST_RCAST_CODEC_H265, 4, {0x62, 0x01, 0xa7, 5},
      GST_RCAST_RTP_START_LEADING},
  {"fu sei end", GST_RCAST_CODEC_H265, 4, {0x62, 0x01, 0x67, 5},
      GST_RCAST_RTP_START_LEADING},
  {"fu trail", GST_RCAST_CODEC_H265, 4, {0x62, 0x01, 0x81, 0xaf},
      GST_RCAST_RTP_START_NONE},
  {"suffix sei", GST_RCAST_CODEC_H265, 3, {0x50, 0x01, 5},
      GST_RCAST_RTP_START_NONE},
  {"one byte", GST_RCAST_CODEC_H265, 1, {0x40}, GST_RCAST_RTP_START_NONE},
  {"n", GST_RCAST_CODEC_AV1, 3, {0x18, 0x0a, 0x0b}, GST_RCAST_RTP_START_KEY},
  {"no n", GST_RCAST_CODEC_AV1, 3, {0x10, 0x0a, 0x0b},
      GST_RCAST_RTP_START_NONE},
};

GST_START_TEST (test_sets_are_no_key_frame)
{
  g_autofree guint8 *p = g_memdup2 (starts[__i__].bytes,
      MAX (starts[__i__].size, 1));

  fail_unless (gst_rcast_rtp_find_start (starts[__i__].codec, p,
          starts[__i__].size) == starts[__i__].start, "%s %s",
      gst_rcast_codec_get_encoding_name (starts[__i__].codec),
      starts[__i__].name);
}

GST_END_TEST;

GST_START_TEST (test_any_bytes_are_judged_without_reading_beyond_them)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (4711);

  for (guint i = 0; i < 20000; i++) {
    gsize size = g_rand_int_range (rand, 0, 40);
    g_autofree guint8 *p = g_malloc (MAX (size, 1));
    GstRcastRtpHeader h;

    for (gsize n = 0; n < size; n++)
      p[n] = g_rand_int (rand);
    for (guint codec = 0; codec < GST_RCAST_N_CODECS; codec++) {
      gst_rcast_rtp_starts_keyframe (codec, p, size);
      gst_rcast_rtp_find_start (codec, p, size);
      gst_rcast_rtp_starts_recovery (codec, p, size);
    }
    if (gst_rcast_rtp_parse_header (p, size, &h))
      fail_unless (h.payload_offset + h.payload_size <= size);
  }
}

GST_END_TEST;

static const struct
{
  guint8 bytes[2];
  gsize size;
  GstClockTime duration;
} opus[] = {
  {{0xfc}, 1, 20 * GST_MSECOND},        /* CELT fullband, one frame */
  {{0xfd}, 1, 40 * GST_MSECOND},
  {{0xff, 0x03}, 2, 60 * GST_MSECOND},
  {{0xe0}, 1, 2500 * GST_USECOND},
  {{0x18}, 1, 60 * GST_MSECOND},        /* SILK */
  {{0x68}, 1, 20 * GST_MSECOND},        /* hybrid */
  {{0xff, 0x00}, 2, GST_CLOCK_TIME_NONE},
  {{0xff, 0x07}, 2, GST_CLOCK_TIME_NONE},
  {{0xff}, 1, GST_CLOCK_TIME_NONE},
  {{0}, 0, GST_CLOCK_TIME_NONE},
};

GST_START_TEST (test_opus_packet_tells_its_duration)
{
  for (guint i = 0; i < G_N_ELEMENTS (opus); i++)
    fail_unless (gst_rcast_opus_get_duration (opus[i].bytes,
            opus[i].size) == opus[i].duration, "row %u", i);
}

GST_END_TEST;

static const struct
{
  GstRcastCodec codec;
  guint payload_type;
  gsize payload_size;
  gboolean pause;
} pauses[] = {
  {GST_RCAST_CODEC_OPUS, 97, 1, TRUE},
  {GST_RCAST_CODEC_OPUS, 97, 2, TRUE},
  {GST_RCAST_CODEC_OPUS, 97, 3, FALSE},
  {GST_RCAST_CODEC_OPUS, 13, 60, FALSE},
  {GST_RCAST_CODEC_PCMU, 13, 1, TRUE},
  {GST_RCAST_CODEC_PCMU, 13, 11, TRUE},
  {GST_RCAST_CODEC_PCMA, 8, 160, FALSE},
  {GST_RCAST_CODEC_PCMA, 8, 1, FALSE},
  {GST_RCAST_CODEC_VP8, 13, 1, FALSE},
  {GST_RCAST_CODEC_VP8, 96, 1, FALSE},
};

GST_START_TEST (test_pause_is_announced)
{
  for (guint i = 0; i < G_N_ELEMENTS (pauses); i++)
    assert_equals_int (gst_rcast_rtp_announces_pause (pauses[i].codec,
            pauses[i].payload_type, pauses[i].payload_size), pauses[i].pause);
}

GST_END_TEST;

/* -1: no number is found */
static const struct
{
  const gchar *what;
  guint8 data[32];
  gsize size;
  gint number;
} twcc_rows[] = {
  {"one word", {0x90, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xbe, 0xde, 0, 1, 0x11,
      0x12, 0x34, 0}, 20, 0x1234},
  {"behind another one and padding", {0x90, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3,
      0xbe, 0xde, 0, 2, 0x20, 0xff, 0, 0, 0x11, 0xab, 0xcd, 0}, 24, 0xabcd},
  {"behind a CSRC", {0x91, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0xbe,
      0xde, 0, 1, 0x11, 0, 7, 0}, 24, 7},
  {"of another id", {0x90, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xbe, 0xde, 0, 1,
      0x21, 0x12, 0x34, 0}, 20, -1},
  {"of another size", {0x90, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xbe, 0xde, 0, 1,
      0x10, 0x12, 0, 0}, 20, -1},
  {"no extension", {0x80, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xbe, 0xde, 0, 1,
      0x11, 0x12, 0x34, 0}, 20, -1},
  {"two-byte headers", {0x90, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0x10, 0, 0, 1,
      0x11, 0x12, 0x34, 0}, 20, -1},
  {"cut off", {0x90, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xbe, 0xde, 0, 1, 0x11,
      0x12, 0x34, 0}, 19, -1},
  {"an element that is too long", {0x90, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xbe,
      0xde, 0, 1, 0x2f, 0x11, 0x12, 0x34}, 20, -1},
  {"no RTP", {0x16, 0xfe, 0xfd}, 3, -1},
};

GST_START_TEST (test_transport_wide_numbers_are_found)
{
  /* On the heap, so that a sanitizer sees reads beyond the end. */
  guint8 *data = g_memdup2 (twcc_rows[__i__].data, twcc_rows[__i__].size);
  guint16 number = 0;
  gboolean found = gst_rcast_rtp_find_twcc (data, twcc_rows[__i__].size, 1,
      &number);

  fail_unless ((found ? number : -1) == twcc_rows[__i__].number, "%s: %d",
      twcc_rows[__i__].what, found ? number : -1);
  g_free (data);
}

GST_END_TEST;

/* What counts as a packet here is one for webrtcbin, too, once it has another header. */
GST_START_TEST (test_what_is_a_packet_here_is_one_for_gstreamer)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  guint n_packets = 0;

  for (guint i = 0; i < 200000; i++) {
    guint8 data[80], out[GST_RCAST_RTP_MAX_HEADER_SIZE + sizeof (data)];
    gsize size = g_rand_int_range (rand, 1, sizeof (data)), n;
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    g_autoptr (GstBuffer) buffer = NULL;
    GstRcastRtpHeader header;
    const GstRcastRtpExtensions extensions = { i % 2, i % 3, i };

    for (gsize k = 0; k < size; k++)
      data[k] = g_rand_int (rand);
    data[0] = 0x80 | (data[0] & 0x3f & ~(g_rand_boolean (rand) ? 0x0f : 0));
    data[size - 1] &= g_rand_boolean (rand) ? 0x07 : 0xff;
    if (g_rand_boolean (rand) && size > 16)
      data[14] = data[15] = 0;
    if (!gst_rcast_rtp_parse_header (data, size, &header))
      continue;
    n_packets++;
    header.payload_type = 96;
    n = gst_rcast_rtp_write_header (out, data, &header, &extensions);
    if (size == header.payload_offset)
      out[0] &= ~0x20;
    memcpy (out + n, data + header.payload_offset,
        size - header.payload_offset);
    buffer = gst_buffer_new_memdup (out, n + size - header.payload_offset);
    fail_unless (gst_rtp_buffer_map (buffer, GST_MAP_READ, &rtp),
        "packet %u of %u bytes, first %02x, last %02x", i, (guint) size,
        data[0], data[size - 1]);
    fail_unless_equals_int (gst_rtp_buffer_get_payload_len (&rtp),
        header.payload_size);
    gst_rtp_buffer_unmap (&rtp);
  }
  fail_unless (n_packets > 20000);
}

GST_END_TEST;

static Suite *
rtp_suite (void)
{
  Suite *s = suite_create ("rcast-rtp");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_transport_wide_numbers_are_found, 0,
      G_N_ELEMENTS (twcc_rows));
  tcase_add_test (tc, test_keyframe_is_found_at_its_first_packet);
  tcase_add_loop_test (tc, test_sets_are_no_key_frame, 0,
      G_N_ELEMENTS (starts));
  tcase_add_test (tc, test_recovery_point_is_found_in_its_sei_message);
  tcase_add_test (tc, test_header_is_parsed_within_its_bounds);
  tcase_add_test (tc, test_header_fields_are_those_of_rfc3550);
  tcase_add_test (tc, test_header_goes_on_under_other_numbers);
  tcase_add_test (tc, test_any_bytes_are_judged_without_reading_beyond_them);
  tcase_add_test (tc, test_what_is_a_packet_here_is_one_for_gstreamer);
  tcase_add_test (tc, test_opus_packet_tells_its_duration);
  tcase_add_test (tc, test_pause_is_announced);
  return s;
}

GST_CHECK_MAIN (rtp);
