/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An ICE agent for the stock webrtcbin that can restart without losing a packet. */
#include "config.h"

#include "gstrcastice.h"
#include "gstrcastice-enumtypes.h"

#include <gio/gio.h>

#include "gstrcasticemembers.h"
#include "gstrcasticenetwork.h"
#include "gstrcasticeproxy.h"
#include "gstrcasticerecall.h"
#include "gstrcasticesdp.h"
#include "gstrcasticesettings.h"
#include "gstrcasticesignals.h"
#include "gstrcasticestream.h"
#include "rcast-loop.h"
#include "rcast-random.h"

GST_DEBUG_CATEGORY_STATIC (rcast_ice_debug);
#define GST_CAT_DEFAULT rcast_ice_debug

/* RFC 8445 5.3 requires 24 and 128 bits of randomness. These have 47 and 190. */
#define UFRAG_LENGTH 8
#define PASSWORD_LENGTH 32

struct _GstRcastIce
{
  GstWebRTCICE parent;

  GstRcastLoop *loop;           /* set once */
  GstRcastIceNetwork *network;  /* set once */

  /* OBJECT_LOCK is the only lock here. No other lock is taken under it. */
  GstRcastIceSettings *settings;        /* OBJECT_LOCK: the pointer */
  GPtrArray *streams;           /* OBJECT_LOCK: of GstRcastIceStream */
  GCancellable *resolving;      /* OBJECT_LOCK: cancels the look-up of the proxy */

  /* Set by webrtcbin before there is a stream. */
  GstWebRTCICEOnCandidateFunc on_candidate;
  gpointer on_candidate_data;
  GDestroyNotify on_candidate_notify;

  /* Set by the application before there is a stream. */
  GstRcastIceSentFunc sent;
  GObject *sent_object;
  GstRcastIceChooseFunc choose;
  GObject *choose_object;
};

G_DEFINE_FINAL_TYPE (GstRcastIce, gst_rcast_ice, GST_TYPE_WEBRTC_ICE);

static gpointer
ref_stream (gconstpointer stream, gpointer data)
{
  return g_object_ref ((gpointer) stream);
}

static GPtrArray *
dup_streams (GstRcastIce * self)
{
  GPtrArray *streams;

  GST_OBJECT_LOCK (self);
  streams = g_ptr_array_copy (self->streams, ref_stream, NULL);
  GST_OBJECT_UNLOCK (self);
  return streams;
}

/* Returns: (transfer full) (element-type GstRcastIceStream) */
GPtrArray *
gst_rcast_ice_dup_streams (GstWebRTCICE * ice)
{
  return dup_streams (GST_RCAST_ICE (ice));
}

/* --- requests and reports of the streams, on the agent's thread --- */

/* With OBJECT_LOCK held. The snapshots that streams hold do not change. */
static GstRcastIceSettings *
edit_settings (GstRcastIce * self)
{
  self->settings = gst_rcast_ice_settings_make_writable (self->settings);
  return self->settings;
}

/* The parent class has the port range. */
static GstRcastIceSettings *
on_settings (GObject * owner)
{
  GstRcastIce *self = GST_RCAST_ICE (owner);
  GstWebRTCICE *ice = GST_WEBRTC_ICE (self);
  GstRcastIceSettings *settings;

  GST_OBJECT_LOCK (self);
  if (self->settings->min_port != ice->min_rtp_port
      || self->settings->max_port != ice->max_rtp_port) {
    edit_settings (self)->min_port = ice->min_rtp_port;
    self->settings->max_port = ice->max_rtp_port;
  }
  settings = gst_rcast_ice_settings_ref (self->settings);
  GST_OBJECT_UNLOCK (self);
  return settings;
}

static void
on_stream_candidate (GObject * owner, guint session_id, const gchar * candidate)
{
  GstRcastIce *self = GST_RCAST_ICE (owner);

  if (self->on_candidate)
    self->on_candidate (GST_WEBRTC_ICE (self), session_id, candidate,
        self->on_candidate_data);
}

static const GstRcastIceStreamCallbacks stream_callbacks = {
  on_settings, on_stream_candidate, gst_rcast_ice_signals_swapped,
  gst_rcast_ice_signals_failed, gst_rcast_ice_signals_path_changed,
  gst_rcast_ice_signals_path_state, gst_rcast_ice_signals_restart_wanted,
  gst_rcast_ice_signals_hopeless
};

static void
on_network (GObject * owner, const gchar * const *uplinks)
{
  g_autoptr (GPtrArray) streams = dup_streams (GST_RCAST_ICE (owner));

  for (guint i = 0; i < streams->len; i++)
    gst_rcast_ice_stream_network_changed (streams->pdata[i]);
  if (uplinks)
    gst_rcast_ice_signals_network_changed (owner, uplinks);
}

static const GstRcastIceNetworkCallbacks network_callbacks = {
  on_settings, on_network
};

/* --- virtual functions, mostly on webrtcbin's thread --- */

static GstWebRTCICEStream *
gst_rcast_ice_add_stream (GstWebRTCICE * ice, guint session_id)
{
  GstRcastIce *self = GST_RCAST_ICE (ice);
  GstRcastIceStream *stream = NULL;
  gboolean first;

  GST_OBJECT_LOCK (self);
  for (guint i = 0; i < self->streams->len && !stream; i++) {
    if (gst_rcast_ice_stream_get_session_id (self->streams->pdata[i]) ==
        session_id)
      stream = self->streams->pdata[i];
  }
  GST_OBJECT_UNLOCK (self);
  if (stream) {
    GST_ERROR_OBJECT (self, "there is a stream for session %u already",
        session_id);
    return NULL;
  }
  stream = gst_rcast_ice_stream_new (G_OBJECT (self), &stream_callbacks,
      self->loop, session_id);
  if (self->sent)
    gst_rcast_ice_stream_set_sent_func (stream, self->sent, self->sent_object);
  if (self->choose)
    gst_rcast_ice_stream_set_choose_func (stream, self->choose,
        self->choose_object);
#if GST_CHECK_VERSION (1, 28, 0)
  /* webrtcbin drops the reference it is given. */
  gst_object_ref (stream);
#endif
  /* Before 1.28, webrtcbin borrows the stream as long as it has the agent. */
  GST_OBJECT_LOCK (self);
  first = self->streams->len == 0;
  g_ptr_array_add (self->streams, stream);
  GST_OBJECT_UNLOCK (self);
  if (first)
    gst_rcast_ice_network_start (self->network);
  return GST_WEBRTC_ICE_STREAM (stream);
}

static GstWebRTCICETransport *
gst_rcast_ice_find_transport (GstWebRTCICE * ice, GstWebRTCICEStream * stream,
    GstWebRTCICEComponent component)
{
  return gst_webrtc_ice_stream_find_transport (stream, component);
}

static gboolean
gst_rcast_ice_gather_candidates (GstWebRTCICE * ice,
    GstWebRTCICEStream * stream)
{
  return gst_webrtc_ice_stream_gather_candidates (stream);
}

#if GST_CHECK_VERSION (1, 24, 0)
static void
gst_rcast_ice_add_candidate (GstWebRTCICE * ice, GstWebRTCICEStream * stream,
    const gchar * candidate, GstPromise * promise)
{
  gst_rcast_ice_stream_add_candidate (GST_RCAST_ICE_STREAM (stream), candidate);
  if (promise)
    gst_promise_reply (promise, NULL);
}
#else
static void
gst_rcast_ice_add_candidate (GstWebRTCICE * ice, GstWebRTCICEStream * stream,
    const gchar * candidate)
{
  gst_rcast_ice_stream_add_candidate (GST_RCAST_ICE_STREAM (stream), candidate);
}
#endif

static gboolean
gst_rcast_ice_set_local_credentials (GstWebRTCICE * ice,
    GstWebRTCICEStream * stream, const gchar * ufrag, const gchar * password)
{
  if (!ufrag || !password)
    return FALSE;
  gst_rcast_ice_stream_set_local (GST_RCAST_ICE_STREAM (stream), ufrag,
      password);
  return TRUE;
}

static gboolean
gst_rcast_ice_set_remote_credentials (GstWebRTCICE * ice,
    GstWebRTCICEStream * stream, const gchar * ufrag, const gchar * password)
{
  if (!ufrag || !password)
    return FALSE;
  gst_rcast_ice_stream_set_remote (GST_RCAST_ICE_STREAM (stream), ufrag,
      password);
  return TRUE;
}

static void
gst_rcast_ice_set_is_controller (GstWebRTCICE * ice, gboolean controller)
{
  GstRcastIce *self = GST_RCAST_ICE (ice);
  gboolean changed;
  g_autoptr (GPtrArray) streams = NULL;

  /* Latched: webrtcbin forgets the role whenever it creates an answer. */
  GST_OBJECT_LOCK (self);
  changed = controller && !self->settings->controlling;
  if (changed)
    edit_settings (self)->controlling = TRUE;
  GST_OBJECT_UNLOCK (self);
  if (!changed)
    return;
  streams = dup_streams (self);
  for (guint i = 0; i < streams->len; i++)
    gst_rcast_ice_stream_set_controlling (streams->pdata[i], TRUE);
}

static gboolean
gst_rcast_ice_get_is_controller (GstWebRTCICE * ice)
{
  GstRcastIce *self = GST_RCAST_ICE (ice);
  gboolean controlling;

  GST_OBJECT_LOCK (self);
  controlling = self->settings->controlling;
  GST_OBJECT_UNLOCK (self);
  return controlling;
}

static void
gst_rcast_ice_set_force_relay (GstWebRTCICE * ice, gboolean force_relay)
{
  GstRcastIce *self = GST_RCAST_ICE (ice);

  GST_OBJECT_LOCK (self);
  edit_settings (self)->force_relay = force_relay;
  GST_OBJECT_UNLOCK (self);
}

typedef gboolean (*SetUriFunc) (GstRcastIceSettings * settings,
    const gchar * uri, GError ** error);

static gboolean
set_uri (GstWebRTCICE * ice, SetUriFunc func, const gchar * what,
    const gchar * uri)
{
  GstRcastIce *self = GST_RCAST_ICE (ice);
  g_autoptr (GError) error = NULL;
  gboolean taken;

  GST_OBJECT_LOCK (self);
  taken = func (edit_settings (self), uri, &error);
  GST_OBJECT_UNLOCK (self);
  if (!taken)
    GST_ERROR_OBJECT (self, "bad %s: %s", what, error->message);
  return taken;
}

static gboolean
gst_rcast_ice_add_turn_server (GstWebRTCICE * ice, const gchar * uri)
{
  return set_uri (ice, gst_rcast_ice_settings_add_turn, "TURN server", uri);
}

static void
gst_rcast_ice_set_stun_server (GstWebRTCICE * ice, const gchar * uri)
{
  set_uri (ice, gst_rcast_ice_settings_set_stun, "STUN server", uri);
}

static void
gst_rcast_ice_set_turn_server (GstWebRTCICE * ice, const gchar * uri)
{
  set_uri (ice, gst_rcast_ice_settings_set_turn, "TURN server", uri);
}

static gchar *
uri_to_string (GstUri * uri)
{
  return uri ? gst_uri_to_string (uri) : NULL;
}

static gchar *
gst_rcast_ice_get_stun_server (GstWebRTCICE * ice)
{
  g_autoptr (GstRcastIceSettings) settings = on_settings (G_OBJECT (ice));

  return uri_to_string (settings->stun);
}

static gchar *
gst_rcast_ice_get_turn_server (GstWebRTCICE * ice)
{
  g_autoptr (GstRcastIceSettings) settings = on_settings (G_OBJECT (ice));

  return uri_to_string (settings->turn);
}

static gchar *
gst_rcast_ice_get_http_proxy (GstWebRTCICE * ice)
{
  g_autoptr (GstRcastIceSettings) settings = on_settings (G_OBJECT (ice));

  return uri_to_string (settings->proxy);
}

static void
on_proxy (GObject * owner, const gchar * address, GCancellable * cancellable)
{
  GstRcastIce *self = GST_RCAST_ICE (owner);

  GST_OBJECT_LOCK (self);
  if (!g_cancellable_is_cancelled (cancellable)) {
    g_free (edit_settings (self)->proxy_ip);
    self->settings->proxy_ip = g_strdup (address);
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_rcast_ice_set_http_proxy (GstWebRTCICE * ice, const gchar * uri)
{
  GstRcastIce *self = GST_RCAST_ICE (ice);
  g_autoptr (GCancellable) resolving = NULL;
  g_autofree gchar *host = NULL;

  if (!set_uri (ice, gst_rcast_ice_settings_set_proxy, "HTTP proxy", uri))
    return;
  GST_OBJECT_LOCK (self);
  g_cancellable_cancel (self->resolving);
  g_clear_object (&self->resolving);
  if (self->settings->proxy && !self->settings->proxy_ip) {
    self->resolving = g_cancellable_new ();
    resolving = g_object_ref (self->resolving);
    host = g_strdup (gst_uri_get_host (self->settings->proxy));
  }
  GST_OBJECT_UNLOCK (self);
  if (resolving)
    gst_rcast_ice_proxy_look_up (self->loop, host, resolving,
        G_OBJECT (self), on_proxy);
}

static void
gst_rcast_ice_set_tos (GstWebRTCICE * ice, GstWebRTCICEStream * stream,
    guint tos)
{
  gst_rcast_ice_stream_set_tos (GST_RCAST_ICE_STREAM (stream), tos);
}

/* Called by webrtcbin's constructor, before there is a stream. */
static void
gst_rcast_ice_set_on_ice_candidate (GstWebRTCICE * ice,
    GstWebRTCICEOnCandidateFunc func, gpointer data, GDestroyNotify notify)
{
  GstRcastIce *self = GST_RCAST_ICE (ice);

  if (self->on_candidate_notify)
    self->on_candidate_notify (self->on_candidate_data);
  self->on_candidate = func;
  self->on_candidate_data = data;
  self->on_candidate_notify = notify;
}

static GstWebRTCICECandidateStats **
gst_rcast_ice_get_local_candidates (GstWebRTCICE * ice,
    GstWebRTCICEStream * stream)
{
  return gst_rcast_ice_stream_get_candidates (GST_RCAST_ICE_STREAM (stream),
      TRUE);
}

static GstWebRTCICECandidateStats **
gst_rcast_ice_get_remote_candidates (GstWebRTCICE * ice,
    GstWebRTCICEStream * stream)
{
  return gst_rcast_ice_stream_get_candidates (GST_RCAST_ICE_STREAM (stream),
      FALSE);
}

static gboolean
gst_rcast_ice_get_selected_pair (GstWebRTCICE * ice,
    GstWebRTCICEStream * stream, GstWebRTCICECandidateStats ** local,
    GstWebRTCICECandidateStats ** remote)
{
  if (!stream)
    return FALSE;
  return gst_rcast_ice_stream_get_pair (GST_RCAST_ICE_STREAM (stream), local,
      remote);
}

static gboolean
gst_rcast_ice_add_local_ip_address (GstRcastIce * self, const gchar * address)
{
  if (!address || !g_hostname_is_ip_address (address)) {
    GST_ERROR_OBJECT (self, "not an IP address: %s", address);
    return FALSE;
  }
  GST_OBJECT_LOCK (self);
  g_ptr_array_add (edit_settings (self)->addresses, g_strdup (address));
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static void
close_streams (GstRcastIce * self)
{
  g_autoptr (GPtrArray) streams = dup_streams (self);

  for (guint i = 0; i < streams->len; i++)
    gst_rcast_ice_stream_close (streams->pdata[i]);
}

#if GST_CHECK_VERSION (1, 28, 0)
static void
gst_rcast_ice_close (GstWebRTCICE * ice, GstPromise * promise)
{
  close_streams (GST_RCAST_ICE (ice));
  if (promise)
    gst_promise_reply (promise, NULL);
}
#endif

/* --- public --- */

/**
 * gst_rcast_ice_new:
 * @name: (nullable): its name in logs
 *
 * Returns: (transfer full): an agent for one webrtcbin. The caller owns the reference
 * and must hand it over with gst_rcast_ice_make_webrtcbin() only.
 *
 * Since: 0.1
 */
GstWebRTCICE *
gst_rcast_ice_new (const gchar * name)
{
  return gst_object_ref_sink (g_object_new (GST_TYPE_RCAST_ICE, "name", name,
          NULL));
}

/**
 * gst_rcast_ice_make_webrtcbin:
 * @ice: an agent without a webrtcbin
 * @name: (nullable): the name of the element
 *
 * Creates the stock webrtcbin with @ice as its `ice-agent`. This function is needed because
 * webrtcbin drops a reference to its agent that it never took.
 *
 * Returns: (transfer floating) (nullable): the element; %NULL if there is no
 * webrtcbin.
 *
 * Since: 0.1
 */
GstElement *
gst_rcast_ice_make_webrtcbin (GstWebRTCICE * ice, const gchar * name)
{
  GstElement *webrtcbin;
  gint before;

  g_return_val_if_fail (GST_IS_RCAST_ICE (ice), NULL);

  /* Nothing else uses the agent before it has a stream, so the reference count shows whether this
   * webrtcbin has taken a reference after all. */
  before = GST_OBJECT_REFCOUNT_VALUE (ice);
  webrtcbin = gst_element_factory_make_full ("webrtcbin", "name", name,
      "ice-agent", ice, NULL);
  if (webrtcbin && GST_OBJECT_REFCOUNT_VALUE (ice) == before)
    gst_object_ref (ice);
  return webrtcbin;
}

/**
 * gst_rcast_ice_set_sent_func:
 * @ice: an agent without a webrtcbin
 * @func: (scope forever): called with all packets that are sent
 * @object: passed to @func; kept alive as long as packets may be sent
 *
 * Reports which packets are sent, when, and on which uplink, as a congestion controller
 * needs it. Packets that are sent on two paths are reported twice. Packets that the system
 * refuses are not reported.
 *
 * Since: 0.1
 */
void
gst_rcast_ice_set_sent_func (GstWebRTCICE * ice, GstRcastIceSentFunc func,
    GObject * object)
{
  GstRcastIce *self;

  g_return_if_fail (GST_IS_RCAST_ICE (ice));
  g_return_if_fail (func != NULL);
  g_return_if_fail (G_IS_OBJECT (object));

  self = GST_RCAST_ICE (ice);
  g_return_if_fail (self->streams->len == 0);
  self->sent = func;
  g_set_object (&self->sent_object, object);
}

/**
 * gst_rcast_ice_set_choose_func:
 * @ice: an agent without a webrtcbin
 * @func: (scope forever): called with each packet while #GstRcastIce:path-mode is `bond`
 * @object: passed to @func; kept alive as long as packets may be sent
 *
 * Chooses on which of several paths to send each packet. The agent does not know the
 * capacity of its paths. Without this function it uses them as with `backup`.
 *
 * Since: 0.1
 */
void
gst_rcast_ice_set_choose_func (GstWebRTCICE * ice, GstRcastIceChooseFunc func,
    GObject * object)
{
  GstRcastIce *self;

  g_return_if_fail (GST_IS_RCAST_ICE (ice));
  g_return_if_fail (func != NULL);
  g_return_if_fail (G_IS_OBJECT (object));

  self = GST_RCAST_ICE (ice);
  g_return_if_fail (self->streams->len == 0);
  self->choose = func;
  g_set_object (&self->choose_object, object);
}

/* The negotiated credentials, from the streams. Returns FALSE if nothing has been negotiated. */
static gboolean
dup_credentials (GstRcastIce * self, gchar ** ufrag, gchar ** password)
{
  g_autoptr (GPtrArray) streams = dup_streams (self);

  for (guint i = 0; i < streams->len; i++) {
    if (gst_rcast_ice_stream_dup_credentials (streams->pdata[i], ufrag,
            password))
      return TRUE;
  }
  return FALSE;
}

static void
write_credentials (GstRcastIce * self, GstSDPMessage * sdp, gboolean fresh)
{
  g_autofree gchar *ufrag = NULL;
  g_autofree gchar *password = NULL;

  if (fresh || !dup_credentials (self, &ufrag, &password)) {
    ufrag = gst_rcast_random_word (UFRAG_LENGTH);
    password = gst_rcast_random_word (PASSWORD_LENGTH);
    gst_rcast_ice_sdp_strip_candidates (sdp);
  }
  gst_rcast_ice_sdp_set_credentials (sdp, ufrag, password);
}

/**
 * gst_rcast_ice_shut_down:
 * @ice: the agent
 *
 * Ends all connections at once, as if the process had been killed. The agent reports
 * nothing to webrtcbin any more. When webrtcbin goes to NULL, it has the same effect a
 * little later.
 *
 * Since: 0.1
 */
void
gst_rcast_ice_shut_down (GstWebRTCICE * ice)
{
  g_return_if_fail (GST_IS_RCAST_ICE (ice));

  close_streams (GST_RCAST_ICE (ice));
}

/**
 * gst_rcast_ice_prepare_offer:
 * @ice: the agent
 * @offer: the result of create-offer, before set-local-description
 * @restart: %TRUE to restart ICE
 *
 * Writes the session's credentials, or new ones, into every m-line. Call this for each
 * offer: webrtcbin knows only the credentials that it has generated itself.
 *
 * Since: 0.1
 */
void
gst_rcast_ice_prepare_offer (GstWebRTCICE * ice, GstSDPMessage * offer,
    gboolean restart)
{
  g_return_if_fail (GST_IS_RCAST_ICE (ice));
  g_return_if_fail (offer != NULL);

  write_credentials (GST_RCAST_ICE (ice), offer, restart);
}

/**
 * gst_rcast_ice_prepare_answer:
 * @ice: the agent
 * @answer: the result of create-answer, before set-local-description
 *
 * Like gst_rcast_ice_prepare_offer(). The answer gets new credentials if the remote offer,
 * which must have been set, has new ones.
 *
 * Since: 0.1
 */
void
gst_rcast_ice_prepare_answer (GstWebRTCICE * ice, GstSDPMessage * answer)
{
  g_autoptr (GPtrArray) streams = NULL;
  gboolean asked = FALSE;

  g_return_if_fail (GST_IS_RCAST_ICE (ice));
  g_return_if_fail (answer != NULL);

  streams = dup_streams (GST_RCAST_ICE (ice));
  for (guint i = 0; i < streams->len; i++)
    asked = asked || gst_rcast_ice_stream_is_asked (streams->pdata[i]);
  write_credentials (GST_RCAST_ICE (ice), answer, asked);
}

/**
 * gst_rcast_ice_cancel_restart:
 * @ice: the agent
 *
 * Cancels a restart that is under way, for instance if its offer cannot be delivered.
 * The old generation goes on.
 *
 * Since: 0.1
 */
void
gst_rcast_ice_cancel_restart (GstWebRTCICE * ice)
{
  g_autoptr (GPtrArray) streams = NULL;

  g_return_if_fail (GST_IS_RCAST_ICE (ice));

  streams = dup_streams (GST_RCAST_ICE (ice));
  for (guint i = 0; i < streams->len; i++)
    gst_rcast_ice_stream_cancel_restart (streams->pdata[i]);
}

/**
 * gst_rcast_ice_forget_uplinks:
 *
 * Forgets what all agents of this process have learned about the uplinks, such as how
 * long media stays away from one that was congested. Call this when the user has repaired
 * an uplink.
 *
 * Since: 0.1
 */
void
gst_rcast_ice_forget_uplinks (void)
{
  gst_rcast_ice_recall_forget ();
}

/**
 * gst_rcast_ice_get_stats:
 * @ice: the agent
 *
 * Returns: (transfer full): `application/x-rcast-ice-stats` with a list
 * `streams` of `application/x-rcast-ice-stream`.
 *
 * Since: 0.1
 */
GstStructure *
gst_rcast_ice_get_stats (GstWebRTCICE * ice)
{
  g_autoptr (GPtrArray) streams = NULL;
  GstStructure *stats;
  GValue list = G_VALUE_INIT;

  g_return_val_if_fail (GST_IS_RCAST_ICE (ice), NULL);

  streams = dup_streams (GST_RCAST_ICE (ice));
  g_value_init (&list, GST_TYPE_LIST);
  for (guint i = 0; i < streams->len; i++) {
    GValue value = G_VALUE_INIT;

    g_value_init (&value, GST_TYPE_STRUCTURE);
    g_value_take_boxed (&value,
        gst_rcast_ice_stream_get_stats (streams->pdata[i]));
    gst_value_list_append_and_take_value (&list, &value);
  }
  stats = gst_structure_new_empty ("application/x-rcast-ice-stats");
  gst_structure_take_value (stats, "streams", &list);
  return stats;
}

/* --- the class --- */

static void
gst_rcast_ice_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GstRcastIce *self = GST_RCAST_ICE (object);
  gboolean known;

  GST_OBJECT_LOCK (self);
  known = gst_rcast_ice_settings_set_property (edit_settings (self), id, value);
  GST_OBJECT_UNLOCK (self);
  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  else if (g_str_equal (pspec->name, "path-barred"))
    gst_rcast_ice_network_refresh (self->network);
}

static void
gst_rcast_ice_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  g_autoptr (GstRcastIceSettings) settings = on_settings (object);

  if (!gst_rcast_ice_settings_get_property (settings, id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

/* On any thread, including the agent's own. The streams outlive the agent as long as webrtcbin's
 * elements hold them, but carry nothing any more. */
static void
gst_rcast_ice_dispose (GObject * object)
{
  GstRcastIce *self = GST_RCAST_ICE (object);

  g_cancellable_cancel (self->resolving);
  g_clear_object (&self->resolving);
  close_streams (self);
  gst_rcast_ice_network_stop (self->network);
  gst_rcast_loop_stop (self->loop);
  G_OBJECT_CLASS (gst_rcast_ice_parent_class)->dispose (object);
}

static void
gst_rcast_ice_finalize (GObject * object)
{
  GstRcastIce *self = GST_RCAST_ICE (object);

  if (self->on_candidate_notify)
    self->on_candidate_notify (self->on_candidate_data);
  g_clear_object (&self->sent_object);
  g_clear_object (&self->choose_object);
  gst_rcast_ice_network_unref (self->network);
  g_ptr_array_unref (self->streams);
  gst_rcast_ice_settings_unref (self->settings);
  gst_rcast_loop_unref (self->loop);
  G_OBJECT_CLASS (gst_rcast_ice_parent_class)->finalize (object);
}

static void
gst_rcast_ice_class_init (GstRcastIceClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstWebRTCICEClass *ice_class = GST_WEBRTC_ICE_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (rcast_ice_debug, "rcastice", 0, "The ICE agent");

  object_class->set_property = gst_rcast_ice_set_property;
  object_class->get_property = gst_rcast_ice_get_property;
  object_class->dispose = gst_rcast_ice_dispose;
  object_class->finalize = gst_rcast_ice_finalize;

  ice_class->add_stream = gst_rcast_ice_add_stream;
  ice_class->find_transport = gst_rcast_ice_find_transport;
  ice_class->gather_candidates = gst_rcast_ice_gather_candidates;
  ice_class->add_candidate = gst_rcast_ice_add_candidate;
  ice_class->set_local_credentials = gst_rcast_ice_set_local_credentials;
  ice_class->set_remote_credentials = gst_rcast_ice_set_remote_credentials;
  ice_class->add_turn_server = gst_rcast_ice_add_turn_server;
  ice_class->set_is_controller = gst_rcast_ice_set_is_controller;
  ice_class->get_is_controller = gst_rcast_ice_get_is_controller;
  ice_class->set_force_relay = gst_rcast_ice_set_force_relay;
  ice_class->set_stun_server = gst_rcast_ice_set_stun_server;
  ice_class->get_stun_server = gst_rcast_ice_get_stun_server;
  ice_class->set_turn_server = gst_rcast_ice_set_turn_server;
  ice_class->get_turn_server = gst_rcast_ice_get_turn_server;
  ice_class->set_http_proxy = gst_rcast_ice_set_http_proxy;
  ice_class->get_http_proxy = gst_rcast_ice_get_http_proxy;
  ice_class->set_tos = gst_rcast_ice_set_tos;
  ice_class->set_on_ice_candidate = gst_rcast_ice_set_on_ice_candidate;
  ice_class->get_local_candidates = gst_rcast_ice_get_local_candidates;
  ice_class->get_remote_candidates = gst_rcast_ice_get_remote_candidates;
  ice_class->get_selected_pair = gst_rcast_ice_get_selected_pair;
#if GST_CHECK_VERSION (1, 28, 0)
  ice_class->close = gst_rcast_ice_close;
#endif

  gst_rcast_ice_settings_install_properties (object_class);
  gst_rcast_ice_signals_install (G_TYPE_FROM_CLASS (klass));
  g_signal_override_class_handler ("add-local-ip-address",
      G_TYPE_FROM_CLASS (klass),
      G_CALLBACK (gst_rcast_ice_add_local_ip_address));
}

static void
gst_rcast_ice_init (GstRcastIce * self)
{
  self->settings = gst_rcast_ice_settings_new ();
  self->streams = g_ptr_array_new_with_free_func (g_object_unref);
  self->loop = gst_rcast_loop_new ("rcast-ice");
  self->network = gst_rcast_ice_network_new (G_OBJECT (self), self->loop,
      &network_callbacks);
}
