/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Creates and configures the NiceAgent of a path. */
#include "config.h"

#include "gstrcasticepathagent.h"

#include "gstrcasticelog.h"

GST_RCAST_ICE_LOG_CATEGORY ("rcasticepathagent", "Making of a NiceAgent")

typedef struct
{
  const GstRcastIcePathAgentConfig *config;
  NiceAgent *agent;
  guint stream_id;
} Making;

static void
add_turn (Making * making, GstUri * uri)
{
  const gchar *transport = gst_uri_get_query_value (uri, "transport");
  gboolean tls = g_str_equal (gst_uri_get_scheme (uri), "turns");
  g_autofree gchar *user = NULL;
  g_autofree gchar *password = NULL;
  NiceRelayType types[2];
  guint n = 0;

  gst_rcast_ice_parse_userinfo (uri, &user, &password);
  if (tls) {
    types[n++] = NICE_RELAY_TYPE_TURN_TLS;
  } else {
    if (!transport || g_str_equal (transport, "udp"))
      types[n++] = NICE_RELAY_TYPE_TURN_UDP;
    if (!transport || g_str_equal (transport, "tcp"))
      types[n++] = NICE_RELAY_TYPE_TURN_TCP;
  }
  for (guint i = 0; i < n; i++) {
    if (!nice_agent_set_relay_info (making->agent, making->stream_id,
            NICE_COMPONENT_TYPE_RTP, gst_uri_get_host (uri),
            gst_uri_get_port (uri), user, password, types[i]))
      GST_WARNING_ID (making->config->name, "TURN server %s not taken, going "
          "on without", gst_uri_get_host (uri));
  }
}

static void
add_servers (Making * making, const GstRcastIceSettings * settings)
{
  if (settings->proxy_ip) {
    g_autofree gchar *user = NULL;
    g_autofree gchar *password = NULL;

    gst_rcast_ice_parse_userinfo (settings->proxy, &user, &password);
    g_object_set (making->agent, "proxy-type", NICE_PROXY_TYPE_HTTP,
        "proxy-ip", settings->proxy_ip,
        "proxy-port", gst_uri_get_port (settings->proxy),
        "proxy-username", user, "proxy-password", password, NULL);
  }
  if (settings->stun)
    g_object_set (making->agent, "stun-server",
        gst_uri_get_host (settings->stun), "stun-server-port",
        gst_uri_get_port (settings->stun), NULL);
  if (settings->turn)
    add_turn (making, settings->turn);
  for (guint i = 0; i < settings->turns->len; i++)
    add_turn (making, settings->turns->pdata[i]);
}

static void
add_address (Making * making, const gchar * address)
{
  NiceAddress nice;

  nice_address_init (&nice);
  if (!nice_address_set_from_string (&nice, address)
      || !nice_agent_add_local_address (making->agent, &nice))
    GST_WARNING_ID (making->config->name, "bad address %s, going on without",
        address);
}

static void
configure (Making * making)
{
  const GstRcastIcePathAgentConfig *config = making->config;
  const GstRcastIceSettings *settings = config->settings;

  g_object_set (making->agent, "upnp", FALSE, "ice-tcp", settings->ice_tcp,
      "ice-udp", settings->ice_udp, "force-relay", settings->force_relay,
      "controlling-mode", settings->controlling, NULL);
  if (config->uplink) {
    for (guint i = 0; i < config->uplink->addresses->len; i++)
      add_address (making, config->uplink->addresses->pdata[i]);
  } else {
    for (guint i = 0; i < settings->addresses->len; i++)
      add_address (making, settings->addresses->pdata[i]);
  }
  making->stream_id = nice_agent_add_stream (making->agent, 1);
  if (settings->min_port != 0 || settings->max_port != 65535)
    nice_agent_set_port_range (making->agent, making->stream_id,
        NICE_COMPONENT_TYPE_RTP, settings->min_port, settings->max_port);
  if (config->tos >= 0)
    nice_agent_set_stream_tos (making->agent, making->stream_id, config->tos);
  add_servers (making, settings);
  nice_agent_set_local_credentials (making->agent, making->stream_id,
      config->ufrag, config->password);
}

/* Returns: (transfer full): an agent with one stream that has one component */
NiceAgent *
gst_rcast_ice_path_agent_new (const GstRcastIcePathAgentConfig * config,
    guint * stream_id)
{
  Making making = {.config = config };

  /* libnice's consent freshness stays off: it expires after 10 s and two lost checks. Regular
   * nomination stays off, too: it waits for 2 s until pairs of higher priority have failed. So
   * each check nominates, and the best pair counts. Our own checks later nominate the path that
   * carries. */
  making.agent = nice_agent_new_full
      (gst_rcast_loop_get_context (config->loop),
      NICE_COMPATIBILITY_RFC5245, NICE_AGENT_OPTION_ICE_TRICKLE);
  configure (&making);
  *stream_id = making.stream_id;
  return making.agent;
}
