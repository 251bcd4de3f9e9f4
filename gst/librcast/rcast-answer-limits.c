/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bitrate that a server accepts for each stream: the b= lines of its answer. */

/*
 * RFC 3264 5.1: b= is the bandwidth that its sender wants to receive. TIAS (RFC 3890) counts the
 * media alone, in bit/s; AS and CT (RFC 8866 5.8) also count IP and UDP, in kbit/s.
 */
#include "config.h"

#include "rcast-answer-limits.h"

#include "rcast-answer.h"

/* In a packet of 1,200 bytes, IP and UDP take 28 bytes, and SRTP takes 10. */
#define VIDEO_PERCENT 97
/* IP and UDP take 28 bytes of each of the 50 audio packets per second, but are counted as half of
 * the limit at most. */
#define AUDIO_OVERHEAD (50 * 28 * 8)
/* Audio without its own limit takes this much of the session's limit. */
#define USUAL_AUDIO 64000
/* Least limit of a section, even if the limits of others exceed the session's */
#define LEAST_VIDEO 30000

/* Values as in the SDP; 0: no limit */
typedef struct
{
  guint64 tias, as, ct;
} Bandwidths;

static void
note (Bandwidths * all, const GstSDPBandwidth * one)
{
  /* Negative values are parsed as very large numbers. They are no limit. */
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

/* Sections that share the session's limit */
typedef struct
{
  guint n_videos, n_audios;     /* without their own limit */
  guint64 taken;                /* bit/s of the sections with their own limit */
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

/* Returns: share of the session's limit for a section without its own: videos share equally what
 * audio leaves */
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
 * @answer: a complete answer
 * @mline: index of an m-section
 *
 * The section's own limit takes precedence over the session's; within each, TIAS over AS over CT.
 * Values that are 0 or negative are no limit.
 *
 * Returns: most bit/s of RTP that the server accepts for the section, or
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
