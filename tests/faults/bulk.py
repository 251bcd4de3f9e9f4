#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A competitor on the link: one TCP connection that sends as fast as it can, until SIGTERM.

bulk.py take ADDRESS PORT; bulk.py send FROM ADDRESS PORT
"""

import socket
import sys

PIECE = bytes(16384)


def take(address, port):
    with socket.create_server((address, int(port))) as server:
        print('event=ready', flush=True)
        connection, _ = server.accept()
        while connection.recv(len(PIECE)):
            pass


def send(source, address, port):
    with socket.create_connection((address, int(port)), source_address=(source, 0)) as connection:
        print('event=ready', flush=True)
        while True:
            connection.sendall(PIECE)


if __name__ == '__main__':
    {'take': take, 'send': send}[sys.argv[1]](*sys.argv[2:])
