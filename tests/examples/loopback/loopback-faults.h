/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The switches that make the server misbehave, set at the start or while it runs. */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef struct {
  /* every request to an endpoint or session */
  guint delay_ms;               /* delay before the server handles a request */
  guint delay_patch_ms;         /* additional delay for PATCH */
  gchar *token;                 /* required Bearer token, NULL = none */
  guint fail_status;            /* answered to the next fail_count requests */
  gint fail_count;              /* -1 = all */
  gchar *fail_method;           /* POST by default, * = any */
  gchar *retry_after;           /* Retry-After header for 409, 429 and 503 */
  gchar *hang;                  /* method that the server never answers, * = any */
  gchar *close;                 /* method whose connection is closed, * = any */
  gint close_count;             /* -1 = all */
  guint start_404;              /* ms after the start during which the status is start_status */
  guint start_status;
  guint token_status;           /* for a token that is missing or wrong */
  /* POST */
  gchar *redirect_url;          /* Location of a redirect */
  guint redirect_status;
  gint redirect_count;          /* -1 = all */
  gchar *codecs;                /* accepted encoding names, NULL = all */
  gchar *etag;                  /* quoted, unquoted, star, none */
  gchar *location;              /* path, relative, absolute, none */
  gchar *location_query;        /* query of the session URL, which requests must keep */
  gchar *link;                  /* value of the Link header */
  gboolean link_on_options;
  gchar *on_duplicate;          /* replace, conflict: a second publisher of a name */
  guint refuse_second;          /* status for a second publisher of a name, 0 = on_duplicate */
  gint lose_answer;             /* requests handled without an answer; -1 = all */
  /* viewers */
  guint no_stream_status;       /* of a POST to a stream without a publisher */
  guint stream_timeout_ms;      /* silence after which a publisher no longer counts, 0: never */
  guint counter_offer;          /* status of an offer in place of an answer, 0: no such offer */
  gchar *viewers;               /* keep, end: viewers' sessions without a publisher */
  gchar *events;                /* none, link, post: how viewers get events */
  /* PATCH */
  gboolean trickle;
  gboolean restart;
  guint refuse_status;          /* for an unsupported PATCH; 0 = as the RFC says */
  gchar *restart_answer;        /* full, or bare: without candidates, because the port stays */
  guint restart_status;         /* status of a restart that is only pretended; 0 = real restart */
  /* media */
  guint drop_in;                /* percent of the publisher's RTP */
  guint drop_out;               /* percent of the RTP to viewers */
  gchar *feedback;              /* streams with feedback: all, video, none; ccfb: all, RFC 8888 */
  guint feedback_ms;            /* between two feedback packets; 0: with each frame */
  guint report_ms;              /* between two regular RTCP packets */
  gboolean rtx;                 /* accepts RTX (RFC 4588) */
  guint latency_ms;             /* of the jitter buffers */
  guint session_timeout_ms;     /* silence after which the server drops a session */
  gchar *ghosts;                /* drop, keep: silent sessions; keep: until DELETE */
} LoopbackFaults;

LoopbackFaults *  loopback_faults_new       (void);
void              loopback_faults_free      (LoopbackFaults * faults);
void              loopback_faults_reset     (LoopbackFaults * faults);
gboolean          loopback_faults_set_text  (LoopbackFaults * faults, const gchar * name, const gchar * value, GError ** error);
gboolean          loopback_faults_set_json  (LoopbackFaults * faults, const gchar * name, JsonNode * value, GError ** error);
void              loopback_faults_describe  (const LoopbackFaults * faults, JsonBuilder * json);
gchar *           loopback_faults_help      (void);
/* Counts @count down. Returns: FALSE once it is 0 */
gboolean          loopback_faults_take      (gint * count);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoopbackFaults, loopback_faults_free)

G_END_DECLS
