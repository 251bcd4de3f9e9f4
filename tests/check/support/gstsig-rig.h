/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastgst by itself, and the server of webrtcsink on loopback with whoever a test has at its other side. */
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

/* What the signaller says to end a session, and before that, where it has a reason for it */
#define GSTSIG_END(session) "{\"type\":\"endSession\",\"sessionId\":\"" session "\"}"
#define GSTSIG_END_WITH(session, reason) "{\"type\":\"endSessionV1_1\",\"sessionId\":\"" session "\"," \
  "\"error\":\"" reason "\"}"
#define GSTSIG_BUSY(session) GSTSIG_END_WITH (session, "busy: this producer serves one consumer")

/**
 * GstsigRig:
 * @rig: the signaller
 * @server: greets whoever connects, and is silent otherwise
 * @greeting: (nullable): its first words; %NULL: none
 * @peer: (nullable): the last connection
 * @connections: how many there were
 * @texts: (element-type utf8): what the signaller has said; without the lists that a producer
 *   asks for
 * @lists: how many those are
 * @said: candidates that it passed on, each as `MLINE CANDIDATE;`
 * @events: server events that it raised: `waiting;`, `hangup;` or `another;`
 * @posted: element messages that it posted, each as `EVENT PEER;`
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

/* At ?name=studio: a producer of that name, or who watches it. */
void     gstsig_rig_init       (GstsigRig * f);
void     gstsig_rig_init_direction (GstsigRig * f, GstRcastDirection direction);
void     gstsig_rig_clear      (GstsigRig * f);

void     gstsig_rig_locate     (GstsigRig * f, const gchar * query);
/* The server says @text. */
void     gstsig_rig_say        (GstsigRig * f, const gchar * text);
/* A consumer @peer starts a session. */
void     gstsig_rig_start      (GstsigRig * f, const gchar * peer, const gchar * session);
/* The connection breaks. */
void     gstsig_rig_cut        (GstsigRig * f);

/* Opens, and consumer c1 starts session s1. */
void     gstsig_rig_serve      (GstsigRig * f);
/* And has answered the offer. */
void     gstsig_rig_publish    (GstsigRig * f);
/* Until the signaller has said so much; fails unless the last of it is @text. */
void     gstsig_rig_expect     (GstsigRig * f, guint count, const gchar * text);
const gchar * gstsig_rig_posted (GstsigRig * f);

G_END_DECLS
