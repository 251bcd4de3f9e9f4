/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An offer to the VideoRoom, and whether an answer takes all of it: pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * JanusOffer:
 * @sdp: as text
 * @ufrag: (nullable): by which its candidates are known
 * @mids: of its m-sections
 * @n_media: how many of them are sound or pictures
 */
typedef struct
{
  gchar *sdp;
  gchar *ufrag;
  GPtrArray *mids;
  guint n_media;
} JanusOffer;

JanusOffer *  janus_offer_new          (const gchar      * sdp,
                                        GError          ** error);
void          janus_offer_free         (JanusOffer       * offer);
gchar *       janus_offer_find_refused (const gchar      * answer,
                                        GError          ** error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JanusOffer, janus_offer_free)

G_END_DECLS
