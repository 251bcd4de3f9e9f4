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

typedef struct {
  guint opens, offers, closes, settles, resumes;
  guint restarts;               /* offers of a new ICE session */
  guint64 packets;
  guint jumps;                  /* of RTP timestamps, by 10 s or more; with one video stream */
} FakeCounts;

FakeSignaller * fake_signaller_new              (void);

/* Before it is used */
void            fake_signaller_hold             (FakeSignaller * self, FakeHold hold);
/* Answers the offer that is held. */
void            fake_signaller_release          (FakeSignaller * self);
void            fake_signaller_fail_open        (FakeSignaller * self, GError * error);
/* The first @times offers */
void            fake_signaller_fail_offers      (FakeSignaller * self, guint times, GError * error);
/* Offer number @offer, from 1, is held. */
void            fake_signaller_hold_offer       (FakeSignaller * self, guint offer);
/* It has messages, and sends each one back. */
void            fake_signaller_take_messages    (FakeSignaller * self);
void            fake_signaller_refuse_channel   (FakeSignaller * self);
void            fake_signaller_set_answer       (FakeSignaller * self, const gchar * sdp);

/* Takes a second offer while the first is still answered, until settled. */
void            fake_signaller_keep_former      (FakeSignaller * self);
/* RTCP several times a second. Before it is used */
void            fake_signaller_report_often     (FakeSignaller * self);
/* The connection breaks; it cannot be resumed for so many times. Any thread */
void            fake_signaller_lose             (FakeSignaller * self, guint failures, GError * error);
/* The server answers that there is no such session. */
void            fake_signaller_forget           (FakeSignaller * self);
void            fake_signaller_say              (FakeSignaller * self, GstRcastServerEvent event);
/* No answerer receives RTP, from the start on; each says so several times a second.
 * Before it is used */
void            fake_signaller_hear_nothing     (FakeSignaller * self);
/* The answerer's ICE agent is gone, without a word. */
void            fake_signaller_lose_ice         (FakeSignaller * self);
/* Returns when the loop's thread has done what it had to do. Once it was opened */
void            fake_signaller_sync             (FakeSignaller * self);
/* From now on the present answerer receives all but RTP. */
void            fake_signaller_lose_rtp         (FakeSignaller * self);

/* What has come so far; any thread. The waits are for an event, not for a time. */
guint           fake_signaller_wait_offers      (FakeSignaller * self, guint at_least);
guint           fake_signaller_wait_closes      (FakeSignaller * self, guint at_least);
guint           fake_signaller_wait_settles     (FakeSignaller * self, guint at_least);
guint           fake_signaller_wait_resumes     (FakeSignaller * self, guint at_least);
FakeCounts      fake_signaller_get_counts       (FakeSignaller * self);
guint64         fake_signaller_wait_packets     (FakeSignaller * self, guint64 at_least);
/* Messages that came by a data channel or by send_message(), each as one line:
 * its type, a slash and its payload */
gchar *         fake_signaller_wait_messages    (FakeSignaller * self, guint at_least);
gchar *         fake_signaller_dup_offer        (FakeSignaller * self);
/* The last one that was not set by hand */
gchar *         fake_signaller_dup_answer       (FakeSignaller * self);
/* As if the server had vanished: its webrtcbin is gone, without a goodbye. */
void            fake_signaller_drop_answerer    (FakeSignaller * self);

G_END_DECLS
