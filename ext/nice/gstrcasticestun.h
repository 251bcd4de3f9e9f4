/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The STUN messages of a consent check: request and response. Pure. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define GST_RCAST_ICE_STUN_ID_SIZE 12
/* Request: 20 + USERNAME 4+512 + PRIORITY 8 + role 12 + USE-CANDIDATE 4 +
 * MESSAGE-INTEGRITY 24 + FINGERPRINT 8. */
#define GST_RCAST_ICE_STUN_MAX_SIZE 600

typedef struct
{
  const gchar *local_ufrag;
  const gchar *remote_ufrag;
  const gchar *remote_password;
  gboolean controlling;
  gboolean nominate;            /* only if controlling */
  guint32 priority;
  guint64 tie_breaker;
} GstRcastIceStunConfig;

typedef enum
{
  GST_RCAST_ICE_STUN_NONE,      /* no answer to this request, or one that cannot be trusted */
  GST_RCAST_ICE_STUN_SUCCESS,
  GST_RCAST_ICE_STUN_REVOKED,   /* RFC 7675 5.2: 403 */
  GST_RCAST_ICE_STUN_ROLE_CONFLICT,     /* RFC 8445 7.2.5.1: 487 */
  GST_RCAST_ICE_STUN_ERROR,     /* another error, signed by the peer */
} GstRcastIceStunAnswer;

/* XOR-MAPPED-ADDRESS: family, port, address, in network order. */
typedef struct
{
  guint8 bytes[20];
  gsize size;                   /* 0: unknown */
} GstRcastIceStunAddress;

gsize gst_rcast_ice_stun_write_request (guint8 * out, gsize size,
    const guint8 * id, const GstRcastIceStunConfig * config);
GstRcastIceStunAnswer gst_rcast_ice_stun_read_answer (const guint8 * bytes,
    gsize size, const guint8 * id, const gchar * password,
    GstRcastIceStunAddress * mapped);
gboolean gst_rcast_ice_stun_address_equal (const GstRcastIceStunAddress * a,
    const GstRcastIceStunAddress * b);

G_END_DECLS
