/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks on a path in use: libnice sends them, here their answers are seen. */
#include "config.h"

/* memmem() */
#define _GNU_SOURCE

#include "gstrcasticeprobe.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gstrcasticesdp.h"
#include "rcast-random.h"

/* libnice reads its sockets itself and drops answers that it did not ask for.
 * So the datagrams are looked at where they wait, before libnice takes them,
 * and only while an answer is due: a few per path and 5 seconds. */

#define MAX_OUTSTANDING 32
#define ANSWER_TIMEOUT_US (3 * G_USEC_PER_SEC)
/* Behind so many datagrams an answer is not looked for. */
#define MAX_DATAGRAMS 64
/* A media packet is skipped by its size, so it must fit. */
#define MAX_DATAGRAM_SIZE 2048

typedef struct
{
  guint8 id[GST_RCAST_ICE_STUN_ID_SIZE];
  gint64 sent;
} Check;

typedef struct
{
  GSource source;
  GstRcastIceProbe *probe;
} ProbeSource;

/* Only the loop's thread. */
struct _GstRcastIceProbe
{
  GstRcastLoop *loop;
  GstRcastIceProbeFunc answered;
  gpointer data;
  GSource *source;
  /* Not g_source_add_unix_fd(): that makes the source ready against its own
   * check function. Of GPollFD; the descriptors are duplicates. */
  GPtrArray *watches;
  GArray *checks;               /* of Check, oldest first */
  gchar *password;              /* of the remote side */
  gboolean armed;
  gboolean looked;              /* libnice's turn */
};

static void
set_armed (GstRcastIceProbe * probe, gboolean armed)
{
  if (probe->armed == armed)
    return;
  probe->armed = armed;
  probe->looked = FALSE;
  for (guint i = 0; i < probe->watches->len; i++)
    ((GPollFD *) probe->watches->pdata[i])->events = armed ? G_IO_IN : 0;
}

static void
forget_old (GstRcastIceProbe * probe, gint64 now)
{
  guint n = 0;

  while (n < probe->checks->len && (probe->checks->len - n >= MAX_OUTSTANDING
          || now - g_array_index (probe->checks, Check, n).sent >=
          ANSWER_TIMEOUT_US))
    n++;
  if (n > 0)
    g_array_remove_range (probe->checks, 0, n);
}

/* A relay wraps the answer, so it may start anywhere. */
static gboolean
look_for (GstRcastIceProbe * probe, guint index, const guint8 * bytes,
    gsize size)
{
  Check check = g_array_index (probe->checks, Check, index);
  const guint8 *id = memmem (bytes, size, check.id, sizeof check.id);
  GstRcastIceStunAnswer answer;
  gsize offset;

  if (!id || id - bytes < 8)
    return FALSE;
  offset = id - bytes - 8;
  answer = gst_rcast_ice_stun_read_answer (bytes + offset, size - offset,
      check.id, probe->password);
  if (answer == GST_RCAST_ICE_STUN_NONE)
    return FALSE;
  g_array_remove_index (probe->checks, index);
  probe->answered (answer, g_get_monotonic_time () - check.sent, probe->data);
  return TRUE;
}

static void
look_at (GstRcastIceProbe * probe, const guint8 * bytes, gsize size)
{
  for (guint i = probe->checks->len; i > 0; i--) {
    if (look_for (probe, i - 1, bytes, size))
      return;
  }
}

static void
look_into (GstRcastIceProbe * probe, int fd)
{
  guint8 bytes[MAX_DATAGRAM_SIZE];
  int offset = 0;
  /* Without it only the first datagram is seen. */
  gboolean walking = setsockopt (fd, SOL_SOCKET, SO_PEEK_OFF, &offset,
      sizeof offset) == 0;

  for (guint i = 0; i < MAX_DATAGRAMS && probe->checks->len > 0; i++) {
    ssize_t size = recv (fd, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);

    if (size < 0)
      break;
    look_at (probe, bytes, size);
    if (!walking)
      break;
  }
  offset = -1;
  if (walking)
    setsockopt (fd, SOL_SOCKET, SO_PEEK_OFF, &offset, sizeof offset);
}

static gboolean
probe_prepare (GSource * source, gint * timeout)
{
  *timeout = -1;
  return FALSE;
}

static gboolean
probe_check (GSource * source)
{
  GstRcastIceProbe *probe = ((ProbeSource *) source)->probe;

  /* With the higher priority this one would starve libnice's otherwise. */
  if (probe->looked) {
    probe->looked = FALSE;
    return FALSE;
  }
  for (guint i = 0; i < probe->watches->len; i++) {
    if (((GPollFD *) probe->watches->pdata[i])->revents & G_IO_IN)
      return TRUE;
  }
  return FALSE;
}

static gboolean
probe_dispatch (GSource * source, GSourceFunc func, gpointer data)
{
  GstRcastIceProbe *probe = ((ProbeSource *) source)->probe;

  probe->looked = TRUE;
  for (guint i = 0; i < probe->watches->len; i++) {
    GPollFD *watch = probe->watches->pdata[i];

    if (watch->revents & G_IO_IN)
      look_into (probe, watch->fd);
  }
  forget_old (probe, g_get_monotonic_time ());
  if (probe->checks->len == 0)
    set_armed (probe, FALSE);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs probe_funcs = {
  probe_prepare, probe_check, probe_dispatch, NULL, NULL, NULL
};

GstRcastIceProbe *
gst_rcast_ice_probe_new (GstRcastLoop * loop,
    GstRcastIceProbeFunc answered, gpointer data)
{
  GstRcastIceProbe *probe = g_new0 (GstRcastIceProbe, 1);

  probe->loop = gst_rcast_loop_ref (loop);
  probe->answered = answered;
  probe->data = data;
  probe->watches = g_ptr_array_new_with_free_func (g_free);
  probe->checks = g_array_new (FALSE, FALSE, sizeof (Check));
  probe->source = g_source_new (&probe_funcs, sizeof (ProbeSource));
  ((ProbeSource *) probe->source)->probe = probe;
  g_source_set_static_name (probe->source, "rcastice-probe");
  g_source_set_priority (probe->source, G_PRIORITY_HIGH);
  g_source_attach (probe->source, gst_rcast_loop_get_context (loop));
  return probe;
}

/* Not from its callback. */
void
gst_rcast_ice_probe_free (GstRcastIceProbe * probe)
{
  if (!probe)
    return;
  g_source_destroy (probe->source);
  g_source_unref (probe->source);
  for (guint i = 0; i < probe->watches->len; i++)
    close (((GPollFD *) probe->watches->pdata[i])->fd);
  g_ptr_array_unref (probe->watches);
  g_array_unref (probe->checks);
  g_free (probe->password);
  gst_rcast_loop_unref (probe->loop);
  g_free (probe);
}

/* Of GSocket. Returns FALSE if none of them has datagrams. */
gboolean
gst_rcast_ice_probe_watch (GstRcastIceProbe * probe, GPtrArray * sockets)
{
  for (guint i = 0; i < sockets->len; i++) {
    GSocket *socket = sockets->pdata[i];
    GPollFD *watch;
    int fd;

    if (g_socket_get_socket_type (socket) != G_SOCKET_TYPE_DATAGRAM)
      continue;
    /* libnice may close its own at any time. */
    fd = fcntl (g_socket_get_fd (socket), F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
      continue;
    watch = g_new0 (GPollFD, 1);
    watch->fd = fd;
    g_source_add_poll (probe->source, watch);
    g_ptr_array_add (probe->watches, watch);
  }
  return probe->watches->len > 0;
}

/* A new request, whose answer will be looked for. Returns its size. */
gsize
gst_rcast_ice_probe_write (GstRcastIceProbe * probe,
    const GstRcastIceStunConfig * config, guint8 * out, gsize size, gint64 now)
{
  Check check = {.sent = now };
  gsize written;

  gst_rcast_random_bytes (check.id, sizeof check.id);
  written = gst_rcast_ice_stun_write_request (out, size, check.id, config);
  if (written == 0)
    return 0;
  if (g_strcmp0 (probe->password, config->remote_password) != 0) {
    g_free (probe->password);
    probe->password = g_strdup (config->remote_password);
  }
  forget_old (probe, now);
  g_array_append_val (probe->checks, check);
  set_armed (probe, TRUE);
  return written;
}
