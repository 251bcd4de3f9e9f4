/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The participants of an OpenVidu session, and which of their streams to watch. Pure. */
#pragma once

#include "openvidu-message.h"

G_BEGIN_DECLS

typedef struct _OpenviduRoster OpenviduRoster;

/* Of the streams that match, the last one published is selected: an earlier one is its ghost, or is
 * replaced by it. @feed: (nullable): identifier of a connection or a stream. @display: (nullable):
 * name of the publisher */
OpenviduRoster * openvidu_roster_new    (const gchar           * feed,
                                         const gchar           * display);
void             openvidu_roster_free   (OpenviduRoster        * self);

/* @participants: (element-type OpenviduParticipant): added to what is known. Beyond
 * OPENVIDU_MAX_PARTICIPANTS, participants without a matching stream are forgotten first, and the
 * latest arrivals. */
void             openvidu_roster_add    (OpenviduRoster        * self,
                                         GArray                * participants);
/* The participants have left, which has ended their streams. */
void             openvidu_roster_remove (OpenviduRoster        * self,
                                         const gchar           * connection);
void             openvidu_roster_end    (OpenviduRoster        * self,
                                         const gchar           * connection);
/* A stream was switched on or off. @property: OpenVidu's name for its audio or video */
void             openvidu_roster_change (OpenviduRoster        * self,
                                         const gchar           * connection,
                                         const gchar           * property,
                                         const gchar           * value);

/* Returns: (nullable): the stream to watch */
const gchar *    openvidu_roster_get    (OpenviduRoster        * self);
/* Returns: (nullable): the connection that publishes @stream */
const gchar *    openvidu_roster_find   (OpenviduRoster        * self,
                                         const gchar           * stream);
/* Returns: whether the publisher has switched off everything in @stream */
gboolean         openvidu_roster_is_off (OpenviduRoster        * self,
                                         const gchar           * stream);
/* Returns: (nullable): name of the watched publisher */
const gchar *    openvidu_roster_get_name (OpenviduRoster      * self);

G_END_DECLS
