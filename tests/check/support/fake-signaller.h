/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A signaller without a network: a webrtcbin in the same process answers. */
#pragma once

#include "rcast-signaller.h"

G_BEGIN_DECLS

#define FAKE_TYPE_SIGNALLER (fake_signaller_get_type ())
G_DECLARE_FINAL_TYPE (FakeSignaller, fake_signaller, FAKE, SIGNALLER, GstRcastSignaller)

/* The operation that the server leaves unanswered until fake_signaller_release() or the close */
typedef enum {
  FAKE_HOLD_NOTHING,
  FAKE_HOLD_OPEN,
  FAKE_HOLD_OFFER,
} FakeHold;

/* Behaviour of the server. Set it before the first open, except for FAKE_TAKES_MESSAGES. */
typedef enum {
  FAKE_KEEPS_FORMER = 1 << 0,   /* keeps the former answerer until settled */
  FAKE_REPORTS_OFTEN = 1 << 1,  /* sends RTCP several times a second */
  FAKE_HEARS_NOTHING = 1 << 2,  /* receives no RTP, and reports that several times a second */
  FAKE_TAKES_MESSAGES = 1 << 3, /* accepts messages, and returns them */
  FAKE_REJECTS_CHANNEL = 1 << 4,        /* answers a data channel with port 0 */
  FAKE_IGNORES_CHANNEL = 1 << 5,        /* leaves the data channel out of the answer */
  FAKE_REFUSES_CHANNEL = 1 << 6,        /* refuses an offer with a data channel */
  FAKE_UNBUNDLES = 1 << 7,      /* answers without BUNDLE */
  FAKE_LOSES_SOME = 1 << 8,     /* loses RTP packets, and requests retransmissions */
  FAKE_IS_IMPERSONATED = 1 << 9,        /* its certificate does not match the fingerprint */
  FAKE_IS_TERSE = 1 << 10,      /* answers with as little as the RFCs allow */
  FAKE_DECLINES_AUDIO = 1 << 11,        /* rejects audio with port 0, outside of the bundle */
  FAKE_RENUMBERS = 1 << 12,     /* gives each codec another payload type than the offer */
  FAKE_WANTS_SHORT_PACKETS = 1 << 13,   /* answers audio with ptime 40, but maxptime 10 */
  FAKE_SENDS_H264 = 1 << 15,    /* sends H.264 to rcastsrc instead of VP8 */
  FAKE_SENDS_NO_VIDEO = 1 << 16,        /* sends only audio to rcastsrc */
  FAKE_MAKES_OFFERS = 1 << 17,  /* makes the offers to rcastsrc, as Janus does */
  FAKE_COUNTERS = 1 << 18,      /* makes offers once it has refused one from rcastsrc */
  FAKE_SENDS_SCREEN = 1 << 22,  /* with FAKE_MAKES_OFFERS: sends a second video */
  FAKE_SENDS_DTX = 1 << 21,     /* sends silence to rcastsrc, as Opus with DTX */
  FAKE_SENDS_L16 = 1 << 19,     /* offers rcastsrc audio in a codec that it does not support */
  FAKE_LIMITS_BITRATE = 1 << 20,        /* of video: b=AS:400, and b=TIAS:300000, which prevails */
  FAKE_TAKES_NO_RTX = 1 << 23,  /* refuses RTX; retransmissions keep SSRC and sequence number */
  FAKE_FEEDS_BACK = 1 << 14,    /* sends transport-wide feedback (TWCC) for all streams */
  FAKE_NAMES_PACKETS = 1 << 26, /* sends RFC 8888 feedback, as from a link of ANSWERER_LINK */
  FAKE_IS_FAR = 1 << 27,        /* delays the RTCP that it sends by ANSWERER_WAY_BACK */
  FAKE_WANTS_REPAIRS = 1 << 28, /* negotiates RTX, but loses nothing */
  FAKE_ONLY_ASKS = 1 << 25,     /* often sends NACKs in place of report blocks */
  FAKE_SAYS_LIMIT = 1 << 24,    /* sends REMB of ANSWERER_LIMIT often, if the offer has goog-remb */
} FakeBehaviour;

typedef struct {
  guint64 opens, offers, closes, settles, resumes;
  guint64 restarts;             /* offers of a new ICE session */
  guint64 packets;
  guint64 streams;              /* pads that received packets */
  guint64 retransmitted;        /* RTX streams that received packets */
  guint64 copies;               /* RTX packets */
  guint64 repeated;             /* lost packets that arrived with their own SSRC and number */
  /* These two need a single video stream. */
  guint64 gaps;                 /* RTP timestamp steps of more than 100 ms */
  guint64 jumps;                /* RTP timestamp steps of more than 10 s, in either direction */
} FakeCounts;

/* The counts that fake_signaller_wait() can wait for */
typedef enum {
  FAKE_OPENS = G_STRUCT_OFFSET (FakeCounts, opens),
  FAKE_OFFERS = G_STRUCT_OFFSET (FakeCounts, offers),
  FAKE_CLOSES = G_STRUCT_OFFSET (FakeCounts, closes),
  FAKE_SETTLES = G_STRUCT_OFFSET (FakeCounts, settles),
  FAKE_RESUMES = G_STRUCT_OFFSET (FakeCounts, resumes),
  FAKE_PACKETS = G_STRUCT_OFFSET (FakeCounts, packets),
  FAKE_STREAMS = G_STRUCT_OFFSET (FakeCounts, streams),
  FAKE_REPEATED = G_STRUCT_OFFSET (FakeCounts, repeated),
  FAKE_COPIES = G_STRUCT_OFFSET (FakeCounts, copies),
  FAKE_RETRANSMITTED = G_STRUCT_OFFSET (FakeCounts, retransmitted),
} FakeWhat;

FakeSignaller * fake_signaller_new              (void);

/* Adds @behaviour to the present one. */
void            fake_signaller_behave           (FakeSignaller * self, FakeBehaviour behaviour);

/* The element makes a twin of the signaller for a second session, if the type is registered as
 * an element. The twin has the same behaviour; @prepare may change it. */
void            fake_signaller_prepare_twin     (FakeSignaller * self, void (*prepare) (FakeSignaller * twin));
/* Waits for the twin. Returns: (transfer full): the twin */
FakeSignaller * fake_signaller_wait_twin        (FakeSignaller * self);
gboolean        fake_signaller_has_twin         (FakeSignaller * self);
/* Call it before the first open. */
void            fake_signaller_hold             (FakeSignaller * self, FakeHold hold);
/* Answers the held offer. */
void            fake_signaller_release          (FakeSignaller * self);
void            fake_signaller_fail_open        (FakeSignaller * self, GError * error);
/* Fails the first @times offers with @error. */
void            fake_signaller_fail_offers      (FakeSignaller * self, guint times, GError * error);
/* Holds offer number @offer, counted from 1. */
void            fake_signaller_hold_offer       (FakeSignaller * self, guint offer);
void            fake_signaller_set_answer       (FakeSignaller * self, const gchar * sdp);

/* Breaks the connection. The next @failures attempts to resume it fail. Any thread */
void            fake_signaller_lose             (FakeSignaller * self, guint failures, GError * error);
/* The server reports that the session is gone. */
void            fake_signaller_forget           (FakeSignaller * self);
void            fake_signaller_say              (FakeSignaller * self, GstRcastServerEvent event);
/* Shuts the answerer's ICE agent down without notice to the peer. */
void            fake_signaller_lose_ice         (FakeSignaller * self);
/* Waits until the loop's thread has run all queued work. Needs an open signaller. */
void            fake_signaller_sync             (FakeSignaller * self);
/* Drops all RTP packets of @ssrc that arrive from now on. */
void            fake_signaller_lose_stream      (FakeSignaller * self, guint32 ssrc);
/* Pauses or resumes the media to rcastsrc, in this session and the next ones. */
void            fake_signaller_pause_media      (FakeSignaller * self, gboolean pause);
/* The same for one m-line: 0 is video, 1 is audio. */
void            fake_signaller_pause_line       (FakeSignaller * self, guint line, gboolean pause);
/* Sends H.264 from the next session on. */
void            fake_signaller_send_h264        (FakeSignaller * self);
/* The server reports @change of a stream. */
void            fake_signaller_change_stream    (FakeSignaller * self, GstRcastStreamChange change);
/* Drops all RTP that arrives at the present answerer. */
void            fake_signaller_lose_rtp         (FakeSignaller * self);
/* Calls answerer_set_link() for the present answerer and the next ones. */
void            fake_signaller_set_link         (FakeSignaller * self, guint64 bits);
/* Drops the RTCP that the present answerer sends. A packet on its way may still leave. */
void            fake_signaller_end_reports      (FakeSignaller * self);

/* The counts so far; any thread. Each wait ends with the event that changes the count. */
guint64         fake_signaller_wait             (FakeSignaller * self, FakeWhat what, guint64 at_least);
FakeCounts      fake_signaller_get_counts       (FakeSignaller * self);
/* Waits for messages by a data channel or by send_message(). Each is one line: its type, a
 * slash and its payload. */
gchar *         fake_signaller_wait_messages    (FakeSignaller * self, guint at_least);
/* The RTP timestamp of the first or the last packet; needs a single video stream. */
guint32         fake_signaller_get_timestamp    (FakeSignaller * self, gboolean first_one);
/* The RTP timestamp step between the last two packets; needs a single video stream. */
guint32         fake_signaller_get_step         (FakeSignaller * self);
gchar *         fake_signaller_dup_offer        (FakeSignaller * self);
/* The last answer or offer that webrtcbin made */
gchar *         fake_signaller_dup_answer       (FakeSignaller * self);
/* The last answer to an offer of the server */
gchar *         fake_signaller_dup_taken        (FakeSignaller * self);
/* Drops the server's webrtcbin without a goodbye, as if the server had vanished. */
void            fake_signaller_drop_answerer    (FakeSignaller * self);

G_END_DECLS
