/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The DTLS transports of a webrtcbin, and their RTP sessions. */
#include "config.h"

#include "gstrcasttransports.h"

#include "rcast-fingerprint.h"

/* A DTLS transport and its RTP session. Without BUNDLE each m-line has its own. */
typedef struct
{
  guint id;                     /* id of the session in rtpbin */
  guint mline;                  /* the first m-line on it */
  GstWebRTCDTLSTransport *dtls;
  GObject *session;             /* RTPSession; NULL: it only carries data */
} Transport;

struct _GstRcastTransports
{
  GstElement *webrtc;           /* constant */
  GPtrArray *all;               /* of Transport */
};

static void
transport_free (gpointer data)
{
  Transport *transport = data;

  gst_clear_object (&transport->dtls);
  g_clear_object (&transport->session);
  g_free (transport);
}

static const Transport *
get_transport (GstRcastTransports * self, guint i)
{
  return g_ptr_array_index (self->all, i);
}

/* Returns: an empty list of transports of @webrtc */
GstRcastTransports *
gst_rcast_transports_new (GstElement * webrtc)
{
  GstRcastTransports *self = g_new0 (GstRcastTransports, 1);

  self->webrtc = gst_object_ref (webrtc);
  self->all = g_ptr_array_new_with_free_func (transport_free);
  return self;
}

void
gst_rcast_transports_free (GstRcastTransports * self)
{
  g_ptr_array_unref (self->all);
  gst_object_unref (self->webrtc);
  g_free (self);
}

static gboolean
is_known (GstRcastTransports * self, GstWebRTCDTLSTransport * dtls)
{
  for (guint i = 0; i < self->all->len; i++)
    if (get_transport (self, i)->dtls == dtls)
      return TRUE;
  return FALSE;
}

/**
 * gst_rcast_transports_add:
 * @self: the transports
 * @dtls: a DTLS transport of webrtcbin
 * @mline: the first m-line on it
 * @session: (out) (transfer none) (nullable): its RTPSession; %NULL: it only carries data
 *
 * Returns: %FALSE if it is already in the list
 */
gboolean
gst_rcast_transports_add (GstRcastTransports * self,
    GstWebRTCDTLSTransport * dtls, guint mline, GObject ** session)
{
  g_autoptr (GstElement) rtpbin = NULL;
  Transport *transport;

  if (is_known (self, dtls))
    return FALSE;
  transport = g_new0 (Transport, 1);
  transport->mline = mline;
  transport->dtls = gst_object_ref (dtls);
  g_object_get (dtls, "session-id", &transport->id, NULL);
  rtpbin = gst_bin_get_by_name (GST_BIN (self->webrtc), "rtpbin");
  g_signal_emit_by_name (rtpbin, "get-internal-session", transport->id,
      &transport->session);
  g_ptr_array_add (self->all, transport);
  *session = transport->session;
  return TRUE;
}

guint
gst_rcast_transports_get_length (GstRcastTransports * self)
{
  return self->all->len;
}

/* Returns: id of the session in rtpbin */
guint
gst_rcast_transports_get_id (GstRcastTransports * self, guint i)
{
  return get_transport (self, i)->id;
}

/* @session: RTPSession. Returns: its id in rtpbin, or 0 */
guint
gst_rcast_transports_find_id (GstRcastTransports * self, gconstpointer session)
{
  for (guint i = 0; i < self->all->len; i++)
    if (get_transport (self, i)->session == session)
      return get_transport (self, i)->id;
  return 0;
}

/* Returns: whether the server has closed any DTLS transport */
gboolean
gst_rcast_transports_is_any_closed (GstRcastTransports * self)
{
  for (guint i = 0; i < self->all->len; i++) {
    GstWebRTCDTLSTransportState state;

    g_object_get (get_transport (self, i)->dtls, "state", &state, NULL);
    if (state == GST_WEBRTC_DTLS_TRANSPORT_STATE_CLOSED)
      return TRUE;
  }
  return FALSE;
}

/* @remote: the server's description
 * Returns: whether each certificate matches it */
gboolean
gst_rcast_transports_check_certificates (GstRcastTransports * self,
    const GstSDPMessage * remote, GError ** error)
{
  for (guint i = 0; i < self->all->len; i++) {
    const Transport *transport = get_transport (self, i);
    g_autofree gchar *pem = NULL;

    g_object_get (transport->dtls, "remote-certificate", &pem, NULL);
    if (!gst_rcast_fingerprint_check (remote, transport->mline, pem, error))
      return FALSE;
  }
  return TRUE;
}

/* Disconnects @listener from all transports. */
void
gst_rcast_transports_disconnect (GstRcastTransports * self, gpointer listener)
{
  for (guint i = 0; i < self->all->len; i++) {
    const Transport *transport = get_transport (self, i);

    g_signal_handlers_disconnect_by_data (transport->dtls, listener);
    if (transport->session)
      g_signal_handlers_disconnect_by_data (transport->session, listener);
  }
}
