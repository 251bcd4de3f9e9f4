/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Divides what the paths of a webrtcbin carry among its streams. */
#include "config.h"

#include "gstrcastallot.h"

#include "gstrcastline.h"
#include "rcast-coarse.h"
#include "rcast-loop.h"
#include "rcast-share.h"

GST_DEBUG_CATEGORY_STATIC (rcast_allot_debug);
#define GST_CAT_DEFAULT rcast_allot_debug

#define TICK_MS 100
/* Interval of the padding while a path is probed. */
#define PAD_MS 5
/* Loss fades within this time. Encoders are told the loss in percent, in steps, and never
 * more than they could make up for. */
#define LOSS_TIME (5 * GST_SECOND)
#define LOSS_STEP 2
#define LOSS_MAX 30
/* The rate of a stream is averaged over this time. */
#define SEEN_WINDOW GST_SECOND
/* If all streams are paused for so long, a paused one is tried again. Nothing else would
 * ever show that the paths carry more. */
#define PAUSE_MAX (5 * GST_SECOND)
/* A paused stream resumes at its minimum times this: the margin that gst_rcast_share()
 * asks for, and packet overhead */
#define TRIAL_MARGIN 1.4
/* Size of packets on the wire, relative to their payload */
#define WIRE 1.05
/* Pacing rate relative to the target, where no feedback shows how fast packets arrive. */
#define COARSE_PACING 2
/* A server that has agreed to give feedback, but sends none for so long, is taken to give
 * none. */
#define FEEDBACK_PATIENCE (3 * GST_SECOND)

/* What is known of a line */
typedef struct
{
  guint64 bytes;                /* sent until the last look */
  gdouble seen;                 /* bit/s */
  guint64 told;                 /* the last target */
  gboolean is_told;             /* by this allot */
} Claim;

/* Belongs to the loop's thread. */
struct _GstRcastAllot
{
  GstRcastRates *rates;
  GPtrArray *lines;             /* of GstRcastLine */
  GstRcastAllotSettings settings;       /* constant */

  GSource *tick;
  GSource *pad;                 /* while a path is probed */
  GArray *claims;               /* of Claim, as @lines */
  GstRcastCoarse coarse;        /* for servers that give no feedback */
  gdouble loss;                 /* percent */
  guint loss_told;
  GstClockTime looked;          /* time of the last look; NONE: not yet */
  GstClockTime unheard;         /* since when there is no feedback, or NONE */
  GstClockTime paused;          /* since when all streams are paused, or NONE */
};

static void
init_debug (void)
{
  static gsize once = 0;

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_allot_debug, "rcastallot", 0,
        "gst-rcast: what each stream may take of what the paths carry");
    g_once_init_leave (&once, 1);
  }
}

static GstRcastLine *
get_line (GstRcastAllot * self, guint i)
{
  return g_ptr_array_index (self->lines, i);
}

static Claim *
get_claim (GstRcastAllot * self, guint i)
{
  return &g_array_index (self->claims, Claim, i);
}

/* Returns: the time since the last look */
static GstClockTime
see (GstRcastAllot * self, GstClockTime now)
{
  GstClockTime passed = GST_CLOCK_TIME_IS_VALID (self->looked) ?
      now - self->looked : 0;

  for (guint i = 0; i < self->lines->len; i++) {
    Claim *claim = get_claim (self, i);
    guint64 bytes = gst_rcast_line_get_bytes_sent (get_line (self, i));

    if (passed > 0)
      claim->seen += (8.0 * (bytes - claim->bytes) * GST_SECOND / passed
          - claim->seen) * MIN (passed, SEEN_WINDOW) / SEEN_WINDOW;
    claim->bytes = bytes;
  }
  self->looked = now;
  return passed;
}

/* Returns: whether the server has agreed to give feedback */
static gboolean
expects_feedback (GstRcastAllot * self)
{
  for (guint i = 0; i < self->lines->len; i++)
    if (gst_rcast_line_has_feedback (get_line (self, i)))
      return TRUE;
  return FALSE;
}

/* Returns: whether the target of the rates means anything */
static gboolean
is_known (GstRcastAllot * self, const GstRcastRatesView * view,
    GstClockTime now)
{
  if (view->known || view->target == 0)
    self->unheard = GST_CLOCK_TIME_NONE;
  else if (!GST_CLOCK_TIME_IS_VALID (self->unheard))
    self->unheard = now;
  return expects_feedback (self) && (view->known
      || !GST_CLOCK_TIME_IS_VALID (self->unheard)
      || now - self->unheard < FEEDBACK_PATIENCE);
}

/* The server does not report which packets arrive, but perhaps how many are lost, or how
 * much it takes.
 * Returns: whether @view now says what may be sent */
static gboolean
heed_reports (GstRcastAllot * self, GstRcastRatesView * view, GstClockTime now)
{
  const GstRcastRateConfig *rate = &self->settings.rate;
  gboolean reports = gst_rcast_coarse_is_known (&self->coarse, now);
  guint64 target = reports ? gst_rcast_coarse_get_target (&self->coarse) :
      rate->max;

  if (!reports && !view->limited && view->ceiling == G_MAXUINT64)
    return FALSE;
  target = MIN (target, view->ceiling);
  view->target = MIN (target, MAX (view->limit, rate->min));
  view->pacing = view->target < rate->max ? COARSE_PACING * view->target : 0;
  view->state = view->target < target || gst_rcast_coarse_get_loss
      (&self->coarse) == 0 ? GST_RCAST_RATE_RISE : GST_RCAST_RATE_LOSS;
  return TRUE;
}

static const gchar *
get_reason (guint64 target, GstRcastRateState state)
{
  if (target == GST_RCAST_SHARE_ALL)
    return "the paths carry it";
  if (target == 0)
    return "the paths carry less than its minimum";
  switch (state) {
    case GST_RCAST_RATE_START:
      return "it is not known yet what the paths carry";
    case GST_RCAST_RATE_RISE:
    case GST_RCAST_RATE_HOLD:
      return "the paths are not known to carry more";
    case GST_RCAST_RATE_DRAIN:
      return "packets queue up on the path";
    case GST_RCAST_RATE_LOSS:
      return "packets are lost";
    case GST_RCAST_RATE_RIVAL:
      return "somebody else fills the path, too";
    case GST_RCAST_RATE_BLIND:
      return "the server is silent";
  }
  return "";
}

static void
tell (GstRcastAllot * self, guint i, guint64 target, GstRcastRateState state)
{
  Claim *claim = get_claim (self, i);
  const gchar *reason = get_reason (target, state);

  if (claim->is_told && claim->told == target)
    return;
  GST_LOG ("%s: %" G_GINT64_FORMAT " bit/s, %s",
      gst_rcast_line_get_name (get_line (self, i)), (gint64) target, reason);
  claim->told = target;
  claim->is_told = TRUE;
  gst_rcast_line_set_target (get_line (self, i), target, reason);
}

static void
pace (GstRcastAllot * self, guint64 rate, gsize burst)
{
  gst_rcast_pacing_set_rate (gst_rcast_rates_get_pacing (self->rates), rate,
      burst);
}

/* Lifts all limits. What is not measured is not paced. */
static void
tell_all (GstRcastAllot * self)
{
  pace (self, 0, 0);
  for (guint i = 0; i < self->lines->len; i++)
    tell (self, i, GST_RCAST_SHARE_ALL, GST_RCAST_RATE_START);
}

/* A stream that gets all that it can use has no limit, unless the user has set one. */
static guint64
get_target (const GstRcastShareStream * stream, gboolean bounded)
{
  return stream->target >= stream->max && !bounded ? GST_RCAST_SHARE_ALL :
      stream->target;
}

/* Without BUNDLE the server may limit some streams only.
 * Returns: whether its limit is lower than what the stream can use */
static gboolean
limit_stream (GstRcastAllot * self, guint i, GstRcastShareStream * stream)
{
  guint64 limit = gst_rcast_rates_get_limit (self->rates,
      gst_rcast_line_get_ssrc (get_line (self, i)));

  if (limit == G_MAXUINT64)
    return FALSE;
  limit = MAX (limit, self->settings.rate.min) / WIRE;
  if (limit >= stream->max)
    return FALSE;
  stream->max = limit;
  return TRUE;
}

/* Divides the target. It only counts streams that the server gives feedback about: some
 * servers give none about audio. @all: the reports are about all streams */
static void
share (GstRcastAllot * self, const GstRcastRatesView * view, gboolean all)
{
  guint n = self->lines->len;
  g_autofree GstRcastShareStream *streams = g_new0 (GstRcastShareStream, n);
  g_autofree gboolean *bounded = g_new0 (gboolean, n);
  gboolean more, follows = FALSE;

  for (guint i = 0; i < n; i++) {
    bounded[i] = gst_rcast_line_get_share (get_line (self, i), &streams[i]);
    bounded[i] |= limit_stream (self, i, &streams[i]);
    streams[i].follows |=
        self->settings.control == GST_RCAST_CONGESTION_CONTROL_ADAPT;
    follows |= streams[i].follows && !streams[i].audio;
    streams[i].seen = get_claim (self, i)->seen;
    if (!all && !gst_rcast_line_has_feedback (get_line (self, i)))
      streams[i] = (GstRcastShareStream) {
        .weight = 1,.max = GST_RCAST_SHARE_ALL
      };
    streams[i].target = get_claim (self, i)->is_told ?
        get_claim (self, i)->told : GST_RCAST_SHARE_ALL;
  }
  /* Pacing a source that never adapts would only delay its packets. */
  pace (self, follows ? view->pacing : 0, view->burst);
  more = gst_rcast_share (streams, n, view->target, view->repairs);
  for (guint i = 0; i < n; i++)
    tell (self, i, get_target (&streams[i], bounded[i]), view->state);
  gst_rcast_rates_set_eager (self->rates, more);
  gst_rcast_rates_set_useful (self->rates, all ? 0 :
      gst_rcast_share_get_most (streams, n));
  gst_rcast_coarse_set_eager (&self->coarse, all && more);
}

static gboolean
is_paused (GstRcastAllot * self, guint i)
{
  const Claim *claim = get_claim (self, i);

  return claim->is_told && claim->told == 0;
}

static gboolean
is_any_paused (GstRcastAllot * self)
{
  for (guint i = 0; i < self->lines->len; i++)
    if (is_paused (self, i))
      return TRUE;
  return FALSE;
}

/* Returns: bit/s at which any of the paused streams can resume */
static guint64
get_trial (GstRcastAllot * self)
{
  guint64 trial = self->settings.rate.start;

  for (guint i = 0; i < self->lines->len; i++) {
    GstRcastShareStream stream = { 0, };

    if (!is_paused (self, i))
      continue;
    gst_rcast_line_get_share (get_line (self, i), &stream);
    trial = MAX (trial, TRIAL_MARGIN * MIN (stream.min, stream.max));
  }
  return trial;
}

/* No stream with feedback sends anything: there is none, or all are paused. */
static void
handle_idle (GstRcastAllot * self, GstRcastRatesView * view, GstClockTime now)
{
  if (!is_any_paused (self))
    self->paused = GST_CLOCK_TIME_NONE;
  else if (!GST_CLOCK_TIME_IS_VALID (self->paused))
    self->paused = now;
  else if (now - self->paused >= PAUSE_MAX) {
    self->paused = GST_CLOCK_TIME_NONE;
    view->target = get_trial (self);
    gst_rcast_rates_try (self->rates, view->target, now);
    share (self, view, FALSE);
  }
}

/* Tells the audio encoders the loss, so that they add redundancy for it.
 * @passed: time since the last call */
static void
tell_loss (GstRcastAllot * self, gdouble loss, GstClockTime passed)
{
  gdouble faded = (gdouble) MIN (passed, LOSS_TIME) / LOSS_TIME;
  guint percent;

  self->loss = MAX (100 * loss, self->loss * (1 - faded));
  percent = MIN (self->loss + 0.5, LOSS_MAX);
  if (ABS ((gint) percent - (gint) self->loss_told) < LOSS_STEP && percent > 0)
    return;
  if (percent == self->loss_told)
    return;
  self->loss_told = percent;
  for (guint i = 0; i < self->lines->len; i++)
    gst_rcast_line_set_loss (get_line (self, i), percent);
}

/* Returns: share of the packets that are lost, by feedback, or else by reports */
static gdouble
get_loss (GstRcastAllot * self, const GstRcastRatesView * view,
    GstClockTime now)
{
  return !view->known && gst_rcast_coarse_is_known (&self->coarse, now) ?
      gst_rcast_coarse_get_loss (&self->coarse) : view->loss;
}

static gboolean
on_pad (gpointer data)
{
  GstRcastAllot *self = data;

  if (gst_rcast_rates_pad (self->rates, gst_util_get_timestamp ()))
    return G_SOURCE_CONTINUE;
  gst_rcast_source_clear (&self->pad);
  return G_SOURCE_REMOVE;
}

static gboolean
on_tick (gpointer data)
{
  GstRcastAllot *self = data;
  GstClockTime now = gst_util_get_timestamp ();
  GstRcastRatesView view;
  GstClockTime passed;
  gboolean known;

  gst_rcast_rates_tick (self->rates, &view, now);
  if (view.padding && !self->pad)
    self->pad = gst_rcast_timer_start (PAD_MS, on_pad, self);
  passed = see (self, now);
  tell_loss (self, get_loss (self, &view, now), passed);
  if (self->settings.control == GST_RCAST_CONGESTION_CONTROL_MEASURE)
    return G_SOURCE_CONTINUE;
  known = is_known (self, &view, now);
  if (known && view.target == 0)
    handle_idle (self, &view, now);
  else if (known || heed_reports (self, &view, now)) {
    self->paused = GST_CLOCK_TIME_NONE;
    share (self, &view, !known);
  } else
    tell_all (self);
  return G_SOURCE_CONTINUE;
}

static guint64
get_seen (GstRcastAllot * self)
{
  gdouble seen = 0;

  for (guint i = 0; i < self->claims->len; i++)
    seen += get_claim (self, i)->seen;
  return WIRE * seen;
}

/**
 * gst_rcast_allot_report:
 * @self: the allot
 * @expected: packets that the server should have received since its last report
 * @lost: how many of them it did not receive
 * @round_trip: round-trip time; 0: not known
 *
 * Takes in the server's report about all lines.
 */
void
gst_rcast_allot_report (GstRcastAllot * self, guint expected, guint lost,
    GstClockTime round_trip)
{
  GstRcastCoarseReport report = { expected, lost,
    gst_rcast_rates_take_answer (self->rates) ? round_trip : 0, get_seen (self)
  };

  gst_rcast_coarse_report (&self->coarse, &report, gst_util_get_timestamp ());
}

/* Returns: bit/s on the wire that the user wants all lines together to send at least */
guint64
gst_rcast_allot_get_least (GstRcastAllot * self)
{
  guint n = MIN (self->lines->len, self->claims->len);
  g_autofree GstRcastShareStream *streams = g_new0 (GstRcastShareStream, n);

  for (guint i = 0; i < n; i++) {
    gst_rcast_line_get_share (get_line (self, i), &streams[i]);
    streams[i].seen = get_claim (self, i)->seen;
  }
  return MAX (gst_rcast_share_get_least (streams, n), self->settings.rate.min);
}

/* Tells the streams at once that much less may be sent. */
void
gst_rcast_allot_hurry (GstRcastAllot * self)
{
  if (self->tick)
    on_tick (self);
}

/* Call this once the answer is applied. Twice is fine. A connection that only receives
 * has nothing to divide. */
void
gst_rcast_allot_start (GstRcastAllot * self)
{
  if (self->tick || self->lines->len == 0
      || self->settings.control == GST_RCAST_CONGESTION_CONTROL_NONE)
    return;
  g_array_set_size (self->claims, self->lines->len);
  self->tick = gst_rcast_timer_start (TICK_MS, on_tick, self);
}

/* Twice is fine. */
void
gst_rcast_allot_stop (GstRcastAllot * self)
{
  gst_rcast_source_clear (&self->tick);
  gst_rcast_source_clear (&self->pad);
  pace (self, 0, 0);
}

/**
 * gst_rcast_allot_new:
 * @rates: what the paths carry
 * @lines: (element-type GstRcastLine): the lines that share it
 * @settings: the user's settings
 *
 * Use it on the loop's thread only.
 */
GstRcastAllot *
gst_rcast_allot_new (GstRcastRates * rates, GPtrArray * lines,
    const GstRcastAllotSettings * settings)
{
  GstRcastAllot *self = g_new0 (GstRcastAllot, 1);

  init_debug ();
  self->rates = gst_object_ref (rates);
  self->lines = g_ptr_array_ref (lines);
  self->settings = *settings;
  /* The rates hold references to these. */
  self->settings.capacities = NULL;
  self->settings.allowances = NULL;
  self->claims = g_array_new (FALSE, TRUE, sizeof (Claim));
  gst_rcast_coarse_init (&self->coarse, &settings->rate);
  self->looked = self->unheard = self->paused = GST_CLOCK_TIME_NONE;
  return self;
}

/* Stop it first. */
void
gst_rcast_allot_free (GstRcastAllot * self)
{
  gst_object_unref (self->rates);
  g_ptr_array_unref (self->lines);
  g_array_unref (self->claims);
  g_free (self);
}
