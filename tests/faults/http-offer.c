/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends the single offer of a stock webrtcbin by HTTP POST, as in WHIP and WHEP. */
#include "config.h"

#include "http-offer.h"

#include <gst/sdp/gstsdpmessage.h>
#include <gst/webrtc/webrtc.h>

typedef enum
{
  STEP_OFFER,
  STEP_GATHER,
  STEP_POST,
  STEP_DONE
} Step;

struct _HttpOffer
{
  gatomicrefcount refs;
  SoupSession *soup;
  GstElement *webrtc;
  SoupMessage *message;
  GCancellable *cancellable;
  gchar *url;
  gulong gathering_id;
  Step step;
  HttpOfferFunc func;           /* NULL: the caller has freed the offer */
  gpointer user_data;
};

static HttpOffer *
ref (HttpOffer * offer)
{
  g_atomic_ref_count_inc (&offer->refs);
  return offer;
}

static void
unref (gpointer data)
{
  HttpOffer *offer = data;

  if (!g_atomic_ref_count_dec (&offer->refs))
    return;
  g_object_unref (offer->soup);
  gst_object_unref (offer->webrtc);
  g_clear_object (&offer->message);
  g_object_unref (offer->cancellable);
  g_free (offer->url);
  g_free (offer);
}

static void
finish (HttpOffer * offer, const gchar * session, const GError * error)
{
  if (offer->step == STEP_DONE)
    return;
  offer->step = STEP_DONE;
  if (offer->func)
    offer->func (session, error, offer->user_data);
}

static void
on_posted (GObject * source, GAsyncResult * result, gpointer data)
{
  HttpOffer *offer = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = soup_session_send_and_read_finish
      (SOUP_SESSION (source), result, &error);
  g_autofree gchar *session = NULL;
  const gchar *location;
  GstWebRTCSessionDescription *answer;
  GstSDPMessage *sdp;
  guint status;

  if (body == NULL) {
    finish (offer, NULL, error);
    unref (offer);
    return;
  }
  status = soup_message_get_status (offer->message);
  location = soup_message_headers_get_one (soup_message_get_response_headers
      (offer->message), "Location");
  gst_sdp_message_new (&sdp);
  if (status != 201 || location == NULL
      || gst_sdp_message_parse_buffer (g_bytes_get_data (body, NULL),
          g_bytes_get_size (body), sdp) != GST_SDP_OK) {
    gst_sdp_message_free (sdp);
    error = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "answered with %u",
        status);
    finish (offer, NULL, error);
    unref (offer);
    return;
  }
  session = g_uri_resolve_relative (offer->url, location, G_URI_FLAGS_NONE,
      NULL);
  answer = gst_webrtc_session_description_new (GST_WEBRTC_SDP_TYPE_ANSWER, sdp);
  g_signal_emit_by_name (offer->webrtc, "set-remote-description", answer, NULL);
  gst_webrtc_session_description_free (answer);
  finish (offer, session, NULL);
  unref (offer);
}

static void
post (HttpOffer * offer)
{
  GstWebRTCSessionDescription *local = NULL;
  g_autoptr (GBytes) body = NULL;
  gchar *text;

  offer->step = STEP_POST;
  g_object_get (offer->webrtc, "local-description", &local, NULL);
  text = gst_sdp_message_as_text (local->sdp);
  gst_webrtc_session_description_free (local);
  body = g_bytes_new_take (text, strlen (text));
  offer->message = soup_message_new ("POST", offer->url);
  soup_message_set_request_body_from_bytes (offer->message, "application/sdp",
      body);
  soup_session_send_and_read_async (offer->soup, offer->message,
      G_PRIORITY_DEFAULT, offer->cancellable, on_posted, ref (offer));
}

static gboolean
check_gathered (gpointer data)
{
  HttpOffer *offer = data;
  GstWebRTCICEGatheringState state;

  g_object_get (offer->webrtc, "ice-gathering-state", &state, NULL);
  if (offer->func && offer->step == STEP_GATHER
      && state == GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE)
    post (offer);
  return G_SOURCE_REMOVE;
}

/* In a thread of webrtcbin */
static void
on_gathering (GstElement * webrtc, GParamSpec * pspec, gpointer data)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, check_gathered, ref (data), unref);
}

static gboolean
start_gathering (gpointer data)
{
  HttpOffer *offer = data;

  offer->step = MAX (offer->step, STEP_GATHER);
  return check_gathered (data);
}

static void
on_offer (GstPromise * promise, gpointer data)
{
  HttpOffer *offer = data;
  const GstStructure *reply = gst_promise_wait (promise)
      == GST_PROMISE_RESULT_REPLIED ? gst_promise_get_reply (promise) : NULL;
  GstWebRTCSessionDescription *description = NULL;

  if (reply)
    gst_structure_get (reply, "offer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION,
        &description, NULL);
  gst_promise_unref (promise);
  if (description == NULL)
    return;
  g_signal_emit_by_name (offer->webrtc, "set-local-description", description,
      NULL);
  gst_webrtc_session_description_free (description);
  g_idle_add_full (G_PRIORITY_DEFAULT, start_gathering, ref (offer), unref);
}

HttpOffer *
http_offer_start (SoupSession * soup, GstElement * webrtc, const gchar * url,
    HttpOfferFunc func, gpointer user_data)
{
  HttpOffer *offer = g_new0 (HttpOffer, 1);

  g_atomic_ref_count_init (&offer->refs);
  offer->soup = g_object_ref (soup);
  offer->webrtc = gst_object_ref (webrtc);
  offer->cancellable = g_cancellable_new ();
  offer->url = g_strdup (url);
  offer->func = func;
  offer->user_data = user_data;
  offer->gathering_id = g_signal_connect_data (webrtc,
      "notify::ice-gathering-state", G_CALLBACK (on_gathering), ref (offer),
      (GClosureNotify) unref, 0);
  g_signal_emit_by_name (webrtc, "create-offer", NULL,
      gst_promise_new_with_change_func (on_offer, ref (offer), unref));
  return offer;
}

void
http_offer_free (HttpOffer * offer)
{
  if (offer == NULL)
    return;
  offer->func = NULL;
  g_cancellable_cancel (offer->cancellable);
  g_signal_handler_disconnect (offer->webrtc, offer->gathering_id);
  unref (offer);
}
