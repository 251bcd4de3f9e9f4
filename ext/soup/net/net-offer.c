/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An offer on its way to a server, and whether an answer accepts all of it. Pure. */
#include "config.h"

#include "net-offer.h"

#include <gst/sdp/gstsdpmessage.h>

#include "rcast-sdp.h"
#include "rcast-text.h"

/* Takes NULL. */
void
net_offer_free (NetOffer * offer)
{
  if (!offer)
    return;
  g_free (offer->sdp);
  g_free (offer->ufrag);
  g_ptr_array_unref (offer->mids);
  g_free (offer);
}

/* A data channel, which a server may reject. */
static gboolean
is_channel (const GstSDPMedia * media)
{
  return g_strcmp0 (gst_sdp_media_get_media (media), "application") == 0;
}

/* Returns: (nullable): NULL with @error if @text is not a valid SDP */
NetOffer *
net_offer_new (const gchar * text, GError ** error)
{
  GstSDPMessage *sdp = gst_rcast_sdp_parse (text, -1, error);
  const gchar *ufrag = NULL, *pwd = NULL;
  NetOffer *offer;

  if (!sdp)
    return NULL;
  offer = g_new0 (NetOffer, 1);
  offer->sdp = g_strdup (text);
  offer->mids = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < gst_sdp_message_medias_len (sdp); i++) {
    g_ptr_array_add (offer->mids, g_strdup (gst_rcast_sdp_get_mid (sdp, i)));
    offer->n_media += !is_channel (gst_sdp_message_get_media (sdp, i));
  }
  gst_rcast_sdp_get_credentials (sdp, &ufrag, &pwd);
  offer->ufrag = g_strdup (ufrag);
  gst_sdp_message_free (sdp);
  return offer;
}

/**
 * net_offer_find_refused:
 * @answer: the server's SDP
 * @error: set if @answer is not a valid SDP
 *
 * Returns: (nullable) (transfer full): the m-section that the server rejects, for display;
 *   %NULL: the server accepts all, or there is an @error
 */
gchar *
net_offer_find_refused (const gchar * answer, GError ** error)
{
  GstSDPMessage *sdp = gst_rcast_sdp_parse (answer, -1, error);
  gchar *refused = NULL;

  if (!sdp)
    return NULL;
  for (guint i = 0; !refused && i < gst_sdp_message_medias_len (sdp); i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (sdp, i);
    g_autofree gchar *kind =
        gst_rcast_text_clean (gst_sdp_media_get_media (media), -1);

    if (gst_sdp_media_get_port (media) == 0 && !is_channel (media))
      refused = g_strdup_printf ("m-section %u (%s)", i, kind ? kind : "?");
  }
  gst_sdp_message_free (sdp);
  return refused;
}
