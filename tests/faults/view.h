/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the viewers of the fault lab have in common: decoded pictures and sound, looked at. */
#pragma once

#include <gst/gst.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct _View View;
typedef struct _ViewPlain ViewPlain;
typedef struct _ViewSource ViewSource;

/* The jitter buffer's, in ms; constant, so that it is no part of any difference. */
#define VIEW_LATENCY_MS 100

View * view_new         (void);
void  view_free         (View * view);
/* Another pipeline, with a time of its own */
void  view_begin        (View * view);
/* Of the end of a chain, raw */
void  view_add_picture  (View * view, GstPad * pad);
void  view_add_sound    (View * view, GstPad * pad);

/* The viewer: rcastsrc */
ViewSource * view_source_new   (View * view, const gchar * location, GError ** error);
void         view_source_free  (ViewSource * source);

/* The yardstick: a webrtcbin that asks its server ten times a second whether it has a session */
ViewPlain *  view_plain_new    (View * view, const gchar * url);
void         view_plain_free   (ViewPlain * plain);

G_END_DECLS
