/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Resolves remote candidates that have a host name instead of an address. */
#include "config.h"

#include "gstrcasticeresolve.h"

#include "gstrcasticelog.h"
#include "rcast-text.h"

GST_RCAST_ICE_LOG_CATEGORY ("rcasticeresolve",
    "Names in the candidates of the ICE agent")

/* RFC 8839 5.1: index of the address, the fifth word. */
#define ADDRESS 4

typedef struct
{
  gchar *name;                  /* in logs */
  gchar **words;
  GCancellable *cancellable;
  GstRcastIceResolveFunc func;
  gpointer data;
} Lookup;

static void
free_lookup (Lookup * lookup)
{
  g_free (lookup->name);
  g_strfreev (lookup->words);
  g_object_unref (lookup->cancellable);
  g_free (lookup);
}

static void
resolved (GObject * source, GAsyncResult * result, gpointer data)
{
  Lookup *lookup = data;
  g_autoptr (GError) error = NULL;
  GList *addresses = g_resolver_lookup_by_name_finish (G_RESOLVER (source),
      result, &error);

  /* The owner is gone: drop the result. */
  if (g_cancellable_is_cancelled (lookup->cancellable)) {
    GST_DEBUG_ID (lookup->name, "look-up cancelled");
  } else if (!addresses) {
    g_autofree gchar *clean = gst_rcast_text_clean (lookup->words[ADDRESS], -1);

    GST_INFO_ID (lookup->name, "candidate %s not resolved: %s", clean,
        error->message);
  } else {
    g_autofree gchar *candidate = NULL;

    g_free (lookup->words[ADDRESS]);
    lookup->words[ADDRESS] = g_inet_address_to_string (addresses->data);
    candidate = g_strjoinv (" ", lookup->words);
    lookup->func (candidate, lookup->data);
  }
  g_list_free_full (addresses, g_object_unref);
  free_lookup (lookup);
}

/* RFC 8828: browsers hide their addresses behind mDNS names. */
gboolean
gst_rcast_ice_resolve_is_needed (const gchar * candidate)
{
  g_auto (GStrv) words = g_strsplit (candidate, " ", ADDRESS + 2);

  return g_strv_length (words) > ADDRESS
      && g_str_has_suffix (words[ADDRESS], ".local");
}

/* For a candidate with a name. Calls back in the thread's default main context, unless @cancellable
 * has been cancelled there. */
void
gst_rcast_ice_resolve (const gchar * name, const gchar * candidate,
    GCancellable * cancellable, GstRcastIceResolveFunc func, gpointer data)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  Lookup *lookup = g_new0 (Lookup, 1);

  lookup->name = g_strdup (name);
  lookup->words = g_strsplit (candidate, " ", -1);
  lookup->cancellable = g_object_ref (cancellable);
  lookup->func = func;
  lookup->data = data;
  g_resolver_lookup_by_name_async (resolver, lookup->words[ADDRESS],
      cancellable, resolved, lookup);
}
