/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Video and a tone that mark each second, with a recording that it checks for holes. */
#include "config.h"

#include "cast.h"

#include <malloc.h>
#include <string.h>

#include "tell.h"

#define WIDTH 480
#define HEIGHT 270
#define FPS 30
#define RATE 48000
#define SAMPLES 960             /* 20 ms, a frame of Opus */
#define MARK (GST_SECOND / 10)
/* Luma limit of the noise, which uses up any bit rate */
#define NOISE 64
/* Shift of the noise from frame to frame; odd, so that all parts are used */
#define STEP 7919

typedef struct
{
  CastRecord *record;
  GstClockTime period;          /* of one buffer */
  /* written by the streaming thread; the record's lock */
  guint64 buffers, lost;
  guint64 last;                 /* sequence number of the last buffer */
  gboolean fresh;               /* the next buffer is the first of its pipeline */
  gint64 last_us, longest_us;
} Track;

struct _CastRecord
{
  GMutex lock;
  Track video, audio;
  gboolean steady;              /* no white frames */
  /* noise for the luma of two frames; each frame shows another part */
  guint8 noise[2 * WIDTH * HEIGHT];
};

CastRecord *
cast_record_new (void)
{
  CastRecord *record = g_new0 (CastRecord, 1);
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  g_mutex_init (&record->lock);
  record->video.record = record->audio.record = record;
  record->video.period = GST_SECOND / FPS;
  record->audio.period = SAMPLES * GST_SECOND / RATE;
  for (gsize i = 0; i < sizeof record->noise; i++)
    record->noise[i] = (guint8) g_rand_int_range (rand, 0, NOISE);
  return record;
}

void
cast_record_free (CastRecord * record)
{
  g_mutex_clear (&record->lock);
  g_free (record);
}

void
cast_record_tell (CastRecord * record)
{
  /* Count allocated memory, not the allocator's free lists. */
  struct mallinfo2 memory = mallinfo2 ();

  g_mutex_lock (&record->lock);
  tell ("recorded", "video=%" G_GUINT64_FORMAT " video-lost=%"
      G_GUINT64_FORMAT " video-longest-ms=%" G_GINT64_FORMAT " audio=%"
      G_GUINT64_FORMAT " audio-lost=%" G_GUINT64_FORMAT " audio-longest-ms=%"
      G_GINT64_FORMAT " in-use-kib=%zu", record->video.buffers,
      record->video.lost, record->video.longest_us / 1000,
      record->audio.buffers, record->audio.lost,
      record->audio.longest_us / 1000, (memory.uordblks
          + memory.hblkhd) / 1024);
  g_mutex_unlock (&record->lock);
}

/* The timestamps of both sources number the buffers, however late they are. */
static GstPadProbeReturn
on_recorded (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Track *track = data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  gint64 now = g_get_monotonic_time ();
  guint64 sequence = (GST_BUFFER_PTS (buffer) + track->period / 2)
      / track->period;

  g_mutex_lock (&track->record->lock);
  if (track->buffers > 0) {
    gint64 gap = now - track->last_us;

    if (track->fresh)
      track->lost += (guint64) MAX (gap / (gint64) GST_TIME_AS_USECONDS
          (track->period) - 1, 0);
    else if (sequence > track->last + 1)
      track->lost += sequence - track->last - 1;
    track->longest_us = MAX (track->longest_us, gap);
  }
  track->fresh = FALSE;
  track->buffers++;
  track->last = sequence;
  track->last_us = now;
  g_mutex_unlock (&track->record->lock);
  return GST_PAD_PROBE_OK;
}

/* The sum stays darker than a white frame. */
static void
add_noise (guint8 * luma, const guint8 * noise)
{
  for (gsize i = 0; i < WIDTH * HEIGHT; i++)
    luma[i] = (guint8) (luma[i] / 2 + noise[i]);
}

/* I420: luma first */
static GstPadProbeReturn
on_picture (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  CastRecord *record = data;
  GstBuffer *buffer = gst_buffer_make_writable (GST_PAD_PROBE_INFO_BUFFER
      (info));
  GstMapInfo map;

  GST_PAD_PROBE_INFO_DATA (info) = buffer;
  if (!gst_buffer_map (buffer, &map, GST_MAP_READWRITE))
    return GST_PAD_PROBE_OK;
  if (GST_BUFFER_PTS (buffer) % GST_SECOND < MARK && !record->steady) {
    memset (map.data, 235, WIDTH * HEIGHT);
    memset (map.data + WIDTH * HEIGHT, 128, map.size - WIDTH * HEIGHT);
  } else {
    add_noise (map.data, record->noise + GST_BUFFER_OFFSET (buffer) * STEP
        % (WIDTH * HEIGHT));
  }
  gst_buffer_unmap (buffer, &map);
  return GST_PAD_PROBE_OK;
}

/* S16, one channel */
static GstPadProbeReturn
on_sound (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstBuffer *buffer = gst_buffer_make_writable (GST_PAD_PROBE_INFO_BUFFER
      (info));
  GstMapInfo map;

  GST_PAD_PROBE_INFO_DATA (info) = buffer;
  if (!gst_buffer_map (buffer, &map, GST_MAP_WRITE))
    return GST_PAD_PROBE_OK;
  for (gsize i = 0; i < map.size / sizeof (gint16); i++)
    if ((GST_BUFFER_PTS (buffer) + i * GST_SECOND / RATE) % GST_SECOND >= MARK)
      ((gint16 *) map.data)[i] = 0;
  gst_buffer_unmap (buffer, &map);
  return GST_PAD_PROBE_OK;
}

static void
probe (GstElement * pipeline, const gchar * name, const gchar * pad_name,
    GstPadProbeCallback callback, gpointer data)
{
  g_autoptr (GstElement) element =
      gst_bin_get_by_name (GST_BIN (pipeline), name);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, pad_name);

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, callback, data, NULL);
}

GstElement *
cast_source_new (CastRecord * record, const CastMedia * media,
    const gchar * outlets, GError ** error)
{
  g_autofree gchar *encoder =
      g_strdup_printf ("x264enc tune=zerolatency speed-preset=ultrafast "
      "bitrate=%d key-int-max=%d ! video/x-h264,profile=constrained-baseline ! "
      "h264parse !", media->kbps, 2 * FPS);
  g_autofree gchar *description =
      g_strdup_printf ("videotestsrc name=picture is-live=true pattern=ball ! "
      "video/x-raw,format=I420,width=%d,height=%d,framerate=%d/1 ! %s "
      "tee name=video "
      "audiotestsrc name=sound is-live=true wave=sine freq=1000 "
      "samplesperbuffer=%d ! audio/x-raw,format=S16LE,rate=%d,channels=1 ! %s "
      "tee name=audio "
      "video. ! queue name=video-tape ! fakesink sync=false async=false "
      "audio. ! queue name=audio-tape ! fakesink sync=false async=false %s",
      WIDTH, HEIGHT, FPS, media->raw ? "" : encoder, SAMPLES, RATE,
      media->raw ? "" : "opusenc !", outlets);
  GstElement *pipeline = gst_parse_launch (description, error);

  if (*error) {
    gst_clear_object (&pipeline);
    return NULL;
  }
  record->video.fresh = record->audio.fresh = TRUE;
  record->steady = media->steady;
  probe (pipeline, "picture", "src", on_picture, record);
  probe (pipeline, "sound", "src", on_sound, NULL);
  probe (pipeline, "video-tape", "src", on_recorded, &record->video);
  probe (pipeline, "audio-tape", "src", on_recorded, &record->audio);
  return pipeline;
}
