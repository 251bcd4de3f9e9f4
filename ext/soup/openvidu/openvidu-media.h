/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Callbacks of both media directions in an OpenVidu session: publishing and watching. */
#pragma once

#include "openvidu-message.h"

G_BEGIN_DECLS

/**
 * OpenviduMediaCallbacks:
 * @answered: the operation is done, with a description of the server: its answer or its
 *   offer; %NULL: the server accepted our answer
 * @failed: the operation failed. @error: (nullable): %NULL if the server refused @what
 * @streaming: the stream has the identifier @stream; %NULL: there is no stream any more
 *
 * @answered and @failed are the last thing that the caller does. They may free the caller.
 */
typedef struct
{
  void (*answered)  (const gchar * sdp, gpointer data);
  void (*failed)    (const OpenviduMessage * refusal, const GError * error, const gchar * what, gpointer data);
  void (*streaming) (const gchar * stream, gpointer data);
} OpenviduMediaCallbacks;

G_END_DECLS
