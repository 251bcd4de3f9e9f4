/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who is in an OpenVidu session, and whose stream is the one that is watched: pure. */
#pragma once

#include "openvidu-message.h"

G_BEGIN_DECLS

typedef struct _OpenviduRoster OpenviduRoster;

/* Of those that are watched for, the one that was published last counts: an earlier one is
 * its ghost, or gives place to it. @feed: (nullable): identifier of a connection or a
 * stream; @display: (nullable): name of its publisher */
OpenviduRoster * openvidu_roster_new    (const gchar           * feed,
                                         const gchar           * display);
void             openvidu_roster_free   (OpenviduRoster        * self);

/* @participants: (element-type OpenviduParticipant): what is said of them adds to what is
 * known. Of more than OPENVIDU_MAX_PARTICIPANTS, those that do not publish what is watched
 * for are forgotten first, and the last that come. */
void             openvidu_roster_add    (OpenviduRoster        * self,
                                         GArray                * participants);
/* They have left; their streams were ended. */
void             openvidu_roster_remove (OpenviduRoster        * self,
                                         const gchar           * connection);
void             openvidu_roster_end    (OpenviduRoster        * self,
                                         const gchar           * connection);
/* A stream of a publisher is on, or not: @property is OpenVidu's name for it. */
void             openvidu_roster_change (OpenviduRoster        * self,
                                         const gchar           * connection,
                                         const gchar           * property,
                                         const gchar           * value);

/* Returns: (nullable): the stream that is to be watched */
const gchar *    openvidu_roster_get    (OpenviduRoster        * self);
/* Returns: (nullable): of the connection that publishes @stream */
const gchar *    openvidu_roster_find   (OpenviduRoster        * self,
                                         const gchar           * stream);
/* Returns: whether its publisher has stopped all that is in @stream */
gboolean         openvidu_roster_is_off (OpenviduRoster        * self,
                                         const gchar           * stream);
/* Returns: (nullable): how the watched one is called */
const gchar *    openvidu_roster_get_name (OpenviduRoster      * self);

G_END_DECLS
