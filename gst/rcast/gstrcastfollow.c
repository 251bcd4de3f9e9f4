/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes one stream follow the rate that the network carries. */

/*
 * Targets come from any thread. The streaming thread applies them in front of the encoder,
 * between two frames, and takes the time from the frames.
 */
#include "config.h"

#include "gstrcastfollow.h"

#include "gstrcastchain.h"
#include "gstrcastthinner.h"
#include "rcast-message.h"

GST_DEBUG_CATEGORY_STATIC (follow_debug);
#define GST_CAT_DEFAULT follow_debug

/* The target of one owner that sends the stream */
typedef struct
{
  guint64 bits;                 /* bit/s */
  const gchar *reason;          /* interned */
} Wish;

/* A stream that is paused is tried every few seconds, but the pause is only reported so often. */
#define PAUSE_TOLD_INTERVAL (60 * GST_SECOND)

struct _GstRcastFollow
{
  GstObject parent;

  GstElement *stream;           /* constant; not owned: it owns the follow */
  GstRcastMedia media;          /* constant */
  GstRcastFollowCallbacks callbacks;    /* constant */
  gpointer data;                /* constant */
  GstRcastEncoding *encoding;   /* constant */
  GstPad *packets;              /* constant: the pad on which packets leave */
  gulong packets_probe;         /* constant */

  GHashTable *wishes;           /* OBJECT_LOCK, as all up to the next comment: owner, Wish */
  guint64 target;               /* bit/s: the lowest wish */
  guint64 said;                 /* bit/s: the last notified target */
  const gchar *reason;          /* of the target; interned */
  guint64 n_skipped;            /* frames */
  gboolean degraded;            /* written by the streaming thread */
  GstRcastFollowPicture picture;        /* written by the streaming thread */

  /* Streaming thread; after PAUSED the state change. */
  GstElement *chain;            /* takes raw frames; NULL: none */
  GstPad *frames;               /* in front of the encoder of @chain */
  guint64 n_frames;             /* that came in */
  gulong frames_probe;
  GstRcastFollowPace pace;
  GstRcastFollowDebt debt;
  GstRcastFollowLack lack;
  gboolean paused;
  GstClockTime pause_told;      /* last report of the pause, or NONE */
  GstRcastThinner *thinner;     /* for streams that are not encoded here */
};

G_DEFINE_TYPE_WITH_CODE (GstRcastFollow, gst_rcast_follow, GST_TYPE_OBJECT,
    GST_DEBUG_CATEGORY_INIT (follow_debug, "rcastfollow", 0,
        "rcast: a stream follows what the network carries"));

/* --- the encoder --- */

/* Tells the encoder its bitrate from @now on. */
static void
obey (GstRcastFollow * self, GstClockTime now)
{
  guint64 ceiling = gst_rcast_encoding_get_ceiling (self->encoding);
  guint64 target = gst_rcast_follow_get_target (self);
  guint64 wanted = MIN (target, ceiling);

  gst_rcast_encoding_relax (self->encoding, now);
  if (wanted == 0 || !gst_rcast_follow_pace_due (&self->pace, wanted, now))
    return;
  GST_DEBUG_OBJECT (self, "encodes with %" G_GUINT64_FORMAT " bit/s", wanted);
  gst_rcast_encoding_set_target (self->encoding, target);
  gst_rcast_follow_pace_tell (&self->pace, wanted, now);
}

/* --- the picture --- */

static GstRcastFollowBudget
get_budget (GstRcastFollow * self)
{
  GstRcastEncoderSettings settings =
      gst_rcast_encoding_get_settings (self->encoding);
  guint64 ceiling = gst_rcast_encoding_get_ceiling (self->encoding);
  GstRcastFollowBudget budget = {
    .bits = MIN (gst_rcast_follow_get_target (self), ceiling),
    .ceiling = ceiling,
    .pixels = (guint64) settings.width * settings.height
        * gst_rcast_encoder_settings_get_fps (&settings),
  };

  /* A paused stream comes back with the same picture. */
  if (gst_rcast_encoding_may_reduce (self->encoding) && ceiling > 0)
    budget.most = gst_rcast_chain_can_scale (self->chain) ?
        GST_RCAST_FOLLOW_MOST_REDUCED : 1;
  return budget;
}

static void
apply_picture (GstRcastFollow * self)
{
  guint reduced = self->picture.reduced;
  guint nth = reduced > 0 ? 2 : 1;

  gst_rcast_encoding_set_nth (self->encoding, nth);
  gst_rcast_chain_set_picture (self->chain, 1 << MAX ((gint) reduced - 1, 0),
      nth);
}

/* Returns: whether to encode the frame of @now */
static gboolean
choose_picture (GstRcastFollow * self, GstClockTime now)
{
  GstRcastFollowBudget budget = get_budget (self);
  GstRcastFollowPicture picture = self->picture;
  gboolean other;

  if (budget.bits == 0 && budget.ceiling > 0)
    return FALSE;
  other = gst_rcast_follow_picture_step (&picture, &budget, now);
  GST_OBJECT_LOCK (self);
  self->picture = picture;
  GST_OBJECT_UNLOCK (self);
  if (other)
    apply_picture (self);
  return picture.reduced == 0 || self->n_frames++ % 2 == 0;
}

/* --- dropped frames --- */

static void
count_skipped (gpointer data)
{
  GstRcastFollow *self = data;

  GST_OBJECT_LOCK (self);
  self->n_skipped++;
  GST_OBJECT_UNLOCK (self);
}

/* Returns: whether it is time to report that the stream is paused */
static gboolean
tells_pause (GstRcastFollow * self, GstClockTime now)
{
  if (GST_CLOCK_TIME_IS_VALID (self->pause_told)
      && now < self->pause_told + PAUSE_TOLD_INTERVAL)
    return FALSE;
  self->pause_told = now;
  return TRUE;
}

/* @offered: bit/s that come in, of which the network carries @target */
static void
report (guint64 target, guint64 offered, gpointer data)
{
  GstRcastFollow *self = data;

  GST_INFO_OBJECT (self, "the network carries %" G_GUINT64_FORMAT " bit/s of %"
      G_GUINT64_FORMAT, target, offered);
  if (target == 0 && !tells_pause (self, gst_util_get_timestamp ()))
    return;
  self->callbacks.report (GST_RCAST_TROUBLE_THIN, MIN (target, G_MAXINT64),
      MIN (offered, G_MAXUINT), self->data);
}

/* Reports when the network begins to carry less than the minimum, and when that is over. */
static void
watch_lack (GstRcastFollow * self, guint64 target, GstClockTime now)
{
  GstRcastShareStream share = { 0, };

  gst_rcast_encoding_get_share (self->encoding, &share);
  if (self->media != GST_RCAST_MEDIA_VIDEO || !GST_CLOCK_TIME_IS_VALID (now)
      || !gst_rcast_follow_lack_step (&self->lack, target, share.min, now))
    return;
  GST_OBJECT_LOCK (self);
  self->degraded = self->lack.lacks;
  GST_OBJECT_UNLOCK (self);
  self->callbacks.report (self->lack.lacks ? GST_RCAST_TROUBLE_DEGRADED :
      GST_RCAST_TROUBLE_RESTORED, MIN (target, G_MAXINT64),
      MIN (share.min, G_MAXUINT), self->data);
}

static gboolean
leaves_out (GstRcastFollow * self)
{
  return self->media == GST_RCAST_MEDIA_VIDEO
      && gst_rcast_follow_debt_is_high (&self->debt);
}

/* Encoders differ in how well and how fast they follow. Their output is counted, and the next
 * frames are dropped before encoding if it is too much: encoded frames are never dropped. */
static GstPadProbeReturn
on_frame (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstRcastFollow *self = data;
  GstClockTime now = GST_BUFFER_PTS (GST_PAD_PROBE_INFO_BUFFER (info));
  guint64 target = gst_rcast_follow_get_target (self);

  obey (self, now);
  watch_lack (self, target, now);
  if (target == 0 && !self->paused && self->media == GST_RCAST_MEDIA_VIDEO)
    report (0, gst_rcast_encoding_get_ceiling (self->encoding), self);
  self->paused = target == 0;
  gst_rcast_follow_debt_set_rate (&self->debt, target);
  gst_rcast_follow_debt_pass (&self->debt, now);
  if (self->media == GST_RCAST_MEDIA_VIDEO && target > 0
      && !choose_picture (self, now))
    return GST_PAD_PROBE_DROP;
  if (!leaves_out (self))
    return GST_PAD_PROBE_OK;
  count_skipped (self);
  return GST_PAD_PROBE_DROP;
}

/* --- packets --- */

static void
count_packets (GstRcastFollow * self, GstPadProbeInfo * info)
{
  gst_rcast_follow_debt_add (&self->debt,
      info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST ?
      gst_buffer_list_calculate_size (GST_PAD_PROBE_INFO_BUFFER_LIST (info)) :
      gst_buffer_get_size (GST_PAD_PROBE_INFO_BUFFER (info)));
}

/* Returns: the time of the media, or NONE */
static GstClockTime
get_time (GstPadProbeInfo * info)
{
  GstBuffer *buffer = info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST ?
      gst_buffer_list_get (GST_PAD_PROBE_INFO_BUFFER_LIST (info), 0) :
      GST_PAD_PROBE_INFO_BUFFER (info);

  return buffer ? GST_BUFFER_PTS (buffer) : GST_CLOCK_TIME_NONE;
}

static void
on_event (GstRcastFollow * self, GstEvent * event)
{
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return;
  gst_event_parse_caps (event, &caps);
  gst_rcast_thinner_set_codec (self->thinner, gst_rcast_codec_from_caps (caps));
}

static GstPadProbeReturn
on_packets (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstRcastFollow *self = data;
  guint64 target;

  if (info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM) {
    on_event (self, GST_PAD_PROBE_INFO_EVENT (info));
    return GST_PAD_PROBE_OK;
  }
  if (self->frames)
    count_packets (self, info);
  if (self->frames || self->media != GST_RCAST_MEDIA_VIDEO)
    return GST_PAD_PROBE_OK;
  target = gst_rcast_follow_get_target (self);
  watch_lack (self, target, get_time (info));
  return gst_rcast_thinner_filter (self->thinner, info, target);
}

static void
on_ask (gpointer data)
{
  GstRcastFollow *self = data;

  self->callbacks.start (self->data);
}

static const GstRcastThinnerCallbacks thinner_callbacks = {
  .ask = on_ask,
  .skipped = count_skipped,
  .thin = report,
};

/* --- the stream --- */

GParamSpec *
gst_rcast_follow_make_spec (void)
{
  /**
   * GstRcastStream:target-bitrate:
   *
   * Bit/s that the network carries of this stream, as far as congestion control knows; 2⁶⁴-1: no
   * limit, 0: too little, the stream is paused. Encoders of rcastsink follow by themselves; an
   * encoder upstream should make no more than that. Changes of 5 % are notified, from any
   * thread.
   *
   * Since: 0.1
   */
  return g_param_spec_uint64 ("target-bitrate", "Target bitrate",
      "Bit/s that the network carries of this stream", 0, G_MAXUINT64,
      GST_RCAST_NO_TARGET, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

/* An element upstream may be the encoder. */
static void
tell (GstRcastFollow * self, guint64 bits, const gchar * reason)
{
  g_autoptr (GstPad) sink = gst_element_get_static_pad (self->stream, "sink");

  g_object_notify (G_OBJECT (self->stream), "target-bitrate");
  if (sink)
    gst_pad_push_event (sink, gst_event_new_custom (GST_EVENT_CUSTOM_UPSTREAM,
            gst_structure_new (GST_RCAST_MESSAGE_TARGET_BITRATE,
                "bitrate", G_TYPE_UINT64, bits,
                "reason", G_TYPE_STRING, reason, NULL)));
}

/* With the lock. Returns: the lowest wish, or one without a limit, because of @reason */
static Wish
find_least (GstRcastFollow * self, const gchar * reason)
{
  Wish least = { GST_RCAST_NO_TARGET, g_intern_string (reason) };
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->wishes);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((const Wish *) value)->bits < least.bits)
      least = *(const Wish *) value;
  return least;
}

/* With the lock */
static void
set_wish (GstRcastFollow * self, gconstpointer owner, guint64 bits,
    const gchar * reason)
{
  Wish wish = { bits, g_intern_string (reason) };

  if (bits == GST_RCAST_NO_TARGET)
    g_hash_table_remove (self->wishes, owner);
  else
    g_hash_table_insert (self->wishes, (gpointer) owner,
        g_memdup2 (&wish, sizeof wish));
}

/**
 * gst_rcast_follow_set_target:
 * @self: the follow of a stream
 * @owner: the sender whose network it is: several may send the stream, and the lowest target
 *   counts
 * @bits: payload of the stream that the network carries, in bit/s; %GST_RCAST_NO_TARGET: no
 *   limit, or @owner no longer sends it; 0: pauses the stream, as the network carries too little
 *   for it
 * @reason: why, for the reader
 *
 * Our own encoder is told between two frames. An encoder upstream is told at once, by a
 * notification of the stream and the event. Any thread.
 */
void
gst_rcast_follow_set_target (GstRcastFollow * self, gconstpointer owner,
    guint64 bits, const gchar * reason)
{
  gboolean news;
  Wish least;

  GST_LOG_OBJECT (self, "%" G_GUINT64_FORMAT " bit/s: %s", bits, reason);
  GST_OBJECT_LOCK (self);
  set_wish (self, owner, bits, reason);
  least = find_least (self, reason);
  self->target = least.bits;
  news = gst_rcast_follow_is_news (self->said, least.bits);
  if (news) {
    self->said = least.bits;
    self->reason = least.reason;
  }
  GST_OBJECT_UNLOCK (self);
  if (news)
    tell (self, least.bits, least.reason);
}

/* Returns: (nullable): the reason of the last notified target; any thread */
const gchar *
gst_rcast_follow_get_reason (GstRcastFollow * self)
{
  const gchar *reason;

  GST_OBJECT_LOCK (self);
  reason = self->reason;
  GST_OBJECT_UNLOCK (self);
  return reason;
}

/* Returns: the lowest target of all owners; any thread */
guint64
gst_rcast_follow_get_target (GstRcastFollow * self)
{
  guint64 target;

  GST_OBJECT_LOCK (self);
  target = self->target;
  GST_OBJECT_UNLOCK (self);
  return target;
}

/* @chain: takes raw frames; its encoder is about to start */
void
gst_rcast_follow_attach (GstRcastFollow * self, GstElement * chain)
{
  GstPad *frames = gst_rcast_chain_get_frames (chain);

  gst_rcast_follow_detach (self);
  self->chain = gst_object_ref (chain);
  self->frames = gst_object_ref (frames);
  if (self->picture.reduced > 0)
    apply_picture (self);
  gst_rcast_follow_pace_init (&self->pace);
  gst_rcast_follow_debt_init (&self->debt);
  self->frames_probe = gst_pad_add_probe (frames, GST_PAD_PROBE_TYPE_BUFFER,
      on_frame, gst_object_ref (self), gst_object_unref);
}

/* The chain, or the packets that came in, have ended. */
void
gst_rcast_follow_detach (GstRcastFollow * self)
{
  gst_rcast_thinner_reset (self->thinner);
  if (self->frames)
    gst_pad_remove_probe (self->frames, self->frames_probe);
  gst_clear_object (&self->frames);
  gst_clear_object (&self->chain);
}

/* Adds the stream's fields. Any thread */
void
gst_rcast_follow_add_stats (GstRcastFollow * self, GstStructure * stats)
{
  gboolean degraded;
  guint64 target, skipped;
  guint reduced;

  GST_OBJECT_LOCK (self);
  target = self->target;
  skipped = self->n_skipped;
  reduced = self->picture.reduced;
  degraded = self->degraded;
  GST_OBJECT_UNLOCK (self);
  gst_structure_set (stats, "target-bitrate", G_TYPE_UINT64, target,
      "degraded", G_TYPE_BOOLEAN, degraded,
      "frames-skipped", G_TYPE_UINT64, skipped,
      "picture-reduced", G_TYPE_UINT, reduced, NULL);
}

static void
gst_rcast_follow_dispose (GObject * object)
{
  GstRcastFollow *self = GST_RCAST_FOLLOW (object);

  gst_rcast_follow_detach (self);
  if (self->packets)
    gst_pad_remove_probe (self->packets, self->packets_probe);
  gst_clear_object (&self->packets);
  gst_clear_object (&self->encoding);
  G_OBJECT_CLASS (gst_rcast_follow_parent_class)->dispose (object);
}

static void
gst_rcast_follow_finalize (GObject * object)
{
  g_hash_table_unref (GST_RCAST_FOLLOW (object)->wishes);
  gst_rcast_thinner_free (GST_RCAST_FOLLOW (object)->thinner);
  G_OBJECT_CLASS (gst_rcast_follow_parent_class)->finalize (object);
}

static void
gst_rcast_follow_class_init (GstRcastFollowClass * klass)
{
  G_OBJECT_CLASS (klass)->dispose = gst_rcast_follow_dispose;
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_follow_finalize;
}

static void
gst_rcast_follow_init (GstRcastFollow * self)
{
  self->wishes = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->target = self->said = GST_RCAST_NO_TARGET;
  self->pause_told = GST_CLOCK_TIME_NONE;
  gst_rcast_follow_pace_init (&self->pace);
  gst_rcast_follow_lack_init (&self->lack);
  gst_rcast_follow_picture_init (&self->picture);
  self->thinner = gst_rcast_thinner_new (&thinner_callbacks, self);
}

/* @stream: has the property that gst_rcast_follow_make_spec() returns
 * @packets: the sink pad of its packets
 * Returns: (transfer full): must outlive the states of the stream above READY */
GstRcastFollow *
gst_rcast_follow_new (GstElement * stream, GstRcastMedia media,
    GstRcastEncoding * encoding, GstPad * packets,
    const GstRcastFollowCallbacks * callbacks, gpointer data)
{
  GstRcastFollow *self = g_object_new (GST_TYPE_RCAST_FOLLOW, "name",
      GST_OBJECT_NAME (stream), NULL);

  self->stream = stream;
  self->media = media;
  self->callbacks = *callbacks;
  self->data = data;
  self->encoding = gst_object_ref (encoding);
  self->packets = gst_object_ref (packets);
  self->packets_probe = gst_pad_add_probe (packets, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      on_packets, self, NULL);
  return gst_object_ref_sink (self);
}
