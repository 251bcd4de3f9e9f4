/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls of a signaller's owner that only dispatch to the class. */
#include "config.h"

#include "rcast-signaller.h"

/* All calls come on one thread. */

gboolean
gst_rcast_signaller_open_finish (GstRcastSignaller * self,
    GAsyncResult * result, GError ** error)
{
  g_return_val_if_fail (GST_IS_RCAST_SIGNALLER (self), FALSE);

  return GST_RCAST_SIGNALLER_GET_CLASS (self)->open_finish (self, result,
      error);
}

void
gst_rcast_signaller_offer_async (GstRcastSignaller * self,
    GstRcastOfferKind kind, const gchar * sdp, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));
  g_return_if_fail (sdp != NULL);

  GST_RCAST_SIGNALLER_GET_CLASS (self)->offer_async (self, kind, sdp,
      cancellable, callback, user_data);
}

gchar *
gst_rcast_signaller_offer_finish (GstRcastSignaller * self,
    GAsyncResult * result, GError ** error)
{
  g_return_val_if_fail (GST_IS_RCAST_SIGNALLER (self), NULL);

  return GST_RCAST_SIGNALLER_GET_CLASS (self)->offer_finish (self, result,
      error);
}

/* @candidate: (nullable): %NULL: no more candidates for @ufrag */
void
gst_rcast_signaller_add_candidate (GstRcastSignaller * self,
    guint mline_index, const gchar * ufrag, const gchar * candidate)
{
  GstRcastSignallerClass *klass;

  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));
  g_return_if_fail (ufrag != NULL);

  klass = GST_RCAST_SIGNALLER_GET_CLASS (self);
  if (klass->add_candidate)
    klass->add_candidate (self, mline_index, ufrag, candidate);
}

/* Fails with %GST_RCAST_ERROR_NOT_SUPPORTED if the class cannot resume. */
void
gst_rcast_signaller_resume_async (GstRcastSignaller * self,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GstRcastSignallerClass *klass;

  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));

  klass = GST_RCAST_SIGNALLER_GET_CLASS (self);
  if (klass->resume_async)
    klass->resume_async (self, cancellable, callback, user_data);
  else
    g_task_report_new_error (self, callback, user_data,
        gst_rcast_signaller_resume_async, GST_RCAST_ERROR,
        GST_RCAST_ERROR_NOT_SUPPORTED, "%s cannot resume a session",
        GST_OBJECT_NAME (self));
}

gboolean
gst_rcast_signaller_resume_finish (GstRcastSignaller * self,
    GAsyncResult * result, GError ** error)
{
  g_return_val_if_fail (GST_IS_RCAST_SIGNALLER (self), FALSE);

  if (g_async_result_is_tagged (result, gst_rcast_signaller_resume_async))
    return g_task_propagate_boolean (G_TASK (result), error);
  return GST_RCAST_SIGNALLER_GET_CLASS (self)->resume_finish (self, result,
      error);
}

/* To be called after an offer of %GST_RCAST_OFFER_INITIAL in an open session. */
void
gst_rcast_signaller_settle (GstRcastSignaller * self)
{
  GstRcastSignallerClass *klass;

  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));

  klass = GST_RCAST_SIGNALLER_GET_CLASS (self);
  if (klass->settle)
    klass->settle (self);
}

/* Fails with %GST_RCAST_ERROR_NOT_SUPPORTED if the class has no check. */
void
gst_rcast_signaller_check_async (GstRcastSignaller * self,
    const gchar * location, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstRcastSignallerClass *klass;

  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));
  g_return_if_fail (location != NULL);

  klass = GST_RCAST_SIGNALLER_GET_CLASS (self);
  if (klass->check_async)
    klass->check_async (self, location, cancellable, callback, user_data);
  else
    g_task_report_new_error (self, callback, user_data,
        gst_rcast_signaller_check_async, GST_RCAST_ERROR,
        GST_RCAST_ERROR_NOT_SUPPORTED, "%s cannot check a server",
        GST_OBJECT_NAME (self));
}

gboolean
gst_rcast_signaller_check_finish (GstRcastSignaller * self,
    GAsyncResult * result, GError ** error)
{
  g_return_val_if_fail (GST_IS_RCAST_SIGNALLER (self), FALSE);

  if (g_async_result_is_tagged (result, gst_rcast_signaller_check_async))
    return g_task_propagate_boolean (G_TASK (result), error);
  return GST_RCAST_SIGNALLER_GET_CLASS (self)->check_finish (self, result,
      error);
}

/* Whether gst_rcast_signaller_probe_async() may be called. */
gboolean
gst_rcast_signaller_can_probe (GstRcastSignaller * self)
{
  g_return_val_if_fail (GST_IS_RCAST_SIGNALLER (self), FALSE);

  return GST_RCAST_SIGNALLER_GET_CLASS (self)->probe_async != NULL;
}

/* @location: (nullable): of a server; %NULL: the server of the session */
void
gst_rcast_signaller_probe_async (GstRcastSignaller * self,
    const gchar * location, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));
  g_return_if_fail (gst_rcast_signaller_can_probe (self));

  GST_RCAST_SIGNALLER_GET_CLASS (self)->probe_async (self, location,
      cancellable, callback, user_data);
}

gboolean
gst_rcast_signaller_probe_finish (GstRcastSignaller * self,
    GAsyncResult * result, GError ** error)
{
  g_return_val_if_fail (GST_IS_RCAST_SIGNALLER (self), FALSE);

  return GST_RCAST_SIGNALLER_GET_CLASS (self)->probe_finish (self, result,
      error);
}

gboolean
gst_rcast_signaller_send_message (GstRcastSignaller * self,
    const gchar * type, const gchar * payload, GError ** error)
{
  GstRcastSignallerClass *klass;

  g_return_val_if_fail (GST_IS_RCAST_SIGNALLER (self), FALSE);

  klass = GST_RCAST_SIGNALLER_GET_CLASS (self);
  if (klass->send_message)
    return klass->send_message (self, type, payload, error);
  g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_NOT_SUPPORTED,
      "%s cannot send messages", GST_OBJECT_NAME (self));
  return FALSE;
}

gboolean
gst_rcast_signaller_close_finish (GstRcastSignaller * self,
    GAsyncResult * result, GError ** error)
{
  g_return_val_if_fail (GST_IS_RCAST_SIGNALLER (self), FALSE);

  return GST_RCAST_SIGNALLER_GET_CLASS (self)->close_finish (self, result,
      error);
}

/* Whether an abandoned session can be ended later. */
gboolean
gst_rcast_signaller_can_end_session (GstRcastSignaller * self)
{
  g_return_val_if_fail (GST_IS_RCAST_SIGNALLER (self), FALSE);

  return GST_RCAST_SIGNALLER_GET_CLASS (self)->end_session_async != NULL;
}

/* Fails with %GST_RCAST_ERROR_NOT_SUPPORTED if the class cannot end abandoned
 * sessions. */
void
gst_rcast_signaller_end_session_async (GstRcastSignaller * self,
    const gchar * location, const gchar * session, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));
  g_return_if_fail (location != NULL && session != NULL);

  if (gst_rcast_signaller_can_end_session (self))
    GST_RCAST_SIGNALLER_GET_CLASS (self)->end_session_async (self, location,
        session, cancellable, callback, user_data);
  else
    g_task_report_new_error (self, callback, user_data,
        gst_rcast_signaller_end_session_async, GST_RCAST_ERROR,
        GST_RCAST_ERROR_NOT_SUPPORTED, "%s cannot end a session that was left",
        GST_OBJECT_NAME (self));
}

gboolean
gst_rcast_signaller_end_session_finish (GstRcastSignaller * self,
    GAsyncResult * result, GError ** error)
{
  g_return_val_if_fail (GST_IS_RCAST_SIGNALLER (self), FALSE);

  if (g_async_result_is_tagged (result, gst_rcast_signaller_end_session_async))
    return g_task_propagate_boolean (G_TASK (result), error);
  return GST_RCAST_SIGNALLER_GET_CLASS (self)->end_session_finish (self,
      result, error);
}

/**
 * gst_rcast_signaller_answer_async:
 * @self: the signaller
 * @sdp: the complete answer to the last offer of the server
 * @cancellable: (nullable): cancels the operation
 * @callback: called when the server has accepted the answer
 * @user_data: for @callback
 *
 * Since: 0.1
 */
void
gst_rcast_signaller_answer_async (GstRcastSignaller * self,
    const gchar * sdp, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstRcastSignallerClass *klass;

  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));
  g_return_if_fail (sdp != NULL);

  klass = GST_RCAST_SIGNALLER_GET_CLASS (self);
  if (klass->answer_async)
    klass->answer_async (self, sdp, cancellable, callback, user_data);
  else
    g_task_report_new_error (self, callback, user_data,
        gst_rcast_signaller_answer_async, GST_RCAST_ERROR,
        GST_RCAST_ERROR_NOT_SUPPORTED, "the server of %s makes no offers",
        GST_OBJECT_NAME (self));
}

/**
 * gst_rcast_signaller_pair:
 * @self: a signaller
 * @twin: a fresh signaller of the same type
 *
 * Gives @twin what @self knows and no property shows, for a second
 * session.
 *
 * Since: 0.1
 */
void
gst_rcast_signaller_pair (GstRcastSignaller * self, GstRcastSignaller * twin)
{
  GstRcastSignallerClass *klass;

  g_return_if_fail (GST_IS_RCAST_SIGNALLER (self));
  g_return_if_fail (G_OBJECT_TYPE (self) == G_OBJECT_TYPE (twin));

  klass = GST_RCAST_SIGNALLER_GET_CLASS (self);
  if (klass->pair)
    klass->pair (self, twin);
}

/**
 * gst_rcast_signaller_class_set_resume_time:
 * @klass: the class, while it is initialized
 * @time: how long a session may need, in ns; less than 49 days
 *
 * After media has broken, a second session at the same server begins after
 * #GstRcastSink:hedge-delay, and whichever connects first wins. Some sessions had better be
 * kept, because another one takes a token or is another stream for viewers. For those, no
 * second session begins before @time has passed since the media was lost. Meanwhile a
 * renegotiation whose media fails is repeated. By default 0.
 *
 * Since: 0.1
 */
void
gst_rcast_signaller_class_set_resume_time (GstRcastSignallerClass * klass,
    GstClockTime time)
{
  g_return_if_fail (GST_IS_RCAST_SIGNALLER_CLASS (klass));
  g_return_if_fail (time / GST_MSECOND <= G_MAXUINT);

  klass->resume_time = time / GST_MSECOND;
}

/**
 * gst_rcast_signaller_get_resume_time:
 * @self: the signaller
 *
 * Returns: how long the signaller may need to bring the media back in its session
 *
 * Since: 0.1
 */
GstClockTime
gst_rcast_signaller_get_resume_time (GstRcastSignaller * self)
{
  g_return_val_if_fail (GST_IS_RCAST_SIGNALLER (self), 0);

  return GST_RCAST_SIGNALLER_GET_CLASS (self)->resume_time * GST_MSECOND;
}
