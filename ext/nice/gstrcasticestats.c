/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Converts libnice's candidates to webrtcbin's statistics. */
#include "config.h"

#include "gstrcasticestats.h"

/* RFC 8839 5.1 */
const gchar *
gst_rcast_ice_candidate_type (const NiceCandidate * candidate)
{
  switch (candidate->type) {
    case NICE_CANDIDATE_TYPE_HOST:
      return "host";
    case NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE:
      return "srflx";
    case NICE_CANDIDATE_TYPE_PEER_REFLEXIVE:
      return "prflx";
    case NICE_CANDIDATE_TYPE_RELAYED:
      return "relay";
  }
  g_return_val_if_reached ("host");
}

/* Empty for relayed candidates: libnice leaves the relay out of copies, which are all we get, and
 * nice_candidate_relay_address() crashes on them. */
static gchar *
dup_server (NiceCandidate * candidate)
{
  gchar address[NICE_ADDRESS_STRING_LEN];
  NiceAddress server;

  if (candidate->type != NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE
      || !nice_candidate_stun_server_address (candidate, &server))
    return g_strdup ("");
  nice_address_to_string (&server, address);
  return g_strdup (address);
}

/* Free with gst_webrtc_ice_candidate_stats_free(). */
GstWebRTCICECandidateStats *
gst_rcast_ice_candidate_stats (NiceCandidate * candidate, guint stream_id,
    gboolean local)
{
  GstWebRTCICECandidateStats *stats = g_new0 (GstWebRTCICECandidateStats, 1);
  gchar address[NICE_ADDRESS_STRING_LEN];

  nice_address_to_string (&candidate->addr, address);
  stats->ipaddr = g_strdup (address);
  stats->port = nice_address_get_port (&candidate->addr);
  stats->stream_id = stream_id;
  stats->type = gst_rcast_ice_candidate_type (candidate);
  stats->prio = candidate->priority;
  stats->proto =
      candidate->transport == NICE_CANDIDATE_TRANSPORT_UDP ? "udp" : "tcp";
  if (local)
    stats->url = dup_server (candidate);
  return stats;
}

/* The nick of an enumeration value, for logs. */
const gchar *
gst_rcast_ice_nick (GType type, gint value)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (type);
  const GEnumValue *found = g_enum_get_value (klass, value);

  return found ? found->value_nick : "unknown";
}
