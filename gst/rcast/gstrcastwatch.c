/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches whether the media that webrtcbin sends arrives, and on which path. */
#include "config.h"

#include "gstrcastwatch.h"

#include <gst/webrtc/webrtc.h>

#include "gstrcastice.h"
#include "gstrcastlisten.h"
#include "gstrcastpath.h"
#include "gstrcastrates.h"
#include "gstrcastrepairfilter.h"
#include "gstrcasttransports.h"
#include "gstrcastwebrtc.h"
#include "rcast-feedback.h"
#include "rcast-liveness.h"

GST_DEBUG_CATEGORY_STATIC (rcast_watch_debug);
#define GST_CAT_DEFAULT rcast_watch_debug

/* Seconds from 1900 to 1970: RFC 868 */
#define NTP_TO_UNIX 2208988800u

/* A shorter gap is no outage: viewers do not see that a few packets are missing. */
#define LEAST_OUTAGE (100 * GST_MSECOND)

/* Interval at which the agent is told how much the path in use carries. */
#define ROOM_INTERVAL (400 * GST_MSECOND)

/* State of the connection. */
typedef enum
{
  LINK_DOWN,
  LINK_RESTARTED,               /* an ICE restart is complete, but webrtcbin has not said so yet */
  LINK_UP,
} Link;

/* A move of the media to another path that is not reported yet. */
typedef struct
{
  gchar *how;                   /* a sentence; NULL: it has not moved */
  gchar *interface;             /* of the new path */
} Move;

/* All fields belong to the loop's thread but those that say otherwise. */
struct _GstRcastWatch
{
  GstObject parent;

  GstRcastLoop *loop;           /* constant */
  GstRcastWatchCallbacks callbacks;     /* constant */
  gpointer data;                /* constant */
  GstElement *webrtc;           /* constant */
  GstWebRTCICE *ice;            /* constant */
  GPtrArray *lines;             /* of GstRcastLine; owned by the peer */
  GstClockTime media_timeout;   /* constant */

  GstRcastTransports *transports;       /* constant; filled by the first answer */
  GSource *watchdog;            /* runs from the first answer on */
  GstRcastLiveness liveness;    /* written under OBJECT_LOCK */
  GstRcastRepairFilter *repairs;        /* constant */
  GstRcastRates *rates;         /* constant */
  GstRcastAllot *allot;         /* constant */
  GstRcastAllowances *allowances;       /* constant; NULL: no limits */
  GStrv barred;                 /* uplinks that the agent must not use */
  GstClockTime rooms_reported;  /* when the agent was last told about room */
  Link link;
  gboolean report_arrival;      /* report the next arrival, confirmed before or not */
  gboolean partial;             /* the last confirmation lacked a stream */
  guint awaited;                /* transports that have yet to restart ICE */
  Move switched;                /* a move by the agent; the server has not confirmed it yet */
  gboolean provable;            /* whether the server's reports will confirm @switched */
  Move landed;                  /* a move by an ICE restart that is not reported yet */
  gboolean stopped;
};

G_DEFINE_TYPE (GstRcastWatch, gst_rcast_watch, GST_TYPE_OBJECT);

static void
move_clear (Move * move)
{
  g_clear_pointer (&move->how, g_free);
  g_clear_pointer (&move->interface, g_free);
}

/* A message from a signal, on any thread, to the loop's thread. */
typedef struct _Note Note;
struct _Note
{
  GstRcastWatch *watch;
  void (*handle) (GstRcastWatch * watch, Note * note);
  GstRcastConnection connection;
  GstRcastReason reason;
  gboolean media_lost;          /* before the restart */
  Move move;
  GstBuffer *rtcp;
  gpointer session;             /* the RTP session of @rtcp; not owned */
  GstClockTime time;            /* when @rtcp came */
  guint64 ntp;                  /* the same as NTP time */
};

static void
note_free (gpointer data)
{
  Note *note = data;

  gst_object_unref (note->watch);
  move_clear (&note->move);
  gst_clear_buffer (&note->rtcp);
  g_free (note);
}

static Note *
note_new (GstRcastWatch * watch, void (*handle) (GstRcastWatch *, Note *))
{
  Note *note = g_new0 (Note, 1);

  note->watch = gst_object_ref (watch);
  note->handle = handle;
  return note;
}

static gboolean
on_note (gpointer data)
{
  Note *note = data;

  if (!note->watch->stopped)
    note->handle (note->watch, note);
  return G_SOURCE_REMOVE;
}

static void
note_post (Note * note)
{
  gst_rcast_loop_invoke (note->watch->loop, on_note, note, note_free);
}

/* What is sent and what the server reports: the loop's thread */

static void
count_all (GstRcastWatch * watch, GstClockTime now)
{
  for (guint i = 0; i < watch->lines->len; i++) {
    const GstRcastLine *line = g_ptr_array_index (watch->lines, i);
    guint64 skipped;
    guint64 sent = gst_rcast_line_get_packets_sent (line, &skipped);

    GST_OBJECT_LOCK (watch);
    gst_rcast_liveness_sent (&watch->liveness, gst_rcast_line_get_ssrc (line),
        sent, skipped, now);
    GST_OBJECT_UNLOCK (watch);
  }
}

/* The receiver lacks packets that will not be repaired: it needs a key frame. */
static void
request_keyframes (GstRcastWatch * watch)
{
  for (guint i = 0; i < watch->lines->len; i++)
    gst_rcast_line_request_keyframe (g_ptr_array_index (watch->lines, i));
}

/* Time without a report of the server, at most media-timeout. */
static GstClockTime
get_silence (GstRcastWatch * watch, GstClockTime now)
{
  if (!GST_CLOCK_TIME_IS_VALID (watch->liveness.last_report))
    return 0;
  return MIN (now - watch->liveness.last_report, watch->media_timeout);
}

/* Reports the move. Packets that the server missed meanwhile are an outage, unless they are
 * few. */
static void
path_proven (GstRcastWatch * watch, GstClockTime now)
{
  g_autofree gchar *how = g_steal_pointer (&watch->switched.how);
  GstClockTime missing =
      gst_rcast_liveness_get_missing (&watch->liveness, now);

  if (missing >= LEAST_OUTAGE)
    watch->callbacks.path_doubted (missing, watch->data);
  watch->callbacks.path_switched (how, watch->data);
  if (watch->lines->len > 0)
    watch->callbacks.confirmed (watch->partial, watch->data);
}

static void
report_silent (GstRcastWatch * watch)
{
  guint32 ssrc;

  while (gst_rcast_liveness_next_silent (&watch->liveness, &ssrc)) {
    const GstRcastLine *line = gst_rcast_line_find (watch->lines, ssrc);

    /* The last packet of a stream that is over may be lost. */
    if (line && !gst_rcast_line_is_over (line))
      watch->callbacks.silent (line, watch->data);
  }
}

/* Tells the agent the losses. It knows which uplink the packets left on. */
static void
report_losses (GstRcastWatch * watch)
{
  guint lost, expected;

  for (guint i = 0; i < gst_rcast_transports_get_length (watch->transports);
      i++) {
    guint id = gst_rcast_transports_get_id (watch->transports, i);

    if (gst_rcast_liveness_take_loss (&watch->liveness, id, &lost, &expected)) {
      gst_rcast_ice_report_loss (watch->ice, id, lost, expected);
      gst_rcast_allot_report (watch->allot, expected, lost,
          GST_CLOCK_TIME_IS_VALID (watch->liveness.rtt) ?
          watch->liveness.rtt : 0);
    }
  }
}

/* Tells the agent how much room the path in use has. The agent moves the media if that is too
 * little. */
static void
report_rooms (GstRcastWatch * watch, GstClockTime now)
{
  const gchar *interface = NULL;
  guint64 room, needed;
  guint id;

  /* Without BUNDLE the share of each path is not known. */
  if (now < watch->rooms_reported + ROOM_INTERVAL
      || gst_rcast_transports_get_length (watch->transports) != 1)
    return;
  watch->rooms_reported = now;
  id = gst_rcast_transports_get_id (watch->transports, 0);
  needed = gst_rcast_allot_get_least (watch->allot);
  room = gst_rcast_rates_find_room (watch->rates, id, needed, &interface, now);
  if (room > 0 && interface)
    gst_rcast_ice_report_room (watch->ice, id, interface, room, needed);
}

/* @note: with RTCP. This function reads the reports, the rates read the feedback, and the
 * repair filter reads the requests. */
static void
read_rtcp (GstRcastWatch * watch, Note * note)
{
  guint session = gst_rcast_transports_find_id (watch->transports,
      note->session);
  g_autoptr (GArray) spans =
      g_array_new (FALSE, FALSE, sizeof (GstRcastFeedbackSpan));
  gboolean fell = gst_rcast_rates_read (watch->rates, session, note->rtcp,
      spans, note->time);
  gsize repaired;

  if (fell)
    gst_rcast_allot_hurry (watch->allot);
  /* Repair after the rates have read the report: nothing is resent into a queue that it
   * shows. */
  repaired = gst_rcast_repair_filter_answer (watch->repairs, watch->ice,
      session, note->rtcp);
  if (repaired > 0)
    gst_rcast_rates_note_repairs (watch->rates, repaired);
  gst_rcast_line_heed_requests (watch->lines, note->rtcp);
  GST_OBJECT_LOCK (watch);
  gst_rcast_liveness_handle (&watch->liveness, session, note->rtcp,
      note->time, note->ntp);
  gst_rcast_liveness_read_requests (&watch->liveness, note->rtcp, note->time);
  for (guint i = 0; i < spans->len; i++)
    gst_rcast_liveness_feedback (&watch->liveness, session,
        &g_array_index (spans, GstRcastFeedbackSpan, i), note->time);
  GST_OBJECT_UNLOCK (watch);
}

/* Bars uplinks that have used up the day's bytes. */
static void
heed_allowances (GstRcastWatch * watch, GstClockTime now)
{
  g_auto (GStrv) spent = NULL;

  if (!watch->allowances || (!watch->barred
          && !gst_rcast_allowances_is_any (watch->allowances)))
    return;
  gst_rcast_allowances_tick (watch->allowances, now);
  spent = gst_rcast_allowances_list_spent (watch->allowances);
  if (watch->barred && g_strv_equal ((const gchar * const *) spent,
          (const gchar * const *) watch->barred))
    return;
  g_object_set (watch->ice, "path-barred", spent, NULL);
  g_strfreev (watch->barred);
  watch->barred = g_steal_pointer (&spent);
}

/* @note: (nullable): with RTCP */
static void
judge (GstRcastWatch * watch, Note * note, GstClockTime now)
{
  GstRcastLiveness *liveness = &watch->liveness;
  gboolean confirmed = liveness->confirmed && !liveness->frozen
      && !watch->report_arrival;
  gboolean waits = gst_rcast_line_any_waits (watch->lines);
  guint64 progress = liveness->progress;
  gboolean frozen, whole;

  count_all (watch, now);
  heed_allowances (watch, now);
  if (note)
    read_rtcp (watch, note);
  GST_OBJECT_LOCK (watch);
  frozen = watch->lines->len > 0
      && gst_rcast_liveness_judge (liveness, watch->media_timeout, now);
  whole = gst_rcast_liveness_is_whole (liveness, waits, now);
  GST_OBJECT_UNLOCK (watch);

  if (GST_CLOCK_TIME_IS_VALID (liveness->rtt))
    gst_rcast_repair_filter_set_round_trip (watch->repairs, liveness->rtt);
  if (note) {
    report_losses (watch);
    report_rooms (watch, now);
  }
  if (liveness->progress > progress)
    watch->report_arrival = FALSE;
  if (frozen)
    watch->callbacks.frozen (GST_CLOCK_TIME_IS_VALID (liveness->last_progress)
        ? now - liveness->last_progress : 0, liveness->never_moved,
        watch->data);
  else if (watch->switched.how && !liveness->doubted)
    path_proven (watch, now);
  else if (liveness->progress > progress
      && (!confirmed || (watch->partial && whole))) {
    watch->partial = !whole;
    watch->callbacks.confirmed (watch->partial, watch->data);
  }
  if (!liveness->frozen)
    report_silent (watch);
}

static void
handle_rtcp (GstRcastWatch * watch, Note * note)
{
  judge (watch, note, note->time);
}

/* The watchdog: a missing report raises no event by itself. */
static gboolean
on_watchdog (gpointer data)
{
  judge (data, NULL, gst_util_get_timestamp ());
  return G_SOURCE_CONTINUE;
}

/* Any thread */
static void
on_receiving_rtcp (GObject * session, GstBuffer * rtcp, GstRcastWatch * watch)
{
  Note *note = note_new (watch, handle_rtcp);
  guint64 unix_us = g_get_real_time ();

  note->session = session;
  note->rtcp = gst_buffer_ref (rtcp);
  note->time = gst_util_get_timestamp ();
  note->ntp = ((unix_us / G_USEC_PER_SEC + NTP_TO_UNIX) << 32)
      + gst_util_uint64_scale (unix_us % G_USEC_PER_SEC,
      G_GUINT64_CONSTANT (1) << 32, G_USEC_PER_SEC);
  note_post (note);
}

/* The connection */

static void
begin_again (GstRcastWatch * watch)
{
  watch->report_arrival = TRUE;
  GST_OBJECT_LOCK (watch);
  gst_rcast_liveness_begin_again (&watch->liveness, gst_util_get_timestamp ());
  GST_OBJECT_UNLOCK (watch);
  gst_rcast_rates_begin_again (watch->rates, gst_util_get_timestamp ());
}

static void
note_restarted (GstRcastWatch * watch)
{
  GST_OBJECT_LOCK (watch);
  gst_rcast_liveness_restarted (&watch->liveness, gst_util_get_timestamp ());
  GST_OBJECT_UNLOCK (watch);
}

static void
handle_connection (GstRcastWatch * watch, Note * note)
{
  GstRcastConnection connection = note->connection;
  gboolean up = connection == GST_RCAST_CONNECTION_CONNECTED;

  /* webrtcbin also calls itself connected if the server closes DTLS before DTLS is up. */
  if (up && gst_rcast_transports_is_any_closed (watch->transports)) {
    up = FALSE;
    connection = GST_RCAST_CONNECTION_FAILED;
    note->reason = GST_RCAST_REASON_SERVER_CLOSED;
  }
  if (up)
    begin_again (watch);
  /* What was sent while there was no connection is lost. */
  if (up && watch->liveness.confirmed)
    request_keyframes (watch);
  if (up && watch->link == LINK_RESTARTED)
    connection = GST_RCAST_CONNECTION_RESTARTED;
  watch->link = up ? LINK_UP : LINK_DOWN;
  /* From here on the news is about the connection, not about a path. */
  move_clear (&watch->switched);
  watch->callbacks.connection (connection, note->reason, watch->data);
}

/* Any thread */
static void
note_connection (GstRcastWatch * watch, GstRcastConnection connection,
    GstRcastReason reason)
{
  Note *note = note_new (watch, handle_connection);

  note->connection = connection;
  note->reason = reason;
  note_post (note);
}

/* Any thread */
static void
on_connection_state (GstElement * webrtc, GParamSpec * pspec,
    GstRcastWatch * watch)
{
  GstWebRTCPeerConnectionState state;
  GstWebRTCICEConnectionState ice;

  g_object_get (webrtc, "connection-state", &state, "ice-connection-state",
      &ice, NULL);
  switch (state) {
    case GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED:
      note_connection (watch, GST_RCAST_CONNECTION_CONNECTED,
          GST_RCAST_REASON_NONE);
      break;
    case GST_WEBRTC_PEER_CONNECTION_STATE_DISCONNECTED:
      note_connection (watch, GST_RCAST_CONNECTION_DISCONNECTED,
          GST_RCAST_REASON_ICE_DISCONNECTED);
      break;
    case GST_WEBRTC_PEER_CONNECTION_STATE_FAILED:
      note_connection (watch, GST_RCAST_CONNECTION_FAILED,
          ice == GST_WEBRTC_ICE_CONNECTION_STATE_FAILED ?
          GST_RCAST_REASON_ICE_FAILED : GST_RCAST_REASON_DTLS_FAILED);
      break;
    case GST_WEBRTC_PEER_CONNECTION_STATE_NEW:
    case GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTING:
    case GST_WEBRTC_PEER_CONNECTION_STATE_CLOSED:
      break;
  }
}

/* The connection state of webrtcbin stays "connected" when the server closes
 * DTLS; the transport itself knows. Any thread. */
static void
on_dtls_state (GstWebRTCDTLSTransport * dtls, GParamSpec * pspec,
    GstRcastWatch * watch)
{
  GstWebRTCDTLSTransportState state;

  g_object_get (dtls, "state", &state, NULL);
  if (state == GST_WEBRTC_DTLS_TRANSPORT_STATE_CLOSED)
    note_connection (watch, GST_RCAST_CONNECTION_FAILED,
        GST_RCAST_REASON_SERVER_CLOSED);
  else if (state == GST_WEBRTC_DTLS_TRANSPORT_STATE_FAILED)
    note_connection (watch, GST_RCAST_CONNECTION_FAILED,
        GST_RCAST_REASON_DTLS_FAILED);
}

/* Paths */

/* The agent moves media on a guess, which the server's reports confirm. */
static void
handle_switch (GstRcastWatch * watch, Note * note)
{
  GstClockTime now = gst_util_get_timestamp ();

  count_all (watch, now);
  GST_OBJECT_LOCK (watch);
  watch->provable = gst_rcast_liveness_doubt (&watch->liveness, now);
  GST_OBJECT_UNLOCK (watch);
  move_clear (&watch->switched);
  watch->switched = note->move;
  note->move = (Move) { NULL };
  /* A receiving peer gets no reports to wait for. */
  if (watch->lines->len == 0)
    judge (watch, NULL, now);
}

static void
handle_landing (GstRcastWatch * watch, Note * note)
{
  move_clear (&watch->landed);
  watch->landed = note->move;
  note->move = (Move) { NULL };
}

static void
handle_loss (GstRcastWatch * watch, Note * note)
{
  request_keyframes (watch);
}

/* If the restart has chosen the interface that media had moved to, that path works in
 * both directions. If not, the move is old news. */
static void
judge_switch (GstRcastWatch * watch)
{
  g_autoptr (GstStructure) path = NULL;

  if (!watch->switched.how)
    return;
  path = gst_rcast_path_find_carrying (watch->ice);
  if (path && g_strcmp0 (gst_structure_get_string (path, "interface"),
          watch->switched.interface) == 0) {
    /* The server has yet to report what it missed. */
    if (watch->provable)
      return;
    watch->callbacks.path_switched (watch->switched.how, watch->data);
  }
  move_clear (&watch->switched);
}

/* Make before break: webrtcbin does not announce it, unless it had lost the connection. */
static void
handle_restart (GstRcastWatch * watch, Note * note)
{
  g_autofree gchar *how = NULL;

  if (note->media_lost)
    request_keyframes (watch);
  if (watch->awaited > 1) {
    watch->awaited--;
    return;
  }
  watch->awaited = 0;
  how = g_steal_pointer (&watch->landed.how);
  if (watch->link != LINK_UP) {
    watch->link = LINK_RESTARTED;
    return;
  }
  /* There was an outage, which has just ended. */
  if (note->media_lost)
    watch->callbacks.path_doubted (get_silence (watch,
            gst_util_get_timestamp ()), watch->data);
  if (watch->liveness.frozen)
    begin_again (watch);
  else
    note_restarted (watch);
  judge_switch (watch);
  /* The new pair works in both directions. If it ended an outage, the end of the outage
   * is reported instead. */
  if (how && !note->media_lost)
    watch->callbacks.path_switched (how, watch->data);
  watch->callbacks.connection (GST_RCAST_CONNECTION_RESTARTED,
      GST_RCAST_REASON_NONE, watch->data);
}

/* The ICE agent's signals: its thread */

static void
on_generation_swapped (GstWebRTCICE * ice, guint session, guint generation,
    gboolean media_lost, GstRcastWatch * watch)
{
  Note *note = note_new (watch, handle_restart);

  note->media_lost = media_lost;
  note_post (note);
}

static void
note_path (GstRcastWatch * watch, const GstStructure * path)
{
  g_autofree gchar *how = gst_rcast_path_describe_move (path);
  Note *note;

  if (!how)
    return;
  note = note_new (watch, gst_rcast_path_get_change (path)
      == GST_RCAST_ICE_PATH_CHANGE_RESTART ? handle_landing : handle_switch);
  note->move.interface =
      g_strdup (gst_structure_get_string (path, "interface"));
  note->move.how = g_steal_pointer (&how);
  note_post (note);
}

static void
on_path_changed (GstWebRTCICE * ice, guint session, const GstStructure * path,
    gboolean media_lost, GstRcastWatch * watch)
{
  g_autofree gchar *described = NULL;

  if (!path) {
    GST_INFO_OBJECT (watch, "media has no path");
    return;
  }
  described = gst_rcast_path_describe (path);
  GST_INFO_OBJECT (watch, "media of session %u is sent on %s%s", session,
      described, media_lost ? ", some was lost" : "");
  note_path (watch, path);
  if (media_lost)
    note_post (note_new (watch, handle_loss));
}

/* What the watch observes */

static void
watch_transport (GstRcastWatch * watch, GstWebRTCDTLSTransport * dtls,
    guint mline)
{
  GObject *session;

  if (!gst_rcast_transports_add (watch->transports, dtls, mline, &session))
    return;
  gst_rcast_listen (dtls, "notify::state", G_CALLBACK (on_dtls_state), watch);
  if (session) {
    gst_rcast_webrtc_keep_silent_streams (session);
    if (watch->lines->len > 0)
      gst_rcast_listen (session, "on-receiving-rtcp",
          G_CALLBACK (on_receiving_rtcp), watch);
  }
  GST_DEBUG_OBJECT (watch, "watching the transport of m-line %u%s", mline,
      session ? "" : ", without RTP");
}

/* @session: RTP session that carries @line */
static void
expect_repairs (GstRcastWatch * watch, const GstRcastLine * line, guint session)
{
  guint32 ssrc = gst_rcast_line_get_ssrc (line);
  gboolean plain = !gst_rcast_line_has_repairs (line);

  if (plain)
    gst_rcast_repair_filter_add_plain (watch->repairs, ssrc, session);
  if (!gst_rcast_line_is_video (line)) {
    gst_rcast_repair_filter_add_audio (watch->repairs, ssrc);
  } else if (plain) {
    gst_rcast_repair_filter_add_plain_video (watch->repairs,
        gst_rcast_line_get_sink (line), ssrc, gst_rcast_line_get_codec (line));
  } else {
    gst_rcast_repair_filter_add_video (watch->repairs, ssrc,
        gst_rcast_line_get_codec (line), session);
    gst_rcast_rates_pad_media (watch->rates, ssrc);
  }
}

static void
watch_line (GstRcastWatch * watch, guint mline)
{
  const GstRcastLine *line = g_ptr_array_index (watch->lines, mline);
  GstWebRTCDTLSTransport *dtls = gst_rcast_line_get_transport (line);
  guint32 ssrc;
  guint id;

  if (!dtls)
    return;
  watch_transport (watch, dtls, mline);
  g_object_get (dtls, "session-id", &id, NULL);
  gst_object_unref (dtls);
  if (!gst_rcast_line_is_connected (line))
    return;
  ssrc = gst_rcast_line_get_ssrc (line);
  GST_OBJECT_LOCK (watch);
  gst_rcast_liveness_add_stream (&watch->liveness, ssrc, id,
      gst_rcast_line_has_feedback (line));
  GST_OBJECT_UNLOCK (watch);
  gst_rcast_rates_add_media (watch->rates, ssrc, id);
  if (gst_rcast_line_is_named (line))
    gst_rcast_rates_name_media (watch->rates, ssrc);
  expect_repairs (watch, line, id);
  gst_rcast_line_set_pacing (line, gst_rcast_rates_get_pacing (watch->rates));
}

/* Watches the transports of received media */
static void
watch_received (GstRcastWatch * watch)
{
  g_autoptr (GPtrArray) transports =
      gst_rcast_webrtc_list_transports (watch->webrtc);

  for (guint i = 0; i < transports->len; i++)
    watch_transport (watch, g_ptr_array_index (transports, i), i);
}

/* Watches the transport of the data channel, if there is one */
static void
watch_data (GstRcastWatch * watch)
{
  GstWebRTCDTLSTransport *dtls = NULL;
  GObject *sctp = NULL;

  g_object_get (watch->webrtc, "sctp-transport", &sctp, NULL);
  if (sctp)
    g_object_get (sctp, "transport", &dtls, NULL);
  if (dtls)
    watch_transport (watch, dtls, watch->lines->len);
  gst_clear_object (&dtls);
  g_clear_object (&sctp);
}

/**
 * gst_rcast_watch_start:
 * @watch: the watch
 * @has_data: the server takes the data channel
 *
 * Watches all transports that are in use. To be called whenever an offer and its answer
 * have been applied.
 */
void
gst_rcast_watch_start (GstRcastWatch * watch, gboolean has_data)
{
  for (guint i = 0; i < watch->lines->len; i++)
    watch_line (watch, i);
  if (watch->lines->len == 0)
    watch_received (watch);
  if (has_data)
    watch_data (watch);
  if (!watch->watchdog)
    watch->watchdog =
        gst_rcast_timer_start (GST_TIME_AS_MSECONDS (watch->media_timeout) / 2,
        on_watchdog, watch);
  gst_rcast_allot_start (watch->allot);
}

/* Whether an offer and its answer have been applied. */
gboolean
gst_rcast_watch_is_started (GstRcastWatch * watch)
{
  return watch->watchdog != NULL;
}

/* An ICE restart begins. It is complete when all transports have restarted. */
void
gst_rcast_watch_expect_restart (GstRcastWatch * watch)
{
  watch->awaited = gst_rcast_transports_get_length (watch->transports);
}

/**
 * gst_rcast_watch_check_certificates:
 * @watch: the watch, while DTLS is connected
 * @remote: the server's description
 * @error: which transport has a wrong certificate, and why
 *
 * webrtcbin takes any certificate. An attacker on the path could take the media unless
 * the certificate is compared with the description (RFC 8842 5.1, RFC 8122 6.2).
 */
gboolean
gst_rcast_watch_check_certificates (GstRcastWatch * watch,
    const GstSDPMessage * remote, GError ** error)
{
  return gst_rcast_transports_check_certificates (watch->transports, remote,
      error);
}

/* Whether packets were sent so recently that silence says nothing yet. */
gboolean
gst_rcast_watch_is_sending (GstRcastWatch * watch)
{
  return gst_rcast_liveness_is_sending (&watch->liveness,
      watch->media_timeout, gst_util_get_timestamp ());
}

/* Time without a report of the server, at most media-timeout. */
GstClockTime
gst_rcast_watch_get_silence (GstRcastWatch * watch)
{
  return get_silence (watch, gst_util_get_timestamp ());
}

/* Returns: (transfer full): how the media arrives, by the server's reports.
 * Any thread. */
GstStructure *
gst_rcast_watch_get_stats (GstRcastWatch * watch)
{
  const GstRcastLiveness *l = &watch->liveness;
  g_autoptr (GstStructure) path = gst_rcast_path_find_carrying (watch->ice);
  GstStructure *stats;

  GST_OBJECT_LOCK (watch);
  stats = gst_structure_new ("application/x-rcast-peer-stats",
      "rtt", G_TYPE_UINT64, l->rtt,
      "fraction-lost", G_TYPE_DOUBLE, l->fraction_lost,
      "packets-lost", G_TYPE_INT64, l->packets_lost,
      "reports", G_TYPE_UINT64, l->reports, NULL);
  GST_OBJECT_UNLOCK (watch);
  gst_rcast_repair_filter_add_stats (watch->repairs, stats);
  gst_rcast_rates_add_stats (watch->rates, stats);
  if (path)
    gst_structure_set (stats, "path", GST_TYPE_STRUCTURE, path, NULL);
  return stats;
}

/* No callback comes after this. Twice is fine. */
void
gst_rcast_watch_stop (GstRcastWatch * watch)
{
  if (watch->stopped)
    return;
  watch->stopped = TRUE;
  gst_rcast_source_clear (&watch->watchdog);
  gst_rcast_allot_stop (watch->allot);
  gst_rcast_repair_filter_stop (watch->repairs);
  g_signal_handlers_disconnect_by_data (watch->webrtc, watch);
  g_signal_handlers_disconnect_by_data (watch->ice, watch);
  gst_rcast_transports_disconnect (watch->transports, watch);
}

/**
 * gst_rcast_watch_new:
 * @name: name of the object
 * @loop: its thread runs all callbacks, and all functions here unless they say otherwise
 * @webrtc: a webrtcbin with a #GstRcastIce
 * @lines: (element-type GstRcastLine): the lines that it sends
 * @media_timeout: silence after which media is suspect
 * @allot: settings for how much may be sent
 * @callbacks: what happens
 * @data: for @callbacks; valid until gst_rcast_watch_stop()
 *
 *
 * Returns: (transfer full): a watch, which has to be stopped
 */
GstRcastWatch *
gst_rcast_watch_new (const gchar * name, GstRcastLoop * loop,
    GstElement * webrtc, GPtrArray * lines, GstClockTime media_timeout,
    const GstRcastAllotSettings * allot, const GstRcastWatchCallbacks * callbacks,
    gpointer data)
{
  GstRcastWatch *watch = g_object_new (GST_TYPE_RCAST_WATCH, "name", name,
      NULL);

  gst_object_ref_sink (watch);
  watch->loop = gst_rcast_loop_ref (loop);
  watch->webrtc = gst_object_ref (webrtc);
  g_object_get (webrtc, "ice-agent", &watch->ice, NULL);
  watch->lines = g_ptr_array_ref (lines);
  watch->transports = gst_rcast_transports_new (webrtc);
  watch->repairs = gst_rcast_repair_filter_new (webrtc);
  watch->rates = gst_rcast_rates_new (name, &allot->rate,
      allot->capacities);
  if (allot->allowances)
    watch->allowances = gst_rcast_allowances_ref (allot->allowances);
  gst_rcast_rates_set_allowances (watch->rates, watch->allowances);
  gst_rcast_rates_watch (watch->rates, watch->ice, watch->repairs,
      allot->control != GST_RCAST_CONGESTION_CONTROL_NONE);
  watch->allot = gst_rcast_allot_new (watch->rates, lines, allot);
  watch->media_timeout = media_timeout;
  watch->callbacks = *callbacks;
  watch->data = data;
  gst_rcast_listen (webrtc, "notify::connection-state",
      G_CALLBACK (on_connection_state), watch);
  gst_rcast_listen (watch->ice, "generation-swapped",
      G_CALLBACK (on_generation_swapped), watch);
  gst_rcast_listen (watch->ice, "path-changed",
      G_CALLBACK (on_path_changed), watch);
  return watch;
}

static void
gst_rcast_watch_finalize (GObject * object)
{
  GstRcastWatch *watch = GST_RCAST_WATCH (object);

  g_clear_pointer (&watch->loop, gst_rcast_loop_unref);
  /* The agent calls webrtcbin until it is gone: webrtcbin goes last. */
  gst_clear_object (&watch->ice);
  g_clear_pointer (&watch->transports, gst_rcast_transports_free);
  gst_clear_object (&watch->webrtc);
  gst_clear_object (&watch->repairs);
  g_clear_pointer (&watch->allot, gst_rcast_allot_free);
  gst_clear_object (&watch->rates);
  g_clear_pointer (&watch->lines, g_ptr_array_unref);
  g_clear_pointer (&watch->allowances, gst_rcast_allowances_unref);
  g_strfreev (watch->barred);
  gst_rcast_liveness_clear (&watch->liveness);
  move_clear (&watch->switched);
  move_clear (&watch->landed);
  G_OBJECT_CLASS (gst_rcast_watch_parent_class)->finalize (object);
}

static void
gst_rcast_watch_class_init (GstRcastWatchClass * klass)
{
  GST_DEBUG_CATEGORY_INIT (rcast_watch_debug, "rcastwatch", 0,
      "gst-rcast: does media arrive");

  G_OBJECT_CLASS (klass)->finalize = gst_rcast_watch_finalize;
}

static void
gst_rcast_watch_init (GstRcastWatch * watch)
{
  gst_rcast_liveness_init (&watch->liveness);
}
