/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The abstract signalling element: exchanges offers, answers and candidates with the server. */
#include "config.h"

#include "rcast-signaller.h"
#include "rcast-enumtypes.h"

GST_DEBUG_CATEGORY_STATIC (rcast_signaller_debug);
#define GST_CAT_DEFAULT rcast_signaller_debug

typedef struct
{
  gchar *location;              /* OBJECT_LOCK */
  GstRcastSignallerCapabilities capabilities;   /* OBJECT_LOCK */
  GStrv ice_servers;            /* OBJECT_LOCK */
  gchar *uplink;                /* OBJECT_LOCK */
  GstRcastDirection direction;  /* OBJECT_LOCK */
  gboolean unanswered;          /* owner's thread: an offer of the server awaits its answer */
  gchar *held_offer;            /* owner's thread: the server's last offer since then */
} GstRcastSignallerPrivate;

enum
{
  PROP_LOCATION = 1,
  PROP_CAPABILITIES,
  N_PROPS
};

enum
{
  SIGNAL_CANDIDATE,
  SIGNAL_LOST,
  SIGNAL_SERVER_EVENT,
  SIGNAL_OFFERED,
  SIGNAL_STREAM_CHANGED,
  SIGNAL_MESSAGE_RECEIVED,
  SIGNAL_SESSION_CHANGED,
  SIGNAL_REQUEST_TOKEN,
  SIGNAL_SET_TOKEN,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (GstRcastSignaller, gst_rcast_signaller,
    GST_TYPE_ELEMENT);

#define PRIV(self) \
  ((GstRcastSignallerPrivate *) gst_rcast_signaller_get_instance_private (self))

static void
gst_rcast_signaller_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstRcastSignaller *self = GST_RCAST_SIGNALLER (object);
  g_autoptr (GError) error = NULL;

  if (!gst_rcast_signaller_may_set (self, pspec))
    return;
  switch (id) {
    case PROP_LOCATION:
      if (!gst_rcast_signaller_set_location (self, g_value_get_string (value),
              &error))
        GST_ERROR_OBJECT (self, "location not set: %s", error->message);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
}

static void
gst_rcast_signaller_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstRcastSignaller *self = GST_RCAST_SIGNALLER (object);

  switch (id) {
    case PROP_LOCATION:
      g_value_take_string (value, gst_rcast_signaller_dup_location (self));
      break;
    case PROP_CAPABILITIES:
      g_value_set_flags (value, gst_rcast_signaller_get_capabilities (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
}

static void
gst_rcast_signaller_finalize (GObject * object)
{
  GstRcastSignallerPrivate *priv = PRIV (GST_RCAST_SIGNALLER (object));

  g_free (priv->location);
  g_free (priv->uplink);
  g_strfreev (priv->ice_servers);
  g_free (priv->held_offer);
  G_OBJECT_CLASS (gst_rcast_signaller_parent_class)->finalize (object);
}

static void
gst_rcast_signaller_class_init (GstRcastSignallerClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (rcast_signaller_debug, "rcastsignaller", 0,
      "gst-rcast signaller base class");

  object_class->set_property = gst_rcast_signaller_set_property;
  object_class->get_property = gst_rcast_signaller_get_property;
  object_class->finalize = gst_rcast_signaller_finalize;

  /**
   * GstRcastSignaller:location:
   *
   * URI of the server; its scheme is one that the element handles. A refused value
   * leaves the old one unchanged.
   *
   * Since: 0.1
   */
  props[PROP_LOCATION] = g_param_spec_string ("location", "Location",
      "URI of the server; the scheme picks the protocol", NULL,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);

  /**
   * GstRcastSignaller:capabilities:
   *
   * Capabilities of the server, as far as known; unknown ones count as present.
   *
   * Since: 0.1
   */
  props[PROP_CAPABILITIES] = g_param_spec_flags ("capabilities", "Capabilities",
      "Known capabilities of the server; unknown ones count as present",
      GST_TYPE_RCAST_SIGNALLER_CAPABILITIES, 0,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, props);

  /**
   * GstRcastSignaller::candidate:
   * @self: the signaller
   * @mline: index of the m-section
   * @candidate: (nullable): `candidate:…` without `a=`; %NULL: no more
   *
   * The server sent a candidate of its own.
   *
   * Since: 0.1
   */
  signals[SIGNAL_CANDIDATE] = g_signal_new ("candidate", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT,
      G_TYPE_STRING);

  /**
   * GstRcastSignaller::lost:
   * @self: the signaller
   * @error: why
   *
   * The signalling connection broke; media may still flow.
   *
   * Since: 0.1
   */
  signals[SIGNAL_LOST] = g_signal_new ("lost", type, G_SIGNAL_RUN_LAST, 0,
      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);

  /**
   * GstRcastSignaller::server-event:
   * @self: the signaller
   * @event: the event
   * @detail: (nullable): the text of the server
   *
   * The server reported an unsolicited event of the session.
   *
   * Since: 0.1
   */
  signals[SIGNAL_SERVER_EVENT] = g_signal_new ("server-event", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
      GST_TYPE_RCAST_SERVER_EVENT, G_TYPE_STRING);

  /**
   * GstRcastSignaller::offered:
   * @self: the signaller
   * @sdp: the server's offer
   *
   * The server made an offer of its own accord in an open session, because its streams
   * have changed. The owner answers by gst_rcast_signaller_answer_async(). No
   * further offer comes before that.
   *
   * Since: 0.1
   */
  signals[SIGNAL_OFFERED] = g_signal_new ("offered", type, G_SIGNAL_RUN_LAST,
      0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  /**
   * GstRcastSignaller::stream-changed:
   * @self: the signaller
   * @change: what happened
   * @stream: (nullable): the server's name of the stream
   * @reason: (nullable): the text of the server
   *
   * The server says that a stream which rcastsrc receives came, went, paused or resumed.
   *
   * Since: 0.1
   */
  signals[SIGNAL_STREAM_CHANGED] = g_signal_new ("stream-changed", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
      GST_TYPE_RCAST_STREAM_CHANGE, G_TYPE_STRING, G_TYPE_STRING);

  /**
   * GstRcastSignaller::message-received:
   * @self: the signaller
   * @type: type of the message
   * @payload: its text
   *
   * An application message came over the signalling connection.
   *
   * Since: 0.1
   */
  signals[SIGNAL_MESSAGE_RECEIVED] = g_signal_new ("message-received", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
      G_TYPE_STRING);

  /**
   * GstRcastSignaller::session-changed:
   * @self: the signaller
   * @location: where the session was opened, without secrets
   * @session: (nullable): name of the session in the protocol, for WHIP its URL;
   *   %NULL: the server may have a session whose name never arrived
   * @state: the new state of the session
   *
   * A session was opened, is being ended, was abandoned, or has ended. rcastsink remembers
   * abandoned sessions and has them ended later: "ghosts".
   *
   * Since: 0.1
   */
  signals[SIGNAL_SESSION_CHANGED] = g_signal_new ("session-changed", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_STRING,
      G_TYPE_STRING, GST_TYPE_RCAST_SESSION_STATE);

  /**
   * GstRcastSignaller::request-token:
   * @self: the signaller
   * @location: the URL that refused the present token
   *
   * The server refused the credentials (HTTP 401, Janus error 403). A handler
   * returns a fresh token for that server, and the signaller repeats the request
   * with it. The handler is called on a thread of its own and may take as long as it
   * needs: nothing else waits for it, and a request that has waited for its `timeout`
   * fails with %GST_RCAST_ERROR_NO_TOKEN.
   *
   * %NULL means "not now": the request waits for one second for
   * #GstRcastSignaller::set-token, then it fails with %GST_RCAST_ERROR_NO_TOKEN,
   * which is retried. An empty string means that there is no token: the request
   * fails with %GST_RCAST_ERROR_UNAUTHORIZED, as it does without a handler.
   *
   * Returns: (nullable) (transfer full): a fresh token
   *
   * Since: 0.1
   */
  signals[SIGNAL_REQUEST_TOKEN] = g_signal_new ("request-token", type,
      G_SIGNAL_RUN_LAST, 0, g_signal_accumulator_first_wins, NULL, NULL,
      G_TYPE_STRING, 1, G_TYPE_STRING);

  /**
   * GstRcastSignaller::set-token:
   * @self: the signaller
   * @location: a location of the server, or the URL of a request to it
   * @token: a fresh token
   *
   * Sets the token of a server. From now on the signaller sends it to the origin (scheme,
   * host and port) of @location, and a request that waits for a token goes on with it. From
   * any thread.
   *
   * Since: 0.1
   */
  signals[SIGNAL_SET_TOKEN] = g_signal_new_class_handler ("set-token", type,
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_CALLBACK (gst_rcast_signaller_set_token), NULL, NULL, NULL,
      G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);

  gst_type_mark_as_plugin_api (GST_TYPE_RCAST_SIGNALLER, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_RCAST_SIGNALLER_CAPABILITIES, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_RCAST_SERVER_EVENT, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_RCAST_SESSION_STATE, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_RCAST_STREAM_CHANGE, 0);
  klass->directions = GST_RCAST_SIGNALLER_SEND;
}

static void
gst_rcast_signaller_init (GstRcastSignaller * self)
{
}

/**
 * gst_rcast_signaller_class_set_protocols:
 * @klass: the class, while it is initialized
 * @protocols: (array zero-terminated=1): URI schemes that the element handles,
 *   lower case; static
 *
 * rcastsink finds a signaller by the schemes that the registry has for it, as the
 * metadata %GST_RCAST_SIGNALLER_METADATA_PROTOCOLS of its factory, without creating
 * the element.
 *
 * Since: 0.1
 */
void
gst_rcast_signaller_class_set_protocols (GstRcastSignallerClass * klass,
    const gchar * const *protocols)
{
  g_autofree gchar *list = g_strjoinv (",", (GStrv) protocols);

  g_return_if_fail (GST_IS_RCAST_SIGNALLER_CLASS (klass));

  /* A class is never freed. */
  klass->protocols = (const gchar * const *) g_strdupv ((GStrv) protocols);
  gst_element_class_add_metadata (GST_ELEMENT_CLASS (klass),
      GST_RCAST_SIGNALLER_METADATA_PROTOCOLS, list);
}

/**
 * gst_rcast_signaller_class_set_directions:
 * @klass: the class, while it is initialized
 * @directions: directions that the class supports
 *
 * By default a class can only send. The registry has the directions as the metadata
 * %GST_RCAST_SIGNALLER_METADATA_DIRECTIONS of its factory, so that rcastsink and
 * rcastsrc each find the signallers for them without creating any.
 *
 * Since: 0.1
 */
void
gst_rcast_signaller_class_set_directions (GstRcastSignallerClass * klass,
    GstRcastSignallerDirections directions)
{
  static const gchar *const lists[] =
      { NULL, "send", "receive", "send,receive" };

  g_return_if_fail (GST_IS_RCAST_SIGNALLER_CLASS (klass));
  g_return_if_fail (directions > 0 && directions < G_N_ELEMENTS (lists));

  klass->directions = directions;
  gst_element_class_add_metadata (GST_ELEMENT_CLASS (klass),
      GST_RCAST_SIGNALLER_METADATA_DIRECTIONS, lists[directions]);
}

/**
 * gst_rcast_signaller_may_set:
 * @self: the signaller
 * @pspec: the property that is about to be set
 *
 * For a subclass, first in its `set_property`. A property without the flag
 * %GST_PARAM_MUTABLE_PLAYING applies from the next session on, so setting it while there may
 * be a session is refused with a warning.
 *
 * Returns: whether the state of @self allows setting @pspec
 *
 * Since: 0.1
 */
gboolean
gst_rcast_signaller_may_set (GstRcastSignaller * self, GParamSpec * pspec)
{
  GstState state;

  g_return_val_if_fail (GST_IS_RCAST_SIGNALLER (self), FALSE);

  GST_OBJECT_LOCK (self);
  state = MAX (GST_STATE (self), GST_STATE_NEXT (self));
  GST_OBJECT_UNLOCK (self);
  if (state <= GST_STATE_READY || pspec->flags & GST_PARAM_MUTABLE_PLAYING)
    return TRUE;
  g_warning ("%s: property \"%s\" can be set in the states NULL and READY only; "
      "it stays as it is", GST_OBJECT_NAME (self), pspec->name);
  return FALSE;
}

/* Offers of the server: the owner's thread */

/* A new session has nothing to do with the offers of the previous one. */
static void
forget_offers (GstRcastSignaller * self)
{
  PRIV (self)->unanswered = FALSE;
  g_clear_pointer (&PRIV (self)->held_offer, g_free);
}

void
gst_rcast_signaller_open_async (GstRcastSignaller * self,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));

  forget_offers (self);
  GST_RCAST_SIGNALLER_GET_CLASS (self)->open_async (self, cancellable,
      callback, user_data);
}

void
gst_rcast_signaller_close_async (GstRcastSignaller * self,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));

  forget_offers (self);
  GST_RCAST_SIGNALLER_GET_CLASS (self)->close_async (self, cancellable,
      callback, user_data);
}

/**
 * gst_rcast_signaller_request_offer_async:
 * @self: the signaller, open, with the capability %GST_RCAST_SIGNALLER_SERVER_OFFERS
 * @kind: %GST_RCAST_OFFER_INITIAL: for a fresh webrtcbin; %GST_RCAST_OFFER_RESTART: the
 *   same media with new ICE credentials
 * @cancellable: (nullable): cancels the operation
 * @callback: called when the server has offered
 * @user_data: for @callback
 *
 * Asks the server for an offer. Fails with %GST_RCAST_ERROR_NOT_SUPPORTED if the server of
 * the signaller makes no offers. An earlier offer of the server that has not been answered
 * is void from now on.
 *
 * Since: 0.1
 */
void
gst_rcast_signaller_request_offer_async (GstRcastSignaller * self,
    GstRcastOfferKind kind, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstRcastSignallerClass *klass;

  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));

  klass = GST_RCAST_SIGNALLER_GET_CLASS (self);
  forget_offers (self);
  if (klass->request_offer_async)
    klass->request_offer_async (self, kind, cancellable, callback, user_data);
  else
    g_task_report_new_error (self, callback, user_data,
        gst_rcast_signaller_request_offer_async, GST_RCAST_ERROR,
        GST_RCAST_ERROR_NOT_SUPPORTED, "the server of %s makes no offers",
        GST_OBJECT_NAME (self));
}

/**
 * gst_rcast_signaller_request_offer_finish:
 * @self: the signaller
 * @result: of gst_rcast_signaller_request_offer_async()
 * @error: why there is no offer
 *
 * Returns: (transfer full) (nullable): the server's offer; answer it by
 *   gst_rcast_signaller_answer_async()
 *
 * Since: 0.1
 */
gchar *
gst_rcast_signaller_request_offer_finish (GstRcastSignaller * self,
    GAsyncResult * result, GError ** error)
{
  gchar *offer;

  g_return_val_if_fail (GST_IS_RCAST_SIGNALLER (self), NULL);

  if (g_async_result_is_tagged (result,
          gst_rcast_signaller_request_offer_async))
    return g_task_propagate_pointer (G_TASK (result), error);
  offer = GST_RCAST_SIGNALLER_GET_CLASS (self)->request_offer_finish (self,
      result, error);
  PRIV (self)->unanswered = offer != NULL;
  return offer;
}

/* Emits the next offer, if one came meanwhile. */
static void
release_offer (GstRcastSignaller * self)
{
  g_autofree gchar *sdp = g_steal_pointer (&PRIV (self)->held_offer);

  PRIV (self)->unanswered = FALSE;
  if (sdp)
    gst_rcast_signaller_offered (self, sdp);
}

/**
 * gst_rcast_signaller_answer_finish:
 * @self: the signaller
 * @result: of gst_rcast_signaller_answer_async()
 * @error: why the server has not accepted the answer
 *
 * An offer that the server made in the meantime is emitted as #GstRcastSignaller::offered
 * before this function returns, unless the answer was cancelled.
 *
 * Returns: whether the server has accepted the answer
 *
 * Since: 0.1
 */
gboolean
gst_rcast_signaller_answer_finish (GstRcastSignaller * self,
    GAsyncResult * result, GError ** error)
{
  GstRcastSignallerClass *klass;
  g_autoptr (GError) local = NULL;
  gboolean taken;

  g_return_val_if_fail (GST_IS_RCAST_SIGNALLER (self), FALSE);

  klass = GST_RCAST_SIGNALLER_GET_CLASS (self);
  if (!klass->answer_async)
    return g_task_propagate_boolean (G_TASK (result), error);
  taken = klass->answer_finish (self, result, &local);
  if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    release_offer (self);
  if (local)
    g_propagate_error (error, g_steal_pointer (&local));
  return taken;
}

/* Published values: any thread. */

gchar *
gst_rcast_signaller_dup_location (GstRcastSignaller * self)
{
  gchar *location;

  g_return_val_if_fail (GST_IS_RCAST_SIGNALLER (self), NULL);

  GST_OBJECT_LOCK (self);
  location = g_strdup (PRIV (self)->location);
  GST_OBJECT_UNLOCK (self);
  return location;
}

/**
 * gst_rcast_signaller_set_uplink:
 * @self: the signaller
 * @uplink: (nullable): name of a network interface, %NULL: not known
 *
 * Tells the signaller which uplink carries media now. The next connection to the server
 * should try that uplink first. For the owner of the signaller; any thread.
 *
 * Since: 0.1
 */
void
gst_rcast_signaller_set_uplink (GstRcastSignaller * self, const gchar * uplink)
{
  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));

  GST_OBJECT_LOCK (self);
  g_free (PRIV (self)->uplink);
  PRIV (self)->uplink = g_strdup (uplink);
  GST_OBJECT_UNLOCK (self);
}

/**
 * gst_rcast_signaller_dup_uplink:
 * @self: the signaller
 *
 * Returns: (nullable) (transfer full): the name of the network interface that carries
 *   media now, %NULL if none is known. Any thread
 *
 * Since: 0.1
 */
gchar *
gst_rcast_signaller_dup_uplink (GstRcastSignaller * self)
{
  gchar *uplink;

  g_return_val_if_fail (GST_IS_RCAST_SIGNALLER (self), NULL);

  GST_OBJECT_LOCK (self);
  uplink = g_strdup (PRIV (self)->uplink);
  GST_OBJECT_UNLOCK (self);
  return uplink;
}

/* Checks that the class handles the scheme of @location. */
static gboolean
check_scheme (GstRcastSignallerClass * klass, const gchar * location,
    GError ** error)
{
  g_autofree gchar *scheme = g_uri_parse_scheme (location);
  g_autofree gchar *lower = scheme ? g_ascii_strdown (scheme, -1) : NULL;
  g_autofree gchar *known = NULL;

  if (!klass->protocols
      || (lower && g_strv_contains (klass->protocols, lower)))
    return TRUE;
  known = g_strjoinv ("://, ", (GStrv) klass->protocols);
  g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_ARGUMENT,
      "location: expected one of %s://", known);
  return FALSE;
}

/* Any thread, before the signaller is opened. @location: (nullable): none */
gboolean
gst_rcast_signaller_set_location (GstRcastSignaller * self,
    const gchar * location, GError ** error)
{
  GstRcastSignallerClass *klass;
  gchar *public;

  g_return_val_if_fail (GST_IS_RCAST_SIGNALLER (self), FALSE);

  klass = GST_RCAST_SIGNALLER_GET_CLASS (self);
  if (location && !check_scheme (klass, location, error))
    return FALSE;
  if (location && klass->set_location
      && !klass->set_location (self, location, error))
    return FALSE;
  public = location && klass->public_location ?
      klass->public_location (self, location) : g_strdup (location);

  GST_OBJECT_LOCK (self);
  g_free (PRIV (self)->location);
  PRIV (self)->location = public;
  GST_OBJECT_UNLOCK (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_LOCATION]);
  return TRUE;
}

GstRcastSignallerCapabilities
gst_rcast_signaller_get_capabilities (GstRcastSignaller * self)
{
  GstRcastSignallerCapabilities capabilities;

  g_return_val_if_fail (GST_IS_RCAST_SIGNALLER (self), 0);

  GST_OBJECT_LOCK (self);
  capabilities = PRIV (self)->capabilities;
  GST_OBJECT_UNLOCK (self);
  return capabilities;
}

/* Returns: (transfer full): never NULL */
GStrv
gst_rcast_signaller_dup_ice_servers (GstRcastSignaller * self)
{
  GStrv uris;

  g_return_val_if_fail (GST_IS_RCAST_SIGNALLER (self), NULL);

  GST_OBJECT_LOCK (self);
  uris = PRIV (self)->ice_servers ?
      g_strdupv (PRIV (self)->ice_servers) : g_new0 (gchar *, 1);
  GST_OBJECT_UNLOCK (self);
  return uris;
}

/* Handles the action signal set-token. Any thread. */
void
gst_rcast_signaller_set_token (GstRcastSignaller * self, const gchar * location,
    const gchar * token)
{
  GstRcastSignallerClass *klass;

  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));
  g_return_if_fail (location != NULL && token != NULL);

  klass = GST_RCAST_SIGNALLER_GET_CLASS (self);
  if (klass->set_token)
    klass->set_token (self, location, token);
}

/**
 * gst_rcast_signaller_can:
 * @self: the signaller
 * @direction: sending or receiving
 *
 * Returns: whether its class supports the direction. Any thread
 *
 * Since: 0.1
 */
gboolean
gst_rcast_signaller_can (GstRcastSignaller * self,
    GstRcastDirection direction)
{
  g_return_val_if_fail (GST_IS_RCAST_SIGNALLER (self), FALSE);

  return (GST_RCAST_SIGNALLER_GET_CLASS (self)->directions & (1 << direction))
      != 0;
}

/**
 * gst_rcast_signaller_set_direction:
 * @self: the signaller, whose class supports the direction
 * @direction: whether it sends or receives from now on
 *
 * For the owner of the signaller, before it sets the location, and never during a session.
 * By default a signaller sends.
 *
 * Since: 0.1
 */
void
gst_rcast_signaller_set_direction (GstRcastSignaller * self,
    GstRcastDirection direction)
{
  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));
  g_return_if_fail (gst_rcast_signaller_can (self, direction));

  GST_OBJECT_LOCK (self);
  PRIV (self)->direction = direction;
  GST_OBJECT_UNLOCK (self);
}

/**
 * gst_rcast_signaller_get_direction:
 * @self: the signaller
 *
 * Returns: whether it sends or receives. Any thread
 *
 * Since: 0.1
 */
GstRcastDirection
gst_rcast_signaller_get_direction (GstRcastSignaller * self)
{
  GstRcastDirection direction;

  g_return_val_if_fail (GST_IS_RCAST_SIGNALLER (self),
      GST_RCAST_DIRECTION_SEND);

  GST_OBJECT_LOCK (self);
  direction = PRIV (self)->direction;
  GST_OBJECT_UNLOCK (self);
  return direction;
}

/* Calls of the subclass */

void
gst_rcast_signaller_set_capabilities (GstRcastSignaller * self,
    GstRcastSignallerCapabilities capabilities)
{
  gboolean changed;

  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));

  GST_OBJECT_LOCK (self);
  changed = PRIV (self)->capabilities != capabilities;
  PRIV (self)->capabilities = capabilities;
  GST_OBJECT_UNLOCK (self);
  if (changed)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CAPABILITIES]);
}

void
gst_rcast_signaller_set_ice_servers (GstRcastSignaller * self,
    const gchar * const *uris)
{
  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));

  GST_OBJECT_LOCK (self);
  g_strfreev (PRIV (self)->ice_servers);
  PRIV (self)->ice_servers = g_strdupv ((GStrv) uris);
  GST_OBJECT_UNLOCK (self);
}

void
gst_rcast_signaller_candidate (GstRcastSignaller * self, guint mline_index,
    const gchar * candidate)
{
  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));

  g_signal_emit (self, signals[SIGNAL_CANDIDATE], 0, mline_index, candidate);
}

void
gst_rcast_signaller_lost (GstRcastSignaller * self, const GError * error)
{
  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));
  g_return_if_fail (error != NULL);

  g_signal_emit (self, signals[SIGNAL_LOST], 0, error);
}

void
gst_rcast_signaller_server_event (GstRcastSignaller * self,
    GstRcastServerEvent event, const gchar * detail)
{
  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));

  g_signal_emit (self, signals[SIGNAL_SERVER_EVENT], 0, event, detail);
}

/**
 * gst_rcast_signaller_offered:
 * @self: the signaller
 * @sdp: the server's offer
 *
 * The server made an offer of its own accord. While an earlier one awaits its answer,
 * the latest offer is held back.
 *
 * Since: 0.1
 */
void
gst_rcast_signaller_offered (GstRcastSignaller * self, const gchar * sdp)
{
  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));
  g_return_if_fail (sdp != NULL);

  if (PRIV (self)->unanswered) {
    g_free (PRIV (self)->held_offer);
    PRIV (self)->held_offer = g_strdup (sdp);
    return;
  }
  PRIV (self)->unanswered = TRUE;
  g_signal_emit (self, signals[SIGNAL_OFFERED], 0, sdp);
}

/**
 * gst_rcast_signaller_stream_changed:
 * @self: the signaller
 * @change: what happened
 * @stream: (nullable): the server's name of the stream, for messages only
 * @reason: (nullable): the text of the server
 *
 * The server reports a change of a stream that rcastsrc receives.
 *
 * Since: 0.1
 */
void
gst_rcast_signaller_stream_changed (GstRcastSignaller * self,
    GstRcastStreamChange change, const gchar * stream, const gchar * reason)
{
  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));

  g_signal_emit (self, signals[SIGNAL_STREAM_CHANGED], 0, change, stream,
      reason);
}

void
gst_rcast_signaller_message (GstRcastSignaller * self, const gchar * type,
    const gchar * payload)
{
  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));

  g_signal_emit (self, signals[SIGNAL_MESSAGE_RECEIVED], 0, type, payload);
}

/**
 * gst_rcast_signaller_session_changed:
 * @self: the signaller
 * @location: where the session was opened, with or without secrets: by now the signaller may
 *   have another location
 * @session: (nullable): name of the session; %NULL only makes sense with
 *   %GST_RCAST_SESSION_LEFT: the answer to an offer never came
 * @state: the new state of the session
 *
 * Every session that was %GST_RCAST_SESSION_OPENED must be reported as left or ended by the
 * end of close_async.
 *
 * Since: 0.1
 */
void
gst_rcast_signaller_session_changed (GstRcastSignaller * self,
    const gchar * location, const gchar * session, GstRcastSessionState state)
{
  GstRcastSignallerClass *klass;
  g_autofree gchar *shown = NULL;

  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));
  g_return_if_fail (location != NULL);
  g_return_if_fail (session != NULL || state == GST_RCAST_SESSION_LEFT);

  klass = GST_RCAST_SIGNALLER_GET_CLASS (self);
  shown = klass->public_location ? klass->public_location (self, location) :
      g_strdup (location);
  g_signal_emit (self, signals[SIGNAL_SESSION_CHANGED], 0, shown, session,
      state);
}

/* Emits request-token. Returns: (nullable) (transfer full): what a handler answers. A handler
 * may take long, so do not call this on the signalling thread */
gchar *
gst_rcast_signaller_request_token (GstRcastSignaller * self, const gchar * uri)
{
  gchar *token = NULL;

  g_return_val_if_fail (GST_IS_RCAST_SIGNALLER (self), NULL);

  g_signal_emit (self, signals[SIGNAL_REQUEST_TOKEN], 0, uri, &token);
  return token;
}
