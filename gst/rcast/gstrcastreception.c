/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rcastsrc reports of its streams: whether they arrive, and if not, what is at fault. */
#include "config.h"

#include "gstrcastreception.h"

#include "rcast-enumtypes.h"
#include "rcast-nick.h"
#include "rcast-uplinks.h"

GST_DEBUG_CATEGORY_STATIC (rcast_reception_debug);
#define GST_CAT_DEFAULT rcast_reception_debug

/* A suspected cause is reported when a proof would have come. */
#define HOLD (1200 * GST_MSECOND)
/* A probe that takes longer says nothing. */
#define PROBE_TIMEOUT_S 2

/* One pad's stream. */
typedef struct
{
  gchar *pad;                   /* constant */
  GstRcastInbound *inbound;     /* lock */

  gboolean told;                /* lock: the stream was reported as gone */
  GstRcastVerdict last;         /* lock: the last reported verdict */
} Stream;

struct _GstRcastReceptionWatch
{
  GstObject parent;

  GstElement *element;          /* constant; not owned: it owns the watch */

  GMutex lock;                  /* for all below */
  GstRcastLoop *loop;           /* NULL: stopped */
  GCancellable *cancellable;    /* of the probe */
  GstRcastReception *reception;
  GstClockTime latency;         /* of the jitter buffers */
  GPtrArray *streams;           /* of Stream */
  guint current;                /* serial of the connection that counts; 0: none */
  gchar *name;                  /* the server's name of the stream; nullable */
  gchar *location;              /* of the server; nullable */
  gboolean judging;             /* a judgement is queued */
  GSource *timer;
};

G_DEFINE_FINAL_TYPE (GstRcastReceptionWatch, gst_rcast_reception_watch,
    GST_TYPE_OBJECT);

static guint wish_signal, count_signal;

static void
stream_free (gpointer data)
{
  Stream *stream = data;

  g_free (stream->pad);
  gst_rcast_inbound_free (stream->inbound);
  g_free (stream);
}

/* With the lock. Returns: (nullable) */
static Stream *
find (GstRcastReceptionWatch * self, guint i)
{
  return i < self->streams->len ? g_ptr_array_index (self->streams, i) : NULL;
}

/* The probe: a bare TCP connection. */

static const gchar *
skip_prefix (const gchar * location)
{
  const gchar *plus = strchr (location, '+');
  const gchar *colon = strchr (location, ':');

  return plus && colon && plus < colon ? plus + 1 : location;
}

/* Returns: 0: not known */
static guint16
get_default_port (const gchar * uri)
{
  if (g_str_has_prefix (uri, "https:") || g_str_has_prefix (uri, "wss:")
      || g_str_has_prefix (uri, "wheps:"))
    return 443;
  return g_str_has_prefix (uri, "http:") || g_str_has_prefix (uri, "ws:")
      || g_str_has_prefix (uri, "whep:") ? 80 : 0;
}

static GstRcastReach
judge_probe (const GError * error)
{
  if (!error)
    return GST_RCAST_REACH_YES;
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED) ?
      GST_RCAST_REACH_REFUSED : GST_RCAST_REACH_NONE;
}

static void
on_probed (GObject * client, GAsyncResult * result, gpointer data)
{
  g_autoptr (GstRcastReceptionWatch) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection G_GNUC_UNUSED =
      g_socket_client_connect_finish (G_SOCKET_CLIENT (client), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  GST_DEBUG_OBJECT (self, "probe: %s", error ? error->message : "answered");
  gst_rcast_reception_watch_reach (self, judge_probe (error));
}

/* Returns: (transfer full) (nullable): the address of the server at @location */
static GSocketConnectable *
find_address (const gchar * location)
{
  const gchar *uri = skip_prefix (location);
  GSocketConnectable *address =
      g_network_address_parse_uri (uri, get_default_port (uri), NULL);

  if (address && g_network_address_get_port (G_NETWORK_ADDRESS (address)) == 0)
    g_clear_object (&address);
  return address;
}

/* The loop's thread */
static void
probe (GstRcastReceptionWatch * self)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (GSocketConnectable) address = NULL;

  g_mutex_lock (&self->lock);
  address = self->location ? find_address (self->location) : NULL;
  cancellable = self->cancellable ? g_object_ref (self->cancellable) : NULL;
  g_mutex_unlock (&self->lock);
  if (!address || !cancellable)
    return;
  g_socket_client_set_timeout (client, PROBE_TIMEOUT_S);
  g_socket_client_connect_async (client, address, cancellable, on_probed,
      gst_object_ref (self));
}

/* Messages */

static const gchar *
explain (const GstRcastVerdict * verdict)
{
  switch (verdict->cause) {
    case GST_RCAST_STREAM_CAUSE_NETWORK:
      return "nothing comes from the server any more";
    case GST_RCAST_STREAM_CAUSE_SERVER:
      return "the server is away, or has ended the connection";
    case GST_RCAST_STREAM_CAUSE_UNPUBLISHED:
      return "the publisher has left";
    case GST_RCAST_STREAM_CAUSE_SILENT:
      return "the server sends nothing of the stream, but is there";
    case GST_RCAST_STREAM_CAUSE_FROZEN:
      return "packets arrive, but no frame that can be decoded";
    case GST_RCAST_STREAM_CAUSE_PART:
      return "another stream arrives, this one does not";
    case GST_RCAST_STREAM_CAUSE_NONE:
      break;
  }
  return NULL;
}

static gint64
to_real_time (GstClockTime time, GstClockTime now)
{
  return g_get_real_time () - (gint64) ((now - time) / GST_USECOND);
}

/* With the lock. Returns: (transfer full) */
static GstMessage *
make_message (GstRcastReceptionWatch * self, const Stream * stream,
    gboolean connected, GstClockTime until, GstClockTime now)
{
  const GstRcastVerdict *gone = &stream->last;
  GstRcastStreamInfo info = {
    .connected = connected,
    .pad = stream->pad,
    .stream = self->name,
    .cause = gone->cause,
    .certain = gone->certain,
    .detail = (gchar *) explain (gone),
    .since = to_real_time (gone->since, now),
    .duration = until > gone->since ? until - gone->since : 0,
  };
  g_autofree gchar *text = gst_rcast_stream_info_to_string (&info);

  GST_INFO_OBJECT (self->element, "%s", text);
  return gst_message_new_element (GST_OBJECT (self->element),
      gst_rcast_stream_info_to_structure (&info));
}

/* A server that comes back answers, and its streams start one after the other. That says nothing
 * about the outage. */
static gboolean
is_afterthought (GstRcastStreamCause told, GstRcastStreamCause cause)
{
  gboolean was_path = told == GST_RCAST_STREAM_CAUSE_SERVER
      || told == GST_RCAST_STREAM_CAUSE_NETWORK;

  return was_path && (cause == GST_RCAST_STREAM_CAUSE_SERVER
      || cause == GST_RCAST_STREAM_CAUSE_NETWORK
      || cause == GST_RCAST_STREAM_CAUSE_PART);
}

/* With the lock. A suspicion never replaces a proven cause.
 * Returns: whether there is something to report; @next: when there may be */
static gboolean
is_news (const Stream * stream, const GstRcastVerdict * verdict,
    GstClockTime now, GstClockTime * next)
{
  if (!verdict->certain && !stream->told && now < verdict->since + HOLD) {
    *next = MIN (*next, verdict->since + HOLD);
    return FALSE;
  }
  if (!stream->told)
    return TRUE;
  if (stream->last.certain
      && is_afterthought (stream->last.cause, verdict->cause))
    return FALSE;
  return (verdict->cause != stream->last.cause
      && (verdict->certain || !stream->last.certain))
      || (verdict->certain && !stream->last.certain);
}

/* With the lock. Returns: (transfer full) (nullable): a message to post */
static GstMessage *
follow (GstRcastReceptionWatch * self, guint i, GstClockTime now,
    GstClockTime * next)
{
  Stream *stream = find (self, i);
  GstRcastVerdict verdict;

  gst_rcast_reception_get_verdict (self->reception, i, &verdict);
  GST_LOG_OBJECT (self->element, "%s: state %d, cause %d%s", stream->pad,
      verdict.state, verdict.cause, verdict.certain ? "" : ", suspected");
  if (verdict.state == GST_RCAST_RECEPTION_GONE) {
    if (!is_news (stream, &verdict, now, next))
      return NULL;
    stream->told = TRUE;
    stream->last = verdict;
    return make_message (self, stream, FALSE, now, now);
  }
  if (verdict.state != GST_RCAST_RECEPTION_ARRIVING || !stream->told)
    return NULL;
  stream->told = FALSE;
  return make_message (self, stream, TRUE, verdict.since, now);
}

/* Judgement: the loop's thread */

static gboolean on_judge (gpointer data);

/* With the lock */
static void
arm (GstRcastReceptionWatch * self, GstClockTime next, GstClockTime now)
{
  gst_rcast_source_clear (&self->timer);
  if (GST_CLOCK_TIME_IS_VALID (next))
    self->timer = gst_rcast_loop_add_timeout (self->loop,
        next > now ? GST_TIME_AS_MSECONDS (next - now) + 1 : 1, on_judge, self);
}

static void
fulfil (GstRcastReceptionWatch * self, guint wishes)
{
  if (wishes & GST_RCAST_RECEPTION_WISH_PROBE)
    probe (self);
  if (wishes)
    g_signal_emit (self, wish_signal, 0, wishes);
}

static void
judge (GstRcastReceptionWatch * self)
{
  g_autoptr (GPtrArray) messages = g_ptr_array_new ();
  GstClockTime now = gst_util_get_timestamp (), next;
  guint wishes;

  g_mutex_lock (&self->lock);
  self->judging = FALSE;
  if (!self->loop) {
    g_mutex_unlock (&self->lock);
    return;
  }
  next = gst_rcast_reception_judge (self->reception, now);
  for (guint i = 0; i < self->streams->len; i++) {
    GstMessage *message = follow (self, i, now, &next);

    if (message)
      g_ptr_array_add (messages, message);
  }
  wishes = gst_rcast_reception_take_wishes (self->reception);
  arm (self, next, now);
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < messages->len; i++)
    gst_element_post_message (self->element, g_ptr_array_index (messages, i));
  fulfil (self, wishes);
}

static gboolean
on_judge (gpointer data)
{
  judge (data);
  return G_SOURCE_REMOVE;
}

/* With the lock; judges in the next iteration of the loop */
static void
queue_judgement (GstRcastReceptionWatch * self)
{
  if (self->judging || !self->loop)
    return;
  self->judging = TRUE;
  gst_rcast_loop_invoke (self->loop, on_judge, gst_object_ref (self),
      (GDestroyNotify) gst_object_unref);
}

/* With the lock. While all is well, a report causes no judgement before something may have
 * stopped, as with packets: servers send several reports a second. */
static void
note_report (GstRcastReceptionWatch * self, GstClockTime now)
{
  if (!self->timer || !gst_rcast_reception_is_well (self->reception, now))
    queue_judgement (self);
}

/* With the lock. A stream that flows is judged when it may have stopped. The timer runs already,
 * unless it was set for later while the stream paused. */
static void
note_flow (GstRcastReceptionWatch * self, guint stream)
{
  GstRcastVerdict verdict;

  gst_rcast_reception_get_verdict (self->reception, stream, &verdict);
  if (verdict.state != GST_RCAST_RECEPTION_ARRIVING || !self->timer
      || gst_rcast_reception_is_due_sooner (self->reception, stream))
    queue_judgement (self);
}

/* The streams */

/* Returns: number of the stream of @pad */
guint
gst_rcast_reception_watch_add_stream (GstRcastReceptionWatch * self,
    const gchar * pad, gboolean video)
{
  Stream *stream;
  guint i;

  g_mutex_lock (&self->lock);
  for (i = 0; i < self->streams->len; i++)
    if (g_str_equal (find (self, i)->pad, pad))
      break;
  if (i == self->streams->len) {
    stream = g_new0 (Stream, 1);
    stream->pad = g_strdup (pad);
    stream->inbound = gst_rcast_inbound_new (video, 0);
    g_ptr_array_add (self->streams, stream);
    gst_rcast_reception_add_stream (self->reception);
  }
  g_mutex_unlock (&self->lock);
  return i;
}

void
gst_rcast_reception_watch_set_clock_rate (GstRcastReceptionWatch * self,
    guint stream, guint clock_rate)
{
  g_mutex_lock (&self->lock);
  if (find (self, stream))
    gst_rcast_inbound_set_clock_rate (find (self, stream)->inbound, clock_rate);
  g_mutex_unlock (&self->lock);
}

void
gst_rcast_reception_watch_packet (GstRcastReceptionWatch * self, guint stream,
    const GstRcastInboundPacket * packet)
{
  GstClockTime now = gst_util_get_timestamp ();

  g_mutex_lock (&self->lock);
  if (find (self, stream)) {
    gst_rcast_inbound_packet (find (self, stream)->inbound, packet, now);
    gst_rcast_reception_packet (self->reception, stream, packet->sequence,
        packet->rtp_time, packet->quiet, now);
    note_flow (self, stream);
  }
  g_mutex_unlock (&self->lock);
}

/* A packet with @rtp_time has passed its jitter buffer.
 * Returns: whether there may be another one that is only seen there */
gboolean
gst_rcast_reception_watch_passed (GstRcastReceptionWatch * self, guint stream,
    guint32 rtp_time)
{
  gboolean first;

  g_mutex_lock (&self->lock);
  first = gst_rcast_reception_passed (self->reception, stream, rtp_time,
      gst_util_get_timestamp ());
  if (first)
    note_flow (self, stream);
  g_mutex_unlock (&self->lock);
  return first;
}

void
gst_rcast_reception_watch_frame (GstRcastReceptionWatch * self, guint stream,
    gboolean key_frame)
{
  GstClockTime now = gst_util_get_timestamp ();

  g_mutex_lock (&self->lock);
  if (find (self, stream)) {
    gst_rcast_inbound_frame (find (self, stream)->inbound, key_frame, now);
    gst_rcast_reception_frame (self->reception, stream, now);
    note_flow (self, stream);
  }
  g_mutex_unlock (&self->lock);
}

void
gst_rcast_reception_watch_requested (GstRcastReceptionWatch * self,
    guint stream, GstRcastInboundRequest request)
{
  g_mutex_lock (&self->lock);
  if (find (self, stream))
    gst_rcast_inbound_requested (find (self, stream)->inbound, request);
  g_mutex_unlock (&self->lock);
}

/* The jitter buffer discarded @count packets, which came too late. */
void
gst_rcast_reception_watch_discarded (GstRcastReceptionWatch * self,
    guint stream, guint64 count)
{
  g_mutex_lock (&self->lock);
  if (find (self, stream))
    gst_rcast_inbound_discarded (find (self, stream)->inbound, count);
  g_mutex_unlock (&self->lock);
}

/* An RTCP sender report */
void
gst_rcast_reception_watch_report (GstRcastReceptionWatch * self, guint stream,
    guint32 packets)
{
  GstClockTime now = gst_util_get_timestamp ();

  g_mutex_lock (&self->lock);
  gst_rcast_reception_report (self->reception, stream, packets, now);
  note_report (self, now);
  g_mutex_unlock (&self->lock);
}

void
gst_rcast_reception_watch_bye (GstRcastReceptionWatch * self, guint stream)
{
  g_mutex_lock (&self->lock);
  gst_rcast_reception_bye (self->reception, stream, gst_util_get_timestamp ());
  queue_judgement (self);
  g_mutex_unlock (&self->lock);
}

/* The connection */

/* RTCP came on connection @serial. */
void
gst_rcast_reception_watch_heard (GstRcastReceptionWatch * self, guint serial)
{
  GstClockTime now = gst_util_get_timestamp ();

  g_mutex_lock (&self->lock);
  if (serial == self->current) {
    gst_rcast_reception_heard (self->reception, now);
    note_report (self, now);
  }
  g_mutex_unlock (&self->lock);
}

/* The check that was wished for was answered. */
void
gst_rcast_reception_watch_answered (GstRcastReceptionWatch * self,
    guint serial)
{
  g_mutex_lock (&self->lock);
  if (serial == self->current) {
    gst_rcast_reception_answered (self->reception, gst_util_get_timestamp ());
    queue_judgement (self);
  }
  g_mutex_unlock (&self->lock);
}

/* ICE and DTLS of connection @serial are connected, or no longer connected. */
void
gst_rcast_reception_watch_set_path (GstRcastReceptionWatch * self,
    guint serial, gboolean up)
{
  g_mutex_lock (&self->lock);
  if (up)
    self->current = MAX (self->current, serial);
  if (serial == self->current) {
    gst_rcast_reception_set_path (self->reception, up,
        gst_util_get_timestamp ());
    queue_judgement (self);
  }
  g_mutex_unlock (&self->lock);
}

/* Connection @serial has changed its path. */
void
gst_rcast_reception_watch_moved (GstRcastReceptionWatch * self, guint serial)
{
  g_mutex_lock (&self->lock);
  if (serial == self->current) {
    gst_rcast_reception_moved (self->reception, gst_util_get_timestamp ());
    queue_judgement (self);
  }
  g_mutex_unlock (&self->lock);
}

/* The server has ended connection @serial. */
void
gst_rcast_reception_watch_closed (GstRcastReceptionWatch * self, guint serial)
{
  g_mutex_lock (&self->lock);
  if (serial == self->current) {
    gst_rcast_reception_closed (self->reception, gst_util_get_timestamp ());
    queue_judgement (self);
  }
  g_mutex_unlock (&self->lock);
}

void
gst_rcast_reception_watch_reach (GstRcastReceptionWatch * self,
    GstRcastReach reach)
{
  g_mutex_lock (&self->lock);
  gst_rcast_reception_reach (self->reception, reach,
      gst_util_get_timestamp ());
  queue_judgement (self);
  g_mutex_unlock (&self->lock);
}

/* The server reports @change of all watched streams. @stream: (nullable): its name */
void
gst_rcast_reception_watch_changed (GstRcastReceptionWatch * self,
    GstRcastStreamChange change, const gchar * stream)
{
  g_mutex_lock (&self->lock);
  if (stream) {
    g_free (self->name);
    self->name = g_strdup (stream);
  }
  gst_rcast_reception_changed (self->reception, GST_RCAST_RECEPTION_ALL,
      change, gst_util_get_timestamp ());
  queue_judgement (self);
  g_mutex_unlock (&self->lock);
}

/* A request that does not get through has %GST_RCAST_REASON_NETWORK_LOST, too. If the server is
 * away, that says nothing about our own network. */
static gboolean
has_uplink (void)
{
  g_autoptr (GPtrArray) any = g_ptr_array_new ();
  g_autoptr (GPtrArray) uplinks = gst_rcast_uplinks_list (any, NULL);

  return uplinks->len > 0;
}

/* With the lock */
static void
note_reason (GstRcastReceptionWatch * self, GstRcastReason reason,
    gboolean linked)
{
  GstClockTime now = gst_util_get_timestamp ();

  switch (reason) {
    case GST_RCAST_REASON_NO_STREAM:
      gst_rcast_reception_changed (self->reception, GST_RCAST_RECEPTION_ALL,
          GST_RCAST_STREAM_UNPUBLISHED, now);
      break;
    case GST_RCAST_REASON_EVICTED:
    case GST_RCAST_REASON_SERVER_CLOSED:
      gst_rcast_reception_closed (self->reception, now);
      break;
    case GST_RCAST_REASON_NETWORK_LOST:
      gst_rcast_reception_set_link (self->reception, linked);
      break;
    default:
      break;
  }
}

/* The status of the element changed. */
void
gst_rcast_reception_watch_status (GstRcastReceptionWatch * self,
    const GstRcastStatusInfo * info)
{
  gboolean linked = info->reason != GST_RCAST_REASON_NETWORK_LOST
      || has_uplink ();

  g_mutex_lock (&self->lock);
  if (info->location) {
    g_free (self->location);
    self->location = g_strdup (info->location);
  }
  if (info->status == GST_RCAST_STATUS_CONNECTED
      || info->status == GST_RCAST_STATUS_BROADCASTING)
    gst_rcast_reception_set_link (self->reception, TRUE);
  else
    note_reason (self, info->reason, linked);
  queue_judgement (self);
  g_mutex_unlock (&self->lock);
}

/* Statistics */

static const gchar *
name_state (GstRcastReceptionState state)
{
  switch (state) {
    case GST_RCAST_RECEPTION_WAITING:
      break;
    case GST_RCAST_RECEPTION_ARRIVING:
      return "arriving";
    case GST_RCAST_RECEPTION_PAUSED:
      return "paused";
    case GST_RCAST_RECEPTION_GONE:
      return "gone";
  }
  return "waiting";
}

/* With the lock. @own: structure of the pad */
static void
add_verdict (GstRcastReceptionWatch * self, guint i, GstStructure * own)
{
  g_autoptr (GstStructure) inbound =
      gst_rcast_inbound_get_stats (find (self, i)->inbound);
  GstRcastVerdict verdict;

  gst_rcast_reception_get_verdict (self->reception, i, &verdict);
  gst_structure_set (own, "state", G_TYPE_STRING, name_state (verdict.state),
      "cause", G_TYPE_STRING,
      gst_rcast_nick (GST_TYPE_RCAST_STREAM_CAUSE, verdict.cause),
      "inbound", GST_TYPE_STRUCTURE, inbound, NULL);
  if (GST_CLOCK_TIME_IS_VALID (verdict.since))
    gst_structure_set (own, "since", G_TYPE_INT64,
        to_real_time (verdict.since, gst_util_get_timestamp ()), NULL);
}

/* Adds to the structure of each pad, which may exist already */
void
gst_rcast_reception_watch_add_stats (GstRcastReceptionWatch * self,
    GstStructure * stats)
{
  g_signal_emit (self, count_signal, 0);
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->streams->len; i++) {
    const gchar *pad = find (self, i)->pad;
    const GValue *value = gst_structure_get_value (stats, pad);
    g_autoptr (GstStructure) own = value ?
        gst_structure_copy (gst_value_get_structure (value)) :
        gst_structure_new_empty ("application/x-rcast-stream-stats");

    add_verdict (self, i, own);
    gst_structure_set (stats, pad, GST_TYPE_STRUCTURE, own, NULL);
  }
  g_mutex_unlock (&self->lock);
}

/* Beginning and end */

/* Sets the latency of the jitter buffers */
void
gst_rcast_reception_watch_set_latency (GstRcastReceptionWatch * self,
    GstClockTime latency)
{
  g_mutex_lock (&self->lock);
  self->latency = latency;
  gst_rcast_reception_set_latency (self->reception, latency);
  g_mutex_unlock (&self->lock);
}

GstClockTime
gst_rcast_reception_watch_get_latency (GstRcastReceptionWatch * self)
{
  GstClockTime latency;

  g_mutex_lock (&self->lock);
  latency = self->latency;
  g_mutex_unlock (&self->lock);
  return latency;
}

/* Starts with nothing known. @loop: its thread runs the judgements */
void
gst_rcast_reception_watch_start (GstRcastReceptionWatch * self,
    GstRcastLoop * loop)
{
  gst_rcast_reception_watch_stop (self);
  g_mutex_lock (&self->lock);
  self->loop = gst_rcast_loop_ref (loop);
  self->cancellable = g_cancellable_new ();
  g_mutex_unlock (&self->lock);
}

/* Ends the reports: a stream that the application ends has no outage. Twice is fine. */
void
gst_rcast_reception_watch_end (GstRcastReceptionWatch * self)
{
  g_autoptr (GCancellable) cancellable = NULL;

  g_mutex_lock (&self->lock);
  cancellable = g_steal_pointer (&self->cancellable);
  gst_rcast_source_clear (&self->timer);
  g_clear_pointer (&self->loop, gst_rcast_loop_unref);
  g_mutex_unlock (&self->lock);
  if (cancellable)
    g_cancellable_cancel (cancellable);
}

/* Forgets everything. Twice is fine. */
void
gst_rcast_reception_watch_stop (GstRcastReceptionWatch * self)
{
  gst_rcast_reception_watch_end (self);
  g_mutex_lock (&self->lock);
  g_ptr_array_set_size (self->streams, 0);
  gst_rcast_reception_free (self->reception);
  self->reception = gst_rcast_reception_new ();
  gst_rcast_reception_set_latency (self->reception, self->latency);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->location, g_free);
  self->current = 0;
  g_mutex_unlock (&self->lock);
}

/* @element: has the streams, and posts the messages; outlives the watch */
GstRcastReceptionWatch *
gst_rcast_reception_watch_new (GstElement * element)
{
  GstRcastReceptionWatch *self =
      g_object_new (GST_TYPE_RCAST_RECEPTION_WATCH, NULL);

  gst_object_ref_sink (self);
  self->element = element;
  return self;
}

static void
gst_rcast_reception_watch_finalize (GObject * object)
{
  GstRcastReceptionWatch *self = GST_RCAST_RECEPTION_WATCH (object);

  gst_rcast_reception_watch_stop (self);
  gst_rcast_reception_free (self->reception);
  g_ptr_array_unref (self->streams);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (gst_rcast_reception_watch_parent_class)->finalize (object);
}

static void
gst_rcast_reception_watch_class_init (GstRcastReceptionWatchClass * klass)
{
  GST_DEBUG_CATEGORY_INIT (rcast_reception_debug, "rcastreception", 0,
      "gst-rcast: do streams arrive");
  wish_signal = g_signal_new ("wish", G_TYPE_FROM_CLASS (klass),
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  count_signal = g_signal_new ("count", G_TYPE_FROM_CLASS (klass),
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  G_OBJECT_CLASS (klass)->finalize = gst_rcast_reception_watch_finalize;
}

static void
gst_rcast_reception_watch_init (GstRcastReceptionWatch * self)
{
  g_mutex_init (&self->lock);
  self->reception = gst_rcast_reception_new ();
  self->streams = g_ptr_array_new_with_free_func (stream_free);
}
