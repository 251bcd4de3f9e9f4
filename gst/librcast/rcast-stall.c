/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells one broken stream from a pause of all streams, and measures what each stream sends. */
#include "config.h"

#include "rcast-stall.h"

/* Receivers report every 5 s on average, some every 10 s (RFC 3550 6.2): so long a silence is no
 * chance. */
#define LONG_SILENCE (60 * GST_SECOND)

/* What moved on streams other than the judged one */
typedef struct
{
  gboolean came, was_made, went;
} Others;

void
gst_rcast_stall_init (GstRcastStall * stall)
{
  *stall = (GstRcastStall) {
  .last = GST_CLOCK_TIME_NONE,};
}

/* Measures what moved since the last judgement. */
static void
measure (GstRcastStall * stall, GstClockTime now)
{
  GstClockTime passed = GST_CLOCK_TIME_IS_VALID (stall->last) ?
      now - stall->last : 0;

  stall->came = stall->in != stall->last_in;
  stall->was_made = stall->made != stall->last_made;
  stall->went = stall->sent != stall->last_sent;
  stall->bitrate = passed > 0 ?
      gst_util_uint64_scale (8 * (stall->bytes - stall->last_bytes),
      GST_SECOND, passed) : 0;
  stall->last_in = stall->in;
  stall->last_made = stall->made;
  stall->last_sent = stall->sent;
  stall->last_bytes = stall->bytes;
  stall->last = now;
  stall->passed = passed;
}

/* Whether the stream waits for a key frame and drops its packets meanwhile. */
static gboolean
lacks_key (const GstRcastStall * stall)
{
  return stall->lacks_key && stall->was_made && !stall->went;
}

/* While anything is sent, there is a connection, and every stream should send. While nothing is
 * sent, a stream is well if it makes packets that are dropped, and before any stream makes packets,
 * if data comes in. */
static gboolean
is_well (const GstRcastStall * stall, const Others * others)
{
  if (stall->ended || stall->went)
    return TRUE;
  if (!stall->known || others->went || lacks_key (stall))
    return FALSE;
  return stall->was_made || (stall->came && !others->was_made);
}

static GstRcastStage
find_stage (const GstRcastStall * stall, GstRcastStallRun run)
{
  if (!stall->known)
    return GST_RCAST_STAGE_LINK;
  if (run == GST_RCAST_STALL_PREROLLING)
    return GST_RCAST_STAGE_PREROLL;
  if (lacks_key (stall))
    return GST_RCAST_STAGE_KEY_FRAME;
  if (stall->was_made)
    return GST_RCAST_STAGE_FEED;
  return stall->came ? GST_RCAST_STAGE_ENCODER : GST_RCAST_STAGE_SOURCE;
}

static void
judge (GstRcastStall * stall, const Others * others, GstClockTime timeout,
    GstRcastStallRun run)
{
  GstRcastStage stage = find_stage (stall, run);

  stall->change = GST_RCAST_STALL_SAME;
  if (is_well (stall, others)) {
    if (stall->stalled)
      stall->change = GST_RCAST_STALL_OVER;
    else
      stall->silence = 0;
    stall->stalled = FALSE;
    return;
  }
  /* All streams pause. But a stream without caps keeps the others waiting. */
  if (run == GST_RCAST_STALL_PAUSED && stall->known && !lacks_key (stall)
      && !others->went && !others->was_made && !others->came)
    return;
  /* Keep the earliest stage at which the stream was stuck. But a few frames without a key frame do
   * not mean that the source stands still. */
  if (stall->silence == 0 || (stage < stall->stage
          && stall->stage != GST_RCAST_STAGE_KEY_FRAME))
    stall->stage = stage;
  stall->silence += stall->passed;
  if (!stall->stalled && timeout > 0 && stall->silence >= timeout) {
    stall->stalled = TRUE;
    stall->change = GST_RCAST_STALL_BEGAN;
  }
}

/**
 * gst_rcast_stall_judge:
 * @stalls: all streams
 * @n: number of @stalls
 * @now: the time
 * @timeout: how long a stream may be silent; 0: for ever
 * @run: what is expected of the streams
 *
 * To be called regularly. While the streams run, a time in which none moves counts for all: a
 * source that stands still, or a preroll that does not end, takes them off the air. In a pause it
 * counts only for streams that never got caps. @silence of a stream that flows again is kept
 * until the next call.
 */
void
gst_rcast_stall_judge (GstRcastStall ** stalls, guint n, GstClockTime now,
    GstClockTime timeout, GstRcastStallRun run)
{
  guint came = 0, was_made = 0, went = 0;

  for (guint i = 0; i < n; i++) {
    measure (stalls[i], now);
    came += stalls[i]->came;
    was_made += stalls[i]->was_made;
    went += stalls[i]->went;
  }
  for (guint i = 0; i < n; i++) {
    Others others = { came > stalls[i]->came, was_made > stalls[i]->was_made,
      went > stalls[i]->went
    };

    judge (stalls[i], &others, timeout, run);
  }
}

/**
 * gst_rcast_unheard_step:
 * @unheard: the broadcast
 * @stalls: all streams, judged just now
 * @n: number of @stalls
 * @confirmations: how many times the server has confirmed media of the present connection, or
 *   %GST_RCAST_NOT_CONNECTED
 *
 * Only time in which something was sent counts: the server cannot report on nothing.
 *
 * Returns: whether to report the silence now; once until the server confirms something
 */
gboolean
gst_rcast_unheard_step (GstRcastUnheard * unheard,
    GstRcastStall * const *stalls, guint n, guint64 confirmations)
{
  GstClockTime sent_for = 0;

  if (confirmations == GST_RCAST_NOT_CONNECTED
      || confirmations != unheard->confirmations) {
    *unheard = (GstRcastUnheard) {
    .confirmations = confirmations};
    return FALSE;
  }
  for (guint i = 0; i < n; i++)
    if (stalls[i]->went)
      sent_for = MAX (sent_for, stalls[i]->passed);
  unheard->silence += sent_for;
  if (unheard->told || unheard->silence < LONG_SILENCE)
    return FALSE;
  unheard->told = TRUE;
  return TRUE;
}
