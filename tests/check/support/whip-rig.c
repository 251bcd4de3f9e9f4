/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* rcastwhip or rcastwhep with a scripted server on loopback. */
#include "config.h"

#include "whip-rig.h"

#include <gst/check/gstcheck.h>

const HttpReply whip_defaults[] = {
  {"POST", 201, "Location: /session/1?key=a%2Fb\nETag: \"tag-1\"", SDP, ANSWER},
  {"PATCH", 204},
  {"DELETE", 200},
  {NULL, 0},
};

void
set_location (Fixture * f, const gchar * url)
{
  g_autofree gchar *location = g_strconcat ("whip+", url, NULL);

  g_object_set (f->rig.signaller, "location", location, NULL);
}

static void
init (Fixture * f, const gchar * factory, const gchar * path,
    const gchar * certificate)
{
  g_autofree gchar *url = NULL;

  signaller_rig_init (&f->rig, factory);
  f->script = http_script_new (whip_defaults, certificate);
  url = g_strconcat (f->script->url, path, NULL);
  g_object_set (f->rig.signaller, "location", url, NULL);
}

void
fixture_init (Fixture * f, const gchar * certificate)
{
  init (f, "rcastwhip", "/whip/demo", certificate);
}

void
fixture_init_whep (Fixture * f, const gchar * certificate)
{
  init (f, "rcastwhep", "/whep/demo", certificate);
}

void
fixture_clear (Fixture * f)
{
  signaller_rig_drop (&f->rig);
  http_script_free (f->script);
  signaller_rig_clear (&f->rig);
}

void
start_offer (Fixture * f, GstRcastOfferKind kind, const gchar * sdp, Op * op)
{
  gst_rcast_signaller_offer_async (f->rig.signaller, kind, sdp, NULL,
      op_answered, op);
}

void
go_on_air (Fixture * f)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *answer = NULL;

  signaller_rig_open (&f->rig);
  answer = signaller_rig_offer (&f->rig, GST_RCAST_OFFER_INITIAL, OFFER1,
      &error);
  fail_unless (answer != NULL, "%s", error ? error->message : "");
}
