/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Resolves the host name of an agent's HTTP proxy. */
#include "config.h"

#include "gstrcasticeproxy.h"

#include "gstrcasticelog.h"

GST_RCAST_ICE_LOG_CATEGORY ("rcasticeproxy", "HTTP proxy of an ICE agent")

typedef struct
{
  GWeakRef owner;
  gchar *host;
  GCancellable *cancellable;
  GstRcastIceProxyFunc func;
} Lookup;

static void
free_lookup (Lookup * lookup)
{
  g_weak_ref_clear (&lookup->owner);
  g_free (lookup->host);
  g_object_unref (lookup->cancellable);
  g_free (lookup);
}

static void
resolved (GObject * source, GAsyncResult * result, gpointer data)
{
  Lookup *lookup = data;
  g_autoptr (GObject) owner = g_weak_ref_get (&lookup->owner);
  g_autoptr (GError) error = NULL;
  GList *addresses = g_resolver_lookup_by_name_finish (G_RESOLVER (source),
      result, &error);

  if (owner && addresses) {
    g_autofree gchar *address = g_inet_address_to_string (addresses->data);

    lookup->func (owner, address, lookup->cancellable);
  } else if (owner && !g_cancellable_is_cancelled (lookup->cancellable)) {
    GST_WARNING_OBJECT (owner, "HTTP proxy not resolved, going on without: %s",
        error->message);
  }
  g_list_free_full (addresses, g_object_unref);
  free_lookup (lookup);
}

static gboolean
start (gpointer data)
{
  Lookup *lookup = data;
  g_autoptr (GResolver) resolver = g_resolver_get_default ();

  g_resolver_lookup_by_name_async (resolver, lookup->host,
      lookup->cancellable, resolved, lookup);
  return G_SOURCE_REMOVE;
}

/* Calls @func with the address. @func must check @cancellable under its own lock. The look-up holds
 * no reference to @owner, so @owner must cancel it when it is disposed. */
void
gst_rcast_ice_proxy_look_up (GstRcastLoop * loop, const gchar * host,
    GCancellable * cancellable, GObject * owner, GstRcastIceProxyFunc func)
{
  Lookup *lookup = g_new0 (Lookup, 1);

  g_weak_ref_init (&lookup->owner, owner);
  lookup->host = g_strdup (host);
  lookup->cancellable = g_object_ref (cancellable);
  lookup->func = func;
  gst_rcast_loop_invoke (loop, start, lookup, NULL);
}
