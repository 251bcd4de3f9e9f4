/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The steps that lead into a VideoRoom: a handle, perhaps a new room, a place in it. */
#pragma once

#include "janus-link.h"

G_BEGIN_DECLS

typedef struct _JanusJoin JanusJoin;

/**
 * JanusJoinCallbacks:
 * @attached: the server has made a handle
 * @joined: we are in the room; @message says as whom, and who publishes there
 * @failed: a step failed: by @error or, without one, by a refusal, for @what
 *
 * Each of them is the last thing that is done, but for @attached.
 */
typedef struct
{
  void (*attached) (guint64 handle, gpointer data);
  void (*joined)   (const JanusMessage * message, gpointer data);
  void (*failed)   (const JanusMessage * refusal, const GError * error, const gchar * what, gpointer data);
} JanusJoinCallbacks;

JanusJoin *  janus_join_new        (JanusLink                * link,
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
