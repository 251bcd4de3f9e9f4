/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much the paths of one webrtcbin carry, by what leaves and by the server's feedback
 * about it. */
#include "config.h"

#include "gstrcastrates.h"

#include "gstrcastice.h"
#include "gstrcastpaths.h"
#include "gstrcastprober.h"
#include "rcast-elapsed.h"
#include "rcast-labels.h"
#include "rcast-rtp.h"

GST_DEBUG_CATEGORY_STATIC (rcast_rates_debug);
#define GST_CAT_DEFAULT rcast_rates_debug

/* RFC 791 3.1, RFC 768: size of the headers below RTP */
#define IP_UDP_SIZE (20 + 8)

/* The ICE agent sends on no more paths. */
#define CARRIERS_MAX 8

/* A limit of the server (REMB) holds for so long. Servers repeat it every few seconds. */
#define LIMIT_MAX_AGE (30 * GST_SECOND)
/* The rate of retransmissions is averaged over this time. */
#define REPAIRS_WINDOW GST_SECOND
/* A target below this part of the last one is passed on at once. */
#define FELL 0.9
/* Share of the target that is reserved for packets that leave twice, until their rate is
 * known. */
#define DOUBLES_SHARE 8

/* An RTP session of webrtcbin, with transport-wide numbers of its own, or with labels */
typedef struct
{
  guint id;
  GstRcastFeedback feedback;
  GstRcastLabels *labels;       /* NULL: the server has not agreed to RFC 8888 */
  GstRcastPaths *paths;
  guint64 limit;                /* from REMB, G_MAXUINT64: none */
  GstClockTime limited;         /* when the REMB came */
  const gchar *carriers[CARRIERS_MAX];  /* uplinks that it was sent on lately; interned */
  guint n_carriers;
  gboolean ticked;              /* @carriers are from before the last tick */
  guint32 sender_report;        /* time of the newest one that was reported about, 0: none */
  GstRcastProber *prober;
} Session;

/* A stream, and the session that carries it */
typedef struct
{
  guint32 ssrc;
  guint session;
  gboolean named;               /* the server reports about it as in RFC 8888 */
  gboolean padded;              /* its old packets may leave as padding */
} Media;

struct _GstRcastRates
{
  GstObject parent;

  GstRcastRateConfig config;    /* constant */
  GstRcastPacing *pacing;       /* constant */
  GstRcastCapacities *capacities;       /* constant; NULL: nothing is kept */
  GstRcastAllowances *allowances;       /* set before anything is sent; NULL: no limits */
  GstRcastRepairFilter *filter; /* set before anything is sent; may be NULL */
  gboolean measure;             /* set before anything is sent; whether to note what leaves */

  /* OBJECT_LOCK */
  GArray *sessions;             /* of Session */
  GArray *media;                /* of Media: all other SSRCs are retransmissions */
  gboolean answered;            /* the server reported about a new sender report */
  guint64 useful;               /* bit/s on the wire that all streams can use */
  gdouble repairs;              /* bits; fade with REPAIRS_WINDOW */
  guint64 told;                 /* bit/s: the target of the last tick */
  GstClockTime faded;
};

G_DEFINE_TYPE (GstRcastRates, gst_rcast_rates, GST_TYPE_OBJECT);

static void
session_clear (gpointer data)
{
  Session *session = data;

  g_clear_pointer (&session->paths, gst_rcast_paths_free);
  g_clear_pointer (&session->labels, gst_rcast_labels_free);
  g_clear_pointer (&session->prober, gst_rcast_prober_free);
}

/* From here on: with the lock */

static Session *
get_nth (GstRcastRates * self, guint i)
{
  return &g_array_index (self->sessions, Session, i);
}

static Session *
get_session (GstRcastRates * self, guint id)
{
  Session fresh = {.id = id,.limit = G_MAXUINT64 };

  for (guint i = 0; i < self->sessions->len; i++) {
    Session *session = get_nth (self, i);

    if (session->id == id)
      return session;
  }
  gst_rcast_feedback_init (&fresh.feedback);
  fresh.prober = gst_rcast_prober_new (id);
  fresh.paths = gst_rcast_paths_new (&self->config, self->capacities);
  gst_rcast_paths_set_allowances (fresh.paths, self->allowances);
  g_array_append_val (self->sessions, fresh);
  return get_nth (self, self->sessions->len - 1);
}

static void
fade_repairs (GstRcastRates * self, GstClockTime now)
{
  self->repairs -= self->repairs * MIN (gst_rcast_elapsed (self->faded, now),
      REPAIRS_WINDOW) / REPAIRS_WINDOW;
  self->faded = MAX (self->faded, now);
}

/* Returns: (nullable) */
static Media *
find_media (GstRcastRates * self, guint32 ssrc)
{
  for (guint i = 0; i < self->media->len; i++) {
    Media *media = &g_array_index (self->media, Media, i);

    if (media->ssrc == ssrc)
      return media;
  }
  return NULL;
}

/* RFC 5761 4: the payload types in between are RTCP */
static gboolean
is_rtp (const GOutputVector * packet, GstRcastRtpHeader * header)
{
  return gst_rcast_rtp_parse_header (packet->buffer, packet->size, header)
      && (header->payload_type < 64 || header->payload_type > 95);
}

/* The last carrier stays until another one is used. */
static void
note_carrier (Session * session, const gchar * interface)
{
  if (session->ticked)
    session->n_carriers = 0;
  session->ticked = FALSE;
  for (guint i = 0; i < session->n_carriers; i++)
    if (session->carriers[i] == interface)
      return;
  if (session->n_carriers < CARRIERS_MAX)
    session->carriers[session->n_carriers++] = interface;
}

/* Returns: bit/s: the lowest limit of the carriers, as packets may have left on each of them */
static guint64
get_ceiling (GstRcastRates * self, const Session * session)
{
  guint64 least = G_MAXUINT64;

  for (guint i = 0; i < session->n_carriers; i++)
    least = MIN (least, gst_rcast_allowances_get_rate (self->allowances,
            session->carriers[i]));
  return least;
}

/* Finds the number by which feedback names the packet.
 * @number: (out) (optional): of an RTP packet
 * Returns: whether it has one */
static gboolean
find_number (GstRcastRates * self, Session * session,
    const GOutputVector * packet, const GstRcastRtpHeader * header,
    guint16 * number)
{
  const Media *media;

  if (!session->labels)
    return gst_rcast_rtp_find_twcc (packet->buffer, packet->size,
        GST_RCAST_RTP_TWCC_ID, number);
  media = find_media (self, header->ssrc);
  if (media && !media->named)
    return FALSE;
  *number = gst_rcast_labels_take (session->labels, header->ssrc,
      header->sequence);
  return TRUE;
}

/* Returns: bytes, if the packet is a retransmission */
static gsize
note_packet (GstRcastRates * self, Session * session, const gchar * interface,
    gboolean trial, const GOutputVector * packet, GstClockTime now)
{
  gsize size = packet->size + IP_UDP_SIZE;
  GstRcastRtpHeader header;
  gboolean media, padding;
  guint16 number;

  if (!is_rtp (packet, &header))
    return 0;
  media = find_media (self, header.ssrc) != NULL;
  padding = !media && self->filter
      && gst_rcast_repair_filter_is_padding (self->filter, header.ssrc,
      header.sequence);
  if (find_number (self, session, packet, &header, &number)) {
    gst_rcast_paths_sent (session->paths, interface, number, size, trial, now);
    gst_rcast_prober_sent (session->prober, interface, number, size, padding,
        now);
  }
  return media || padding ? 0 : size;
}

static void
note_repairs_locked (GstRcastRates * self, gsize bytes, GstClockTime now)
{
  fade_repairs (self, now);
  self->repairs += 8 * bytes;
}

static gsize
note_packets (GstRcastRates * self, guint session_id, const gchar * interface,
    gboolean trial, const GOutputVector * packets, guint n_packets,
    GstClockTime now)
{
  Session *session = get_session (self, session_id);
  gsize repairs = 0;

  if (!trial)
    note_carrier (session, interface);
  for (guint i = 0; i < n_packets; i++)
    repairs += note_packet (self, session, interface, trial, &packets[i], now);
  if (repairs > 0)
    note_repairs_locked (self, repairs, now);
  return repairs;
}

/* Without the lock. Packets without a number are not spread over paths. @labelled:
 * packets have labels. Those of a stream without such reports are held needlessly. */
static void
hold_packets (GstRcastRates * self, const GOutputVector * packets,
    guint n_packets, gboolean labelled, GstClockTime until)
{
  GstRcastRtpHeader header;
  guint16 number;

  for (guint i = 0; i < n_packets; i++)
    if (is_rtp (&packets[i], &header) && (labelled
            || gst_rcast_rtp_find_twcc (packets[i].buffer, packets[i].size,
                GST_RCAST_RTP_TWCC_ID, &number)))
      gst_rcast_repair_filter_hold (self->filter, &packets[i], until);
}

/* Without the lock */
static void
count_packets (GstRcastRates * self, const gchar * interface,
    const GOutputVector * packets, guint n_packets)
{
  gsize bytes = n_packets * IP_UDP_SIZE;

  for (guint i = 0; i < n_packets; i++)
    bytes += packets[i].size;
  gst_rcast_allowances_sent (self->allowances, interface, bytes);
}

/* Called by the ICE agent, on the thread that sends */
static void
on_sent (guint session_id, const gchar * interface, gboolean trial,
    const GOutputVector * packets, guint n_packets, GObject * object)
{
  GstRcastRates *self = GST_RCAST_RATES (object);
  GstClockTime now = gst_util_get_timestamp (), hold = 0;
  const Session *session;
  gboolean labelled;
  gsize repairs;

  interface = g_intern_string (interface);
  if (self->filter)
    gst_rcast_repair_filter_keep (self->filter, session_id, interface, packets,
        n_packets);
  if (self->allowances)
    count_packets (self, interface, packets, n_packets);
  if (!self->measure)
    return;
  GST_OBJECT_LOCK (self);
  repairs = note_packets (self, session_id, interface, trial, packets,
      n_packets, now);
  session = get_session (self, session_id);
  hold = gst_rcast_paths_get_hold (session->paths, interface, now);
  labelled = session->labels != NULL;
  GST_OBJECT_UNLOCK (self);
  if (hold > 0 && self->filter)
    hold_packets (self, packets, n_packets, labelled, hold);
  /* The feeds charge for everything else. */
  if (repairs > 0)
    gst_rcast_pacing_charge (self->pacing, repairs);
}

/* Notes that so many bytes of media were resent as they were. */
void
gst_rcast_rates_note_repairs (GstRcastRates * self, gsize bytes)
{
  GST_OBJECT_LOCK (self);
  note_repairs_locked (self, bytes, gst_util_get_timestamp ());
  GST_OBJECT_UNLOCK (self);
  gst_rcast_pacing_charge (self->pacing, bytes);
}

/* Returns: GST_RCAST_PATHS_NO_CHOICE for a packet without a number, too, as no feedback
 * shows how it fares */
static guint
choose (GstRcastRates * self, guint session_id,
    const GstRcastPathsCarrier * carriers, guint n,
    const GOutputVector * packet, const GstRcastRtpHeader * header)
{
  Session *session = get_session (self, session_id);
  GstRcastPathsPacket about = { packet->size + IP_UDP_SIZE, header->marker };
  guint16 number;

  return find_number (self, session, packet, header, &number) ?
      gst_rcast_paths_choose (session->paths, carriers, n, &about,
      gst_util_get_timestamp ()) : GST_RCAST_PATHS_NO_CHOICE;
}

/* Called by the ICE agent, on the thread that sends */
static guint
on_choose (guint session_id, const GstRcastIceCarrier * carriers,
    guint n_carriers, const GOutputVector * packet, GObject * object)
{
  GstRcastRates *self = GST_RCAST_RATES (object);
  GstRcastPathsCarrier about_each[CARRIERS_MAX];
  guint n = MIN (n_carriers, CARRIERS_MAX), chosen;
  GstRcastRtpHeader header;

  if (!is_rtp (packet, &header))
    return GST_RCAST_ICE_NO_CHOICE;
  for (guint i = 0; i < n; i++)
    about_each[i] = (GstRcastPathsCarrier) {
    carriers[i].interface, carriers[i].rank};
  GST_OBJECT_LOCK (self);
  chosen = choose (self, session_id, about_each, n, packet, &header);
  GST_OBJECT_UNLOCK (self);
  return chosen == GST_RCAST_PATHS_NO_CHOICE ? GST_RCAST_ICE_NO_CHOICE : chosen;
}

/* State while one RTCP packet is read */
typedef struct
{
  GstRcastRates *self;
  Session *session;
  GArray *spans;
  GstClockTime now;
} Reading;

static void
on_label (guint16 number, gboolean received, GstClockTime arrival,
    gpointer data)
{
  Reading *reading = data;
  Session *session = reading->session;

  if (received && !GST_CLOCK_TIME_IS_VALID (arrival))
    gst_rcast_paths_came (session->paths, number);
  else if (!gst_rcast_paths_arrival (session->paths, number, arrival,
          reading->now))
    arrival = GST_CLOCK_TIME_NONE;
  gst_rcast_prober_arrival (session->prober, number, arrival);
}

/* A session with labels has no transport-wide numbers. */
static void
on_arrival (guint16 number, GstClockTime arrival, gpointer data)
{
  const Reading *reading = data;

  if (!reading->session->labels)
    on_label (number, GST_CLOCK_TIME_IS_VALID (arrival), arrival, data);
}

static void
on_span (const GstRcastFeedbackSpan * span, gpointer data)
{
  Reading *reading = data;

  if (reading->session->labels)
    return;
  g_array_append_vals (reading->spans, span, 1);
  gst_rcast_paths_next_message (reading->session->paths);
}

static void
on_packet (guint32 ssrc, guint16 seqnum, gboolean received,
    GstClockTime arrival, gpointer data)
{
  Reading *reading = data;

  if (reading->session->labels)
    gst_rcast_labels_note (reading->session->labels, ssrc, seqnum, received,
        arrival);
}

static void
on_report (guint32 ssrc, guint fraction, gint32 lost, guint32 sender_report,
    gpointer data)
{
  Reading *reading = data;
  Session *session = reading->session;

  gst_rcast_paths_report (session->paths, ssrc, lost, reading->now);
  if (sender_report == 0 || (session->sender_report != 0
          && (gint32) (sender_report - session->sender_report) <= 0))
    return;
  session->sender_report = sender_report;
  reading->self->answered = TRUE;
}

static void
set_limit (GstRcastRates * self, Session * session, guint64 limit)
{
  GstRcastRateConfig config = self->config;

  session->limit = limit;
  config.max = CLAMP (limit, config.min, config.max);
  gst_rcast_paths_configure (session->paths, &config);
}

static void
on_limit (guint64 bitrate, gpointer data)
{
  Reading *reading = data;

  if (reading->session->limit != bitrate)
    GST_DEBUG_OBJECT (reading->self, "session %u: the server takes %"
        G_GUINT64_FORMAT " bit/s", reading->session->id, bitrate);
  set_limit (reading->self, reading->session, bitrate);
  reading->session->limited = reading->now;
}

static const GstRcastFeedbackCallbacks callbacks = {
  on_arrival, on_span, on_report, on_limit, on_packet
};

/* @lost: the numbers of lost packets are added, unless the session has labels */
static void
read_locked (GstRcastRates * self, guint session_id, const GstMapInfo * rtcp,
    GArray * spans, GArray * lost, GstClockTime now)
{
  Reading reading = { self, get_session (self, session_id), spans, now };
  GstRcastPaths *paths = reading.session->paths;
  GstRcastLabels *labels = reading.session->labels;
  GstRcastFeedbackSpan span;
  guint16 number;

  gst_rcast_paths_begin_report (paths);
  gst_rcast_feedback_read (&reading.session->feedback, rtcp->data, rtcp->size,
      &callbacks, &reading);
  if (labels && gst_rcast_labels_tell (labels, &span, on_label, &reading))
    g_array_append_vals (spans, &span, 1);
  gst_rcast_paths_end_report (paths, now);
  while (gst_rcast_paths_take_lost (paths, &number))
    if (!labels)
      g_array_append_val (lost, number);
}

/* @repairable: (out): bit/s of which retransmissions may take a part: none on a path with
 * a standing queue, as they would wait or be lost in it, too; %G_MAXUINT64: not known
 * Returns: bit/s that may be sent */
static guint64
find_target (GstRcastRates * self, guint64 * repairable, GstClockTime now)
{
  guint64 sum = 0;

  *repairable = 0;
  for (guint i = 0; i < self->sessions->len; i++) {
    gboolean full;
    guint64 target =
        gst_rcast_paths_get_target (get_nth (self, i)->paths, &full, now);

    sum += target;
    *repairable += full ? 0 : target;
  }
  if (sum == 0)
    *repairable = G_MAXUINT64;
  return sum;
}

/**
 * gst_rcast_rates_read:
 * @self: the rates
 * @session: webrtcbin's id of the session in which @rtcp came
 * @rtcp: an RTCP packet of the server
 * @spans: (element-type GstRcastFeedbackSpan): the spans of packets that its feedback
 *   covers are added here
 * @now: when it came
 *
 * Reads the server's feedback about the packets that were sent.
 *
 * Returns: whether the target has fallen so far below that of the last
 *   gst_rcast_rates_tick() that it should be called at once: until then the excess is
 *   lost
 */
gboolean
gst_rcast_rates_read (GstRcastRates * self, guint session, GstBuffer * rtcp,
    GArray * spans, GstClockTime now)
{
  g_autoptr (GArray) lost = g_array_new (FALSE, FALSE, sizeof (guint16));
  guint64 repairable;
  gboolean fell;
  GstMapInfo map;

  if (!gst_buffer_map (rtcp, &map, GST_MAP_READ))
    return FALSE;
  GST_OBJECT_LOCK (self);
  read_locked (self, session, &map, spans, lost, now);
  fell = find_target (self, &repairable, now) < FELL * self->told;
  GST_OBJECT_UNLOCK (self);
  gst_buffer_unmap (rtcp, &map);
  for (guint i = 0; self->filter && i < lost->len; i++)
    gst_rcast_repair_filter_release (self->filter, session,
        g_array_index (lost, guint16, i));
  if (self->filter)
    gst_rcast_repair_filter_set_rate (self->filter, repairable);
  return fell;
}

/* As gst_rcast_paths_find_room(), for @session_id */
guint64
gst_rcast_rates_find_room (GstRcastRates * self, guint session_id,
    guint64 needed, const gchar ** interface, GstClockTime now)
{
  Session *session;
  guint64 room;

  GST_OBJECT_LOCK (self);
  session = get_session (self, session_id);
  /* With padding the path would look full. */
  room = gst_rcast_prober_is_recent (session->prober, now) ? 0 :
      gst_rcast_paths_find_room (session->paths, needed, interface, now);
  GST_OBJECT_UNLOCK (self);
  return room;
}

/* Starts again after an outage, with half of what the paths carried as a first guess. */
void
gst_rcast_rates_begin_again (GstRcastRates * self, GstClockTime now)
{
  GST_OBJECT_LOCK (self);
  for (guint i = 0; i < self->sessions->len; i++) {
    gst_rcast_paths_restart (get_nth (self, i)->paths, now);
    gst_rcast_prober_restart (get_nth (self, i)->prober, now);
  }
  GST_OBJECT_UNLOCK (self);
}

/* As gst_rcast_rate_try(), for all paths */
void
gst_rcast_rates_try (GstRcastRates * self, guint64 target, GstClockTime now)
{
  GST_OBJECT_LOCK (self);
  for (guint i = 0; i < self->sessions->len; i++) {
    gst_rcast_paths_try (get_nth (self, i)->paths, target, now);
    gst_rcast_prober_restart (get_nth (self, i)->prober, now);
  }
  GST_OBJECT_UNLOCK (self);
}

static gboolean
is_any_probing (GstRcastRates * self)
{
  for (guint i = 0; i < self->sessions->len; i++)
    if (gst_rcast_prober_is_on (get_nth (self, i)->prober))
      return TRUE;
  return FALSE;
}

/* Returns: whether padding could be sent in @session */
static gboolean
is_padded (GstRcastRates * self, const Session * session)
{
  for (guint i = 0; i < self->media->len; i++) {
    const Media *media = &g_array_index (self->media, Media, i);

    if (media->padded && media->session == session->id)
      return TRUE;
  }
  return FALSE;
}

/* Probes one session at a time, as they may share the path. Returns: whether padding has to
 * leave */
static gboolean
probe (GstRcastRates * self, gboolean possible, GstClockTime now)
{
  for (guint i = 0; i < self->sessions->len; i++) {
    Session *session = get_nth (self, i);
    GstRcastProberLeave leave = {
      possible && is_padded (self, session)
          && (gst_rcast_prober_is_on (session->prober)
          || !is_any_probing (self)), self->useful, self->told
    };
    guint64 shown =
        gst_rcast_prober_heed (session->prober, session->paths, &leave, now);

    if (shown > 0)
      GST_DEBUG_OBJECT (self, "session %u: a probe shows %" G_GUINT64_FORMAT
          " bit/s", session->id, shown);
  }
  return is_any_probing (self);
}

/* Sends the padding of a probe. To be called every few milliseconds during one, on the
 * thread of gst_rcast_rates_tick(). Returns: whether the probe goes on */
gboolean
gst_rcast_rates_pad (GstRcastRates * self, GstClockTime now)
{
  gboolean goes_on = FALSE;

  GST_OBJECT_LOCK (self);
  for (guint i = 0; i < self->sessions->len; i++)
    goes_on |= gst_rcast_prober_pad (get_nth (self, i)->prober, self->filter,
        GST_OBJECT_GET_LOCK (self), now);
  GST_OBJECT_UNLOCK (self);
  return goes_on;
}

static void
tick_session (GstRcastRates * self, Session * session,
    GstRcastRatesView * view, GstRcastDoublesView * doubles, GstClockTime now)
{
  GstRcastPathsView paths;

  if (session->limit != G_MAXUINT64 && now > session->limited + LIMIT_MAX_AGE)
    set_limit (self, session, G_MAXUINT64);
  view->limited |= session->limit != G_MAXUINT64;
  view->limit = MAX (session->limit, view->limit) == G_MAXUINT64 ?
      G_MAXUINT64 : view->limit + session->limit;
  if (self->allowances) {
    guint64 rate = get_ceiling (self, session);

    session->ticked = TRUE;
    view->ceiling = rate > G_MAXUINT64 - view->ceiling ? G_MAXUINT64 :
        view->ceiling + rate;
  }
  gst_rcast_paths_tick (session->paths, &paths, now);
  view->known |= paths.known;
  view->loss = MAX (view->loss, paths.loss);
  if (paths.target == 0)
    return;
  view->target += paths.target;
  view->pacing += paths.pacing;
  view->burst = MIN (view->burst, paths.burst);
  view->state = paths.state;
  paths.doubles.spare &= paths.known;
  gst_rcast_doubles_view_join (doubles, &paths.doubles);
}

/**
 * gst_rcast_rates_tick:
 * @self: the rates
 * @view: (out): the rates
 * @now: the time
 *
 * To be called ten times a second. Sessions add up: without BUNDLE each stream has one.
 */
void
gst_rcast_rates_tick (GstRcastRates * self, GstRcastRatesView * view,
    GstClockTime now)
{
  GstRcastDoublesView doubles = {.spare = TRUE };
  gboolean spare = TRUE;

  GST_OBJECT_LOCK (self);
  *view = (GstRcastRatesView) {
    .burst = G_MAXSIZE,
    .state = GST_RCAST_RATE_START,
    .limit = self->sessions->len > 0 ? 0 : G_MAXUINT64,
    .ceiling = self->sessions->len > 0 && self->allowances ? 0 : G_MAXUINT64,
  };
  for (guint i = 0; i < self->sessions->len; i++)
    tick_session (self, get_nth (self, i), view, &doubles, now);
  if (view->pacing == 0)
    view->burst = 0;
  fade_repairs (self, now);
  view->repairs = self->repairs * GST_SECOND / REPAIRS_WINDOW;
  self->told = view->target;
  GST_OBJECT_UNLOCK (self);
  if (self->filter && gst_rcast_repair_filter_heed (self->filter, &doubles,
          now)) {
    view->repairs = MAX (view->repairs, view->target / DOUBLES_SHARE);
    spare = FALSE;
  }
  GST_OBJECT_LOCK (self);
  view->padding = probe (self, self->filter && spare, now);
  GST_OBJECT_UNLOCK (self);
}

/* Returns: whether the server has reported about a new sender report since the last call:
 * only then is a round-trip time news */
gboolean
gst_rcast_rates_take_answer (GstRcastRates * self)
{
  gboolean answered;

  GST_OBJECT_LOCK (self);
  answered = self->answered;
  self->answered = FALSE;
  GST_OBJECT_UNLOCK (self);
  return answered;
}

/* Returns: (transfer none): the pacer of the packets on these paths */
GstRcastPacing *
gst_rcast_rates_get_pacing (GstRcastRates * self)
{
  return self->pacing;
}

/* As gst_rcast_rate_set_eager(), for all paths */
void
gst_rcast_rates_set_eager (GstRcastRates * self, gboolean eager)
{
  GST_OBJECT_LOCK (self);
  for (guint i = 0; i < self->sessions->len; i++)
    gst_rcast_paths_set_eager (get_nth (self, i)->paths, eager);
  GST_OBJECT_UNLOCK (self);
}

/* @useful: bit/s on the wire that all streams can use; probes do not go beyond that */
void
gst_rcast_rates_set_useful (GstRcastRates * self, guint64 useful)
{
  GST_OBJECT_LOCK (self);
  self->useful = useful;
  GST_OBJECT_UNLOCK (self);
}

/* Adds a list `rates` with a structure for each path, and the bytes of padding. Any thread */
void
gst_rcast_rates_add_stats (GstRcastRates * self, GstStructure * stats)
{
  GstClockTime now = gst_util_get_timestamp ();
  GValue list = G_VALUE_INIT;
  guint64 padding = 0;

  g_value_init (&list, GST_TYPE_LIST);
  GST_OBJECT_LOCK (self);
  for (guint i = 0; i < self->sessions->len; i++) {
    const Session *session = get_nth (self, i);

    gst_rcast_paths_add_stats (session->paths, session->id, &list, now);
    padding += gst_rcast_prober_get_padding (session->prober);
  }
  GST_OBJECT_UNLOCK (self);
  gst_structure_take_value (stats, "rates", &list);
  gst_structure_set (stats, "padding", G_TYPE_UINT64, padding, NULL);
}

/* Call this before anything is sent. @allowances: (nullable): the user's limits of the
 * uplinks */
void
gst_rcast_rates_set_allowances (GstRcastRates * self,
    GstRcastAllowances * allowances)
{
  self->allowances = allowances ? gst_rcast_allowances_ref (allowances) : NULL;
}

/* Call this before anything is sent with @ice.
 * @repairs: (nullable): keeps packets that leave, and is told which of them others may
 *   overtake
 * @measure: whether to measure the rates */
void
gst_rcast_rates_watch (GstRcastRates * self, GstWebRTCICE * ice,
    GstRcastRepairFilter * repairs, gboolean measure)
{
  self->filter = repairs ? gst_object_ref (repairs) : NULL;
  self->measure = measure;
  gst_rcast_ice_set_sent_func (ice, on_sent, G_OBJECT (self));
  if (measure)
    gst_rcast_ice_set_choose_func (ice, on_choose, G_OBJECT (self));
}

/* @ssrc: SSRC of a stream
 * @session: webrtcbin's id of the session that carries it
 *
 * Call it again when the stream has moved to another session. */
void
gst_rcast_rates_add_media (GstRcastRates * self, guint32 ssrc, guint session)
{
  Media fresh = { ssrc, session }, *media;

  GST_OBJECT_LOCK (self);
  media = find_media (self, ssrc);
  if (media)
    media->session = session;
  else
    g_array_append_val (self->media, fresh);
  GST_OBJECT_UNLOCK (self);
}

/* @ssrc: SSRC of a stream that was added
 *
 * The server has agreed to report by RTP sequence numbers which packets of the stream
 * arrive, and its session has no transport-wide numbers. Call this before anything is
 * sent. Twice is fine. */
void
gst_rcast_rates_name_media (GstRcastRates * self, guint32 ssrc)
{
  Session *session;
  Media *media;

  GST_OBJECT_LOCK (self);
  media = find_media (self, ssrc);
  session = get_session (self, media->session);
  media->named = TRUE;
  if (!session->labels)
    session->labels = gst_rcast_labels_new ();
  GST_OBJECT_UNLOCK (self);
}

/* @ssrc: SSRC of a stream that was added, whose old packets may leave as padding. Twice is
 * fine. */
void
gst_rcast_rates_pad_media (GstRcastRates * self, guint32 ssrc)
{
  GST_OBJECT_LOCK (self);
  find_media (self, ssrc)->padded = TRUE;
  GST_OBJECT_UNLOCK (self);
}

/* @ssrc: SSRC of a stream
 * Returns: the server's limit of the session that carries the stream, in bit/s on the
 *   wire, G_MAXUINT64: none */
guint64
gst_rcast_rates_get_limit (GstRcastRates * self, guint32 ssrc)
{
  guint64 limit = G_MAXUINT64;
  const Media *media;

  GST_OBJECT_LOCK (self);
  media = find_media (self, ssrc);
  for (guint i = 0; media && i < self->sessions->len; i++) {
    const Session *session = get_nth (self, i);

    if (session->id == media->session)
      limit = session->limit;
  }
  GST_OBJECT_UNLOCK (self);
  return limit;
}

/* @capacities: (nullable): what the uplinks carried before
 * Returns: (transfer full): the rates of a webrtcbin, without a reference to it */
GstRcastRates *
gst_rcast_rates_new (const gchar * name, const GstRcastRateConfig * config,
    GstRcastCapacities * capacities)
{
  GstRcastRates *self = g_object_new (GST_TYPE_RCAST_RATES, "name", name, NULL);

  self->config = *config;
  if (capacities)
    self->capacities = gst_rcast_capacities_ref (capacities);
  return gst_object_ref_sink (self);
}

static void
gst_rcast_rates_finalize (GObject * object)
{
  GstRcastRates *self = GST_RCAST_RATES (object);

  g_array_unref (self->sessions);
  g_array_unref (self->media);
  gst_rcast_pacing_unref (self->pacing);
  gst_clear_object (&self->filter);
  g_clear_pointer (&self->capacities, gst_rcast_capacities_unref);
  g_clear_pointer (&self->allowances, gst_rcast_allowances_unref);
  G_OBJECT_CLASS (gst_rcast_rates_parent_class)->finalize (object);
}

static void
gst_rcast_rates_class_init (GstRcastRatesClass * klass)
{
  GST_DEBUG_CATEGORY_INIT (rcast_rates_debug, "rcastrates", 0,
      "gst-rcast: how much the paths carry");
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_rates_finalize;
}

static void
gst_rcast_rates_init (GstRcastRates * self)
{
  self->sessions = g_array_new (FALSE, FALSE, sizeof (Session));
  g_array_set_clear_func (self->sessions, session_clear);
  self->media = g_array_new (FALSE, FALSE, sizeof (Media));
  self->pacing = gst_rcast_pacing_new ();
}
