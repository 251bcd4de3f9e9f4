/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastjanus with a scripted server on loopback. */
#pragma once

#include <gst/check/gstcheck.h>

#include "janus-script.h"
#include "signaller-rig.h"

G_BEGIN_DECLS

#define PIN "P1N-s3cret"
/* A query with a fixed feed identifier, which only one session can publish */
#define ONE_FEED "room=1234&id=7"

typedef struct
{
  SignallerRig rig;
  JanusScript *script;
  GstBus *bus;
  GArray *server_events;        /* of GstRcastServerEvent */
  gchar *event_detail;          /* of the last event */
  gchar *candidate;             /* the last candidate: m-section and text */
  guint n_candidates;
} Fixture;

void      fixture_init  (Fixture * f);
void      fixture_clear (Fixture * f);
/* Sets the query of the location. */
void      set_query     (Fixture * f, const gchar * query);

void      check_has     (const gchar * text, const gchar * part);
void      check_ok      (const Op * op);
void      check_error   (const Op * op, GstRcastError code, const gchar * word);
void      check_event   (Fixture * f, guint n, GstRcastServerEvent event);

/* Run an operation to its end, whatever the result. */
void      run_open      (Fixture * f, Op * op);
void      run_offer     (Fixture * f, GstRcastOfferKind kind, const gchar * sdp, Op * op);
void      run_resume    (Fixture * f, Op * op);
/* The same; the operation must succeed. */
void      do_open       (Fixture * f);
void      do_offer      (Fixture * f, GstRcastOfferKind kind, const gchar * sdp);
void      do_resume     (Fixture * f);
/* Opens the signaller, and gets the first offer answered. */
void      do_publish    (Fixture * f);
/* Closes the signaller, even if the server does not answer. */
void      do_close      (Fixture * f);

/* Waits until the signaller has handled all that the server has sent. */
void      wait_heard    (Fixture * f);
/* Breaks the TCP connection. */
void      cut           (Fixture * f);
/* Starts an offer, and waits for @request. Returns: (transfer full): its transaction */
gchar *   begin_offer   (Fixture * f, GstRcastOfferKind kind, const gchar * sdp,
                         GCancellable * cancellable, const gchar * request, Op * op);

G_END_DECLS
