/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The last good answer of the resolver for each host name. */
#include "config.h"

#include "net-answers.h"

/* Limit of host names, each with some addresses. */
#define MAX_NAMES 64
/* How long an answer is used without asking again. */
#define FRESH_US (30 * G_USEC_PER_SEC)
/* Every fourth use asks anyway: the address may belong to another host by now. */
#define USES_PER_QUESTION 4

typedef struct
{
  GPtrArray *addresses;         /* of GInetAddress, never changed */
  gint64 at;                    /* monotonic, us */
  guint uses;
} Answer;

/* Shared by all signallers of the process, each on its own thread. */
typedef struct
{
  GMutex mutex;
  GHashTable *by_name;          /* Answer; mutex */
} Store;

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_ptr_array_unref (answer->addresses);
  g_free (answer);
}

static void
store_free (gpointer data)
{
  Store *store = data;

  g_hash_table_unref (store->by_name);
  g_mutex_clear (&store->mutex);
  g_free (store);
}

/* Answers belong to their resolver, and are freed with it. */
static Store *
get_store (GResolver * resolver)
{
  static GMutex making;
  Store *store;

  g_mutex_lock (&making);
  store = g_object_get_data (G_OBJECT (resolver), "rcast-answers");
  if (!store) {
    store = g_new0 (Store, 1);
    g_mutex_init (&store->mutex);
    store->by_name = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
        answer_free);
    g_object_set_data_full (G_OBJECT (resolver), "rcast-answers", store,
        store_free);
  }
  g_mutex_unlock (&making);
  return store;
}

static gint64
get_age (const Answer * answer)
{
  return g_get_monotonic_time () - answer->at;
}

static void
drop_oldest (Store * store)
{
  GHashTableIter iter;
  const gchar *name, *oldest_name = NULL;
  const Answer *answer, *oldest = NULL;

  g_hash_table_iter_init (&iter, store->by_name);
  while (g_hash_table_iter_next (&iter, (gpointer *) & name,
          (gpointer *) & answer)) {
    if (!oldest || answer->at < oldest->at) {
      oldest = answer;
      oldest_name = name;
    }
  }
  g_hash_table_remove (store->by_name, oldest_name);
}

static gboolean
is_same (gconstpointer a, gconstpointer b)
{
  return g_inet_address_equal ((GInetAddress *) a, (GInetAddress *) b);
}

/* Returns: (transfer full): @addresses, starting with @first if it is one of them */
static GPtrArray *
copy_with_first (GPtrArray * addresses, GInetAddress * first)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (g_object_unref);
  guint index;

  for (guint i = 0; i < addresses->len; i++)
    g_ptr_array_add (copy, g_object_ref (addresses->pdata[i]));
  if (first && g_ptr_array_find_with_equal_func (copy, first, is_same, &index))
    g_ptr_array_insert (copy, 0, g_ptr_array_steal_index (copy, index));
  return copy;
}

/* Stores the resolver's answer for @name: of GInetAddress, not empty. If the first address of the
 * previous answer is still in it, it stays first: that one worked.
 * Returns: (transfer full): the same addresses in that order */
GPtrArray *
net_answers_put (GResolver * resolver, const gchar * name,
    GPtrArray * addresses)
{
  Store *store = get_store (resolver);
  Answer *answer = g_new0 (Answer, 1);
  GPtrArray *sorted;
  const Answer *former;

  g_mutex_lock (&store->mutex);
  former = g_hash_table_lookup (store->by_name, name);
  sorted = copy_with_first (addresses,
      former ? g_ptr_array_index (former->addresses, 0) : NULL);
  answer->addresses = g_ptr_array_ref (sorted);
  answer->at = g_get_monotonic_time ();
  if (!former && g_hash_table_size (store->by_name) >= MAX_NAMES)
    drop_oldest (store);
  g_hash_table_replace (store->by_name, g_strdup (name), answer);
  g_mutex_unlock (&store->mutex);
  return sorted;
}

/**
 * net_answers_get:
 * @resolver: that gave the answer
 * @name: of a host
 * @fresh: (out): whether the answer can be used without asking again
 * @age: (out): in seconds
 *
 * Returns: (nullable) (transfer full): of GInetAddress, starting with the one that worked
 */
GPtrArray *
net_answers_get (GResolver * resolver, const gchar * name, gboolean * fresh,
    guint * age)
{
  Store *store = get_store (resolver);
  GPtrArray *addresses = NULL;
  Answer *answer;

  *fresh = FALSE;
  *age = 0;
  g_mutex_lock (&store->mutex);
  answer = g_hash_table_lookup (store->by_name, name);
  if (answer) {
    *age = get_age (answer) / G_USEC_PER_SEC;
    *fresh = get_age (answer) < FRESH_US
        && ++answer->uses % USES_PER_QUESTION != 0;
    if (*age < NET_ANSWERS_MAX_AGE_S)
      addresses = g_ptr_array_ref (answer->addresses);
  }
  g_mutex_unlock (&store->mutex);
  return addresses;
}

/* A server has accepted a connection at @address. */
void
net_answers_prefer (GResolver * resolver, const gchar * name,
    GInetAddress * address)
{
  Store *store = get_store (resolver);
  Answer *answer;

  g_mutex_lock (&store->mutex);
  answer = g_hash_table_lookup (store->by_name, name);
  if (answer && !is_same (answer->addresses->pdata[0], address)) {
    GPtrArray *addresses = copy_with_first (answer->addresses, address);

    g_ptr_array_unref (answer->addresses);
    answer->addresses = addresses;
  }
  g_mutex_unlock (&store->mutex);
}
