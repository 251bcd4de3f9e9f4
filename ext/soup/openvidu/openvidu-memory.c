/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* State that outlives an OpenVidu session: used tokens, signals, and a dismissal. */
#include "config.h"

#include "openvidu-memory.h"

/* Limit of remembered tokens: one per join, and no more than a server accepts in an hour of
 * repeated evictions. */
#define MAX_TOKENS 256

struct _OpenviduTokens
{
  gatomicrefcount ref_count;
  GMutex lock;
  GHashTable *uses;             /* lock: by token: OpenviduTokenUse */
  GQueue order;                 /* lock: of its keys */
};

OpenviduTokens *
openvidu_tokens_new (void)
{
  OpenviduTokens *self = g_new0 (OpenviduTokens, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  self->uses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

OpenviduTokens *
openvidu_tokens_ref (OpenviduTokens * self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
openvidu_tokens_unref (OpenviduTokens * self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_queue_clear (&self->order);
  g_hash_table_unref (self->uses);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
openvidu_tokens_set (OpenviduTokens * self, const gchar * token,
    OpenviduTokenUse use)
{
  gpointer key = NULL;

  g_mutex_lock (&self->lock);
  if (!g_hash_table_lookup_extended (self->uses, token, &key, NULL)) {
    key = g_strdup (token);
    g_queue_push_tail (&self->order, key);
    g_hash_table_insert (self->uses, key, GUINT_TO_POINTER (use));
    if (self->order.length > MAX_TOKENS)
      g_hash_table_remove (self->uses, g_queue_pop_head (&self->order));
  } else {
    /* The queue still owns the key. */
    g_hash_table_insert (self->uses, g_strdup (token), GUINT_TO_POINTER (use));
  }
  g_mutex_unlock (&self->lock);
}

OpenviduTokenUse
openvidu_tokens_get (OpenviduTokens * self, const gchar * token)
{
  OpenviduTokenUse use;

  g_mutex_lock (&self->lock);
  use = GPOINTER_TO_UINT (g_hash_table_lookup (self->uses, token));
  g_mutex_unlock (&self->lock);
  return use;
}
