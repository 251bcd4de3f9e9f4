/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The enumerations and errors of the ICE agent, for all its parts. */
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>

#include "gstrcasticeapi.h"

G_BEGIN_DECLS

/**
 * GstRcastIceError:
 * @GST_RCAST_ICE_ERROR_TIMED_OUT: no pair of the new generation worked in time
 * @GST_RCAST_ICE_ERROR_REFUSED: the peer answered with its old credentials: it
 *     cannot restart ICE
 * @GST_RCAST_ICE_ERROR_CANCELLED: the application cancelled the restart, or started
 *     another one
 *
 * Why a restart failed. The old generation continues in all cases.
 */
typedef enum
{
  GST_RCAST_ICE_ERROR_TIMED_OUT,
  GST_RCAST_ICE_ERROR_REFUSED,
  GST_RCAST_ICE_ERROR_CANCELLED,
} GstRcastIceError;

/**
 * GstRcastIcePathMode:
 * @GST_RCAST_ICE_PATH_MODE_SINGLE: one path, whichever address it is on; another
 *     one is opened when it is dead
 * @GST_RCAST_ICE_PATH_MODE_BACKUP: a path on each interface, all validated and
 *     kept fresh, media on the best
 * @GST_RCAST_ICE_PATH_MODE_DUPLICATE: each packet on the two best paths; SRTP's
 *     replay protection drops the second one at the receiver
 * @GST_RCAST_ICE_PATH_MODE_BOND: each packet on one of all paths that work, so that
 *     these add up; gst_rcast_ice_set_choose_func() says on which
 *
 * How several uplinks are used.
 */
typedef enum                    /*< skip >*/
{
  GST_RCAST_ICE_PATH_MODE_SINGLE,
  GST_RCAST_ICE_PATH_MODE_BACKUP,
  GST_RCAST_ICE_PATH_MODE_DUPLICATE,
  GST_RCAST_ICE_PATH_MODE_BOND,
} GstRcastIcePathMode;

#define GST_TYPE_RCAST_ICE_PATH_MODE (gst_rcast_ice_path_mode_get_type ())
GST_RCAST_ICE_API
GType gst_rcast_ice_path_mode_get_type (void);

/**
 * GstRcastIcePathState:
 * @GST_RCAST_ICE_PATH_STATE_CHECKING: not validated yet
 * @GST_RCAST_ICE_PATH_STATE_ALIVE: validated, and packets from the peer arrive
 * @GST_RCAST_ICE_PATH_STATE_SUSPECT: packets from the peer are overdue; a burst of
 *     checks is under way, and media is also sent on the next path
 * @GST_RCAST_ICE_PATH_STATE_DEAD: the peer does not answer, or the interface is
 *     gone
 *
 * The state of one path.
 */
typedef enum
{
  GST_RCAST_ICE_PATH_STATE_CHECKING,
  GST_RCAST_ICE_PATH_STATE_ALIVE,
  GST_RCAST_ICE_PATH_STATE_SUSPECT,
  GST_RCAST_ICE_PATH_STATE_DEAD,
} GstRcastIcePathState;

/**
 * GstRcastIceRestartReason:
 * @GST_RCAST_ICE_RESTART_REASON_PATH_LOST: no path is left that works
 * @GST_RCAST_ICE_RESTART_REASON_PATH_SWITCHED: media has moved to another path;
 *     the peer still sends on the old one
 * @GST_RCAST_ICE_RESTART_REASON_PATH_ADDED: a new interface carries a path that
 *     the peer does not know
 * @GST_RCAST_ICE_RESTART_REASON_RETURN_PATH: checks are answered, but RTCP no
 *     longer arrives, or the path on which it arrived has died
 *
 * Why the agent requests an ICE restart. Only the first reason is urgent.
 */
typedef enum
{
  GST_RCAST_ICE_RESTART_REASON_PATH_LOST,
  GST_RCAST_ICE_RESTART_REASON_PATH_SWITCHED,
  GST_RCAST_ICE_RESTART_REASON_PATH_ADDED,
  GST_RCAST_ICE_RESTART_REASON_RETURN_PATH,
} GstRcastIceRestartReason;

/**
 * GstRcastIcePathChange:
 * @GST_RCAST_ICE_PATH_CHANGE_FIRST: the first path of the session
 * @GST_RCAST_ICE_PATH_CHANGE_RESTART: an ICE restart succeeded
 * @GST_RCAST_ICE_PATH_CHANGE_SILENT: packets from the peer no longer arrive on the old path
 * @GST_RCAST_ICE_PATH_CHANGE_REFUSED: the system refused packets on the old path
 * @GST_RCAST_ICE_PATH_CHANGE_GONE: the interface or address of the old path is gone
 * @GST_RCAST_ICE_PATH_CHANGE_BETTER: the old path works, but the new one is better
 *
 * Why media moved to another path.
 */
typedef enum
{
  GST_RCAST_ICE_PATH_CHANGE_FIRST,
  GST_RCAST_ICE_PATH_CHANGE_RESTART,
  GST_RCAST_ICE_PATH_CHANGE_SILENT,
  GST_RCAST_ICE_PATH_CHANGE_REFUSED,
  GST_RCAST_ICE_PATH_CHANGE_GONE,
  GST_RCAST_ICE_PATH_CHANGE_BETTER,
} GstRcastIcePathChange;

/**
 * GstRcastIceNetworkChange:
 * @GST_RCAST_ICE_NETWORK_CHANGE_UP: an interface, an address or a default route
 *     appeared: earlier failures may now succeed
 * @GST_RCAST_ICE_NETWORK_CHANGE_LOST: no interface is left
 * @GST_RCAST_ICE_NETWORK_CHANGE_REDUCED: an interface, an address or a route has gone, others remain
 *
 * Changes of the host's network.
 */
typedef enum
{
  GST_RCAST_ICE_NETWORK_CHANGE_UP,
  GST_RCAST_ICE_NETWORK_CHANGE_LOST,
  GST_RCAST_ICE_NETWORK_CHANGE_REDUCED,
} GstRcastIceNetworkChange;

/**
 * GstRcastIceSentFunc:
 * @session: webrtcbin's session
 * @interface: (nullable): the uplink; %NULL: the system chooses it
 * @trial: whether it is a copy, to see whether the path can carry the media
 * @packets: what left on it, encrypted as on the wire: RTP, RTCP, DTLS
 * @n_packets: how many
 * @object: as given to gst_rcast_ice_set_sent_func()
 *
 * Packets have just left. On the thread that sends; it must neither block nor send.
 */
typedef void (*GstRcastIceSentFunc) (guint session, const gchar * interface,
    gboolean trial, const GOutputVector * packets, guint n_packets,
    GObject * object);

/**
 * GstRcastIceCarrier:
 * @interface: the uplink
 * @rank: by #GstRcastIce:path-preference, 0 first; uplinks may have the same
 *
 * A path that can carry a packet.
 */
typedef struct                  /*< skip >*/
{
  const gchar *interface;
  guint rank;
} GstRcastIceCarrier;

/* Returned by a #GstRcastIceChooseFunc */
#define GST_RCAST_ICE_NO_CHOICE G_MAXUINT

/**
 * GstRcastIceChooseFunc:
 * @session: webrtcbin's session
 * @carriers: (array length=n_carriers): the paths that work
 * @n_carriers: how many, one at least
 * @packet: what is to leave, encrypted as on the wire: RTP, RTCP, DTLS
 * @object: as given to gst_rcast_ice_set_choose_func()
 *
 * On which path a packet leaves. On the thread that sends; it must neither block nor send.
 *
 * Returns: the index of the path, or %GST_RCAST_ICE_NO_CHOICE: nothing is known that speaks for
 *   one of them, and it leaves on the first. If that is so of all packets for a second, no
 *   packet leaves on another one until the function returns an index again: the paths are used
 *   as with %GST_RCAST_ICE_PATH_MODE_BACKUP
 */
typedef guint (*GstRcastIceChooseFunc) (guint session,
    const GstRcastIceCarrier * carriers, guint n_carriers,
    const GOutputVector * packet, GObject * object);

/* Milliseconds; the default of #GstRcastIce:media-timeout. */
#define GST_RCAST_ICE_MEDIA_TIMEOUT 1000

#define GST_RCAST_ICE_ERROR (gst_rcast_ice_error_quark ())
GST_RCAST_ICE_API
GQuark gst_rcast_ice_error_quark (void);

G_END_DECLS
