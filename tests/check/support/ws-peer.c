/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A WebSocket server on loopback that sends a test's bytes, at the test's pace. */
#include "config.h"

#include "ws-peer.h"

#include <string.h>
#include <sys/socket.h>

/* RFC 6455 1.3 */
#define KEY_SALT "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define KEY_HEADER "sec-websocket-key:"

struct _WsPeer
{
  WsPeerScript script;
  GSocket *listener;
  GCancellable *cancellable;
  GThread *thread;
  guint port;
};

GBytes *
ws_peer_frame (guint8 first_byte, gboolean masked, gint64 claimed,
    const void *payload, gsize size)
{
  GByteArray *frame = g_byte_array_new ();
  guint64 told = claimed < 0 ? size : (guint64) claimed;
  guint64 large = GUINT64_TO_BE (told);
  guint16 medium = GUINT16_TO_BE (told);
  /* RFC 6455 5.2: the shortest form */
  guint8 length = told < 126 ? told : told <= G_MAXUINT16 ? 126 : 127;
  guint8 head[2] = { first_byte, length | (masked ? 0x80 : 0) };

  g_byte_array_append (frame, head, sizeof (head));
  if (length == 126)
    g_byte_array_append (frame, (guint8 *) & medium, sizeof (medium));
  else if (length == 127)
    g_byte_array_append (frame, (guint8 *) & large, sizeof (large));
  if (masked)
    g_byte_array_append (frame, (const guint8 *) "\0\0\0\0", 4);
  g_byte_array_append (frame, payload, size);
  return g_byte_array_free_to_bytes (frame);
}

static gboolean
send_all (WsPeer * peer, GSocket * socket, const gchar * data, gsize size)
{
  gsize step = peer->script.drip_us ? 1 : size;

  for (gsize at = 0; at < size;) {
    gssize sent = g_socket_send (socket, data + at, MIN (step, size - at),
        peer->cancellable, NULL);

    if (sent <= 0)
      return FALSE;
    at += sent;
    if (peer->script.drip_us)
      g_usleep (peer->script.drip_us);
  }
  return TRUE;
}

/* Returns: (nullable): the request, up to its empty line */
static gchar *
read_request (WsPeer * peer, GSocket * socket)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gchar c;

  while (!g_str_has_suffix (text->str, "\r\n\r\n")) {
    if (g_socket_receive (socket, &c, 1, peer->cancellable, NULL) <= 0)
      return NULL;
    g_string_append_c (text, c);
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gchar *
answer_to (WsPeer * peer, const gchar * request)
{
  g_autofree gchar *lower = g_ascii_strdown (request, -1);
  const gchar *at = strstr (lower, KEY_HEADER);
  g_autofree gchar *key = NULL, *salted = NULL, *accept = NULL;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  guint8 digest[20];
  gsize size = sizeof (digest);

  if (peer->script.head || !at)
    return g_strdup (peer->script.head);
  at = request + (at - lower) + strlen (KEY_HEADER);
  key = g_strstrip (g_strndup (at, strcspn (at, "\r")));
  salted = g_strconcat (key, KEY_SALT, NULL);
  g_checksum_update (checksum, (const guchar *) salted, -1);
  g_checksum_get_digest (checksum, digest, &size);
  accept = g_base64_encode (digest, size);
  return g_strdup_printf ("HTTP/1.1 101 Switching Protocols\r\n"
      "Upgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: %s\r\n%s%s%s\r\n", accept,
      peer->script.protocol ? "Sec-WebSocket-Protocol: " : "",
      peer->script.protocol ? peer->script.protocol : "",
      peer->script.protocol ? "\r\n" : "");
}

static void
hold (WsPeer * peer, GSocket * socket)
{
  gchar buffer[4096];

  while (g_socket_receive (socket, buffer, sizeof (buffer), peer->cancellable,
          NULL) > 0);
}

static void
serve (WsPeer * peer, GSocket * socket)
{
  g_autofree gchar *request = read_request (peer, socket);
  g_autofree gchar *answer = request ? answer_to (peer, request) : NULL;
  struct linger reset = { 1, 0 };

  if (!request || (answer && !send_all (peer, socket, answer, strlen (answer))))
    return;
  if (peer->script.frames && !send_all (peer, socket,
          g_bytes_get_data (peer->script.frames, NULL),
          g_bytes_get_size (peer->script.frames)))
    return;
  switch (peer->script.end) {
    case WS_PEER_CLOSE:
      g_socket_shutdown (socket, FALSE, TRUE, NULL);
      hold (peer, socket);
      break;
    case WS_PEER_HOLD:
      hold (peer, socket);
      break;
    case WS_PEER_RESET:
      setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &reset,
          sizeof (reset));
      break;
  }
}

static gpointer
run (gpointer data)
{
  WsPeer *peer = data;

  while (!g_cancellable_is_cancelled (peer->cancellable)) {
    g_autoptr (GSocket) socket =
        g_socket_accept (peer->listener, peer->cancellable, NULL);

    if (socket)
      serve (peer, socket);
  }
  return NULL;
}

WsPeer *
ws_peer_new (WsPeerScript script)
{
  WsPeer *peer = g_new0 (WsPeer, 1);
  g_autoptr (GSocketAddress) any =
      g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr (GSocketAddress) bound = NULL;

  peer->script = script;
  peer->cancellable = g_cancellable_new ();
  peer->listener = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
      G_SOCKET_PROTOCOL_DEFAULT, NULL);
  g_assert_true (g_socket_bind (peer->listener, any, TRUE, NULL));
  g_assert_true (g_socket_listen (peer->listener, NULL));
  bound = g_socket_get_local_address (peer->listener, NULL);
  peer->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  peer->thread = g_thread_new ("ws-peer", run, peer);
  return peer;
}

void
ws_peer_free (WsPeer * peer)
{
  g_cancellable_cancel (peer->cancellable);
  g_thread_join (peer->thread);
  g_object_unref (peer->listener);
  g_object_unref (peer->cancellable);
  g_clear_pointer (&peer->script.frames, g_bytes_unref);
  g_free (peer);
}

guint
ws_peer_port (WsPeer * peer)
{
  return peer->port;
}
