/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes SDP for ICE restarts, trickle and the log: pure functions on GstSDPMessage and text. */
#pragma once

#include <gst/gst.h>
#include <gst/sdp/gstsdpmessage.h>

#include "rcast-api.h"
#include "rcast-error.h"

G_BEGIN_DECLS

/* Larger descriptions are refused: no real one comes near. */
#define GST_RCAST_SDP_MAX_SIZE (256 * 1024)
#define GST_RCAST_SDP_MAX_CANDIDATES 512

GST_RCAST_API
GstSDPMessage * gst_rcast_sdp_parse               (const gchar * text, gssize size, GError ** error);

GST_RCAST_API
gboolean        gst_rcast_sdp_get_credentials     (const GstSDPMessage * sdp, const gchar ** ufrag, const gchar ** pwd);
GST_RCAST_API
void            gst_rcast_sdp_set_credentials     (GstSDPMessage * sdp, const gchar * ufrag, const gchar * pwd);
GST_RCAST_API
void            gst_rcast_sdp_remove_candidates   (GstSDPMessage * sdp);
GST_RCAST_API
gchar *         gst_rcast_sdp_dup_candidate_ufrag (const gchar * candidate);
/* Whether the candidates of @after are at the addresses of those of @before. */
GST_RCAST_API
gboolean        gst_rcast_sdp_is_unmoved          (const GstSDPMessage * before, const GstSDPMessage * after);
/* The m-section with the transport of the bundle, whether an m-section is bundled, and its mid. */
GST_RCAST_API
guint           gst_rcast_sdp_get_bundle_mline    (const GstSDPMessage * sdp);
GST_RCAST_API
gboolean        gst_rcast_sdp_is_bundled          (const GstSDPMessage * sdp, guint mline);
GST_RCAST_API
const gchar *   gst_rcast_sdp_get_mid             (const GstSDPMessage * sdp, guint mline);
GST_RCAST_API
gchar *         gst_rcast_sdp_redact              (const gchar * text);

/**
 * GstRcastSdpFragment:
 * @ufrag: (nullable): ICE user fragment
 * @pwd: (nullable): ICE password
 * @ice_options: (nullable): value of `a=ice-options`
 * @ice_lite: whether `a=ice-lite` is there
 * @mid: (nullable): mid of the m-section
 * @mline: index of the m-section
 * @candidates: (element-type utf8): `candidate:…` lines without `a=`
 * @end_of_candidates: whether no more candidates follow
 *
 * The content of an `application/trickle-ice-sdpfrag` body (RFC 8840 4.4, 9).
 */
typedef struct {
  gchar *ufrag;
  gchar *pwd;
  gchar *ice_options;
  gboolean ice_lite;
  gchar *mid;
  guint mline;
  GPtrArray *candidates;
  gboolean end_of_candidates;
} GstRcastSdpFragment;

GST_RCAST_API
GstRcastSdpFragment * gst_rcast_sdp_fragment_new    (void);
GST_RCAST_API
void                  gst_rcast_sdp_fragment_free   (GstRcastSdpFragment * fragment);
GST_RCAST_API
GstRcastSdpFragment * gst_rcast_sdp_fragment_parse  (const gchar * text, gssize size, GError ** error);
GST_RCAST_API
gchar *               gst_rcast_sdp_fragment_print  (const GstRcastSdpFragment * fragment, const GstSDPMessage * description);
/* Replaces credentials and candidates after a restart, and nothing else (RFC 9725 4.3.3). */
GST_RCAST_API
gboolean              gst_rcast_sdp_apply_fragment  (GstSDPMessage * description, const GstRcastSdpFragment * fragment, GError ** error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRcastSdpFragment, gst_rcast_sdp_fragment_free)

G_END_DECLS
