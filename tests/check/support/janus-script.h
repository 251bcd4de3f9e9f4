/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A server on loopback that answers as Janus does, or as a test scripts it. */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

#define SESSION "9007199254740993"
#define HANDLE "9007199254740995"
#define FEED "18446744073709551615"
#define PWD "passwordpasswordpassword"
#define OFFER(ufrag) "v=0\r\no=- 1 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" \
  "a=group:BUNDLE video0 audio1\r\n" \
  "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:video0\r\n" \
  "a=ice-ufrag:" ufrag "\r\na=ice-pwd:" PWD "\r\na=rtpmap:96 VP8/90000\r\n" \
  "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:audio1\r\n" \
  "a=ice-ufrag:" ufrag "\r\na=ice-pwd:" PWD "\r\na=rtpmap:111 OPUS/48000/2\r\n"
#define ANSWER(port) "v=0\\r\\no=- 1 1 IN IP4 1.1.1.1\\r\\ns=-\\r\\nt=0 0\\r\\n" \
  "m=video 9 UDP/TLS/RTP/SAVPF 96\\r\\nc=IN IP4 1.1.1.1\\r\\na=mid:video0\\r\\n" \
  "m=audio " port " UDP/TLS/RTP/SAVPF 111\\r\\nc=IN IP4 1.1.1.1\\r\\n" \
  "a=mid:audio1\\r\\n"

/* An offer of the server */
#define OFFERED ",\"jsep\":{\"type\":\"offer\",\"sdp\":\"" ANSWER ("9") "\"}"

#define SUCCESS(members) "{\"janus\":\"success\",\"transaction\":\"%T\"" members "}"
#define OWN "\"session_id\":" SESSION ",\"sender\":" HANDLE
#define DATA(data) ",\"plugindata\":{\"plugin\":\"janus.plugin.videoroom\"," \
  "\"data\":{" data "}}"
#define EVENT(data, more) "{\"janus\":\"event\"," OWN ",\"transaction\":\"%T\"" \
  DATA (data) more "}"
#define WORD(word, members) "{\"janus\":\"" word "\"," OWN members "}"
#define FAILURE(code, reason) "{\"janus\":\"error\",\"transaction\":\"%T\"," \
  "\"error\":{\"code\":" code ",\"reason\":\"" reason "\"}}"
#define ROOM_FAILURE(code, reason) \
  EVENT ("\"videoroom\":\"event\",\"error_code\":" code ",\"error\":\"" reason "\"", "")
#define INFO_TIMEOUT(session, reclaim, plugins) "{\"janus\":\"server_info\"," \
  "\"transaction\":\"%T\",\"version_string\":\"1.1.2\"," \
  "\"session-timeout\":" session "," \
  "\"reclaim-session-timeout\":" reclaim ",\"plugins\":{" plugins "}}"
#define INFO(reclaim, plugins) INFO_TIMEOUT ("60", reclaim, plugins)
#define VIDEOROOM "\"janus.plugin.videoroom\":{}"
#define MEMBERS(publisher) SUCCESS (DATA ("\"videoroom\":\"participants\"," \
  "\"participants\":[{\"id\":" FEED ",\"publisher\":" publisher "}]"))

/* The reply to a request. @word is its "request" member or else its "janus" member; for a
 * subscriber's join it is "subscribe". Line feeds separate the messages of @reply; an empty
 * @reply sends none. */
typedef struct
{
  const gchar *word, *reply;
} JanusRule;

typedef struct
{
  SoupServer *server;
  guint port, connections;
  SoupWebsocketConnection *peer;        /* the latest */
  GPtrArray *words, *texts;     /* of requests, oldest first */
  GQueue rules;                 /* JanusRule: one request uses up one rule */
  gboolean silent;
} JanusScript;

JanusScript *  janus_script_new      (void);
void           janus_script_free     (JanusScript  * script);
/* Sets the reply to one request. */
void           janus_script_add      (JanusScript  * script, const gchar * word, const gchar * reply);
/* Returns: the reply without any rule */
const gchar *  janus_script_default  (const gchar  * word);
guint          janus_script_count    (JanusScript  * script, const gchar * word);
/* The text of the last request @word, and its transaction (transfer full). */
const gchar *  janus_script_last     (JanusScript  * script, const gchar * word);
gchar *        janus_script_last_transaction (JanusScript * script, const gchar * word);
/* Sends @messages. Line feeds separate them; %T becomes @transaction (nullable). */
void           janus_script_say      (JanusScript  * script, const gchar * messages, const gchar * transaction);

G_END_DECLS
