/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastgst alone, with webrtcsink's signalling server on loopback; the test plays its peers. */
#pragma once

#include <libsoup/soup.h>

#include "signaller-rig.h"

G_BEGIN_DECLS

#define GSTSIG_OFFER(ufrag) "v=0\r\no=- 1 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" \
  "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:video0\r\n" \
  "a=ice-ufrag:" ufrag "\r\na=ice-pwd:passwordpasswordpassword\r\n" \
  "a=rtpmap:96 VP8/90000\r\n"
/* As JSON */
#define GSTSIG_ANSWER(port, ufrag) "v=0\\r\\no=- 1 1 IN IP4 0.0.0.0\\r\\ns=-\\r\\nt=0 0\\r\\n" \
  "m=video " port " UDP/TLS/RTP/SAVPF 96\\r\\nc=IN IP4 0.0.0.0\\r\\na=mid:video0\\r\\n" \
  "a=ice-ufrag:" ufrag "\\r\\na=ice-pwd:passwordpasswordpassword\\r\\n"
#define GSTSIG_PEER(session, members) "{\"type\":\"peer\",\"sessionId\":\"" session "\"," members "}"
#define GSTSIG_ANSWERED(port, ufrag) GSTSIG_PEER ("s1", "\"sdp\":{\"type\":\"answer\",\"sdp\":\"" \
  GSTSIG_ANSWER (port, ufrag) "\"}")

/* The signaller ends a session with GSTSIG_END, after GSTSIG_END_WITH if it has a reason. */
#define GSTSIG_END(session) "{\"type\":\"endSession\",\"sessionId\":\"" session "\"}"
#define GSTSIG_END_WITH(session, reason) "{\"type\":\"endSessionV1_1\",\"sessionId\":\"" session "\"," \
  "\"error\":\"" reason "\"}"
#define GSTSIG_BUSY(session) GSTSIG_END_WITH (session, "busy: this producer serves one consumer")

/**
 * GstsigRig:
 * @rig: the signaller
 * @server: sends @greeting to each connection, and nothing else by itself
 * @greeting: (nullable): the first message to a connection; %NULL: none
 * @peer: (nullable): the last connection
 * @connections: number of connections so far
 * @texts: (element-type utf8): messages of the signaller, without a producer's `list` requests
 * @lists: number of these requests
 * @said: candidates that the signaller emitted, each as `MLINE CANDIDATE;`
 * @events: server events that the signaller emitted: `waiting;`, `hangup;` or `another;`
 * @posted: element messages that the signaller posted, each as `EVENT PEER;`
 */
typedef struct
{
  SignallerRig rig;
  SoupServer *server;
  const gchar *greeting;
  SoupWebsocketConnection *peer;
  gchar *path;                  /* and query, of the last connection */
  guint port, connections, lists;
  gboolean counts_lists;
  GPtrArray *texts;
  GString *said, *events, *posted;
  GstBus *bus;
} GstsigRig;

/* Makes a signaller at ?name=studio: the producer of that name, or its consumer. */
void     gstsig_rig_init       (GstsigRig * f);
void     gstsig_rig_init_direction (GstsigRig * f, GstRcastDirection direction);
void     gstsig_rig_clear      (GstsigRig * f);

void     gstsig_rig_locate     (GstsigRig * f, const gchar * query);
/* The server sends @text. */
void     gstsig_rig_say        (GstsigRig * f, const gchar * text);
/* A consumer @peer starts a session. */
void     gstsig_rig_start      (GstsigRig * f, const gchar * peer, const gchar * session);
/* Breaks the connection. */
void     gstsig_rig_cut        (GstsigRig * f);

/* Opens the signaller, and consumer c1 starts session s1. */
void     gstsig_rig_serve      (GstsigRig * f);
/* The same, and the consumer answers the offer. */
void     gstsig_rig_publish    (GstsigRig * f);
/* Waits until the signaller has sent @count messages. Message @count must be @text. */
void     gstsig_rig_expect     (GstsigRig * f, guint count, const gchar * text);
const gchar * gstsig_rig_posted (GstsigRig * f);

G_END_DECLS
