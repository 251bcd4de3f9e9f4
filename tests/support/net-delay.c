/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Simulates a long, thin or lossy link on the packets of netfilter queues. */

/* For kernels without netem. An iptables rule puts packets into a queue. The kernel holds each
 * packet until this program accepts or drops it. */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <glib.h>

/* meson's exit code for a skipped test */
#define EXIT_SKIP 77

#define NS_PER_MS 1e6
/* Enough to tell the length of a packet */
#define COPY_BYTES 64
/* 100 Mbit/s of small packets for a second */
#define MAX_PACKETS 131072
#define SOCKET_BUFFER (16 * 1024 * 1024)

typedef struct
{
  gdouble delay;                /* ms */
  gdouble jitter;               /* ms, at most this much more or less */
  gdouble loss;                 /* 0 to 1 */
  gdouble burst;                /* average packets lost in a row; up to 1: independent losses */
  gdouble rate;                 /* bits per second, 0: unlimited */
  gdouble buffer;               /* ms that a packet may wait for the rate */
} Settings;

typedef struct
{
  guint32 id;
  gint64 leaves;                /* monotonic ns: end of transmission on the thin link */
  gint64 delay;                 /* ns from @leaves to @due */
  gint64 due;                   /* monotonic ns */
} Packet;

typedef struct
{
  guint16 number;
  Settings settings;
  GRand *luck;                  /* for losses: one number per packet */
  GRand *shake;
  GQueue packets;               /* of Packet, in order */
  gint64 line_free;             /* when the last packet leaves the thin link */
  gboolean bad;                 /* in a burst of losses */
  guint64 passed;
  guint64 lost;
  guint64 overflowed;
} Queue;

typedef struct
{
  int fd;
  GPtrArray *queues;
  GString *input;               /* an unfinished line */
} Relay;

static gint64
now_ns (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return time.tv_sec * G_GINT64_CONSTANT (1000000000) + time.tv_nsec;
}

/* --- netlink --- */

typedef struct
{
  struct nlmsghdr header;
  struct nfgenmsg nf;
  guint8 attributes[64];
} Message;

static void
message_init (Message * message, guint8 type, guint16 queue)
{
  memset (message, 0, sizeof *message);
  message->header.nlmsg_len = NLMSG_LENGTH (sizeof message->nf);
  message->header.nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | type;
  message->header.nlmsg_flags = NLM_F_REQUEST;
  message->nf.version = NFNETLINK_V0;
  message->nf.res_id = htons (queue);
}

static void
message_add (Message * message, guint16 type, gconstpointer data, gsize size)
{
  struct nlattr *attribute = (struct nlattr *) ((guint8 *) message
      + NLMSG_ALIGN (message->header.nlmsg_len));

  attribute->nla_type = type;
  attribute->nla_len = NLA_HDRLEN + size;
  memcpy ((guint8 *) attribute + NLA_HDRLEN, data, size);
  message->header.nlmsg_len = NLMSG_ALIGN (message->header.nlmsg_len)
      + NLA_ALIGN (attribute->nla_len);
}

static gboolean
send_message (Relay * relay, const Message * message)
{
  return send (relay->fd, message, message->header.nlmsg_len, 0) ==
      (gssize) message->header.nlmsg_len;
}

/* Returns: an errno, or 0 if the kernel has accepted @message */
static int
configure (Relay * relay, Message * message)
{
  struct
  {
    struct nlmsghdr header;
    struct nlmsgerr error;
    guint8 rest[256];
  } answer;

  message->header.nlmsg_flags |= NLM_F_ACK;
  if (!send_message (relay, message))
    return errno;
  if (recv (relay->fd, &answer, sizeof answer, 0) < (gssize)
      NLMSG_LENGTH (sizeof answer.error)
      || answer.header.nlmsg_type != NLMSG_ERROR)
    return EPROTO;
  return -answer.error.error;
}

static int
bind_queue (Relay * relay, guint16 number)
{
  struct nfqnl_msg_config_cmd command = {.command = NFQNL_CFG_CMD_BIND };
  struct nfqnl_msg_config_params params = {
    .copy_range = htonl (COPY_BYTES),
    .copy_mode = NFQNL_COPY_PACKET,
  };
  guint32 length = htonl (MAX_PACKETS);
  Message message;
  int error;

  message_init (&message, NFQNL_MSG_CONFIG, number);
  message_add (&message, NFQA_CFG_CMD, &command, sizeof command);
  error = configure (relay, &message);
  if (error != 0)
    return error;
  message_init (&message, NFQNL_MSG_CONFIG, number);
  message_add (&message, NFQA_CFG_PARAMS, &params, sizeof params);
  message_add (&message, NFQA_CFG_QUEUE_MAXLEN, &length, sizeof length);
  return configure (relay, &message);
}

static void
give_verdict (Relay * relay, const Queue * queue, guint32 id, guint32 verdict)
{
  struct nfqnl_msg_verdict_hdr header = {
    .verdict = htonl (verdict),
    .id = htonl (id),
  };
  Message message;

  message_init (&message, NFQNL_MSG_VERDICT, queue->number);
  message_add (&message, NFQA_VERDICT_HDR, &header, sizeof header);
  if (!send_message (relay, &message))
    fprintf (stderr, "net-delay: a verdict was refused: %s\n",
        g_strerror (errno));
}

/* --- the link --- */

/* Returns: FALSE if the buffer before the line is full */
static gboolean
wait_for_line (Queue * queue, guint size, gint64 now, gint64 * leaves)
{
  const Settings *settings = &queue->settings;

  *leaves = now;
  if (settings->rate <= 0)
    return TRUE;
  if (queue->line_free - now > settings->buffer * NS_PER_MS)
    return FALSE;
  queue->line_free = MAX (queue->line_free, now)
      + (gint64) (size * 8 * 1e9 / settings->rate);
  *leaves = queue->line_free;
  return TRUE;
}

/* Gilbert's model: a good state that loses nothing, and a bad state that loses all. The transition
 * probabilities follow from loss and burst. Each packet draws one number, so the same seed gives
 * the same losses. */
static gboolean
is_lost (Queue * queue)
{
  const Settings *settings = &queue->settings;
  gdouble luck = g_rand_double (queue->luck);

  if (settings->burst <= 1 || settings->loss >= 1)
    return luck < settings->loss;
  if (queue->bad)
    queue->bad = luck >= 1 / settings->burst;
  else
    queue->bad = luck < settings->loss / (1 - settings->loss) / settings->burst;
  return queue->bad;
}

/* Packets never overtake each other. */
static void
set_due (Packet * packet, const Packet * previous)
{
  packet->due = packet->leaves + packet->delay;
  if (previous)
    packet->due = MAX (packet->due, previous->due);
}

/* Packets that already wait for the line get the new rate, too. */
static void
change_rate (Queue * queue, gdouble before, gint64 now)
{
  gdouble after = queue->settings.rate;
  gdouble longer = before > 0 && after > 0 ? before / after : 0;
  const Packet *previous = NULL;

  if (before <= 0 || before == after)
    return;
  for (GList * i = queue->packets.head; i; i = i->next) {
    Packet *packet = i->data;

    if (packet->leaves > now)
      packet->leaves = now + (gint64) ((packet->leaves - now) * longer);
    set_due (packet, previous);
    previous = packet;
  }
  if (queue->line_free > now)
    queue->line_free = now + (gint64) ((queue->line_free - now) * longer);
}

static gdouble
draw_delay (Queue * queue)
{
  const Settings *settings = &queue->settings;
  gdouble delay = settings->delay;

  if (settings->jitter > 0)
    delay += g_rand_double_range (queue->shake, -settings->jitter,
        settings->jitter);
  return MAX (delay, 0);
}

static void
take_packet (Relay * relay, Queue * queue, guint32 id, guint size, gint64 now)
{
  Packet *packet;
  gint64 leaves;

  if (is_lost (queue)) {
    queue->lost++;
    give_verdict (relay, queue, id, NF_DROP);
    return;
  }
  if (!wait_for_line (queue, size, now, &leaves)) {
    queue->overflowed++;
    give_verdict (relay, queue, id, NF_DROP);
    return;
  }
  packet = g_new (Packet, 1);
  packet->id = id;
  packet->leaves = leaves;
  packet->delay = (gint64) (draw_delay (queue) * NS_PER_MS);
  set_due (packet, g_queue_peek_tail (&queue->packets));
  g_queue_push_tail (&queue->packets, packet);
}

static void
release_due (Relay * relay, Queue * queue, gint64 now)
{
  Packet *packet = g_queue_peek_head (&queue->packets);

  while (packet && packet->due <= now) {
    give_verdict (relay, queue, packet->id, NF_ACCEPT);
    queue->passed++;
    g_free (g_queue_pop_head (&queue->packets));
    packet = g_queue_peek_head (&queue->packets);
  }
}

static Queue *
find_queue (Relay * relay, guint16 number)
{
  for (guint i = 0; i < relay->queues->len; i++) {
    Queue *queue = relay->queues->pdata[i];

    if (queue->number == number)
      return queue;
  }
  return NULL;
}

static void
read_packet (Relay * relay, const struct nlmsghdr *header, gint64 now)
{
  const struct nfgenmsg *nf = NLMSG_DATA (header);
  const guint8 *at = (const guint8 *) (nf + 1);
  const guint8 *end = (const guint8 *) header + header->nlmsg_len;
  Queue *queue = find_queue (relay, ntohs (nf->res_id));
  gboolean has_id = FALSE;
  guint32 id = 0;
  guint size = 0;

  while (at + NLA_HDRLEN <= end) {
    const struct nlattr *attribute = (const struct nlattr *) at;
    guint32 value;

    if (attribute->nla_len < NLA_HDRLEN || at + attribute->nla_len > end)
      break;
    switch (attribute->nla_type & NLA_TYPE_MASK) {
      case NFQA_PACKET_HDR:
        memcpy (&value, at + NLA_HDRLEN, sizeof value);
        id = ntohl (value);
        has_id = TRUE;
        break;
      case NFQA_PAYLOAD:
        size = MAX (size, attribute->nla_len - NLA_HDRLEN);
        break;
      case NFQA_CAP_LEN:
        memcpy (&value, at + NLA_HDRLEN, sizeof value);
        size = ntohl (value);
        break;
      default:
        break;
    }
    at += NLA_ALIGN (attribute->nla_len);
  }
  if (queue && has_id)
    take_packet (relay, queue, id, size, now);
}

static void
read_messages (Relay * relay)
{
  static guint8 bytes[256 * 1024];
  gssize size;

  while ((size = recv (relay->fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
    struct nlmsghdr *header = (struct nlmsghdr *) bytes;
    gint64 now = now_ns ();
    int left = size;

    for (; NLMSG_OK (header, left); header = NLMSG_NEXT (header, left)) {
      if (header->nlmsg_type == (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET))
        read_packet (relay, header, now);
    }
  }
}

/* --- commands --- */

static gboolean
is_valid (const Settings * settings)
{
  return settings->delay >= 0 && settings->jitter >= 0 && settings->loss >= 0
      && settings->loss <= 1 && settings->burst >= 0 && settings->rate >= 0
      && settings->buffer >= 0;
}

static gdouble *
find_setting (Settings * settings, const gchar * name)
{
  if (g_str_equal (name, "delay"))
    return &settings->delay;
  if (g_str_equal (name, "jitter"))
    return &settings->jitter;
  if (g_str_equal (name, "loss"))
    return &settings->loss;
  if (g_str_equal (name, "burst"))
    return &settings->burst;
  if (g_str_equal (name, "rate"))
    return &settings->rate;
  if (g_str_equal (name, "buffer"))
    return &settings->buffer;
  return NULL;
}

/* Returns: FALSE if @name or @value is invalid */
static gboolean
set (Queue * queue, const gchar * name, const gchar * value)
{
  Settings settings = queue->settings;
  gdouble *place = find_setting (&settings, name);
  gdouble rate = settings.rate;
  gchar *end;

  if (!place)
    return FALSE;
  *place = g_ascii_strtod (value, &end);
  if (end == value || *end != '\0' || !is_valid (&settings))
    return FALSE;
  queue->settings = settings;
  change_rate (queue, rate, now_ns ());
  return TRUE;
}

static void
say_statistics (Relay * relay)
{
  for (guint i = 0; i < relay->queues->len; i++) {
    const Queue *queue = relay->queues->pdata[i];

    printf ("queue %u passed %" G_GUINT64_FORMAT " lost %" G_GUINT64_FORMAT
        " overflowed %" G_GUINT64_FORMAT " waiting %u\n", queue->number,
        queue->passed, queue->lost, queue->overflowed, queue->packets.length);
  }
}

/* "[queue N] NAME VALUE…" or "stats" */
static gboolean
run_command (Relay * relay, const gchar * line)
{
  g_auto (GStrv) words = g_strsplit_set (line, " \t", -1);
  guint first = 0;
  gint only = -1;

  if (g_strcmp0 (words[0], "stats") == 0 && !words[1]) {
    say_statistics (relay);
    return TRUE;
  }
  if (g_strcmp0 (words[0], "queue") == 0 && words[1]) {
    only = atoi (words[1]);
    if (!find_queue (relay, only))
      return FALSE;
    first = 2;
  }
  if (!words[first])
    return FALSE;
  for (guint i = first; words[i]; i += 2) {
    for (guint k = 0; k < relay->queues->len; k++) {
      Queue *queue = relay->queues->pdata[k];

      if (only >= 0 && queue->number != only)
        continue;
      if (!words[i + 1] || !set (queue, words[i], words[i + 1]))
        return FALSE;
    }
  }
  return TRUE;
}

/* Returns: FALSE at the end of the input */
static gboolean
read_commands (Relay * relay)
{
  gchar bytes[1024];
  gssize size = read (STDIN_FILENO, bytes, sizeof bytes);
  gchar *end;

  if (size <= 0)
    return FALSE;
  g_string_append_len (relay->input, bytes, size);
  while ((end = strchr (relay->input->str, '\n'))) {
    *end = '\0';
    printf ("%s\n", run_command (relay, relay->input->str) ? "ok" : "error");
    g_string_erase (relay->input, 0, end - relay->input->str + 1);
  }
  fflush (stdout);
  return TRUE;
}

static gint64
get_first_due (Relay * relay)
{
  gint64 first = G_MAXINT64;

  for (guint i = 0; i < relay->queues->len; i++) {
    Queue *queue = relay->queues->pdata[i];
    Packet *packet = g_queue_peek_head (&queue->packets);

    if (packet)
      first = MIN (first, packet->due);
  }
  return first;
}

static void
run (Relay * relay, gboolean controlled)
{
  while (TRUE) {
    struct pollfd fds[2] = {
      {.fd = relay->fd,.events = POLLIN},
      {.fd = controlled ? STDIN_FILENO : -1,.events = POLLIN},
    };
    gint64 due = get_first_due (relay);
    gint64 now = now_ns ();
    gint64 wait = MAX (due - now, 0);
    struct timespec timeout = {
      .tv_sec = wait / 1000000000,
      .tv_nsec = wait % 1000000000,
    };

    if (ppoll (fds, 2, due == G_MAXINT64 ? NULL : &timeout, NULL) < 0
        && errno != EINTR)
      return;
    read_messages (relay);
    now = now_ns ();
    for (guint i = 0; i < relay->queues->len; i++)
      release_due (relay, relay->queues->pdata[i], now);
    if (fds[1].revents && !read_commands (relay))
      return;
  }
}

/* --- options --- */

static const gchar description[] =
    "Examples, in a router's network namespace (as root):\n"
    "  iptables -t mangle -A FORWARD -i r0 -j NFQUEUE --queue-num 0\n"
    "  iptables -t mangle -A FORWARD -o r0 -j NFQUEUE --queue-num 1\n"
    "  net-delay --queue 0 --queue 1 --delay 20          40 ms round trip\n"
    "  net-delay --queue 0 --queue 1 --loss 0.05 --seed 7\n"
    "  net-delay --queue 0 --loss 0.05 --burst 8         in bursts (Gilbert)\n"
    "  net-delay --queue 0 --rate 2000000 --buffer 300   2 Mbit/s upwards\n"
    "Without a net-delay at its queue such a rule drops everything, unless it\n"
    "has --queue-bypass, too.\n\n"
    "It says \"ready\" when the queues are its own. With --control it reads\n"
    "lines from standard input, answers \"ok\" or \"error\" to each, and ends\n"
    "with that input:\n"
    "  [queue N] delay 100 jitter 5 loss 0.2 burst 4 rate 1000000 buffer 300\n"
    "  stats\n\n"
    "It exits with 77 where there are no queues (not root, old kernel).\n";

static gint
open_relay (Relay * relay, gchar ** numbers, const Settings * settings,
    gint seed)
{
  struct sockaddr_nl address = {.nl_family = AF_NETLINK };
  int size = SOCKET_BUFFER;
  int on = 1;

  relay->fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (relay->fd < 0 || bind (relay->fd, (struct sockaddr *) &address,
          sizeof address) != 0)
    return errno;
  /* A larger buffer holds more packets until the relay reads them. */
  setsockopt (relay->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  setsockopt (relay->fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &on, sizeof on);
  for (guint i = 0; numbers[i]; i++) {
    Queue *queue = g_new0 (Queue, 1);
    int error;

    queue->number = atoi (numbers[i]);
    queue->settings = *settings;
    queue->luck = g_rand_new_with_seed (seed + i);
    queue->shake = g_rand_new_with_seed (seed + i);
    g_queue_init (&queue->packets);
    g_ptr_array_add (relay->queues, queue);
    error = bind_queue (relay, queue->number);
    if (error != 0)
      return error;
  }
  return 0;
}

int
main (int argc, char **argv)
{
  Settings settings = {.delay = 20,.burst = 1,.buffer = 200 };
  g_auto (GStrv) numbers = NULL;
  gint seed = 1;
  gboolean controlled = FALSE;
  const GOptionEntry entries[] = {
    {"queue", 'q', 0, G_OPTION_ARG_STRING_ARRAY, &numbers,
        "a netfilter queue to serve; may be given more than once", "N"},
    {"delay", 'd', 0, G_OPTION_ARG_DOUBLE, &settings.delay,
        "each packet waits so long (20)", "MS"},
    {"jitter", 'j', 0, G_OPTION_ARG_DOUBLE, &settings.jitter,
        "or up to so much more or less, in order (0)", "MS"},
    {"loss", 'l', 0, G_OPTION_ARG_DOUBLE, &settings.loss,
        "each is lost with this probability, 0 to 1 (0)", "P"},
    {"burst", 'u', 0, G_OPTION_ARG_DOUBLE, &settings.burst,
        "with a loss: so many in a row on average, 1 by chance (1)", "N"},
    {"rate", 'r', 0, G_OPTION_ARG_DOUBLE, &settings.rate,
        "so many bits per second go through, 0 for any (0)", "BIT/S"},
    {"buffer", 'b', 0, G_OPTION_ARG_DOUBLE, &settings.buffer,
        "with a rate: what would wait longer is dropped (200)", "MS"},
    {"seed", 's', 0, G_OPTION_ARG_INT, &seed,
        "of losses and jitter; queues draw independently (1)", "N"},
    {"control", 'c', 0, G_OPTION_ARG_NONE, &controlled,
        "take commands from standard input", NULL},
    {NULL}
  };
  g_autoptr (GOptionContext) context =
      g_option_context_new ("- a long, thin or lossy link");
  g_autoptr (GError) error = NULL;
  Relay relay = {.queues = g_ptr_array_new () };
  int failure;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_description (context, description);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 1
      || !numbers || !is_valid (&settings)) {
    fprintf (stderr, "net-delay: %s; see --help\n",
        error ? error->message : "bad arguments");
    return EXIT_FAILURE;
  }
  relay.input = g_string_new (NULL);
  failure = open_relay (&relay, numbers, &settings, seed);
  if (failure != 0) {
    fprintf (stderr, "net-delay: no queue: %s\n", g_strerror (failure));
    return EXIT_SKIP;
  }
  printf ("ready\n");
  fflush (stdout);
  run (&relay, controlled);
  return EXIT_SUCCESS;
}
