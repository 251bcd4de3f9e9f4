/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bin that keeps a WebRTC broadcast on air. */

/**
 * SECTION:element-rcastsink
 * @title: rcastsink
 * @short_description: broadcasts over WebRTC
 *
 * Sends any number of video and audio streams to a WebRTC server. The scheme of
 * #GstRcastSink:location picks the signalling element: `whip+https://…` is
 * rcastwhip. Pads take raw, encoded or RTP media; what is not encoded yet is
 * encoded with what ranks highest among the installed encoders.
 *
 * Upstream never notices the network: while there is no connection, media is
 * dropped and counted, and nothing blocks. A file plays out in real time. At the
 * end of the stream the session is closed at the server before EOS is forwarded.
 *
 * At every change of #GstRcastSink:status the element posts one element message,
 * named after the status: `signalling`, `connected`, `broadcasting`,
 * `disconnected`. Its fields are described in docs/messages.md. When the
 * broadcast fails for good one error message follows.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 -m videotestsrc is-live=true ! rcastsink location=whip+http://127.0.0.1:8080/whip/demo
 * ]|
 *
 * Since: 0.1
 */
#include "config.h"

#include "gstrcastsink.h"

#include "gstrcastdriver.h"
#include "gstrcastpads.h"
#include "gstrcaststallwatch.h"
#include "gstrcastservers.h"
#include "gstrcastsettings.h"
#include "gstrcastsignals.h"
#include "rcast-enumtypes.h"
#include "rcast-history.h"
#include "rcast-nick.h"
#include "rcast-report.h"
#include "rcast-signaller.h"

GST_DEBUG_CATEGORY_STATIC (rcast_sink_debug);
#define GST_CAT_DEFAULT rcast_sink_debug

struct _GstRcastSink
{
  GstBin parent;

  GstRcastSettings settings;    /* OBJECT_LOCK */

  /* OBJECT_LOCK: published */
  GstRcastStatus status;
  GstRcastHistory history;
  GstClockTime status_since;    /* monotonic */

  GstRcastServers *servers;     /* constant */
  GstRcastGhosts *ghosts;       /* constant */
  GstClock *clock;              /* changed in NULL only */
  GstRcastPads *pads;           /* constant */
  GstMessage *eos;              /* OBJECT_LOCK: held back until it is delivered */
  GstRcastDriver *driver;       /* OBJECT_LOCK; from NULL->READY to READY->NULL */
  GstRcastStallWatch *stall_watch;      /* like the driver; changed by state changes only */
};

static GParamSpec *props[GST_RCAST_N_PROPS];
static guint signals[GST_RCAST_N_SIGNALS];

static void uri_handler_init (gpointer iface, gpointer data);
static void child_proxy_init (gpointer iface, gpointer data);

#define gst_rcast_sink_parent_class parent_class
G_DEFINE_TYPE_WITH_CODE (GstRcastSink, gst_rcast_sink, GST_TYPE_BIN,
    G_IMPLEMENT_INTERFACE (GST_TYPE_URI_HANDLER, uri_handler_init);
    G_IMPLEMENT_INTERFACE (GST_TYPE_CHILD_PROXY, child_proxy_init);
    GST_DEBUG_CATEGORY_INIT (rcast_sink_debug, "rcastsink", 0,
        "gst-rcast: the broadcasting bin"));
/* Above giosink, which takes http:// for a file system. */
GST_ELEMENT_REGISTER_DEFINE (rcastsink, "rcastsink", GST_RANK_PRIMARY,
    GST_TYPE_RCAST_SINK);

static GstRcastDriver *
dup_driver (GstRcastSink * self)
{
  GstRcastDriver *driver;

  GST_OBJECT_LOCK (self);
  driver = self->driver ? gst_object_ref (self->driver) : NULL;
  GST_OBJECT_UNLOCK (self);
  return driver;
}

/* What the driver asks and reports: on its loop's thread */

static GPtrArray *
get_streams (gpointer data)
{
  GstRcastSink *self = data;

  return gst_rcast_pads_list_streams (self->pads);
}

static void
get_settings (GstRcastPeerSettings * settings, gpointer data)
{
  GstRcastSink *self = data;

  GST_OBJECT_LOCK (self);
  gst_rcast_settings_get_peer (&self->settings, settings);
  GST_OBJECT_UNLOCK (self);
}

static void
on_status (const GstRcastStatusInfo * info, GPtrArray * messages, gpointer data)
{
  GstRcastSink *self = data;

  GST_OBJECT_LOCK (self);
  self->status = info->status;
  self->status_since = gst_util_get_timestamp ();
  gst_rcast_history_add (&self->history, info, self->status_since,
      g_get_real_time () * GST_USECOND);
  GST_OBJECT_UNLOCK (self);

  for (guint i = 0; i < messages->len; i++)
    gst_element_post_message (GST_ELEMENT (self),
        gst_message_ref (g_ptr_array_index (messages, i)));
  g_object_notify_by_pspec (G_OBJECT (self), props[GST_RCAST_PROP_STATUS]);
}

static void
on_post (GstMessage * message, gpointer data)
{
  gst_element_post_message (GST_ELEMENT (data), message);
}

static void
on_hastened (const gchar * by, gpointer data)
{
  GstRcastSink *self = data;

  GST_OBJECT_LOCK (self);
  gst_rcast_history_hasten (&self->history, by, gst_util_get_timestamp ());
  GST_OBJECT_UNLOCK (self);
}

static void
on_message_received (const gchar * type, const gchar * payload, gpointer data)
{
  g_signal_emit (data, signals[GST_RCAST_SIGNAL_MESSAGE_RECEIVED], 0, type, payload);
}

static void
on_eos (gpointer data)
{
  GstRcastSink *self = data;
  GstMessage *eos;

  GST_OBJECT_LOCK (self);
  eos = g_steal_pointer (&self->eos);
  GST_OBJECT_UNLOCK (self);
  if (eos)
    GST_ELEMENT_CLASS (parent_class)->post_message (GST_ELEMENT (self), eos);
}

/* The bin has collected the ends of all streams: the application hears of it
 * when the server has. Any streaming thread. */
static gboolean
gst_rcast_sink_post_message (GstElement * element, GstMessage * message)
{
  GstRcastSink *self = GST_RCAST_SINK (element);
  g_autoptr (GstRcastDriver) driver = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS
      && GST_MESSAGE_SRC (message) == GST_OBJECT (self))
    driver = dup_driver (self);
  if (!driver)
    return GST_ELEMENT_CLASS (parent_class)->post_message (element, message);

  GST_OBJECT_LOCK (self);
  gst_clear_message (&self->eos);
  self->eos = message;
  GST_OBJECT_UNLOCK (self);
  gst_rcast_driver_eos (driver);
  return TRUE;
}

/* Pads */

static void
on_encoder_setup (const gchar * pad, GstElement * encoder, gpointer data)
{
  g_signal_emit (data, signals[GST_RCAST_SIGNAL_ENCODER_SETUP], 0, pad, encoder);
}

static void
on_pads_changed (gpointer data)
{
  g_autoptr (GstRcastDriver) driver = dup_driver (data);

  if (driver)
    gst_rcast_driver_streams_changed (driver);
}

static void
post_warning (GstElement * element, gpointer message)
{
  gst_element_post_message (element, gst_message_ref (message));
}

/* Whoever handles the message must not meet the locks of a streaming thread. */
static void
on_trouble (const gchar * pad, GstRcastTrouble trouble, gint64 ahead,
    guint count, gpointer data)
{
  gst_element_call_async (data, post_warning,
      gst_rcast_report_trouble (data, pad, trouble, ahead, count),
      (GDestroyNotify) gst_message_unref);
}

static const GstRcastPadsCallbacks pads_callbacks = {
  .changed = on_pads_changed,
  .encoder_setup = on_encoder_setup,
  .trouble = on_trouble,
};

static GstPad *
gst_rcast_sink_request_new_pad (GstElement * element,
    GstPadTemplate * template, const gchar * wanted, const GstCaps * caps)
{
  return gst_rcast_pads_request (GST_RCAST_SINK (element)->pads, template,
      wanted);
}

static void
gst_rcast_sink_release_pad (GstElement * element, GstPad * pad)
{
  gst_rcast_pads_release (GST_RCAST_SINK (element)->pads, pad);
}

/* The servers */

/* On a thread of the signaller's. An empty token: there will not be one. */
static gchar *
on_request_token (const gchar * location, gpointer data)
{
  gchar *token = NULL;

  if (!g_signal_has_handler_pending (data, signals[GST_RCAST_SIGNAL_REQUEST_TOKEN], 0,
          FALSE))
    return g_strdup ("");
  g_signal_emit (data, signals[GST_RCAST_SIGNAL_REQUEST_TOKEN], 0, location, &token);
  return token;
}

static const GstRcastSpeakersCallbacks speakers_callbacks = {
  .request_token = on_request_token,
};

/* The loop's thread */
static void
on_stream_changed (GstRcastStream * stream, const GstRcastStall * stall,
    const gchar * hint, gpointer data)
{
  gst_element_post_message (GST_ELEMENT (data),
      gst_rcast_report_stream (GST_OBJECT (data), GST_OBJECT_NAME (stream),
          stall->stalled, stall->stage, stall->silence, hint));
}

static const GstRcastStallWatchClient stall_watch_client = {
  .late = on_pads_changed,
  .get_streams = get_streams,
  .changed = on_stream_changed,
};

static const GstRcastDriverClient driver_client = {
  .get_streams = get_streams,
  .get_settings = get_settings,
  .status = on_status,
  .hastened = on_hastened,
  .post = on_post,
  .message_received = on_message_received,
  .eos = on_eos,
};

/* States */

/* FALSE: there is no server, and a message says so */
static gboolean
check_servers (GstRcastSink * self)
{
  g_autoptr (GError) error = NULL;

  if (gst_rcast_servers_prepare (self->servers, &error))
    return TRUE;
  GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS, ("%s", error->message), (NULL));
  return FALSE;
}

static void
warn_of_unknown_paths (GstRcastSink * self)
{
  g_auto (GStrv) unknown = NULL;

  GST_OBJECT_LOCK (self);
  unknown = gst_rcast_settings_list_unknown_paths (&self->settings);
  GST_OBJECT_UNLOCK (self);
  for (guint i = 0; unknown[i]; i++)
    GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS,
        ("path-preference: there is no interface \"%s\" now, and it is no kind "
            "of interface (ethernet, wifi, cellular, vpn)", unknown[i]),
        (NULL));
}

/* The times that count from the next start on. */
static GstRcastPolicyConfig
take_config (GstRcastSink * self)
{
  guint n_locations = gst_rcast_servers_get_length (self->servers);
  GstRcastPolicyConfig config;

  GST_OBJECT_LOCK (self);
  config = gst_rcast_settings_get_config (&self->settings, n_locations);
  GST_OBJECT_UNLOCK (self);
  return config;
}

/* Not the system's default clock, which an application may have replaced by one that
 * is set, or stands still. For ever: a clock must not be freed by its own thread.
 * Returns: (transfer full) */
static GstClock *
obtain_clock (void)
{
  static GstClock *clock;
  static gsize once;

  if (g_once_init_enter (&once)) {
    clock = g_object_new (GST_TYPE_SYSTEM_CLOCK, "name", "rcast-clock", NULL);
    gst_object_ref_sink (clock);
    GST_OBJECT_FLAG_SET (clock, GST_OBJECT_FLAG_MAY_BE_LEAKED);
    g_once_init_leave (&once, 1);
  }
  return gst_object_ref (clock);
}

/**
 * gst_rcast_sink_set_clock:
 * @self: the element, in NULL
 * @clock: the clock of its deadlines from the next start on
 */
void
gst_rcast_sink_set_clock (GstRcastSink * self, GstClock * clock)
{
  g_return_if_fail (GST_IS_RCAST_SINK (self));

  gst_object_replace ((GstObject **) & self->clock, GST_OBJECT (clock));
}

/* Without the file the broadcast goes on, and one message says why. */
static void
load_ghosts (GstRcastSink * self)
{
  g_autofree gchar *path = NULL;
  g_autoptr (GError) error = NULL;

  GST_OBJECT_LOCK (self);
  path = g_strdup (self->settings.state_file);
  GST_OBJECT_UNLOCK (self);
  if (!gst_rcast_ghosts_load (self->ghosts, path, self->clock, &error))
    GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS, ("%s", error->message),
        (NULL));
}

static gboolean
start_driver (GstRcastSink * self)
{
  GstClock *clock = self->clock;
  GstRcastPolicyConfig config = take_config (self);
  GstRcastDriver *driver;

  if (!check_servers (self))
    return FALSE;
  warn_of_unknown_paths (self);
  load_ghosts (self);
  driver = gst_rcast_driver_new (GST_BIN (self), self->servers, self->ghosts,
      clock, &config, &driver_client, self);
  self->stall_watch = gst_rcast_stall_watch_new (gst_rcast_driver_get_loop (driver),
      clock, &stall_watch_client, self);
  GST_OBJECT_LOCK (self);
  self->driver = driver;
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

/* What was set in READY. */
static void
configure_driver (GstRcastSink * self)
{
  GstRcastPolicyConfig config = take_config (self);

  gst_rcast_driver_configure (self->driver, &config);
}

static void
end_driver (GstRcastSink * self)
{
  g_autoptr (GstRcastDriver) driver = dup_driver (self);

  if (!driver)
    return;
  gst_rcast_stall_watch_stop (self->stall_watch);
  gst_rcast_driver_shutdown (driver);
  gst_clear_object (&self->stall_watch);
  gst_rcast_servers_leave (self->servers);
  gst_rcast_ghosts_save (self->ghosts);
  GST_OBJECT_LOCK (self);
  gst_clear_object (&self->driver);
  gst_clear_message (&self->eos);
  GST_OBJECT_UNLOCK (self);
}

static void
start_stall_watch (GstRcastSink * self)
{
  GstClockTime timeout, start_timeout;

  GST_OBJECT_LOCK (self);
  timeout = self->settings.stream_timeout * GST_MSECOND;
  start_timeout = self->settings.start_timeout * GST_MSECOND;
  GST_OBJECT_UNLOCK (self);
  gst_rcast_stall_watch_start (self->stall_watch, timeout, start_timeout);
}

static GstStateChangeReturn
gst_rcast_sink_change_state (GstElement * element, GstStateChange transition)
{
  GstRcastSink *self = GST_RCAST_SINK (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_NULL_TO_READY && !start_driver (self))
    return GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    if (!check_servers (self))
      return GST_STATE_CHANGE_FAILURE;
    configure_driver (self);
    start_stall_watch (self);
  }
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    gst_rcast_stall_watch_stop (self->stall_watch);
    gst_rcast_driver_stop (self->driver);
  }
  if (transition == GST_STATE_CHANGE_READY_TO_NULL)
    end_driver (self);

  ret = GST_ELEMENT_CLASS (parent_class)->change_state (element, transition);

  if (ret == GST_STATE_CHANGE_FAILURE) {
    if (transition == GST_STATE_CHANGE_NULL_TO_READY)
      end_driver (self);
    return ret;
  }
  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING) {
    gst_rcast_driver_sync_base_time (self->driver);
    gst_rcast_driver_start (self->driver);
    start_stall_watch (self);
  }
  return ret;
}

/* While a broadcast runs, it has read what counts for it. */
static gboolean
may_set (GstRcastSink * self, GParamSpec * pspec)
{
  GstState state;

  GST_OBJECT_LOCK (self);
  state = MAX (GST_STATE (self), GST_STATE_NEXT (self));
  GST_OBJECT_UNLOCK (self);
  return state <= GST_STATE_READY
      || (pspec->flags & GST_PARAM_MUTABLE_PLAYING) != 0;
}

static gboolean
set_locations (GstRcastSink * self, const GValue * value, GError ** error)
{
  g_auto (GStrv) locations = gst_rcast_settings_list_strings (value);

  return gst_rcast_servers_set_locations (self->servers,
      (const gchar * const *) locations, error);
}

/* Hands on what others keep. */
static void
settings_changed (GstRcastSink * self)
{
  GstRcastPadsDefaults defaults;
  guint limit;

  GST_OBJECT_LOCK (self);
  limit = self->settings.failover_connect_timeout;
  gst_rcast_settings_get_defaults (&self->settings, &defaults);
  GST_OBJECT_UNLOCK (self);
  gst_rcast_servers_set_connect_limit (self->servers, limit);
  gst_rcast_pads_set_defaults (self->pads, &defaults);
}

static gboolean
set_setting (GstRcastSink * self, guint id, const GValue * value,
    GError ** error)
{
  gboolean good;

  GST_OBJECT_LOCK (self);
  good = gst_rcast_settings_set (&self->settings, id, value, error);
  GST_OBJECT_UNLOCK (self);
  if (good)
    settings_changed (self);
  return good;
}

/* Before it runs, it looks at them when it starts. */
static void
locations_changed (GstRcastSink * self)
{
  g_autoptr (GstRcastDriver) driver = dup_driver (self);

  if (driver)
    gst_rcast_driver_locations_changed (driver);
}

static gboolean
set_location (GstRcastSink * self, const gchar * location, GError ** error)
{
  if (!gst_rcast_servers_set_location (self->servers, location, error))
    return FALSE;
  locations_changed (self);
  return TRUE;
}

/* FALSE with @error: the value is refused, and the old one stays */
static gboolean
set_value (GstRcastSink * self, guint id, const GValue * value,
    GError ** error)
{
  switch (id) {
    case GST_RCAST_PROP_SIGNALLER:
      return gst_rcast_servers_set_signaller (self->servers,
          g_value_get_object (value), error);
    case GST_RCAST_SETTING_LOCATION:
      return set_location (self, g_value_get_string (value), error);
    case GST_RCAST_SETTING_LOCATIONS:
      if (!set_locations (self, value, error))
        return FALSE;
      locations_changed (self);
      return TRUE;
    case GST_RCAST_SETTING_AUTH_TOKEN:
      gst_rcast_servers_set_token (self->servers, g_value_get_string (value));
      return TRUE;
    case GST_RCAST_SETTING_AUTH_TOKENS:
      gst_rcast_servers_take_tokens (self->servers,
          gst_rcast_settings_list_strings (value));
      return TRUE;
    default:
      return set_setting (self, id, value, error);
  }
}

static void
gst_rcast_sink_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GstRcastSink *self = GST_RCAST_SINK (object);
  g_autoptr (GError) error = NULL;

  if (!may_set (self, pspec))
    g_warning ("%s: property \"%s\" can be set in the states NULL and READY "
        "only; it stays as it is", GST_OBJECT_NAME (self), pspec->name);
  else if (!set_value (self, id, value, &error))
    g_warning ("%s: property \"%s\" stays as it is: %s",
        GST_OBJECT_NAME (self), pspec->name, error->message);
}

typedef struct
{
  GstStructure *to;
  const gchar *prefix;
} Flat;

/* The numbers of an inner structure once more, as fields of the outer one. */
static gboolean
flatten (GQuark field, const GValue * value, gpointer data)
{
  const Flat *flat = data;
  g_autofree gchar *name = NULL;

  if (GST_VALUE_HOLDS_STRUCTURE (value)) {
    const Flat inner = { flat->to, g_quark_to_string (field) };

    gst_structure_foreach (gst_value_get_structure (value), flatten,
        (gpointer) & inner);
    return TRUE;
  }
  name = g_strconcat (flat->prefix, "-", g_quark_to_string (field), NULL);
  gst_structure_set_value (flat->to, name, value);
  return TRUE;
}

static GstStructure *
get_stats (GstRcastSink * self)
{
  g_autoptr (GstRcastDriver) driver = dup_driver (self);
  g_autoptr (GstStructure) peer = driver ?
      gst_rcast_driver_get_peer_stats (driver) : NULL;
  g_autofree gchar *beside = driver ?
      gst_rcast_driver_dup_beside (driver) : NULL;
  GstStructure *stats = gst_structure_new_empty ("application/x-rcast-stats");
  GstClockTime now;

  gst_rcast_pads_add_stats (self->pads, stats);
  gst_rcast_servers_add_stats (self->servers, stats);
  GST_OBJECT_LOCK (self);
  /* Not before: what it is compared with is written under the lock. */
  now = gst_util_get_timestamp ();
  gst_structure_set (stats,
      "status", G_TYPE_STRING,
      gst_rcast_nick (GST_TYPE_RCAST_STATUS, self->status),
      "status-duration", G_TYPE_UINT64, now - self->status_since, NULL);
  gst_rcast_history_to_stats (&self->history, now, stats);
  GST_OBJECT_UNLOCK (self);
  if (beside)
    gst_structure_set (stats, "beside", G_TYPE_STRING, beside, NULL);
  if (peer) {
    Flat flat = { stats, "peer" };

    gst_structure_set (stats, "peer", GST_TYPE_STRUCTURE, peer, NULL);
    gst_structure_foreach (peer, flatten, &flat);
  }
  return stats;
}

static void
get_locations (GstRcastSink * self, GValue * value)
{
  g_auto (GStrv) locations = gst_rcast_servers_dup_locations (self->servers);

  for (guint i = 0; locations[i]; i++) {
    GValue item = G_VALUE_INIT;

    g_value_init (&item, G_TYPE_STRING);
    g_value_set_string (&item, locations[i]);
    gst_value_array_append_and_take_value (value, &item);
  }
}

static void
gst_rcast_sink_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstRcastSink *self = GST_RCAST_SINK (object);

  switch (id) {
    case GST_RCAST_PROP_SIGNALLER:
      g_value_take_object (value,
          gst_rcast_servers_dup_signaller (self->servers));
      break;
    case GST_RCAST_PROP_STATS:
      g_value_take_boxed (value, get_stats (self));
      break;
    case GST_RCAST_SETTING_LOCATION:
      g_value_take_string (value,
          gst_rcast_servers_dup_location (self->servers));
      break;
    case GST_RCAST_SETTING_LOCATIONS:
      get_locations (self, value);
      break;
    case GST_RCAST_PROP_STATUS:
      GST_OBJECT_LOCK (self);
      g_value_set_enum (value, self->status);
      GST_OBJECT_UNLOCK (self);
      break;
    default:
      GST_OBJECT_LOCK (self);
      gst_rcast_settings_get (&self->settings, id, value);
      GST_OBJECT_UNLOCK (self);
      break;
  }
}

/* `gst_element_make_from_uri ()` */

static GstURIType
uri_get_type (GType type)
{
  return GST_URI_SINK;
}

/* The registry asks when it scans this plugin, alone: so these are the schemes of the
 * signallers that we know of, whether or not they are installed. `location` takes
 * those of all that are. */
static const gchar *const *
uri_get_protocols (GType type)
{
  static const gchar *const protocols[] = { "whip+https", "whip+http", "whips",
    "whip", "https", "http", "janus+wss", "janus+ws", NULL
  };

  return protocols;
}

static gchar *
uri_get_uri (GstURIHandler * handler)
{
  return gst_rcast_servers_dup_location (GST_RCAST_SINK (handler)->servers);
}

static gboolean
uri_set_uri (GstURIHandler * handler, const gchar * uri, GError ** error)
{
  GstRcastSink *self = GST_RCAST_SINK (handler);
  g_autoptr (GError) reason = NULL;

  if (set_location (self, uri, &reason))
    return TRUE;
  g_set_error_literal (error, GST_URI_ERROR, g_error_matches (reason,
          GST_URI_ERROR, GST_URI_ERROR_BAD_STATE) ? GST_URI_ERROR_BAD_STATE :
      GST_URI_ERROR_BAD_URI, reason->message);
  return FALSE;
}

static void
uri_handler_init (gpointer iface, gpointer data)
{
  GstURIHandlerInterface *handler = iface;

  handler->get_type = uri_get_type;
  handler->get_protocols = uri_get_protocols;
  handler->get_uri = uri_get_uri;
  handler->set_uri = uri_set_uri;
}

/* `signaller::timeout=…`, whatever the name of the present one is */

static GstChildProxyInterface *parent_child_proxy;

static GObject *
get_child_by_name (GstChildProxy * proxy, const gchar * name)
{
  GstRcastSink *self = GST_RCAST_SINK (proxy);
  GstRcastSignaller *signaller = g_str_equal (name, "signaller") ?
      gst_rcast_servers_dup_signaller (self->servers) : NULL;

  return signaller ? G_OBJECT (signaller) :
      parent_child_proxy->get_child_by_name (proxy, name);
}

static void
child_proxy_init (gpointer iface, gpointer data)
{
  GstChildProxyInterface *proxy = iface;

  parent_child_proxy = g_type_interface_peek_parent (iface);
  proxy->get_child_by_name = get_child_by_name;
}

static void
gst_rcast_sink_finalize (GObject * object)
{
  GstRcastSink *self = GST_RCAST_SINK (object);

  gst_rcast_settings_clear (&self->settings);
  gst_object_unref (self->ghosts);
  gst_object_unref (self->servers);
  gst_object_unref (self->clock);
  gst_object_unref (self->pads);
  G_OBJECT_CLASS (parent_class)->finalize (object);
}

static void
gst_rcast_sink_dispose (GObject * object)
{
  GstRcastSink *self = GST_RCAST_SINK (object);

  gst_clear_message (&self->eos);
  G_OBJECT_CLASS (parent_class)->dispose (object);
}

static void
ice_restart (GstRcastSink * self)
{
  g_autoptr (GstRcastDriver) driver = dup_driver (self);

  if (driver)
    gst_rcast_driver_ice_restart (driver);
}

static void
renegotiate (GstRcastSink * self)
{
  g_autoptr (GstRcastDriver) driver = dup_driver (self);

  if (driver)
    gst_rcast_driver_renegotiate (driver);
}

static void
reconnect_now (GstRcastSink * self)
{
  g_autoptr (GstRcastDriver) driver = dup_driver (self);

  if (driver)
    gst_rcast_driver_reconnect_now (driver);
}

static void
set_token (GstRcastSink * self, const gchar * location, const gchar * token)
{
  g_return_if_fail (location != NULL && token != NULL);

  gst_rcast_servers_give_token (self->servers, location, token);
}

static gboolean
send_message (GstRcastSink * self, const gchar * type, const gchar * payload,
    gboolean retry_after_reconnect)
{
  g_autoptr (GstRcastDriver) driver = dup_driver (self);
  g_autoptr (GstRcastLetter) letter =
      gst_rcast_letter_new (type, payload, retry_after_reconnect);

  if (!driver || !letter)
    return FALSE;
  gst_rcast_driver_send_message (driver, g_steal_pointer (&letter));
  return TRUE;
}

static const GstRcastSinkActions actions = {
  .ice_restart = ice_restart,
  .renegotiate = renegotiate,
  .reconnect_now = reconnect_now,
  .set_token = set_token,
  .send_message = send_message,
};

static void
add_template (GstElementClass * klass, const gchar * name, GstRcastMedia media)
{
  g_autoptr (GstCaps) caps = gst_rcast_media_get_caps (media);

  gst_element_class_add_pad_template (klass, gst_pad_template_new (name,
          GST_PAD_SINK, GST_PAD_REQUEST, caps));
}

static void
gst_rcast_sink_class_init (GstRcastSinkClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->set_property = gst_rcast_sink_set_property;
  object_class->get_property = gst_rcast_sink_get_property;
  object_class->dispose = gst_rcast_sink_dispose;
  object_class->finalize = gst_rcast_sink_finalize;
  element_class->change_state = gst_rcast_sink_change_state;
  element_class->request_new_pad = gst_rcast_sink_request_new_pad;
  element_class->release_pad = gst_rcast_sink_release_pad;
  element_class->post_message = gst_rcast_sink_post_message;

  gst_rcast_settings_make_specs (props);
  g_object_class_install_properties (object_class, GST_RCAST_N_PROPS, props);
  gst_rcast_signals_install (G_TYPE_FROM_CLASS (klass), signals, &actions);

  add_template (element_class, "video_%u", GST_RCAST_MEDIA_VIDEO);
  add_template (element_class, "audio_%u", GST_RCAST_MEDIA_AUDIO);
  gst_element_class_set_static_metadata (element_class, "Rcast sink",
      "Sink/Network/WebRTC", "Keeps a WebRTC broadcast on air",
      "The gst-rcast developers");
  gst_type_mark_as_plugin_api (GST_TYPE_RCAST_STATUS, 0);
}

static void
gst_rcast_sink_init (GstRcastSink * self)
{
  /* From the start on, and with no pad at all: a bin around it counts its sinks when
   * they are added. */
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SINK);
  gst_bin_set_suppressed_flags (GST_BIN (self), GST_ELEMENT_FLAG_SINK);
  self->clock = obtain_clock ();
  self->servers = gst_rcast_servers_new (GST_BIN (self),
      GST_RCAST_DIRECTION_SEND, &speakers_callbacks, self);
  self->ghosts = gst_rcast_ghosts_new (self->servers);
  self->pads = gst_rcast_pads_new (GST_BIN (self), &pads_callbacks, self);
  gst_rcast_settings_init (&self->settings, props);
  settings_changed (self);
  gst_rcast_history_init (&self->history);
  self->status_since = gst_util_get_timestamp ();
}
