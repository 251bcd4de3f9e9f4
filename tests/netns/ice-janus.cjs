#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// Debian's Janus as a receiver: a VideoRoom that forwards its RTP here to be counted.
'use strict';

const { spawn } = require('child_process');
const dgram = require('dgram');
const fs = require('fs');
const os = require('os');
const path = require('path');

const ROOM = 1234;
const BASE = 'http://127.0.0.1:8088/janus';
const lines = require('readline').createInterface({ input: process.stdin });
const say = (message) => process.stdout.write(JSON.stringify(message) + '\n');

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'rcast-ice-janus-'));
const config = {
  'janus.jcfg': `general: { session_timeout = 600; server_name = "test" }
media: { rtp_port_range = "20000-20999" }
nat: { ice_enforce_list = "${process.argv[3]}" }
transports: { disable = "libjanus_websockets.so,libjanus_pfunix.so,libjanus_mqtt.so,`
    + `libjanus_nanomsg.so,libjanus_rabbitmq.so" }\n`,
  'janus.transport.http.jcfg': `general: { http = true; port = 8088; ip = "127.0.0.1"
  json = "compact"; base_path = "/janus"; https = false }
admin: { admin_http = false; admin_https = false }\n`,
  'janus.plugin.videoroom.jcfg': `room-${ROOM}: { description = "test"; publishers = 5
  audiocodec = "pcmu"; audiolevel_event = false }\n`,
};
for (const [name, text] of Object.entries(config)) fs.writeFileSync(path.join(dir, name), text);

// Ends with this process, however that ends. A plugin makes a folder where it was started.
spawn('setpriv', ['--pdeathsig', 'KILL', 'janus', '-F', dir], { cwd: dir, stdio: 'ignore' });

let received = 0;
let last = 0;
let gap = 0;
const socket = dgram.createSocket('udp4');
socket.on('message', () => {
  const now = performance.now();
  if (last) gap = Math.max(gap, now - last);
  last = now;
  received++;
});

let counter = 0;
async function post(where, body) {
  const reply = await fetch(BASE + where, { method: 'POST',
    body: JSON.stringify({ ...body, transaction: 't' + ++counter }) });
  const json = await reply.json();
  if (json.janus === 'error') throw new Error(JSON.stringify(json.error));
  return json;
}

let session;
let handle;
const waiting = [];

// Long polling, for as long as there is a session.
async function poll() {
  for (;;) {
    const reply = await fetch(`${BASE}/${session}?maxev=1&rid=${Date.now()}`);
    const event = await reply.json();
    if (event.janus === 'event') {
      const index = waiting.findIndex((w) => w.wants(event));
      if (index >= 0) waiting.splice(index, 1)[0].resolve(event);
    }
  }
}
const next = (wants) => new Promise((resolve) => waiting.push({ wants, resolve }));

async function start() {
  for (;;) {
    try { await fetch(BASE + '/info'); break; } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  fs.rmSync(dir, { recursive: true, force: true });
  session = (await post('', { janus: 'create' })).data.id;
  poll().catch(() => process.exit(1));
  handle = (await post('/' + session, { janus: 'attach', plugin: 'janus.plugin.videoroom' }))
    .data.id;
  const joined = next((event) => event.plugindata.data.videoroom === 'joined');
  await post(`/${session}/${handle}`, { janus: 'message',
    body: { request: 'join', ptype: 'publisher', room: ROOM } });
  return (await joined).plugindata.data.id;
}

let publisher;
const ready = start().then((id) => { publisher = id; });

async function answer(sdp) {
  await ready;
  const first = last === 0 && received === 0;
  const done = next((event) => event.jsep);
  // A restart must be asked for with configure, never with publish.
  await post(`/${session}/${handle}`, { janus: 'message',
    body: { request: first ? 'publish' : 'configure' }, jsep: { type: 'offer', sdp } });
  const { jsep } = await done;
  if (first) {
    await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
    await post(`/${session}/${handle}`, { janus: 'message', body: { request: 'rtp_forward',
      room: ROOM, publisher_id: publisher, host: '127.0.0.1', host_family: 'ipv4',
      streams: [{ mid: /a=mid:(\S+)/.exec(sdp)[1], host: '127.0.0.1',
        port: socket.address().port }] } });
  }
  say({ answer: jsep.sdp });
}

lines.on('line', (line) => {
  const message = JSON.parse(line);
  if (message.offer) answer(message.offer).catch((error) => say({ error: String(error) }));
  if (message.reset) gap = 0;
  // What is still missing counts, too.
  if (message.report) say({ received, gap: Math.max(gap, performance.now() - last) });
});
lines.on('close', () => process.exit(0));
