// SPDX-License-Identifier: LGPL-2.1-or-later
// A STUN server for werift, which asks one in any case, by a name that a network of a test cannot resolve: for 5 s.
'use strict';

const dgram = require('node:dgram');

const COOKIE = 0x2112a442;

// Returns: its URL
function serveStun(host) {
  const socket = dgram.createSocket('udp4');
  socket.on('message', (request, { address, port }) => {
    const answer = Buffer.alloc(32);
    answer.writeUInt16BE(0x0101, 0);
    answer.writeUInt16BE(12, 2);
    request.copy(answer, 4, 4, 20);
    answer.writeUInt32BE(0x00200008, 20);
    answer.writeUInt16BE(1, 24);
    answer.writeUInt16BE(port ^ (COOKIE >>> 16), 26);
    answer.writeUInt32BE((address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
      ^ COOKIE) >>> 0, 28);
    socket.send(answer, port, address);
  });
  return new Promise((resolve) => {
    socket.bind(0, host, () => resolve(`stun:${host}:${socket.address().port}`));
  });
}

module.exports = { serveStun };
