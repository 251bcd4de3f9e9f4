/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pending operation of a WHIP session: an offer or a restart. */
#include "config.h"

#include "whip-operation.h"

#include "rcast-loop.h"

/* Clears @operation, and returns @answer or @error to its owner. */
void
whip_operation_end (WhipOperation * operation, gchar * answer, GError * error)
{
  gst_rcast_source_clear (&operation->timer);
  gst_rcast_source_clear (&operation->cancel);
  g_clear_pointer (&operation->sdp, gst_sdp_message_free);
  g_clear_pointer (&operation->body, g_bytes_unref);
  g_clear_pointer (&operation->fragment, gst_rcast_sdp_fragment_free);
  if (error)
    g_task_return_error (operation->task, error);
  else
    g_task_return_pointer (operation->task, answer, g_free);
  g_object_unref (operation->task);
}
