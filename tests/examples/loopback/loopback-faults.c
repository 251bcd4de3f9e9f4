/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The switches that make the server misbehave, set at the start or while it runs. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "loopback-faults.h"

#include <string.h>

#include <gio/gio.h>

typedef enum
{
  KIND_BOOL,
  KIND_UINT,
  KIND_COUNT,                   /* -1 = without end */
  KIND_TIME,                    /* ms; as text also 6s */
  KIND_STRING,
} Kind;

typedef struct
{
  const gchar *name;
  Kind kind;
  gsize offset;
  gint64 initial;
  gint64 max;
  const gchar *initial_text;
  const gchar *choices;         /* comma separated, NULL = any */
  const gchar *help;
} Spec;

#define AT(field) G_STRUCT_OFFSET (LoopbackFaults, field)

static const Spec specs[] = {
  {"delay-ms", KIND_UINT, AT (delay_ms), 0, 600000, NULL, NULL,
      "wait before a request is looked at"},
  {"delay-patch-ms", KIND_UINT, AT (delay_patch_ms), 0, 600000, NULL, NULL,
      "wait before a PATCH is looked at"},
  {"token", KIND_STRING, AT (token), 0, 0, NULL, NULL,
      "Bearer token that every request needs"},
  {"fail-status", KIND_UINT, AT (fail_status), 0, 599, NULL, NULL,
      "status of the next fail-count requests"},
  {"fail-count", KIND_COUNT, AT (fail_count), 1, G_MAXINT, NULL, NULL,
      "how often, -1 = always"},
  {"fail-method", KIND_STRING, AT (fail_method), 0, 0, "POST", NULL,
      "method that fails, * = any"},
  {"retry-after", KIND_STRING, AT (retry_after), 0, 0, "1", NULL,
      "Retry-After with 409, 429 and 503, empty = none"},
  {"hang", KIND_STRING, AT (hang), 0, 0, NULL, NULL,
      "method that is never answered, * = any"},
  {"close", KIND_STRING, AT (close), 0, 0, NULL, NULL,
      "method whose connection is closed, * = any"},
  {"close-count", KIND_COUNT, AT (close_count), -1, G_MAXINT, NULL, NULL,
      "how often, -1 = always"},
  {"start-404", KIND_TIME, AT (start_404), 0, 600000, NULL, NULL,
      "time after the start in which every request fails"},
  {"start-status", KIND_UINT, AT (start_status), 404, 599, NULL, NULL,
      "status of that, 200 = an HTML page"},
  {"token-status", KIND_UINT, AT (token_status), 401, 599, NULL, NULL,
      "status for a token that is missing or wrong"},
  {"redirect-url", KIND_STRING, AT (redirect_url), 0, 0, NULL, NULL,
      "where a POST is sent to"},
  {"redirect-status", KIND_UINT, AT (redirect_status), 307, 399, NULL, NULL,
      "status of the redirection"},
  {"redirect-count", KIND_COUNT, AT (redirect_count), -1, G_MAXINT, NULL, NULL,
      "how often, -1 = always"},
  {"codecs", KIND_STRING, AT (codecs), 0, 0, NULL, NULL,
      "encoding names that are taken, comma separated"},
  {"etag", KIND_STRING, AT (etag), 0, 0, "quoted",
      "quoted,unquoted,star,none", "form of the ETag"},
  {"location", KIND_STRING, AT (location), 0, 0, "path",
      "path,relative,absolute,none", "form of the Location"},
  {"location-query", KIND_STRING, AT (location_query), 0, 0, NULL, NULL,
      "query that the session URL has to keep"},
  {"link", KIND_STRING, AT (link), 0, 0, NULL, NULL,
      "value of the Link header"},
  {"link-on-options", KIND_BOOL, AT (link_on_options), FALSE, 0, NULL, NULL,
      "OPTIONS tells it, too"},
  {"on-duplicate", KIND_STRING, AT (on_duplicate), 0, 0, "replace",
      "replace,conflict", "what a second publisher of a name does"},
  {"refuse-second", KIND_UINT, AT (refuse_second), 0, 599, NULL, NULL,
      "status for a second publisher of a name, 0 = on-duplicate"},
  {"lose-answer", KIND_COUNT, AT (lose_answer), 0, G_MAXINT, NULL, NULL,
      "POSTs that open a session but are not answered, -1 = all"},
  {"no-stream-status", KIND_UINT, AT (no_stream_status), 409, 599, NULL, NULL,
      "status for a viewer while nobody publishes"},
  {"stream-timeout-ms", KIND_UINT, AT (stream_timeout_ms), 0, G_MAXINT, NULL,
        NULL, "silence of a publisher after which nobody publishes, 0 = when its "
        "session ends"},
  {"counter-offer", KIND_UINT, AT (counter_offer), 0, 406, NULL, NULL,
      "status (406, 201) of an offer that a viewer gets in place of an answer, 0 = none"},
  {"viewers", KIND_STRING, AT (viewers), 0, 0, "keep", "keep,end",
      "what becomes of the viewers' sessions while nobody publishes"},
  {"events", KIND_STRING, AT (events), 0, 0, "none", "none,link,post",
        "server-sent events for viewers: none, at the link, or made there by POST"},
  {"trickle", KIND_BOOL, AT (trickle), TRUE, 0, NULL, NULL,
      "candidates are taken by PATCH"},
  {"restart", KIND_BOOL, AT (restart), TRUE, 0, NULL, NULL,
      "ICE restarts are taken by PATCH"},
  {"refuse-status", KIND_UINT, AT (refuse_status), 0, 599, NULL, NULL,
      "status of a PATCH that is not supported, 0 = 422 or 405"},
  {"restart-answer", KIND_STRING, AT (restart_answer), 0, 0, "full", "full,bare",
      "bare: one port for all restarts, whose answers have no candidates; of sessions that "
      "begin then"},
  {"restart-status", KIND_UINT, AT (restart_status), 0, 599, NULL, NULL,
      "status of a restart that is not done, 0 = it is done"},
  {"drop-in", KIND_UINT, AT (drop_in), 0, 100, NULL, NULL,
      "percent of the publisher's RTP that is lost"},
  {"drop-out", KIND_UINT, AT (drop_out), 0, 100, NULL, NULL,
      "percent of the viewers' RTP that is lost"},
  {"feedback", KIND_STRING, AT (feedback), 0, 0, "all", "all,video,none,ccfb",
        "streams that transport-wide feedback is sent for; none: receiver reports only; ccfb: "
        "feedback of RFC 8888 for all of them; of sessions that begin then, as the next four"},
  {"feedback-interval-ms", KIND_UINT, AT (feedback_ms), 0, 10000, NULL, NULL,
      "time between two packets of it, 0 = one with each frame, or of RFC 8888 with each report"},
  {"report-interval-ms", KIND_UINT, AT (report_ms), 20, 10000, NULL, NULL,
      "time between two regular RTCP packets, and at most one NACK more"},
  {"rtx", KIND_BOOL, AT (rtx), TRUE, 0, NULL, NULL,
      "lost packets may be sent again in a stream of their own (RFC 4588)"},
  {"latency-ms", KIND_UINT, AT (latency_ms), 200, 60000, NULL, NULL,
      "how long the jitter buffers wait for what is lost"},
  {"session-timeout-ms", KIND_UINT, AT (session_timeout_ms), 30000, G_MAXINT,
      NULL, NULL, "silence after which a session is dropped"},
  {"ghosts", KIND_STRING, AT (ghosts), 0, 0, "drop", "drop,keep",
      "what becomes of a session that falls silent"},
};

LoopbackFaults *
loopback_faults_new (void)
{
  LoopbackFaults *faults = g_new0 (LoopbackFaults, 1);

  loopback_faults_reset (faults);
  return faults;
}

static void
set_string (LoopbackFaults * faults, const Spec * spec, const gchar * value)
{
  gchar **field = G_STRUCT_MEMBER_P (faults, spec->offset);

  g_free (*field);
  *field = value && *value ? g_strdup (value) : NULL;
}

void
loopback_faults_reset (LoopbackFaults * faults)
{
  for (guint i = 0; i < G_N_ELEMENTS (specs); i++) {
    if (specs[i].kind == KIND_STRING)
      set_string (faults, &specs[i], specs[i].initial_text);
    else
      G_STRUCT_MEMBER (gint, faults, specs[i].offset) = (gint) specs[i].initial;
  }
}

void
loopback_faults_free (LoopbackFaults * faults)
{
  if (faults == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (specs); i++)
    if (specs[i].kind == KIND_STRING)
      set_string (faults, &specs[i], NULL);
  g_free (faults);
}

static const Spec *
find_spec (const gchar * name, GError ** error)
{
  for (guint i = 0; i < G_N_ELEMENTS (specs); i++)
    if (g_str_equal (specs[i].name, name))
      return &specs[i];
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no switch %s", name);
  return NULL;
}

static gboolean
set_number (LoopbackFaults * faults, const Spec * spec, gint64 value,
    GError ** error)
{
  gint64 min = spec->kind == KIND_COUNT ? -1 : 0;
  gint64 max = spec->kind == KIND_BOOL ? 1 : spec->max;

  if (value < min || value > max) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "%s: %" G_GINT64_FORMAT " is not within %" G_GINT64_FORMAT
        " and %" G_GINT64_FORMAT, spec->name, value, min, max);
    return FALSE;
  }
  G_STRUCT_MEMBER (gint, faults, spec->offset) = (gint) value;
  return TRUE;
}

static gboolean
set_choice (LoopbackFaults * faults, const Spec * spec, const gchar * value,
    GError ** error)
{
  g_auto (GStrv) choices = NULL;

  if (spec->choices) {
    choices = g_strsplit (spec->choices, ",", -1);
    if (!g_strv_contains ((const gchar * const *) choices, value)) {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
          "%s: %s is none of %s", spec->name, value, spec->choices);
      return FALSE;
    }
  }
  /* The value may become a header. */
  if (strpbrk (value, "\r\n")) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "%s: line ends are not taken", spec->name);
    return FALSE;
  }
  set_string (faults, spec, value);
  return TRUE;
}

/* Converts 6s to 6000; 6000 stays. */
static gchar *
print_ms (const gchar * value)
{
  gsize size = strlen (value);

  return size > 1 && g_ascii_isdigit (value[size - 2]) && value[size - 1] == 's'
      ? g_strdup_printf ("%.*s000", (gint) size - 1, value) : g_strdup (value);
}

gboolean
loopback_faults_set_text (LoopbackFaults * faults, const gchar * name,
    const gchar * value, GError ** error)
{
  const Spec *spec = find_spec (name, error);
  g_autofree gchar *text = NULL;
  gint64 number;

  if (spec == NULL)
    return FALSE;
  if (spec->kind == KIND_STRING)
    return set_choice (faults, spec, value, error);
  if (spec->kind == KIND_BOOL && g_str_equal (value, "true"))
    return set_number (faults, spec, 1, error);
  if (spec->kind == KIND_BOOL && g_str_equal (value, "false"))
    return set_number (faults, spec, 0, error);
  text = spec->kind == KIND_TIME ? print_ms (value) : g_strdup (value);
  if (!g_ascii_string_to_signed (text, 10, G_MININT, G_MAXINT, &number, error)) {
    g_prefix_error (error, "%s: ", name);
    return FALSE;
  }
  return set_number (faults, spec, number, error);
}

gboolean
loopback_faults_set_json (LoopbackFaults * faults, const gchar * name,
    JsonNode * value, GError ** error)
{
  const Spec *spec = find_spec (name, error);
  GType type;

  if (spec == NULL)
    return FALSE;
  type = JSON_NODE_HOLDS_VALUE (value) ? json_node_get_value_type (value)
      : G_TYPE_NONE;
  if (spec->kind == KIND_STRING && JSON_NODE_HOLDS_NULL (value))
    return set_choice (faults, spec, "", error);
  if (spec->kind == KIND_STRING && type == G_TYPE_STRING)
    return set_choice (faults, spec, json_node_get_string (value), error);
  if (spec->kind == KIND_BOOL && type == G_TYPE_BOOLEAN)
    return set_number (faults, spec, json_node_get_boolean (value), error);
  if (spec->kind != KIND_STRING && spec->kind != KIND_BOOL
      && type == G_TYPE_INT64)
    return set_number (faults, spec, json_node_get_int (value), error);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
      "%s: wrong type", name);
  return FALSE;
}

void
loopback_faults_describe (const LoopbackFaults * faults, JsonBuilder * json)
{
  json_builder_begin_object (json);
  for (guint i = 0; i < G_N_ELEMENTS (specs); i++) {
    gconstpointer field = G_STRUCT_MEMBER_P (faults, specs[i].offset);

    json_builder_set_member_name (json, specs[i].name);
    switch (specs[i].kind) {
      case KIND_BOOL:
        json_builder_add_boolean_value (json, *(const gboolean *) field);
        break;
      case KIND_UINT:
      case KIND_COUNT:
      case KIND_TIME:
        json_builder_add_int_value (json, *(const gint *) field);
        break;
      case KIND_STRING:
        json_builder_add_string_value (json, *(gchar * const *) field);
        break;
    }
  }
  json_builder_end_object (json);
}

gchar *
loopback_faults_help (void)
{
  GString *text = g_string_new ("Switches of --set and of /control:\n");

  for (guint i = 0; i < G_N_ELEMENTS (specs); i++) {
    g_string_append_printf (text, "  %-20s %s", specs[i].name, specs[i].help);
    if (specs[i].choices)
      g_string_append_printf (text, " (%s)", specs[i].choices);
    g_string_append_c (text, '\n');
  }
  return g_string_free (text, FALSE);
}

gboolean
loopback_faults_take (gint * count)
{
  if (*count == 0)
    return FALSE;
  if (*count > 0)
    (*count)--;
  return TRUE;
}
