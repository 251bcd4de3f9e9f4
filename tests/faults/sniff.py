#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""sniff.py FILE: writes a line for each packet on any interface of this network namespace, with the
kernel's time of it, until SIGTERM.

A line: time in us, i or o, interface, bytes of IP, kind (rtp, rtcp, tcp, misc), payload type,
sequence number, timestamp, SSRC. SRTP leaves the header of RTP in the clear.
"""

import signal
import socket
import struct
import sys

ETH_P_IP, SO_TIMESTAMPNS, SO_RCVBUFFORCE = 0x0800, 35, 33
UDP, TCP = 17, 6
BUFFER = 16 << 20
# Ethernet, IP with options, UDP and the header of RTP
SNAP = 14 + 60 + 8 + 12


def time_of(ancillary):
    for level, kind, value in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack('qq', value[:16])
            return seconds * 1000000 + nanoseconds // 1000
    return 0


def describe(packet):
    """Bytes, kind, payload type, sequence number, timestamp, SSRC of an Ethernet frame with IP."""
    size, protocol = int.from_bytes(packet[16:18], 'big'), packet[23]
    if protocol != UDP:
        return size, 'tcp' if protocol == TCP else 'misc', 0, 0, 0, 0
    payload = packet[14 + (packet[14] & 15) * 4 + 8:]
    # RFC 7983
    if len(payload) < 12 or payload[0] >> 6 != 2:
        return size, 'misc', 0, 0, 0, 0
    if 192 <= payload[1] <= 223:
        return size, 'rtcp', payload[1], 0, 0, 0
    return size, 'rtp', payload[1] & 127, *struct.unpack('!HII', payload[2:12])


def main():
    sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    sniffer.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    sniffer.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    with open(sys.argv[1], 'w', buffering=1 << 16) as file:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: sys.exit(0))
        print('event=ready', flush=True)
        while True:
            packet, ancillary, _, where = sniffer.recvmsg(SNAP, 64)
            if where[1] != ETH_P_IP or where[0] == 'lo' or len(packet) < 34:
                continue
            way = 'o' if where[2] == socket.PACKET_OUTGOING else 'i'
            print(time_of(ancillary), way, where[0], *describe(packet), file=file)


if __name__ == '__main__':
    main()
