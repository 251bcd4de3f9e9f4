/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastopenvidu with a server on loopback that answers as OpenVidu does, or as scripted. */
#pragma once

#include <libsoup/soup.h>

#include "signaller-rig.h"

G_BEGIN_DECLS

#define OFFER(ufrag) "v=0\r\no=- 1 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" \
  "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:video0\r\n" \
  "a=ice-ufrag:" ufrag "\r\na=ice-pwd:passwordpasswordpassword\r\n" \
  "a=rtpmap:96 VP8/90000\r\n"
#define ANSWER(port) "v=0\\r\\no=- 1 1 IN IP4 1.1.1.1\\r\\ns=-\\r\\nt=0 0\\r\\n" \
  "m=video " port " UDP/TLS/RTP/SAVPF 96\\r\\nc=IN IP4 1.1.1.1\\r\\na=mid:video0\\r\\n"
#define OK(members) "{\"id\":%I,\"result\":{" members "},\"jsonrpc\":\"2.0\"}"
#define NO(code, message) "{\"id\":%I,\"error\":{\"code\":" code ",\"message\":\"" \
  message "\",\"data\":\"at x.y.Z\\n\"},\"jsonrpc\":\"2.0\"}"
#define TOLD(method, params) "{\"method\":\"" method "\",\"params\":{" params \
  "},\"jsonrpc\":\"2.0\"}"
/* @who: the other participants of the session */
#define JOINED(role, media_server, who) OK ("\"id\":\"con_A\",\"sessionId\":\"rpc1\"," \
  "\"role\":\"" role "\",\"coturnIp\":\"10.0.0.1\",\"coturnPort\":3478," \
  "\"turnUsername\":\"u\",\"turnCredential\":\"p:w\"," \
  "\"mediaServer\":\"" media_server "\",\"value\":[" who "]")
/* Members of a participant: its identity and its streams */
#define WHO(id, name) "\"id\":\"con_" id "\",\"metadata\":\"{\\\"clientData\\\":\\\"" \
  name "\\\"}%/%{}\""
#define STREAM(id) "str_CAM_" id "_con_" id
#define STREAMS(id) "\"streams\":[{\"id\":\"" STREAM (id) "\",\"hasAudio\":true," \
  "\"hasVideo\":true,\"audioActive\":true,\"videoActive\":true}]"
#define PUBLISHES(id) TOLD ("participantPublished", "\"id\":\"con_" id "\"," STREAMS (id))
#define ANSWERED OK ("\"sdpAnswer\":\"" ANSWER ("9") "\",\"id\":\"str_CAM_x_con_A\"")

typedef struct
{
  SignallerRig rig;
  SoupServer *server;
  SoupWebsocketConnection *peer;
  GPtrArray *methods, *texts;   /* of all requests */
  GHashTable *replies;          /* by method, in place of the defaults; "": silence */
  GArray *events;               /* of GstRcastServerEvent */
  GString *said;                /* candidates and messages that the signaller emitted */
  guint port, connections;
} Fixture;

void  fixture_init  (Fixture * f);
void  fixture_clear (Fixture * f);
void  set_location  (Fixture * f, const gchar * query);

/* The server: reply() sets its reply to @method, say() sends @text unasked. */
void  reply         (Fixture * f, const gchar * method, const gchar * text);
void  say           (Fixture * f, const gchar * text);
/* Answers the last @method request, to which the server was silent. */
void  answer        (Fixture * f, const gchar * method, const gchar * text);
/* The number of @method requests so far */
guint count         (Fixture * f, const gchar * method);
void  check_last    (Fixture * f, const gchar * method, const gchar * part);

void  check_open    (Fixture * f, GstRcastError code, const gchar * words);
void  publish       (Fixture * f);
void  cut           (Fixture * f);
/* @code: the expected error code, -1: success */
void  check_resume  (Fixture * f, gint code);

G_END_DECLS
