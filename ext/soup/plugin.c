/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plugin with the signallers based on libsoup. */
#include "config.h"

#include <gst/gst.h>

#include "gstrcastgst.h"
#include "gstrcastjanus.h"
#include "gstrcastopenvidu.h"
#include "gstrcastwhep.h"
#include "gstrcastwhip.h"

static gboolean
plugin_init (GstPlugin * plugin)
{
  return GST_ELEMENT_REGISTER (rcastgst, plugin)
      && GST_ELEMENT_REGISTER (rcastjanus, plugin)
      && GST_ELEMENT_REGISTER (rcastopenvidu, plugin)
      && GST_ELEMENT_REGISTER (rcastwhep, plugin)
      && GST_ELEMENT_REGISTER (rcastwhip, plugin);
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, rcastsoup,
    "Signallers of gst-rcast on libsoup", plugin_init, PACKAGE_VERSION,
    GST_LICENSE, GST_PACKAGE_NAME, GST_PACKAGE_ORIGIN)
