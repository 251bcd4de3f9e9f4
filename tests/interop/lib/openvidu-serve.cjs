#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// The stand-in server of OpenVidu as a program: openvidu-serve.cjs HOST PORT [--lab].
//
// Prints a token URL once it listens. GET /token: another one; /stats: what it has seen, as JSON;
// /reset: the longest gap counts from now on; /fault?NAME: what is done to the publisher. With --lab it takes
// H.264, and tells each frame that can be decoded; any token that is called fresh-NUMBER is good
// for one join. Exits with 77 without its packages.
'use strict';

const { serveStun } = require('./stun.cjs');

const SESSION = 'ses_A';

function look(server) {
  const counts = {};
  for (const { what } of server.log) counts[what] = (counts[what] || 0) + 1;
  return { counts, packets: server.packets, gap: server.gap, lost: server.lost ?? 0,
    stream: server.publisher()?.stream.id };
}

const FAULTS = {
  // The socket breaks, and the server sees that.
  drop: (server, one) => one.rpc.link.socket.destroy(),
  // Nobody is told: only an echo is answered.
  forget: (server, one) => server.evict(one, 'networkDisconnect', false),
  evict: (server, one) => server.evict(one, 'nodeCrashed', true),
  unpublish: (server, one) => server.unpublish(one, 'mediaServerDisconnect', false),
  media: (server, one) => one.stream.pc.close(),
};

function makeLabServer(options) {
  const { Server } = require('./openvidu-server.cjs');
  const { Frames } = require('./frames.cjs');

  class LabServer extends Server {
    lost = 0;
    used = new Set();

    consume(token, session) {
      if (super.consume(token, session)) return true;
      if (!/^fresh-\d+$/.test(token) || this.used.has(token)) return false;
      this.used.add(token);
      return true;
    }

    forward(one, kind, packet) {
      super.forward(one, kind, packet);
      if (kind !== 'video') return;
      one.frames ??= new Frames((ts) => console.log(`event=frame id=${one.id} ts=${ts} lost=${this.lost}`
        + ` at-us=${process.hrtime.bigint() / 1000n}`));
      const before = one.frames.lost;
      one.frames.add(packet.header, packet.payload);
      this.lost += one.frames.lost - before;
    }
  }
  return new LabServer({ ...options, video: 'H264' });
}

function makeServer(options) {
  const { Server } = require('./openvidu-server.cjs');
  return new Server(options);
}

async function main([host, port, lab]) {
  const make = lab === '--lab' ? makeLabServer : makeServer;
  const iceServers = [{ urls: await serveStun(host) }];
  const server = make({ address: host, iceServers, page: (request, response) => {
    const [path, name] = request.url.split('?');
    const one = server.publisher();
    if (path === '/reset') server.gap = 0;
    if (path === '/fault' && one) FAULTS[name](server, one);
    if (path === '/token') response.end(server.token(SESSION));
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
