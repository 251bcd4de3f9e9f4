/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The switches that make the server misbehave, settable at the start and while it runs. */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef struct {
  /* every request to an endpoint or session */
  guint delay_ms;               /* before it is looked at */
  guint delay_patch_ms;         /* PATCH only, on top */
  gchar *token;                 /* Bearer token that is wanted, NULL = none */
  guint fail_status;            /* answered to the next fail_count requests */
  gint fail_count;              /* -1 = all */
  gchar *fail_method;           /* POST by default, * = any */
  gchar *retry_after;           /* as it is, with 409, 429 and 503 */
  gchar *hang;                  /* method that is never answered, * = any */
  gchar *close;                 /* method whose connection is closed, * = any */
  gint close_count;             /* -1 = all */
  guint start_404;              /* ms after the start in which start_status is answered */
  guint start_status;
  guint token_status;           /* for a token that is missing or wrong */
  /* POST */
  gchar *redirect_url;          /* sent here instead */
  guint redirect_status;
  gint redirect_count;          /* -1 = all */
  gchar *codecs;                /* encoding names that are taken, NULL = all */
  gchar *etag;                  /* quoted, unquoted, star, none */
  gchar *location;              /* path, relative, absolute, none */
  gchar *location_query;        /* a query that the session URL must keep */
  gchar *link;                  /* value of the Link header, as it is */
  gboolean link_on_options;
  gchar *on_duplicate;          /* replace, conflict: a second publisher of a name */
  guint refuse_second;          /* status for a second publisher of a name, 0 = on_duplicate */
  gint lose_answer;             /* acted on, but the answer is lost; -1 = all */
  /* viewers */
  guint no_stream_status;       /* of a POST while nobody publishes */
  guint stream_timeout_ms;      /* silence of a publisher after which nobody does, 0: its session is what counts */
  guint counter_offer;          /* status of an offer that is made in place of an answer, 0: none */
  gchar *viewers;               /* keep, end: their sessions while nobody publishes */
  gchar *events;                /* none, link, post: where their stream is */
  /* PATCH */
  gboolean trickle;
  gboolean restart;
  guint refuse_status;          /* for what is not supported; 0 = as the RFC says */
  gchar *restart_answer;        /* full or bare: without candidates, as the port stays the same */
  guint restart_status;         /* pretends to restart with this status; 0 = does it */
  /* media */
  guint drop_in;                /* percent of the publisher's RTP */
  guint drop_out;               /* percent of the RTP to viewers */
  gchar *feedback;              /* all, video, none: whose packets feedback is sent for; ccfb: all, by RFC 8888 */
  guint feedback_ms;            /* between two of it; 0: with each frame */
  guint report_ms;              /* between two regular RTCP packets */
  gboolean rtx;                 /* lost packets come in a stream of their own (RFC 4588) */
  guint latency_ms;             /* of the jitter buffers */
  guint session_timeout_ms;     /* silence after which a session is dropped */
  gchar *ghosts;                /* drop, keep: until DELETE */
} LoopbackFaults;

LoopbackFaults *  loopback_faults_new       (void);
void              loopback_faults_free      (LoopbackFaults * faults);
void              loopback_faults_reset     (LoopbackFaults * faults);
gboolean          loopback_faults_set_text  (LoopbackFaults * faults, const gchar * name, const gchar * value, GError ** error);
gboolean          loopback_faults_set_json  (LoopbackFaults * faults, const gchar * name, JsonNode * value, GError ** error);
void              loopback_faults_describe  (const LoopbackFaults * faults, JsonBuilder * json);
gchar *           loopback_faults_help      (void);
/* TRUE while @count lasts; counts down */
gboolean          loopback_faults_take      (gint * count);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoopbackFaults, loopback_faults_free)

G_END_DECLS
