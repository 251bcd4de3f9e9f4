/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastwhep: the WHEP signaller, draft-ietf-wish-whep-03. */
/**
 * SECTION:element-rcastwhep
 * @title: rcastwhep
 * @short_description: WHEP signalling (draft-ietf-wish-whep-03) for rcastsrc
 *
 * Sends the offer of #rcastsrc to a WHEP server by HTTP POST, candidates and ICE restarts by
 * PATCH, and ends the session by DELETE. If the server refuses the offer and makes a
 * counter-offer, the answer is sent by PATCH. rcastsrc creates this element for a `location`
 * that is the URL of an endpoint: `https://…` or `http://…`, also with the scheme
 * `whep+https`, `whep+http`, `wheps` or `whep`.
 *
 * If the server answers 404 or 409, nobody publishes the stream. This is no error: rcastsrc
 * tries again until somebody does.
 *
 * If the server links its events (extension server-sent-events of the draft), they are
 * read: #GstRcastSignaller::stream-changed reports when the publisher comes or goes,
 * `reconnect` leads to a new session, and `layers`, `viewercount` and `scte35` are passed on
 * by #GstRcastSignaller::message-received.
 *
 * Tokens, passwords, redirects and proxies work as with #rcastwhip.
 *
 * Since: 0.1
 */
#include "config.h"

#include "gstrcastwhep.h"

struct _GstRcastWhep
{
  GstRcastHttpSignaller parent;
};

G_DEFINE_TYPE (GstRcastWhep, gst_rcast_whep, GST_TYPE_RCAST_HTTP_SIGNALLER);
GST_ELEMENT_REGISTER_DEFINE (rcastwhep, "rcastwhep", GST_RANK_PRIMARY,
    GST_TYPE_RCAST_WHEP);

/* The server rejects the m-sections for which it has no stream. */
static gboolean
gst_rcast_whep_allows_rejected_media (GstRcastHttpSignaller * signaller)
{
  return TRUE;
}

static WhipSession *
get_session (GstRcastSignaller * signaller)
{
  return gst_rcast_http_signaller_get_session
      (GST_RCAST_HTTP_SIGNALLER (signaller));
}

/* The server makes an offer only in place of an answer. We offer ICE restarts. */
static void
gst_rcast_whep_request_offer_async (GstRcastSignaller * signaller,
    GstRcastOfferKind kind, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  WhipSession *session = get_session (signaller);
  GTask *task = gst_rcast_net_signaller_new_task (signaller, session,
      cancellable, callback, user_data, gst_rcast_whep_request_offer_async);

  if (task)
    whip_session_request_offer (session, task);
}

static void
gst_rcast_whep_answer_async (GstRcastSignaller * signaller, const gchar * sdp,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  WhipSession *session = get_session (signaller);
  GTask *task = gst_rcast_net_signaller_new_task (signaller, session,
      cancellable, callback, user_data, gst_rcast_whep_answer_async);

  if (task)
    whip_session_answer (session, sdp, task);
}

static void
gst_rcast_whep_class_init (GstRcastWhepClass * klass)
{
  static const gchar *const protocols[] = { "whep+https", "whep+http", "wheps",
    "whep", "https", "http", NULL
  };
  GstRcastSignallerClass *signaller_class = GST_RCAST_SIGNALLER_CLASS (klass);
  GstRcastHttpSignallerClass *http_class = GST_RCAST_HTTP_SIGNALLER_CLASS (klass);

  gst_rcast_signaller_class_set_protocols (signaller_class, protocols);
  gst_rcast_signaller_class_set_directions (signaller_class,
      GST_RCAST_SIGNALLER_RECEIVE);
  signaller_class->request_offer_async = gst_rcast_whep_request_offer_async;
  signaller_class->answer_async = gst_rcast_whep_answer_async;
  http_class->protocol = WHIP_PROTOCOL_WHEP;
  http_class->allows_rejected_media = gst_rcast_whep_allows_rejected_media;

  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass),
      "WHEP signaller", "Network/Signaller/WebRTC",
      "Signalling by WHEP (draft-ietf-wish-whep-03) for rcastsrc",
      "The gst-rcast developers");
}

static void
gst_rcast_whep_init (GstRcastWhep * self)
{
}
