/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcast-loopback: a WHIP and WHEP server with a viewer page, for experiments and tests. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <glib-unix.h>
#include <gst/gst.h>

#include "loopback-ice.h"
#include "loopback-server.h"

typedef struct
{
  gchar *host;
  gint port;
  gchar *ice_address;
  gint seconds;
  gchar **switches;
  gboolean quiet;
  gboolean frames;
} Options;

static gboolean
stop (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
set_switches (LoopbackServer * server, gchar ** switches, GError ** error)
{
  for (guint i = 0; switches && switches[i]; i++) {
    gchar *value = strchr (switches[i], '=');

    if (value == NULL) {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
          "--set %s: wanted NAME=VALUE", switches[i]);
      return FALSE;
    }
    *value++ = '\0';
    if (!loopback_faults_set_text (server->faults, switches[i], value, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
parse_options (Options * options, int *argc, char ***argv, GError ** error)
{
  GOptionEntry entries[] = {
    {"host", 0, 0, G_OPTION_ARG_STRING, &options->host,
        "Address to listen on (127.0.0.1)", "ADDRESS"},
    {"port", 0, 0, G_OPTION_ARG_INT, &options->port,
        "Port to listen on, 0 = any free one (8080)", "PORT"},
    {"ice-address", 0, 0, G_OPTION_ARG_STRING, &options->ice_address,
        "The one local address for media (all)", "ADDRESS"},
    {"seconds", 0, 0, G_OPTION_ARG_INT, &options->seconds,
        "Stop after this time (never)", "N"},
    {"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->switches,
        "A switch, see below", "NAME=VALUE"},
    {"quiet", 0, 0, G_OPTION_ARG_NONE, &options->quiet,
        "Print the address only", NULL},
    {"frames", 0, 0, G_OPTION_ARG_NONE, &options->frames,
        "Print each video frame of a publisher that can be decoded", NULL},
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GOptionContext) context = NULL;
  g_autofree gchar *help = loopback_faults_help ();

  context = g_option_context_new ("- WHIP and WHEP server with a viewer page");
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_group (context, gst_init_get_option_group ());
  g_option_context_set_description (context, help);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (options->port < 0 || options->port > 65535) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "no port %d", options->port);
    return FALSE;
  }
  return TRUE;
}

int
main (int argc, char **argv)
{
  Options options = {.port = 8080 };
  g_autoptr (GMainLoop) loop = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *url = NULL;
  LoopbackServer *server;
  guint sources[3] = { 0, 0, 0 };
  int status = EXIT_FAILURE;

  setlocale (LC_ALL, "");
  /* A reader waits for each line. */
  setvbuf (stdout, NULL, _IOLBF, 0);
  if (!parse_options (&options, &argc, &argv, &error)) {
    g_printerr ("rcast-loopback: %s\n", error->message);
    return 2;
  }
  loopback_ice_warm_up ();
  server = loopback_server_new (options.host ? options.host : "127.0.0.1",
      (guint) options.port, options.ice_address, &error);
  if (server && set_switches (server, options.switches, &error)) {
    server->quiet = options.quiet;
    server->frames = options.frames;
    url = loopback_server_get_url (server);
    g_print ("event=listening url=%s whip=%swhip/demo whep=%swhep/demo\n", url,
        url, url);
    loop = g_main_loop_new (NULL, FALSE);
    sources[0] = g_unix_signal_add (SIGINT, stop, loop);
    sources[1] = g_unix_signal_add (SIGTERM, stop, loop);
    if (options.seconds > 0)
      sources[2] = g_timeout_add_seconds ((guint) options.seconds, stop, loop);
    g_main_loop_run (loop);
    for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
      g_clear_handle_id (&sources[i], g_source_remove);
    g_print ("event=stopped sessions=%" G_GUINT64_FORMAT " requests=%"
        G_GUINT64_FORMAT "\n", server->n_sessions, server->n_requests);
    status = EXIT_SUCCESS;
  } else {
    g_printerr ("rcast-loopback: %s\n", error->message);
  }
  loopback_server_free (server);
  /* Run the calls that still wait in the main context. */
  while (g_main_context_iteration (NULL, FALSE));
  g_free (options.host);
  g_free (options.ice_address);
  g_strfreev (options.switches);
  gst_deinit ();
  return status;
}
