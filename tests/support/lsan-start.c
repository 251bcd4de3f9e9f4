/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For tests under LeakSanitizer: what GLib keeps for ever is no leak of ours. */
/* For dladdr(). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <execinfo.h>

#include <glib.h>
#include <sanitizer/lsan_interface.h>

/* Of sanitizer/allocator_interface.h, which gcc does not install. */
int __sanitizer_install_malloc_and_free_hooks (void (*on_malloc)
      (const volatile void *, size_t), void (*on_free) (const volatile void *));

/* The unwinder that is fast enough for all tests does not see through libraries
 * without frame pointers, so suppressions by name do not find these. */

/* GLib's readers of the table of quarks take no lock, so it never frees the old one
 * when it grows, by so much at a time. */
#define TABLE_STEP (2048 * sizeof (gchar *))
#define MAX_FRAMES 16

static void
before_libraries (int argc G_GNUC_UNUSED, char **argv G_GNUC_UNUSED,
    char **envp G_GNUC_UNUSED)
{
  __lsan_disable ();
}

__attribute__((section (".preinit_array"), used))
     static void (*const start) (int, char **, char **) = before_libraries;

     static gboolean is_quark_function (void *address)
{
  Dl_info info;

  return dladdr (address, &info) && info.dli_sname
      && (g_str_has_prefix (info.dli_sname, "g_quark_from_")
      || g_str_has_prefix (info.dli_sname, "g_intern_"));
}

static void
on_malloc (const volatile void *block, size_t size)
{
  void *frames[MAX_FRAMES];
  int n;

  if (size == 0 || size % TABLE_STEP != 0)
    return;
  n = backtrace (frames, MAX_FRAMES);
  for (int i = 0; i < n; i++)
    if (is_quark_function (frames[i])) {
      __lsan_ignore_object ((const void *) block);
      return;
    }
}

static void
on_free (const volatile void *block G_GNUC_UNUSED)
{
}

__attribute__((constructor))
     static void after_libraries (void)
{
  void *frame;

  /* Loads what it needs, which it must not within the hook. */
  backtrace (&frame, 1);
  __sanitizer_install_malloc_and_free_hooks (on_malloc, on_free);
  __lsan_enable ();
}
