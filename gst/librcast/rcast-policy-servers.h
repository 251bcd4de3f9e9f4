/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the policy knows of the servers: which one is next, and their records in a new list. */
#pragma once

#include "rcast-policy-types.h"

G_BEGIN_DECLS

/* How long the policy believes a server that says that its slot is taken. Servers forget an
 * abandoned session within 30 s, some within 45 s. */
#define GST_RCAST_POLICY_BUSY_TIME (45 * GST_SECOND)

gboolean gst_rcast_policy_gives_up        (const GstRcastPolicy * policy);
void     gst_rcast_policy_note_retry_after
                                          (GstRcastPolicy       * policy,
                                           guint                  location,
                                           GstClockTime           retry_after,
                                           GstClockTime           now);
void     gst_rcast_policy_note_refusal    (GstRcastPolicy       * policy,
                                           guint                  location,
                                           GstClockTime           now);
void     gst_rcast_policy_note_static_reports
                                          (GstRcastPolicy       * policy,
                                           const GstRcastEvent  * event);
void     gst_rcast_policy_note_slot       (GstRcastPolicy       * policy,
                                           guint                  location,
                                           const GstRcastEvent  * event,
                                           GstClockTime           now);
void     gst_rcast_policy_note_answer     (GstRcastPolicy       * policy,
                                           guint                  location,
                                           const GstRcastEvent  * event);
void     gst_rcast_policy_note_unreached  (GstRcastPolicy       * policy,
                                           guint                  location,
                                           GstClockTime           now);
void     gst_rcast_policy_note_welcome    (GstRcastPolicy       * policy,
                                           guint                  location);
GstClockTime
         gst_rcast_policy_get_check_interval
                                          (const GstRcastPolicy * policy,
                                           guint                  location);
void     gst_rcast_policy_begin_stay      (GstRcastPolicy       * policy,
                                           GstClockTime           now);
void     gst_rcast_policy_note_stay       (GstRcastPolicy       * policy,
                                           GstClockTime           until);
void     gst_rcast_policy_forget_refusals (GstRcastPolicy       * policy);
void     gst_rcast_policy_forget_failures (GstRcastPolicy       * policy);
void     gst_rcast_policy_note_presence   (GstRcastPolicy       * policy,
                                           const GstRcastEvent  * event,
                                           gboolean               hastened,
                                           GstClockTime           now);
GstClockTime
         gst_rcast_policy_get_probe_delay (const GstRcastPolicy * policy,
                                           GstClockTime           absence,
                                           guint32                random);
void     gst_rcast_policy_note_session    (GstRcastPolicy       * policy);
GstClockTime
         gst_rcast_policy_get_session_delay
                                          (const GstRcastPolicy * policy,
                                           guint32                random);
guint    gst_rcast_policy_choose_location (const GstRcastPolicy * policy,
                                           gboolean               next,
                                           GstClockTime           now);
gboolean gst_rcast_policy_relocate        (GstRcastPolicy       * policy,
                                           const guint          * former,
                                           guint                  n,
                                           guint                  n_listed);

G_END_DECLS
