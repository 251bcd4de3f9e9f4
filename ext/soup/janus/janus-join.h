/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Joins a VideoRoom: attaches a handle, creates the room if necessary, and joins it. */
#pragma once

#include "janus-link.h"

G_BEGIN_DECLS

typedef struct _JanusJoin JanusJoin;

/**
 * JanusJoinCallbacks:
 * @attached: the server has created a handle
 * @joined: we have joined the room; @message has our member and the publishers
 * @failed: a step has failed. @error: (nullable): %NULL if the server refused @what
 *
 * Each callback but @attached is the last thing that the join does.
 */
typedef struct
{
  void (*attached) (guint64 handle, gpointer data);
  void (*joined)   (const JanusMessage * message, gpointer data);
  void (*failed)   (const JanusMessage * refusal, const GError * error, const gchar * what, gpointer data);
} JanusJoinCallbacks;

JanusJoin *  janus_join_new        (WsLink                   * link,
                                    GstRcastNetSignaller     * element,
                                    const JanusSettings      * settings,
                                    gboolean                 * string_ids,
                                    const JanusJoinCallbacks * callbacks,
                                    gpointer                   data);
void         janus_join_free       (JanusJoin                * self);

void         janus_join_start      (JanusJoin                * self,
                                    guint64                    session);
void         janus_join_stop       (JanusJoin                * self);
gchar *      janus_join_print_room (JanusJoin                * self,
                                    const gchar              * request);
gchar *      janus_join_print_subscribe (JanusJoin           * self,
                                    const JanusId            * feed,
                                    guint64                    private_id);

G_END_DECLS
