/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shared by the viewers of the fault lab: checks decoded video and audio. */
#pragma once

#include <gst/gst.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct _View View;
typedef struct _ViewPlain ViewPlain;
typedef struct _ViewSource ViewSource;

/* Latency of the jitter buffer in ms; constant, so that results compare */
#define VIEW_LATENCY_MS 100

View * view_new         (void);
void  view_free         (View * view);
/* A new pipeline begins, with a running time of its own. */
void  view_begin        (View * view);
/* @pad: the raw end of a chain */
void  view_add_picture  (View * view, GstPad * pad);
void  view_add_sound    (View * view, GstPad * pad);

/* The viewer: rcastsrc */
ViewSource * view_source_new   (View * view, const gchar * location, GError ** error);
void         view_source_free  (ViewSource * source);

/* The yardstick: a webrtcbin that checks its session at the server ten times a second */
ViewPlain *  view_plain_new    (View * view, const gchar * url);
void         view_plain_free   (ViewPlain * plain);

G_END_DECLS
