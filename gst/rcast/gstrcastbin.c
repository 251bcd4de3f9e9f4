/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rcastsink and rcastsrc share: settings, servers, states, and the driver. */
#include "config.h"

#include "gstrcastbin.h"

#include "gstrcastdriver.h"
#include "gstrcastservers.h"
#include "gstrcastsignals.h"
#include "gstrcastwebrtc.h"
#include "rcast-enumtypes.h"
#include "rcast-history.h"
#include "rcast-nick.h"
#include "rcast-report.h"
#include "rcast-signaller.h"

GST_DEBUG_CATEGORY_STATIC (rcast_bin_debug);
#define GST_CAT_DEFAULT rcast_bin_debug

typedef struct
{
  GstRcastSettings settings;    /* OBJECT_LOCK */

  /* OBJECT_LOCK: published */
  GstRcastStatus status;
  GstRcastHistory history;
  GstClockTime status_since;    /* monotonic time */

  GstRcastServers *servers;     /* constant */
  GstRcastGhosts *ghosts;       /* constant */
  GstRcastCapacities *capacities;       /* constant */
  GstRcastAllowances *allowances;       /* constant */
  GstClock *clock;              /* only changed in NULL */
  GstRcastDriver *driver;       /* OBJECT_LOCK; from NULL->READY to READY->NULL */
  GThread *preparing;           /* the same; only used by state changes */
} GstRcastBinPrivate;

static GParamSpec *props[GST_RCAST_N_PROPS];
static guint signals[GST_RCAST_N_SIGNALS];

static void uri_handler_init (gpointer iface, gpointer data);
static void child_proxy_init (gpointer iface, gpointer data);

#define gst_rcast_bin_parent_class parent_class
G_DEFINE_ABSTRACT_TYPE_WITH_CODE (GstRcastBin, gst_rcast_bin, GST_TYPE_BIN,
    G_ADD_PRIVATE (GstRcastBin);
    G_IMPLEMENT_INTERFACE (GST_TYPE_URI_HANDLER, uri_handler_init);
    G_IMPLEMENT_INTERFACE (GST_TYPE_CHILD_PROXY, child_proxy_init);
    GST_DEBUG_CATEGORY_INIT (rcast_bin_debug, "rcastbin", 0,
        "gst-rcast: what sending and receiving share"));

#define PRIV(self) \
  ((GstRcastBinPrivate *) gst_rcast_bin_get_instance_private (self))

static GstRcastDriver *
dup_driver (GstRcastBin * self)
{
  GstRcastDriver *driver;

  GST_OBJECT_LOCK (self);
  driver = PRIV (self)->driver ? gst_object_ref (PRIV (self)->driver) : NULL;
  GST_OBJECT_UNLOCK (self);
  return driver;
}

/* The driver's callbacks: on its loop's thread */

static GPtrArray *
get_streams (gpointer data)
{
  GstRcastBinClass *klass = GST_RCAST_BIN_GET_CLASS (data);

  return klass->get_streams ? klass->get_streams (data) : NULL;
}

static void
get_settings (GstRcastPeerSettings * settings, gpointer data)
{
  GstRcastBin *self = data;
  GstRcastBinClass *klass = GST_RCAST_BIN_GET_CLASS (self);

  GST_OBJECT_LOCK (self);
  gst_rcast_settings_get_peer (&PRIV (self)->settings, settings);
  GST_OBJECT_UNLOCK (self);
  settings->allot.capacities =
      gst_rcast_capacities_ref (PRIV (self)->capacities);
  settings->allot.allowances =
      gst_rcast_allowances_ref (PRIV (self)->allowances);
  if (klass->get_peer)
    klass->get_peer (self, settings);
}

static void
on_status (const GstRcastStatusInfo * info, GPtrArray * messages, gpointer data)
{
  GstRcastBin *self = data;
  GstRcastBinClass *klass = GST_RCAST_BIN_GET_CLASS (self);

  GST_OBJECT_LOCK (self);
  PRIV (self)->status = info->status;
  PRIV (self)->status_since = gst_util_get_timestamp ();
  gst_rcast_history_add (&PRIV (self)->history, info, PRIV (self)->status_since,
      g_get_real_time () * GST_USECOND);
  GST_OBJECT_UNLOCK (self);

  for (guint i = 0; i < messages->len; i++)
    gst_element_post_message (GST_ELEMENT (self),
        gst_message_ref (g_ptr_array_index (messages, i)));
  g_object_notify_by_pspec (G_OBJECT (self), props[GST_RCAST_PROP_STATUS]);
  if (klass->status_changed)
    klass->status_changed (self, info);
}

static void
on_post (GstMessage * message, gpointer data)
{
  gst_element_post_message (GST_ELEMENT (data), message);
}

static void
on_hastened (const gchar * by, gpointer data)
{
  GstRcastBin *self = data;

  GST_OBJECT_LOCK (self);
  gst_rcast_history_hasten (&PRIV (self)->history, by, gst_util_get_timestamp ());
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
  GstRcastBinClass *klass = GST_RCAST_BIN_GET_CLASS (data);

  if (klass->eos_delivered)
    klass->eos_delivered (data);
}

/* The servers */

/* On one of the signaller's threads. An empty token: there is none. */
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

/* Streams that are watched beside the broadcast do not count. */
static void
on_stream_changed (GstRcastSignaller * signaller, GstRcastStreamChange change,
    const gchar * stream, const gchar * reason, gpointer data)
{
  GstRcastBinClass *klass = GST_RCAST_BIN_GET_CLASS (data);
  g_autoptr (GstRcastDriver) driver = dup_driver (data);

  if (klass->stream_changed && driver
      && gst_rcast_driver_is_main (driver, signaller))
    klass->stream_changed (data, change, stream, reason);
}

static const GstRcastSpeakersCallbacks speakers_callbacks = {
  .request_token = on_request_token,
  .stream_changed = on_stream_changed,
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

/* FALSE: there is no server, and an error was posted */
static gboolean
check_servers (GstRcastBin * self)
{
  g_autoptr (GError) error = NULL;

  if (gst_rcast_servers_prepare (PRIV (self)->servers, &error))
    return TRUE;
  GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS, ("%s", error->message), (NULL));
  return FALSE;
}

static void
warn_of_unknown_paths (GstRcastBin * self)
{
  g_auto (GStrv) unknown = NULL;

  GST_OBJECT_LOCK (self);
  unknown = gst_rcast_settings_list_unknown_paths (&PRIV (self)->settings);
  GST_OBJECT_UNLOCK (self);
  for (guint i = 0; unknown[i]; i++)
    GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS,
        ("path-preference, path-limits: there is no interface \"%s\" now, and it is no kind "
            "of interface (ethernet, wifi, cellular, vpn)", unknown[i]),
        (NULL));
}

/* Returns the times that take effect at the next start. */
static GstRcastPolicyConfig
take_config (GstRcastBin * self)
{
  guint n_locations = gst_rcast_servers_get_length (PRIV (self)->servers);
  GstRcastPolicyConfig config;

  GST_OBJECT_LOCK (self);
  config = gst_rcast_settings_get_config (&PRIV (self)->settings, n_locations);
  GST_OBJECT_UNLOCK (self);
  return config;
}

/* Returns a clock of our own: an application may have replaced the system's default clock by one
 * that is set, or stands still. It lives for ever, as a clock must not be freed by its own
 * thread. Returns: (transfer full) */
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
 * gst_rcast_bin_set_clock:
 * @self: the element, in NULL
 * @clock: the clock for its deadlines from the next start on
 */
void
gst_rcast_bin_set_clock (GstRcastBin * self, GstClock * clock)
{
  g_return_if_fail (GST_IS_RCAST_BIN (self));

  gst_object_replace ((GstObject **) & PRIV (self)->clock, GST_OBJECT (clock));
}

/* On the loop's thread */
static void
on_allowance (const GstRcastAllowancesNews * news, gpointer data)
{
  GstRcastBin *self = data;

  if (!news)
    gst_rcast_ghosts_keep (PRIV (self)->ghosts);
  else
    gst_element_post_message (GST_ELEMENT (self),
        gst_rcast_report_allowance (GST_OBJECT (self), news->interface,
            news->used, news->daily, news->spent));
}

static void
configure_allowances (GstRcastBin * self)
{
  g_auto (GStrv) limits = NULL;

  GST_OBJECT_LOCK (self);
  limits = gst_rcast_settings_dup_limits (&PRIV (self)->settings);
  GST_OBJECT_UNLOCK (self);
  gst_rcast_allowances_configure (PRIV (self)->allowances,
      (const gchar * const *) limits);
}

/* Without the file the broadcast goes on, after a warning. */
static void
load_ghosts (GstRcastBin * self)
{
  g_autofree gchar *path = NULL;
  g_autoptr (GError) error = NULL;

  GST_OBJECT_LOCK (self);
  path = g_strdup (PRIV (self)->settings.state_file);
  GST_OBJECT_UNLOCK (self);
  if (!gst_rcast_ghosts_load (PRIV (self)->ghosts, path, PRIV (self)->clock, &error))
    GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS, ("%s", error->message),
        (NULL));
}

static gboolean
start_driver (GstRcastBin * self)
{
  GstClock *clock = PRIV (self)->clock;
  GstRcastPolicyConfig config = take_config (self);
  GstRcastDriverClient client = driver_client;
  GstRcastDriver *driver;

  if (!check_servers (self))
    return FALSE;
  warn_of_unknown_paths (self);
  configure_allowances (self);
  load_ghosts (self);
  gst_rcast_allowances_watch (PRIV (self)->allowances, on_allowance, self);
  client.direction = GST_RCAST_BIN_GET_CLASS (self)->direction;
  driver = gst_rcast_driver_new (GST_BIN (self), PRIV (self)->servers, PRIV (self)->ghosts,
      clock, &config, &client, self);
  GST_OBJECT_LOCK (self);
  PRIV (self)->driver = driver;
  GST_OBJECT_UNLOCK (self);
  PRIV (self)->preparing = gst_rcast_webrtc_prepare ();
  return TRUE;
}

/* Applies what was set in READY. */
static void
configure_driver (GstRcastBin * self)
{
  GstRcastPolicyConfig config = take_config (self);

  configure_allowances (self);
  gst_rcast_driver_configure (PRIV (self)->driver, &config);
}

static void
end_driver (GstRcastBin * self)
{
  g_autoptr (GstRcastDriver) driver = dup_driver (self);

  g_clear_pointer (&PRIV (self)->preparing, g_thread_join);
  if (!driver)
    return;
  gst_rcast_driver_shutdown (driver);
  gst_rcast_servers_leave (PRIV (self)->servers);
  gst_rcast_allowances_watch (PRIV (self)->allowances, NULL, NULL);
  gst_rcast_ghosts_save (PRIV (self)->ghosts);
  GST_OBJECT_LOCK (self);
  gst_clear_object (&PRIV (self)->driver);
  GST_OBJECT_UNLOCK (self);
}

static GstStateChangeReturn
gst_rcast_bin_change_state (GstElement * element, GstStateChange transition)
{
  GstRcastBin *self = GST_RCAST_BIN (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_NULL_TO_READY && !start_driver (self))
    return GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    if (!check_servers (self))
      return GST_STATE_CHANGE_FAILURE;
    configure_driver (self);
  }
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    gst_rcast_driver_stop (PRIV (self)->driver);
  if (transition == GST_STATE_CHANGE_READY_TO_NULL)
    end_driver (self);

  ret = GST_ELEMENT_CLASS (parent_class)->change_state (element, transition);

  if (ret == GST_STATE_CHANGE_FAILURE) {
    if (transition == GST_STATE_CHANGE_NULL_TO_READY)
      end_driver (self);
    return ret;
  }
  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING) {
    gst_rcast_driver_sync_base_time (PRIV (self)->driver);
    gst_rcast_driver_start (PRIV (self)->driver);
  }
  return ret;
}

/* A running broadcast has read the settings that it cannot change. */
static gboolean
may_set (GstRcastBin * self, GParamSpec * pspec)
{
  GstState state;

  GST_OBJECT_LOCK (self);
  state = MAX (GST_STATE (self), GST_STATE_NEXT (self));
  GST_OBJECT_UNLOCK (self);
  return state <= GST_STATE_READY
      || (pspec->flags & GST_PARAM_MUTABLE_PLAYING) != 0;
}

static gboolean
set_locations (GstRcastBin * self, const GValue * value, GError ** error)
{
  g_auto (GStrv) locations = gst_rcast_settings_list_strings (value);

  return gst_rcast_servers_set_locations (PRIV (self)->servers,
      (const gchar * const *) locations, error);
}

/* Passes on the settings that others keep. */
static void
settings_changed (GstRcastBin * self)
{
  GstRcastBinClass *klass = GST_RCAST_BIN_GET_CLASS (self);
  guint limit;

  GST_OBJECT_LOCK (self);
  limit = PRIV (self)->settings.failover_connect_timeout;
  GST_OBJECT_UNLOCK (self);
  gst_rcast_servers_set_connect_limit (PRIV (self)->servers, limit);
  if (klass->settings_changed)
    klass->settings_changed (self);
}

static gboolean
set_setting (GstRcastBin * self, guint id, const GValue * value,
    GError ** error)
{
  gboolean good;

  GST_OBJECT_LOCK (self);
  good = gst_rcast_settings_set (&PRIV (self)->settings, id, value, error);
  GST_OBJECT_UNLOCK (self);
  if (good)
    settings_changed (self);
  return good;
}

/* Before the driver runs, there is nothing to do: it reads the locations when it starts. */
static void
locations_changed (GstRcastBin * self)
{
  g_autoptr (GstRcastDriver) driver = dup_driver (self);

  if (driver)
    gst_rcast_driver_locations_changed (driver);
}

static gboolean
set_location (GstRcastBin * self, const gchar * location, GError ** error)
{
  if (!gst_rcast_servers_set_location (PRIV (self)->servers, location, error))
    return FALSE;
  locations_changed (self);
  return TRUE;
}

/* FALSE with @error: the value is refused, and the old one stays */
static gboolean
set_value (GstRcastBin * self, guint id, const GValue * value,
    GError ** error)
{
  switch (id) {
    case GST_RCAST_PROP_SIGNALLER:
      return gst_rcast_servers_set_signaller (PRIV (self)->servers,
          g_value_get_object (value), error);
    case GST_RCAST_SETTING_LOCATION:
      return set_location (self, g_value_get_string (value), error);
    case GST_RCAST_SETTING_LOCATIONS:
      if (!set_locations (self, value, error))
        return FALSE;
      locations_changed (self);
      return TRUE;
    case GST_RCAST_SETTING_AUTH_TOKEN:
      gst_rcast_servers_set_token (PRIV (self)->servers, g_value_get_string (value));
      return TRUE;
    case GST_RCAST_SETTING_AUTH_TOKENS:
      gst_rcast_servers_take_tokens (PRIV (self)->servers,
          gst_rcast_settings_list_strings (value));
      return TRUE;
    default:
      return set_setting (self, id, value, error);
  }
}

static void
gst_rcast_bin_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GstRcastBin *self = GST_RCAST_BIN (object);
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

/* Adds the numbers of an inner structure as fields of the outer one, too. */
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
get_stats (GstRcastBin * self)
{
  g_autoptr (GstRcastDriver) driver = dup_driver (self);
  g_autoptr (GstStructure) peer = driver ?
      gst_rcast_driver_get_peer_stats (driver) : NULL;
  g_autofree gchar *beside = driver ?
      gst_rcast_driver_dup_beside (driver) : NULL;
  GstRcastBinClass *klass = GST_RCAST_BIN_GET_CLASS (self);
  GstStructure *stats = gst_structure_new_empty ("application/x-rcast-stats");
  GstClockTime now;

  if (klass->add_stats)
    klass->add_stats (self, stats);
  gst_rcast_servers_add_stats (PRIV (self)->servers, stats);
  if (klass->direction == GST_RCAST_DIRECTION_SEND)
    gst_rcast_allowances_add_stats (PRIV (self)->allowances, stats);
  GST_OBJECT_LOCK (self);
  /* Not earlier: the times that it is compared with are written under the lock. */
  now = gst_util_get_timestamp ();
  gst_structure_set (stats,
      "status", G_TYPE_STRING,
      gst_rcast_nick (GST_TYPE_RCAST_STATUS, PRIV (self)->status),
      "status-duration", G_TYPE_UINT64, now - PRIV (self)->status_since, NULL);
  gst_rcast_history_to_stats (&PRIV (self)->history, now, stats);
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
get_locations (GstRcastBin * self, GValue * value)
{
  g_auto (GStrv) locations = gst_rcast_servers_dup_locations (PRIV (self)->servers);

  for (guint i = 0; locations[i]; i++) {
    GValue item = G_VALUE_INIT;

    g_value_init (&item, G_TYPE_STRING);
    g_value_set_string (&item, locations[i]);
    gst_value_array_append_and_take_value (value, &item);
  }
}

static void
gst_rcast_bin_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstRcastBin *self = GST_RCAST_BIN (object);

  switch (id) {
    case GST_RCAST_PROP_SIGNALLER:
      g_value_take_object (value,
          gst_rcast_servers_dup_signaller (PRIV (self)->servers));
      break;
    case GST_RCAST_PROP_STATS:
      g_value_take_boxed (value, get_stats (self));
      break;
    case GST_RCAST_SETTING_LOCATION:
      g_value_take_string (value,
          gst_rcast_servers_dup_location (PRIV (self)->servers));
      break;
    case GST_RCAST_SETTING_LOCATIONS:
      get_locations (self, value);
      break;
    case GST_RCAST_PROP_STATUS:
      GST_OBJECT_LOCK (self);
      g_value_set_enum (value, PRIV (self)->status);
      GST_OBJECT_UNLOCK (self);
      break;
    default:
      GST_OBJECT_LOCK (self);
      gst_rcast_settings_get (&PRIV (self)->settings, id, value);
      GST_OBJECT_UNLOCK (self);
      break;
  }
}

/* `gst_element_make_from_uri ()` */

/* Asks the class, as GObject only passes the type. */
static GstURIType
uri_get_type (GType type)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);

  return ((GstRcastBinClass *) klass)->direction == GST_RCAST_DIRECTION_SEND ?
      GST_URI_SINK : GST_URI_SRC;
}

static const gchar *const *
uri_get_protocols (GType type)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);

  return ((GstRcastBinClass *) klass)->protocols;
}

static gchar *
uri_get_uri (GstURIHandler * handler)
{
  return gst_rcast_servers_dup_location (PRIV (GST_RCAST_BIN (handler))->servers);
}

static gboolean
uri_set_uri (GstURIHandler * handler, const gchar * uri, GError ** error)
{
  GstRcastBin *self = GST_RCAST_BIN (handler);
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
  GstRcastBin *self = GST_RCAST_BIN (proxy);
  GstRcastSignaller *signaller = g_str_equal (name, "signaller") ?
      gst_rcast_servers_dup_signaller (PRIV (self)->servers) : NULL;

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
gst_rcast_bin_finalize (GObject * object)
{
  GstRcastBin *self = GST_RCAST_BIN (object);

  gst_rcast_settings_clear (&PRIV (self)->settings);
  gst_object_unref (PRIV (self)->ghosts);
  gst_object_unref (PRIV (self)->servers);
  gst_rcast_capacities_unref (PRIV (self)->capacities);
  gst_rcast_allowances_unref (PRIV (self)->allowances);
  gst_object_unref (PRIV (self)->clock);
  G_OBJECT_CLASS (parent_class)->finalize (object);
}

static void
ice_restart (GstRcastBin * self)
{
  g_autoptr (GstRcastDriver) driver = dup_driver (self);

  if (driver)
    gst_rcast_driver_ice_restart (driver);
}

static void
renegotiate (GstRcastBin * self)
{
  g_autoptr (GstRcastDriver) driver = dup_driver (self);

  if (driver)
    gst_rcast_driver_renegotiate (driver);
}

static void
reconnect_now (GstRcastBin * self)
{
  g_autoptr (GstRcastDriver) driver = dup_driver (self);

  if (driver)
    gst_rcast_driver_reconnect_now (driver);
}

static void
set_token (GstRcastBin * self, const gchar * location, const gchar * token)
{
  g_return_if_fail (location != NULL && token != NULL);

  gst_rcast_servers_give_token (PRIV (self)->servers, location, token);
}

static gboolean
send_message (GstRcastBin * self, const gchar * type, const gchar * payload,
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

static const GstRcastBinActions actions = {
  .ice_restart = ice_restart,
  .renegotiate = renegotiate,
  .reconnect_now = reconnect_now,
  .set_token = set_token,
  .send_message = send_message,
};

/* For subclasses */

/* Lets @read copy settings, all of them or those of its class. Any thread */
void
gst_rcast_bin_read_settings (GstRcastBin * self, GstRcastBinRead read,
    gpointer data)
{
  GST_OBJECT_LOCK (self);
  read (&PRIV (self)->settings, data);
  GST_OBJECT_UNLOCK (self);
}

/* Returns: (transfer full) (nullable): from READY on. Any thread */
GstRcastDriver *
gst_rcast_bin_dup_driver (GstRcastBin * self)
{
  return dup_driver (self);
}

/* Returns: (transfer none): the clock for deadlines */
GstClock *
gst_rcast_bin_get_clock (GstRcastBin * self)
{
  return PRIV (self)->clock;
}

static void
gst_rcast_bin_constructed (GObject * object)
{
  GstRcastBin *self = GST_RCAST_BIN (object);

  PRIV (self)->servers = gst_rcast_servers_new (GST_BIN (self),
      GST_RCAST_BIN_GET_CLASS (self)->direction, &speakers_callbacks, self);
  PRIV (self)->ghosts = gst_rcast_ghosts_new (PRIV (self)->servers,
      PRIV (self)->allowances);
  settings_changed (self);
  G_OBJECT_CLASS (parent_class)->constructed (object);
}

/* Installs the properties for exactly these @directions. */
void
gst_rcast_bin_class_install_settings (GstRcastBinClass * klass,
    GstRcastSignallerDirections directions)
{
  /* These two are not inherited. */
  G_OBJECT_CLASS (klass)->set_property = gst_rcast_bin_set_property;
  G_OBJECT_CLASS (klass)->get_property = gst_rcast_bin_get_property;
  for (guint id = 1; id < GST_RCAST_N_PROPS; id++)
    if (gst_rcast_settings_get_directions (id) == directions)
      g_object_class_install_property (G_OBJECT_CLASS (klass), id, props[id]);
}

static void
gst_rcast_bin_class_init (GstRcastBinClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = gst_rcast_bin_constructed;
  object_class->finalize = gst_rcast_bin_finalize;
  GST_ELEMENT_CLASS (klass)->change_state = gst_rcast_bin_change_state;

  gst_rcast_settings_make_specs (props);
  for (guint id = 1; id < GST_RCAST_N_PROPS; id++)
    g_param_spec_ref_sink (props[id]);
  gst_rcast_bin_class_install_settings (klass,
      GST_RCAST_SIGNALLER_SEND | GST_RCAST_SIGNALLER_RECEIVE);
  gst_rcast_signals_install (G_TYPE_FROM_CLASS (klass), signals, &actions);
  gst_type_mark_as_plugin_api (GST_TYPE_RCAST_STATUS, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_RCAST_BIN, 0);
}

static void
gst_rcast_bin_init (GstRcastBin * self)
{
  PRIV (self)->clock = obtain_clock ();
  PRIV (self)->capacities = gst_rcast_capacities_new ();
  PRIV (self)->allowances = gst_rcast_allowances_new (NULL, NULL, NULL);
  gst_rcast_settings_init (&PRIV (self)->settings, props);
  gst_rcast_history_init (&PRIV (self)->history);
  PRIV (self)->status_since = gst_util_get_timestamp ();
}
