/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tracks the uplinks that an agent's settings allow. */
#include "config.h"

#include "gstrcasticenetwork.h"

#include "gstrcasticelog.h"
#include "rcast-uplinks.h"

GST_RCAST_ICE_LOG_CATEGORY ("rcasticenetwork", "Uplinks of an ICE agent")

struct _GstRcastIceNetwork
{
  gatomicrefcount ref_count;
  GWeakRef owner;
  GstRcastLoop *loop;
  const GstRcastIceNetworkCallbacks *callbacks;

  /* Only on the loop's thread. */
  GstRcastUplinksWatch *watch;  /* NULL: not started, or there is no netlink */
  gchar **uplinks;              /* as last reported; NULL: not started */
  gboolean stopped;
};

GstRcastIceNetwork *
gst_rcast_ice_network_new (GObject * owner, GstRcastLoop * loop,
    const GstRcastIceNetworkCallbacks * callbacks)
{
  GstRcastIceNetwork *network = g_new0 (GstRcastIceNetwork, 1);

  g_atomic_ref_count_init (&network->ref_count);
  g_weak_ref_init (&network->owner, owner);
  network->loop = gst_rcast_loop_ref (loop);
  network->callbacks = callbacks;
  return network;
}

static GstRcastIceNetwork *
ref_network (GstRcastIceNetwork * network)
{
  g_atomic_ref_count_inc (&network->ref_count);
  return network;
}

void
gst_rcast_ice_network_unref (GstRcastIceNetwork * network)
{
  if (!g_atomic_ref_count_dec (&network->ref_count))
    return;
  g_weak_ref_clear (&network->owner);
  g_strfreev (network->uplinks);
  gst_rcast_loop_unref (network->loop);
  g_free (network);
}

static gchar **
list_uplinks (GstRcastIceNetwork * network, GObject * owner)
{
  g_autoptr (GstRcastIceSettings) settings =
      network->callbacks->settings (owner);
  g_autoptr (GPtrArray) uplinks =
      gst_rcast_uplinks_list (settings->addresses,
      (const gchar * const *) settings->path_preference);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < uplinks->len; i++) {
    GstRcastUplink *uplink = uplinks->pdata[i];

    for (guint k = 0; k < uplink->addresses->len; k++) {
      g_autofree gchar *word = g_strdup_printf ("%s/%s", uplink->name,
          (const gchar *) uplink->addresses->pdata[k]);

      g_strv_builder_add (builder, word);
    }
  }
  return g_strv_builder_end (builder);
}

static void
on_change (gpointer data)
{
  GstRcastIceNetwork *network = data;
  g_autoptr (GObject) owner = g_weak_ref_get (&network->owner);
  g_auto (GStrv) uplinks = NULL;
  gboolean same;

  if (!owner)
    return;
  uplinks = list_uplinks (network, owner);
  same = g_strv_equal ((const gchar * const *) uplinks,
      (const gchar * const *) network->uplinks);
  if (!same) {
    g_strfreev (network->uplinks);
    network->uplinks = g_strdupv (uplinks);
  }
  network->callbacks->changed (owner,
      same ? NULL : (const gchar * const *) uplinks);
}

static gboolean
do_start (gpointer data)
{
  GstRcastIceNetwork *network = data;
  g_autoptr (GObject) owner = g_weak_ref_get (&network->owner);

  if (!owner || network->stopped || network->watch)
    return G_SOURCE_REMOVE;
  network->uplinks = list_uplinks (network, owner);
  network->watch = gst_rcast_uplinks_watch_new
      (gst_rcast_loop_get_context (network->loop), on_change, network);
  if (!network->watch)
    GST_WARNING_OBJECT (owner, "no netlink, going on without: a new interface "
        "will not be noticed");
  return G_SOURCE_REMOVE;
}

static gboolean
do_stop (gpointer data)
{
  GstRcastIceNetwork *network = data;

  network->stopped = TRUE;
  g_clear_pointer (&network->watch, gst_rcast_uplinks_watch_free);
  return G_SOURCE_REMOVE;
}

void
gst_rcast_ice_network_start (GstRcastIceNetwork * network)
{
  gst_rcast_loop_invoke (network->loop, do_start, ref_network (network),
      (GDestroyNotify) gst_rcast_ice_network_unref);
}

static gboolean
do_refresh (gpointer data)
{
  GstRcastIceNetwork *network = data;

  if (!network->stopped && network->uplinks)
    on_change (network);
  return G_SOURCE_REMOVE;
}

/* The settings have changed which uplinks are allowed. */
void
gst_rcast_ice_network_refresh (GstRcastIceNetwork * network)
{
  gst_rcast_loop_invoke (network->loop, do_refresh, ref_network (network),
      (GDestroyNotify) gst_rcast_ice_network_unref);
}

/* Stops for good. Call this before the loop is stopped. */
void
gst_rcast_ice_network_stop (GstRcastIceNetwork * network)
{
  if (gst_rcast_loop_is_current (network->loop))
    do_stop (network);
  else
    gst_rcast_loop_invoke (network->loop, do_stop, ref_network (network),
        (GDestroyNotify) gst_rcast_ice_network_unref);
}
