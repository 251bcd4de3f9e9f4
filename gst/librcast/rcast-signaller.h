/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The abstract signalling element: exchanges descriptions and candidates with the server. */
#pragma once

#include <gst/gst.h>
#include <gio/gio.h>

#include "rcast-api.h"
#include "rcast-error.h"
#include "rcast-types.h"

G_BEGIN_DECLS

#define GST_TYPE_RCAST_SIGNALLER (gst_rcast_signaller_get_type ())
GST_RCAST_API
G_DECLARE_DERIVABLE_TYPE (GstRcastSignaller, gst_rcast_signaller, GST, RCAST_SIGNALLER, GstElement)

/**
 * GstRcastSignallerClass:
 * @protocols: (array zero-terminated=1): URI schemes that the element handles; set by
 *   gst_rcast_signaller_class_set_protocols()
 * @directions: whether the element sends, receives, or can do both; set by
 *   gst_rcast_signaller_class_set_directions()
 * @resume_time: how long, in ms, the element may need to bring the media back in its session;
 *   set by gst_rcast_signaller_class_set_resume_time()
 * @set_location: (nullable): checks a new `location`, whose scheme is one of
 *   @protocols, and parses it; called without a lock, in the thread that sets
 *   the property. rcastsink calls it to check a location when it is set, on a
 *   temporary element or on the one that the application has set, and again
 *   before the location is used
 * @public_location: (nullable): returns a `location` that @set_location has accepted
 *   without its secrets, for the property, messages and logs. By default rcastsink
 *   removes user, password and query
 * @open_async: perform the steps of the protocol before the offer. After an offer that
 *   failed with %GST_RCAST_ERROR_NO_STREAM it may be called again without @close_async in
 *   between: continue the session, or end it and open another one
 * @open_finish: ends @open_async
 * @offer_async: send an offer to the server. Set ICE servers that come with the
 *   answer by gst_rcast_signaller_set_ice_servers() before the operation ends.
 *   %GST_RCAST_OFFER_INITIAL comes once, or, with the capability
 *   %GST_RCAST_SIGNALLER_RENEGOTIATE, again from a fresh webrtcbin. In the receiving
 *   direction it offers to receive. If the server answers with an offer of its own, fail
 *   with %GST_RCAST_ERROR_COUNTER_OFFER, once the signaller has the capability
 *   %GST_RCAST_SIGNALLER_SERVER_OFFERS; @request_offer_async then ends with that offer
 * @offer_finish: ends @offer_async; returns the complete SDP answer
 * @request_offer_async: (nullable): have the server make an offer; replaces @offer_async with
 *   the capability %GST_RCAST_SIGNALLER_SERVER_OFFERS. The same applies to ICE servers and to
 *   %GST_RCAST_OFFER_INITIAL
 * @request_offer_finish: (nullable): ends @request_offer_async; returns the complete SDP
 *   offer
 * @answer_async: (nullable): send the answer to the server's last offer, which came from
 *   @request_offer_async or gst_rcast_signaller_offered()
 * @answer_finish: (nullable): ends @answer_async
 * @add_candidate: (nullable): one local candidate, `candidate:…` without `a=`,
 *   that ends in ` ufrag X`, or %NULL: no more candidates for this @ufrag.
 *   Never fails: candidates that cannot be sent are dropped
 * @resume_async: (nullable): resume the session of a lost connection.
 *   Fails with %GST_RCAST_ERROR_SESSION_GONE if the server has forgotten it; any
 *   other error may be retried
 * @resume_finish: (nullable): ends @resume_async
 * @settle: (nullable): the media of the last initial offer is connected: release
 *   earlier media of the same session. Until then keep it if the server allows
 *   that, so that media continues
 * @check_async: (nullable): check whether a server is healthy, without using up
 *   a slot that a broadcast needs. @location may differ from the one in use
 * @check_finish: (nullable): ends @check_async
 * @probe_async: (nullable): check with a bare connection, without a request,
 *   whether a server can be reached. With a @location, probe the server there, which may not
 *   be the one in use, and do nothing else. With %NULL, probe the server of the
 *   session; if it can be reached, an operation that is still connecting restarts its
 *   own connection, which began while the server was away. Fails with
 *   %GST_RCAST_ERROR_NOT_SUPPORTED if a probe is not possible or would not help: there is a proxy
 *   in between, or an answer of the session's server is already due. May be called
 *   again before the previous call has finished
 * @probe_finish: (nullable): ends @probe_async
 * @send_message: (nullable): send an application message
 * @set_token: (nullable): store a fresh token for the server of a location. Any thread
 * @pair: (nullable): @twin is a fresh element of the same type, for a second session
 *   beside that of @self; its readable properties are those of @self. Share what cannot
 *   be read: tokens and other secrets. Any thread, before each session of @twin
 * @close_async: end the session. A new session may be opened at once; the old one
 *   is closed in the background, within bounded time, and the operation then
 *   finishes. A pending offer is not aborted, but a session that it may still open is
 *   ended as well
 * @close_finish: ends @close_async
 * @end_session_async: (nullable): end a session that was abandoned earlier: by this object,
 *   by another one of the class, or by an earlier process. @session is what
 *   gst_rcast_signaller_session_changed() named, @location the location that it was
 *   opened at, which may differ from the one in use; use the credentials of @location. Succeeds if
 *   the server has ended the session or does not know it. Fails with
 *   %GST_RCAST_ERROR_NOT_SUPPORTED if the server ends no sessions on request, and with
 *   %GST_RCAST_ERROR_UNAUTHORIZED or %GST_RCAST_ERROR_REJECTED if it refuses this one;
 *   after any other error the caller may try again. Several may be under way, whether or
 *   not the signaller is open; each is bounded in time
 * @end_session_finish: (nullable): ends @end_session_async
 *
 * All functions except @set_location, @public_location and @set_token are called on one thread,
 * whose #GMainContext is the thread default; asynchronous ones return at once and end
 * on the same thread, exactly once. A cancelled operation ends with %G_IO_ERROR_CANCELLED. Errors
 * are of %GST_RCAST_ERROR and name URL and HTTP status where there are any.
 *
 * Since: 0.1
 */
struct _GstRcastSignallerClass {
  GstElementClass parent_class;

  const gchar * const *protocols;

  gboolean (*set_location)  (GstRcastSignaller * self, const gchar * location,
                             GError ** error);

  gchar *  (*public_location) (GstRcastSignaller * self, const gchar * location);

  void     (*open_async)    (GstRcastSignaller * self, GCancellable * cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
  gboolean (*open_finish)   (GstRcastSignaller * self, GAsyncResult * result,
                             GError ** error);

  void     (*offer_async)   (GstRcastSignaller * self, GstRcastOfferKind kind,
                             const gchar * sdp, GCancellable * cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
  gchar *  (*offer_finish)  (GstRcastSignaller * self, GAsyncResult * result,
                             GError ** error);

  void     (*add_candidate) (GstRcastSignaller * self, guint mline_index,
                             const gchar * ufrag, const gchar * candidate);

  void     (*resume_async)  (GstRcastSignaller * self, GCancellable * cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
  gboolean (*resume_finish) (GstRcastSignaller * self, GAsyncResult * result,
                             GError ** error);

  gboolean (*send_message)  (GstRcastSignaller * self, const gchar * type,
                             const gchar * payload, GError ** error);

  void     (*close_async)   (GstRcastSignaller * self, GCancellable * cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
  gboolean (*close_finish)  (GstRcastSignaller * self, GAsyncResult * result,
                             GError ** error);

  void     (*settle)        (GstRcastSignaller * self);

  void     (*check_async)   (GstRcastSignaller * self, const gchar * location,
                             GCancellable * cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
  gboolean (*check_finish)  (GstRcastSignaller * self, GAsyncResult * result,
                             GError ** error);

  void     (*probe_async)   (GstRcastSignaller * self, const gchar * location,
                             GCancellable * cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
  gboolean (*probe_finish)  (GstRcastSignaller * self, GAsyncResult * result,
                             GError ** error);

  void     (*set_token)     (GstRcastSignaller * self, const gchar * location,
                             const gchar * token);

  void     (*end_session_async)  (GstRcastSignaller * self, const gchar * location,
                                  const gchar * session, GCancellable * cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
  gboolean (*end_session_finish) (GstRcastSignaller * self, GAsyncResult * result,
                                  GError ** error);

  void     (*pair)          (GstRcastSignaller * self, GstRcastSignaller * twin);

  void     (*request_offer_async)  (GstRcastSignaller * self,
                                    GstRcastOfferKind kind,
                                    GCancellable * cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
  gchar *  (*request_offer_finish) (GstRcastSignaller * self,
                                    GAsyncResult * result, GError ** error);

  void     (*answer_async)  (GstRcastSignaller * self, const gchar * sdp,
                             GCancellable * cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
  gboolean (*answer_finish) (GstRcastSignaller * self, GAsyncResult * result,
                             GError ** error);

  GstRcastSignallerDirections directions;
  guint resume_time;

  gpointer _gst_reserved[GST_PADDING_LARGE - 15];
};

/**
 * GST_RCAST_SIGNALLER_METADATA_PROTOCOLS:
 *
 * Key of the metadata of a signaller's factory: its URI schemes, separated by commas.
 *
 * Since: 0.1
 */
#define GST_RCAST_SIGNALLER_METADATA_PROTOCOLS "rcast-protocols"

/**
 * GST_RCAST_SIGNALLER_METADATA_DIRECTIONS:
 *
 * Key of the metadata of a signaller's factory: `send`, `receive`, or `send,receive`.
 * Without it the signaller sends.
 *
 * Since: 0.1
 */
#define GST_RCAST_SIGNALLER_METADATA_DIRECTIONS "rcast-directions"

GST_RCAST_API
void       gst_rcast_signaller_class_set_directions (GstRcastSignallerClass * klass,
                                                 GstRcastSignallerDirections directions);
GST_RCAST_API
void       gst_rcast_signaller_class_set_protocols (GstRcastSignallerClass * klass,
                                                 const gchar * const * protocols);

GST_RCAST_API
void       gst_rcast_signaller_class_set_resume_time (GstRcastSignallerClass * klass,
                                                 GstClockTime          time);

GST_RCAST_API
gboolean   gst_rcast_signaller_may_set          (GstRcastSignaller   * self,
                                                 GParamSpec          * pspec);

/* For the owner of the signaller, on its one thread. */
GST_RCAST_API
void       gst_rcast_signaller_open_async       (GstRcastSignaller   * self,
                                                 GCancellable        * cancellable,
                                                 GAsyncReadyCallback   callback,
                                                 gpointer              user_data);
GST_RCAST_API
gboolean   gst_rcast_signaller_open_finish      (GstRcastSignaller   * self,
                                                 GAsyncResult        * result,
                                                 GError             ** error);
GST_RCAST_API
void       gst_rcast_signaller_offer_async      (GstRcastSignaller   * self,
                                                 GstRcastOfferKind     kind,
                                                 const gchar         * sdp,
                                                 GCancellable        * cancellable,
                                                 GAsyncReadyCallback   callback,
                                                 gpointer              user_data);
GST_RCAST_API
gchar *    gst_rcast_signaller_offer_finish     (GstRcastSignaller   * self,
                                                 GAsyncResult        * result,
                                                 GError             ** error);
GST_RCAST_API
void       gst_rcast_signaller_request_offer_async (GstRcastSignaller * self,
                                                 GstRcastOfferKind     kind,
                                                 GCancellable        * cancellable,
                                                 GAsyncReadyCallback   callback,
                                                 gpointer              user_data);
GST_RCAST_API
gchar *    gst_rcast_signaller_request_offer_finish (GstRcastSignaller * self,
                                                 GAsyncResult        * result,
                                                 GError             ** error);
GST_RCAST_API
void       gst_rcast_signaller_answer_async     (GstRcastSignaller   * self,
                                                 const gchar         * sdp,
                                                 GCancellable        * cancellable,
                                                 GAsyncReadyCallback   callback,
                                                 gpointer              user_data);
GST_RCAST_API
gboolean   gst_rcast_signaller_answer_finish    (GstRcastSignaller   * self,
                                                 GAsyncResult        * result,
                                                 GError             ** error);
GST_RCAST_API
void       gst_rcast_signaller_add_candidate    (GstRcastSignaller   * self,
                                                 guint                 mline_index,
                                                 const gchar         * ufrag,
                                                 const gchar         * candidate);
GST_RCAST_API
void       gst_rcast_signaller_resume_async     (GstRcastSignaller   * self,
                                                 GCancellable        * cancellable,
                                                 GAsyncReadyCallback   callback,
                                                 gpointer              user_data);
GST_RCAST_API
gboolean   gst_rcast_signaller_resume_finish    (GstRcastSignaller   * self,
                                                 GAsyncResult        * result,
                                                 GError             ** error);
GST_RCAST_API
void       gst_rcast_signaller_settle           (GstRcastSignaller   * self);
GST_RCAST_API
void       gst_rcast_signaller_check_async      (GstRcastSignaller   * self,
                                                 const gchar         * location,
                                                 GCancellable        * cancellable,
                                                 GAsyncReadyCallback   callback,
                                                 gpointer              user_data);
GST_RCAST_API
gboolean   gst_rcast_signaller_check_finish     (GstRcastSignaller   * self,
                                                 GAsyncResult        * result,
                                                 GError             ** error);
GST_RCAST_API
gboolean   gst_rcast_signaller_can_probe        (GstRcastSignaller   * self);
GST_RCAST_API
void       gst_rcast_signaller_probe_async      (GstRcastSignaller   * self,
                                                 const gchar         * location,
                                                 GCancellable        * cancellable,
                                                 GAsyncReadyCallback   callback,
                                                 gpointer              user_data);
GST_RCAST_API
gboolean   gst_rcast_signaller_probe_finish     (GstRcastSignaller   * self,
                                                 GAsyncResult        * result,
                                                 GError             ** error);
GST_RCAST_API
gboolean   gst_rcast_signaller_send_message     (GstRcastSignaller   * self,
                                                 const gchar         * type,
                                                 const gchar         * payload,
                                                 GError             ** error);
GST_RCAST_API
void       gst_rcast_signaller_close_async      (GstRcastSignaller   * self,
                                                 GCancellable        * cancellable,
                                                 GAsyncReadyCallback   callback,
                                                 gpointer              user_data);
GST_RCAST_API
gboolean   gst_rcast_signaller_close_finish     (GstRcastSignaller   * self,
                                                 GAsyncResult        * result,
                                                 GError             ** error);
GST_RCAST_API
gboolean   gst_rcast_signaller_can_end_session  (GstRcastSignaller   * self);
GST_RCAST_API
void       gst_rcast_signaller_end_session_async (GstRcastSignaller  * self,
                                                 const gchar         * location,
                                                 const gchar         * session,
                                                 GCancellable        * cancellable,
                                                 GAsyncReadyCallback   callback,
                                                 gpointer              user_data);
GST_RCAST_API
gboolean   gst_rcast_signaller_end_session_finish (GstRcastSignaller * self,
                                                 GAsyncResult        * result,
                                                 GError             ** error);

GST_RCAST_API
gboolean   gst_rcast_signaller_can              (GstRcastSignaller   * self,
                                                 GstRcastDirection     direction);
GST_RCAST_API
void       gst_rcast_signaller_set_direction    (GstRcastSignaller   * self,
                                                 GstRcastDirection     direction);
GST_RCAST_API
GstRcastDirection
           gst_rcast_signaller_get_direction    (GstRcastSignaller   * self);
GST_RCAST_API
gchar *    gst_rcast_signaller_dup_location     (GstRcastSignaller   * self);
GST_RCAST_API
gboolean   gst_rcast_signaller_set_location     (GstRcastSignaller   * self,
                                                 const gchar         * location,
                                                 GError             ** error);
GST_RCAST_API
void       gst_rcast_signaller_set_token        (GstRcastSignaller   * self,
                                                 const gchar         * location,
                                                 const gchar         * token);
GST_RCAST_API
void       gst_rcast_signaller_pair             (GstRcastSignaller   * self,
                                                 GstRcastSignaller   * twin);
GST_RCAST_API
GstRcastSignallerCapabilities
           gst_rcast_signaller_get_capabilities (GstRcastSignaller   * self);
GST_RCAST_API
GstClockTime
           gst_rcast_signaller_get_resume_time  (GstRcastSignaller   * self);
GST_RCAST_API
GStrv      gst_rcast_signaller_dup_ice_servers  (GstRcastSignaller   * self);
GST_RCAST_API
void       gst_rcast_signaller_set_uplink       (GstRcastSignaller   * self,
                                                 const gchar         * uplink);
GST_RCAST_API
gchar *    gst_rcast_signaller_dup_uplink       (GstRcastSignaller   * self);

/* For subclasses, on the same thread: report capabilities and the server's events. */
GST_RCAST_API
void       gst_rcast_signaller_set_capabilities (GstRcastSignaller   * self,
                                                 GstRcastSignallerCapabilities capabilities);
GST_RCAST_API
void       gst_rcast_signaller_set_ice_servers  (GstRcastSignaller   * self,
                                                 const gchar * const * uris);
GST_RCAST_API
void       gst_rcast_signaller_candidate        (GstRcastSignaller   * self,
                                                 guint                 mline_index,
                                                 const gchar         * candidate);
GST_RCAST_API
void       gst_rcast_signaller_lost             (GstRcastSignaller   * self,
                                                 const GError        * error);
GST_RCAST_API
void       gst_rcast_signaller_server_event     (GstRcastSignaller   * self,
                                                 GstRcastServerEvent   event,
                                                 const gchar         * detail);
GST_RCAST_API
void       gst_rcast_signaller_offered          (GstRcastSignaller   * self,
                                                 const gchar         * sdp);
GST_RCAST_API
void       gst_rcast_signaller_stream_changed   (GstRcastSignaller   * self,
                                                 GstRcastStreamChange  change,
                                                 const gchar         * stream,
                                                 const gchar         * reason);
GST_RCAST_API
void       gst_rcast_signaller_message          (GstRcastSignaller   * self,
                                                 const gchar         * type,
                                                 const gchar         * payload);
GST_RCAST_API
void       gst_rcast_signaller_session_changed  (GstRcastSignaller   * self,
                                                 const gchar         * location,
                                                 const gchar         * session,
                                                 GstRcastSessionState  state);
GST_RCAST_API
gchar *    gst_rcast_signaller_request_token    (GstRcastSignaller   * self,
                                                 const gchar         * uri);

G_END_DECLS
