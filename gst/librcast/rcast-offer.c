/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An offer as webrtcbin makes it and as servers take it, and what its answer must have. */
#include "config.h"

#include "rcast-offer.h"

#include "rcast-error.h"
#include "rcast-sdp.h"

/* As browsers have it: a bundled section has a port like any other. webrtcbin
 * offers all but the first with port 0 and bundle-only (RFC 9143 7.2.1), which
 * servers that were tried with browsers only take for a refusal. */
static void
give_ports (GstSDPMessage * sdp)
{
  for (guint i = 0; i < gst_sdp_message_medias_len (sdp); i++) {
    GstSDPMedia *media = (GstSDPMedia *) gst_sdp_message_get_media (sdp, i);

    for (guint j = gst_sdp_media_attributes_len (media); j > 0; j--) {
      if (g_str_equal (gst_sdp_media_get_attribute (media, j - 1)->key,
              "bundle-only")) {
        gst_sdp_media_remove_attribute (media, j - 1);
        gst_sdp_media_set_port_info (media, 9, 0);
      }
    }
  }
}

/* Returns: (transfer full): @offer for the server */
gchar *
gst_rcast_offer_to_text (const GstSDPMessage * offer)
{
  g_autoptr (GstSDPMessage) sent = NULL;

  gst_sdp_message_copy (offer, &sent);
  give_ports (sent);
  return gst_sdp_message_as_text (sent);
}

static gboolean
is_bundle (const GstSDPAttribute * attribute)
{
  return g_str_equal (attribute->key, "group")
      && attribute->value && g_str_has_prefix (attribute->value, "BUNDLE");
}

/* Whether the m-lines of an offer or an answer share a transport, if there are several
 * (RFC 9143). */
gboolean
gst_rcast_offer_is_bundled (const GstSDPMessage * sdp)
{
  for (guint i = 0; i < gst_sdp_message_attributes_len (sdp); i++) {
    if (is_bundle (gst_sdp_message_get_attribute (sdp, i)))
      return TRUE;
  }
  return gst_sdp_message_medias_len (sdp) <= 1;
}

static gboolean
is_ssrc (const GstSDPAttribute * attribute)
{
  return g_str_equal (attribute->key, "ssrc")
      || g_str_equal (attribute->key, "ssrc-group");
}

/* webrtcbin makes up an SSRC for retransmissions in each offer, but goes on to send the
 * first. @before: the last offer of the same connection */
void
gst_rcast_offer_keep_ssrcs (GstSDPMessage * offer, const GstSDPMessage * before)
{
  guint lines = MIN (gst_sdp_message_medias_len (offer),
      gst_sdp_message_medias_len (before));

  for (guint i = 0; i < lines; i++) {
    GstSDPMedia *media = (GstSDPMedia *) gst_sdp_message_get_media (offer, i);
    const GstSDPMedia *old = gst_sdp_message_get_media (before, i);

    for (guint j = gst_sdp_media_attributes_len (media); j > 0; j--) {
      if (is_ssrc (gst_sdp_media_get_attribute (media, j - 1)))
        gst_sdp_media_remove_attribute (media, j - 1);
    }
    for (guint j = 0; j < gst_sdp_media_attributes_len (old); j++) {
      const GstSDPAttribute *kept = gst_sdp_media_get_attribute (old, j);

      if (is_ssrc (kept))
        gst_sdp_media_add_attribute (media, kept->key, kept->value);
    }
  }
}

/* Each m-line has a transport of its own (RFC 9143 7.3.3). */
void
gst_rcast_offer_unbundle (GstSDPMessage * offer)
{
  for (guint i = gst_sdp_message_attributes_len (offer); i > 0; i--) {
    if (is_bundle (gst_sdp_message_get_attribute (offer, i - 1)))
      gst_sdp_message_remove_attribute (offer, i - 1);
  }
  give_ports (offer);
}

/**
 * gst_rcast_offer_follow:
 * @offer: an offer
 * @answer: what the server answered
 * @gathered: whether the candidates of @offer are gathered
 * @error: why @offer cannot be what the server wants
 *
 * A server may decline to bundle; @offer is then as if it had never offered that.
 */
gboolean
gst_rcast_offer_follow (GstSDPMessage * offer, const GstSDPMessage * answer,
    gboolean gathered, GError ** error)
{
  if (gst_rcast_offer_is_bundled (answer)
      || !gst_rcast_offer_is_bundled (offer))
    return TRUE;
  if (gathered) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_NOT_ACCEPTABLE,
        "it does not bundle, but the candidates of the offer are those of a "
        "bundle: bundle-policy=none would help");
    return FALSE;
  }
  gst_rcast_offer_unbundle (offer);
  return TRUE;
}
