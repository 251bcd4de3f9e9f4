/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads a receiver's RTCP: which packets arrived when, losses, and bitrate limits. */
#include "config.h"

#include "rcast-feedback.h"

#include <string.h>

#include "rcast-rtp.h"

/* GStreamer's own reader refuses a whole compound packet if a packet after the first is padded, as
 * transport-wide feedback often is, or if feedback is not a multiple of four bytes long. This one
 * reads every packet that it can, and skips the rest. */

/* Packet types and formats: RFC 3550 12.1, RFC 4585 6.1 */
#define SENDER_REPORT 200
#define RECEIVER_REPORT 201
#define TRANSPORT_FEEDBACK 205
#define PAYLOAD_FEEDBACK 206
#define FORMAT_NACK 1           /* RFC 4585 6.2.1 */
#define FORMAT_PLI 1            /* RFC 4585 6.3.1 */
#define FORMAT_FIR 4            /* RFC 5104 4.3.1.1 */
#define FORMAT_CCFB 11          /* RFC 8888 3.1 */
#define FORMAT_TRANSPORT_CC 15  /* draft-holmer-rmcat-transport-wide-cc-extensions-01 3.1 */
#define FORMAT_APPLICATION 15   /* RFC 4585 6.4: REMB is one */

#define HEADER_SIZE 4           /* of every packet */
#define FEEDBACK_SIZE 12        /* header, SSRC of the sender, SSRC of the media */
#define FIR_ENTRY_SIZE 8        /* SSRC of the media, sequence number and reserved bits */
#define SENDER_INFO_SIZE 20
#define REPORT_BLOCK_SIZE 24

/* The clock of transport-wide feedback: the reference time counts 64 ms, a delta 250 µs. */
#define REFERENCE_UNIT (64 * GST_MSECOND)
#define DELTA_UNIT (250 * GST_USECOND)
#define REFERENCE_BITS 24
#define DAY (24 * 60 * 60 * GST_SECOND)

/* RFC 8888 3.1. The clock is the middle 32 bits of an NTP timestamp; arrivals are given as an age
 * in 1024ths of a second. */
#define REPORT_HEADER_SIZE 8    /* RTCP header with the SSRC of the sender */
#define STREAM_HEADER_SIZE 8    /* SSRC, first number, count */
#define MAX_STREAM_PACKETS 16384
#define TIMESTAMP_SIZE 4
#define TIMESTAMP_BITS 32
#define TIMESTAMP_RATE 65536    /* units in a second */
#define OFFSET_RATE 1024        /* age units in a second */
#define IS_RECEIVED 0x8000
#define OFFSET_MASK 0x1fff      /* the two bits above are ECN */
#define OFFSET_OVER 0x1ffe      /* age too large; the next value: not known */

/* A report covers at most this many packets: several seconds of a high-bitrate broadcast. */
#define MAX_PACKETS 8192

/* Values of a two-bit status symbol */
enum
{
  NOT_RECEIVED = 0,
  SMALL_DELTA = 1,
  LARGE_DELTA = 2,
};

/* One RTCP packet, without its padding */
typedef struct
{
  guint count;                  /* number of report blocks, or the format */
  guint type;
  const guint8 *data;
  gsize size;
} Packet;

/* The rest of a list of packet statuses */
typedef struct
{
  const guint8 *data, *end;
  guint16 chunk;
  guint left;                   /* symbols left in @chunk */
} Statuses;

/* The part of an RFC 8888 report about one stream */
typedef struct
{
  guint32 ssrc;
  guint16 first;
  guint count;
  const guint8 *blocks;         /* 16 bits for each packet */
} StreamReport;

typedef struct
{
  const GstRcastFeedbackCallbacks *callbacks;
  gpointer user_data;
} Sink;

void
gst_rcast_feedback_init (GstRcastFeedback * feedback)
{
  memset (feedback, 0, sizeof *feedback);
}

/* Returns: number of symbols in a chunk: 3.1.3 and 3.1.4 of the draft */
static guint
count_symbols (guint16 chunk)
{
  if (!(chunk & 0x8000))
    return chunk & 0x1fff;      /* run length */
  return chunk & 0x4000 ? 7 : 14;
}

static guint
take_symbol (guint16 chunk, guint left)
{
  if (!(chunk & 0x8000))
    return chunk >> 13 & 3;
  return chunk & 0x4000 ? chunk >> 2 * (left - 1) & 3 : chunk >> (left - 1) & 1;
}

/* Returns: FALSE if the list ends too early */
static gboolean
next_status (Statuses * statuses, guint * status)
{
  while (statuses->left == 0) {
    if (statuses->end - statuses->data < 2)
      return FALSE;
    statuses->chunk = gst_rcast_rtp_read_u16 (statuses->data);
    statuses->left = count_symbols (statuses->chunk);
    statuses->data += 2;
  }
  *status = take_symbol (statuses->chunk, statuses->left--);
  return TRUE;
}

static gsize
get_delta_size (guint status)
{
  return status == SMALL_DELTA ? 1 : status == LARGE_DELTA ? 2 : 0;
}

/* Rejects a report whose deltas are incomplete.
 * @newest: (out): number of packets up to the last one that has arrived
 * Returns: (nullable): the first delta */
static const guint8 *
find_deltas (Statuses statuses, guint count, guint * newest)
{
  gsize size = 0;
  guint status = NOT_RECEIVED;

  *newest = 0;
  for (guint i = 0; i < count; i++) {
    if (!next_status (&statuses, &status))
      return NULL;
    size += get_delta_size (status);
    if (get_delta_size (status) > 0)
      *newest = i + 1;
  }
  return (gsize) (statuses.end - statuses.data) >= size ? statuses.data : NULL;
}

/* Unwraps @time, of @bits bits: it differs from the last one by less than half of the range. The
 * first time maps to one day (@day units), so that earlier ones do not become negative.
 * Returns: units */
static guint64
unwrap (GstRcastFeedbackClock * clock, guint32 time, guint bits, gint64 day)
{
  const gint64 range = G_GINT64_CONSTANT (1) << bits;
  gint64 step = (time - clock->reference) & (guint32) (range - 1);

  if (!clock->known)
    clock->units = day;
  else
    clock->units += step < range / 2 ? step : step - range;
  clock->units = MAX (clock->units, 0);
  clock->known = TRUE;
  clock->reference = time;
  return clock->units;
}

static GstClockTimeDiff
read_delta (const guint8 ** data, guint status)
{
  gint delta = 0;

  if (status == SMALL_DELTA)
    delta = (*data)[0];
  else if (status == LARGE_DELTA)
    delta = (gint16) gst_rcast_rtp_read_u16 (*data);
  *data += get_delta_size (status);
  return delta * (GstClockTimeDiff) DELTA_UNIT;
}

static gboolean
read_transport_feedback (GstRcastFeedback * feedback, const Packet * packet,
    const Sink * sink)
{
  const guint8 *fci = packet->data + FEEDBACK_SIZE, *deltas;
  Statuses statuses = { fci + 8, packet->data + packet->size, 0, 0 };
  GstRcastFeedbackSpan span = { 0, };
  GstClockTimeDiff time;
  guint16 base;
  guint status = NOT_RECEIVED, newest;

  if (packet->size < FEEDBACK_SIZE + 8)
    return FALSE;
  base = gst_rcast_rtp_read_u16 (fci);
  span.count = gst_rcast_rtp_read_u16 (fci + 2);
  span.last = base + span.count - 1;
  deltas = span.count <= MAX_PACKETS ?
      find_deltas (statuses, span.count, &newest) : NULL;
  if (!deltas || span.count == 0)
    return FALSE;

  time = unwrap (&feedback->transport, GST_READ_UINT24_BE (fci + 4),
      REFERENCE_BITS, DAY / REFERENCE_UNIT) * REFERENCE_UNIT;
  if (sink->callbacks->newest)
    sink->callbacks->newest (base + newest - 1, sink->user_data);
  if (sink->callbacks->begin)
    sink->callbacks->begin (base, span.count, fci[7], sink->user_data);
  for (guint i = 0; i < span.count; i++) {
    gboolean received;

    next_status (&statuses, &status);
    received = get_delta_size (status) > 0;
    span.received += received;
    time += read_delta (&deltas, status);
    time = MAX (time, 0);
    sink->callbacks->arrival (base + i, received ? (GstClockTime) time :
        GST_CLOCK_TIME_NONE, sink->user_data);
  }
  if (sink->callbacks->span)
    sink->callbacks->span (&span, sink->user_data);
  return TRUE;
}

/* Takes the part about one stream. Returns: FALSE if it is incomplete */
static gboolean
next_stream (const guint8 ** data, const guint8 * end, StreamReport * report)
{
  gsize left = end - *data, size;

  if (left < STREAM_HEADER_SIZE)
    return FALSE;
  report->ssrc = gst_rcast_rtp_read_u32 (*data);
  report->first = gst_rcast_rtp_read_u16 (*data + 4);
  report->count = gst_rcast_rtp_read_u16 (*data + 6);
  report->blocks = *data + STREAM_HEADER_SIZE;
  size = STREAM_HEADER_SIZE + GST_ROUND_UP_4 (2 * report->count);
  if (report->count > MAX_STREAM_PACKETS || size > left)
    return FALSE;
  *data += size;
  return TRUE;
}

/* Rejects a report that is incomplete. */
static gboolean
is_whole (const guint8 * data, const guint8 * end)
{
  StreamReport report;

  while (data < end)
    if (!next_stream (&data, end, &report))
      return FALSE;
  return TRUE;
}

static guint16
find_newest (const StreamReport * report)
{
  guint n = report->count;

  while (n > 0
      && !(gst_rcast_rtp_read_u16 (report->blocks + 2 * (n - 1))
          & IS_RECEIVED))
    n--;
  return report->first + n - 1;
}

/* @time: time of the report */
static void
read_stream (const StreamReport * report, GstClockTime time, const Sink * sink)
{
  if (sink->callbacks->newest)
    sink->callbacks->newest (find_newest (report), sink->user_data);
  for (guint i = 0; i < report->count; i++) {
    guint block = gst_rcast_rtp_read_u16 (report->blocks + 2 * i);
    guint offset = block & OFFSET_MASK;
    gboolean received = (block & IS_RECEIVED) != 0;
    GstClockTime ago = gst_util_uint64_scale (offset, GST_SECOND, OFFSET_RATE);

    sink->callbacks->packet (report->ssrc, report->first + i, received,
        received && offset < OFFSET_OVER ? time - MIN (ago, time) :
        GST_CLOCK_TIME_NONE, sink->user_data);
  }
}

static gboolean
read_stream_feedback (GstRcastFeedback * feedback, const Packet * packet,
    const Sink * sink)
{
  const guint8 *data = packet->data + REPORT_HEADER_SIZE;
  const guint8 *end = packet->data + packet->size - TIMESTAMP_SIZE;
  StreamReport report;
  GstClockTime time;

  /* A report about no stream says nothing. */
  if (packet->size < REPORT_HEADER_SIZE + STREAM_HEADER_SIZE + TIMESTAMP_SIZE
      || !is_whole (data, end))
    return FALSE;
  time = gst_util_uint64_scale (unwrap (&feedback->streams,
          gst_rcast_rtp_read_u32 (end), TIMESTAMP_BITS,
          DAY / GST_SECOND * TIMESTAMP_RATE), GST_SECOND, TIMESTAMP_RATE);
  while (data < end && next_stream (&data, end, &report))
    read_stream (&report, time, sink);
  return TRUE;
}

static gboolean
read_report (const Packet * packet, const Sink * sink)
{
  gsize at = HEADER_SIZE + 4
      + (packet->type == SENDER_REPORT ? SENDER_INFO_SIZE : 0);

  if (packet->size < at + packet->count * REPORT_BLOCK_SIZE)
    return FALSE;
  for (guint i = 0; i < packet->count; i++, at += REPORT_BLOCK_SIZE) {
    const guint8 *block = packet->data + at;
    /* A signed 24-bit number: duplicates can make it negative. */
    gint32 lost = (gint32) (GST_READ_UINT24_BE (block + 5) << 8) / 256;

    if (sink->callbacks->report)
      sink->callbacks->report (gst_rcast_rtp_read_u32 (block), block[4], lost,
          gst_rcast_rtp_read_u32 (block + 16), sink->user_data);
  }
  return TRUE;
}

/* draft-alvestrand-rmcat-remb-03 2.2: "REMB", number of SSRCs, exponent, mantissa */
static gboolean
read_limit (const Packet * packet, const Sink * sink)
{
  const guint8 *fci = packet->data + FEEDBACK_SIZE;
  guint exponent;

  if (packet->size < FEEDBACK_SIZE + 8 || memcmp (fci, "REMB", 4) != 0)
    return FALSE;
  exponent = fci[5] >> 2;
  /* A mantissa of 2^18 times 2^45 is more than anybody sends, and still fits. */
  if (exponent > 45)
    return FALSE;
  if (sink->callbacks->limit)
    sink->callbacks->limit ((guint64) (GST_READ_UINT24_BE (fci + 5) & 0x3ffff)
        << exponent, sink->user_data);
  return TRUE;
}

/* Takes the first packet off the data. Returns: FALSE at the end, or if it is not RTCP */
static gboolean
next_packet (const guint8 ** data, gsize * size, Packet * packet)
{
  gsize length;

  if (*size < HEADER_SIZE || (*data)[0] >> 6 != 2)
    return FALSE;
  length = (gst_rcast_rtp_read_u16 (*data + 2) + 1) * 4;
  if (length > *size)
    return FALSE;
  *packet = (Packet) { (*data)[0] & 0x1f, (*data)[1], *data, length };
  if ((*data)[0] & 0x20) {
    guint padding = (*data)[length - 1];

    packet->size -= padding <= length - HEADER_SIZE ? padding : 0;
  }
  *data += length;
  *size -= length;
  return TRUE;
}

/**
 * gst_rcast_feedback_read:
 * @feedback: the feedback state
 * @data: a compound RTCP packet, or a reduced one (RFC 5506)
 * @size: size of @data
 * @callbacks: called for the contents
 * @user_data: data for @callbacks
 *
 * Reads the packets that are of interest here. Skips the others, and those that are invalid.
 *
 * Returns: whether anything of interest was in it
 */
gboolean
gst_rcast_feedback_read (GstRcastFeedback * feedback, const guint8 * data,
    gsize size, const GstRcastFeedbackCallbacks * callbacks, gpointer user_data)
{
  Sink sink = { callbacks, user_data };
  gboolean any = FALSE;
  Packet packet;

  while (next_packet (&data, &size, &packet)) {
    if (packet.type == SENDER_REPORT || packet.type == RECEIVER_REPORT)
      any |= read_report (&packet, &sink);
    else if (packet.type == TRANSPORT_FEEDBACK
        && packet.count == FORMAT_TRANSPORT_CC)
      any |= read_transport_feedback (feedback, &packet, &sink);
    else if (packet.type == TRANSPORT_FEEDBACK && packet.count == FORMAT_CCFB)
      any |= read_stream_feedback (feedback, &packet, &sink);
    else if (packet.type == PAYLOAD_FEEDBACK
        && packet.count == FORMAT_APPLICATION)
      any |= read_limit (&packet, &sink);
  }
  return any;
}

/* A NACK entry: a sequence number, and a bit for each of the next 16 */
static void
read_request (const guint8 * data, guint32 ssrc,
    GstRcastFeedbackRequestFunc func, gpointer user_data)
{
  guint16 seqnum = gst_rcast_rtp_read_u16 (data);
  guint16 others = gst_rcast_rtp_read_u16 (data + 2);

  func (ssrc, seqnum, user_data);
  for (guint i = 0; i < 16; i++)
    if (others >> i & 1)
      func (ssrc, seqnum + 1 + i, user_data);
}

/**
 * gst_rcast_feedback_read_requests:
 * @data: a compound RTCP packet, or a reduced one (RFC 5506)
 * @size: size of @data
 * @func: (scope call): called for each requested packet
 * @user_data: data for @func
 *
 * Reads generic NACKs (RFC 4585 6.2.1).
 */
void
gst_rcast_feedback_read_requests (const guint8 * data, gsize size,
    GstRcastFeedbackRequestFunc func, gpointer user_data)
{
  Packet packet;

  while (next_packet (&data, &size, &packet)) {
    if (packet.type != TRANSPORT_FEEDBACK || packet.count != FORMAT_NACK
        || packet.size < FEEDBACK_SIZE)
      continue;
    for (gsize at = FEEDBACK_SIZE; at + 4 <= packet.size; at += 4)
      read_request (packet.data + at, gst_rcast_rtp_read_u32 (packet.data + 8),
          func, user_data);
  }
}

/**
 * gst_rcast_feedback_read_key_frames:
 * @data: a compound RTCP packet, or a reduced one (RFC 5506)
 * @size: size of @data
 * @func: (scope call): called for each key frame request
 * @user_data: data for @func
 *
 * Reads picture loss indications (RFC 4585 6.3.1) and full intra requests (RFC 5104 4.3.1).
 */
void
gst_rcast_feedback_read_key_frames (const guint8 * data, gsize size,
    GstRcastFeedbackKeyFrameFunc func, gpointer user_data)
{
  Packet packet;

  while (next_packet (&data, &size, &packet)) {
    if (packet.type != PAYLOAD_FEEDBACK || packet.size < FEEDBACK_SIZE)
      continue;
    if (packet.count == FORMAT_PLI)
      func (gst_rcast_rtp_read_u32 (packet.data + 8), user_data);
    if (packet.count != FORMAT_FIR)
      continue;
    for (gsize at = FEEDBACK_SIZE; at + FIR_ENTRY_SIZE <= packet.size;
        at += FIR_ENTRY_SIZE)
      func (gst_rcast_rtp_read_u32 (packet.data + at), user_data);
  }
}
