/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parses the server-sent events of a WHEP server: bytes in, events out. Pure. */
#include "config.h"

#include "whip-sse.h"

#include <string.h>

#include "net-json.h"

/* draft-ietf-wish-whep, extension server-sent-events */
static const gchar *const others[] = { "layers", "viewercount", "scte35", NULL };
static const gchar *const known[] =
    { "active", "inactive", "reconnect", "layers", "viewercount", "scte35" };

struct _WhipSse
{
  GString *line;                /* the incomplete line */
  GString *data;
  gchar *name;                  /* NULL: not set yet */
  gboolean has_data;
  gboolean after_cr;            /* an LF now belongs to the same line end */
  gboolean started;             /* the first line was read: no byte order mark may follow */
  GQueue events;                /* WhipEvent */
};

WhipSse *
whip_sse_new (void)
{
  WhipSse *sse = g_new0 (WhipSse, 1);

  sse->line = g_string_new (NULL);
  sse->data = g_string_new (NULL);
  g_queue_init (&sse->events);
  return sse;
}

/* Takes NULL. */
void
whip_sse_free (WhipSse * sse)
{
  if (!sse)
    return;
  g_string_free (sse->line, TRUE);
  g_string_free (sse->data, TRUE);
  g_free (sse->name);
  g_queue_clear_full (&sse->events, (GDestroyNotify) whip_event_free);
  g_free (sse);
}

/* Takes NULL. */
void
whip_event_free (WhipEvent * event)
{
  if (!event)
    return;
  g_free (event->name);
  g_free (event->data);
  g_free (event->url);
  g_free (event);
}

void
whip_sse_restart (WhipSse * sse)
{
  g_string_truncate (sse->line, 0);
  g_string_truncate (sse->data, 0);
  g_clear_pointer (&sse->name, g_free);
  sse->has_data = sse->after_cr = sse->started = FALSE;
}

static void
add_event (WhipSse * sse, WhipEventKind kind, const gchar * name,
    const gchar * url)
{
  WhipEvent *event = g_new0 (WhipEvent, 1);

  event->kind = kind;
  event->name = g_strdup (name);
  event->data = name ? g_strdup (sse->data->str) : NULL;
  event->url = g_strdup (url);
  g_queue_push_tail (&sse->events, event);
}

/* Ignores unknown events, for future servers. Broadcast Box has one event `status` for both
 * states. */
static void
take_event (WhipSse * sse, const gchar * name)
{
  g_autoptr (NetJson) json =
      net_json_parse (sse->data->str, sse->data->len, NULL);
  const NetJsonValue *root = json ? net_json_get_root (json) : NULL;

  if (g_str_equal (name, "active"))
    add_event (sse, WHIP_EVENT_ACTIVE, NULL, NULL);
  else if (g_str_equal (name, "inactive"))
    add_event (sse, WHIP_EVENT_INACTIVE, NULL, NULL);
  else if (g_str_equal (name, "reconnect"))
    add_event (sse, WHIP_EVENT_RECONNECT, NULL, net_json_get_text (root,
            "url"));
  else if (g_str_equal (name, "status") && net_json_has (root, "isOnline"))
    add_event (sse, net_json_get_flag (root, "isOnline") ? WHIP_EVENT_ACTIVE :
        WHIP_EVENT_INACTIVE, NULL, NULL);
  else if (g_strv_contains (others, name)
      && g_utf8_validate_len (sse->data->str, sse->data->len, NULL))
    add_event (sse, WHIP_EVENT_OTHER, name, NULL);
}

/* At the empty line. Without data there is no event (HTML, 9.2.6). */
static void
dispatch (WhipSse * sse)
{
  g_autofree gchar *name = g_steal_pointer (&sse->name);

  if (sse->has_data && name)
    take_event (sse, name);
  g_string_truncate (sse->data, 0);
  sse->has_data = FALSE;
}

static void
take_field (WhipSse * sse, const gchar * name, const gchar * value)
{
  if (g_str_equal (name, "event")) {
    g_free (sse->name);
    sse->name = g_strdup (value);
  } else if (g_str_equal (name, "data")) {
    if (sse->has_data)
      g_string_append_c (sse->data, '\n');
    g_string_append (sse->data, value);
    sse->has_data = TRUE;
  }
}

static void
take_line (WhipSse * sse)
{
  gchar *text = sse->line->str;
  gchar *colon;

  if (!sse->started && g_str_has_prefix (text, "\xef\xbb\xbf"))
    text += 3;
  sse->started = TRUE;
  colon = strchr (text, ':');
  if (*text == '\0') {
    dispatch (sse);
  } else if (!colon) {
    take_field (sse, text, "");
  } else if (colon > text) {
    *colon = '\0';
    take_field (sse, text, colon + (colon[1] == ' ' ? 2 : 1));
  }
  g_string_truncate (sse->line, 0);
}

gboolean
whip_sse_push (WhipSse * sse, const gchar * bytes, gsize size)
{
  for (gsize i = 0; i < size; i++) {
    gboolean after_cr = sse->after_cr;

    sse->after_cr = bytes[i] == '\r';
    if (bytes[i] == '\0')
      return FALSE;
    if (bytes[i] == '\n' && after_cr)
      continue;
    if (bytes[i] == '\r' || bytes[i] == '\n')
      take_line (sse);
    else
      g_string_append_c (sse->line, bytes[i]);
    if (sse->line->len + sse->data->len > WHIP_SSE_MAX_SIZE
        || sse->events.length > WHIP_SSE_MAX_EVENTS)
      return FALSE;
  }
  return TRUE;
}

/* Returns: (nullable) (transfer full): the next event */
WhipEvent *
whip_sse_pop (WhipSse * sse)
{
  return g_queue_pop_head (&sse->events);
}

gboolean
whip_sse_has_events (const WhipSse * sse)
{
  return sse->events.length > 0;
}

/* A server may refuse a subscription to events that it does not have.
 * @offered: (nullable): the events that its link names, separated by commas
 * Returns: (nullable) (transfer full): the list to request, in JSON; %NULL: all */
gchar *
whip_events_wanted (const gchar * offered)
{
  g_auto (GStrv) names = g_strsplit_set (offered ? offered : "", ", ", -1);
  g_autoptr (GString) list = g_string_new ("[");

  for (guint i = 0; i < G_N_ELEMENTS (known); i++) {
    if (g_strv_contains ((const gchar * const *) names, known[i]))
      g_string_append_printf (list, "%s\"%s\"", list->len > 1 ? "," : "",
          known[i]);
  }
  if (list->len == 1)
    return NULL;
  g_string_append_c (list, ']');
  return g_string_free (g_steal_pointer (&list), FALSE);
}
