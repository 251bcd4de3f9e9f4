/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A UDP port that stays the same over all ICE restarts of a session, as on large servers. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "loopback-door.h"

#include <gst/gst.h>
#include <string.h>
#include <sys/socket.h>

#define INSIDE "127.0.0.1"
#define MAX_PACKET 2048

struct _LoopbackDoor
{
  GSocket *socket;
  GSource *source;
  GHashTable *ways;             /* our ufrag to the GSocketAddress of its agent */
  GHashTable *clients;          /* text of an address to Client */
  gchar *candidate;
};

/* A remote address. It has an inner socket of its own, so that the agent can tell remote addresses
 * apart. */
typedef struct
{
  LoopbackDoor *door;
  GSocketAddress *outside;
  GSocketAddress *way;          /* the agent's address, from the last check */
  GSocket *socket;
  GSource *source;
} Client;

static void
close_socket (GSocket ** socket, GSource ** source)
{
  if (*source) {
    g_source_destroy (*source);
    g_clear_pointer (source, g_source_unref);
  }
  g_clear_object (socket);
}

static void
client_free (gpointer data)
{
  Client *client = data;

  close_socket (&client->socket, &client->source);
  g_clear_object (&client->outside);
  g_clear_object (&client->way);
  g_free (client);
}

static GSocket *
bind_socket (const gchar * address, GError ** error)
{
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new_from_string
      (address, 0);
  g_autoptr (GSocket) socket = NULL;

  if (any == NULL) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "%s is no address", address);
    return NULL;
  }
  socket = g_socket_new (g_socket_address_get_family (any),
      G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, error);
  if (socket == NULL || !g_socket_bind (socket, any, FALSE, error))
    return NULL;
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_option (socket, SOL_SOCKET, SO_RCVBUF, 1 << 20, NULL);
  return g_steal_pointer (&socket);
}

static GSource *
watch (GSocket * socket, GSocketSourceFunc func, gpointer data)
{
  GSource *source = g_socket_create_source (socket, G_IO_IN, NULL);

  g_source_set_callback (source, G_SOURCE_FUNC (func), data, NULL);
  g_source_attach (source, NULL);
  return source;
}

static gboolean
on_inside (GSocket * socket, GIOCondition condition, gpointer data)
{
  Client *client = data;
  gchar bytes[MAX_PACKET];
  gssize size;

  while ((size = g_socket_receive (socket, bytes, sizeof bytes, NULL, NULL)) > 0)
    g_socket_send_to (client->door->socket, client->outside, bytes, size, NULL,
        NULL);
  return G_SOURCE_CONTINUE;
}

static Client *
get_client (LoopbackDoor * door, GSocketAddress * outside)
{
  g_autofree gchar *name =
      g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (outside));
  Client *client = g_hash_table_lookup (door->clients, name);

  if (client)
    return client;
  client = g_new0 (Client, 1);
  client->door = door;
  client->outside = g_object_ref (outside);
  client->socket = bind_socket (INSIDE, NULL);
  if (client->socket)
    client->source = watch (client->socket, on_inside, client);
  g_hash_table_insert (door->clients, g_steal_pointer (&name), client);
  return client;
}

/* RFC 8445 7.2.2: the USERNAME of a check begins with our ufrag. Returns: (nullable): the agent's
 * address */
static GSocketAddress *
find_way (LoopbackDoor * door, const guint8 * bytes, gsize size)
{
  gsize at = 20;

  if (size < at || GST_READ_UINT16_BE (bytes) != 0x0001)
    return NULL;
  while (at + 4 <= size) {
    gsize length = GST_READ_UINT16_BE (bytes + at + 2);

    if (at + 4 + length > size)
      return NULL;
    if (GST_READ_UINT16_BE (bytes + at) == 0x0006) {
      g_autofree gchar *name = g_strndup ((gchar *) bytes + at + 4, length);

      name[strcspn (name, ":")] = '\0';
      return g_hash_table_lookup (door->ways, name);
    }
    at += 4 + ((length + 3) & ~(gsize) 3);
  }
  return NULL;
}

static void
let_in (LoopbackDoor * door, GSocketAddress * outside, const gchar * bytes,
    gsize size)
{
  Client *client = get_client (door, outside);
  GSocketAddress *way = find_way (door, (const guint8 *) bytes, size);

  if (way)
    g_set_object (&client->way, way);
  if (client->way && client->socket)
    g_socket_send_to (client->socket, client->way, bytes, size, NULL, NULL);
}

static gboolean
on_outside (GSocket * socket, GIOCondition condition, gpointer data)
{
  LoopbackDoor *door = data;

  for (;;) {
    g_autoptr (GSocketAddress) outside = NULL;
    gchar bytes[MAX_PACKET];
    gssize size = g_socket_receive_from (socket, &outside, bytes, sizeof bytes,
        NULL, NULL);

    if (size <= 0)
      return G_SOURCE_CONTINUE;
    let_in (door, outside, bytes, size);
  }
}

LoopbackDoor *
loopback_door_new (const gchar * address, GError ** error)
{
  GSocket *socket = bind_socket (address, error);
  g_autoptr (GSocketAddress) bound = NULL;
  LoopbackDoor *door;

  if (socket == NULL)
    return NULL;
  bound = g_socket_get_local_address (socket, NULL);
  door = g_new0 (LoopbackDoor, 1);
  door->socket = socket;
  door->ways = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      g_object_unref);
  door->clients = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      client_free);
  door->candidate = g_strdup_printf ("candidate:1 1 UDP 2130706431 %s %u "
      "typ host", address, g_inet_socket_address_get_port
      (G_INET_SOCKET_ADDRESS (bound)));
  door->source = watch (socket, on_outside, door);
  return door;
}

void
loopback_door_free (LoopbackDoor * door)
{
  if (door == NULL)
    return;
  close_socket (&door->socket, &door->source);
  g_hash_table_unref (door->clients);
  g_hash_table_unref (door->ways);
  g_free (door->candidate);
  g_free (door);
}

void
loopback_door_lead_to (LoopbackDoor * door, const gchar * candidate)
{
  g_auto (GStrv) words = g_strsplit (candidate, " ", -1);
  const gchar *ufrag = NULL;

  for (guint i = 0; words[i] && words[i + 1]; i++)
    if (g_str_equal (words[i], "ufrag"))
      ufrag = words[i + 1];
  if (ufrag == NULL || g_strv_length (words) < 6
      || g_ascii_strcasecmp (words[2], "UDP") != 0)
    return;
  g_hash_table_replace (door->ways, g_strdup (ufrag),
      g_inet_socket_address_new_from_string (INSIDE,
          (guint) g_ascii_strtoull (words[5], NULL, 10)));
}

const gchar *
loopback_door_get_candidate (LoopbackDoor * door)
{
  return door->candidate;
}
