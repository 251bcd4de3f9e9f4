/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A signaller without a network: a webrtcbin in the same process answers. */
#pragma once

#include "rcast-signaller.h"

G_BEGIN_DECLS

#define FAKE_TYPE_SIGNALLER (fake_signaller_get_type ())
G_DECLARE_FINAL_TYPE (FakeSignaller, fake_signaller, FAKE, SIGNALLER, GstRcastSignaller)

/* Where it stays silent until it is closed. */
typedef enum {
  FAKE_HOLD_NOTHING,
  FAKE_HOLD_OPEN,
  FAKE_HOLD_OFFER,
} FakeHold;

/* What a server may be like. Before it is used, but for FAKE_TAKES_MESSAGES */
typedef enum {
  FAKE_KEEPS_FORMER = 1 << 0,   /* takes a second offer while the first is still answered, until settled */
  FAKE_REPORTS_OFTEN = 1 << 1,  /* RTCP several times a second */
  FAKE_HEARS_NOTHING = 1 << 2,  /* receives no RTP from the start on, and says so often */
  FAKE_TAKES_MESSAGES = 1 << 3, /* and sends each one back */
  FAKE_REJECTS_CHANNEL = 1 << 4,        /* answers a data channel with port 0 */
  FAKE_IGNORES_CHANNEL = 1 << 5,        /* leaves it out of the answer */
  FAKE_REFUSES_CHANNEL = 1 << 6,        /* refuses the offer for the sake of it */
  FAKE_UNBUNDLES = 1 << 7,      /* answers without BUNDLE */
  FAKE_LOSES_SOME = 1 << 8,     /* RTP packets of each stream, and asks for them again */
  FAKE_IS_IMPERSONATED = 1 << 9,        /* shows a certificate that its answer does not announce */
  FAKE_IS_TERSE = 1 << 10,      /* answers with as little as the RFCs allow */
  FAKE_DECLINES_AUDIO = 1 << 11,        /* answers sound with port 0, and video only bundles */
  FAKE_RENUMBERS = 1 << 12,     /* calls each codec by another payload type than the offer */
  FAKE_WANTS_SHORT_PACKETS = 1 << 13,   /* of sound: ptime 40, but maxptime 10 */
  FAKE_SENDS_H264 = 1 << 15,    /* for rcastsrc: instead of VP8 */
  FAKE_SENDS_NO_VIDEO = 1 << 16,        /* the same: sound only */
  FAKE_MAKES_OFFERS = 1 << 17,  /* for rcastsrc: as Janus does */
  FAKE_COUNTERS = 1 << 18,      /* the same, but only once it has refused one */
  FAKE_SENDS_SCREEN = 1 << 22,  /* the same: with FAKE_MAKES_OFFERS, one more video */
  FAKE_SENDS_DTX = 1 << 21,     /* for rcastsrc: silence, which may pause */
  FAKE_SENDS_L16 = 1 << 19,     /* the same: it offers sound that no codec of ours is */
  FAKE_LIMITS_BITRATE = 1 << 20,        /* of video: b=AS:400, and b=TIAS:300000, which counts */
  FAKE_TAKES_NO_RTX = 1 << 23,  /* and asks for lost packets themselves, if it loses some */
  FAKE_FEEDS_BACK = 1 << 14,    /* transport-wide (TWCC), of all streams */
  FAKE_NAMES_PACKETS = 1 << 26, /* of RFC 8888, of all streams, as if a link of ANSWERER_LINK carried them */
  FAKE_IS_FAR = 1 << 27,        /* what it says by RTCP takes ANSWERER_WAY_BACK */
  FAKE_WANTS_REPAIRS = 1 << 28, /* in a stream of their own, but loses nothing */
  FAKE_ONLY_ASKS = 1 << 25,     /* for a packet of each stream, where it would report; RTCP several times a second */
  FAKE_SAYS_LIMIT = 1 << 24,    /* by REMB, if the offer names that: ANSWERER_LIMIT; RTCP several times a second */
} FakeBehaviour;

typedef struct {
  guint64 opens, offers, closes, settles, resumes;
  guint64 restarts;             /* offers of a new ICE session */
  guint64 packets;
  guint64 streams;              /* of which packets came, each on a pad of its own */
  guint64 retransmitted;        /* streams of which some packets came again */
  guint64 copies;               /* packets of these streams */
  guint64 repeated;             /* packets that it had lost, and that came again as they were */
  guint64 gaps;                 /* in them, of more than 100 ms; the same */
  guint64 jumps;                /* of RTP timestamps, by 10 s or more; with one video stream */
} FakeCounts;

/* What can be waited for */
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

/* In addition to what it is like already */
void            fake_signaller_behave           (FakeSignaller * self, FakeBehaviour behaviour);

/* Where the type is registered as an element: the one for a second session is like the
 * first, and @prepare makes it different. */
void            fake_signaller_prepare_twin     (FakeSignaller * self, void (*prepare) (FakeSignaller * twin));
/* Returns: (transfer full): once there is one */
FakeSignaller * fake_signaller_wait_twin        (FakeSignaller * self);
gboolean        fake_signaller_has_twin         (FakeSignaller * self);
/* Before it is used */
void            fake_signaller_hold             (FakeSignaller * self, FakeHold hold);
/* Answers the offer that is held. */
void            fake_signaller_release          (FakeSignaller * self);
void            fake_signaller_fail_open        (FakeSignaller * self, GError * error);
/* The first @times offers */
void            fake_signaller_fail_offers      (FakeSignaller * self, guint times, GError * error);
/* Offer number @offer, from 1, is held. */
void            fake_signaller_hold_offer       (FakeSignaller * self, guint offer);
void            fake_signaller_set_answer       (FakeSignaller * self, const gchar * sdp);

/* The connection breaks; it cannot be resumed for so many times. Any thread */
void            fake_signaller_lose             (FakeSignaller * self, guint failures, GError * error);
/* The server answers that there is no such session. */
void            fake_signaller_forget           (FakeSignaller * self);
void            fake_signaller_say              (FakeSignaller * self, GstRcastServerEvent event);
/* The answerer's ICE agent is gone, without a word. */
void            fake_signaller_lose_ice         (FakeSignaller * self);
/* Returns when the loop's thread has done what it had to do. Once it was opened */
void            fake_signaller_sync             (FakeSignaller * self);
/* From now on all RTP packets with that SSRC are lost. */
void            fake_signaller_lose_stream      (FakeSignaller * self, guint32 ssrc);
/* What it sends to rcastsrc pauses, in sessions that follow as well, or goes on. */
void            fake_signaller_pause_media      (FakeSignaller * self, gboolean pause);
/* The same of one line: 0 is video, 1 is sound */
void            fake_signaller_pause_line       (FakeSignaller * self, guint line, gboolean pause);
/* It sends other video from the next session on. */
void            fake_signaller_send_h264        (FakeSignaller * self);
/* As a server that says what became of a stream */
void            fake_signaller_change_stream    (FakeSignaller * self, GstRcastStreamChange change);
/* From now on the present answerer receives all but RTP. */
void            fake_signaller_lose_rtp         (FakeSignaller * self);
/* As answerer_set_link(), of the present answerer and the next ones */
void            fake_signaller_set_link         (FakeSignaller * self, guint64 bits);
/* The present answerer sends no regular RTCP any more, but for one packet at most. */
void            fake_signaller_end_reports      (FakeSignaller * self);

/* What has come so far; any thread. The waits are for an event, not for a time. */
guint64         fake_signaller_wait             (FakeSignaller * self, FakeWhat what, guint64 at_least);
FakeCounts      fake_signaller_get_counts       (FakeSignaller * self);
/* Messages that came by a data channel or by send_message(), each as one line:
 * its type, a slash and its payload */
gchar *         fake_signaller_wait_messages    (FakeSignaller * self, guint at_least);
/* Of the first or the last RTP packet that came, with one video stream */
guint32         fake_signaller_get_timestamp    (FakeSignaller * self, gboolean first_one);
/* Between the last two that came one after the other; the same */
guint32         fake_signaller_get_step         (FakeSignaller * self);
gchar *         fake_signaller_dup_offer        (FakeSignaller * self);
/* The last one that was not set by hand */
gchar *         fake_signaller_dup_answer       (FakeSignaller * self);
/* The last one to an offer that it made */
gchar *         fake_signaller_dup_taken        (FakeSignaller * self);
/* As if the server had vanished: its webrtcbin is gone, without a goodbye. */
void            fake_signaller_drop_answerer    (FakeSignaller * self);

G_END_DECLS
