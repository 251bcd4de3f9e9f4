/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An offer on its way to a server, and whether an answer accepts all of it. Pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * NetOffer:
 * @sdp: as text
 * @ufrag: (nullable): identifies its candidates
 * @mids: of its m-sections
 * @n_media: number of audio and video sections
 */
typedef struct
{
  gchar *sdp;
  gchar *ufrag;
  GPtrArray *mids;
  guint n_media;
} NetOffer;

NetOffer *  net_offer_new          (const gchar      * sdp,
                                        GError          ** error);
void          net_offer_free         (NetOffer       * offer);
gchar *       net_offer_find_refused (const gchar      * answer,
                                        GError          ** error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetOffer, net_offer_free)

G_END_DECLS
