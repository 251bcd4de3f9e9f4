/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastjanus with a server on loopback that answers as a test has it. */
#pragma once

#include <gst/check/gstcheck.h>

#include "janus-script.h"
#include "signaller-rig.h"

G_BEGIN_DECLS

#define PIN "P1N-s3cret"
/* Of whose feed there is but one: its identifier is fixed. */
#define ONE_FEED "room=1234&id=7"

typedef struct
{
  SignallerRig rig;
  JanusScript *script;
  GstBus *bus;
  GArray *server_events;        /* of GstRcastServerEvent */
  gchar *event_detail;          /* of the last one */
  gchar *candidate;             /* the last one: m-section and text */
  guint n_candidates;
} Fixture;

void      fixture_init  (Fixture * f);
void      fixture_clear (Fixture * f);
/* The location's. */
void      set_query     (Fixture * f, const gchar * query);

void      check_has     (const gchar * text, const gchar * part);
void      check_ok      (const Op * op);
void      check_error   (const Op * op, GstRcastError code, const gchar * word);
void      check_event   (Fixture * f, guint n, GstRcastServerEvent event);

/* From beginning to end, well or not. */
void      run_open      (Fixture * f, Op * op);
void      run_offer     (Fixture * f, GstRcastOfferKind kind, const gchar * sdp, Op * op);
void      run_resume    (Fixture * f, Op * op);
/* The same, and it goes well. */
void      do_open       (Fixture * f);
void      do_offer      (Fixture * f, GstRcastOfferKind kind, const gchar * sdp);
void      do_resume     (Fixture * f);
/* Opens, and the first offer is answered. */
void      do_publish    (Fixture * f);
/* Also where the server does not let go. */
void      do_close      (Fixture * f);

/* Until all that the server has said so far has been seen. */
void      wait_heard    (Fixture * f);
/* As a broken TCP connection does it. */
void      cut           (Fixture * f);
/* Until @request has come. Returns: (transfer full): its transaction */
gchar *   begin_offer   (Fixture * f, GstRcastOfferKind kind, const gchar * sdp,
                         GCancellable * cancellable, const gchar * request, Op * op);

G_END_DECLS
