/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The loopback server follows WHIP and WHEP, and misbehaves only by its switches. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <gst/check/gstcheck.h>

#include "loopback-http.h"
#include "loopback-server.h"
#include "rcast-check.h"
#include "test-peer.h"

#define PUBLISHER \
  "webrtcbin name=w bundle-policy=max-bundle audiotestsrc is-live=true " \
  "! opusenc ! rtpopuspay pt=111 ! w. videotestsrc is-live=true ! " \
  "video/x-raw,width=64,height=64,framerate=30/1 ! vp8enc deadline=1 ! " \
  "rtpvp8pay pt=96 ! w."
#define SDP "application/sdp"
#define FRAGMENT "application/trickle-ice-sdpfrag"

static LoopbackServer *server;
static gchar *base;
static gchar *whip;
static gchar *whep;
static gchar *offer;
static TestPeer *peer;

static void
setup (void)
{
  GError *error = NULL;

  server = loopback_server_new ("127.0.0.1", 0, NULL, &error);
  fail_unless (server != NULL);
  server->quiet = TRUE;
  base = loopback_server_get_url (server);
  whip = g_strconcat (base, "whip/demo", NULL);
  whep = g_strconcat (base, "whep/demo", NULL);
  peer = test_peer_new_publisher (PUBLISHER);
  offer = test_peer_offer (peer);
}

/* Each test calls this at its end: gst-check waits for all threads before it runs the teardown. */
static void
teardown (void)
{
  g_clear_pointer (&peer, test_peer_free);
  g_clear_pointer (&server, loopback_server_free);
  g_clear_pointer (&base, g_free);
  g_clear_pointer (&whip, g_free);
  g_clear_pointer (&whep, g_free);
  g_clear_pointer (&offer, g_free);
}

static void
control (const gchar * json)
{
  g_autofree gchar *url = g_strconcat (base, "control", NULL);
  g_autoptr (TestReply) reply = test_request ("POST", url, json, NULL);

  fail_unless_equals_int (reply->status, 200);
}

static TestReply *
post (const gchar * url, const gchar * body)
{
  return test_request ("POST", url, body, "Content-Type", SDP, NULL);
}

static TestReply *
patch (const gchar * url, const gchar * if_match, const gchar * body)
{
  return test_request ("PATCH", url, body, "Content-Type", FRAGMENT,
      if_match ? "If-Match" : NULL, if_match, NULL);
}

static gchar *
replace (const gchar * text, const gchar * from, const gchar * to)
{
  g_auto (GStrv) parts = g_strsplit (text, from, -1);

  fail_unless (parts[1] != NULL, "%s is not in the offer", from);
  return g_strjoinv (to, parts);
}

static gchar *
get_value (const gchar * text, const gchar * key)
{
  const gchar *at = strstr (text, key);

  fail_unless (at != NULL);
  at += strlen (key);
  return g_strndup (at, strcspn (at, "\r\n"));
}

static gchar *
make_fragment (const gchar * ufrag, const gchar * pwd)
{
  g_autofree gchar *own_ufrag = get_value (offer, "a=ice-ufrag:");
  g_autofree gchar *own_pwd = get_value (offer, "a=ice-pwd:");
  g_autofree gchar *mid = get_value (offer, "a=mid:");

  return g_strdup_printf ("a=group:BUNDLE %s\r\n"
      "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:%s\r\n"
      "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\n"
      "a=candidate:1 1 UDP 2013266431 127.0.0.1 9 typ host\r\n", mid, mid,
      ufrag ? ufrag : own_ufrag, pwd ? pwd : own_pwd);
}

static void
check_problem (TestReply * reply, guint status)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *problem;

  fail_unless_equals_int (reply->status, status);
  fail_unless_equals_string (test_reply_get (reply, "Content-Type"),
      "application/problem+json");
  fail_unless (json_parser_load_from_data (parser, reply->body, -1, NULL));
  problem = json_node_get_object (json_parser_get_root (parser));
  fail_unless_equals_int (json_object_get_int_member (problem, "status"),
      status);
  fail_unless (strlen (json_object_get_string_member (problem, "detail")) > 0);
}

GST_START_TEST (test_post_answers_with_location_and_etag)
{
  g_autoptr (TestReply) reply = post (whip, offer);
  g_autofree gchar *session = test_reply_get_location (reply, whip);
  const gchar *etag = test_reply_get (reply, "ETag");

  fail_unless_equals_int (reply->status, 201);
  fail_unless_equals_string (test_reply_get (reply, "Content-Type"), SDP);
  fail_unless (g_str_has_prefix (test_reply_get (reply, "Location"),
          "/whip/demo/"));
  fail_unless (etag[0] == '"' && etag[strlen (etag) - 1] == '"');
  fail_unless (test_reply_get (reply, "Link") == NULL);
  fail_unless (strstr (reply->body, "a=candidate:") != NULL);
  fail_unless (strstr (reply->body, "a=recvonly") != NULL);
  fail_unless (strstr (reply->body, "a=sendrecv") == NULL);
  {
    g_autoptr (TestReply) gone = test_request ("DELETE", session, NULL,
        "If-Match", "\"other\"", NULL);
    g_autoptr (TestReply) again = test_request ("DELETE", session, NULL, NULL);

    fail_unless_equals_int (gone->status, 200);
    check_problem (again, 404);
  }
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_methods_and_headers_have_their_status)
{
  static const struct
  {
    const gchar *method, *path, *header, *value, *body;
    guint status;
  } rows[] = {
    {"GET", "whip/demo", NULL, NULL, NULL, 204},
    {"HEAD", "whip/demo", NULL, NULL, NULL, 204},
    {"HEAD", "whep/demo", NULL, NULL, NULL, 200},
    {"OPTIONS", "whip/demo", NULL, NULL, NULL, 200},
    {"OPTIONS", "whep/demo", NULL, NULL, NULL, 200},
    {"PUT", "whip/demo", NULL, NULL, "x", 405},
    {"PATCH", "whip/demo", NULL, NULL, "x", 405},
    {"DELETE", "whip/demo", NULL, NULL, NULL, 405},
    {"POST", "whip/demo", NULL, NULL, "v=0\r\n", 415},
    {"POST", "whip/demo", "Content-Type", "text/plain", "v=0\r\n", 415},
    {"POST", "whip/demo", "Content-Type", SDP, "", 400},
    {"POST", "whip/demo", "Content-Type", SDP, "no description", 400},
    {"POST", "whip/demo", "Content-Type", SDP, "v=0\r\ns=-\r\n", 422},
    {"POST", "whep/demo", "Content-Type", SDP, "v=0\r\n", 409},
    {"POST", "whip/", "Content-Type", SDP, "v=0\r\n", 404},
    {"POST", "whip/a%20b", "Content-Type", SDP, "v=0\r\n", 404},
    {"POST", "whip/demo/1/2", "Content-Type", SDP, "v=0\r\n", 404},
    {"PATCH", "whip/demo/none", "Content-Type", FRAGMENT, "x", 404},
    {"DELETE", "whip/demo/none", NULL, NULL, NULL, 404},
    {"GET", "nothing", NULL, NULL, NULL, 404},
    {"GET", "", NULL, NULL, NULL, 200},
    {"GET", "viewer.js", NULL, NULL, NULL, 200},
    {"GET", "stats", NULL, NULL, NULL, 200},
    {"POST", "stats", NULL, NULL, "x", 405},
    {"GET", "control", NULL, NULL, NULL, 200},
    {"POST", "control", NULL, NULL, "[]", 400},
    {"POST", "control", NULL, NULL, "{\"nonsense\": 1}", 400},
    {"POST", "control", NULL, NULL, "{\"drop-in\": 101}", 400},
    {"POST", "control", NULL, NULL, "{\"etag\": \"odd\"}", 400},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *url = g_strconcat (base, rows[i].path, NULL);
    g_autoptr (TestReply) reply = test_request (rows[i].method, url,
        rows[i].body, rows[i].header, rows[i].value, NULL);

    fail_unless (reply->status == rows[i].status, "row %u: %s %s: %u, not %u",
        i, rows[i].method, rows[i].path, reply->status, rows[i].status);
    if (reply->status >= 400)
      check_problem (reply, rows[i].status);
    if (reply->status == 405 && i < 8)
      fail_unless_equals_string (test_reply_get (reply, "Allow"),
          "OPTIONS, GET, HEAD, POST");
    if (reply->status == 409)
      fail_unless_equals_string (test_reply_get (reply, "Retry-After"), "1");
    if (g_str_equal (rows[i].method, "OPTIONS"))
      fail_unless_equals_string (test_reply_get (reply, "Accept-Post"), SDP);
  }
  {
    g_autoptr (TestReply) reply = test_request ("POST", whip, offer,
        "Content-Type", SDP, "Accept", "text/plain", NULL);

    check_problem (reply, 406);
  }
  fail_unless_equals_int (g_hash_table_size (server->entries), 0);
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_offers_that_cannot_be_taken)
{
  static const struct
  {
    const gchar *from, *to;
    guint status;
  } rows[] = {
    {"a=sendrecv", "a=recvonly", 422},
    {"a=sendrecv", "a=inactive", 422},
    {"a=group:BUNDLE", "a=group:LS", 422},
    {"a=rtcp-mux\r\n", "", 422},
    {"a=mid:", "a=nomid:", 422},
    {"VP8/90000", "NOVIDEO/90000", 422},
    {"m=video", "m=text", 422},
    {"UDP/TLS/RTP/SAVPF", "RTP/AVP", 422},
    {"a=ice-pwd:", "a=nopwd:", 400},
    {"a=fingerprint:", "a=nofingerprint:", 400},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *body = replace (offer, rows[i].from, rows[i].to);
    g_autoptr (TestReply) reply = post (whip, body);

    fail_unless (reply->status == rows[i].status, "row %u: %s: %u, not %u", i,
        rows[i].to, reply->status, rows[i].status);
    check_problem (reply, rows[i].status);
  }
  {
    g_autofree gchar *large = g_strnfill (GST_RCAST_SDP_MAX_SIZE + 1, 'x');
    g_autoptr (TestReply) reply = post (whip, large);

    check_problem (reply, 413);
  }
  fail_unless_equals_int (g_hash_table_size (server->entries), 0);
  teardown ();
}

GST_END_TEST;

/* RFC 9725 4.3, RFC 9110 13.1.1 */
GST_START_TEST (test_patch_obeys_if_match)
{
  g_autoptr (TestReply) created = post (whip, offer);
  g_autofree gchar *url = test_reply_get_location (created, whip);
  g_autofree gchar *etag = g_strdup (test_reply_get (created, "ETag"));
  g_autofree gchar *list = g_strdup_printf ("\"x\", %s", etag);
  g_autofree gchar *weak = g_strdup_printf ("W/%s", etag);
  g_autofree gchar *trickle = make_fragment (NULL, NULL);
  const struct
  {
    const gchar *if_match, *body;
    guint status;
  } rows[] = {
    {NULL, trickle, 428},
    {"\"x\"", trickle, 412},
    {weak, trickle, 412},
    {etag, trickle, 204},
    {list, trickle, 204},
    {"*", trickle, 204},
    {"\"*\"", trickle, 204},
  };

  fail_unless_equals_int (created->status, 201);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (TestReply) reply = patch (url, rows[i].if_match, rows[i].body);

    fail_unless (reply->status == rows[i].status, "row %u: %u, not %u", i,
        reply->status, rows[i].status);
    fail_unless (reply->status >= 400
        || test_reply_get (reply, "ETag") == NULL);
  }
  {
    g_autoptr (TestReply) type = test_request ("PATCH", url, trickle,
        "Content-Type", SDP, "If-Match", etag, NULL);
    g_autoptr (TestReply) method = test_request ("POST", url, offer,
        "Content-Type", SDP, NULL);
    g_autoptr (TestReply) get = test_request ("GET", url, NULL, NULL);

    check_problem (type, 415);
    check_problem (method, 405);
    fail_unless_equals_int (get->status, 204);
  }
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_restart_gives_new_credentials_and_etag)
{
  g_autoptr (TestReply) created = post (whip, offer);
  g_autofree gchar *url = test_reply_get_location (created, whip);
  g_autofree gchar *etag = g_strdup (test_reply_get (created, "ETag"));
  g_autofree gchar *ufrag = get_value (created->body, "a=ice-ufrag:");
  static const gchar *stars[] = { "*", "\"*\"" };
  static const gchar *pwds[] = { "abcdefghijklmnopqrstuvwx",
    "bcdefghijklmnopqrstuvwxy"
  };

  for (guint i = 0; i < 2; i++) {
    g_autofree gchar *body = make_fragment (i ? "second42" : "first421",
        pwds[i]);
    g_autoptr (TestReply) reply = patch (url, stars[i], body);
    g_autofree gchar *new_ufrag = NULL;

    fail_unless_equals_int (reply->status, 200);
    fail_unless_equals_string (test_reply_get (reply, "Content-Type"),
        FRAGMENT);
    fail_if (g_strcmp0 (test_reply_get (reply, "ETag"), etag) == 0);
    new_ufrag = get_value (reply->body, "a=ice-ufrag:");
    fail_if (g_str_equal (ufrag, new_ufrag));
    fail_unless (strstr (reply->body, "a=candidate:") != NULL);
    fail_unless (strstr (reply->body, "a=mid:") != NULL);
    {
      g_autofree gchar *late = make_fragment (NULL, NULL);
      g_autoptr (TestReply) stale = patch (url, etag, late);

      check_problem (stale, 412);
    }
    g_free (etag);
    etag = g_strdup (test_reply_get (reply, "ETag"));
    g_free (ufrag);
    ufrag = g_steal_pointer (&new_ufrag);
  }
  teardown ();
}

GST_END_TEST;

/* RFC 9725 4.3.3: a server that keeps its port answers a restart without candidates. */
GST_START_TEST (test_restart_may_have_a_bare_answer)
{
  g_autofree gchar *body = make_fragment ("first421",
      "abcdefghijklmnopqrstuvwx");
  g_autoptr (TestReply) created = NULL;
  g_autoptr (TestReply) reply = NULL;
  g_autofree gchar *url = NULL;
  const gchar *candidate;

  control ("{\"restart-answer\": \"bare\"}");
  created = post (whip, offer);
  url = test_reply_get_location (created, whip);
  reply = patch (url, "*", body);
  fail_unless_equals_int (created->status, 201);
  candidate = strstr (created->body, "a=candidate:");
  fail_unless (candidate != NULL);
  fail_unless (strstr (candidate + 1, "a=candidate:") == NULL);
  fail_unless_equals_int (reply->status, 200);
  fail_unless (strstr (reply->body, "a=ice-ufrag:") != NULL);
  fail_if (strstr (reply->body, "a=candidate:") != NULL);
  teardown ();
}

GST_END_TEST;

typedef struct
{
  const gchar *control;
  const gchar *if_match;        /* @ = the tag; NULL = none */
  gboolean restart;
  guint post, patch;
} FaultRow;

static void
check_fault (const FaultRow * row)
{
  g_autoptr (TestReply) created = NULL;
  g_autoptr (TestReply) reply = NULL;
  g_autofree gchar *url = NULL;
  g_autofree gchar *body = row->restart ?
      make_fragment ("first421", "abcdefghijklmnopqrstuvwx")
      : make_fragment (NULL, NULL);

  control ("{\"reset\": true}");
  control (row->control);
  created = post (whip, offer);
  fail_unless (created->status == row->post, "%s: %u, not %u", row->control,
      created->status, row->post);
  if (row->patch == 0)
    return;
  url = test_reply_get_location (created, whip);
  reply = patch (url, row->if_match && row->if_match[0] == '@' ?
      test_reply_get (created, "ETag") : row->if_match, body);
  fail_unless (reply->status == row->patch, "%s: %u, not %u", row->control,
      reply->status, row->patch);
}

GST_START_TEST (test_switches_make_it_misbehave)
{
  static const FaultRow rows[] = {
    {"{\"trickle\": false}", "@", FALSE, 201, 422},
    {"{\"trickle\": false, \"restart\": false}", "@", FALSE, 201, 405},
    {"{\"trickle\": false, \"refuse-status\": 501}", "@", FALSE, 201, 501},
    {"{\"restart\": false}", "*", TRUE, 201, 422},
    {"{\"restart-status\": 204}", "*", TRUE, 201, 204},
    {"{\"etag\": \"none\"}", NULL, FALSE, 201, 204},
    {"{\"etag\": \"unquoted\"}", "@", FALSE, 201, 204},
    {"{\"etag\": \"star\"}", "@", FALSE, 201, 204},
    {"{\"location\": \"relative\"}", "@", FALSE, 201, 204},
    {"{\"location\": \"absolute\"}", "@", FALSE, 201, 204},
    {"{\"location-query\": \"a=b&c\"}", "@", FALSE, 201, 204},
    {"{\"location\": \"none\"}", NULL, FALSE, 201, 0},
    {"{\"codecs\": \"H264,PCMU\"}", NULL, FALSE, 422, 0},
    {"{\"token\": \"secret\"}", NULL, FALSE, 401, 0},
    {"{\"fail-status\": 503}", NULL, FALSE, 503, 0},
    {"{\"fail-status\": 409, \"fail-count\": -1}", NULL, FALSE, 409, 0},
    {"{\"fail-status\": 403, \"fail-method\": \"PATCH\"}", "@", FALSE, 201,
        403},
    {"{\"redirect-url\": \"http://127.0.0.1:1/\"}", NULL, FALSE, 307, 0},
    {"{\"close\": \"POST\"}", NULL, FALSE, 0, 0},
    {"{\"delay-ms\": 50}", "@", FALSE, 201, 204},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    check_fault (&rows[i]);
  teardown ();
}

GST_END_TEST;

/* GStreamer 1.26 requires these attributes in each section. */
#define TRANSPORT \
  "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\na=setup:actpass\r\n" \
  "a=fingerprint:sha-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:" \
  "10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F\r\n"

/* The offer of a broadcaster with NACK, RTX and transport-wide feedback */
static const gchar full_offer[] =
    "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
    "a=group:BUNDLE 0 1\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 97\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n"
    TRANSPORT "a=sendonly\r\na=rtcp-mux\r\na=rtpmap:97 OPUS/48000/2\r\n"
    "a=rtcp-fb:97 transport-cc\r\n"
    "a=extmap:3 " LOOPBACK_TRANSPORT_CC "\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96 98\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\n"
    TRANSPORT "a=sendonly\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\n"
    "a=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\n"
    "a=rtcp-fb:96 transport-cc\r\na=rtpmap:98 rtx/90000\r\n"
    "a=fmtp:98 apt=96\r\na=extmap:3 " LOOPBACK_TRANSPORT_CC "\r\n";

static const gchar *
find_media (const gchar * answer, const gchar * kind)
{
  const gchar *at = strstr (answer, kind);

  fail_unless (at != NULL, "no %s in the answer", kind);
  return at;
}

/* Returns: whether @word is between @from and @to, or the end of the answer if @to is NULL */
static gboolean
has_between (const gchar * from, const gchar * to, const gchar * word)
{
  return g_strstr_len (from, to ? to - from : -1, word) != NULL;
}

GST_START_TEST (test_answer_of_a_poor_server)
{
  static const struct
  {
    const gchar *control;
    gboolean audio_feedback, video_feedback, rtx;
  } rows[] = {
    {"{}", TRUE, TRUE, TRUE},
    {"{\"feedback\": \"video\"}", FALSE, TRUE, TRUE},
    {"{\"feedback\": \"none\"}", FALSE, FALSE, TRUE},
    {"{\"rtx\": false}", TRUE, TRUE, FALSE},
    {"{\"rtx\": false, \"feedback\": \"none\"}", FALSE, FALSE, FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (TestReply) reply = NULL;
    const gchar *audio, *video;

    control ("{\"reset\": true}");
    control (rows[i].control);
    reply = post (whip, full_offer);
    fail_unless (reply->status == 201, "%u %s", reply->status, reply->body);
    audio = find_media (reply->body, "m=audio");
    video = find_media (reply->body, "m=video");
    fail_unless (has_between (audio, video, " transport-cc")
        == rows[i].audio_feedback, "%s", reply->body);
    fail_unless (has_between (audio, video, LOOPBACK_TRANSPORT_CC)
        == rows[i].audio_feedback, "%s", reply->body);
    fail_unless (has_between (video, NULL, " transport-cc")
        == rows[i].video_feedback, "%s", reply->body);
    fail_unless (has_between (video, NULL, LOOPBACK_TRANSPORT_CC)
        == rows[i].video_feedback, "%s", reply->body);
    fail_unless (has_between (video, NULL, "a=fmtp:98 apt=96") == rows[i].rtx,
        "%s", reply->body);
    /* The server always accepts NACKs: some publishers resend the packet itself. */
    fail_unless (has_between (video, NULL, "a=rtcp-fb:96 nack\r"), "%s",
        reply->body);
    fail_if (has_between (audio, video, " nack\r"), "%s", reply->body);
  }
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_failures_are_counted_and_carry_their_headers)
{
  control ("{\"fail-status\": 503, \"fail-count\": 2, \"retry-after\": \"7\","
      "\"link\": \"<stun:127.0.0.1:1>; rel=\\\"ice-server\\\"\"}");
  for (guint i = 0; i < 2; i++) {
    g_autoptr (TestReply) reply = post (whip, offer);

    check_problem (reply, 503);
    fail_unless_equals_string (test_reply_get (reply, "Retry-After"), "7");
  }
  {
    g_autoptr (TestReply) reply = post (whip, offer);

    fail_unless_equals_int (reply->status, 201);
    fail_unless_equals_string (test_reply_get (reply, "Link"),
        "<stun:127.0.0.1:1>; rel=\"ice-server\"");
  }
  control ("{\"reset\": true, \"token\": \"secret\"}");
  {
    g_autoptr (TestReply) none = post (whip, offer);
    g_autoptr (TestReply) wrong = test_request ("POST", whip, offer,
        "Content-Type", SDP, "Authorization", "Bearer other", NULL);
    g_autoptr (TestReply) right = test_request ("POST", whip, offer,
        "Content-Type", SDP, "Authorization", "Bearer secret", NULL);

    check_problem (none, 401);
    fail_unless (test_reply_get (none, "WWW-Authenticate") != NULL);
    check_problem (wrong, 401);
    fail_unless_equals_int (right->status, 201);
  }
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_sessions_are_forgotten_kicked_and_reaped)
{
  g_autoptr (TestReply) first_reply = post (whip, offer);
  g_autofree gchar *url = test_reply_get_location (first_reply, whip);

  control ("{\"forget\": \"*\"}");
  {
    g_autoptr (TestReply) reply = test_request ("DELETE", url, NULL, NULL);

    check_problem (reply, 404);
  }
  fail_unless_equals_int (g_hash_table_size (server->entries), 1);
  control ("{\"kick\": \"demo\"}");
  fail_unless_equals_int (g_hash_table_size (server->entries), 0);

  control ("{\"refuse-second\": 403}");
  {
    g_autoptr (TestReply) one = post (whip, offer);
    g_autoptr (TestReply) two = post (whip, offer);

    fail_unless_equals_int (one->status, 201);
    check_problem (two, 403);
  }
  control ("{\"kick\": \"demo\", \"refuse-second\": 0}");
  control ("{\"lose-answer\": 1}");
  {
    g_autoptr (TestReply) lost = post (whip, offer);

    fail_unless_equals_int (lost->status, 0);
    fail_unless_equals_int (g_hash_table_size (server->entries), 1);
  }
  control ("{\"kick\": \"demo\"}");
  fail_unless (loopback_faults_set_text (server->faults, "start-404", "600s",
          NULL));
  {
    g_autoptr (TestReply) early = post (whip, offer);

    check_problem (early, 404);
  }
  control ("{\"start-status\": 502}");
  {
    g_autoptr (TestReply) early = post (whip, offer);

    check_problem (early, 502);
  }
  control ("{\"start-404\": 0, \"token\": \"right\", \"token-status\": 404}");
  {
    g_autoptr (TestReply) reply = post (whip, offer);

    check_problem (reply, 404);
  }
  control ("{\"token\": null}");

  control ("{\"on-duplicate\": \"conflict\"}");
  {
    g_autoptr (TestReply) one = post (whip, offer);
    g_autoptr (TestReply) two = post (whip, offer);

    fail_unless_equals_int (one->status, 201);
    check_problem (two, 409);
  }
  /* The peer of the session never connects. */
  control ("{\"session-timeout-ms\": 200}");
  fail_unless_equals_int (server->n_reaped, 0);
  {
    gint64 end =
        g_get_monotonic_time () + TEST_TIMEOUT_MS * G_GINT64_CONSTANT (1000);

    while (g_hash_table_size (server->entries) > 0
        && g_get_monotonic_time () < end)
      g_main_context_iteration (NULL, TRUE);
  }
  fail_unless_equals_int (g_hash_table_size (server->entries), 0);
  fail_unless_equals_int (server->n_reaped, 1);
  teardown ();
}

GST_END_TEST;

GST_START_TEST (test_if_match_is_compared_by_the_book)
{
  static const struct
  {
    const gchar *if_match, *etag;
    LoopbackMatch want;
  } rows[] = {
    {NULL, "\"a\"", LOOPBACK_MATCH_ABSENT},
    {"*", "\"a\"", LOOPBACK_MATCH_ANY},
    {" \"*\" ", NULL, LOOPBACK_MATCH_ANY},
    {"\"a\"", "\"a\"", LOOPBACK_MATCH_TAG},
    {"a", "a", LOOPBACK_MATCH_TAG},
    {"a", "\"a\"", LOOPBACK_MATCH_NOT},
    {"\"a\"", "a", LOOPBACK_MATCH_NOT},
    {"\"b\",\"a\"", "\"a\"", LOOPBACK_MATCH_TAG},
    {"W/\"a\"", "\"a\"", LOOPBACK_MATCH_NOT},
    {"", "\"a\"", LOOPBACK_MATCH_NOT},
    {"\"a\"", NULL, LOOPBACK_MATCH_NOT},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    fail_unless_equals_int (loopback_http_match (rows[i].if_match,
            rows[i].etag), rows[i].want);
  fail_unless (loopback_http_accepts (NULL, SDP));
  fail_unless (loopback_http_accepts ("text/plain, application/sdp", SDP));
  fail_unless (loopback_http_accepts ("application/*;q=0.1", SDP));
  fail_unless (loopback_http_accepts ("*/*", SDP));
  fail_if (loopback_http_accepts ("text/plain", SDP));
  fail_if (loopback_http_accepts ("application/sdp;q=0", SDP));
  teardown ();
}

GST_END_TEST;

static Suite *
loopback_protocol_suite (void)
{
  Suite *suite = suite_create ("loopback-protocol");
  TCase *tc = tcase_create ("general");

  rcast_check_survive_plugins ();
  suite_add_tcase (suite, tc);
  tcase_set_timeout (tc, 4 * TEST_TIMEOUT_MS / 1000);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_post_answers_with_location_and_etag);
  tcase_add_test (tc, test_methods_and_headers_have_their_status);
  tcase_add_test (tc, test_offers_that_cannot_be_taken);
  tcase_add_test (tc, test_patch_obeys_if_match);
  tcase_add_test (tc, test_restart_gives_new_credentials_and_etag);
  tcase_add_test (tc, test_restart_may_have_a_bare_answer);
  tcase_add_test (tc, test_switches_make_it_misbehave);
  tcase_add_test (tc, test_answer_of_a_poor_server);
  tcase_add_test (tc, test_failures_are_counted_and_carry_their_headers);
  tcase_add_test (tc, test_sessions_are_forgotten_kicked_and_reaped);
  tcase_add_test (tc, test_if_match_is_compared_by_the_book);
  return suite;
}

GST_CHECK_MAIN (loopback_protocol);
