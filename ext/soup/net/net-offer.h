/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An offer on its way to a server, and whether an answer takes all of it: pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * NetOffer:
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
} NetOffer;

NetOffer *  net_offer_new          (const gchar      * sdp,
                                        GError          ** error);
void          net_offer_free         (NetOffer       * offer);
gchar *       net_offer_find_refused (const gchar      * answer,
                                        GError          ** error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetOffer, net_offer_free)

G_END_DECLS
