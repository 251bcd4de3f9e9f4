/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends packets from streaming threads on the paths of the current route. */
#include "config.h"

#include "gstrcasticesender.h"

#include <string.h>

#include "gstrcasticerecent.h"

#define MAX_PATHS GST_RCAST_ICE_MAX_ROUTE
/* Paths are bonded only while the choose function chooses. It makes no choice for the few packets
 * without a number, such as RTCP, so this time must pass before that counts as no choice. */
#define CHOICE_FORGOTTEN_US (1 * G_USEC_PER_SEC)

struct _GstRcastIceSender
{
  GstRcastIceSenderFunc refused;
  gpointer data;

  /* Set before anything is sent. All NULL: nobody asks. */
  guint session;
  GstRcastIceSentFunc sent;
  GObject *sent_object;
  GstRcastIceChooseFunc choose;
  GObject *choose_object;

  GMutex lock;                  /* a leaf: no other lock is taken under it */
  GstRcastIceWay way;           /* lock; written by the agent's thread only; holds its paths */
  GstRcastIcePath *refusing;    /* lock: a path that refused packets, one at a time */
  guint64 unsent;               /* lock: packets that no path took */
  gint64 chosen;                /* lock: time of the last choice or the first question; 0: never */
  GstRcastIceRecent *recent;    /* lock: NULL until there is a standby path */
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
  static const GstRcastIceWay none = { {NULL}, 0, FALSE, FALSE };

  gst_rcast_ice_sender_set_way (sender, &none);
  g_clear_pointer (&sender->refusing, gst_rcast_ice_path_unref);
  g_clear_pointer (&sender->recent, gst_rcast_ice_recent_free);
  g_clear_object (&sender->sent_object);
  g_clear_object (&sender->choose_object);
  g_mutex_clear (&sender->lock);
  g_free (sender);
}

/* Call this before anything is sent. */
void
gst_rcast_ice_sender_set_sent_func (GstRcastIceSender * sender,
    guint session, GstRcastIceSentFunc func, GObject * object)
{
  sender->session = session;
  sender->sent = func;
  g_set_object (&sender->sent_object, object);
}

/* Likewise. */
void
gst_rcast_ice_sender_set_choose_func (GstRcastIceSender * sender,
    GstRcastIceChooseFunc func, GObject * object)
{
  sender->choose = func;
  g_set_object (&sender->choose_object, object);
}

/* The buffers of @messages are adjacent in memory. @trial: whether they test the capacity of @path
 * Returns: how many packets @path took */
static guint
send_for (GstRcastIceSender * sender, GstRcastIcePath * path, gboolean trial,
    const NiceOutputMessage * messages, guint n_messages, gboolean * failed)
{
  guint n = gst_rcast_ice_path_send (path, messages, n_messages, failed);

  if (n > 0 && sender->sent)
    sender->sent (sender->session, gst_rcast_ice_path_get_interface (path),
        trial, messages[0].buffers, n, sender->sent_object);
  return n;
}

/* Likewise, for packets that are not a trial. */
static guint
send_on_path (GstRcastIceSender * sender, GstRcastIcePath * path,
    const NiceOutputMessage * messages, guint n_messages, gboolean * failed)
{
  return send_for (sender, path, FALSE, messages, n_messages, failed);
}

static GstRcastIcePath *
ref_path (GstRcastIcePath * path)
{
  return path ? gst_rcast_ice_path_ref (path) : NULL;
}

static void
ref_paths (GstRcastIceWay * way)
{
  for (guint i = 0; i < MAX_PATHS; i++)
    way->paths[i] = ref_path (way->paths[i]);
}

static void
unref_paths (GstRcastIceWay * way)
{
  for (guint i = 0; i < MAX_PATHS; i++)
    g_clear_pointer (&way->paths[i], gst_rcast_ice_path_unref);
}

void
gst_rcast_ice_sender_set_way (GstRcastIceSender * sender,
    const GstRcastIceWay * way)
{
  GstRcastIceWay fresh = *way, old;

  ref_paths (&fresh);
  g_mutex_lock (&sender->lock);
  old = sender->way;
  sender->way = fresh;
  g_mutex_unlock (&sender->lock);
  unref_paths (&old);
}

/* Whether @way is the current way. */
gboolean
gst_rcast_ice_sender_has_way (GstRcastIceSender * sender,
    const GstRcastIceWay * way)
{
  return memcmp (sender->way.paths, way->paths, sizeof way->paths) == 0
      && sender->way.n_carrying == way->n_carrying
      && sender->way.bonding == way->bonding
      && sender->way.trying == way->trying;
}

/* Returns: (nullable) (transfer none) */
GstRcastIcePath *
gst_rcast_ice_sender_get_path (GstRcastIceSender * sender, guint index)
{
  return sender->way.paths[index];
}

guint
gst_rcast_ice_sender_get_n_carrying (GstRcastIceSender * sender)
{
  return sender->way.n_carrying;
}

/* Whether several paths carry a part of the packets each. */
gboolean
gst_rcast_ice_sender_is_bonding (GstRcastIceSender * sender)
{
  gboolean bonding;

  g_mutex_lock (&sender->lock);
  bonding = sender->way.bonding && sender->way.n_carrying > 1;
  g_mutex_unlock (&sender->lock);
  return bonding;
}

/* Whether the application chooses paths. Assumed until it has been asked for a while. */
gboolean
gst_rcast_ice_sender_is_choosing (GstRcastIceSender * sender, gint64 now)
{
  gint64 chosen;

  if (!sender->choose)
    return FALSE;
  g_mutex_lock (&sender->lock);
  chosen = sender->chosen;
  g_mutex_unlock (&sender->lock);
  return chosen == 0 || now - chosen < CHOICE_FORGOTTEN_US;
}

/* Whether the path at @index exists and works. */
gboolean
gst_rcast_ice_sender_is_working (GstRcastIceSender * sender, guint index)
{
  GstRcastIcePathView view;

  if (!sender->way.paths[index])
    return FALSE;
  gst_rcast_ice_path_get_view (sender->way.paths[index], &view);
  return gst_rcast_ice_path_view_is_working (&view);
}

/* Sends the packets sent since @since (monotonic us) again on @path. Returns whether all of them
 * were still known. */
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

/* Without a healthy path, packets may be lost. One key frame too many is better than a frozen
 * picture. */
gboolean
gst_rcast_ice_sender_is_in_doubt (GstRcastIceSender * sender)
{
  for (guint i = 0; i < sender->way.n_carrying; i++) {
    GstRcastIcePathView view;

    gst_rcast_ice_path_get_view (sender->way.paths[i], &view);
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
  for (guint i = 0; i < sender->way.n_carrying; i++)
    found = found || sender->way.paths[i] == path;
  g_mutex_unlock (&sender->lock);
  return found;
}

/* Returns: (nullable) (transfer full): the path that carries media */
GstRcastIcePath *
gst_rcast_ice_sender_ref_first (GstRcastIceSender * sender)
{
  GstRcastIcePath *path;

  g_mutex_lock (&sender->lock);
  path = ref_path (sender->way.paths[0]);
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

/* If the path at @index refuses packets, sends them on another one. Returns how many were sent. */
static guint
send_on_one (GstRcastIceSender * sender, const GstRcastIceWay * way,
    guint index, const NiceOutputMessage * messages, guint n_messages)
{
  GstRcastIcePath *other = way->paths[index == 0 ? 1 : 0];
  gboolean failed;
  guint n = send_on_path (sender, way->paths[index], messages, n_messages,
      &failed);

  if (!failed)
    return n;
  report_refusal (sender, way->paths[index]);
  return other ? n + send_on_path (sender, other, messages + n, n_messages - n,
      &failed) : n;
}

/* Sends each packet on all paths that carry. Returns how many were sent. */
static guint
send_on_all (GstRcastIceSender * sender, const GstRcastIceWay * way,
    const NiceOutputMessage * messages, guint n_messages)
{
  guint sent = 0;

  if (way->n_carrying == 1)
    return send_on_one (sender, way, 0, messages, n_messages);
  for (guint i = 0; i < way->n_carrying; i++) {
    gboolean failed;
    guint n = send_for (sender, way->paths[i], way->trying && i == 1,
        messages, n_messages, &failed);

    sent = MAX (sent, n);
    if (failed)
      report_refusal (sender, way->paths[i]);
  }
  return sent;
}

static void
note_choice (GstRcastIceSender * sender, gboolean any)
{
  g_mutex_lock (&sender->lock);
  if (any || sender->chosen == 0)
    sender->chosen = g_get_monotonic_time ();
  g_mutex_unlock (&sender->lock);
}

/* @any: (inout): set if the application chose a path */
static guint
choose (GstRcastIceSender * sender, const GstRcastIceCarrier * carriers,
    guint n, const GOutputVector * packet, gboolean * any)
{
  guint chosen = sender->choose (sender->session, carriers, n, packet,
      sender->choose_object);

  if (chosen == GST_RCAST_ICE_NO_CHOICE)
    return 0;
  *any = TRUE;
  return MIN (chosen, n - 1);
}

/* Sends each packet on one of the paths that carry. Consecutive packets for one path go together.
 * Returns how many were sent. */
static guint
send_spread (GstRcastIceSender * sender, const GstRcastIceWay * way,
    const NiceOutputMessage * messages, guint n_messages)
{
  GstRcastIceCarrier carriers[MAX_PATHS];
  guint sent = 0, begin = 0, current = 0;
  gboolean any = FALSE;

  for (guint i = 0; i < way->n_carrying; i++)
    carriers[i] = (GstRcastIceCarrier) {
    gst_rcast_ice_path_get_interface (way->paths[i]),
          gst_rcast_ice_path_get_rank (way->paths[i])};
  for (guint i = 0; i < n_messages; i++) {
    guint chosen = choose (sender, carriers, way->n_carrying,
        messages[i].buffers, &any);

    if (i > begin && chosen != current) {
      sent += send_on_one (sender, way, current, messages + begin, i - begin);
      begin = i;
    }
    current = chosen;
  }
  note_choice (sender, any);
  return sent + send_on_one (sender, way, current, messages + begin,
      n_messages - begin);
}

/* Returns how many packets were sent. */
static guint
send_on (GstRcastIceSender * sender, GstRcastIceWay * way,
    const NiceOutputMessage * messages, guint n_messages)
{
  if (way->n_carrying == 0)
    return 0;
  if (!way->bonding || !sender->choose)
    return send_on_all (sender, way, messages, n_messages);
  return send_spread (sender, way, messages, n_messages);
}

/* With the lock held. Keeps packets only if another path could repeat them. */
static void
keep (GstRcastIceSender * sender, const GOutputVector * packets,
    guint n_packets)
{
  gint64 now;

  if (!sender->way.paths[1] || sender->way.n_carrying != 1)
    return;
  if (!sender->recent)
    sender->recent = gst_rcast_ice_recent_new ();
  now = g_get_monotonic_time ();
  for (guint i = 0; i < n_packets; i++)
    gst_rcast_ice_recent_add (sender->recent, packets[i].buffer,
        packets[i].size, now);
}

/* Packets that no path takes are counted and dropped. */
void
gst_rcast_ice_sender_send (GstRcastIceSender * sender,
    GOutputVector * packets, guint n_packets)
{
  NiceOutputMessage messages[GST_RCAST_ICE_MAX_BATCH];
  GstRcastIceWay way;
  guint sent;

  g_assert (n_packets <= GST_RCAST_ICE_MAX_BATCH);
  if (n_packets == 0)
    return;
  g_mutex_lock (&sender->lock);
  way = sender->way;
  ref_paths (&way);
  keep (sender, packets, n_packets);
  g_mutex_unlock (&sender->lock);
  for (guint i = 0; i < n_packets; i++) {
    messages[i].buffers = &packets[i];
    messages[i].n_buffers = 1;
  }
  sent = send_on (sender, &way, messages, n_packets);
  unref_paths (&way);
  if (sent < n_packets) {
    g_mutex_lock (&sender->lock);
    sender->unsent += n_packets - sent;
    g_mutex_unlock (&sender->lock);
  }
}
