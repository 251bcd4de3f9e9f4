/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Remote candidates that have a name instead of an address. */
#include "config.h"

#include "gstrcasticeresolve.h"

#include <gio/gio.h>
#include <gst/gst.h>

GST_DEBUG_CATEGORY_STATIC (rcast_ice_resolve_debug);
#define GST_CAT_DEFAULT rcast_ice_resolve_debug

/* RFC 8839 5.1: the address is the fifth word. */
#define ADDRESS 4

typedef struct
{
  gchar **words;
  GstRcastIceResolveFunc func;
  gpointer data;
  GDestroyNotify notify;
} Resolution;

static void
resolved (GObject * source, GAsyncResult * result, gpointer data)
{
  Resolution *resolution = data;
  g_autoptr (GError) error = NULL;
  GList *addresses = g_resolver_lookup_by_name_finish (G_RESOLVER (source),
      result, &error);

  if (!addresses) {
    GST_INFO ("candidate %s not resolved: %s", resolution->words[ADDRESS],
        error->message);
  } else {
    g_autofree gchar *candidate = NULL;

    g_free (resolution->words[ADDRESS]);
    resolution->words[ADDRESS] = g_inet_address_to_string (addresses->data);
    candidate = g_strjoinv (" ", resolution->words);
    resolution->func (candidate, resolution->data);
  }
  g_list_free_full (addresses, g_object_unref);
  g_strfreev (resolution->words);
  resolution->notify (resolution->data);
  g_free (resolution);
}

/* RFC 8828: browsers hide their addresses behind multicast DNS names. Takes @words,
 * those of a candidate; calls back in the thread's default main context. */
void
gst_rcast_ice_resolve (gchar ** words, GstRcastIceResolveFunc func,
    gpointer data, GDestroyNotify notify)
{
  static gsize once = 0;
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  Resolution *resolution = g_new0 (Resolution, 1);

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_ice_resolve_debug, "rcasticeresolve", 0,
        "Names in the candidates of the ICE agent");
    g_once_init_leave (&once, 1);
  }
  *resolution = (Resolution) {
  words, func, data, notify};
  g_resolver_lookup_by_name_async (resolver, words[ADDRESS], NULL, resolved,
      resolution);
}
