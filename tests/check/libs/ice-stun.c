/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The agent's own STUN checks against RFC 5769's vector and broken input. */
#include "config.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#include "gstrcasticestun.h"
#include "stun-answer.h"

/* RFC 5769 2.2: sample IPv4 response */
static const guint8 response[] = {
  0x01, 0x01, 0x00, 0x3c, 0x21, 0x12, 0xa4, 0x42,
  0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae,
  0x80, 0x22, 0x00, 0x0b, 0x74, 0x65, 0x73, 0x74, 0x20, 0x76, 0x65, 0x63,
  0x74, 0x6f, 0x72, 0x20, 0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xa1, 0x47,
  0xe1, 0x12, 0xa6, 0x43, 0x00, 0x08, 0x00, 0x14, 0x2b, 0x91, 0xf5, 0x99,
  0xfd, 0x9e, 0x90, 0xc3, 0x8c, 0x74, 0x89, 0xf9, 0x2a, 0xf9, 0xba, 0x53,
  0xf0, 0x6b, 0xe7, 0xd7, 0x80, 0x28, 0x00, 0x04, 0xc0, 0x7d, 0x4c, 0x96
};

#define PASSWORD "VOkJxbRl1RmTxUk/WvJxBt"

GST_START_TEST (test_response_of_rfc5769)
{
  guint8 other[GST_RCAST_ICE_STUN_ID_SIZE] = { 0, };

  assert_equals_int (gst_rcast_ice_stun_read_answer (response,
          sizeof response, response + 8, PASSWORD, NULL), GST_RCAST_ICE_STUN_SUCCESS);
  assert_equals_int (gst_rcast_ice_stun_read_answer (response,
          sizeof response, response + 8, "other", NULL), GST_RCAST_ICE_STUN_NONE);
  assert_equals_int (gst_rcast_ice_stun_read_answer (response,
          sizeof response, other, PASSWORD, NULL), GST_RCAST_ICE_STUN_NONE);
}
GST_END_TEST;

/* Every prefix and every flipped bit: nothing is read beyond the end, and nothing that was changed
 * under the signature is believed. */
GST_START_TEST (test_broken_responses_are_refused)
{
  for (gsize size = 0; size < sizeof response; size++) {
    guint8 *part = g_memdup2 (response, size);

    assert_equals_int (gst_rcast_ice_stun_read_answer (part, size,
            response + 8, PASSWORD, NULL), GST_RCAST_ICE_STUN_NONE);
    g_free (part);
  }
  for (gsize bit = 0; bit < 8 * (sizeof response - 8); bit++) {
    guint8 *copy = g_memdup2 (response, sizeof response);

    /* The length is not signed: it may leave out the fingerprint. */
    if (bit / 8 == 3) {
      g_free (copy);
      continue;
    }
    copy[bit / 8] ^= 1 << bit % 8;
    assert_equals_int (gst_rcast_ice_stun_read_answer (copy, sizeof response,
            response + 8, PASSWORD, NULL), GST_RCAST_ICE_STUN_NONE);
    g_free (copy);
  }
}
GST_END_TEST;

GST_START_TEST (test_request_has_what_a_check_needs)
{
  GstRcastIceStunConfig config = {
    .local_ufrag = "local",
    .remote_ufrag = "remote",
    .remote_password = "0123456789012345678901",
    .controlling = TRUE,
    .nominate = TRUE,
    .priority = 0x6e1fffff,
    .tie_breaker = G_GUINT64_CONSTANT (0x0102030405060708),
  };
  static const guint8 id[] = "abcdefghijkl";
  static const guint8 tie_breaker[] =
      { 0x80, 0x2a, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8 };
  static const guint8 use_candidate[] = { 0, 0x25, 0, 0, 0, 8, 0, 20 };
  guint8 bytes[GST_RCAST_ICE_STUN_MAX_SIZE];
  gsize size = gst_rcast_ice_stun_write_request (bytes, sizeof bytes, id,
      &config);

  assert_equals_int (size, 20 + 4 + 12 + 8 + 12 + 4 + 24 + 8);
  assert_equals_int (GST_READ_UINT16_BE (bytes), 1);
  assert_equals_int (GST_READ_UINT16_BE (bytes + 2), size - 20);
  fail_unless (memcmp (bytes + 8, id, 12) == 0);
  fail_unless (memcmp (bytes + 24, "remote:local", 12) == 0);
  fail_unless (memcmp (bytes + 44, tie_breaker, sizeof tie_breaker) == 0);
  fail_unless (memcmp (bytes + 56, use_candidate, sizeof use_candidate) == 0);
  /* The signature is that of a request: it signs no response. */
  bytes[0] = 1;
  assert_equals_int (gst_rcast_ice_stun_read_answer (bytes, size, id,
          config.remote_password, NULL), GST_RCAST_ICE_STUN_NONE);
  config.nominate = FALSE;
  assert_equals_int (gst_rcast_ice_stun_write_request (bytes, sizeof bytes, id,
          &config), size - 4);
  config.nominate = TRUE;
  config.controlling = FALSE;
  assert_equals_int (gst_rcast_ice_stun_write_request (bytes, sizeof bytes, id,
          &config), size - 4);
  assert_equals_int (gst_rcast_ice_stun_write_request (bytes, 40, id, &config),
      0);
}
GST_END_TEST;

GST_START_TEST (test_mapped_address_is_read)
{
  /* RFC 5769 2.2: 192.0.2.1, port 32853 */
  static const guint8 wanted[] = { 0, 1, 0x80, 0x55, 192, 0, 2, 1 };
  GstRcastIceStunAddress mapped = { {0,}, 0 };
  GstRcastIceStunAddress other = { {0,}, 0 };

  gst_rcast_ice_stun_read_answer (response, sizeof response, response + 8,
      PASSWORD, &mapped);
  assert_equals_int (mapped.size, sizeof wanted);
  fail_unless (memcmp (mapped.bytes, wanted, sizeof wanted) == 0);
  fail_unless (gst_rcast_ice_stun_address_equal (&mapped, &mapped));
  fail_if (gst_rcast_ice_stun_address_equal (&mapped, &other));
}
GST_END_TEST;

static const struct
{
  StunAnswer answer;
  GstRcastIceStunAnswer wanted;
} answers[] = {
  {{0, 5000, 0, PASSWORD}, GST_RCAST_ICE_STUN_SUCCESS},
  {{0, 0, 0, PASSWORD}, GST_RCAST_ICE_STUN_SUCCESS},
  {{0, 5000, 0, PASSWORD, FALSE, TRUE}, GST_RCAST_ICE_STUN_SUCCESS},
  {{0, 5000, 0, PASSWORD, TRUE}, GST_RCAST_ICE_STUN_NONE},
  {{0, 5000, 0, NULL}, GST_RCAST_ICE_STUN_NONE},
  {{0, 5000, 0, "wrong"}, GST_RCAST_ICE_STUN_NONE},
  /* Attributes that may be ignored, and one that may not. */
  {{0, 5000, 0xC057, PASSWORD}, GST_RCAST_ICE_STUN_SUCCESS},
  {{0, 5000, 0x0001, PASSWORD}, GST_RCAST_ICE_STUN_SUCCESS},
  {{0, 5000, 0x7FFF, PASSWORD}, GST_RCAST_ICE_STUN_NONE},
  {{487, 0, 0x7FFF, PASSWORD}, GST_RCAST_ICE_STUN_NONE},
  {{403, 0, 0, PASSWORD}, GST_RCAST_ICE_STUN_REVOKED},
  {{403, 0, 0, NULL}, GST_RCAST_ICE_STUN_NONE},
  {{487, 0, 0, PASSWORD}, GST_RCAST_ICE_STUN_ROLE_CONFLICT},
  {{487, 0, 0, NULL}, GST_RCAST_ICE_STUN_NONE},
  {{400, 0, 0, PASSWORD}, GST_RCAST_ICE_STUN_ERROR},
  {{401, 0, 0, NULL}, GST_RCAST_ICE_STUN_NONE},
  {{420, 0, 0, PASSWORD}, GST_RCAST_ICE_STUN_ERROR},
  {{500, 0, 0, PASSWORD}, GST_RCAST_ICE_STUN_ERROR},
};

GST_START_TEST (test_answers)
{
  static const guint8 id[] = "abcdefghijkl";
  guint8 bytes[STUN_ANSWER_MAX_SIZE];
  gsize size = stun_answer_write (&answers[__i__].answer, id, bytes);

  assert_equals_int (gst_rcast_ice_stun_read_answer (bytes, size, id, PASSWORD,
          NULL), answers[__i__].wanted);
}
GST_END_TEST;

static Suite *
stun_suite (void)
{
  Suite *s = suite_create ("ice-stun");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_response_of_rfc5769);
  tcase_add_test (tc, test_broken_responses_are_refused);
  tcase_add_test (tc, test_request_has_what_a_check_needs);
  tcase_add_test (tc, test_mapped_address_is_read);
  tcase_add_loop_test (tc, test_answers, 0, G_N_ELEMENTS (answers));
  return s;
}

GST_CHECK_MAIN (stun);
