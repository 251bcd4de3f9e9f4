/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stock webrtcbin's one offer by HTTP POST, as WHIP and WHEP have it. */
#pragma once

#include <gst/gst.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct _HttpOffer HttpOffer;

/* Main context. @session: URL of the session, NULL with an @error. */
typedef void (*HttpOfferFunc) (const gchar * session, const GError * error, gpointer user_data);

/* Offers what @webrtc has, with all candidates in it. */
HttpOffer * http_offer_start  (SoupSession * soup, GstElement * webrtc, const gchar * url, HttpOfferFunc func, gpointer user_data);
/* No callback afterwards. */
void        http_offer_free   (HttpOffer * offer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpOffer, http_offer_free)

G_END_DECLS
