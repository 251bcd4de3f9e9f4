/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Unnamed network namespaces: a client with two uplinks, a router, a server. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*  client up0 10.77.1.2 --- 10.77.1.1 r0 \
 *                                         router rs 10.77.9.1 --- 10.77.9.2 s0 server
 *  client up1 10.77.2.2 --- 10.77.2.1 r1 /
 */
typedef enum
{
  ICE_LAB_CLIENT,
  ICE_LAB_ROUTER,
  ICE_LAB_SERVER,
  ICE_LAB_N_SPACES
} IceLabSpace;

#define ICE_LAB_UP0 "10.77.1.2"
#define ICE_LAB_UP1 "10.77.2.2"
#define ICE_LAB_SERVER_IP "10.77.9.2"

typedef struct _IceLab IceLab;

/* Returns: (nullable): NULL, and @why_not, if the system cannot make the lab */
IceLab *ice_lab_new (const gchar ** why_not);
void ice_lab_free (IceLab * lab);

/* A thread started between enter and leave belongs to @space. */
void ice_lab_enter (IceLab * lab, IceLabSpace space);
void ice_lab_leave (IceLab * lab);

/* Runs shell commands in @space; they must succeed. */
void ice_lab_run (IceLab * lab, IceLabSpace space, const gchar * format, ...)
    G_GNUC_PRINTF (3, 4);
gboolean ice_lab_try (IceLab * lab, IceLabSpace space, const gchar * command);
/* Starts a process with pipes; it dies with the test. */
GSubprocess *ice_lab_talk (IceLab * lab, IceLabSpace space,
    const gchar * const *argv);
/* Starts a process; it dies with the test. */
GPid ice_lab_spawn (IceLab * lab, IceLabSpace space,
    const gchar * const *argv);
void ice_lab_kill (IceLab * lab, GPid pid);

G_END_DECLS
