/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A signaller alone, driven as rcastsink drives it: its operations and its signals. */
#pragma once

#include "rcast-signaller.h"

G_BEGIN_DECLS

/* One operation of the signaller. */
typedef struct
{
  gboolean done, ok;
  gchar *answer;
  GError *error;
} Op;

typedef struct
{
  GMainContext *context;        /* the signalling thread's: the test's own */
  GstRcastSignaller *signaller; /* nullable: a test may drop it */
  guint lost;
  GError *lost_error;
  GString *sessions;            /* session-changed: " opened NAME left NAME …" */
  GString *streams;             /* stream-changed: " published NAME …" */
  GString *messages;            /* message-received: " TYPE PAYLOAD …" */
  guint ignored;                /* warnings about invalid messages, once they are counted */

  /* request-token, which the signaller emits on a thread of its own */
  GMutex lock;
  GCond cond;
  guint token_requests;         /* lock */
  gchar *token_location;        /* lock: of the last request */
  const gchar *fresh_token;     /* the reply; "": there is none, NULL: not now */
  gboolean hold_token;          /* lock: the handler does not return */
} SignallerRig;

#define wait_for(rig, condition) \
  while (!(condition)) \
    g_main_context_iteration ((rig)->context, TRUE)

void      signaller_rig_init       (SignallerRig * rig, const gchar * factory);
/* Call drop before you free the server, and clear after it. */
void      signaller_rig_drop       (SignallerRig * rig);
void      signaller_rig_clear      (SignallerRig * rig);
/* Counts the invalid messages that the signaller warns of and ignores. */
void      signaller_rig_count_ignored (SignallerRig * rig);
/* Runs all sources that are ready. */
void      signaller_rig_settle     (SignallerRig * rig);
gboolean  signaller_rig_has        (SignallerRig * rig, GstRcastSignallerCapabilities what);

void      signaller_rig_hold_token (SignallerRig * rig, gboolean hold);
guint     signaller_rig_count_token_requests (SignallerRig * rig);
void      signaller_rig_wait_token_requests (SignallerRig * rig, guint times);

/* GAsyncReadyCallbacks with an Op. */
void      op_opened   (GObject * source, GAsyncResult * result, gpointer op);
void      op_offered  (GObject * source, GAsyncResult * result, gpointer op);
void      op_agreed   (GObject * source, GAsyncResult * result, gpointer op);
void      op_answered (GObject * source, GAsyncResult * result, gpointer op);
void      op_resumed  (GObject * source, GAsyncResult * result, gpointer op);
void      op_checked   (GObject * source, GAsyncResult * result, gpointer op);
void      op_probed  (GObject * source, GAsyncResult * result, gpointer op);
void      op_ended    (GObject * source, GAsyncResult * result, gpointer op);
void      op_closed   (GObject * source, GAsyncResult * result, gpointer op);
void      op_clear    (Op * op);

/* These run an operation to its end. */
void      signaller_rig_open       (SignallerRig * rig);
gchar *   signaller_rig_offer      (SignallerRig * rig, GstRcastOfferKind kind, const gchar * sdp,
                                    GError ** error);
void      signaller_rig_close      (SignallerRig * rig);
gboolean  signaller_rig_probe      (SignallerRig * rig, GError ** error);

void      assert_rcast_error       (const GError * error, GstRcastError code, guint status);
void      assert_cancelled         (const GError * error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Op, op_clear);

G_END_DECLS
