/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The user's limits of the uplinks, and the bytes of today: outlives sessions and, in a file,
 * the process. */
#include "config.h"

#include "gstrcastallowances.h"

#include "rcast-allowance.h"
#include "rcast-uplinks.h"

GST_DEBUG_CATEGORY_STATIC (rcast_allowances_debug);
#define GST_CAT_DEFAULT rcast_allowances_debug

/* The usage is saved at this interval while it grows: a crash forgets no more than that. */
#define KEEP_INTERVAL (30 * GST_SECOND)
/* Names of phones and tunnels change. With so many uplinks, one without usage today is replaced.
 * None is left out, as it would have no limit. */
#define MANY_UPLINKS 64
/* Share of the user's limit to plan with: a frame may be too large, and the queue has to shrink. */
#define PLANNED 0.9

typedef struct
{
  const gchar *interface;       /* interned */
  const gchar *kind;            /* static */
  gboolean met;                 /* present when its kind was looked up: the kind is certain */
  guint64 rate, daily;          /* least of all matching words, G_MAXUINT64: no limit */
  GstRcastQuota quota;
} Uplink;

/* Any thread */
struct _GstRcastAllowances
{
  gatomicrefcount ref_count;
  gchar *sysfs;                 /* constant */
  GstRcastAllowancesDate date;  /* constant */
  gpointer date_data;           /* constant */

  GMutex lock;                  /* taken under the lock of the rates; only @date is called under it */
  GArray *words;                /* lock; of GstRcastAllowance */
  GArray *uplinks;              /* lock; of Uplink */
  GstRcastAllowancesFunc func;  /* lock; nullable */
  gpointer data;                /* lock */
  gboolean grown;               /* lock: since it was saved */
  GstClockTime kept;            /* lock: when it was last saved */
};

static void
init_debug (void)
{
  static gsize once = 0;

  if (g_once_init_enter (&once)) {
    GST_DEBUG_CATEGORY_INIT (rcast_allowances_debug, "rcastallowances", 0,
        "gst-rcast: what the uplinks may carry");
    g_once_init_leave (&once, 1);
  }
}

static gint64
get_date (gpointer data)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static void
allowance_clear (gpointer data)
{
  gst_rcast_allowance_clear (data);
}

/* @sysfs: (nullable): the kernel's directory of interfaces, %NULL: the system's
 * @date: (nullable): the time of day, %NULL: the system's
 * Returns: (transfer full) */
GstRcastAllowances *
gst_rcast_allowances_new (const gchar * sysfs, GstRcastAllowancesDate date,
    gpointer data)
{
  GstRcastAllowances *self = g_new0 (GstRcastAllowances, 1);

  init_debug ();
  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  self->sysfs = g_strdup (sysfs ? sysfs : GST_RCAST_UPLINKS_SYSFS);
  self->date = date ? date : get_date;
  self->date_data = data;
  self->words = g_array_new (FALSE, FALSE, sizeof (GstRcastAllowance));
  g_array_set_clear_func (self->words, allowance_clear);
  self->uplinks = g_array_new (FALSE, FALSE, sizeof (Uplink));
  return self;
}

GstRcastAllowances *
gst_rcast_allowances_ref (GstRcastAllowances * self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
gst_rcast_allowances_unref (GstRcastAllowances * self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_array_unref (self->words);
  g_array_unref (self->uplinks);
  g_mutex_clear (&self->lock);
  g_free (self->sysfs);
  g_free (self);
}

/* From here on: with the lock */

static Uplink *
get_nth (GstRcastAllowances * self, guint i)
{
  return &g_array_index (self->uplinks, Uplink, i);
}

/* Applies the lowest limit of all matching words. */
static void
apply_words (GstRcastAllowances * self, Uplink * uplink)
{
  uplink->rate = uplink->daily = G_MAXUINT64;
  for (guint i = 0; i < self->words->len; i++) {
    const GstRcastAllowance *word =
        &g_array_index (self->words, GstRcastAllowance, i);

    if (!gst_rcast_allowance_fits (word, uplink->interface, uplink->kind))
      continue;
    uplink->rate = MIN (uplink->rate, word->rate);
    uplink->daily = MIN (uplink->daily, word->daily);
  }
}

static gboolean
is_spent (const Uplink * uplink)
{
  return uplink->quota.used >= uplink->daily;
}

static void
turn (GstRcastAllowances * self)
{
  gint day = gst_rcast_quota_find_day (self->date (self->date_data));

  for (guint i = 0; i < self->uplinks->len; i++)
    gst_rcast_quota_turn (&get_nth (self, i)->quota, day);
}

/* @interface: interned
 * Returns: (nullable) */
static Uplink *
find (GstRcastAllowances * self, const gchar * interface)
{
  for (guint i = 0; i < self->uplinks->len; i++)
    if (get_nth (self, i)->interface == interface)
      return get_nth (self, i);
  return NULL;
}

/* Returns: a place for another uplink */
static Uplink *
make_room (GstRcastAllowances * self)
{
  if (self->uplinks->len >= MANY_UPLINKS) {
    turn (self);
    for (guint i = 0; i < self->uplinks->len; i++)
      if (get_nth (self, i)->quota.used == 0)
        return get_nth (self, i);
  }
  g_array_set_size (self->uplinks, self->uplinks->len + 1);
  return get_nth (self, self->uplinks->len - 1);
}

/* Releases the lock while it reads the kernel's files.
 * @interface: interned
 * @there: whether it carries packets, so that the kernel knows it. If not, only its name may be
 *   known until it is plugged in */
static Uplink *
get_uplink (GstRcastAllowances * self, const gchar * interface, gboolean there)
{
  Uplink *uplink = find (self, interface);
  const gchar *kind;

  if (uplink && (uplink->met || !there))
    return uplink;
  g_mutex_unlock (&self->lock);
  kind = gst_rcast_uplinks_get_kind (self->sysfs, interface);
  g_mutex_lock (&self->lock);
  uplink = find (self, interface);
  if (!uplink) {
    uplink = make_room (self);
    *uplink = (Uplink) {.interface = interface };
  }
  uplink->kind = kind;
  uplink->met = there;
  apply_words (self, uplink);
  return uplink;
}

/* Returns: whether there is news */
static gboolean
take_news (GstRcastAllowances * self, GstRcastAllowancesNews * news)
{
  for (guint i = 0; i < self->uplinks->len; i++) {
    Uplink *uplink = get_nth (self, i);
    GstRcastQuotaNews level = gst_rcast_quota_judge (&uplink->quota,
        uplink->daily);

    if (level == GST_RCAST_QUOTA_NOTHING)
      continue;
    *news = (GstRcastAllowancesNews) {
      .interface = uplink->interface,
      .used = uplink->quota.used,
      .daily = uplink->daily,
      .spent = level == GST_RCAST_QUOTA_SPENT,
    };
    return TRUE;
  }
  return FALSE;
}

/* Returns: whether it is time to save the usage */
static gboolean
take_growth (GstRcastAllowances * self, gboolean now_please, GstClockTime now)
{
  if (!self->grown || (!now_please && now < self->kept + KEEP_INTERVAL))
    return FALSE;
  self->grown = FALSE;
  self->kept = now;
  return TRUE;
}

/* Without the lock */

/* @func: (nullable) */
void
gst_rcast_allowances_watch (GstRcastAllowances * self,
    GstRcastAllowancesFunc func, gpointer data)
{
  g_mutex_lock (&self->lock);
  self->func = func;
  self->data = data;
  g_mutex_unlock (&self->lock);
}

/* @words: as for gst_rcast_allowance_parse(); invalid ones are left out. The usage stays. */
void
gst_rcast_allowances_configure (GstRcastAllowances * self,
    const gchar * const *words)
{
  GstRcastAllowance allowance;

  g_mutex_lock (&self->lock);
  g_array_set_size (self->words, 0);
  for (guint i = 0; words && words[i]; i++)
    if (gst_rcast_allowance_parse (words[i], &allowance, NULL))
      g_array_append_val (self->words, allowance);
  for (guint i = 0; i < self->uplinks->len; i++)
    apply_words (self, get_nth (self, i));
  g_mutex_unlock (&self->lock);
}

/* Whether there is any limit */
gboolean
gst_rcast_allowances_is_any (GstRcastAllowances * self)
{
  gboolean any;

  g_mutex_lock (&self->lock);
  any = self->words->len > 0;
  g_mutex_unlock (&self->lock);
  return any;
}

/* @interface: (nullable): interned; %NULL: the system chose it, so it is not known
 * @bytes: with IP and UDP headers */
void
gst_rcast_allowances_sent (GstRcastAllowances * self, const gchar * interface,
    gsize bytes)
{
  Uplink *uplink;

  if (!interface)
    return;
  g_mutex_lock (&self->lock);
  if (self->words->len > 0) {
    uplink = get_uplink (self, interface, TRUE);
    uplink->quota.used += bytes;
    self->grown = TRUE;
  }
  g_mutex_unlock (&self->lock);
}

/* Reports news. To be called at least once a second while something is sent. */
void
gst_rcast_allowances_tick (GstRcastAllowances * self, GstClockTime now)
{
  GstRcastAllowancesFunc func;
  GstRcastAllowancesNews news;
  gboolean any = FALSE, more;
  gpointer data;

  do {
    g_mutex_lock (&self->lock);
    func = self->func;
    data = self->data;
    turn (self);
    more = func && take_news (self, &news);
    any |= more;
    g_mutex_unlock (&self->lock);
    if (more)
      func (&news, data);
  } while (more);
  g_mutex_lock (&self->lock);
  any = func && take_growth (self, any, now);
  g_mutex_unlock (&self->lock);
  if (any)
    func (NULL, data);
}

/* @interface: (nullable): interned
 * Returns: its limit in bit/s, G_MAXUINT64: none */
guint64
gst_rcast_allowances_get_rate (GstRcastAllowances * self,
    const gchar * interface)
{
  guint64 rate = G_MAXUINT64;

  if (!interface)
    return rate;
  g_mutex_lock (&self->lock);
  if (self->words->len > 0)
    rate = get_uplink (self, interface, TRUE)->rate;
  g_mutex_unlock (&self->lock);
  return rate;
}

/* @self: (nullable): %NULL: there are no limits
 * @interface: (nullable): interned
 * Returns: the part of the limit to plan with in bit/s, G_MAXUINT64: no limit */
guint64
gst_rcast_allowances_get_planned (GstRcastAllowances * self,
    const gchar * interface)
{
  guint64 rate = self ? gst_rcast_allowances_get_rate (self, interface) :
      G_MAXUINT64;

  return rate == G_MAXUINT64 ? rate : PLANNED * rate;
}

/* @interface: (nullable): interned
 * Returns: whether it has any limit, in bit/s or bytes a day */
gboolean
gst_rcast_allowances_is_bounded (GstRcastAllowances * self,
    const gchar * interface)
{
  gboolean bounded = FALSE;

  g_mutex_lock (&self->lock);
  /* It is not known which one the system chose. */
  if (self->words->len > 0 && !interface) {
    bounded = TRUE;
  } else if (self->words->len > 0) {
    const Uplink *uplink = get_uplink (self, interface, TRUE);

    bounded = uplink->rate < G_MAXUINT64 || uplink->daily < G_MAXUINT64;
  }
  g_mutex_unlock (&self->lock);
  return bounded;
}

/* Returns: (transfer full): the uplinks that have used up today's bytes */
GStrv
gst_rcast_allowances_list_spent (GstRcastAllowances * self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_mutex_lock (&self->lock);
  turn (self);
  for (guint i = 0; i < self->uplinks->len; i++)
    if (is_spent (get_nth (self, i)))
      g_strv_builder_add (builder, get_nth (self, i)->interface);
  g_mutex_unlock (&self->lock);
  return g_strv_builder_end (builder);
}

/* Returns: (transfer full): lines for a file, or an empty string */
gchar *
gst_rcast_allowances_print (GstRcastAllowances * self)
{
  GString *text = g_string_new (NULL);

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->uplinks->len; i++) {
    const Uplink *uplink = get_nth (self, i);
    g_autofree gchar *line = gst_rcast_quota_print (&uplink->quota,
        uplink->interface);

    if (uplink->quota.used > 0 && uplink->quota.day > 0)
      g_string_append (text, line);
  }
  g_mutex_unlock (&self->lock);
  return g_string_free (text, FALSE);
}

/* @line: as from gst_rcast_allowances_print()
 * Returns: whether it is valid; a higher usage that is known already stays */
gboolean
gst_rcast_allowances_parse (GstRcastAllowances * self, const gchar * line)
{
  g_autofree gchar *interface = NULL;
  GstRcastQuota quota;
  Uplink *uplink;

  if (!gst_rcast_quota_parse (line, &interface, &quota))
    return FALSE;
  g_mutex_lock (&self->lock);
  uplink = get_uplink (self, g_intern_string (interface), FALSE);
  if (uplink->quota.day < quota.day || (uplink->quota.day == quota.day
          && uplink->quota.used < quota.used))
    uplink->quota = quota;
  g_mutex_unlock (&self->lock);
  return TRUE;
}

static GstStructure *
make_stats (const Uplink * uplink)
{
  return gst_structure_new ("application/x-rcast-path-limit",
      "interface", G_TYPE_STRING, uplink->interface,
      "bitrate", G_TYPE_UINT64,
      uplink->rate == G_MAXUINT64 ? 0 : uplink->rate,
      "bytes-per-day", G_TYPE_UINT64,
      uplink->daily == G_MAXUINT64 ? 0 : uplink->daily,
      "bytes-today", G_TYPE_UINT64, uplink->quota.used,
      "spent", G_TYPE_BOOLEAN, is_spent (uplink), NULL);
}

/* Adds a list `path-limits` with a structure for each uplink that has a limit. */
void
gst_rcast_allowances_add_stats (GstRcastAllowances * self,
    GstStructure * stats)
{
  GValue list = G_VALUE_INIT;

  g_value_init (&list, GST_TYPE_LIST);
  g_mutex_lock (&self->lock);
  turn (self);
  for (guint i = 0; i < self->uplinks->len; i++) {
    const Uplink *uplink = get_nth (self, i);
    GValue value = G_VALUE_INIT;

    if (uplink->rate == G_MAXUINT64 && uplink->daily == G_MAXUINT64)
      continue;
    g_value_init (&value, GST_TYPE_STRUCTURE);
    g_value_take_boxed (&value, make_stats (uplink));
    gst_value_list_append_and_take_value (&list, &value);
  }
  g_mutex_unlock (&self->lock);
  gst_structure_take_value (stats, "path-limits", &list);
}
