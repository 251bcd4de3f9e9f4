/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the two sides of media in an OpenVidu session report: what is published, what is watched. */
#pragma once

#include "openvidu-message.h"

G_BEGIN_DECLS

/**
 * OpenviduMediaCallbacks:
 * @answered: what was asked is done, with a description of the server: its answer or its
 *   offer; %NULL: it took our answer
 * @failed: it failed: by @error or, without one, by a refusal, for @what
 * @streaming: the stream has the identifier @stream, %NULL: there is none any more
 *
 * Each of the first two is the last thing that its caller does, and may free it.
 */
typedef struct
{
  void (*answered)  (const gchar * sdp, gpointer data);
  void (*failed)    (const OpenviduMessage * refusal, const GError * error, const gchar * what, gpointer data);
  void (*streaming) (const gchar * stream, gpointer data);
} OpenviduMediaCallbacks;

G_END_DECLS
