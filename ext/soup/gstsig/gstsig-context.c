/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The context that all parts of a session at a gst-webrtc-signalling-server share. */
#include "config.h"

#include "gstsig-context.h"

#include "gstsig-message.h"
#include "rcast-text.h"

void
gstsig_context_send (const GstsigContext * context, gchar * text)
{
  g_autofree gchar *held = text;

  ws_link_send (context->link, held);
}

/* The second message is for servers that ignore the first one. Other servers have already ended the
 * session by then. */
void
gstsig_context_end (const GstsigContext * context, const gchar * session,
    const gchar * reason)
{
  if (reason)
    gstsig_context_send (context, gstsig_print_end (session, reason));
  gstsig_context_send (context, gstsig_print_end (session, NULL));
}

void
gstsig_context_post (const GstsigContext * context, const gchar * event,
    const gchar * peer)
{
  g_autofree gchar *shown = gst_rcast_text_clean (peer, -1);
  GstStructure *structure = gst_structure_new ("gst-signalling-event", "event",
      G_TYPE_STRING, event, NULL);

  if (shown)
    gst_structure_set (structure, "peer", G_TYPE_STRING, shown, NULL);
  gst_rcast_net_signaller_post (context->element, structure);
}

GError *
gstsig_context_new_error (const GstsigContext * context, GstRcastError code,
    const gchar * what)
{
  return ws_link_new_error (context->link, code, "%s", what);
}
