/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The VideoRoom handle of a Janus session: a place in the room, and the media published there. */
#pragma once

#include "janus-link.h"
#include "janus-reports.h"

G_BEGIN_DECLS

typedef struct _JanusHandle JanusHandle;

/**
 * JanusHandleCallbacks:
 * @joined: we are in the room, as @feed
 * @answered: the server took the offer
 * @failed: an offer, or joining the room, failed: by @error or, without one, by a
 *   refusal, for @what
 * @kicked: we were thrown out of the room
 * @resynced: the end of janus_handle_resync(); @loss: (nullable): what became of the
 *   media; @error: (nullable): the session is of no use: %GST_RCAST_ERROR_SESSION_GONE,
 *   or the connection is not
 *
 * Each of them is the last thing that the handle does, and may free it.
 */
typedef struct
{
  void (*joined)   (const JanusId * feed, gpointer data);
  void (*answered) (const gchar * answer, gpointer data);
  void (*failed)   (const JanusMessage * refusal, const GError * error, const gchar * what, gpointer data);
  void (*kicked)   (gpointer data);
  void (*resynced) (const gchar * loss, const GError * error, gpointer data);
} JanusHandleCallbacks;

JanusHandle *  janus_handle_new           (JanusLink                  * link,
                                           JanusReports               * reports,
                                           GstRcastNetSignaller       * element,
                                           const JanusSettings        * settings,
                                           gboolean                   * string_ids,
                                           const JanusHandleCallbacks * callbacks,
                                           gpointer                     data);
void           janus_handle_free          (JanusHandle                * handle);

void           janus_handle_join          (JanusHandle                * handle,
                                           guint64                      session);
gboolean       janus_handle_offer         (JanusHandle                * handle,
                                           GstRcastOfferKind            kind,
                                           const gchar                * sdp,
                                           GError                    ** error);
void           janus_handle_drop_offer    (JanusHandle                * handle);
gboolean       janus_handle_has_offer     (JanusHandle                * handle);
void           janus_handle_add_candidate (JanusHandle                * handle,
                                           guint                        mline,
                                           const gchar                * ufrag,
                                           const gchar                * candidate);
gboolean       janus_handle_has_media     (JanusHandle                * handle);
gboolean       janus_handle_is_joined     (JanusHandle                * handle);

/* The connection, or the session, came to its end; a claim brought it back. */
void           janus_handle_stop          (JanusHandle                * handle);
void           janus_handle_forget        (JanusHandle                * handle);
void           janus_handle_resync        (JanusHandle                * handle);
void           janus_handle_flush         (JanusHandle                * handle);
void           janus_handle_leave         (JanusHandle                * handle);

gboolean       janus_handle_is_sender     (JanusHandle                * handle,
                                           const JanusMessage         * message);
void           janus_handle_take          (JanusHandle                * handle,
                                           const JanusMessage         * message);

G_END_DECLS
