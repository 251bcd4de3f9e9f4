/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The second attempt: its course, and when it replaces the main one. */
#pragma once

#include "rcast-policy-choice.h"

G_BEGIN_DECLS

/* Conditions of a row: bit, word, meaning. */
#define GST_RCAST_SECOND_GUARDS(G) \
  G (ON_AIR, "main sends", "the main attempt sends media: it is live, updating, detached, resuming or connected") \
  G (OFF_AIR, "main does not send", "it does not, or its media is in doubt") \
  G (IN_THE_WAY, "main in the way", \
      "the application wants to move, and the server said that somebody is there already, or that nobody " \
      "is there to send to") \
  G (UNREPORTED, "never reported", "this server has not reported on any connection since the start") \
  G (MAY_HASTEN, "may hasten", \
      "the server that was probed asked for no time (`Retry-After`), and no wait for it was cut short since it was last " \
      "unreachable") \
  G (ELSEWHERE, "another server", \
      "the probe was of another server than the one that is asked, and the second attempt is no return, and no move") \
  G (WHOLE, "no stream missing", "the server has confirmed something of each stream") \
  G (STREAMS, "streams ready", "there is a stream, and every stream knows what it can offer")

/* *INDENT-OFF* */
#define GST_RCAST_SECOND_NAME(name, ...) GST_RCAST_SECOND_GUARD_INDEX_ ## name,
#define GST_RCAST_SECOND_FLAG(name, ...) \
    GST_RCAST_SECOND_GUARD_ ## name = 1 << GST_RCAST_SECOND_GUARD_INDEX_ ## name,
typedef enum { GST_RCAST_SECOND_GUARDS (GST_RCAST_SECOND_NAME) } GstRcastSecondGuardIndex;
typedef enum { GST_RCAST_SECOND_GUARDS (GST_RCAST_SECOND_FLAG) } GstRcastSecondGuards;
#undef GST_RCAST_SECOND_NAME
#undef GST_RCAST_SECOND_FLAG
/* *INDENT-ON* */

/* GstRcastSecondRow.next: the state of the second attempt does not change. */
#define GST_RCAST_SECOND_SAME (-1)
/* The same, but the step now has no more time than the step of a first attempt. */
#define GST_RCAST_SECOND_SOONER (-2)

/**
 * GstRcastSecondRow:
 * @seconds: bit set, by #GstRcastSecond
 * @events: bit set, by #GstRcastEventType
 * @guards: #GstRcastSecondGuards that all have to hold
 * @next: next state of the second attempt, %GST_RCAST_SECOND_SAME, or
 *   %GST_RCAST_SECOND_SOONER
 * @actions: #GstRcastActions
 * @main: (nullable): the move of the main attempt, with %GST_RCAST_ACTION_PROMOTE, or
 *   in place of the second one
 *
 * The policy takes the first row that matches the state of the second attempt and its event, and
 * whose guards hold.
 */
typedef struct {
  guint seconds;
  guint64 events;
  guint guards;
  gint next;
  guint actions;
  const GstRcastMove *main;
} GstRcastSecondRow;

extern const GstRcastSecondRow gst_rcast_policy_second_rows[];
extern const guint gst_rcast_policy_n_second_rows;

gboolean gst_rcast_policy_is_of_second       (const GstRcastPolicy    * policy,
                                              const GstRcastTurn      * turn);
gboolean gst_rcast_policy_is_for_both        (const GstRcastTurn      * turn);
const GstRcastSecondRow *
         gst_rcast_policy_find_second_row    (const GstRcastPolicy    * policy,
                                              const GstRcastTurn      * turn,
                                              gboolean                  on_air);
guint    gst_rcast_policy_take_second_row    (GstRcastPolicy          * policy,
                                              const GstRcastSecondRow * row,
                                              const GstRcastTurn      * turn);
gboolean gst_rcast_policy_extend_second      (GstRcastPolicy          * policy,
                                              const GstRcastTurn      * turn);
void     gst_rcast_policy_begin_second       (GstRcastPolicy          * policy,
                                              guint                     effects,
                                              const GstRcastTurn      * turn);
guint    gst_rcast_policy_drop_second        (GstRcastPolicy          * policy);
void     gst_rcast_policy_hedge_again        (GstRcastPolicy          * policy,
                                              const GstRcastTurn      * turn);
guint    gst_rcast_policy_hedge              (GstRcastPolicy          * policy,
                                              const GstRcastTurn      * turn,
                                              GstRcastState             from);
void     gst_rcast_policy_note_last_word     (GstRcastPolicy          * policy,
                                              const GstRcastTurn      * turn);
GstRcastStrategy
         gst_rcast_policy_get_second_strategy (const GstRcastPolicy   * policy);
void     gst_rcast_policy_promote            (GstRcastPolicy          * policy);

G_END_DECLS
