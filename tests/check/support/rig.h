/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pipeline with an rcastsink or an rcastsrc and a fake signaller, as in an application. */
#pragma once

#include <gst/check/gsttestclock.h>
#include <gst/gst.h>

#include "fake-signaller.h"
#include "rcast-check.h"

G_BEGIN_DECLS

/* The limit of a wait; no wait takes this long, even on a busy machine. */
#define PATIENCE (60 * GST_SECOND)

typedef struct {
  GstElement *pipeline;
  GstElement *sink;
  FakeSignaller *signaller;
  GstBus *bus;
} Rig;

/* Call it before the first rcastsink without a rig. */
void         rig_register    (void);
/* @description has an rcastsink or an rcastsrc named "r" without a location. The rig multiplies
 * its time limits by rcast_check_slowness(). */
void         rig_init        (Rig * rig, const gchar * description);
void         rig_set_state   (Rig * rig, GstState state);
void         rig_clear       (Rig * rig);
/* The teardown of each test case: stops the pipelines that a failed test left running. With
 * CK_FORK=no they would keep the process from ending. */
void         rig_abandon     (void);

/* Waits for the next message of @types. An error message that is not in @types fails the test. */
GstMessage * rig_wait        (Rig * rig, GstMessageType types);
/* Waits for the element's next status message, which must be @status. */
GstMessage * rig_wait_status (Rig * rig, const gchar * status);
void         rig_expect      (Rig * rig, const gchar * status);
/* The same, with string fields: name, value, …, NULL */
void         rig_expect_with (Rig * rig, const gchar * status, ...) G_GNUC_NULL_TERMINATED;
void         rig_expect_field (GstMessage * message, const gchar * name, const gchar * value);
/* Sets the pipeline to PLAYING, and waits for media at the server. */
void         rig_go_on_air   (Rig * rig);
void         rig_set_locations (Rig * rig, const gchar * const * locations);

/* Gives the element a test clock, and sets the pipeline to READY. All other clocks run freely. */
GstTestClock * rig_start_with_test_clock (Rig * rig);
/* Returns: whether @message or its details have @name, or @message is about pad @name */
gboolean     rig_is_about    (GstMessage * message, const gchar * name);
/* Call it in each turn of a polling loop. It fails the test at @end. */
void         rig_turn        (gint64 end, const gchar * what);

/* Waits until the element's thread has run all queued work. */
void         rig_sync        (Rig * rig);
/* Advances the element's clock to its next entry within @limit, if there is one, and waits until
 * the element has handled it. */
gboolean     rig_crank       (Rig * rig, GstTestClock * clock, GstClockTime limit);
/* Advances the clock until signalling begins. The streams need real time to become ready, so the
 * clock must not reach the checks for stuck streams, one per second. */
void         rig_crank_to_signalling (Rig * rig, GstTestClock * clock);
/* Advances the element's clock, by a second at most each time, until a message is about @name:
 * see rig_is_about(). */
GstMessage * rig_crank_until (Rig * rig, GstTestClock * clock,
                              GstMessageType types, const gchar * name);

G_END_DECLS
