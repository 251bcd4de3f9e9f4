/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends the single offer of a stock webrtcbin by HTTP POST, as in WHIP and WHEP. */
#pragma once

#include <gst/gst.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct _HttpOffer HttpOffer;

/* Called in the main context. @session: (nullable): URL of the session, NULL with an @error */
typedef void (*HttpOfferFunc) (const gchar * session, const GError * error, gpointer user_data);

/* Sends the offer of @webrtc with all its candidates. */
HttpOffer * http_offer_start  (SoupSession * soup, GstElement * webrtc, const gchar * url, HttpOfferFunc func, gpointer user_data);
/* After this, @func is not called. */
void        http_offer_free   (HttpOffer * offer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpOffer, http_offer_free)

G_END_DECLS
