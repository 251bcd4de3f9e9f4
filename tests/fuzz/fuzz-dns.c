/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A DNS message from an untrusted sender. */
#include "config.h"

#include "fuzz.h"

#include <gio/gio.h>

#include "net-dns.h"

/* "live.example", A */
static const guint8 question[] = { 0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0,
  4, 'l', 'i', 'v', 'e', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1
};

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  g_autoptr (GPtrArray) addresses =
      g_ptr_array_new_with_free_func (g_object_unref);

  if (!net_dns_read (data, size, question, sizeof question, addresses))
    g_assert (addresses->len == 0);
  /* Each address takes at least 15 bytes of a message. */
  g_assert (addresses->len * 15 <= size);
  return 0;
}
