/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For tests under LeakSanitizer: hides what other libraries keep or leak. */
/* For dladdr() and RTLD_NEXT */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <execinfo.h>
#include <string.h>

#include <gio/gio.h>
#include <gst/check/gstcheck.h>
#include <sanitizer/lsan_interface.h>

/* From sanitizer/allocator_interface.h, which gcc does not install */
int __sanitizer_install_malloc_and_free_hooks (void (*on_malloc)
      (const volatile void *, size_t), void (*on_free) (const volatile void *));

/* The unwinder that is fast enough for all tests cannot unwind libraries without frame pointers,
 * so suppressions by function name do not match these leaks. */

/* GLib reads its quark table without a lock. So it never frees the old table when it grows, by
 * this much at a time. */
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

  /* The first call of backtrace() loads a library, which it must not do in the hook. */
  backtrace (&frame, 1);
  __sanitizer_install_malloc_and_free_hooks (on_malloc, on_free);
  __lsan_enable ();
}

/* libsoup 3.2 and GStreamer leak objects that they get from other libraries. The program's
 * symbols come first, so these functions replace the libraries' own. LeakSanitizer ignores all
 * that such a call allocates, and all that it refers to. */
#define THE_LIBRARYS(name) \
  ((__typeof__ (&name)) dlsym (RTLD_NEXT, G_STRINGIFY (name)))

/* If @caller is in libsoup, hides all allocations until __lsan_enable(). Returns: whether it is */
static gboolean
leave_out_of_libsoup (void *caller)
{
  Dl_info info;

  if (!dladdr (caller, &info) || !info.dli_fname
      || !strstr (info.dli_fname, "/libsoup-"))
    return FALSE;
  __lsan_disable ();
  return TRUE;
}

/* SoupServer leaks a socket for each connection and an address for each listener. */
G_MODULE_EXPORT GSocket *
g_socket_accept (GSocket * socket, GCancellable * cancellable, GError ** error)
{
  gboolean left_out = leave_out_of_libsoup (__builtin_return_address (0));
  GSocket *result;

  result = THE_LIBRARYS (g_socket_accept) (socket, cancellable, error);
  if (left_out)
    __lsan_enable ();
  return result;
}

G_MODULE_EXPORT GSocketAddress *
g_socket_get_local_address (GSocket * socket, GError ** error)
{
  gboolean left_out = leave_out_of_libsoup (__builtin_return_address (0));
  GSocketAddress *result;

  result = THE_LIBRARYS (g_socket_get_local_address) (socket, error);
  if (left_out)
    __lsan_enable ();
  return result;
}

/* libsoup leaks the close timer of a WebSocket whose peer does not close in time. */
G_MODULE_EXPORT GSource *
g_timeout_source_new_seconds (guint interval)
{
  gboolean left_out = leave_out_of_libsoup (__builtin_return_address (0));
  GSource *result;

  result = THE_LIBRARYS (g_timeout_source_new_seconds) (interval);
  if (left_out)
    __lsan_enable ();
  return result;
}

/* GStreamer copies its list of log functions at each change, the first time at its start, and
 * never frees the old list. */
#undef gst_debug_add_log_function
#undef gst_debug_remove_log_function

G_MODULE_EXPORT void
gst_check_init (int *argc, char ***argv)
{
  __lsan_disable ();
  THE_LIBRARYS (gst_check_init) (argc, argv);
  __lsan_enable ();
}

G_MODULE_EXPORT void
gst_debug_add_log_function (GstLogFunction function, gpointer data,
    GDestroyNotify free_data)
{
  __lsan_disable ();
  THE_LIBRARYS (gst_debug_add_log_function) (function, data, free_data);
  __lsan_enable ();
}

G_MODULE_EXPORT guint
gst_debug_remove_log_function (GstLogFunction function)
{
  guint n;

  __lsan_disable ();
  n = THE_LIBRARYS (gst_debug_remove_log_function) (function);
  __lsan_enable ();
  return n;
}
