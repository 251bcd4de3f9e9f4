/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes responses to the agent's STUN checks, valid ones and odd ones. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define STUN_ANSWER_MAX_SIZE 256

typedef struct
{
  guint code;                   /* of an error; 0: success */
  guint16 mapped_port;          /* 0: no mapped address */
  guint16 extra;                /* type of one more attribute; 0: none */
  const gchar *password;        /* to sign with; NULL: not signed */
  gboolean bad_fingerprint;
  gboolean no_fingerprint;
  guint32 mapped_address;       /* 0: 127.0.0.1 */
} StunAnswer;

gsize stun_answer_write (const StunAnswer * answer, const guint8 * id,
    guint8 * out);
const guint8 *stun_find_attribute (const guint8 * message, gsize size,
    guint16 type, gsize * length);

G_END_DECLS
