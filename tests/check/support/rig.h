/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pipeline with an rcastsink or an rcastsrc and a fake signaller, as an application has one. */
#pragma once

#include <gst/check/gsttestclock.h>
#include <gst/gst.h>

#include "fake-signaller.h"
#include "rcast-check.h"

G_BEGIN_DECLS

/* Longer than anything takes on a busy machine; nothing waits this long. */
#define PATIENCE (60 * GST_SECOND)

typedef struct {
  GstElement *pipeline;
  GstElement *sink;
  FakeSignaller *signaller;
  GstBus *bus;
} Rig;

/* Before the first rcastsink that is made without a rig */
void         rig_register    (void);
/* @description has an rcastsink or an rcastsrc named "r" without a location. Its time limits are
 * stretched by rcast_check_slowness(). */
void         rig_init        (Rig * rig, const gchar * description);
void         rig_set_state   (Rig * rig, GstState state);
void         rig_clear       (Rig * rig);
/* The teardown of each test case: stops what a test that failed left running. With
 * CK_FORK=no the process could not end otherwise. */
void         rig_abandon     (void);

/* The next message of @types; every other error ends the test. */
GstMessage * rig_wait        (Rig * rig, GstMessageType types);
/* The next status message of rcastsink, which has to be @status. */
GstMessage * rig_wait_status (Rig * rig, const gchar * status);
void         rig_expect      (Rig * rig, const gchar * status);
/* The same, with string fields: name, value, …, NULL */
void         rig_expect_with (Rig * rig, const gchar * status, ...) G_GNUC_NULL_TERMINATED;
void         rig_expect_field (GstMessage * message, const gchar * name, const gchar * value);
/* To PLAYING, until media arrives. */
void         rig_go_on_air   (Rig * rig);
void         rig_set_locations (Rig * rig, const gchar * const * locations);

/* The element's clock is a test clock, all others go by themselves. To READY. */
GstTestClock * rig_start_with_test_clock (Rig * rig);
/* Whether it or its details have that name, or it tells of the pad of that name. */
gboolean     rig_is_about    (GstMessage * message, const gchar * name);
/* Each turn of a loop that looks until something is so */
void         rig_turn        (gint64 end, const gchar * what);

/* What the element's thread was to do by now is done. */
void         rig_sync        (Rig * rig);
/* Turns the element's clock on to what is due within @limit, if there is any, and waits
 * until the element has done it. */
gboolean     rig_crank       (Rig * rig, GstTestClock * clock, GstClockTime limit);
/* Until the signalling begins. The streams take real time to get there, and so the clock
 * is not turned on to the checks for stuck ones, one a second. */
void         rig_crank_to_signalling (Rig * rig, GstTestClock * clock);
/* Turns the element's clock on by seconds until a message of that name comes, or one
 * about the pad of that name. */
GstMessage * rig_crank_until (Rig * rig, GstTestClock * clock,
                              GstMessageType types, const gchar * name);

G_END_DECLS
