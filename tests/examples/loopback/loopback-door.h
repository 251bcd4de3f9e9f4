/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One UDP port that stays the same over all ICE restarts of a session, as large servers have it. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _LoopbackDoor LoopbackDoor;

LoopbackDoor *  loopback_door_new           (const gchar * address, GError ** error);
void            loopback_door_free          (LoopbackDoor * door);
/* @candidate: of an agent on 127.0.0.1, with its ufrag; checks with that go there from now on. */
void            loopback_door_lead_to       (LoopbackDoor * door, const gchar * candidate);
const gchar *   loopback_door_get_candidate (LoopbackDoor * door);

G_END_DECLS
