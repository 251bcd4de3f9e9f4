/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reports the policy's steps to the application, in messages and statistics. */
#include "config.h"

#include "gstrcastherald.h"

#include "rcast-enumtypes.h"
#include "rcast-nick.h"
#include "rcast-policyenums.h"

/* All fields belong to the loop's thread but those that say otherwise. */
struct _GstRcastHerald
{
  GstObject *source;            /* constant; not owned: it owns the herald */
  GstRcastHeraldCallbacks callbacks;    /* constant */
  gpointer data;                /* constant */

  GstRcastReporter reporter;
  GstRcastStatusInfo *last;     /* the last status; NULL: there was none */
  GstClockTime told_at;         /* time of @last */

  GMutex lock;
  gchar *beside;                /* lock; the second attempt; written by the loop's thread */
};

/* @source: source of the messages; outlives the herald; @direction: of its media */
GstRcastHerald *
gst_rcast_herald_new (GstObject * source, GstRcastDirection direction,
    const GstRcastHeraldCallbacks * callbacks, gpointer data)
{
  GstRcastHerald *self = g_new0 (GstRcastHerald, 1);

  self->source = source;
  self->reporter.direction = direction;
  self->callbacks = *callbacks;
  self->data = data;
  g_mutex_init (&self->lock);
  return self;
}

void
gst_rcast_herald_free (GstRcastHerald * self)
{
  gst_rcast_status_info_free (self->last);
  g_free (self->beside);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* A connection that is lost for less time causes no warning. */
void
gst_rcast_herald_set_grace (GstRcastHerald * self, GstClockTime grace)
{
  self->reporter.grace = grace;
}

static void
report (GstRcastHerald * self, const GstRcastStatusInfo * info)
{
  g_autoptr (GPtrArray) messages =
      gst_rcast_report_status (&self->reporter, self->source, info);

  gst_rcast_status_info_free (self->last);
  self->last = gst_rcast_status_info_copy (info);
  self->told_at = gst_util_get_timestamp ();
  self->callbacks.status (info, messages, self->data);
}

/* The second attempt */

static gboolean
is_off_air (const GstRcastStatusInfo * info)
{
  return info && (info->status == GST_RCAST_STATUS_SIGNALLING
      || info->status == GST_RCAST_STATUS_RECONNECTING_BROADCAST);
}

/* The status has not changed, and its attempt goes on. Posts it again for observers. */
static void
post_again (GstRcastHerald * self)
{
  GstRcastStatusInfo info = *self->last;
  g_autoptr (GPtrArray) messages = NULL;

  info.beside = self->beside;
  info.delay = 0;
  if (info.status == GST_RCAST_STATUS_RECONNECTING_BROADCAST)
    info.outage += gst_util_get_timestamp () - self->told_at;
  messages = gst_rcast_report_status (&self->reporter, self->source, &info);
  for (guint i = 0; i < messages->len; i++)
    self->callbacks.post (gst_message_ref (g_ptr_array_index (messages, i)),
        self->data);
}

/**
 * gst_rcast_herald_set_beside:
 * @strategy: strategy of the second attempt; %GST_RCAST_STRATEGY_NONE: there is none
 * @location: (nullable): its server, without secrets
 *
 * Posts a second attempt that begins while media is off air.
 */
void
gst_rcast_herald_set_beside (GstRcastHerald * self, GstRcastStrategy strategy,
    const gchar * location)
{
  g_autofree gchar *beside = gst_rcast_report_beside (strategy, location);
  gboolean begins;

  if (g_strcmp0 (beside, self->beside) == 0)
    return;
  begins = !self->beside;
  g_mutex_lock (&self->lock);
  g_free (self->beside);
  self->beside = g_steal_pointer (&beside);
  g_mutex_unlock (&self->lock);
  if (begins && is_off_air (self->last))
    post_again (self);
}

/* Returns: (transfer full) (nullable): the second attempt, for stats. Any thread */
gchar *
gst_rcast_herald_dup_beside (GstRcastHerald * self)
{
  gchar *beside;

  g_mutex_lock (&self->lock);
  beside = g_strdup (self->beside);
  g_mutex_unlock (&self->lock);
  return beside;
}

/* The steps */

/**
 * gst_rcast_herald_tell:
 * @occasion: a step, and what there is to report about it
 *
 * Posts the messages that the actions of the step require, if any.
 */
void
gst_rcast_herald_tell (GstRcastHerald * self, const GstRcastOccasion * occasion)
{
  GstRcastActions actions = occasion->step->actions;
  GstRcastOccasion whole = *occasion;
  g_autoptr (GstRcastStatusInfo) info = NULL;

  whole.beside = self->beside;
  info = gst_rcast_report_step (&whole);
  if (actions & GST_RCAST_ACTION_POST_OUTAGE) {
    g_autoptr (GstRcastStatusInfo) began = gst_rcast_report_outage (&whole);

    report (self, began);
  }
  if (actions & GST_RCAST_ACTION_POST_STATUS)
    report (self, info);
  if (actions & GST_RCAST_ACTION_POST_ERROR)
    self->callbacks.post (gst_rcast_report_failure (&self->reporter,
            self->source, info, occasion->error), self->data);
}

/* Something that was requested is not available, or has failed without harm to the media. */
void
gst_rcast_herald_warn (GstRcastHerald * self, const GError * error)
{
  self->callbacks.post (gst_rcast_report_warning (self->source, error),
      self->data);
}

/* An event moved a deadline closer in @step. If it ends a wait before an attempt, only the
 * statistics record that: the posted message stays correct. */
void
gst_rcast_herald_hasten (GstRcastHerald * self, const GstRcastStep * step,
    GstRcastEventType event)
{
  gboolean waits = step->to == GST_RCAST_STATE_BACKOFF
      || step->to == GST_RCAST_STATE_HOLDING;

  if (step->ignored || step->from != step->to || !waits)
    return;
  self->callbacks.hastened (event == GST_RCAST_EVENT_PROBE_ANSWERED ?
      "server-reached" : gst_rcast_nick (GST_TYPE_RCAST_EVENT_TYPE, event),
      self->data);
}
