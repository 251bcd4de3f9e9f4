/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is known of the uplinks for dialling servers, and of the servers' host names. */
#include "config.h"

#include "net-dialer.h"

#include "rcast-error.h"
#include "rcast-ways.h"

/* How long an uplink is tried after the others when a connection on it has failed. */
#define BLAME_US (30 * G_USEC_PER_SEC)

struct _NetDialer
{
  NetNames *names;
  gchar *preferred;             /* nullable: the uplink that carries media */
  gchar *last;                  /* nullable: of the last connection */
  GHashTable *blamed;           /* uplink: gint64 *, when; monotonic, us */
  const NetDialerOwner *owner;  /* nullable */
  gpointer data;                /* for @owner */
};

NetDialer *
net_dialer_new (void)
{
  NetDialer *dialer = g_rc_box_new0 (NetDialer);

  dialer->names = net_names_new ();
  dialer->blamed =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return dialer;
}

NetDialer *
net_dialer_ref (NetDialer * dialer)
{
  return g_rc_box_acquire (dialer);
}

static void
dialer_clear (gpointer data)
{
  NetDialer *dialer = data;

  net_names_unref (dialer->names);
  g_hash_table_unref (dialer->blamed);
  g_free (dialer->preferred);
  g_free (dialer->last);
}

void
net_dialer_unref (NetDialer * dialer)
{
  g_rc_box_release_full (dialer, dialer_clear);
}

NetNames *
net_dialer_get_names (NetDialer * dialer)
{
  return dialer->names;
}

/* Media moved to @uplink (nullable), which is the best evidence that it works. */
void
net_dialer_prefer (NetDialer * dialer, const gchar * uplink)
{
  if (g_strcmp0 (dialer->preferred, uplink) == 0)
    return;
  g_free (dialer->preferred);
  dialer->preferred = g_strdup (uplink);
  if (uplink)
    g_hash_table_remove (dialer->blamed, uplink);
}

/* @owner: (nullable): constant */
void
net_dialer_set_owner (NetDialer * dialer, const NetDialerOwner * owner,
    gpointer data)
{
  dialer->owner = owner;
  dialer->data = data;
}

static void
update (NetDialer * dialer)
{
  g_autofree gchar *uplink = NULL;

  if (!dialer->owner)
    return;
  uplink = dialer->owner->dup_uplink (dialer->data);
  net_dialer_prefer (dialer, uplink);
}

/* Returns: whether media uses another uplink than @uplink, which makes @uplink doubtful */
gboolean
net_dialer_has_left (NetDialer * dialer, const gchar * uplink)
{
  update (dialer);
  return dialer->preferred && uplink && *uplink
      && !g_str_equal (dialer->preferred, uplink);
}

/* Returns: whether media uses @uplink */
gboolean
net_dialer_carries (NetDialer * dialer, const gchar * uplink)
{
  update (dialer);
  return g_strcmp0 (dialer->preferred, uplink) == 0;
}

/* @error: of a connection. It may also come from an uplink that leads to another server.
 * Returns: whether another uplink may do better */
gboolean
net_dialer_may_blame (const GError * error)
{
  return g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_NETWORK)
      || g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_TIMEOUT)
      || g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_TLS)
      || g_error_matches (error, GST_RCAST_ERROR, GST_RCAST_ERROR_INVALID_DATA);
}

/* A connection on @uplink has failed, while another uplink worked or might work. */
void
net_dialer_blame (NetDialer * dialer, const gchar * uplink)
{
  gint64 now = g_get_monotonic_time ();

  if (uplink && *uplink)
    g_hash_table_replace (dialer->blamed, g_strdup (uplink),
        g_memdup2 (&now, sizeof now));
}

/* A connection on @uplink was established. */
void
net_dialer_trust (NetDialer * dialer, const gchar * uplink)
{
  g_hash_table_remove (dialer->blamed, uplink);
  if (g_strcmp0 (dialer->last, uplink) == 0)
    return;
  g_free (dialer->last);
  dialer->last = g_strdup (uplink);
  if (dialer->owner)
    dialer->owner->connected (uplink, dialer->data);
}

/* Returns: (nullable): the uplink of the last connection */
const gchar *
net_dialer_get_last (NetDialer * dialer)
{
  return dialer->last && *dialer->last ? dialer->last : NULL;
}

static gboolean
is_blamed (NetDialer * dialer, const gchar * uplink)
{
  const gint64 *at = g_hash_table_lookup (dialer->blamed, uplink);

  return at && g_get_monotonic_time () - *at < BLAME_US;
}

/* Returns: (transfer full): of GstRcastWay, as from gst_rcast_ways_list(), but with recently failed
 * uplinks last */
GPtrArray *
net_dialer_list_ways (NetDialer * dialer, GInetAddress * to)
{
  GPtrArray *sorted = g_ptr_array_new_with_free_func
      ((GDestroyNotify) gst_rcast_way_free);
  GPtrArray *ways;

  update (dialer);
  ways = gst_rcast_ways_list (to, dialer->preferred);
  for (guint blamed = FALSE; blamed <= TRUE; blamed++) {
    for (guint i = 0; i < ways->len; i++) {
      const GstRcastWay *way = ways->pdata[i];

      if (is_blamed (dialer, way->uplink) == blamed)
        g_ptr_array_add (sorted, gst_rcast_way_copy (way));
    }
  }
  g_ptr_array_unref (ways);
  return sorted;
}
