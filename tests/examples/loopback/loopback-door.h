/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A UDP port that stays the same over all ICE restarts of a session, as on large servers. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _LoopbackDoor LoopbackDoor;

LoopbackDoor *  loopback_door_new           (const gchar * address, GError ** error);
void            loopback_door_free          (LoopbackDoor * door);
/* Forwards checks to the agent of @candidate on 127.0.0.1, if they name the candidate's ufrag. */
void            loopback_door_lead_to       (LoopbackDoor * door, const gchar * candidate);
const gchar *   loopback_door_get_candidate (LoopbackDoor * door);

G_END_DECLS
