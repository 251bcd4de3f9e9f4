/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The caster of the fault lab: broadcasts, records, and prints each message with its time. */
#include "config.h"

#include "cast.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <glib-unix.h>

#include "tell.h"

typedef struct
{
  gchar *contestant;
  gchar **urls;
  gchar **settings;
  gchar *token;                 /* the reply to request-token, with a number */
  gchar *message;               /* sent once a second, numbered */
  CastMedia media;
} Options;

typedef struct
{
  GMainLoop *loop;
  CastRecord *record;
  GstElement *pipeline;
  GstElement *sink;             /* (nullable): rcastsink of the pipeline */
  guint bus_watch;
  gchar *token;
  gint tokens;                  /* atomic: tokens returned so far */
  const gchar *message;
  guint messages;
} Caster;

static gboolean
on_bus_message (GstBus * bus, GstMessage * message, gpointer data)
{
  Caster *caster = data;
  const GstStructure *structure = gst_message_get_structure (message);

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    g_autoptr (GError) error = NULL;

    gst_message_parse_error (message, &error, NULL);
    tell_problem ("error", error);
    g_main_loop_quit (caster->loop);
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING) {
    g_autoptr (GError) error = NULL;

    gst_message_parse_warning (message, &error, NULL);
    tell_problem ("warning", error);
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT && structure
      && (gst_structure_has_field (structure, "strategy")
          || gst_structure_has_name (structure, "janus-event"))) {
    g_autofree gchar *fields = tell_print_fields (structure);

    tell ("message", "name=%s%s", gst_structure_get_name (structure), fields);
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT
      && gst_message_has_name (message, "target-bitrate")) {
    g_autofree gchar *fields = tell_print_fields (structure);

    tell ("target", "%s", fields);
  }
  return G_SOURCE_CONTINUE;
}

static gchar *
on_request_token (GstElement * sink, const gchar * uri, gpointer data)
{
  Caster *caster = data;

  tell ("request-token", "uri=%s", uri);
  /* rcastsink takes an old token for no answer, so each one is new. */
  return g_strdup_printf ("%s-%d", caster->token,
      g_atomic_int_add (&caster->tokens, 1));
}

static void
set_locations (GstElement * sink, gchar ** urls)
{
  GValue list = G_VALUE_INIT, item = G_VALUE_INIT;

  g_value_init (&list, GST_TYPE_ARRAY);
  g_value_init (&item, G_TYPE_STRING);
  for (guint i = 0; urls[i]; i++) {
    g_value_take_string (&item, g_strconcat (g_str_has_prefix (urls[i],
                "http") ? "whip+" : "", urls[i], NULL));
    if (i == 0)
      g_object_set_property (G_OBJECT (sink), "location", &item);
    else
      gst_value_array_append_value (&list, &item);
  }
  g_object_set_property (G_OBJECT (sink), "locations", &list);
  g_value_unset (&item);
  g_value_unset (&list);
}

/* Ignores settings that this version does not have: the lab compares versions. */
static void
set_settings (GstElement * sink, gchar ** settings)
{
  for (guint i = 0; settings && settings[i]; i++) {
    g_auto (GStrv) pair = g_strsplit (settings[i], "=", 2);
    g_autoptr (GObject) target = NULL;
    GParamSpec *pspec;

    if (pair[0] && pair[1] && gst_child_proxy_lookup (GST_CHILD_PROXY (sink),
            pair[0], &target, &pspec))
      gst_util_set_object_arg (target, pspec->name, pair[1]);
    else
      tell ("unknown-setting", "text=\"%s\"", settings[i]);
  }
}

static gboolean
start_rcastsink (Caster * caster, Options * options, GError ** error)
{
  GstElement *sink;
  g_autoptr (GstBus) bus = NULL;

  caster->pipeline = cast_source_new (caster->record, &options->media,
      "rcastsink name=r "
      "video. ! queue ! r.video_0 audio. ! queue ! r.audio_0", error);
  if (caster->pipeline == NULL)
    return FALSE;
  caster->token = options->token;
  caster->message = options->message;
  caster->sink = sink = gst_bin_get_by_name (GST_BIN (caster->pipeline), "r");
  set_locations (sink, options->urls);
  set_settings (sink, options->settings);
  if (options->token)
    g_signal_connect (sink, "request-token", G_CALLBACK (on_request_token),
        caster);
  bus = gst_element_get_bus (caster->pipeline);
  caster->bus_watch = gst_bus_add_watch (bus, on_bus_message, caster);
  gst_element_set_state (caster->pipeline, GST_STATE_PLAYING);
  return TRUE;
}

static gboolean
on_tick (gpointer data)
{
  Caster *caster = data;
  g_autofree gchar *text = NULL;
  gboolean taken;

  cast_record_tell (caster->record);
  if (!caster->message)
    return G_SOURCE_CONTINUE;
  text = g_strdup_printf ("%s %u", caster->message, caster->messages++);
  g_signal_emit_by_name (caster->sink, "send-message", "cast", text, TRUE,
      &taken);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_signal (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_CONTINUE;
}

static gboolean
parse_options (Options * options, int *argc, char ***argv, GError ** error)
{
  GOptionEntry entries[] = {
    {"contestant", 0, 0, G_OPTION_ARG_STRING, &options->contestant,
        "rcastsink, stock, rebuild, watchdog", "NAME"},
    {"url", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->urls,
          "WHIP endpoint, or location; those after the first are for failover",
        "URL"},
    {"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->settings,
        "A property of rcastsink", "NAME=VALUE"},
    {"token", 0, 0, G_OPTION_ARG_STRING, &options->token,
        "What request-token answers", "TEXT"},
    {"message", 0, 0, G_OPTION_ARG_STRING, &options->message,
          "What rcastsink sends as a message once a second, with a number",
        "TEXT"},
    {"kbps", 0, 0, G_OPTION_ARG_INT, &options->media.kbps,
        "What the picture is encoded to (800)", "KBIT/S"},
    {"steady", 0, 0, G_OPTION_ARG_NONE, &options->media.steady,
        "No flash each second, which costs an encoder as much as a key frame",
          NULL},
    {"raw", 0, 0, G_OPTION_ARG_NONE, &options->media.raw,
        "rcastsink encodes, as its settings say", NULL},
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_group (context, gst_init_get_option_group ());
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (options->contestant == NULL || options->urls == NULL) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "--contestant and --url are wanted");
    return FALSE;
  }
  return TRUE;
}

int
main (int argc, char **argv)
{
  static const gchar *const cures[] = { "stock", "rebuild", "watchdog", NULL };
  g_autoptr (GMainLoop) loop = NULL;
  g_autoptr (GError) error = NULL;
  Options options = {.media = {.kbps = 800} };
  Caster caster = { NULL };
  CastStock *stock = NULL;
  guint sources[3];

  setvbuf (stdout, NULL, _IOLBF, 0);
  if (!parse_options (&options, &argc, &argv, &error)) {
    g_printerr ("cast: %s\n", error->message);
    return 2;
  }
  caster.loop = loop = g_main_loop_new (NULL, FALSE);
  caster.record = cast_record_new ();
  sources[0] = g_unix_signal_add (SIGTERM, on_signal, loop);
  sources[1] = g_unix_signal_add (SIGINT, on_signal, loop);
  sources[2] = g_timeout_add_seconds (1, on_tick, &caster);
  tell ("started", "contestant=%s", options.contestant);
  if (g_strv_contains (cures, options.contestant)) {
    CastStockCure cure = CAST_STOCK_ALONE;

    while (!g_str_equal (cures[cure], options.contestant))
      cure++;
    stock = cast_stock_new (caster.record, cure, &options.media,
        options.urls[0]);
  } else if (!start_rcastsink (&caster, &options, &error)) {
    g_printerr ("cast: %s\n", error->message);
    return 2;
  }
  g_main_loop_run (loop);
  cast_record_tell (caster.record);
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    g_source_remove (sources[i]);
  cast_stock_free (stock);
  if (caster.pipeline) {
    gst_element_set_state (caster.pipeline, GST_STATE_NULL);
    g_source_remove (caster.bus_watch);
    gst_object_unref (caster.sink);
    gst_object_unref (caster.pipeline);
  }
  tell ("stopped", " ");
  cast_record_free (caster.record);
  g_free (options.contestant);
  g_strfreev (options.urls);
  g_strfreev (options.settings);
  g_free (options.token);
  g_free (options.message);
  return 0;
}
