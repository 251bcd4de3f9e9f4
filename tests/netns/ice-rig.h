/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two webrtcbins in the lab, faults between them, and limits that allow for a busy machine. */
#pragma once

#include <gst/check/gstcheck.h>

#include "gstrcastice.h"
#include "ice-lab.h"
#include "ice-pair.h"

G_BEGIN_DECLS

extern IceLab *ice_lab;         /* of the running test */

/* In us: a second, and the receiver's interval between two reports */
#define BACK_GAP 1250000

typedef struct
{
  gboolean our_receiver;
  GstRcastIcePathMode mode;
  gboolean restart;             /* restart ICE on restart-wanted */
  const gchar *const *preference;
} IceSetup;

typedef struct
{
  const gchar *down;
  const gchar *up;
  IceLabSpace space;
} IceFault;

extern const IceSetup ice_backup, ice_backup_mute, ice_backup_stock,
    ice_single_mute, ice_duplicate;
extern const IceFault ice_link_down, ice_link_down_1, ice_own_link_down,
    ice_black_hole, ice_black_hole_1;

void ice_rig_set_up (void);
void ice_rig_tear_down (void);
gboolean ice_rig_has_tool (const gchar * name);
gboolean ice_rig_has_module (const gchar * name);

guint ice_rig_get_number (const gchar * variable, guint fallback);
gint64 ice_rig_get_round_trip (void);
gint64 ice_rig_get_limit (gint64 expected);
void ice_rig_assert_within (const gchar * name, gint64 us, gint64 expected);
void ice_rig_assert_lost (const gchar * name, guint lost, gint64 expected);

IcePair *ice_rig_new (const IceSetup * setup);
IcePair *ice_rig_start (const IceSetup * setup);
void ice_rig_stop (IcePair * pair);
IcePair *ice_rig_break (const IceSetup * setup, const IceFault * fault,
    guint packets);
void ice_rig_report (const gchar * name, IcePair * pair, guint lost);
void ice_rig_run_fault (const gchar * name, const IceSetup * setup,
    const IceFault * fault, gint64 max_gap, gint64 max_back_gap,
    gboolean lossless);
void ice_rig_hide_behind_nat (void);
void ice_rig_last (guint ms);
gboolean ice_rig_is_disconnected (IcePair * pair, gpointer data);
gboolean ice_rig_is_connected (IcePair * pair, gpointer data);

/* Tests in other files */
void ice_add_network_tests (TCase * tc);
void ice_add_turn_tests (TCase * tc);
void ice_add_foreign_tests (TCase * tc);

G_END_DECLS
