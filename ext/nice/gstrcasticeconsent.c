/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Consent checks of one path (RFC 7675): writes requests, finds the answers. */
#include "config.h"

/* memmem() */
#define _GNU_SOURCE

#include "gstrcasticeconsent.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rcast-random.h"

/* libnice sends the requests, reads its sockets itself, and drops answers to requests that are not
 * its own. So we peek at waiting datagrams before libnice reads them, but only while an answer is
 * due: a few per path and 5 seconds. */

#define MAX_OUTSTANDING 32
#define ANSWER_TIMEOUT_US (3 * G_USEC_PER_SEC)
/* How many datagrams to search for an answer. */
#define MAX_DATAGRAMS 64
/* Media packets must fit, as they are skipped by their size. */
#define MAX_DATAGRAM_SIZE 2048

/* RFC 8445 7.1.1: PRIORITY is that of a peer-reflexive candidate, component 1. This is its initial
 * local preference. */
#define LOCAL_PREFERENCE 0x8000
#define MAX_RAISES 0x7fff

typedef struct
{
  guint8 id[GST_RCAST_ICE_STUN_ID_SIZE];
  gint64 sent;                  /* when it was written */
  gint64 left;                  /* when the system took it */
  gboolean controlling;         /* our role in the request */
} Check;

typedef struct
{
  GSource source;
  GstRcastIceConsent *consent;
} ConsentSource;

/* Only on the loop's thread. */
struct _GstRcastIceConsent
{
  GstRcastLoop *loop;
  GstRcastIceConsentFunc answered;
  gpointer data;
  GSource *source;
  GSource *turn;                /* has a ready time while it is libnice's turn */
  /* GPollFD of duplicated descriptors. g_source_add_unix_fd() would make the source ready against
   * its own check function. */
  GPtrArray *watches;
  GArray *checks;               /* of Check, oldest first */
  gchar *local_ufrag;
  gchar *remote_ufrag;
  gchar *remote_password;
  NiceAddress peer;             /* the address answers come from */
  gboolean any_peer;            /* answers come through a relay */
  gboolean controlling;
  GstRcastIceStunAddress mapped;        /* as the peer sees us */
  guint raises;                 /* how often PRIORITY was raised */
  gboolean armed;
  gboolean dispatching;
  gboolean freed;               /* freed while dispatching: free it afterwards */
};

static void
set_armed (GstRcastIceConsent * consent, gboolean armed)
{
  if (consent->armed == armed)
    return;
  consent->armed = armed;
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

/* PRIORITY is raised only after a NAT rebinding. To the peer the new address is a new
 * peer-reflexive candidate with the PRIORITY of the first check from there, and libnice as a peer
 * moves its return path only to a better pair. So each check has a PRIORITY one above the checks
 * that revealed the current address. */
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

/* @waited: how long the datagram waited to be read. Not reliable, as the wall clock may be set
 * meanwhile
 * @exact: (out): whether @waited was usable */
static gint64
get_rtt (const Check * check, gint64 waited, gboolean * exact)
{
  gint64 elapsed = MAX (g_get_monotonic_time () - check->left, 1);

  *exact = waited >= 0 && waited < elapsed;
  return *exact ? elapsed - waited : elapsed;
}

/* The answer may start anywhere, as a relay wraps it. */
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
  /* RFC 8445 7.2.5.1: switch to the opposite of the role in the request. */
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

/* RFC 7675 5.1, RFC 8445 7.2.5.2.1: an answer must come from where the request went. */
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

/* How long the datagram has waited in the socket. -1: unknown */
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

/* @waited: (out): microseconds since the datagram arrived; -1: unknown */
static ssize_t
peek (int fd, guint8 * bytes, gsize size, struct sockaddr_storage *from,
    gint64 * waited)
{
  struct iovec part = { bytes, size };
  union
  {
    struct cmsghdr header;      /* for alignment */
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
  /* Without SO_PEEK_OFF only the first datagram is visible. */
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

  if (g_source_get_ready_time (consent->turn) >= 0)
    return FALSE;
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
  g_source_unref (consent->turn);
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

  g_source_set_ready_time (consent->turn, 0);
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

/* The source has a higher priority than everything else of the agent. So it looks once, and looks
 * again only after all that has libnice's priority has run. If the sources of several paths merely
 * skipped a turn each, one of them could always be ready, and libnice would never read. */
static gboolean
turn_dispatch (GSource * turn, GSourceFunc func, gpointer data)
{
  g_source_set_ready_time (turn, -1);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs turn_funcs = {
  NULL, NULL, turn_dispatch, NULL, NULL, NULL
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
  consent->turn = g_source_new (&turn_funcs, sizeof (GSource));
  g_source_set_static_name (consent->turn, "rcastice-consent-turn");
  g_source_attach (consent->turn, gst_rcast_loop_get_context (loop));
  return consent;
}

/* No callback follows. May be called in a callback, and then frees after it returns. */
void
gst_rcast_ice_consent_free (GstRcastIceConsent * consent)
{
  if (!consent)
    return;
  g_source_destroy (consent->source);
  g_source_destroy (consent->turn);
  consent->freed = TRUE;
  if (!consent->dispatching)
    free_consent (consent);
}

/* @sockets: of GSocket. Returns FALSE if none of them is a datagram socket. */
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
    /* A duplicate, as libnice may close its own at any time. */
    fd = fcntl (g_socket_get_fd (socket), F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
      continue;
    /* For the time of arrival: otherwise reading an answer late lengthens the round-trip time. */
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

/* @peer: the address answers come from. NULL: from a relay, which is trusted with the address. */
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

/* The last known role. libnice does not report how it resolved a role conflict: its property keeps
 * its value. So these checks never win a conflict, whatever the peer's tie-breaker is (RFC 8445
 * 7.3.1.1): the peer answers 487, and we switch roles. */
static guint64
get_tie_breaker (GstRcastIceConsent * consent)
{
  return consent->controlling ? 0 : G_MAXUINT64;
}

/**
 * gst_rcast_ice_consent_write:
 * @consent: with the credentials and the peer set
 * @nominate: whether to nominate the path, in the controlling role
 * @out: for the request; send it at once
 *
 * Each request is a new transaction and never repeated, as RFC 7675 5.1 requires.
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

/* The system has taken the request that was written last. This may have taken a while. */
void
gst_rcast_ice_consent_sent (GstRcastIceConsent * consent, gint64 now)
{
  if (consent->checks->len > 0)
    g_array_index (consent->checks, Check, consent->checks->len - 1).left = now;
}
