/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reports changes of the host's network, with or without a session. */
#include "config.h"

#include "gstrcasticemonitor.h"
#include "gstrcastice-enumtypes.h"

#include <gst/gst.h>

#include "rcast-uplinks.h"

GST_DEBUG_CATEGORY_STATIC (rcast_ice_monitor_debug);
#define GST_CAT_DEFAULT rcast_ice_monitor_debug

enum
{
  SIGNAL_NETWORK_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* Only on the context's thread, except for dup_uplinks(). */
struct _GstRcastIceMonitor
{
  GObject parent;
  GstRcastUplinksWatch *network;  /* NULL when stopped, or without netlink */

  GMutex lock;                  /* a leaf: no other lock is taken under it */
  gchar **uplinks;              /* lock: as last reported */
};

G_DEFINE_FINAL_TYPE (GstRcastIceMonitor, gst_rcast_ice_monitor, G_TYPE_OBJECT);

static gboolean
contains_all (gchar ** words, gchar ** other)
{
  for (guint i = 0; other[i]; i++) {
    if (!g_strv_contains ((const gchar * const *) words, other[i]))
      return FALSE;
  }
  return TRUE;
}

/* Reports every difference, as an application may be waiting for just this one. */
static void
on_network (gpointer data)
{
  GstRcastIceMonitor *self = data;
  g_auto (GStrv) uplinks = gst_rcast_uplinks_describe ();
  g_auto (GStrv) old = NULL;
  g_autofree gchar *list = NULL;
  GstRcastIceNetworkChange change;

  if (g_strv_equal ((const gchar * const *) uplinks,
          (const gchar * const *) self->uplinks))
    return;
  g_mutex_lock (&self->lock);
  old = self->uplinks;
  self->uplinks = g_strdupv (uplinks);
  g_mutex_unlock (&self->lock);
  if (!contains_all (old, uplinks))
    change = GST_RCAST_ICE_NETWORK_CHANGE_UP;
  else if (!uplinks[0])
    change = GST_RCAST_ICE_NETWORK_CHANGE_LOST;
  else
    change = GST_RCAST_ICE_NETWORK_CHANGE_REDUCED;
  list = g_strjoinv (", ", uplinks);
  GST_INFO_OBJECT (self, "the network is now: %s", list[0] ? list : "none");
  g_object_ref (self);
  g_signal_emit (self, signals[SIGNAL_NETWORK_CHANGED], 0, change, uplinks);
  g_object_unref (self);
}

/**
 * gst_rcast_ice_monitor_new:
 * @context: (nullable): where signals are emitted; %NULL for the default one
 *
 * Watches the host's interfaces through netlink, as each #GstRcastIce does for itself. It
 * is needed only while there is no agent, such as between two attempts.
 *
 * Returns: (transfer full): a monitor. Without netlink it never emits a signal.
 *
 * Since: 0.1
 */
GstRcastIceMonitor *
gst_rcast_ice_monitor_new (GMainContext * context)
{
  GstRcastIceMonitor *self = g_object_new (GST_TYPE_RCAST_ICE_MONITOR, NULL);

  /* Subscribe first, then read the state, so that no change is missed. */
  self->network = gst_rcast_uplinks_watch_new (context, on_network, self);
  if (!self->network)
    GST_WARNING_OBJECT (self, "no netlink, going on without: a network that "
        "comes will not be noticed");
  self->uplinks = gst_rcast_uplinks_describe ();
  return self;
}

/**
 * gst_rcast_ice_monitor_dup_uplinks:
 * @monitor: a monitor
 *
 * Returns: (transfer full): the present addresses, each as `interface/address`, and
 * again as `interface/address/route` if there is a default route from it; empty if
 * there is no network. Any thread.
 *
 * Since: 0.1
 */
gchar **
gst_rcast_ice_monitor_dup_uplinks (GstRcastIceMonitor * monitor)
{
  gchar **uplinks;

  g_return_val_if_fail (GST_IS_RCAST_ICE_MONITOR (monitor), NULL);

  g_mutex_lock (&monitor->lock);
  uplinks = g_strdupv (monitor->uplinks);
  g_mutex_unlock (&monitor->lock);
  return uplinks;
}

/**
 * gst_rcast_ice_monitor_stop:
 * @monitor: a monitor
 *
 * Stops the monitor: no signal follows. Call this on the context's thread, or when the
 * context no longer runs. May be called twice.
 *
 * Since: 0.1
 */
void
gst_rcast_ice_monitor_stop (GstRcastIceMonitor * monitor)
{
  g_return_if_fail (GST_IS_RCAST_ICE_MONITOR (monitor));

  g_clear_pointer (&monitor->network, gst_rcast_uplinks_watch_free);
}

static void
gst_rcast_ice_monitor_dispose (GObject * object)
{
  gst_rcast_ice_monitor_stop (GST_RCAST_ICE_MONITOR (object));
  G_OBJECT_CLASS (gst_rcast_ice_monitor_parent_class)->dispose (object);
}

static void
gst_rcast_ice_monitor_finalize (GObject * object)
{
  GstRcastIceMonitor *self = GST_RCAST_ICE_MONITOR (object);

  g_strfreev (self->uplinks);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (gst_rcast_ice_monitor_parent_class)->finalize (object);
}

static void
gst_rcast_ice_monitor_class_init (GstRcastIceMonitorClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (rcast_ice_monitor_debug, "rcasticemonitor", 0,
      "The host's network");
  object_class->dispose = gst_rcast_ice_monitor_dispose;
  object_class->finalize = gst_rcast_ice_monitor_finalize;
  /**
   * GstRcastIceMonitor::network-changed:
   * @monitor: the monitor
   * @change: the kind of change
   * @uplinks: all present ones, as in gst_rcast_ice_monitor_dup_uplinks()
   *
   * Emitted in the monitor's context.
   *
   * Since: 0.1
   */
  signals[SIGNAL_NETWORK_CHANGED] = g_signal_new ("network-changed",
      G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 2, GST_TYPE_RCAST_ICE_NETWORK_CHANGE, G_TYPE_STRV);
}

static void
gst_rcast_ice_monitor_init (GstRcastIceMonitor * self)
{
  g_mutex_init (&self->lock);
}
