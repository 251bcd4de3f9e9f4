/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much a server takes of each stream: b= of its answer. */

/*
 * RFC 3264 5.1: b= is what the one who says it wants to receive. TIAS (RFC 3890) counts
 * the media alone, in bit/s; AS and CT (RFC 8866 5.8) count IP and UDP as well, in kbit/s.
 */
#include "config.h"

#include "rcast-answer-limits.h"

#include "rcast-answer.h"

/* Of a packet of 1,200 bytes IP and UDP take 28, and SRTP 10. */
#define VIDEO_PERCENT 97
/* 50 packets of sound in a second, of which IP and UDP take 28 bytes each; but no more than
 * half of what there is. */
#define AUDIO_OVERHEAD (50 * 28 * 8)
/* What sound without a limit of its own takes of that of the session. */
#define USUAL_AUDIO 64000
/* Sections that say more than the session leave the others so much. */
#define LEAST_VIDEO 30000

/* As they stand there; 0: no limit */
typedef struct
{
  guint64 tias, as, ct;
} Bandwidths;

static void
note (Bandwidths * all, const GstSDPBandwidth * one)
{
  /* What is negative is no limit, and came as a very large number. */
  guint64 value = one->bandwidth <= G_MAXINT ? one->bandwidth : 0;

  if (g_strcmp0 (one->bwtype, "TIAS") == 0)
    all->tias = value;
  else if (g_strcmp0 (one->bwtype, "AS") == 0)
    all->as = value;
  else if (g_strcmp0 (one->bwtype, "CT") == 0)
    all->ct = value;
}

static gboolean
is_audio (const GstSDPMedia * media)
{
  return g_strcmp0 (gst_sdp_media_get_media (media), "audio") == 0;
}

/* Returns: bit/s of RTP */
static guint64
without_transport (guint64 kilobits, gboolean audio)
{
  guint64 bits = kilobits * 1000;

  if (!audio)
    return bits * VIDEO_PERCENT / 100;
  return bits - MIN (AUDIO_OVERHEAD, bits / 2);
}

/* Returns: bit/s of RTP, or no limit */
static guint64
get_bits (const Bandwidths * all, gboolean audio)
{
  if (all->tias > 0)
    return all->tias;
  if (all->as > 0)
    return without_transport (all->as, audio);
  if (all->ct > 0)
    return without_transport (all->ct, audio);
  return GST_RCAST_ANSWER_NO_LIMIT;
}

static guint64
get_of_section (const GstSDPMedia * media)
{
  Bandwidths all = { 0 };

  for (guint i = 0; i < gst_sdp_media_bandwidths_len (media); i++)
    note (&all, gst_sdp_media_get_bandwidth (media, i));
  all.ct = 0;
  return get_bits (&all, is_audio (media));
}

static guint64
get_of_session (const GstSDPMessage * answer, gboolean audio)
{
  Bandwidths all = { 0 };

  for (guint i = 0; i < gst_sdp_message_bandwidths_len (answer); i++)
    note (&all, gst_sdp_message_get_bandwidth (answer, i));
  return get_bits (&all, audio);
}

/* Sections that share what the session leaves */
typedef struct
{
  guint n_videos, n_audios;     /* without a limit of their own */
  guint64 taken;                /* bit/s by the others */
} Sharers;

static void
count_sharers (const GstSDPMessage * answer, Sharers * sharers)
{
  for (guint i = 0; i < gst_sdp_message_medias_len (answer); i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (answer, i);
    const gchar *kind = gst_sdp_media_get_media (media);
    guint64 own = get_of_section (media);

    if (gst_rcast_answer_declines (answer, i)
        || g_strcmp0 (kind, "application") == 0)
      continue;
    if (own != GST_RCAST_ANSWER_NO_LIMIT)
      sharers->taken += own;
    else if (is_audio (media))
      sharers->n_audios++;
    else
      sharers->n_videos++;
  }
}

/* What the session has for a section that says nothing: videos share what sound leaves
 * them, equally. */
static guint64
get_part (const GstSDPMessage * answer, gboolean audio)
{
  guint64 all = get_of_session (answer, audio), left;
  Sharers sharers = { 0 };

  if (all == GST_RCAST_ANSWER_NO_LIMIT)
    return all;
  count_sharers (answer, &sharers);
  if (audio && sharers.n_videos > 0)
    return MIN (USUAL_AUDIO, all / 2);
  if (!audio)
    sharers.taken += sharers.n_audios * MIN (USUAL_AUDIO, all / 2);
  left = all > sharers.taken ? all - sharers.taken : 0;
  return MAX (left / MAX (audio ? sharers.n_audios : sharers.n_videos, 1),
      MIN (LEAST_VIDEO, all));
}

/**
 * gst_rcast_answer_get_limit:
 * @answer: an answer, complete
 * @mline: index of an m-section
 *
 * Its own limit counts before that of the session, and of each TIAS, AS, CT in this order.
 * 0 and negative values are no limits.
 *
 * Returns: bit/s of RTP that the server takes of the section at most, or
 *   %GST_RCAST_ANSWER_NO_LIMIT
 */
guint64
gst_rcast_answer_get_limit (const GstSDPMessage * answer, guint mline)
{
  const GstSDPMedia *media = gst_sdp_message_get_media (answer, mline);
  guint64 own = get_of_section (media);

  return own != GST_RCAST_ANSWER_NO_LIMIT ? own :
      get_part (answer, is_audio (media));
}
