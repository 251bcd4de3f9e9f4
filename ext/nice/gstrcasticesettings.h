/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an application may set on the agent: snapshots, shared and never changed. */
#pragma once

#include <gst/gst.h>

#include "gstrcasticetypes.h"

G_BEGIN_DECLS

/* Only gst_rcast_ice_settings_make_writable() gives one that may be changed. */
typedef struct
{
  gatomicrefcount ref_count;
  GstUri *stun;                 /* NULL: none */
  GstUri *turn;                 /* the one of set_turn_server; NULL: none */
  GPtrArray *turns;             /* of GstUri, by add_turn_server */
  GstUri *proxy;                /* NULL: none */
  gchar *proxy_ip;              /* NULL until resolved */
  GPtrArray *addresses;         /* of gchar *; empty: all of the host */
  gboolean force_relay;
  gboolean ice_tcp;
  gboolean ice_udp;
  gboolean controlling;
  guint min_port;               /* 0 and 65535: any */
  guint max_port;
  gint send_buffer;             /* bytes, 0: the system's */
  gint receive_buffer;
  GstRcastIcePathMode path_mode;
  gchar **path_preference;      /* NULL: none */
  gchar **path_barred;          /* interfaces that carry nothing; NULL: none */
  guint media_timeout;          /* ms */
  gboolean receiving;           /* media, not only reports */
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

/* The properties of whatever has these settings. */
void gst_rcast_ice_settings_install_properties (GObjectClass * klass);
gboolean gst_rcast_ice_settings_set_property (GstRcastIceSettings * settings,
    guint id, const GValue * value);
gboolean gst_rcast_ice_settings_get_property (const GstRcastIceSettings *
    settings, guint id, GValue * value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastIceSettings,
    gst_rcast_ice_settings_unref)

G_END_DECLS
