/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads a DNS response with the parser of the C library. */
#include "config.h"

#include "net-dns.h"

#include <arpa/nameser.h>
#include <netinet/in.h>

static gboolean
is_about (ns_msg * message, const guint8 * question, gsize size)
{
  ns_msg asked;
  ns_rr mine, theirs;

  return ns_initparse (question, size, &asked) == 0
      && ns_msg_id (*message) == ns_msg_id (asked)
      && ns_msg_getflag (*message, ns_f_qr)
      && ns_msg_count (*message, ns_s_qd) == 1
      && ns_parserr (message, ns_s_qd, 0, &theirs) == 0
      && ns_parserr (&asked, ns_s_qd, 0, &mine) == 0
      && ns_rr_type (theirs) == ns_rr_type (mine)
      && g_ascii_strcasecmp (ns_rr_name (theirs), ns_rr_name (mine)) == 0;
}

/**
 * net_dns_read:
 * @answer: received bytes
 * @size: of @answer
 * @question: the query
 * @question_size: of @question
 * @addresses: of GInetAddress; the addresses in @answer are added
 *
 * Returns: whether @answer is an answer to @question
 */
gboolean
net_dns_read (const guint8 * answer, gsize size, const guint8 * question,
    gsize question_size, GPtrArray * addresses)
{
  ns_msg message;
  ns_rr record;

  if (ns_initparse (answer, size, &message) != 0
      || !is_about (&message, question, question_size))
    return FALSE;
  /* Another server's answer may be better. */
  if (ns_msg_getflag (message, ns_f_rcode) != ns_r_noerror)
    return FALSE;
  for (guint i = 0; i < ns_msg_count (message, ns_s_an); i++) {
    if (ns_parserr (&message, ns_s_an, i, &record) != 0)
      break;
    if (ns_rr_type (record) == ns_t_a
        && ns_rr_rdlen (record) == sizeof (struct in_addr))
      g_ptr_array_add (addresses, g_inet_address_new_from_bytes (ns_rr_rdata
              (record), G_SOCKET_FAMILY_IPV4));
    else if (ns_rr_type (record) == ns_t_aaaa
        && ns_rr_rdlen (record) == sizeof (struct in6_addr))
      g_ptr_array_add (addresses, g_inet_address_new_from_bytes (ns_rr_rdata
              (record), G_SOCKET_FAMILY_IPV6));
  }
  return TRUE;
}
