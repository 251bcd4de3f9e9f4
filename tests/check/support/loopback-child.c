/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The loopback server in a child process: a test starts it, sets its switches and kills it. */
#include "config.h"

#include "loopback-child.h"

#include <gst/check/gstcheck.h>
#include <libsoup/soup.h>
#include <string.h>

void
server_start (Server * server, guint port, const gchar * const *set)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GDataInputStream) lines = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) uri = NULL;
  gchar *line;

  g_ptr_array_add (argv, g_strdup (g_getenv ("RCAST_LOOPBACK")));
  g_ptr_array_add (argv, g_strdup ("--quiet"));
  g_ptr_array_add (argv, g_strdup ("--seconds=120"));
  g_ptr_array_add (argv, g_strdup_printf ("--port=%u", port));
  for (guint i = 0; set && set[i]; i++)
    g_ptr_array_add (argv, g_strdup_printf ("--set=%s", set[i]));
  g_ptr_array_add (argv, NULL);
  server->process = g_subprocess_launcher_spawnv (launcher,
      (const gchar * const *) argv->pdata, &error);
  fail_unless (server->process != NULL, "%s", error ? error->message : "");

  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe
      (server->process));
  line = g_data_input_stream_read_line (lines, NULL, NULL, NULL);
  fail_unless (line != NULL, "the server says nothing");
  for (gchar * word = strtok (line, " "); word; word = strtok (NULL, " "))
    if (g_str_has_prefix (word, "whip="))
      server->whip = g_strdup (word + strlen ("whip="));
  fail_unless (server->whip != NULL, "the server does not say where it is");
  g_free (line);
  uri = g_uri_parse (server->whip, G_URI_FLAGS_NONE, NULL);
  server->port = g_uri_get_port (uri);
}

void
server_kill (Server * server)
{
  g_subprocess_force_exit (server->process);
  g_subprocess_wait (server->process, NULL, NULL);
  g_clear_object (&server->process);
  g_clear_pointer (&server->whip, g_free);
}

/* Returns: (transfer full): the JSON of /stats */
static gchar *
fetch_stats (Server * server)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autofree gchar *url =
      g_strdup_printf ("http://127.0.0.1:%u/stats", server->port);
  g_autoptr (SoupMessage) message = soup_message_new ("GET", url);
  g_autoptr (GBytes) body =
      soup_session_send_and_read (session, message, NULL, NULL);

  fail_unless (body != NULL);
  return g_strndup (g_bytes_get_data (body, NULL), g_bytes_get_size (body));
}

gint64
server_number (Server * server, const gchar * key)
{
  g_autofree gchar *text = fetch_stats (server);
  g_autofree gchar *wanted = g_strdup_printf ("\"%s\" :", key);
  gchar *publishers = strstr (text, "\"publishers\" :");
  gchar *found = publishers ? strstr (publishers, wanted) : NULL;

  fail_unless (found != NULL, "no %s in %s", key, text);
  return g_ascii_strtoll (found + strlen (wanted), NULL, 10);
}

guint
server_requests (Server * server, const gchar * method)
{
  g_autofree gchar *text = fetch_stats (server);
  g_autofree gchar *wanted = g_strdup_printf ("\"method\" : \"%s\"", method);
  guint n = 0;

  for (gchar * at = text; (at = strstr (at, wanted)); at++)
    n++;
  return n;
}

void
server_control (Server * server, const gchar * json)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autofree gchar *url =
      g_strdup_printf ("http://127.0.0.1:%u/control", server->port);
  g_autoptr (SoupMessage) message = soup_message_new ("POST", url);
  g_autoptr (GBytes) bytes = g_bytes_new_static (json, strlen (json));
  g_autoptr (GBytes) body = NULL;

  soup_message_set_request_body_from_bytes (message, "application/json", bytes);
  body = soup_session_send_and_read (session, message, NULL, NULL);
  fail_unless (body != NULL
      && SOUP_STATUS_IS_SUCCESSFUL (soup_message_get_status (message)), "%s",
      json);
}
