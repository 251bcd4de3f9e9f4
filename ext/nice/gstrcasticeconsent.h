/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Consent checks of one path (RFC 7675): writes requests, finds the answers. */
#pragma once

#include <gio/gio.h>
#include <nice/address.h>

#include "rcast-loop.h"
#include "gstrcasticestun.h"

G_BEGIN_DECLS

typedef struct _GstRcastIceConsent GstRcastIceConsent;

/* Called on the loop's thread. @sent: when the request was written. @rtt: microseconds until the
 * answer arrived, even if the thread read it late. If not @exact, the arrival time is unknown and
 * @rtt lasts until the answer was read. */
typedef void (*GstRcastIceConsentFunc) (GstRcastIceStunAnswer answer,
    gint64 sent, gint64 rtt, gboolean exact, gpointer data);

GstRcastIceConsent *gst_rcast_ice_consent_new (GstRcastLoop * loop,
    GstRcastIceConsentFunc answered, gpointer data);
void gst_rcast_ice_consent_free (GstRcastIceConsent * consent);

gboolean gst_rcast_ice_consent_watch (GstRcastIceConsent * consent,
    GPtrArray * sockets);
void gst_rcast_ice_consent_set_credentials (GstRcastIceConsent * consent,
    const gchar * local_ufrag, const gchar * remote_ufrag,
    const gchar * remote_password);
void gst_rcast_ice_consent_set_peer (GstRcastIceConsent * consent,
    const NiceAddress * peer);
void gst_rcast_ice_consent_set_controlling (GstRcastIceConsent * consent,
    gboolean controlling);
gsize gst_rcast_ice_consent_write (GstRcastIceConsent * consent,
    gboolean nominate, guint8 * out, gsize size, gint64 now);
void gst_rcast_ice_consent_sent (GstRcastIceConsent * consent, gint64 now);

G_END_DECLS
