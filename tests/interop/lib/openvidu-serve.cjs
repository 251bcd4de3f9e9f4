#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// The stand-in server of OpenVidu as a program: openvidu-serve.cjs HOST PORT.
//
// Prints a token URL once it listens. GET /token: another one; /stats: what it has seen, as JSON;
// /reset: the longest gap counts from now on. Exits with 77 without its packages.
'use strict';

const dgram = require('node:dgram');

const SESSION = 'ses_A';
const COOKIE = 0x2112a442;

// werift asks a STUN server in any case, by a name that a network of a test cannot resolve: for 5 s.
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

function look(server) {
  const counts = {};
  for (const { what } of server.log) counts[what] = (counts[what] || 0) + 1;
  return { counts, packets: server.packets, gap: server.gap, stream: server.publisher()?.stream.id };
}

async function main([host, port]) {
  const { Server } = require('./openvidu-server.cjs');
  const server = new Server({ iceServers: [{ urls: await serveStun(host) }], page: (request, response) => {
    if (request.url === '/reset') server.gap = 0;
    if (request.url === '/token') response.end(server.token(SESSION));
    else response.end(JSON.stringify(look(server)));
  } });
  await server.listen(host, Number(port));
  console.log(server.token(SESSION));
}

try {
  require.resolve('werift');
} catch {
  process.exit(77);
}
main(process.argv.slice(2));
