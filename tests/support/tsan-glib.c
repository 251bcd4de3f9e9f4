/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A library to preload: shows GLib's synchronisation to ThreadSanitizer. */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <glib-object.h>
#include <stdarg.h>
#include <stdlib.h>

/* GLib is not instrumented, and its GMutex is no pthread mutex. So the sanitizer reports races
 * on all data that they protect. Each function here calls GLib's function of the same name, and
 * tells the sanitizer which accesses that orders.
 *
 *   meson setup b -Db_sanitize=thread -Db_lundef=false && ninja -C b
 *   CK_FORK=no TSAN_OPTIONS="ignore_noninstrumented_modules=1 detect_deadlocks=0" \
 *     meson test -C b -t 5 elements/ice ice --wrapper \
 *     "setarch -R env LD_PRELOAD=$PWD/b/tests/support/tsan-glib.so"
 *
 * With detect_deadlocks=1 the sanitizer finds lock cycles between webrtcbin, dtls and rtpbin, with
 * the stock agent too. */

void __tsan_acquire (void *address);
void __tsan_release (void *address);
void __tsan_mutex_destroy (void *address, unsigned flags);
void __tsan_mutex_pre_lock (void *address, unsigned flags);
void __tsan_mutex_post_lock (void *address, unsigned flags, int recursion);
int __tsan_mutex_pre_unlock (void *address, unsigned flags);
void __tsan_mutex_post_unlock (void *address, unsigned flags);

/* sanitizer/tsan_interface.h: not created by a constructor */
#define LINKER_INIT (1 << 0)
#define TRY_LOCK (1 << 4)
#define TRY_LOCK_FAILED (1 << 5)

#define REAL(name) \
  static gpointer found; \
  __typeof__ (&name) real = __atomic_load_n (&found, __ATOMIC_RELAXED); \
  if (!real) { \
    real = (__typeof__ (&name)) dlsym (RTLD_NEXT, #name); \
    __atomic_store_n (&found, (gpointer) real, __ATOMIC_RELAXED); \
  }

/* Child processes have no sanitizer. */
static void __attribute__((constructor))
    keep_to_this_process (void)
{
  unsetenv ("LD_PRELOAD");
}

static void
before_lock (void *address)
{
  __tsan_mutex_pre_lock (address, LINKER_INIT);
}

static void
after_lock (void *address)
{
  __tsan_mutex_post_lock (address, LINKER_INIT, 0);
}

static void
before_unlock (void *address)
{
  __tsan_mutex_pre_unlock (address, LINKER_INIT);
}

static void
after_unlock (void *address)
{
  __tsan_mutex_post_unlock (address, LINKER_INIT);
}

void
g_mutex_lock (GMutex * mutex)
{
  REAL (g_mutex_lock);
  before_lock (mutex);
  real (mutex);
  after_lock (mutex);
}

gboolean
g_mutex_trylock (GMutex * mutex)
{
  gboolean taken;

  REAL (g_mutex_trylock);
  __tsan_mutex_pre_lock (mutex, LINKER_INIT | TRY_LOCK);
  taken = real (mutex);
  __tsan_mutex_post_lock (mutex, LINKER_INIT | TRY_LOCK
      | (taken ? 0 : TRY_LOCK_FAILED), 0);
  return taken;
}

void
g_mutex_unlock (GMutex * mutex)
{
  REAL (g_mutex_unlock);
  before_unlock (mutex);
  real (mutex);
  after_unlock (mutex);
}

void
g_mutex_clear (GMutex * mutex)
{
  REAL (g_mutex_clear);
  __tsan_mutex_destroy (mutex, LINKER_INIT);
  real (mutex);
}

void
g_cond_wait (GCond * cond, GMutex * mutex)
{
  REAL (g_cond_wait);
  before_unlock (mutex);
  after_unlock (mutex);
  real (cond, mutex);
  before_lock (mutex);
  after_lock (mutex);
}

gboolean
g_cond_wait_until (GCond * cond, GMutex * mutex, gint64 end_time)
{
  gboolean signalled;

  REAL (g_cond_wait_until);
  before_unlock (mutex);
  after_unlock (mutex);
  signalled = real (cond, mutex, end_time);
  before_lock (mutex);
  after_lock (mutex);
  return signalled;
}

/* --- once --- */

gboolean (g_once_init_enter) (volatile void *location) {
  gboolean first;

  REAL (g_once_init_enter);
  first = real (location);
  if (!first)
    __tsan_acquire ((void *) location);
  return first;
}

void (g_once_init_leave) (volatile void *location, gsize result)
{
  REAL (g_once_init_leave);
  /* The macro reads the location with an atomic load, which acquires it. */
  __tsan_release ((void *) location);
  real (location, result);
}

/* --- references: the last unref comes after all others --- */

gboolean (g_atomic_ref_count_dec) (gatomicrefcount * count) {
  REAL (g_atomic_ref_count_dec);
  __tsan_release (count);
  __tsan_acquire (count);
  return real (count);
}

void (g_object_unref) (gpointer object)
{
  REAL (g_object_unref);
  __tsan_release (object);
  __tsan_acquire (object);
  real (object);
}

/* --- main contexts: a callback sees all that happened before the source was attached --- */

typedef struct
{
  GSource *source;
  GSourceFunc func;
  gpointer data;
  GDestroyNotify notify;
} Callback;

static gboolean
call (gpointer data)
{
  Callback *callback = data;

  __tsan_acquire (callback);
  __tsan_acquire (callback->source);
  return callback->func (callback->data);
}

static void
free_callback (gpointer data)
{
  Callback *callback = data;

  if (callback->notify)
    callback->notify (callback->data);
  g_free (callback);
}

void
g_source_set_callback (GSource * source, GSourceFunc func, gpointer data,
    GDestroyNotify notify)
{
  Callback *callback;

  REAL (g_source_set_callback);
  /* Other sources have other callback types, and only one thread uses them. */
  if (source->source_funcs != &g_timeout_funcs
      && source->source_funcs != &g_idle_funcs) {
    real (source, func, data, notify);
    return;
  }
  callback = g_new (Callback, 1);
  callback->source = source;
  callback->func = func;
  callback->data = data;
  callback->notify = notify;
  __tsan_release (callback);
  real (source, call, callback, free_callback);
}

guint
g_source_attach (GSource * source, GMainContext * context)
{
  REAL (g_source_attach);
  __tsan_release (source);
  return real (source, context);
}

/* --- signals: a handler sees all that happened before its connection --- */

gulong
g_signal_connect_data (gpointer instance, const gchar * signal,
    GCallback handler, gpointer data, GClosureNotify notify,
    GConnectFlags flags)
{
  REAL (g_signal_connect_data);
  __tsan_release (instance);
  return real (instance, signal, handler, data, notify, flags);
}

void
g_signal_emit (gpointer instance, guint signal, GQuark detail, ...)
{
  va_list args;

  __tsan_acquire (instance);
  va_start (args, detail);
  g_signal_emit_valist (instance, signal, detail, args);
  va_end (args);
}
