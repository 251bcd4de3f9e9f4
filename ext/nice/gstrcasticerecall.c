/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The records of this host's uplinks, shared by all agents of the process. */
#include "config.h"

#include "gstrcasticerecall.h"

#include <sys/stat.h>

static GMutex lock;             /* a leaf: no other lock is taken under it */
/* lock: key to GstRcastIceRecord; one per interface that carried media */
static GHashTable *records;

/* Returns: (transfer full): a key for @interface in the network namespace of this thread, as other
 * namespaces may have an interface of the same name */
gchar *
gst_rcast_ice_recall_make_key (const gchar * interface)
{
  struct stat space = { 0, };

  if (stat ("/proc/thread-self/ns/net", &space) != 0)
    return g_strdup (interface);
  return g_strdup_printf ("%" G_GUINT64_FORMAT "/%s", (guint64) space.st_ino,
      interface);
}

static GstRcastIceRecord *
find_locked (const gchar * key, gint64 now)
{
  GstRcastIceRecord *record;

  if (!records)
    records = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  record = g_hash_table_lookup (records, key);
  if (record)
    return record;
  record = g_new (GstRcastIceRecord, 1);
  gst_rcast_ice_record_init (record, now);
  g_hash_table_insert (records, g_strdup (key), record);
  return record;
}

void
gst_rcast_ice_recall_alive (const gchar * key, gint64 rtt, gint64 now)
{
  if (!key)
    return;
  g_mutex_lock (&lock);
  gst_rcast_ice_record_alive (find_locked (key, now), rtt, now);
  g_mutex_unlock (&lock);
}

void
gst_rcast_ice_recall_leave (const gchar * key, GstRcastIceTrouble trouble,
    gint64 now)
{
  if (!key)
    return;
  g_mutex_lock (&lock);
  gst_rcast_ice_record_leave (find_locked (key, now), trouble, now);
  g_mutex_unlock (&lock);
}

void
gst_rcast_ice_recall_lose (const gchar * key, guint lost, guint expected,
    gint64 now)
{
  if (!key)
    return;
  g_mutex_lock (&lock);
  gst_rcast_ice_record_lose (find_locked (key, now), lost, expected, now);
  g_mutex_unlock (&lock);
}

void
gst_rcast_ice_recall_fit (const gchar * key, guint64 room, guint64 needed,
    gint64 now)
{
  if (!key)
    return;
  g_mutex_lock (&lock);
  gst_rcast_ice_record_fit (find_locked (key, now), room, needed, now);
  g_mutex_unlock (&lock);
}

void
gst_rcast_ice_recall_forget (void)
{
  g_mutex_lock (&lock);
  g_clear_pointer (&records, g_hash_table_unref);
  g_mutex_unlock (&lock);
}

void
gst_rcast_ice_recall_pass (const gchar * key)
{
  if (!key)
    return;
  g_mutex_lock (&lock);
  gst_rcast_ice_record_pass (find_locked (key, 0));
  g_mutex_unlock (&lock);
}

/* Adds the record to @view. Does nothing for an uplink that has never worked. */
void
gst_rcast_ice_recall_view (const gchar * key, GstRcastIcePathView * view,
    gint64 now)
{
  const GstRcastIceRecord *record;

  if (!key)
    return;
  g_mutex_lock (&lock);
  record = records ? g_hash_table_lookup (records, key) : NULL;
  if (record)
    gst_rcast_ice_record_recall (record, view, now);
  g_mutex_unlock (&lock);
}
