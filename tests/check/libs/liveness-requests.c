/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A server that requests lost packets has received others:
 * which requests show that media arrives. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <gst/rtp/rtp.h>

#include "rcast-liveness.h"

#define OURS 0x11111111
#define OTHER 0x22222222
#define FOREIGN 0x33333333
#define NTP_NOW (G_GUINT64_CONSTANT (1000) << 32)
#define TIMEOUT GST_SECOND
#define STEP (50 * GST_MSECOND)
/* Packets in each step */
#define RATE 5

/* A server and our packets: packet n of each stream has number n. */
typedef struct
{
  GstRcastLiveness liveness;
  GstClockTime now;
  guint64 sent;
  guint frozen;
} Server;

static void
server_init (Server * server)
{
  *server = (Server) { .now = GST_SECOND };
  gst_rcast_liveness_init (&server->liveness);
  gst_rcast_liveness_add_stream (&server->liveness, OURS, 0, FALSE);
}

static void
report (Server * server, guint32 ssrc, guint32 highest)
{
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;
  GstBuffer *buffer = gst_rtcp_buffer_new (200);

  gst_rtcp_buffer_map (buffer, GST_MAP_READWRITE, &rtcp);
  gst_rtcp_buffer_add_packet (&rtcp, GST_RTCP_TYPE_RR, &packet);
  gst_rtcp_packet_rr_set_ssrc (&packet, 7);
  gst_rtcp_packet_add_rb (&packet, ssrc, 0, 0, highest, 0, 0, 0);
  gst_rtcp_buffer_unmap (&rtcp);
  gst_rcast_liveness_handle (&server->liveness, 0, buffer, server->now,
      NTP_NOW);
  gst_buffer_unref (buffer);
}

static void
request (Server * server, guint32 ssrc, guint64 number)
{
  gst_rcast_liveness_request (&server->liveness, ssrc, number, server->now);
}

static void
step (Server * server)
{
  server->now += STEP;
  server->sent += RATE;
  gst_rcast_liveness_sent (&server->liveness, OURS, server->sent, 0,
      server->now);
  gst_rcast_liveness_sent (&server->liveness, OTHER, server->sent, 0,
      server->now);
  server->frozen +=
      gst_rcast_liveness_judge (&server->liveness, TIMEOUT, server->now);
}

GST_START_TEST (test_a_request_confirms)
{
  Server server;

  server_init (&server);
  request (&server, FOREIGN, 100);
  fail_if (server.liveness.confirmed);
  fail_unless_equals_uint64 (server.liveness.reports, 0);
  for (guint i = 0; i < 3; i++)
    request (&server, OURS, 100 + i);
  fail_unless (server.liveness.confirmed);
  fail_unless_equals_uint64 (server.liveness.last_report, server.now);
  fail_unless_equals_uint64 (server.liveness.last_progress, server.now);
  fail_unless_equals_uint64 (server.liveness.reports, 1);
  gst_rcast_liveness_clear (&server.liveness);
}

GST_END_TEST;

/* For ten seconds the server requests a packet every @every_ms, and reports every @report_ms. At
 * the end it reports that all has arrived. 0: never */
static const struct
{
  const gchar *what;
  guint every_ms, report_ms;
  /* How far the requested packet is before the last one, and how many packets newer each
   * request is than the one before */
  guint behind, newer;
  /* The reports deny that anything new has come. */
  gboolean denies;
  guint frozen;
} rows[] = {
  {"requests alone", 100, 0, 3, 10, FALSE, 0},
  {"requests with reports of what came before", 100, 500, 3, 10, TRUE, 0},
  {"the same packet again and again", 100, 500, 0, 0, TRUE, 1},
  {"older packets", 100, 500, 0, -1, TRUE, 1},
  {"no requests", 0, 500, 0, 0, TRUE, 1},
};

GST_START_TEST (test_requests_for_newer_packets_are_progress)
{
  guint64 number;
  Server server;

  server_init (&server);
  for (guint i = 1; i <= 60; i++) {
    step (&server);
    if (i % 20 == 0)
      report (&server, OURS, server.sent);
  }
  number = server.sent;
  fail_unless_equals_int (server.frozen, 0);
  for (guint i = 1; i <= 200; i++) {
    guint ms = i * STEP / GST_MSECOND;

    step (&server);
    if (rows[__i__].every_ms > 0 && ms % rows[__i__].every_ms == 0)
      request (&server, OURS, (number += rows[__i__].newer)
          - rows[__i__].behind);
    if (rows[__i__].report_ms > 0 && ms % rows[__i__].report_ms == 0)
      report (&server, OURS, rows[__i__].denies ? 300 : server.sent);
  }
  fail_unless (server.frozen == rows[__i__].frozen, "%s: %u times frozen",
      rows[__i__].what, server.frozen);
  gst_rcast_liveness_clear (&server.liveness);
}

GST_END_TEST;

/* Losses end, and with them the requests: the server still reports rarely. */
GST_START_TEST (test_requests_are_no_rhythm)
{
  Server server;

  server_init (&server);
  for (guint i = 1; i <= 2400; i++) {
    step (&server);
    if (i <= 1200)
      request (&server, OURS, server.sent - 3);
    if (i % 140 == 0)
      report (&server, OURS, server.sent);
    fail_unless (server.frozen == 0, "after %u steps", i);
  }
  gst_rcast_liveness_clear (&server.liveness);
}

GST_END_TEST;

/* Media moves to another path after packet 300. */
GST_START_TEST (test_only_what_is_sent_on_a_new_path_proves_it)
{
  Server server;

  server_init (&server);
  for (guint i = 1; i <= 60; i++) {
    step (&server);
    if (i % 15 == 0)
      report (&server, OURS, server.sent);
  }
  fail_unless_equals_uint64 (server.sent, 300);
  fail_unless (gst_rcast_liveness_doubt (&server.liveness, server.now));
  step (&server);
  request (&server, OURS, 290);
  fail_unless (server.liveness.doubted);
  /* A server may request this packet if nothing has come beyond 300. */
  request (&server, OURS, 301);
  fail_unless (server.liveness.doubted);
  request (&server, OURS, 302);
  fail_if (server.liveness.doubted);
  gst_rcast_liveness_clear (&server.liveness);
}

GST_END_TEST;

/* Requests need not go on: a new path need not wait for them. */
GST_START_TEST (test_requests_alone_promise_no_proof)
{
  Server server;

  server_init (&server);
  for (guint i = 1; i <= 60; i++) {
    step (&server);
    request (&server, OURS, server.sent - 3);
  }
  fail_if (gst_rcast_liveness_doubt (&server.liveness, server.now));
  gst_rcast_liveness_clear (&server.liveness);
}

GST_END_TEST;

/* The reports call a stream silent, but then the server requests packets of it. */
GST_START_TEST (test_a_stream_that_is_asked_for_is_not_silent)
{
  Server server;
  guint32 silent = 0;
  guint n_silent = 0;

  server_init (&server);
  gst_rcast_liveness_add_stream (&server.liveness, OTHER, 0, FALSE);
  for (guint i = 1; i <= 400; i++) {
    step (&server);
    if (i % 10 == 0) {
      report (&server, OURS, server.sent);
      report (&server, OTHER, i < 50 ? server.sent : 250);
    }
    if (i > 200)
      request (&server, OTHER, server.sent - 3);
    if (gst_rcast_liveness_next_silent (&server.liveness, &silent)) {
      fail_unless_equals_int_hex (silent, OTHER);
      fail_unless (i < 200, "after %u steps", i);
      n_silent++;
    }
  }
  fail_unless_equals_int (n_silent, 1);
  fail_unless_equals_int (server.frozen, 0);
  gst_rcast_liveness_clear (&server.liveness);
}

GST_END_TEST;

/* Sequence numbers of 16 bits wrap. */
GST_START_TEST (test_numbers_wrap)
{
  Server server;

  server_init (&server);
  request (&server, OURS, 65530);
  server.now += STEP;
  request (&server, OURS, 5);
  fail_unless_equals_uint64 (server.liveness.last_progress, server.now);
  server.now += STEP;
  request (&server, OURS, 65531);
  fail_unless_equals_uint64 (server.liveness.last_progress, server.now - STEP);
  gst_rcast_liveness_clear (&server.liveness);
}

GST_END_TEST;

/* No request comes while @calm packets are sent. Then one comes, for a
 * packet @newer than the last. */
static const struct
{
  guint calm, newer;
  gboolean counts;
} calms[] = {
  {40, 38, TRUE},
  {40, 0, FALSE},
  {30000, 29990, TRUE},
  /* More than half of the sequence numbers */
  {33000, 32990, TRUE},
  {40000, 40000, TRUE},
  {40000, 0, FALSE},
  {65000, 64990, TRUE},
  /* More than all of them */
  {66000, 65990, TRUE},
  {200000, 199990, TRUE},
};

GST_START_TEST (test_a_calm_time_makes_no_request_old)
{
  guint calm = calms[__i__].calm;
  Server server;
  guint64 last;

  server_init (&server);
  for (guint i = 1; i <= 60; i++)
    step (&server);
  last = server.sent - 3;
  request (&server, OURS, last);
  fail_unless_equals_uint64 (server.liveness.last_progress, server.now);
  for (guint i = 0; i < calm / RATE; i++)
    step (&server);
  request (&server, OURS, last + calms[__i__].newer);
  fail_unless ((server.liveness.last_progress == server.now) ==
      calms[__i__].counts, "%u packets, %u newer", calm, calms[__i__].newer);
  /* And the next requests as ever */
  step (&server);
  request (&server, OURS, server.sent);
  fail_unless_equals_uint64 (server.liveness.last_progress, server.now);
  gst_rcast_liveness_clear (&server.liveness);
}

GST_END_TEST;

static Suite *
liveness_requests_suite (void)
{
  Suite *s = suite_create ("liveness-requests");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_a_request_confirms);
  tcase_add_loop_test (tc, test_requests_for_newer_packets_are_progress, 0,
      G_N_ELEMENTS (rows));
  tcase_add_test (tc, test_requests_are_no_rhythm);
  tcase_add_test (tc, test_only_what_is_sent_on_a_new_path_proves_it);
  tcase_add_test (tc, test_requests_alone_promise_no_proof);
  tcase_add_test (tc, test_a_stream_that_is_asked_for_is_not_silent);
  tcase_add_test (tc, test_numbers_wrap);
  tcase_add_loop_test (tc, test_a_calm_time_makes_no_request_old, 0,
      G_N_ELEMENTS (calms));
  return s;
}

GST_CHECK_MAIN (liveness_requests);
