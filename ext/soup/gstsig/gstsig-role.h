/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What we do at a signalling server of GStreamer: serve a consumer, or watch a producer. */
#pragma once

#include "gstsig-context.h"
#include "gstsig-message.h"

G_BEGIN_DECLS

/**
 * GstsigRoleCallbacks:
 * @ready: the operation that opens is done: offers can be made, or asked for
 * @waiting: nobody is there; it is not done until somebody is
 * @answered: what was asked is done, with a description of the other end; %NULL: our
 *   answer is on its way
 * @failed: it failed. The last thing that its caller does
 * @met: who the other end is, %NULL: there is none
 */
typedef struct
{
  void (*ready)    (gpointer data);
  void (*waiting)  (const gchar * detail, gpointer data);
  void (*answered) (const gchar * sdp, gpointer data);
  void (*failed)   (const GError * error, gpointer data);
  void (*met)      (const gchar * peer, gpointer data);
} GstsigRoleCallbacks;

G_END_DECLS
