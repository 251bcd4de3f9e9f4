/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Settings that an application can make on the agent: shared, immutable snapshots. */
#pragma once

#include <gst/gst.h>

#include "gstrcasticetypes.h"

G_BEGIN_DECLS

/* Change a snapshot only after gst_rcast_ice_settings_make_writable(). */
typedef struct
{
  gatomicrefcount ref_count;
  GstUri *stun;                 /* NULL: none */
  GstUri *turn;                 /* from set_turn_server; NULL: none */
  GPtrArray *turns;             /* of GstUri, from add_turn_server */
  GstUri *proxy;                /* NULL: none */
  gchar *proxy_ip;              /* NULL until resolved */
  GPtrArray *addresses;         /* of gchar *; empty: all local addresses */
  gboolean force_relay;
  gboolean ice_tcp;
  gboolean ice_udp;
  gboolean controlling;
  guint min_port;               /* 0 and 65535: any */
  guint max_port;
  gint send_buffer;             /* bytes; 0: system default */
  gint receive_buffer;
  GstRcastIcePathMode path_mode;
  gchar **path_preference;      /* NULL: none */
  gchar **path_barred;          /* interfaces that must not be used; NULL: none */
  guint media_timeout;          /* ms */
  gboolean receiving;           /* the peer sends media, not only RTCP */
} GstRcastIceSettings;

GstRcastIceSettings *gst_rcast_ice_settings_new (void);
GstRcastIceSettings *gst_rcast_ice_settings_ref (GstRcastIceSettings *
    settings);
void gst_rcast_ice_settings_unref (GstRcastIceSettings * settings);
GstRcastIceSettings *gst_rcast_ice_settings_make_writable (GstRcastIceSettings *
    settings);

gboolean gst_rcast_ice_settings_bars (const GstRcastIceSettings * settings,
    const gchar * interface);
gboolean gst_rcast_ice_settings_set_stun (GstRcastIceSettings * settings,
    const gchar * uri, GError ** error);
gboolean gst_rcast_ice_settings_set_turn (GstRcastIceSettings * settings,
    const gchar * uri, GError ** error);
gboolean gst_rcast_ice_settings_add_turn (GstRcastIceSettings * settings,
    const gchar * uri, GError ** error);
gboolean gst_rcast_ice_settings_set_proxy (GstRcastIceSettings * settings,
    const gchar * uri, GError ** error);
void gst_rcast_ice_parse_userinfo (const GstUri * uri, gchar ** user,
    gchar ** password);

/* The properties of the object that owns the settings. */
void gst_rcast_ice_settings_install_properties (GObjectClass * klass);
gboolean gst_rcast_ice_settings_set_property (GstRcastIceSettings * settings,
    guint id, const GValue * value);
gboolean gst_rcast_ice_settings_get_property (const GstRcastIceSettings *
    settings, guint id, GValue * value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastIceSettings,
    gst_rcast_ice_settings_unref)

G_END_DECLS
