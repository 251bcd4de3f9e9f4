/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The paths that packets go out on, for streaming threads. */
#include "config.h"

#include "gstrcasticesender.h"

#include <string.h>

#include "gstrcasticerecent.h"

#define MAX_PATHS GST_RCAST_ICE_MAX_ROUTE

struct _GstRcastIceSender
{
  GstRcastIceSenderFunc refused;
  gpointer data;

  /* Set before anything is sent; all NULL: nobody asks. */
  guint session;
  GstRcastIceSentFunc sent;
  GObject *sent_object;

  GMutex lock;                  /* a leaf: nothing is called under it */
  GstRcastIcePath *paths[MAX_PATHS];    /* lock; written by the agent's thread only */
  guint n_carrying;             /* lock; the same: the first so many get each packet */
  GstRcastIcePath *refusing;    /* lock: could not send; one at a time */
  guint64 unsent;               /* lock: packets that no path took */
  GstRcastIceRecent *recent;    /* lock: NULL until another path stands by */
};

GstRcastIceSender *
gst_rcast_ice_sender_new (GstRcastIceSenderFunc refused, gpointer data)
{
  GstRcastIceSender *sender = g_new0 (GstRcastIceSender, 1);

  g_mutex_init (&sender->lock);
  sender->refused = refused;
  sender->data = data;
  return sender;
}

void
gst_rcast_ice_sender_free (GstRcastIceSender * sender)
{
  gst_rcast_ice_sender_set_paths (sender, NULL, NULL, 0);
  g_clear_pointer (&sender->refusing, gst_rcast_ice_path_unref);
  g_clear_pointer (&sender->recent, gst_rcast_ice_recent_free);
  g_clear_object (&sender->sent_object);
  g_mutex_clear (&sender->lock);
  g_free (sender);
}

/* Before anything is sent. */
void
gst_rcast_ice_sender_set_sent_func (GstRcastIceSender * sender,
    guint session, GstRcastIceSentFunc func, GObject * object)
{
  sender->session = session;
  sender->sent = func;
  g_set_object (&sender->sent_object, object);
}

/* The buffers of @messages lie one behind the other. Returns: how many @path has taken */
static guint
send_on_path (GstRcastIceSender * sender, GstRcastIcePath * path,
    const NiceOutputMessage * messages, guint n_messages, gboolean * failed)
{
  guint n = gst_rcast_ice_path_send (path, messages, n_messages, failed);

  if (n > 0 && sender->sent)
    sender->sent (sender->session, gst_rcast_ice_path_get_interface (path),
        messages[0].buffers, n, sender->sent_object);
  return n;
}

static GstRcastIcePath *
ref_path (GstRcastIcePath * path)
{
  return path ? gst_rcast_ice_path_ref (path) : NULL;
}

/* @first and @second may be NULL; @second only if @first is. */
void
gst_rcast_ice_sender_set_paths (GstRcastIceSender * sender,
    GstRcastIcePath * first, GstRcastIcePath * second, guint n_carrying)
{
  GstRcastIcePath *paths[MAX_PATHS] = { ref_path (first), ref_path (second) };
  GstRcastIcePath *old[MAX_PATHS];

  g_mutex_lock (&sender->lock);
  memcpy (old, sender->paths, sizeof old);
  memcpy (sender->paths, paths, sizeof paths);
  sender->n_carrying = n_carrying;
  g_mutex_unlock (&sender->lock);
  for (guint i = 0; i < MAX_PATHS; i++)
    g_clear_pointer (&old[i], gst_rcast_ice_path_unref);
}

/* Returns: (nullable) (transfer none) */
GstRcastIcePath *
gst_rcast_ice_sender_get_path (GstRcastIceSender * sender, guint index)
{
  return sender->paths[index];
}

guint
gst_rcast_ice_sender_get_n_carrying (GstRcastIceSender * sender)
{
  return sender->n_carrying;
}

/* Whether there is a path at @index that works. */
gboolean
gst_rcast_ice_sender_is_working (GstRcastIceSender * sender, guint index)
{
  GstRcastIcePathView view;

  if (!sender->paths[index])
    return FALSE;
  gst_rcast_ice_path_get_view (sender->paths[index], &view);
  return gst_rcast_ice_path_view_is_working (&view);
}

/* Sends once more, on @path, what went out since @since (monotonic us). Returns whether all
 * of that was still known. */
gboolean
gst_rcast_ice_sender_repeat (GstRcastIceSender * sender,
    GstRcastIcePath * path, gint64 since)
{
  g_autoptr (GPtrArray) packets = NULL;
  gboolean complete = FALSE;
  gboolean failed;

  g_mutex_lock (&sender->lock);
  if (sender->recent)
    packets = gst_rcast_ice_recent_dup_since (sender->recent, since, &complete);
  g_mutex_unlock (&sender->lock);
  for (guint i = 0; packets && i < packets->len; i++) {
    gsize size;
    GOutputVector vector = { g_bytes_get_data (packets->pdata[i], &size), 0 };
    NiceOutputMessage message = { &vector, 1 };

    vector.size = size;
    send_on_path (sender, path, &message, 1, &failed);
  }
  return complete;
}

/* Packets without a healthy path may be lost: better one key frame too many than a
 * frozen picture. */
gboolean
gst_rcast_ice_sender_is_in_doubt (GstRcastIceSender * sender)
{
  for (guint i = 0; i < sender->n_carrying; i++) {
    GstRcastIcePathView view;

    gst_rcast_ice_path_get_view (sender->paths[i], &view);
    if (view.state == GST_RCAST_ICE_PATH_STATE_ALIVE)
      return FALSE;
  }
  return TRUE;
}

/* Returns: (nullable) (transfer full) */
GstRcastIcePath *
gst_rcast_ice_sender_steal_refusing (GstRcastIceSender * sender)
{
  GstRcastIcePath *path;

  g_mutex_lock (&sender->lock);
  path = g_steal_pointer (&sender->refusing);
  g_mutex_unlock (&sender->lock);
  return path;
}

/* Whether media goes out on @path. */
gboolean
gst_rcast_ice_sender_is_carrying (GstRcastIceSender * sender,
    GstRcastIcePath * path)
{
  gboolean found = FALSE;

  g_mutex_lock (&sender->lock);
  for (guint i = 0; i < sender->n_carrying; i++)
    found = found || sender->paths[i] == path;
  g_mutex_unlock (&sender->lock);
  return found;
}

/* Returns: (nullable) (transfer full): the path that carries media */
GstRcastIcePath *
gst_rcast_ice_sender_ref_first (GstRcastIceSender * sender)
{
  GstRcastIcePath *path;

  g_mutex_lock (&sender->lock);
  path = ref_path (sender->paths[0]);
  g_mutex_unlock (&sender->lock);
  return path;
}

guint64
gst_rcast_ice_sender_get_unsent (GstRcastIceSender * sender)
{
  guint64 unsent;

  g_mutex_lock (&sender->lock);
  unsent = sender->unsent;
  g_mutex_unlock (&sender->lock);
  return unsent;
}

static void
report_refusal (GstRcastIceSender * sender, GstRcastIcePath * path)
{
  gboolean first;

  g_mutex_lock (&sender->lock);
  first = !sender->refusing;
  if (first)
    sender->refusing = gst_rcast_ice_path_ref (path);
  g_mutex_unlock (&sender->lock);
  if (first)
    sender->refused (sender->data);
}

/* On all @paths that carry; what the only one of them does not take goes out on the one
 * that stands by. Returns how many packets went out. */
static guint
send_on (GstRcastIceSender * sender, GstRcastIcePath ** paths,
    guint n_carrying, const NiceOutputMessage * messages, guint n_messages)
{
  guint sent = 0;

  for (guint i = 0; i < n_carrying; i++) {
    gboolean failed;
    guint n = send_on_path (sender, paths[i], messages, n_messages, &failed);

    sent = MAX (sent, n);
    if (!failed)
      continue;
    report_refusal (sender, paths[i]);
    if (n_carrying == 1 && paths[1])
      sent += send_on_path (sender, paths[1], messages + n, n_messages - n,
          &failed);
  }
  return sent;
}

/* With the lock. Only what another path could repeat is worth a copy. */
static void
keep (GstRcastIceSender * sender, const GOutputVector * packets,
    guint n_packets)
{
  gint64 now;

  if (!sender->paths[1] || sender->n_carrying != 1)
    return;
  if (!sender->recent)
    sender->recent = gst_rcast_ice_recent_new ();
  now = g_get_monotonic_time ();
  for (guint i = 0; i < n_packets; i++)
    gst_rcast_ice_recent_add (sender->recent, packets[i].buffer,
        packets[i].size, now);
}

/* What no path takes is counted and forgotten. */
void
gst_rcast_ice_sender_send (GstRcastIceSender * sender,
    GOutputVector * packets, guint n_packets)
{
  NiceOutputMessage messages[GST_RCAST_ICE_MAX_BATCH];
  GstRcastIcePath *paths[MAX_PATHS];
  guint n_carrying;
  guint sent;

  g_assert (n_packets <= GST_RCAST_ICE_MAX_BATCH);
  if (n_packets == 0)
    return;
  g_mutex_lock (&sender->lock);
  n_carrying = sender->n_carrying;
  for (guint i = 0; i < MAX_PATHS; i++)
    paths[i] = ref_path (sender->paths[i]);
  keep (sender, packets, n_packets);
  g_mutex_unlock (&sender->lock);
  for (guint i = 0; i < n_packets; i++) {
    messages[i].buffers = &packets[i];
    messages[i].n_buffers = 1;
  }
  sent = send_on (sender, paths, n_carrying, messages, n_packets);
  for (guint i = 0; i < MAX_PATHS; i++)
    g_clear_pointer (&paths[i], gst_rcast_ice_path_unref);
  if (sent < n_packets) {
    g_mutex_lock (&sender->lock);
    sender->unsent += n_packets - sent;
    g_mutex_unlock (&sender->lock);
  }
}
