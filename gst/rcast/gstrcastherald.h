/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reports the policy's steps to the application, in messages and statistics. */
#pragma once

#include <gst/gst.h>

#include "rcast-message.h"
#include "rcast-policy.h"
#include "rcast-report.h"

G_BEGIN_DECLS

/**
 * GstRcastHeraldCallbacks:
 * @status: the status changed; (element-type GstMessage): the messages to post about it
 * @post: (transfer full): another message to post
 * @hastened: the attempt that was reported last no longer waits; a static string says why
 *
 * All callbacks run on the thread of the functions below.
 */
typedef struct {
  void (*status)   (const GstRcastStatusInfo * info, GPtrArray * messages,
                    gpointer data);
  void (*post)     (GstMessage * message, gpointer data);
  void (*hastened) (const gchar * by, gpointer data);
} GstRcastHeraldCallbacks;

typedef struct _GstRcastHerald GstRcastHerald;

GstRcastHerald * gst_rcast_herald_new        (GstObject                     * source,
                                              GstRcastDirection               direction,
                                              const GstRcastHeraldCallbacks * callbacks,
                                              gpointer                        data);
void             gst_rcast_herald_free       (GstRcastHerald                * self);
void             gst_rcast_herald_set_grace  (GstRcastHerald                * self,
                                              GstClockTime                    grace);
void             gst_rcast_herald_set_beside (GstRcastHerald                * self,
                                              GstRcastStrategy                strategy,
                                              const gchar                   * location);
gchar *          gst_rcast_herald_dup_beside (GstRcastHerald                * self);
void             gst_rcast_herald_tell       (GstRcastHerald                * self,
                                              const GstRcastOccasion        * occasion);
void             gst_rcast_herald_warn       (GstRcastHerald                * self,
                                              const GError                  * error);
void             gst_rcast_herald_hasten     (GstRcastHerald                * self,
                                              const GstRcastStep            * step,
                                              GstRcastEventType               event);

G_END_DECLS
