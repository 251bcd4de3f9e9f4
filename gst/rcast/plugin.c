/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Registers rcastsink and rcastsrc. */
#include "config.h"

#include "gstrcastsink.h"
#include "gstrcastsrc.h"

static gboolean
plugin_init (GstPlugin * plugin)
{
  return GST_ELEMENT_REGISTER (rcastsink, plugin)
      && GST_ELEMENT_REGISTER (rcastsrc, plugin);
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, rcast,
    "Keeps a WebRTC broadcast on air", plugin_init, PACKAGE_VERSION,
    GST_LICENSE, GST_PACKAGE_NAME, GST_PACKAGE_ORIGIN)
