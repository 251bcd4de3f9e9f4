/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* HTTP that WHIP and WHEP need: conditions, media types, problem documents, body limits. */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef enum {
  LOOPBACK_MATCH_ABSENT,        /* no If-Match */
  LOOPBACK_MATCH_ANY,           /* a star, bare or in quotes */
  LOOPBACK_MATCH_TAG,           /* the header lists the present tag */
  LOOPBACK_MATCH_NOT,
} LoopbackMatch;

LoopbackMatch loopback_http_match         (const gchar * if_match, const gchar * etag);
gboolean      loopback_http_accepts       (const gchar * accept, const gchar * type);

void          loopback_http_problem       (SoupServerMessage * message, guint status, const gchar * detail);
void          loopback_http_reply         (SoupServerMessage * message, guint status, const gchar * type, const gchar * body);
void          loopback_http_add_cors      (SoupServerMessage * message);
/* Discards larger bodies as they arrive; see loopback_http_is_too_large(). */
void          loopback_http_limit_body    (SoupServer * server, gsize limit);
gboolean      loopback_http_is_too_large  (SoupServerMessage * message);
gboolean      loopback_http_is_local      (SoupServerMessage * message);

G_END_DECLS
