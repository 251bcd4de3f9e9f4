/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For tests that exit while a thread ends: OpenSSL cleans up for both at once, and crashes. */
#include <dlfcn.h>

#include <glib.h>

/* Of openssl/crypto.h */
#define NO_ATEXIT G_GUINT64_CONSTANT (0x00080000)

typedef int (*InitCrypto) (guint64 options, const void *settings);

/*
 * GstTask's pool reports a thread as done before the thread has ended. Then both the end of the
 * thread and OpenSSL's exit() handler free the data that OpenSSL 3.0 keeps for the thread.
 * Without the handler, only the thread frees it.
 */
__attribute__((constructor))
     static void before_main (void)
{
  void *crypto = dlopen ("libcrypto.so.3", RTLD_LAZY);
  InitCrypto init =
      crypto ? (InitCrypto) dlsym (crypto, "OPENSSL_init_crypto") : NULL;

  if (init)
    init (NO_ATEXIT, NULL);
}
