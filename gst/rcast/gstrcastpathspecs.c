/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The properties for the use of several uplinks. */
#include "config.h"

#include "gstrcastpathspecs.h"

#include <gst/gst.h>

#include "gstrcastice-enumtypes.h"
#include "gstrcasticetypes.h"
#include "gstrcastsettingids.h"

#define READY_FLAGS \
  (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

/* @specs: all properties */
void
gst_rcast_path_make_specs (GParamSpec ** specs)
{
  /**
   * GstRcastSink:path-mode:
   *
   * How several uplinks are used: only one (`single`), one while the others stand by (`backup`),
   * two at once (`duplicate`), or all of them with a share of the packets each, so that their
   * rates add up (`bond`; the same as `backup` if the server gives no packet-by-packet
   * feedback). docs/ice.md has the details.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_PATH_MODE] =
      g_param_spec_enum ("path-mode", "Path mode",
      "How several uplinks are used", GST_TYPE_RCAST_ICE_PATH_MODE,
      GST_RCAST_ICE_PATH_MODE_BACKUP, READY_FLAGS);

  /**
   * GstRcastSink:path-preference:
   *
   * Names of interfaces or their kinds (`ethernet`, `wifi`, `cellular`, `vpn`), best first. With
   * #GstRcastSink:path-mode `bond`, later ones are only used while those before them are too
   * thin; uplinks that are not named are equal, but cellular ones come last. An unknown word
   * causes a warning when the element goes to READY. On a command line:
   * `path-preference="<ethernet,wlan0>"`.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_PATH_PREFERENCE] =
      gst_param_spec_array ("path-preference", "Path preference",
      "Interfaces or kinds (ethernet, wifi, cellular, vpn), best first", g_param_spec_string ("interface",
          "Interface", "Name or kind of an interface", NULL,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS), READY_FLAGS);

  /**
   * GstRcastSink:path-limits:
   *
   * Limits of the uplinks, for example by contract: each word is an interface or a kind of
   * interface, as in #GstRcastSink:path-preference, and one or two limits, bit/s and bytes a
   * day, behind colons: `path-limits="<wwan0:1500kbit/s:2GB/day,wifi:4Mbit/s>"`. Units are
   * bit/s, kbit/s, Mbit/s and Gbit/s, B/day, kB/day, MB/day, GB/day and TB/day, in steps of
   * 1000. A limit for a kind applies to each of its uplinks; of several words the lowest limit
   * counts.
   *
   * The limits cover what this element sends as media, RTCP and DTLS, with IP and UDP headers.
   * Streams that follow the network (#GstRcastSink:congestion-control) keep to the rate. An
   * uplink that has used up the bytes of a day carries no media until midnight, local time, even
   * if there is no other uplink. A warning reports that, and another one when four fifths are
   * used. With #GstRcastSink:state-file the counts outlive the process. With limits, path mode
   * `single` works as `backup`.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_PATH_LIMITS] =
      gst_param_spec_array ("path-limits", "Path limits",
      "What uplinks may carry, as wwan0:1500kbit/s:2GB/day",
      g_param_spec_string ("limit", "Limit",
          "Interface or kind, and limits behind colons", NULL,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS), READY_FLAGS);

  /**
   * GstRcastSink:media-timeout:
   *
   * How long the server may be silent on a path, beyond its usual interval, before the path is
   * given up, in ms.
   *
   * Since: 0.1
   */
  specs[GST_RCAST_SETTING_MEDIA_TIMEOUT] = g_param_spec_uint ("media-timeout",
      "Media timeout",
      "Silence of the server after which a path is dead, in ms", 200,
      60000, GST_RCAST_ICE_MEDIA_TIMEOUT, READY_FLAGS);
}
