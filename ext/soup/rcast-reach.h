/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a server can be reached: a bare TCP connection, and nothing said on it. */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct _RcastReach RcastReach;

/* @source: whose task it was; @since: when the look was begun, monotonic, us */
typedef void (*RcastReached) (gpointer source, gint64 since);

RcastReach *  rcast_reach_new    (void);
void          rcast_reach_free   (RcastReach     * reach);
void          rcast_reach_learn  (RcastReach     * reach,
                                  GUri           * url,
                                  GIOStream      * stream);
void          rcast_reach_look   (RcastReach     * reach,
                                  GUri           * url,
                                  GSocketAddress * local,
                                  RcastReached     reached,
                                  GTask          * task);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RcastReach, rcast_reach_free)

G_END_DECLS
