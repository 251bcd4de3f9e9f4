/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Enumerations, callbacks and errors of the ICE agent. */
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>

#include "gstrcasticeapi.h"

G_BEGIN_DECLS

/**
 * GstRcastIceError:
 * @GST_RCAST_ICE_ERROR_TIMED_OUT: no candidate pair of the new generation worked in time
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
 * @GST_RCAST_ICE_PATH_MODE_SINGLE: one path on any local address; a dead path is
 *     replaced
 * @GST_RCAST_ICE_PATH_MODE_BACKUP: one path per interface, all validated and kept
 *     fresh; the best one carries the media
 * @GST_RCAST_ICE_PATH_MODE_DUPLICATE: each packet is sent on the two best paths; the
 *     SRTP replay protection of the receiver drops the second copy
 * @GST_RCAST_ICE_PATH_MODE_BOND: each packet is sent on one of all working paths, so
 *     their capacities add up; gst_rcast_ice_set_choose_func() chooses the path
 *
 * How the agent uses several uplinks.
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
 * @GST_RCAST_ICE_RESTART_REASON_PATH_LOST: no path works any more
 * @GST_RCAST_ICE_RESTART_REASON_PATH_SWITCHED: media has moved to another path;
 *     the peer still sends on the old one
 * @GST_RCAST_ICE_RESTART_REASON_PATH_ADDED: a new interface carries a path that
 *     the peer does not know
 * @GST_RCAST_ICE_RESTART_REASON_RETURN_PATH: the peer answers checks, but its RTCP
 *     no longer arrives, or the path on which it arrived has died
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
 *     appeared: what failed before may now succeed
 * @GST_RCAST_ICE_NETWORK_CHANGE_LOST: the last interface has gone
 * @GST_RCAST_ICE_NETWORK_CHANGE_REDUCED: an interface, an address or a route has gone,
 *     others remain
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
 * @interface: (nullable): the uplink; %NULL: the system chose it
 * @trial: whether the packets are copies that test the capacity of the path
 * @packets: the packets sent, encrypted as on the wire: RTP, RTCP, DTLS
 * @n_packets: number of @packets
 * @object: as given to gst_rcast_ice_set_sent_func()
 *
 * The agent has just sent @packets. Called on the sending thread; it must neither block
 * nor send.
 */
typedef void (*GstRcastIceSentFunc) (guint session, const gchar * interface,
    gboolean trial, const GOutputVector * packets, guint n_packets,
    GObject * object);

/**
 * GstRcastIceCarrier:
 * @interface: the uplink
 * @rank: its rank in #GstRcastIce:path-preference, 0 first; uplinks may share a rank
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
 * @carriers: (array length=n_carriers): the working paths
 * @n_carriers: number of @carriers, at least 1
 * @packet: the packet to send, encrypted as on the wire: RTP, RTCP, DTLS
 * @object: as given to gst_rcast_ice_set_choose_func()
 *
 * Chooses the path for a packet. Called on the sending thread; it must neither block nor
 * send.
 *
 * Returns: the index of the path, or %GST_RCAST_ICE_NO_CHOICE for no preference: the agent
 *   then sends the packet on the first path. After one second without a choice the agent
 *   uses the paths as with %GST_RCAST_ICE_PATH_MODE_BACKUP, until the function returns an
 *   index again
 */
typedef guint (*GstRcastIceChooseFunc) (guint session,
    const GstRcastIceCarrier * carriers, guint n_carriers,
    const GOutputVector * packet, GObject * object);

/* Default of #GstRcastIce:media-timeout, in milliseconds. */
#define GST_RCAST_ICE_MEDIA_TIMEOUT 1000

#define GST_RCAST_ICE_ERROR (gst_rcast_ice_error_quark ())
GST_RCAST_ICE_API
GQuark gst_rcast_ice_error_quark (void);

G_END_DECLS
