/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A simulated broadcast: an encoder that uses all of its target, the pacer, a link, a receiver. */
#include "config.h"

#include "rate-link.h"

#include "rcast-rate-view.h"

#include <math.h>
#include <string.h>

/* IP and UDP */
#define HEADERS 28
/* SSRCs */
#define VIDEO 1
#define AUDIO 2

/* As in rcastsink */
#define TOLD (100 * GST_MSECOND)
#define FELL 0.9

void
make_random_link (Link * link, guint loss, GRand * random)
{
  const guint buffer_ms[] = { 50, 200, 500, 1000 }, feedback_ms[] = { 33, 60, 200 };

  *link = (Link) { "random",.max_kbps = 6000 };
  for (guint i = 0; i < N_CHANGES; i++) {
    link->phases[i].from_s = 20 * i;
    link->phases[i].kbps = 300 * pow (20, g_rand_double (random));
  }
  link->feedback_ms = feedback_ms[g_rand_int_range (random, 0, 3)];
  link->buffer_ms = buffer_ms[g_rand_int_range (random, 0, 4)];
  link->loss = g_rand_boolean (random) ? 0 : g_rand_int_range (random, 0, loss);
  link->way_ms = g_rand_int_range (random, 5, 150);
  link->jitter_ms = g_rand_boolean (random) ? 0 :
      g_rand_int_range (random, 0, 15);
}

gdouble
get_link_rate (const Link * link, GstClockTime now)
{
  guint kbps = 0;

  for (guint i = 0; link->phases[i].kbps > 0; i++)
    if (now >= link->phases[i].from_s * GST_SECOND)
      kbps = link->phases[i].kbps;
  return kbps * 1000.0;
}

/* Returns: the end of @who's pause at @time, or @time if @who does not pause */
static GstClockTime
get_end_of_standstill (const Link * link, Stands who, GstClockTime time)
{
  GstClockTime each = link->each_ms * GST_MSECOND;

  if (!(link->who & who) || time < 20 * GST_SECOND
      || time % each >= link->stands_ms * GST_MSECOND)
    return time;
  return time - time % each + link->stands_ms * GST_MSECOND;
}

static gboolean
is_standing (Simulation * sim, Stands who)
{
  return get_end_of_standstill (sim->link, who, sim->now) != sim->now;
}

static void
make_frame (Simulation * sim)
{
  gdouble wanted = 0.95 * sim->told
      - (sim->link->sound ? SOUND * 8.0 * GST_SECOND / SOUND_EACH : 0);
  Frame *frame = g_new0 (Frame, 1);
  gdouble size = sim->encoder / 30 * g_rand_double_range (sim->random, 0.8,
      1.2);

  /* A key frame every two seconds is four times as large. */
  size *= sim->frame++ % 60 == 0 ? 4 : 56.0 / 59;
  frame->made = sim->now;
  frame->left = size;
  g_queue_push_tail (&sim->frames, frame);
  sim->next_frame += FRAME;
  /* An encoder reaches its target within some frames. */
  if (sim->need > 0)
    wanted = MIN (wanted, sim->need);
  sim->encoder += (wanted - sim->encoder) * (sim->link->slow ? 0.12 : 0.35);
}

/* Returns: whether a direction loses a packet, in runs (Gilbert's model). @losing: whether it
 * lost the packet before */
static gboolean
is_in_run (Simulation * sim, gboolean * losing)
{
  gdouble loss = sim->link->loss / 1000.0, run = sim->link->run;

  *losing = g_rand_double (sim->random) < (*losing ? 1 - 1 / run :
      loss / (1 - loss) / run);
  return *losing;
}

/* Returns: whether the link loses the next packet by chance */
static gboolean
is_lost (Simulation * sim)
{
  return sim->link->run > 0 ? is_in_run (sim, &sim->losing) :
      g_rand_int_range (sim->random, 0, 1000) < (gint) sim->link->loss;
}

/* @padding: the packet does not count for the pacer. Returns: whether the packet is lost */
static gboolean
send_any (Simulation * sim, gsize size, guint16 media, gboolean padding,
    Part * part)
{
  gdouble rate = get_link_rate (sim->link, sim->now);
  GstClockTime line = get_end_of_standstill (sim->link, STANDS_LINE,
      MAX (sim->line->free, sim->now)), wait = line - sim->now;
  GstClockTime stands = get_end_of_standstill (sim->link, STANDS_LINE, sim->now)
      - sim->now;
  gboolean lost = is_lost (sim) || wait > sim->link->buffer_ms * GST_MSECOND + stands;
  Flight *flight = &sim->flights[sim->next % N_FLIGHT];
  gdouble ms = (gdouble) wait / GST_MSECOND;

  if (sim->probing)
    gst_rcast_probing_sent (sim->probing, sim->next, size, padding, sim->now);
  gst_rcast_rate_sent (sim->rate, sim->next++, size, sim->now);
  if (!padding)
    gst_rcast_pacer_charge (&sim->pacer, size, sim->now);
  *flight = (Flight) { sim->now, GST_CLOCK_TIME_NONE, media, FALSE };
  part->n++;
  part->lost += lost;
  if (lost)
    return TRUE;
  sim->line->free = line + size * 8 * (gdouble) GST_SECOND / rate;
  flight->arrives = sim->line->free + sim->link->way_ms * GST_MSECOND
      + g_rand_int_range (sim->random, 0, sim->link->jitter_ms + 1) * GST_MSECOND;
  flight->arrives = get_end_of_standstill (sim->link, STANDS_RECEIVER,
      flight->arrives);
  part->arrived += 8 * size;
  g_array_append_val (part->waits, ms);
  return FALSE;
}

static gboolean
send_packet (Simulation * sim, gsize size, guint16 media, Part * part)
{
  return send_any (sim, size, media, FALSE, part);
}

/* Sends a packet of the oldest frame. Returns: its size */
static gsize
send_media (Simulation * sim, Part * part)
{
  Frame *frame = g_queue_peek_head (&sim->frames);
  gsize size = CLAMP (frame->left / 8 + 58, 100, PACKET);

  gst_rcast_repairs_sent (sim->repairs, VIDEO, sim->next_media, size - HEADERS,
      sim->now);
  frame->left -= (size - 58) * 8;
  frame->broken |= send_packet (sim, size, sim->next_media++, part);
  if (frame->left <= 0) {
    part->frames++;
    part->broken += frame->broken;
    g_free (g_queue_pop_head (&sim->frames));
  }
  return size;
}

/* A packet of sound, or a copy of it that has not come */
static void
send_sound (Simulation * sim, guint16 number, Part * part)
{
  Sound *sound = &sim->sounds[number % N_SOUNDS];
  Flight *flight = &sim->flights[sim->next % N_FLIGHT];
  gboolean lost = send_packet (sim, SOUND, number, part);

  flight->sound = TRUE;
  sound->comes |= !lost && flight->arrives <= sound->made
      + sim->link->way_ms * GST_MSECOND + SOUND_PATIENCE;
}

/* Nothing more comes of it. */
static void
judge_sound (const Simulation * sim, guint16 number, Part * part)
{
  gboolean comes = sim->sounds[number % N_SOUNDS].comes;

  part->sounds++;
  part->mute += !comes;
  part->mute_row = comes ? 0 : part->mute_row + 1;
  part->most_mute = MAX (part->most_mute, part->mute_row);
}

static void
make_sound (Simulation * sim, Part * part)
{
  guint16 number = sim->n_sounds++;

  if (sim->n_sounds > N_SOUNDS)
    judge_sound (sim, number - N_SOUNDS, part);
  sim->sounds[number % N_SOUNDS] = (Sound) { sim->now, FALSE };
  gst_rcast_repairs_sent (sim->repairs, AUDIO, number, SOUND - HEADERS, sim->now);
  send_sound (sim, number, part);
  sim->next_sound += SOUND_EACH;
}

static GstClockTime
get_round_trip (const Simulation * sim)
{
  return 2 * sim->link->way_ms * GST_MSECOND;
}

/* The receiver asks for the packet with the number @media. */
static void
repair (Simulation * sim, guint16 media, Part * part)
{
  if (sim->link->real && gst_rcast_repairs_request (sim->repairs, VIDEO, media,
          get_round_trip (sim), sim->now)
      == GST_RCAST_REPAIR_GRANTED)
    send_packet (sim, PACKET, media, part);
}

/* Feedback misses the packet of sound with the number @media. */
static void
repair_sound (Simulation * sim, guint16 media, Part * part)
{
  if (!gst_rcast_repairs_missed (sim->repairs, AUDIO, media,
          GST_CLOCK_TIME_NONE, get_round_trip (sim), sim->now))
    return;
  gst_rcast_seconds_audio_repaired (sim->seconds, AUDIO, media, TRUE,
      gst_rcast_repairs_get_age (sim->repairs, AUDIO, media, sim->now),
      sim->now);
  send_sound (sim, media, part);
}

static void
send_copies (Simulation * sim, Part * part)
{
  GstRcastSecond second;

  while (gst_rcast_seconds_next (sim->seconds, AUDIO, &second, sim->now))
    if (gst_rcast_repairs_second (sim->repairs, AUDIO, second.seqnum,
            get_round_trip (sim), sim->now))
      send_sound (sim, second.seqnum, part);
}

/* Returns: the bytes that the pacer may send */
static gsize
get_room (Simulation * sim)
{
  GstRcastPacerQueue queue = { 0, };
  GstClockTime next;

  if (g_queue_is_empty (&sim->frames))
    return 0;
  if (sim->link->unpaced)
    return G_MAXSIZE;
  for (GList * item = sim->frames.head; item; item = item->next) {
    const Frame *frame = item->data;

    gst_rcast_pacer_queue_add (&queue, frame->left / 8, frame->made, sim->now);
  }
  return gst_rcast_pacer_get_room (&sim->pacer, &queue, sim->now, &next);
}

static void
send_packets (Simulation * sim, Part * part)
{
  gsize room;

  while ((room = get_room (sim)) > 0) {
    while (room > 0 && !g_queue_is_empty (&sim->frames)) {
      gsize size = send_media (sim, part);

      room -= MIN (size, room);
    }
  }
}

/* The receiver reports all packets up to the newest one that has arrived. */
static void
make_report (Simulation * sim)
{
  guint16 to = sim->reported;

  for (guint16 i = sim->reported; i != sim->next; i++)
    if (sim->flights[i % N_FLIGHT].arrives <= sim->now)
      to = i + 1;
  if (to != sim->reported && sim->link->run > 0
      && is_in_run (sim, &sim->losing_back)) {
    sim->reported = to;
  } else if (to != sim->reported) {
    guint i = sim->n_reports++ % G_N_ELEMENTS (sim->reports);

    sim->reports[i].at = sim->now + sim->link->way_ms * GST_MSECOND;
    sim->reports[i].from = sim->reported;
    sim->reports[i].to = to;
    sim->reports[i].until = sim->now;
    sim->reported = to;
  }
  sim->next_feedback += sim->link->feedback_ms * GST_MSECOND;
}

/* Passes the target on. On a real link, a small change waits until TOLD after the last one. */
static void
tell (Simulation * sim)
{
  guint64 target = gst_rcast_rate_get_target (sim->rate);
  GstRcastRateView view;

  gst_rcast_rate_get_view (sim->rate, &view, sim->now);
  gst_rcast_repairs_set_rate (sim->repairs, gst_rcast_rate_view_is_full (&view)
      ? 0 : target);
  if (sim->link->real && sim->now < sim->told_at + TOLD
      && target >= FELL * sim->told)
    return;
  sim->told = target;
  sim->told_at = sim->now;
  gst_rcast_pacer_set_rate (&sim->pacer,
      gst_rcast_rate_get_pacing (sim->rate, sim->now),
      gst_rcast_rate_get_burst (sim->rate, sim->now), sim->now);
}

/* Returns: whether report @i shows packet @number as missing */
static gboolean
is_missing (const Simulation * sim, guint i, guint16 number)
{
  return sim->flights[number % N_FLIGHT].arrives > sim->reports[i].until;
}

/* The controller reads the report first; it decides which lost packets are sent again. */
static void
read_report (Simulation * sim, guint n, Part * part)
{
  guint i = n % G_N_ELEMENTS (sim->reports);

  for (guint16 number = sim->reports[i].from; number != sim->reports[i].to;
      number++) {
    const Flight *flight = &sim->flights[number % N_FLIGHT];
    gboolean lost = is_missing (sim, i, number);

    if (sim->probing)
      gst_rcast_probing_arrival (sim->probing, number, lost ?
          GST_CLOCK_TIME_NONE : flight->arrives + GST_SECOND * 1000);
    gst_rcast_rate_arrival (sim->rate, number, TRUE, lost ? GST_CLOCK_TIME_NONE
        : flight->arrives + GST_SECOND * 1000, sim->now);
  }
  gst_rcast_rate_decide (sim->rate, sim->now);
  tell (sim);
  for (guint16 number = sim->reports[i].from; number != sim->reports[i].to;
      number++) {
    const Flight *flight = &sim->flights[number % N_FLIGHT];

    if (!is_missing (sim, i, number))
      continue;
    if (flight->sound)
      repair_sound (sim, flight->media, part);
    else
      repair (sim, flight->media, part);
  }
}

static void
heed_probing (Simulation * sim)
{
  GstRcastProbingView view = {.possible = TRUE };
  gboolean before = gst_rcast_probing_is_on (sim->probing);
  guint64 shown;

  /* As gstrcastallot.c does */
  gst_rcast_rate_set_eager (sim->rate, sim->need == 0
      || sim->encoder >= 0.8 * gst_rcast_rate_get_target (sim->rate));
  gst_rcast_rate_get_view (sim->rate, &view.rate, sim->now);
  view.useful = sim->link->max_kbps * 1000;
  gst_rcast_probing_heed (sim->probing, &view, sim->now);
  sim->probes += !before && gst_rcast_probing_is_on (sim->probing);
  gst_rcast_rate_excuse_loss (sim->rate, gst_rcast_probing_get_excused
      (sim->probing, view.rate.round_trip, sim->now));
  shown = gst_rcast_probing_take (sim->probing);
  if (shown > 0)
    gst_rcast_rate_show (sim->rate, shown, sim->now);
}

static void
send_padding (Simulation * sim, Part * part)
{
  gsize due = gst_rcast_probing_get_due (sim->probing, sim->now), sent = 0;

  for (; sent < due; sent += PACKET)
    send_any (sim, PACKET, sim->next_media - 1, TRUE, part);
  if (due > 0)
    gst_rcast_probing_padded (sim->probing, sent, sim->now);
  sim->padding += 8 * sent;
}

static void
turn_sender (Simulation * sim, Part * part)
{
  tell (sim);
  if (sim->quiet)
    sim->next_frame = sim->now;
  while (!sim->quiet && sim->now >= sim->next_frame)
    make_frame (sim);
  if (sim->link->sound && sim->now >= sim->next_sound)
    make_sound (sim, part);
  send_copies (sim, part);
  send_packets (sim, part);
  if (sim->probing && sim->now % (5 * GST_MSECOND) == 0)
    send_padding (sim, part);
  if (sim->probing && sim->now % (100 * GST_MSECOND) == 0)
    heed_probing (sim);
  while (sim->n_read < sim->n_reports && sim->reports[sim->n_read
          % G_N_ELEMENTS (sim->reports)].at <= sim->now)
    read_report (sim, sim->n_read++, part);
  if (sim->now % (50 * GST_MSECOND) == 0)
    gst_rcast_rate_tick (sim->rate, sim->now);
}

static void
turn_receiver (Simulation * sim)
{
  if (sim->silent)
    sim->next_feedback = sim->now;
  else if (sim->now >= sim->next_feedback)
    make_report (sim);
}

void
turn (Simulation * sim, Part * part)
{
  GstClockTime stands = sim->link->stands_at_s * GST_SECOND;

  if (stands > 0 && sim->now == stands)
    sim->line->free = sim->now + 300 * GST_MSECOND;
  if (!is_standing (sim, STANDS_SENDER))
    turn_sender (sim, part);
  if (!is_standing (sim, STANDS_RECEIVER))
    turn_receiver (sim);
  part->offered += get_link_rate (sim->link, sim->now) * TURN / GST_SECOND;
  sim->now += TURN;
}

void
simulation_init (Simulation * sim, const Link * link, guint seed)
{
  GstRcastRateConfig config = { link->start_kbps * 1000, 100000,
    link->max_kbps * 1000
  };

  memset (sim, 0, sizeof *sim);
  sim->link = link;
  sim->line = &sim->own_line;
  sim->random = g_rand_new_with_seed (seed);
  sim->rate = gst_rcast_rate_new (&config, 0);
  sim->encoder = config.start;
  sim->repairs = gst_rcast_repairs_new ();
  gst_rcast_repairs_add_audio (sim->repairs, AUDIO);
  sim->seconds = gst_rcast_seconds_new ();
  gst_rcast_pacer_init (&sim->pacer);
  /* Between frames as well as with them */
  sim->next_sound = 7 * GST_MSECOND;
  g_queue_init (&sim->frames);
}

void
simulation_probe (Simulation * sim)
{
  sim->probing = gst_rcast_probing_new (sim->now);
}

void
simulation_clear (Simulation * sim)
{
  g_clear_pointer (&sim->probing, gst_rcast_probing_free);
  gst_rcast_rate_free (sim->rate);
  gst_rcast_repairs_free (sim->repairs);
  gst_rcast_seconds_free (sim->seconds);
  g_rand_free (sim->random);
  g_queue_clear_full (&sim->frames, g_free);
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  gdouble left = *(const gdouble *) a, right = *(const gdouble *) b;

  return left < right ? -1 : left > right;
}

gdouble
percentile (Part * part, gdouble share)
{
  if (part->waits->len == 0)
    return 0;
  g_array_sort (part->waits, compare);
  return g_array_index (part->waits, gdouble,
      MIN ((guint) (part->waits->len * share), part->waits->len - 1));
}

void
part_init (Part * part)
{
  memset (part, 0, sizeof *part);
  part->waits = g_array_new (FALSE, FALSE, sizeof (gdouble));
}

void
run_until (Simulation * sim, guint seconds, Part * part)
{
  while (sim->now < seconds * GST_SECOND)
    turn (sim, part);
}

gdouble
run_until_settled (Simulation * sim, guint seconds, gdouble low, gdouble high,
    Part * part)
{
  GstClockTime begin = sim->now, since = GST_CLOCK_TIME_NONE;
  gdouble settled = G_MAXDOUBLE;

  while (sim->now < seconds * GST_SECOND) {
    gdouble rate = get_link_rate (sim->link, sim->now);
    gdouble target = gst_rcast_rate_get_target (sim->rate);

    if (target < low * rate || target > high * rate)
      since = GST_CLOCK_TIME_NONE;
    else if (!GST_CLOCK_TIME_IS_VALID (since))
      since = sim->now;
    else if (sim->now - since >= GST_SECOND)
      settled = MIN (settled, (gdouble) (since - begin) / GST_SECOND);
    turn (sim, part);
  }
  return settled;
}
