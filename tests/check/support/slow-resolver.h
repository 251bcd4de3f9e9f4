/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A GResolver that answers when a test lets it, one lookup at a time. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define SLOW_TYPE_RESOLVER (slow_resolver_get_type ())
G_DECLARE_FINAL_TYPE (SlowResolver, slow_resolver, SLOW, RESOLVER, GResolver)

struct _SlowResolver
{
  GResolver parent;

  guint lookups;
  GTask *pending;               /* the pending lookup */
};

/* @addresses: separated by blanks */
void  slow_resolver_say     (SlowResolver * self,
                             const gchar  * addresses);
void  slow_resolver_fail    (SlowResolver * self);
/* Answers with 127.0.0.1. */
void  slow_resolver_answer  (SlowResolver * self);

G_END_DECLS
