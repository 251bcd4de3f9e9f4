/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastwhip: the WHIP signaller, RFC 9725. */
/**
 * SECTION:element-rcastwhip
 * @title: rcastwhip
 * @short_description: WHIP signalling (RFC 9725) for rcastsink
 *
 * Sends the offer of #rcastsink to a WHIP server by HTTP POST, candidates and ICE
 * restarts by PATCH, and ends the session by DELETE. rcastsink creates this element
 * for a `location` that is the URL of an endpoint: `https://…` or `http://…`, also
 * with the scheme `whip+https` or `whip+http`, or, as in other programs, `whips` and
 * `whip`.
 *
 * A URL with a user name is refused. The query of the URL is sent, but no message, log or
 * property contains it. Use #GstRcastNetSignaller:auth-token for a Bearer token, or
 * #GstRcastHttpSignaller:user-id and #GstRcastHttpSignaller:user-pw for HTTP Basic and
 * Digest. A token belongs to an origin (scheme, host and port): a token that
 * #GstRcastSignaller::request-token returns after a 401 is sent to no other origin. Proxies
 * are those of the system (GProxyResolver).
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! rcastsink location=whip+http://127.0.0.1:8080/whip/demo
 * ]|
 *
 * Since: 0.1
 */
#include "config.h"

#include "gstrcastwhip.h"

struct _GstRcastWhip
{
  GstRcastHttpSignaller parent;

  gboolean allow_rejected_media;        /* OBJECT_LOCK */
};

enum
{
  PROP_ALLOW_REJECTED_MEDIA = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_TYPE (GstRcastWhip, gst_rcast_whip, GST_TYPE_RCAST_HTTP_SIGNALLER);
GST_ELEMENT_REGISTER_DEFINE (rcastwhip, "rcastwhip", GST_RANK_PRIMARY,
    GST_TYPE_RCAST_WHIP);

static void
gst_rcast_whip_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GstRcastWhip *self = GST_RCAST_WHIP (object);

  if (!gst_rcast_signaller_may_set (GST_RCAST_SIGNALLER (self), pspec))
    return;
  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_ALLOW_REJECTED_MEDIA:
      self->allow_rejected_media = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_rcast_whip_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstRcastWhip *self = GST_RCAST_WHIP (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_ALLOW_REJECTED_MEDIA:
      g_value_set_boolean (value, self->allow_rejected_media);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static gboolean
gst_rcast_whip_allows_rejected_media (GstRcastHttpSignaller * signaller)
{
  GstRcastWhip *self = GST_RCAST_WHIP (signaller);
  gboolean allows;

  GST_OBJECT_LOCK (self);
  allows = self->allow_rejected_media;
  GST_OBJECT_UNLOCK (self);
  return allows;
}

static void
install_properties (GObjectClass * object_class)
{
  /**
   * GstRcastWhip:allow-rejected-media:
   *
   * Whether to go on air if the server rejects some of the media or makes it inactive.
   * RFC 9725 4.4 does not allow partial answers, so by default this is an error. A warning
   * names each missing stream.
   *
   * Since: 0.1
   */
  props[PROP_ALLOW_REJECTED_MEDIA] =
      g_param_spec_boolean ("allow-rejected-media", "Allow rejected media",
      "Whether to go on air when the server rejects some of the media", FALSE,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
gst_rcast_whip_class_init (GstRcastWhipClass * klass)
{
  static const gchar *const protocols[] = { "whip+https", "whip+http", "whips",
    "whip", "https", "http", NULL
  };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstRcastHttpSignallerClass *http_class =
      GST_RCAST_HTTP_SIGNALLER_CLASS (klass);

  object_class->set_property = gst_rcast_whip_set_property;
  object_class->get_property = gst_rcast_whip_get_property;
  install_properties (object_class);

  gst_rcast_signaller_class_set_protocols (GST_RCAST_SIGNALLER_CLASS (klass),
      protocols);
  http_class->protocol = WHIP_PROTOCOL_WHIP;
  http_class->allows_rejected_media = gst_rcast_whip_allows_rejected_media;

  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass),
      "WHIP signaller", "Network/Signaller/WebRTC",
      "Signalling by WHIP (RFC 9725) for rcastsink",
      "The gst-rcast developers");
}

static void
gst_rcast_whip_init (GstRcastWhip * self)
{
}
