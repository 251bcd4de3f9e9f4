/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A resolver of names that answers when a test wants it to, one question at a time. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define SLOW_TYPE_RESOLVER (slow_resolver_get_type ())
G_DECLARE_FINAL_TYPE (SlowResolver, slow_resolver, SLOW, RESOLVER, GResolver)

struct _SlowResolver
{
  GResolver parent;

  guint lookups;
  GTask *pending;               /* the question that is out */
};

/* @addresses: separated by blanks */
void  slow_resolver_say     (SlowResolver * self,
                             const gchar  * addresses);
void  slow_resolver_fail    (SlowResolver * self);
/* With 127.0.0.1 */
void  slow_resolver_answer  (SlowResolver * self);

G_END_DECLS
