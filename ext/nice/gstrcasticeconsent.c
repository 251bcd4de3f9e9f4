/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Consent checks of one path (RFC 7675): writes requests, finds their answers. */
#include "config.h"

/* memmem() */
#define _GNU_SOURCE

#include "gstrcasticeconsent.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rcast-random.h"

/* libnice sends the requests, reads its sockets itself and drops answers that it did
 * not ask for. So the datagrams are peeked at where they wait, before libnice takes them,
 * and only while an answer is due: a few per path and 5 seconds. */

#define MAX_OUTSTANDING 32
#define ANSWER_TIMEOUT_US (3 * G_USEC_PER_SEC)
/* Behind so many datagrams no answer is searched for. */
#define MAX_DATAGRAMS 64
/* A media packet is skipped by its size, so it must fit. */
#define MAX_DATAGRAM_SIZE 2048

/* RFC 8445 7.1.1: PRIORITY is that of a peer-reflexive candidate, component 1. Its local
 * preference starts here. */
#define LOCAL_PREFERENCE 0x8000
#define MAX_RAISES 0x7fff

typedef struct
{
  guint8 id[GST_RCAST_ICE_STUN_ID_SIZE];
  gint64 sent;                  /* when it was written */
  gint64 left;                  /* when the system had it */
  gboolean controlling;         /* what the request said */
} Check;

typedef struct
{
  GSource source;
  GstRcastIceConsent *consent;
} ConsentSource;

/* Only the loop's thread. */
struct _GstRcastIceConsent
{
  GstRcastLoop *loop;
  GstRcastIceConsentFunc answered;
  gpointer data;
  GSource *source;
  /* Not g_source_add_unix_fd(): that makes the source ready against its own
   * check function. Of GPollFD; the descriptors are duplicates. */
  GPtrArray *watches;
  GArray *checks;               /* of Check, oldest first */
  gchar *local_ufrag;
  gchar *remote_ufrag;
  gchar *remote_password;
  NiceAddress peer;             /* from where answers come */
  gboolean any_peer;            /* they come through a relay */
  gboolean controlling;
  GstRcastIceStunAddress mapped;        /* as the peer sees us */
  guint raises;                 /* of PRIORITY */
  gboolean armed;
  gboolean looked;              /* libnice's turn */
  gboolean dispatching;
  gboolean freed;               /* while dispatching: when that is over */
};

static void
set_armed (GstRcastIceConsent * consent, gboolean armed)
{
  if (consent->armed == armed)
    return;
  consent->armed = armed;
  consent->looked = FALSE;
  for (guint i = 0; i < consent->watches->len; i++)
    ((GPollFD *) consent->watches->pdata[i])->events = armed ? G_IO_IN : 0;
}

static void
forget_old (GstRcastIceConsent * consent, gint64 now)
{
  guint n = 0;

  while (n < consent->checks->len && (consent->checks->len - n >= MAX_OUTSTANDING
          || now - g_array_index (consent->checks, Check, n).sent >=
          ANSWER_TIMEOUT_US))
    n++;
  if (n > 0)
    g_array_remove_range (consent->checks, 0, n);
}

/* Only what NAT has rebound needs a higher PRIORITY. To the peer a new address is a new
 * peer-reflexive candidate with the PRIORITY of the first check from there, and libnice as a
 * peer moves its return path only to a better pair. So each check is better by one than
 * those by which the peer has learned of the address in use. */
static guint32
get_priority (GstRcastIceConsent * consent)
{
  return 110u << 24 | (LOCAL_PREFERENCE + consent->raises) << 8 | 255;
}

static void
note_mapped (GstRcastIceConsent * consent,
    const GstRcastIceStunAddress * mapped)
{
  gboolean known = consent->mapped.size > 0;

  if (mapped->size == 0
      || gst_rcast_ice_stun_address_equal (&consent->mapped, mapped))
    return;
  consent->mapped = *mapped;
  if (known)
    consent->raises = MIN (consent->raises + 1, MAX_RAISES);
}

/* @waited: from its arrival until it was read; not to be trusted, for the clock of arrivals
 * may be set meanwhile
 * @exact: (out): whether it was */
static gint64
get_rtt (const Check * check, gint64 waited, gboolean * exact)
{
  gint64 elapsed = MAX (g_get_monotonic_time () - check->left, 1);

  *exact = waited >= 0 && waited < elapsed;
  return *exact ? elapsed - waited : elapsed;
}

/* A relay wraps the answer, so it may start anywhere. */
static gboolean
look_for (GstRcastIceConsent * consent, guint index, const guint8 * bytes,
    gsize size, gint64 waited)
{
  Check check = g_array_index (consent->checks, Check, index);
  const guint8 *id = memmem (bytes, size, check.id, sizeof check.id);
  GstRcastIceStunAddress mapped = { {0,}, 0 };
  GstRcastIceStunAnswer answer;
  gboolean exact;
  gint64 rtt;
  gsize offset;

  if (!id || id - bytes < 8)
    return FALSE;
  offset = id - bytes - 8;
  answer = gst_rcast_ice_stun_read_answer (bytes + offset, size - offset,
      check.id, consent->remote_password, &mapped);
  if (answer == GST_RCAST_ICE_STUN_NONE)
    return FALSE;
  g_array_remove_index (consent->checks, index);
  note_mapped (consent, &mapped);
  /* RFC 8445 7.2.5.1: the other role than that of the request. */
  if (answer == GST_RCAST_ICE_STUN_ROLE_CONFLICT)
    consent->controlling = !check.controlling;
  rtt = get_rtt (&check, waited, &exact);
  consent->answered (answer, check.sent, rtt, exact, consent->data);
  return TRUE;
}

static void
look_at (GstRcastIceConsent * consent, const guint8 * bytes, gsize size,
    gint64 waited)
{
  for (guint i = consent->checks->len; i > 0 && !consent->freed; i--) {
    if (look_for (consent, i - 1, bytes, size, waited))
      return;
  }
}

/* RFC 7675 5.1, RFC 8445 7.2.5.2.1: an answer comes from where the request went. */
static gboolean
is_from_peer (GstRcastIceConsent * consent, const struct sockaddr *from)
{
  NiceAddress address;

  if (consent->any_peer)
    return TRUE;
  if (from->sa_family != AF_INET && from->sa_family != AF_INET6)
    return FALSE;
  nice_address_init (&address);
  nice_address_set_from_sockaddr (&address, from);
  return nice_address_equal (&address, &consent->peer);
}

/* How long ago the kernel got the datagram: this thread may have been late. -1: not known */
static gint64
get_wait (struct msghdr *message)
{
  for (struct cmsghdr * part = CMSG_FIRSTHDR (message); part;
      part = CMSG_NXTHDR (message, part)) {
    struct timespec arrived;

    if (part->cmsg_level != SOL_SOCKET
        || part->cmsg_type != SCM_TIMESTAMPNS)
      continue;
    memcpy (&arrived, CMSG_DATA (part), sizeof arrived);
    return g_get_real_time () - ((gint64) arrived.tv_sec
        * G_USEC_PER_SEC + arrived.tv_nsec / 1000);
  }
  return -1;
}

/* @waited: (out): microseconds since the datagram arrived; -1: not known */
static ssize_t
peek (int fd, guint8 * bytes, gsize size, struct sockaddr_storage *from,
    gint64 * waited)
{
  struct iovec part = { bytes, size };
  union
  {
    struct cmsghdr header;      /* for its alignment */
    guint8 bytes[256];
  } control;
  struct msghdr message = {
    .msg_name = from,.msg_namelen = sizeof *from,
    .msg_iov = &part,.msg_iovlen = 1,
    .msg_control = control.bytes,.msg_controllen = sizeof control.bytes,
  };
  ssize_t got;

  memset (from, 0, sizeof *from);
  got = recvmsg (fd, &message, MSG_PEEK | MSG_DONTWAIT);
  *waited = got >= 0 ? get_wait (&message) : -1;
  return got;
}

static void
look_into (GstRcastIceConsent * consent, int fd)
{
  guint8 bytes[MAX_DATAGRAM_SIZE];
  int offset = 0;
  /* Without it only the first datagram is seen. */
  gboolean walking = setsockopt (fd, SOL_SOCKET, SO_PEEK_OFF, &offset,
      sizeof offset) == 0;

  for (guint i = 0; i < MAX_DATAGRAMS && consent->checks->len > 0
      && !consent->freed; i++) {
    struct sockaddr_storage from;
    gint64 waited;
    ssize_t size = peek (fd, bytes, sizeof bytes, &from, &waited);

    if (size < 0)
      break;
    if (is_from_peer (consent, (const struct sockaddr *) &from))
      look_at (consent, bytes, size, waited);
    if (!walking)
      break;
  }
  offset = -1;
  if (walking)
    setsockopt (fd, SOL_SOCKET, SO_PEEK_OFF, &offset, sizeof offset);
}

static gboolean
source_prepare (GSource * source, gint * timeout)
{
  *timeout = -1;
  return FALSE;
}

static gboolean
source_check (GSource * source)
{
  GstRcastIceConsent *consent = ((ConsentSource *) source)->consent;

  /* With the higher priority this one would starve libnice's otherwise. */
  if (consent->looked) {
    consent->looked = FALSE;
    return FALSE;
  }
  for (guint i = 0; i < consent->watches->len; i++) {
    if (((GPollFD *) consent->watches->pdata[i])->revents & G_IO_IN)
      return TRUE;
  }
  return FALSE;
}

static void
free_consent (GstRcastIceConsent * consent)
{
  g_source_unref (consent->source);
  for (guint i = 0; i < consent->watches->len; i++)
    close (((GPollFD *) consent->watches->pdata[i])->fd);
  g_ptr_array_unref (consent->watches);
  g_array_unref (consent->checks);
  g_free (consent->local_ufrag);
  g_free (consent->remote_ufrag);
  g_free (consent->remote_password);
  gst_rcast_loop_unref (consent->loop);
  g_free (consent);
}

static gboolean
source_dispatch (GSource * source, GSourceFunc func, gpointer data)
{
  GstRcastIceConsent *consent = ((ConsentSource *) source)->consent;

  consent->looked = TRUE;
  consent->dispatching = TRUE;
  for (guint i = 0; i < consent->watches->len && !consent->freed; i++) {
    GPollFD *watch = consent->watches->pdata[i];

    if (watch->revents & G_IO_IN)
      look_into (consent, watch->fd);
  }
  consent->dispatching = FALSE;
  if (consent->freed) {
    free_consent (consent);
    return G_SOURCE_REMOVE;
  }
  forget_old (consent, g_get_monotonic_time ());
  if (consent->checks->len == 0)
    set_armed (consent, FALSE);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = {
  source_prepare, source_check, source_dispatch, NULL, NULL, NULL
};

GstRcastIceConsent *
gst_rcast_ice_consent_new (GstRcastLoop * loop,
    GstRcastIceConsentFunc answered, gpointer data)
{
  GstRcastIceConsent *consent = g_new0 (GstRcastIceConsent, 1);

  consent->loop = gst_rcast_loop_ref (loop);
  consent->answered = answered;
  consent->data = data;
  nice_address_init (&consent->peer);
  consent->raises = 1;
  consent->watches = g_ptr_array_new_with_free_func (g_free);
  consent->checks = g_array_new (FALSE, FALSE, sizeof (Check));
  consent->source = g_source_new (&source_funcs, sizeof (ConsentSource));
  ((ConsentSource *) consent->source)->consent = consent;
  g_source_set_static_name (consent->source, "rcastice-consent");
  g_source_set_priority (consent->source, G_PRIORITY_HIGH);
  g_source_attach (consent->source, gst_rcast_loop_get_context (loop));
  return consent;
}

/* No callback after that. In one it ends when that returns. */
void
gst_rcast_ice_consent_free (GstRcastIceConsent * consent)
{
  if (!consent)
    return;
  g_source_destroy (consent->source);
  consent->freed = TRUE;
  if (!consent->dispatching)
    free_consent (consent);
}

/* Of GSocket. Returns FALSE if none of them has datagrams. */
gboolean
gst_rcast_ice_consent_watch (GstRcastIceConsent * consent, GPtrArray * sockets)
{
  int on = 1;

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
    /* Without it a late look at an answer makes a long round trip. */
    setsockopt (fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    watch = g_new0 (GPollFD, 1);
    watch->fd = fd;
    g_source_add_poll (consent->source, watch);
    g_ptr_array_add (consent->watches, watch);
  }
  return consent->watches->len > 0;
}

void
gst_rcast_ice_consent_set_credentials (GstRcastIceConsent * consent,
    const gchar * local_ufrag, const gchar * remote_ufrag,
    const gchar * remote_password)
{
  g_free (consent->local_ufrag);
  g_free (consent->remote_ufrag);
  g_free (consent->remote_password);
  consent->local_ufrag = g_strdup (local_ufrag);
  consent->remote_ufrag = g_strdup (remote_ufrag);
  consent->remote_password = g_strdup (remote_password);
}

/* From where answers come; NULL: from a relay, which has to be trusted with the address. */
void
gst_rcast_ice_consent_set_peer (GstRcastIceConsent * consent,
    const NiceAddress * peer)
{
  consent->any_peer = peer == NULL;
  if (peer)
    consent->peer = *peer;
}

void
gst_rcast_ice_consent_set_controlling (GstRcastIceConsent * consent,
    gboolean controlling)
{
  consent->controlling = controlling;
}

/* The last known role. libnice does not report how it resolved a conflict: its property
 * keeps its value. These checks therefore never win a conflict, whatever the peer's
 * tie-breaker is (RFC 8445 7.3.1.1): the peer answers 487, and the role changes. */
static guint64
get_tie_breaker (GstRcastIceConsent * consent)
{
  return consent->controlling ? 0 : G_MAXUINT64;
}

/**
 * gst_rcast_ice_consent_write:
 * @consent: with the credentials and the peer set
 * @nominate: whether to nominate the path, in the controlling role
 * @out: for the request, which is to be sent at once
 *
 * Each is a transaction of its own and never repeated, as RFC 7675 5.1 wants it.
 *
 * Returns: the size of the request; 0 if it cannot be written
 */
gsize
gst_rcast_ice_consent_write (GstRcastIceConsent * consent, gboolean nominate,
    guint8 * out, gsize size, gint64 now)
{
  GstRcastIceStunConfig config = {
    .local_ufrag = consent->local_ufrag,
    .remote_ufrag = consent->remote_ufrag,
    .remote_password = consent->remote_password,
    .controlling = consent->controlling,
    .nominate = nominate,
    .priority = get_priority (consent),
    .tie_breaker = get_tie_breaker (consent),
  };
  Check check = {.sent = now,.left = now,.controlling =
        consent->controlling };
  gsize written;

  gst_rcast_random_bytes (check.id, sizeof check.id);
  written = gst_rcast_ice_stun_write_request (out, size, check.id, &config);
  if (written == 0)
    return 0;
  forget_old (consent, now);
  g_array_append_val (consent->checks, check);
  set_armed (consent, TRUE);
  return written;
}

/* The system has the request that was written last: it may have taken us a while. */
void
gst_rcast_ice_consent_sent (GstRcastIceConsent * consent, gint64 now)
{
  if (consent->checks->len > 0)
    g_array_index (consent->checks, Check, consent->checks->len - 1).left = now;
}
