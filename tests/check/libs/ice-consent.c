/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Consent checks between real sockets: whose answers count, and what they change. */
#include "config.h"

#include <gio/gio.h>
#include <gst/check/gstcheck.h>
#include <string.h>

#include "gstrcasticeconsent.h"
#include "stun-answer.h"

#define PASSWORD "VOkJxbRl1RmTxUk/WvJxBt"

#define PRIORITY 0x0024
#define USE_CANDIDATE 0x0025
#define CONTROLLED 0x8029
#define CONTROLLING 0x802A

static GstRcastLoop *loop;
static GstRcastIceConsent *consent;
static GSocket *own, *peer, *stranger;
static GAsyncQueue *answers;    /* of GstRcastIceStunAnswer + 1 */
static GAsyncQueue *done;
static GAsyncQueue *gate;       /* the loop waits there */
static GSocketAddress *then;    /* nullable: where an answer makes the stranger send */
static gint64 last_rtt;         /* of the last answer */
static gboolean last_exact;     /* the same */

typedef struct
{
  guint8 bytes[GST_RCAST_ICE_STUN_MAX_SIZE];
  gsize size;
  gboolean nominate;
  guint times;                  /* the last one counts */
} Request;

static GSocket *
open_socket (void)
{
  g_autoptr (GInetAddress) loopback =
      g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4,
      G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);

  fail_unless (g_socket_bind (socket, any, FALSE, NULL));
  return socket;
}

static void
on_answer (GstRcastIceStunAnswer answer, gint64 sent, gint64 rtt,
    gboolean exact, gpointer data)
{
  fail_unless (rtt > 0);
  last_rtt = rtt;
  last_exact = exact;
  if (then)
    assert_equals_int (g_socket_send_to (stranger, then, "media", 5, NULL,
            NULL), 5);
  g_async_queue_push (answers, GUINT_TO_POINTER (answer + 1));
}

/* Runs @func on the loop's thread, to which a consent belongs. */
static void
on_loop (GSourceFunc func, gpointer data)
{
  gst_rcast_loop_invoke (loop, func, data, NULL);
  g_async_queue_pop (done);
}

static GstRcastIceConsent *
make_consent (GSocket * socket)
{
  g_autoptr (GPtrArray) sockets = g_ptr_array_new ();
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (peer, NULL);
  GstRcastIceConsent *made =
      gst_rcast_ice_consent_new (loop, on_answer, NULL);
  struct sockaddr_storage native;
  NiceAddress nice;

  fail_unless (g_socket_address_to_native (address, &native, sizeof native,
          NULL));
  nice_address_init (&nice);
  nice_address_set_from_sockaddr (&nice, (struct sockaddr *) &native);
  g_ptr_array_add (sockets, socket);
  fail_unless (gst_rcast_ice_consent_watch (made, sockets));
  gst_rcast_ice_consent_set_credentials (made, "us", "them", PASSWORD);
  gst_rcast_ice_consent_set_peer (made, &nice);
  gst_rcast_ice_consent_set_controlling (made, TRUE);
  return made;
}

static gboolean
open_consent (gpointer data)
{
  consent = make_consent (own);
  g_async_queue_push (done, &done);
  return G_SOURCE_REMOVE;
}

static gboolean
close_consent (gpointer data)
{
  gst_rcast_ice_consent_free (data);
  g_async_queue_push (done, &done);
  return G_SOURCE_REMOVE;
}

static gboolean
do_write (gpointer data)
{
  Request *request = data;

  do
    request->size = gst_rcast_ice_consent_write (consent, request->nominate,
        request->bytes, sizeof request->bytes, g_get_monotonic_time ());
  while (request->size > 0 && --request->times > 0);
  g_async_queue_push (done, &done);
  return G_SOURCE_REMOVE;
}

static void
write_requests (Request * request, gboolean nominate, guint times)
{
  request->nominate = nominate;
  request->times = times;
  on_loop (do_write, request);
  fail_unless (request->size > 0);
}

static void
write_request (Request * request, gboolean nominate)
{
  write_requests (request, nominate, 1);
}

static gboolean
do_stand_still (gpointer data)
{
  g_async_queue_push (done, &done);
  g_async_queue_pop (gate);
  return G_SOURCE_REMOVE;
}

static void
answer_from (GSocket * socket, const Request * request,
    const StunAnswer * answer)
{
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (own, NULL);
  guint8 bytes[STUN_ANSWER_MAX_SIZE];
  gsize size = stun_answer_write (answer, request->bytes + 8, bytes);

  assert_equals_int (g_socket_send_to (socket, address, (gchar *) bytes, size,
          NULL, NULL), size);
}

static GstRcastIceStunAnswer
pop_answer (void)
{
  return GPOINTER_TO_UINT (g_async_queue_pop (answers)) - 1;
}

static const guint8 *
find (const Request * request, guint16 type)
{
  return stun_find_attribute (request->bytes, request->size, type, NULL);
}

static void
set_up (void)
{
  answers = g_async_queue_new ();
  done = g_async_queue_new ();
  gate = g_async_queue_new ();
  loop = gst_rcast_loop_new ("consent");
  own = open_socket ();
  peer = open_socket ();
  stranger = open_socket ();
  on_loop (open_consent, NULL);
}

static void
tear_down (void)
{
  on_loop (close_consent, consent);
  gst_rcast_loop_stop (loop);
  gst_rcast_loop_unref (loop);
  g_object_unref (own);
  g_object_unref (peer);
  g_object_unref (stranger);
  g_async_queue_unref (answers);
  g_async_queue_unref (done);
  g_async_queue_unref (gate);
}

GST_START_TEST (test_answer_of_the_peer_counts)
{
  StunAnswer success = { 0, 5000, 0, PASSWORD };
  Request request;

  write_request (&request, TRUE);
  answer_from (peer, &request, &success);
  assert_equals_int (pop_answer (), GST_RCAST_ICE_STUN_SUCCESS);
}

GST_END_TEST;

/* The loop does not look at its sockets for a while. This time is no part of the round trip. The
 * kernel begins to note arrival times a little after it is asked to. */
GST_START_TEST (test_late_look_makes_no_long_round_trip)
{
  StunAnswer success = { 0, 5000, 0, PASSWORD };
  gint64 longest = 0;

  for (guint i = 0; i < 20; i++) {
    Request request;
    gint64 begin = g_get_monotonic_time ();
    gint64 arrived;

    write_request (&request, TRUE);
    on_loop (do_stand_still, NULL);
    answer_from (peer, &request, &success);
    arrived = g_get_monotonic_time ();
    /* The test is about this delay. */
    g_usleep (20000);
    g_async_queue_push (gate, &gate);
    assert_equals_int (pop_answer (), GST_RCAST_ICE_STUN_SUCCESS);
    longest = arrived - begin + 2000;
    if (last_exact && last_rtt <= longest)
      return;
  }
  fail ("a round trip of %" G_GINT64_FORMAT " us instead of %"
      G_GINT64_FORMAT, last_rtt, longest);
}

GST_END_TEST;

typedef struct
{
  GSocket *socket;
  GstRcastIceConsent *consent;
} Path;

static gboolean
open_path (gpointer data)
{
  guint8 request[GST_RCAST_ICE_STUN_MAX_SIZE];
  Path *path = data;

  path->consent = make_consent (path->socket);
  fail_unless (gst_rcast_ice_consent_write (path->consent, FALSE, request,
          sizeof request, g_get_monotonic_time ()) > 0);
  g_async_queue_push (done, &done);
  return G_SOURCE_REMOVE;
}

static gboolean
do_nothing (gpointer data)
{
  g_async_queue_push (done, &done);
  return G_SOURCE_REMOVE;
}

/* Media waits on two paths, and each of them waits for an answer. The second packet comes after
 * the first path has looked, so that the two never look at the same time. Both would look on until
 * the answers are overdue, after three seconds. */
GST_START_TEST (test_waiting_paths_let_the_loop_run)
{
  StunAnswer success = { 0, 5000, 0, PASSWORD };
  g_autoptr (GSocket) socket = open_socket ();
  Path other = { socket, NULL };
  Request request;
  gint64 begin;

  on_loop (open_path, &other);
  write_requests (&request, FALSE, 2);
  then = g_socket_get_local_address (socket, NULL);
  answer_from (peer, &request, &success);
  assert_equals_int (pop_answer (), GST_RCAST_ICE_STUN_SUCCESS);
  begin = g_get_monotonic_time ();
  write_request (&request, FALSE);
  on_loop (do_nothing, NULL);
  fail_unless (g_get_monotonic_time () - begin < G_USEC_PER_SEC);
  on_loop (close_consent, other.consent);
  g_clear_object (&then);
}

GST_END_TEST;

/* RFC 7675 5.1, RFC 8445 7.2.5.2.1: the answer does not count, although it is signed. */
GST_START_TEST (test_answer_from_another_address_does_not_count)
{
  StunAnswer success = { 0, 5000, 0, PASSWORD };
  StunAnswer forbidden = { 403, 0, 0, PASSWORD };
  Request early, late;

  write_request (&early, TRUE);
  answer_from (stranger, &early, &success);
  write_request (&late, TRUE);
  answer_from (peer, &late, &forbidden);
  assert_equals_int (pop_answer (), GST_RCAST_ICE_STUN_REVOKED);
}

GST_END_TEST;

/* RFC 8445 7.2.5.1. The request never makes the peer change its role. */
GST_START_TEST (test_role_conflict_changes_the_role)
{
  static const guint8 lowest[8] = { 0, };
  static const guint8 highest[8] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
    0xFF
  };
  StunAnswer conflict = { 487, 0, 0, PASSWORD };
  Request request;

  for (guint i = 0; i < 2; i++) {
    write_request (&request, TRUE);
    fail_unless (memcmp (find (&request, CONTROLLING), lowest, 8) == 0);
    fail_unless (find (&request, CONTROLLED) == NULL);
    answer_from (peer, &request, &conflict);
    assert_equals_int (pop_answer (), GST_RCAST_ICE_STUN_ROLE_CONFLICT);

    write_request (&request, TRUE);
    fail_unless (memcmp (find (&request, CONTROLLED), highest, 8) == 0);
    fail_unless (find (&request, CONTROLLING) == NULL);
    fail_unless (find (&request, USE_CANDIDATE) == NULL);
    answer_from (peer, &request, &conflict);
    assert_equals_int (pop_answer (), GST_RCAST_ICE_STUN_ROLE_CONFLICT);
  }
}

GST_END_TEST;

/* Two requests in flight meet the same conflict: the role changes once. */
GST_START_TEST (test_conflict_of_an_older_role_changes_nothing)
{
  StunAnswer conflict = { 487, 0, 0, PASSWORD };
  Request requests[2];
  Request next;

  for (guint i = 0; i < 2; i++)
    write_request (&requests[i], TRUE);
  for (guint i = 0; i < 2; i++)
    answer_from (peer, &requests[i], &conflict);
  for (guint i = 0; i < 2; i++)
    assert_equals_int (pop_answer (), GST_RCAST_ICE_STUN_ROLE_CONFLICT);
  write_request (&next, TRUE);
  fail_unless (find (&next, CONTROLLED) != NULL);
}

GST_END_TEST;

GST_START_TEST (test_only_what_carries_is_nominated)
{
  Request request;

  write_request (&request, FALSE);
  fail_unless (find (&request, USE_CANDIDATE) == NULL);
  write_request (&request, TRUE);
  fail_unless (find (&request, USE_CANDIDATE) != NULL);
}

GST_END_TEST;

/* The priority in the last of @times requests */
static guint32
get_priority_after (Request * request, guint times)
{
  write_requests (request, TRUE, times);
  return GST_READ_UINT32_BE (find (request, PRIORITY));
}

static guint32
get_priority (Request * request)
{
  return get_priority_after (request, 1);
}

static void
answer_as_seen_at (const Request * request, guint16 port)
{
  StunAnswer success = { 0, port, 0, PASSWORD };

  answer_from (peer, request, &success);
  assert_equals_int (pop_answer (), GST_RCAST_ICE_STUN_SUCCESS);
}

/* The priority has to suffice for a whole broadcast, even after 45 hours. */
GST_START_TEST (test_priority_rises_when_nat_rebinds_only)
{
  Request request;
  guint32 initial = get_priority (&request);
  guint32 now;

  answer_as_seen_at (&request, 5000);
  assert_equals_int (get_priority_after (&request, 1000), initial);
  answer_as_seen_at (&request, 5000);
  assert_equals_int (get_priority (&request), initial);
  /* The peer has learned of the new address by a request of the old priority. */
  answer_as_seen_at (&request, 5001);
  now = get_priority (&request);
  fail_unless (now > initial);
  answer_as_seen_at (&request, 5001);
  assert_equals_int (get_priority (&request), now);
  /* RFC 8445 5.1.2.1: peer-reflexive, component 1 */
  assert_equals_int (now >> 24, 110);
  assert_equals_int (now & 255, 255);
}

GST_END_TEST;

static Suite *
consent_suite (void)
{
  Suite *s = suite_create ("ice-consent");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, set_up, tear_down);
  tcase_add_test (tc, test_answer_of_the_peer_counts);
  tcase_add_test (tc, test_late_look_makes_no_long_round_trip);
  tcase_add_test (tc, test_waiting_paths_let_the_loop_run);
  tcase_add_test (tc, test_answer_from_another_address_does_not_count);
  tcase_add_test (tc, test_role_conflict_changes_the_role);
  tcase_add_test (tc, test_conflict_of_an_older_role_changes_nothing);
  tcase_add_test (tc, test_only_what_carries_is_nominated);
  tcase_add_test (tc, test_priority_rises_when_nat_rebinds_only);
  return s;
}

GST_CHECK_MAIN (consent);
