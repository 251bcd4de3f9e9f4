/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For tests of the loopback server: a stock webrtcbin that publishes or views, an HTTP client. */
#pragma once

#include <gst/gst.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

/* A limit for waits; long, because the machine may be busy */
#define TEST_TIMEOUT_MS 60000

/* A response; status 0 = the connection broke */
typedef struct {
  guint status;
  gchar *body;
  SoupMessageHeaders *headers;
} TestReply;

/* Runs the default main context until @done returns TRUE, for @timeout_ms at most. */
typedef gboolean (*TestDoneFunc) (gpointer user_data);
gboolean      test_run_until          (TestDoneFunc done, gpointer user_data, guint timeout_ms);

/* @headers: NAME, VALUE, … NULL */
TestReply *   test_request            (const gchar * method, const gchar * url, const gchar * body, ...) G_GNUC_NULL_TERMINATED;
void          test_reply_free         (TestReply * reply);
const gchar * test_reply_get          (TestReply * reply, const gchar * header);
/* Returns: (transfer full) (nullable): the Location header, resolved against @url */
gchar *       test_reply_get_location (TestReply * reply, const gchar * url);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestReply, test_reply_free)

typedef struct _TestPeer TestPeer;

/* @launch: a launch line with a webrtcbin named w */
TestPeer *    test_peer_new_publisher (const gchar * launch);
TestPeer *    test_peer_new_viewer    (const gchar * video, const gchar * audio);
void          test_peer_free          (TestPeer * peer);
/* Lets the server send NACKs for video. Call it before test_peer_offer(). */
void          test_peer_repair        (TestPeer * peer);
/* Returns: the NACKs received for video or audio */
guint         test_peer_get_nacks     (TestPeer * peer, gboolean video);
/* Gets the last sender report of a stream: NTP time in s, RTP time in ticks. Returns: FALSE if
 * there is none yet */
gboolean      test_peer_get_report    (TestPeer * peer, gboolean video, gdouble * ntp, guint32 * rtp);
/* Returns: (transfer full): the offer with all candidates */
gchar *       test_peer_offer         (TestPeer * peer);
void          test_peer_answer        (TestPeer * peer, const gchar * sdp);
/* Takes an offer of the server. Returns: (transfer full): the answer with all candidates */
gchar *       test_peer_take_offer    (TestPeer * peer, const gchar * sdp);
/* Sends the offer to @url and takes the answer. Returns: (transfer full): the session URL */
gchar *       test_peer_connect       (TestPeer * peer, const gchar * url);
gboolean      test_peer_is_connected  (TestPeer * peer);
guint         test_peer_get_packets   (TestPeer * peer, gboolean video);
guint         test_peer_get_frames    (TestPeer * peer);
/* Gaps in the sequence numbers, and the largest step of the RTP timestamp */
guint         test_peer_get_holes     (TestPeer * peer, gboolean video);
guint32       test_peer_get_max_step  (TestPeer * peer, gboolean video);
guint         test_peer_get_key_requests (TestPeer * peer);
void          test_peer_ask_key_frame (TestPeer * peer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestPeer, test_peer_free)

G_END_DECLS
