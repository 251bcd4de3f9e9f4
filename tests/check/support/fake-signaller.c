/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A signaller without a network: a webrtcbin in the same process answers. */
#include "config.h"

#include "fake-signaller.h"

#include <gst/webrtc/webrtc.h>
#include <string.h>

#include "answerer.h"
#include "drop-rtp.h"
#include "gstrcastice.h"
#include "rcast-check.h"

/* Ten seconds of a video's RTP clock */
#define JUMP (10 * 90000)
/* 100 ms of a video's RTP clock */
#define GAP (90000 / 10)

struct _FakeSignaller
{
  GstRcastSignaller parent;

  FakeSignaller *twin;          /* lock; for a second session; not owned */
  void (*prepare_twin) (FakeSignaller * twin);  /* constant */
  FakeBehaviour behaviour;      /* constant after the first open */
  FakeHold hold;                /* the loop's thread */
  GError *open_error;
  GError *offer_error;
  guint offer_failures;         /* the loop's thread */
  gchar *answer;
  gint connect_timeout;         /* atomic */
  GTask *held;                  /* the loop's thread */
  GstRcastOfferKind held_kind;  /* the loop's thread */
  GError *resume_error;
  guint resume_failures;        /* the loop's thread */
  guint held_offer;
  gboolean open;                /* the loop's thread */

  GMutex lock;
  GCond changed;
  GMainContext *context;        /* lock; of the loop's thread */
  GstElement *pipeline;         /* lock */
  GstElement *former;           /* lock; the former answerer, until settled */
  gboolean synced;              /* lock */
  GTask *answering;             /* lock; end_answering() completes it */
  gboolean restarting;          /* lock; the offer is an ICE restart */
  guint paused;                 /* lock; bit set of paused m-lines */
  gchar *offer;                 /* lock */
  gchar *given;                 /* lock; the last description of webrtcbin */
  guint64 link;                 /* lock; bit/s, 0: no simulated link */
  FakeCounts counts;            /* lock */
  guint32 timestamp;            /* lock; of the last RTP packet */
  guint32 first_timestamp;      /* lock; of the first RTP packet */
  guint32 step;                 /* lock; between the last two timestamps */
  gchar *taken;                 /* lock; nullable: the last answer to an offer of the server */
  GHashTable *ssrcs;            /* lock; media SSRC of the offer: packets so far */
  gboolean understands_limits;  /* lock; FAKE_SAYS_LIMIT, and the offer has goog-remb */
  GHashTable *retransmitted;    /* lock; SSRCs of RTX streams that arrived */
  GHashTable *lost;             /* lock; SSRC and sequence number of lost packets */
  guint32 lost_ssrc;            /* lock */
  GString *messages;            /* lock */
  guint n_messages;             /* lock */
};

G_DEFINE_FINAL_TYPE (FakeSignaller, fake_signaller, GST_TYPE_RCAST_SIGNALLER);

static const gchar *const protocols[] = { "fake", NULL };

static void
fake_open_async (GstRcastSignaller * signaller, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer data)
{
  FakeSignaller *self = FAKE_SIGNALLER (signaller);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);

  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->context, g_main_context_unref);
  self->context = g_main_context_ref_thread_default ();
  self->counts.opens++;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  if (self->hold == FAKE_HOLD_OPEN)
    self->held = g_steal_pointer (&task);
  else if (self->open_error)
    g_task_return_error (task, g_error_copy (self->open_error));
  else
    g_task_return_boolean (task, self->open = TRUE);
}

static gboolean
finish_boolean (GstRcastSignaller * self, GAsyncResult * result,
    GError ** error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Callbacks of the answering webrtcbin, in its threads */

static void
on_packet (GstElement * sink, GstBuffer * buffer, GstPad * pad, gpointer data)
{
  FakeSignaller *self = data;
  guint8 header[8];
  guint32 timestamp;

  g_mutex_lock (&self->lock);
  if (gst_buffer_extract (buffer, 0, header, sizeof header) == sizeof header) {
    timestamp = GST_READ_UINT32_BE (header + 4);
    /* Longer than any switch takes, even with valgrind */
    if (self->counts.packets > 0
        && (guint32) (timestamp - self->timestamp + JUMP) > 2 * JUMP)
      self->counts.jumps++;
    if (self->counts.packets == 0)
      self->first_timestamp = timestamp;
    else if ((gint32) (timestamp - self->timestamp) > GAP)
      self->counts.gaps++;
    self->step = timestamp - self->timestamp;
    self->timestamp = timestamp;
  }
  self->counts.packets++;
  if (!g_object_get_data (G_OBJECT (sink), "seen"))
    self->counts.streams++;
  g_object_set_data (G_OBJECT (sink), "seen", GINT_TO_POINTER (TRUE));
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/* Records @message as one line. */
static void
record (FakeSignaller * self, const gchar * message)
{
  g_autofree gchar *line = g_strdelimit (g_strdup (message), "\n", '/');

  g_mutex_lock (&self->lock);
  g_string_append_printf (self->messages, "%s\n", line);
  self->n_messages++;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static void
on_channel_text (GstWebRTCDataChannel * channel, const gchar * text,
    gpointer data)
{
  record (data, text);
  gst_webrtc_data_channel_send_string_full (channel, text, NULL);
}

/* on-data-channel would be too late: the first message may arrive before it. */
static void
on_prepare_channel (GstElement * webrtc, GstWebRTCDataChannel * channel,
    gboolean is_local, gpointer data)
{
  g_signal_connect (channel, "on-message-string",
      G_CALLBACK (on_channel_text), data);
}

/* With the lock held. Returns: whether the packet was lost before */
static gboolean
note_repeated (FakeSignaller * self, guint32 ssrc, guint16 seqnum)
{
  gpointer key = GSIZE_TO_POINTER ((gsize) ssrc << 16 | seqnum);
  gboolean repeated = g_hash_table_remove (self->lost, key);

  self->counts.repeated += repeated;
  if (repeated)
    g_cond_broadcast (&self->changed);
  return repeated;
}

/* Drops one in twenty packets of each stream with FAKE_LOSES_SOME, and all of stream @lost_ssrc.
 * An RTP packet whose SSRC is not in the offer is a retransmission. */
static GstPadProbeReturn
lose_packets (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  FakeSignaller *self = data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  guint8 header[12];
  gpointer ssrc, count;
  gboolean lost = FALSE;

  if (drop_rtp (pad, info, NULL) == GST_PAD_PROBE_OK
      || gst_buffer_extract (buffer, 0, header, sizeof header) < sizeof header)
    return GST_PAD_PROBE_OK;
  ssrc = GUINT_TO_POINTER (GST_READ_UINT32_BE (header + 8));
  g_mutex_lock (&self->lock);
  if (note_repeated (self, GPOINTER_TO_UINT (ssrc),
          GST_READ_UINT16_BE (header + 2))) {
    lost = FALSE;
  } else if (g_hash_table_lookup_extended (self->ssrcs, ssrc, NULL, &count)) {
    g_hash_table_insert (self->ssrcs, ssrc,
        GUINT_TO_POINTER (GPOINTER_TO_UINT (count) + 1));
    lost = GPOINTER_TO_UINT (ssrc) == self->lost_ssrc
        || ((self->behaviour & FAKE_LOSES_SOME)
            && GPOINTER_TO_UINT (count) % 20 == 19);
    if (lost)
      g_hash_table_add (self->lost, GSIZE_TO_POINTER ((gsize)
              GPOINTER_TO_UINT (ssrc) << 16 | GST_READ_UINT16_BE (header + 2)));
  } else {
    g_hash_table_add (self->retransmitted, ssrc);
    self->counts.retransmitted = g_hash_table_size (self->retransmitted);
    self->counts.copies++;
    g_cond_broadcast (&self->changed);
  }
  g_mutex_unlock (&self->lock);
  return lost ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

static void
on_new_transceiver (GstElement * webrtc, GstWebRTCRTPTransceiver * transceiver,
    gpointer data)
{
  g_object_set (transceiver, "do-nack", TRUE, NULL);
}

static void
on_pad_added (GstElement * webrtc, GstPad * pad, gpointer data)
{
  FakeSignaller *self = data;
  GstElement *sink;
  g_autoptr (GstPad) sinkpad = NULL;
  g_autoptr (GstObject) pipeline = gst_object_get_parent (GST_OBJECT (webrtc));

  if (GST_PAD_DIRECTION (pad) != GST_PAD_SRC || !pipeline)
    return;
  if (self->behaviour & FAKE_REPORTS_OFTEN)
    answerer_report_often (GST_ELEMENT (pipeline));
  if (self->understands_limits)
    answerer_say_limit (GST_ELEMENT (pipeline));
  if (self->behaviour & FAKE_ONLY_ASKS)
    answerer_only_ask (GST_ELEMENT (pipeline));
  if (self->behaviour & FAKE_IS_FAR)
    answerer_be_far (GST_ELEMENT (pipeline));
  sink = gst_element_factory_make ("fakesink", NULL);
  g_object_set (sink, "async", FALSE, "sync", FALSE, "signal-handoffs", TRUE,
      NULL);
  g_signal_connect (sink, "handoff", G_CALLBACK (on_packet), self);
  gst_bin_add (GST_BIN (pipeline), sink);
  sinkpad = gst_element_get_static_pad (sink, "sink");
  gst_pad_link (pad, sinkpad);
  gst_element_sync_state_with_parent (sink);
}

static void
end_answering (FakeSignaller * self, gchar * answer)
{
  g_autoptr (GTask) task = NULL;

  g_mutex_lock (&self->lock);
  task = g_steal_pointer (&self->answering);
  if (answer) {
    g_free (self->given);
    self->given = g_strdup (answer);
  }
  g_mutex_unlock (&self->lock);
  if (task && answer)
    g_task_return_pointer (task, answer, g_free);
  else if (task)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "closed");
  else
    g_free (answer);
}

/* Returns: (transfer full): @sdp with the server's answer to a data channel, which is the last
 * section */
static gchar *
answer_channel (FakeSignaller * self, const gchar * sdp)
{
  GString *text = g_string_new (sdp);
  const gchar *section = strstr (sdp, "m=application ");

  if (self->behaviour & FAKE_REJECTS_CHANNEL)
    g_string_replace (text, "m=application 9", "m=application 0", 0);
  if ((self->behaviour & FAKE_IGNORES_CHANNEL) && section)
    g_string_truncate (text, section - sdp);
  return g_string_free (text, FALSE);
}

/* Changes the fingerprints, as if a man in the middle had answered. */
static void
impersonate (GString * text)
{
  gchar *at = text->str;

  while ((at = strstr (at, "a=fingerprint:sha-256 "))) {
    at += strlen ("a=fingerprint:sha-256 ");
    *at = *at == 'A' ? 'B' : 'A';
  }
}

/* RFC 9143 7.1.3: only the first section of a bundle has transport attributes. RFC 4145 4: without
 * a=setup, the answerer is active. */
static void
shorten (GString * text)
{
  static const gchar *const once[] =
      { "a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:", "a=candidate:" };
  g_auto (GStrv) lines = g_strsplit (text->str, "\r\n", -1);
  guint sections = 0;

  g_string_truncate (text, 0);
  for (guint i = 0; lines[i] && *lines[i]; i++) {
    gboolean drop = g_str_has_prefix (lines[i], "a=setup:active");

    sections += g_str_has_prefix (lines[i], "m=");
    for (guint k = 0; k < G_N_ELEMENTS (once); k++)
      drop |= sections > 1 && g_str_has_prefix (lines[i], once[k]);
    if (!drop)
      g_string_append_printf (text, "%s\r\n", lines[i]);
  }
}

/* RFC 3264 6: port 0; RFC 9143 7.3.3: out of the bundle. Sound is the second section. */
static void
decline_audio (GString * text)
{
  g_string_replace (text, "m=audio 9", "m=audio 0", 0);
  g_string_replace (text, "a=group:BUNDLE 0 1", "a=group:BUNDLE 0", 0);
}

static gboolean
add_16 (const GMatchInfo * match, GString * result, gpointer data)
{
  g_autofree gchar *before = g_match_info_fetch (match, 1);
  g_autofree gchar *number = g_match_info_fetch (match, 2);

  g_string_append_printf (result, "%s%d", before, atoi (number) + 16);
  return FALSE;
}

/* Returns: (transfer full): the offer with payload types 112 to 127 for 96 to 111 */
static gchar *
renumber (const gchar * sdp)
{
  g_autoptr (GRegex) attributes = g_regex_new ("(a=(?:rtpmap|fmtp|rtcp-fb):"
      "|apt=)(9[6-9]|10\\d|11[01])\\b", 0, 0, NULL);
  g_autoptr (GRegex) lines = g_regex_new ("^(m=.*SAVPF.*?\\s)(9[6-9]|10\\d|"
      "11[01])\\b", G_REGEX_MULTILINE, 0, NULL);
  gchar *text = g_regex_replace_eval (attributes, sdp, -1, 0, 0, add_16, NULL,
      NULL);

  /* Each turn changes one payload type of each m-line. */
  while (g_regex_match (lines, text, 0, NULL)) {
    g_autofree gchar *before = text;

    text = g_regex_replace_eval (lines, before, -1, 0, 0, add_16, NULL, NULL);
  }
  return text;
}

/* RFC 8866 6.4: the preferred packet is longer than the longest one allowed. */
static void
shorten_packets (GString * text)
{
  const gchar *section = strstr (text->str, "m=audio ");
  const gchar *attribute = section ? strstr (section, "a=") : NULL;

  if (attribute)
    g_string_insert (text, attribute - text->str,
        "a=ptime:40\r\na=maxptime:10\r\n");
}

/* RFC 8866 5.8: b= comes after c=. */
static void
limit_bitrate (GString * text)
{
  const gchar *section = strstr (text->str, "m=video ");
  const gchar *attribute = section ? strstr (section, "a=") : NULL;

  if (attribute)
    g_string_insert (text, attribute - text->str,
        "b=AS:400\r\nb=TIAS:300000\r\n");
}

/* RFC 8888 6: agrees to congestion control feedback. */
static void
agree_to_names (GString * text)
{
  g_string_replace (text, "a=mid:", "a=rtcp-fb:* ack ccfb\r\na=mid:", 0);
}

/* Returns: (transfer full): webrtcbin's answer, changed as the behaviour demands */
static gchar *
say_answer (FakeSignaller * self, const gchar * sdp)
{
  g_autofree gchar *answer = answer_channel (self, sdp);
  GString *text = g_string_new (answer);

  if (self->behaviour & FAKE_IS_IMPERSONATED)
    impersonate (text);
  if (self->behaviour & FAKE_IS_TERSE)
    shorten (text);
  if (self->behaviour & FAKE_DECLINES_AUDIO)
    decline_audio (text);
  if (self->behaviour & FAKE_WANTS_SHORT_PACKETS)
    shorten_packets (text);
  if (self->behaviour & FAKE_LIMITS_BITRATE)
    limit_bitrate (text);
  if (self->behaviour & FAKE_NAMES_PACKETS)
    agree_to_names (text);
  return g_string_free (text, FALSE);
}

static void
on_gathering (GstElement * webrtc, GParamSpec * pspec, gpointer data)
{
  GstWebRTCICEGatheringState state;
  GstWebRTCSessionDescription *answer = NULL;

  g_object_get (webrtc, "ice-gathering-state", &state, "local-description",
      &answer, NULL);
  if (!answer)
    g_object_get (webrtc, "pending-local-description", &answer, NULL);
  if (answer && state == GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE) {
    FakeSignaller *self = data;
    g_autofree gchar *sdp = gst_sdp_message_as_text (answer->sdp);

    end_answering (self, say_answer (self, sdp));
  }
  g_clear_pointer (&answer, gst_webrtc_session_description_free);
}

/* A candidate on its way to the loop's thread */
typedef struct
{
  FakeSignaller *self;
  guint mline;
  gchar *text;
} Candidate;

static void
candidate_free (gpointer data)
{
  Candidate *candidate = data;

  g_object_unref (candidate->self);
  g_free (candidate->text);
  g_free (candidate);
}

static gboolean
tell_candidate (gpointer data)
{
  Candidate *candidate = data;

  gst_rcast_signaller_candidate (GST_RCAST_SIGNALLER (candidate->self),
      candidate->mline, candidate->text);
  return G_SOURCE_REMOVE;
}

/* Sends candidates only after an ICE restart: the first answer contains its own. */
static void
on_candidate (GstElement * webrtc, guint mline, const gchar * text,
    gpointer data)
{
  FakeSignaller *self = data;
  Candidate *candidate;

  g_mutex_lock (&self->lock);
  if (self->restarting && text && *text) {
    candidate = g_new (Candidate, 1);
    *candidate = (Candidate) {
    g_object_ref (self), mline, g_strdup (text)};
    g_main_context_invoke_full (self->context, G_PRIORITY_DEFAULT,
        tell_candidate, candidate, candidate_free);
  }
  g_mutex_unlock (&self->lock);
}

static void
on_restart_answered (GstPromise * promise, gpointer data)
{
  FakeSignaller *self = data;
  g_autofree gchar *answer = NULL;

  g_mutex_lock (&self->lock);
  answer = g_strdup (self->given);
  g_mutex_unlock (&self->lock);
  end_answering (self, g_steal_pointer (&answer));
  gst_promise_unref (promise);
}

/* With the lock held. Gathering goes on in the background. */
static void
apply_answer (FakeSignaller * self, GstElement * webrtc,
    GstWebRTCSessionDescription * answer)
{
  GstWebRTCICE *ice;
  GstPromise *done = NULL;

  if (!self->restarting)
    answerer_watch_packets (self->pipeline, lose_packets, self);
  if ((self->behaviour & FAKE_NAMES_PACKETS) && !self->restarting)
    answerer_name_packets (self->pipeline);
  if (self->link > 0 && !self->restarting)
    answerer_set_link (self->pipeline, self->link);
  if (self->behaviour & FAKE_HEARS_NOTHING) {
    answerer_lose_rtp (self->pipeline);
    answerer_report_often (self->pipeline);
  }
  g_object_get (webrtc, "ice-agent", &ice, NULL);
  gst_rcast_ice_prepare_answer (ice, answer->sdp);
  gst_object_unref (ice);
  if (self->restarting) {
    g_free (self->given);
    self->given = gst_sdp_message_as_text (answer->sdp);
    done = gst_promise_new_with_change_func (on_restart_answered,
        gst_object_ref (self), (GDestroyNotify) gst_object_unref);
  }
  g_signal_emit_by_name (webrtc, "set-local-description", answer, done);
}

static void
on_answer_created (GstPromise * promise, gpointer data)
{
  FakeSignaller *self = data;
  g_autoptr (GstElement) webrtc = NULL;
  GstWebRTCSessionDescription *answer = NULL;
  const GstStructure *reply;

  g_mutex_lock (&self->lock);
  if (self->pipeline)
    webrtc = answerer_dup_webrtcbin (self->pipeline);
  if (webrtc && gst_promise_wait (promise) == GST_PROMISE_RESULT_REPLIED) {
    reply = gst_promise_get_reply (promise);
    if (gst_structure_get (reply, "answer",
            GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &answer, NULL)) {
      apply_answer (self, webrtc, answer);
      gst_webrtc_session_description_free (answer);
    }
  }
  g_mutex_unlock (&self->lock);
  gst_promise_unref (promise);
}

static gboolean
is_receiver (FakeSignaller * self)
{
  return gst_rcast_signaller_get_direction (GST_RCAST_SIGNALLER (self))
      == GST_RCAST_DIRECTION_RECEIVE;
}

/* With the lock held, once the session has its m-lines */
static void
apply_pauses (FakeSignaller * self)
{
  for (guint i = 0; i < 2; i++)
    if (self->paused & (1 << i))
      answerer_pause_line (self->pipeline, i, TRUE);
}

/* With the lock held, as for each task of webrtcbin: once the test has dropped the answerer, no
 * task may follow. */
static void
answer_offer (FakeSignaller * self, const gchar * sdp, GTask * task)
{
  g_autoptr (GstElement) webrtc = answerer_dup_webrtcbin (self->pipeline);
  g_autofree gchar *text =
      self->behaviour & FAKE_RENUMBERS ? renumber (sdp) : g_strdup (sdp);
  GstWebRTCSessionDescription *offer;
  GstSDPMessage *message;

  self->answering = g_object_ref (task);
  gst_sdp_message_new_from_text (text, &message);
  self->understands_limits = self->behaviour & FAKE_SAYS_LIMIT
      && strstr (text, " goog-remb\r\n");
  if (self->behaviour & FAKE_TAKES_NO_RTX)
    answerer_refuse_rtx (message);
  if (!self->restarting)
    g_hash_table_remove_all (self->retransmitted);
  answerer_list_ssrcs (message, self->ssrcs);
  if ((self->behaviour & FAKE_FEEDS_BACK) && !self->restarting)
    answerer_feed_back (webrtc, message);
  if (is_receiver (self) && !self->restarting) {
    answerer_send (self->pipeline, webrtc, message,
        self->behaviour & FAKE_SENDS_H264 ? "H264" : "VP8",
        self->behaviour & FAKE_SENDS_DTX ? ANSWERER_DTX : "OPUS",
        1 << GST_WEBRTC_KIND_AUDIO | (self->behaviour & FAKE_SENDS_NO_VIDEO ? 0
            : 1 << GST_WEBRTC_KIND_VIDEO));
    apply_pauses (self);
  }
  offer =
      gst_webrtc_session_description_new (GST_WEBRTC_SDP_TYPE_OFFER, message);
  g_signal_emit_by_name (webrtc, "set-remote-description", offer, NULL);
  gst_webrtc_session_description_free (offer);
  g_signal_emit_by_name (webrtc, "create-answer", NULL,
      gst_promise_new_with_change_func (on_answer_created,
          gst_object_ref (self), (GDestroyNotify) gst_object_unref));
}

static void
answer_restart (FakeSignaller * self, const gchar * sdp, GTask * task)
{
  gboolean dropped;

  g_mutex_lock (&self->lock);
  dropped = !self->pipeline;
  self->restarting = TRUE;
  if (!dropped)
    answer_offer (self, sdp, task);
  g_mutex_unlock (&self->lock);
  if (dropped)
    g_task_return_new_error (task, GST_RCAST_ERROR, GST_RCAST_ERROR_NETWORK,
        "not there any more");
}

static GstElement *
make_pipeline (FakeSignaller * self)
{
  GstElement *pipeline = gst_pipeline_new (NULL);
  /* The stock agent looks for UPnP devices and leaves its sockets behind. */
  GstWebRTCICE *ice = gst_rcast_ice_new ("answerer");
  GstElement *webrtc = gst_rcast_ice_make_webrtcbin (ice, NULL);

  gst_object_unref (ice);
  g_object_set (webrtc, "bundle-policy", (self->behaviour & FAKE_UNBUNDLES) ?
      GST_WEBRTC_BUNDLE_POLICY_NONE : GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, NULL);
  if (self->behaviour & (FAKE_LOSES_SOME | FAKE_WANTS_REPAIRS))
    g_signal_connect (webrtc, "on-new-transceiver",
        G_CALLBACK (on_new_transceiver), NULL);
  gst_bin_add (GST_BIN (pipeline), webrtc);
  g_signal_connect (webrtc, "pad-added", G_CALLBACK (on_pad_added), self);
  g_signal_connect (webrtc, "prepare-data-channel",
      G_CALLBACK (on_prepare_channel), self);
  g_signal_connect (webrtc, "notify::ice-gathering-state",
      G_CALLBACK (on_gathering), self);
  g_signal_connect (webrtc, "on-ice-candidate", G_CALLBACK (on_candidate),
      self);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  return pipeline;
}

/* Takes @pipeline. */
static void
replace_pipeline (FakeSignaller * self, GstElement * pipeline)
{
  g_mutex_lock (&self->lock);
  if (self->behaviour & FAKE_KEEPS_FORMER)
    self->former = g_steal_pointer (&self->pipeline);
  g_mutex_unlock (&self->lock);
  fake_signaller_drop_answerer (self);
  g_mutex_lock (&self->lock);
  self->pipeline = gst_object_ref_sink (pipeline);
  self->restarting = FALSE;
  g_mutex_unlock (&self->lock);
}

static void
answer_for_real (FakeSignaller * self, const gchar * sdp, GTask * task)
{
  replace_pipeline (self, make_pipeline (self));
  g_mutex_lock (&self->lock);
  answer_offer (self, sdp, task);
  g_mutex_unlock (&self->lock);
}

/* In the loop's thread */

static void
fake_offer_async (GstRcastSignaller * signaller, GstRcastOfferKind kind,
    const gchar * sdp, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer data)
{
  FakeSignaller *self = FAKE_SIGNALLER (signaller);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);
  gboolean hold = self->hold == FAKE_HOLD_OFFER
      || self->held_offer == self->counts.offers + 1;

  if (hold) {
    self->held = g_object_ref (task);
    self->held_kind = kind;
  }
  g_mutex_lock (&self->lock);
  self->counts.offers++;
  self->counts.restarts += kind == GST_RCAST_OFFER_RESTART;
  g_free (self->offer);
  self->offer = g_strdup (sdp);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);

  if (hold)
    return;
  if ((self->behaviour & FAKE_REFUSES_CHANNEL)
      && strstr (sdp, "m=application "))
    g_task_return_new_error (task, GST_RCAST_ERROR,
        GST_RCAST_ERROR_NOT_ACCEPTABLE, "only audio and video are taken");
  else if (self->offer_failures > 0 && self->offer_failures--)
    g_task_return_error (task, g_error_copy (self->offer_error));
  else if (self->behaviour & FAKE_COUNTERS) {
    gst_rcast_signaller_set_capabilities (signaller,
        gst_rcast_signaller_get_capabilities (signaller)
        | GST_RCAST_SIGNALLER_SERVER_OFFERS);
    g_task_return_new_error (task, GST_RCAST_ERROR,
        GST_RCAST_ERROR_COUNTER_OFFER, "it makes an offer of its own");
  } else if (self->answer)
    g_task_return_pointer (task, g_strdup (self->answer), g_free);
  else if (kind == GST_RCAST_OFFER_RESTART)
    answer_restart (self, sdp, task);
  else
    answer_for_real (self, sdp, task);
}

/* Offers of the server */

static void
on_own_offer_created (GstPromise * promise, gpointer data)
{
  FakeSignaller *self = data;
  g_autoptr (GstElement) webrtc = NULL;
  GstWebRTCSessionDescription *offer = NULL;

  g_mutex_lock (&self->lock);
  if (self->pipeline)
    webrtc = answerer_dup_webrtcbin (self->pipeline);
  if (webrtc && gst_promise_wait (promise) == GST_PROMISE_RESULT_REPLIED)
    gst_structure_get (gst_promise_get_reply (promise), "offer",
        GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &offer, NULL);
  if (offer) {
    GstWebRTCICE *ice;

    g_object_get (webrtc, "ice-agent", &ice, NULL);
    gst_rcast_ice_prepare_offer (ice, offer->sdp, self->restarting);
    gst_object_unref (ice);
    g_free (self->given);
    self->given = gst_sdp_message_as_text (offer->sdp);
    g_signal_emit_by_name (webrtc, "set-local-description", offer,
        self->restarting ? gst_promise_new_with_change_func
        (on_restart_answered, gst_object_ref (self),
            (GDestroyNotify) gst_object_unref) : NULL);
    gst_webrtc_session_description_free (offer);
  }
  g_mutex_unlock (&self->lock);
  gst_promise_unref (promise);
}

/* With the lock held */
static void
create_offer (FakeSignaller * self, GTask * task)
{
  g_autoptr (GstElement) webrtc = answerer_dup_webrtcbin (self->pipeline);

  self->answering = g_object_ref (task);
  g_signal_emit_by_name (webrtc, "create-offer", NULL,
      gst_promise_new_with_change_func (on_own_offer_created,
          gst_object_ref (self), (GDestroyNotify) gst_object_unref));
}

static void
fake_request_offer_async (GstRcastSignaller * signaller,
    GstRcastOfferKind kind, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer data)
{
  FakeSignaller *self = FAKE_SIGNALLER (signaller);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);
  GstElement *pipeline =
      kind == GST_RCAST_OFFER_INITIAL ? make_pipeline (self) : NULL;

  if (pipeline)
    replace_pipeline (self, pipeline);
  g_mutex_lock (&self->lock);
  self->counts.offers++;
  self->counts.restarts += kind == GST_RCAST_OFFER_RESTART;
  g_cond_broadcast (&self->changed);
  self->restarting = kind == GST_RCAST_OFFER_RESTART;
  if (pipeline) {
    answerer_send_unasked (pipeline,
        self->behaviour & FAKE_SENDS_H264 ? "H264" : "VP8",
        self->behaviour & FAKE_SENDS_L16 ? "L16" : "OPUS",
        self->behaviour & FAKE_SENDS_SCREEN);
    apply_pauses (self);
  }
  create_offer (self, task);
  g_mutex_unlock (&self->lock);
}

static void
fake_answer_async (GstRcastSignaller * signaller, const gchar * sdp,
    GCancellable * cancellable, GAsyncReadyCallback callback, gpointer data)
{
  FakeSignaller *self = FAKE_SIGNALLER (signaller);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);
  GstWebRTCSessionDescription *answer;
  GstSDPMessage *message;
  g_autoptr (GstElement) webrtc = NULL;

  g_mutex_lock (&self->lock);
  g_free (self->taken);
  self->taken = g_strdup (sdp);
  if (self->pipeline) {
    webrtc = answerer_dup_webrtcbin (self->pipeline);
    gst_sdp_message_new_from_text (sdp, &message);
    answer = gst_webrtc_session_description_new (GST_WEBRTC_SDP_TYPE_ANSWER,
        message);
    g_signal_emit_by_name (webrtc, "set-remote-description", answer, NULL);
    gst_webrtc_session_description_free (answer);
  }
  g_mutex_unlock (&self->lock);
  g_task_return_boolean (task, TRUE);
}

static gchar *
fake_offer_finish (GstRcastSignaller * self, GAsyncResult * result,
    GError ** error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
fake_add_candidate (GstRcastSignaller * signaller, guint mline,
    const gchar * ufrag, const gchar * candidate)
{
  FakeSignaller *self = FAKE_SIGNALLER (signaller);
  g_autoptr (GstElement) webrtc = NULL;

  g_mutex_lock (&self->lock);
  if (self->pipeline && candidate) {
    webrtc = answerer_dup_webrtcbin (self->pipeline);
    g_signal_emit_by_name (webrtc, "add-ice-candidate", mline, candidate);
  }
  g_mutex_unlock (&self->lock);
}

static gboolean
fake_send_message (GstRcastSignaller * signaller, const gchar * type,
    const gchar * payload, GError ** error)
{
  g_autofree gchar *message = g_strdup_printf ("%s/%s", type, payload);

  if (!FAKE_SIGNALLER (signaller)->open) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_NETWORK, "not open");
    return FALSE;
  }
  if (g_str_equal (type, "refuse")) {
    g_set_error (error, GST_RCAST_ERROR, GST_RCAST_ERROR_REJECTED, "no");
    return FALSE;
  }
  record (FAKE_SIGNALLER (signaller), message);
  gst_rcast_signaller_message (signaller, type, payload);
  return TRUE;
}

static void
drop (FakeSignaller * self, GstElement ** which)
{
  GstElement *pipeline;

  g_mutex_lock (&self->lock);
  pipeline = g_steal_pointer (which);
  g_mutex_unlock (&self->lock);
  answerer_drop (pipeline);
}

void
fake_signaller_drop_answerer (FakeSignaller * self)
{
  drop (self, &self->pipeline);
}

static void
fake_settle (GstRcastSignaller * signaller)
{
  FakeSignaller *self = FAKE_SIGNALLER (signaller);

  drop (self, &self->former);
  g_mutex_lock (&self->lock);
  self->counts.settles++;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/* Any thread */
static void
fake_pair (GstRcastSignaller * signaller, GstRcastSignaller * other)
{
  FakeSignaller *self = FAKE_SIGNALLER (signaller);
  FakeSignaller *twin = FAKE_SIGNALLER (other);

  fake_signaller_behave (twin, self->behaviour);
  if (self->prepare_twin)
    self->prepare_twin (twin);
  g_mutex_lock (&self->lock);
  self->twin = twin;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/* Always healthy */
static void
fake_check_async (GstRcastSignaller * signaller, const gchar * location,
    GCancellable * cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (signaller, cancellable, callback, data);

  g_task_return_boolean (task, TRUE);
}

static void
fake_resume_async (GstRcastSignaller * signaller, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer data)
{
  FakeSignaller *self = FAKE_SIGNALLER (signaller);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);

  g_mutex_lock (&self->lock);
  self->counts.resumes++;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  if (self->resume_failures > 0 && self->resume_failures--)
    g_task_return_error (task, g_error_copy (self->resume_error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
fake_close_async (GstRcastSignaller * signaller, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer data)
{
  FakeSignaller *self = FAKE_SIGNALLER (signaller);
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, data);

  self->open = FALSE;
  if (self->held)
    g_task_return_new_error (self->held, G_IO_ERROR, G_IO_ERROR_CANCELLED,
        "closed");
  g_clear_object (&self->held);
  drop (self, &self->former);
  fake_signaller_drop_answerer (self);
  end_answering (self, NULL);
  g_mutex_lock (&self->lock);
  self->counts.closes++;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  g_task_return_boolean (task, TRUE);
}

/* The only property, connect-timeout */
static void
fake_signaller_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  g_atomic_int_set (&FAKE_SIGNALLER (object)->connect_timeout,
      g_value_get_uint (value));
}

static void
fake_signaller_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  g_value_set_uint (value,
      g_atomic_int_get (&FAKE_SIGNALLER (object)->connect_timeout));
}

static void
fake_signaller_finalize (GObject * object)
{
  FakeSignaller *self = FAKE_SIGNALLER (object);

  drop (self, &self->former);
  fake_signaller_drop_answerer (self);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_error (&self->resume_error);
  g_clear_error (&self->open_error);
  g_clear_error (&self->offer_error);
  g_free (self->answer);
  g_free (self->taken);
  g_free (self->offer);
  g_free (self->given);
  g_string_free (self->messages, TRUE);
  g_hash_table_unref (self->ssrcs);
  g_hash_table_unref (self->retransmitted);
  g_hash_table_unref (self->lost);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  G_OBJECT_CLASS (fake_signaller_parent_class)->finalize (object);
}

static void
fake_signaller_class_init (FakeSignallerClass * klass)
{
  GstRcastSignallerClass *signaller_class = GST_RCAST_SIGNALLER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = fake_signaller_finalize;
  G_OBJECT_CLASS (klass)->set_property = fake_signaller_set_property;
  G_OBJECT_CLASS (klass)->get_property = fake_signaller_get_property;
  g_object_class_install_property (G_OBJECT_CLASS (klass), 1,
      g_param_spec_uint ("connect-timeout", "Connect timeout",
          "Not used, only looked at", 1, G_MAXINT, 4000, G_PARAM_CONSTRUCT |
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass),
      "Fake signaller", "Network/WebRTC", "Answers in process", "Tests");
  gst_rcast_signaller_class_set_protocols (signaller_class, protocols);
  gst_rcast_signaller_class_set_directions (signaller_class,
      GST_RCAST_SIGNALLER_SEND | GST_RCAST_SIGNALLER_RECEIVE);
  signaller_class->open_async = fake_open_async;
  signaller_class->open_finish = finish_boolean;
  signaller_class->offer_async = fake_offer_async;
  signaller_class->offer_finish = fake_offer_finish;
  signaller_class->request_offer_async = fake_request_offer_async;
  signaller_class->request_offer_finish = fake_offer_finish;
  signaller_class->answer_async = fake_answer_async;
  signaller_class->answer_finish = finish_boolean;
  signaller_class->add_candidate = fake_add_candidate;
  signaller_class->resume_async = fake_resume_async;
  signaller_class->resume_finish = finish_boolean;
  signaller_class->settle = fake_settle;
  signaller_class->pair = fake_pair;
  signaller_class->check_async = fake_check_async;
  signaller_class->check_finish = finish_boolean;
  signaller_class->send_message = fake_send_message;
  signaller_class->close_async = fake_close_async;
  signaller_class->close_finish = finish_boolean;
}

static void
fake_signaller_init (FakeSignaller * self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->messages = g_string_new (NULL);
  self->ssrcs = g_hash_table_new (NULL, NULL);
  self->retransmitted = g_hash_table_new (NULL, NULL);
  self->lost = g_hash_table_new (NULL, NULL);
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (self),
      GST_RCAST_SIGNALLER_TRICKLE);
}

FakeSignaller *
fake_signaller_new (void)
{
  FakeSignaller *self = g_object_new (FAKE_TYPE_SIGNALLER, NULL);

  gst_rcast_signaller_set_location (GST_RCAST_SIGNALLER (self),
      "fake://server", NULL);
  return self;
}

void
fake_signaller_behave (FakeSignaller * self, FakeBehaviour behaviour)
{
  GstRcastSignallerCapabilities more = 0;

  if (behaviour & FAKE_KEEPS_FORMER)
    more |= GST_RCAST_SIGNALLER_RENEGOTIATE;
  if (behaviour & FAKE_MAKES_OFFERS)
    more |= GST_RCAST_SIGNALLER_SERVER_OFFERS;
  if (behaviour & FAKE_TAKES_MESSAGES)
    more |= GST_RCAST_SIGNALLER_MESSAGES;
  self->behaviour |= behaviour;
  gst_rcast_signaller_set_capabilities (GST_RCAST_SIGNALLER (self), more
      | gst_rcast_signaller_get_capabilities (GST_RCAST_SIGNALLER (self)));
}

void
fake_signaller_prepare_twin (FakeSignaller * self,
    void (*prepare) (FakeSignaller * twin))
{
  self->prepare_twin = prepare;
}

/* With the lock held. A failure releases the lock. */
static void
wait_for_change (FakeSignaller * self, gint64 end, const gchar * what)
{
  if (g_cond_wait_until (&self->changed, &self->lock, end))
    return;
  g_mutex_unlock (&self->lock);
  fail ("waited in vain for %s of the server", what);
}

gboolean
fake_signaller_has_twin (FakeSignaller * self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  return self->twin != NULL;
}

FakeSignaller *
fake_signaller_wait_twin (FakeSignaller * self)
{
  gint64 end = rcast_check_get_end ();
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  while (!self->twin)
    wait_for_change (self, end, "the twin");
  return g_object_ref (self->twin);
}

void
fake_signaller_hold (FakeSignaller * self, FakeHold hold)
{
  self->hold = hold;
}

void
fake_signaller_fail_open (FakeSignaller * self, GError * error)
{
  g_clear_error (&self->open_error);
  self->open_error = error;
}

void
fake_signaller_fail_offers (FakeSignaller * self, guint times, GError * error)
{
  self->offer_failures = times;
  g_clear_error (&self->offer_error);
  self->offer_error = error;
}

void
fake_signaller_hold_offer (FakeSignaller * self, guint offer)
{
  self->held_offer = offer;
}

void
fake_signaller_set_answer (FakeSignaller * self, const gchar * sdp)
{
  g_free (self->answer);
  self->answer = g_strdup (sdp);
}

static gboolean
release (gpointer data)
{
  FakeSignaller *self = data;
  g_autoptr (GTask) task = g_steal_pointer (&self->held);
  g_autofree gchar *offer = fake_signaller_dup_offer (self);

  self->hold = FAKE_HOLD_NOTHING;
  self->held_offer = 0;
  if (task && self->held_kind == GST_RCAST_OFFER_RESTART)
    answer_restart (self, offer, task);
  else if (task)
    answer_for_real (self, offer, task);
  return G_SOURCE_REMOVE;
}

void
fake_signaller_release (FakeSignaller * self)
{
  g_main_context_invoke (g_task_get_context (self->held), release, self);
}

static gboolean
note_sync (gpointer data)
{
  FakeSignaller *self = data;

  g_mutex_lock (&self->lock);
  self->synced = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  return G_SOURCE_REMOVE;
}

void
fake_signaller_sync (FakeSignaller * self)
{
  gint64 end = rcast_check_get_end ();

  g_mutex_lock (&self->lock);
  self->synced = FALSE;
  g_main_context_invoke_full (self->context, G_PRIORITY_DEFAULT, note_sync,
      self, NULL);
  while (!self->synced)
    wait_for_change (self, end, "the loop");
  g_mutex_unlock (&self->lock);
}

/* A server event or loss, on its way to the loop's thread */
typedef struct
{
  FakeSignaller *self;
  gboolean lost, gone;
  GstRcastServerEvent event;
} Words;

/* A stream change, on its way to the loop's thread */
typedef struct
{
  FakeSignaller *self;
  GstRcastStreamChange change;
} Change;

static gboolean
tell_change (gpointer data)
{
  const Change *change = data;

  gst_rcast_signaller_stream_changed (GST_RCAST_SIGNALLER (change->self),
      change->change, "stream", NULL);
  return G_SOURCE_REMOVE;
}

void
fake_signaller_change_stream (FakeSignaller * self,
    GstRcastStreamChange change)
{
  Change *words = g_new (Change, 1);

  *words = (Change) { self, change };
  g_mutex_lock (&self->lock);
  g_main_context_invoke_full (self->context, G_PRIORITY_DEFAULT, tell_change,
      words, g_free);
  g_mutex_unlock (&self->lock);
}

static gboolean
say (gpointer data)
{
  Words *words = data;
  g_autoptr (GError) error = words->gone ? g_error_new (GST_RCAST_ERROR,
      GST_RCAST_ERROR_SESSION_GONE, "no such session") :
      g_error_new (GST_RCAST_ERROR, GST_RCAST_ERROR_NETWORK,
      "the line went dead");

  if (words->lost)
    gst_rcast_signaller_lost (GST_RCAST_SIGNALLER (words->self), error);
  else
    gst_rcast_signaller_server_event (GST_RCAST_SIGNALLER (words->self),
        words->event, NULL);
  return G_SOURCE_REMOVE;
}

static void
invoke (FakeSignaller * self, gboolean lost, gboolean gone,
    GstRcastServerEvent event)
{
  Words *words = g_new0 (Words, 1);

  *words = (Words) {
  self, lost, gone, event};
  g_mutex_lock (&self->lock);
  g_main_context_invoke_full (self->context, G_PRIORITY_DEFAULT, say, words,
      g_free);
  g_mutex_unlock (&self->lock);
}

void
fake_signaller_lose (FakeSignaller * self, guint failures, GError * error)
{
  self->resume_failures = failures;
  g_clear_error (&self->resume_error);
  self->resume_error = error;
  invoke (self, TRUE, FALSE, 0);
}

void
fake_signaller_forget (FakeSignaller * self)
{
  invoke (self, TRUE, TRUE, 0);
}

void
fake_signaller_say (FakeSignaller * self, GstRcastServerEvent event)
{
  invoke (self, FALSE, FALSE, event);
}

void
fake_signaller_lose_ice (FakeSignaller * self)
{
  g_autoptr (GstElement) pipeline = NULL;

  g_mutex_lock (&self->lock);
  pipeline = gst_object_ref (self->pipeline);
  g_mutex_unlock (&self->lock);
  answerer_lose_ice (pipeline);
}

void
fake_signaller_lose_stream (FakeSignaller * self, guint32 ssrc)
{
  g_mutex_lock (&self->lock);
  self->lost_ssrc = ssrc;
  g_mutex_unlock (&self->lock);
}

void
fake_signaller_pause_line (FakeSignaller * self, guint line, gboolean pause)
{
  g_autoptr (GstElement) pipeline = NULL;

  g_mutex_lock (&self->lock);
  if (pause)
    self->paused |= 1 << line;
  else
    self->paused &= ~(1 << line);
  /* Between two sessions there is no pipeline. */
  if (self->pipeline)
    pipeline = gst_object_ref (self->pipeline);
  g_mutex_unlock (&self->lock);
  if (pipeline)
    answerer_pause_line (pipeline, line, pause);
}

void
fake_signaller_pause_media (FakeSignaller * self, gboolean pause)
{
  for (guint i = 0; i < 2; i++)
    fake_signaller_pause_line (self, i, pause);
}

void
fake_signaller_send_h264 (FakeSignaller * self)
{
  g_mutex_lock (&self->lock);
  self->behaviour |= FAKE_SENDS_H264;
  g_mutex_unlock (&self->lock);
}

void
fake_signaller_lose_rtp (FakeSignaller * self)
{
  g_mutex_lock (&self->lock);
  answerer_lose_rtp (self->pipeline);
  g_mutex_unlock (&self->lock);
}

void
fake_signaller_set_link (FakeSignaller * self, guint64 bits)
{
  g_mutex_lock (&self->lock);
  self->link = bits;
  if (self->given)
    answerer_set_link (self->pipeline, bits);
  g_mutex_unlock (&self->lock);
}

void
fake_signaller_end_reports (FakeSignaller * self)
{
  g_mutex_lock (&self->lock);
  answerer_end_reports (self->pipeline);
  g_mutex_unlock (&self->lock);
}

FakeCounts
fake_signaller_get_counts (FakeSignaller * self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  return self->counts;
}

guint64
fake_signaller_wait (FakeSignaller * self, FakeWhat what, guint64 at_least)
{
  const guint64 *count = (const guint64 *) ((guint8 *) & self->counts + what);
  gint64 end = rcast_check_get_end ();
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  while (*count < at_least)
    wait_for_change (self, end, "a count");
  return *count;
}

guint32
fake_signaller_get_timestamp (FakeSignaller * self, gboolean first_one)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  return first_one ? self->first_timestamp : self->timestamp;
}

guint32
fake_signaller_get_step (FakeSignaller * self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  return self->step;
}

gchar *
fake_signaller_wait_messages (FakeSignaller * self, guint at_least)
{
  gint64 end = rcast_check_get_end ();
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  while (self->n_messages < at_least)
    wait_for_change (self, end, "messages");
  return g_strdup (self->messages->str);
}

gchar *
fake_signaller_dup_offer (FakeSignaller * self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  return g_strdup (self->offer);
}

gchar *
fake_signaller_dup_taken (FakeSignaller * self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  return g_strdup (self->taken);
}

gchar *
fake_signaller_dup_answer (FakeSignaller * self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  return g_strdup (self->given);
}
