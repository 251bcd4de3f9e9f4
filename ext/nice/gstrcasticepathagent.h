/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Creates and configures the NiceAgent of a path. */
#pragma once

#include <gst/gst.h>
#include <nice/agent.h>

#include "gstrcasticesettings.h"
#include "rcast-loop.h"
#include "rcast-uplinks.h"

G_BEGIN_DECLS

typedef struct
{
  GstRcastLoop *loop;
  const GstRcastIceSettings *settings;
  const GstRcastUplink *uplink; /* NULL: all addresses */
  const gchar *ufrag;
  const gchar *password;
  gint tos;
  const gchar *name;            /* in logs */
} GstRcastIcePathAgentConfig;

NiceAgent *gst_rcast_ice_path_agent_new (const GstRcastIcePathAgentConfig *
    config, guint * stream_id);

G_END_DECLS
