/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastwhip or rcastwhep with a scripted server on loopback. */
#pragma once

#include "http-script.h"
#include "signaller-rig.h"

G_BEGIN_DECLS

#define CERTS RCAST_CERTS_DIR "/"
#define TOKEN "T0KEN-s3cret"
#define PWD1 "clientpasswordclientpass"
#define PWD2 "PASSWORDoftheRESTARTpass"
#define SERVER_PWD "serverpasswordserverpass"
#define CANDIDATE(n, ufrag) "candidate:" #n " 1 UDP 2122260223 192.0.2." #n \
  " 5000 typ host ufrag " ufrag
#define FP "a=fingerprint:sha-256 AA:BB\r\n"

#define OFFER(ufrag, pwd) "v=0\r\no=- 1 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" \
  "a=ice-options:trickle\r\na=group:BUNDLE 0 1\r\n" \
  "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n" \
  "a=ice-ufrag:" ufrag "\r\na=ice-pwd:" pwd "\r\n" FP "a=setup:actpass\r\n" \
  "a=rtpmap:96 VP8/90000\r\na=sendonly\r\n" \
  "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\n" \
  "a=ice-ufrag:" ufrag "\r\na=ice-pwd:" pwd "\r\n" FP "a=setup:actpass\r\n" \
  "a=rtpmap:111 OPUS/48000/2\r\na=sendonly\r\n"
#define OFFER1 OFFER ("ufr1", PWD1)
#define OFFER2 OFFER ("ufr2", PWD2)

#define ANSWER_MEDIA(kind, pt, port, mid, direction) \
  "m=" kind " " port " UDP/TLS/RTP/SAVPF " pt "\r\nc=IN IP4 0.0.0.0\r\n" \
  "a=mid:" mid "\r\na=ice-ufrag:srv1\r\na=ice-pwd:" SERVER_PWD "\r\n" FP \
  "a=setup:passive\r\n" direction
#define ANSWER_HEAD "v=0\r\no=- 2 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" \
  "a=group:BUNDLE 0 1\r\n"
#define RECVONLY "a=recvonly\r\n"
#define VIDEO ANSWER_MEDIA ("video", "96", "9", "0", RECVONLY)
#define AUDIO ANSWER_MEDIA ("audio", "111", "9", "1", RECVONLY)
#define ANSWER ANSWER_HEAD VIDEO "a=candidate:1 1 UDP 1 192.0.2.99 1 typ host\r\n" \
  "a=end-of-candidates\r\n" AUDIO
#define FRAGMENT "a=ice-lite\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n" \
  "a=ice-ufrag:srv2\r\na=ice-pwd:SERVERpasswordOFrestart\r\n" \
  "a=candidate:7 1 UDP 7 192.0.2.7 7 typ host\r\n"

#define SDP "application/sdp"
#define SDPFRAG "application/trickle-ice-sdpfrag"

/* The reply of a server that restarts ICE */
#define RESTARTED {"PATCH", 200, "ETag: \"tag-2\"", SDPFRAG, FRAGMENT}

typedef struct
{
  SignallerRig rig;
  HttpScript *script;
} Fixture;

/* The replies of a server that follows RFC 9725; the last row ends the array. */
extern const HttpReply whip_defaults[4];

/* @certificate: (nullable): PEM file with key, for https */
void  fixture_init  (Fixture * f, const gchar * certificate);
/* The same for rcastwhep at endpoint /whep/demo */
void  fixture_init_whep  (Fixture * f, const gchar * certificate);
void  fixture_clear (Fixture * f);
void  set_location  (Fixture * f, const gchar * url);
void  start_offer   (Fixture * f, GstRcastOfferKind kind, const gchar * sdp, Op * op);
/* Opens the signaller, and gets OFFER1 answered. */
void  go_on_air     (Fixture * f);

G_END_DECLS
