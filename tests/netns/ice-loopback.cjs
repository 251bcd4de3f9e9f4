#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// Our loopback server as a receiver: WHIP outside, lines of JSON in and out.
'use strict';

const { spawn } = require('node:child_process');
const path = require('node:path');
const readline = require('node:readline');
const fragments = require(path.join(__dirname, '..', 'interop', 'lib', 'fragment.cjs'));

const lines = readline.createInterface({ input: process.stdin });
const say = (message) => process.stdout.write(JSON.stringify(message) + '\n');

// Ends with this process, however that ends.
const server = spawn('setpriv', ['--pdeathsig', 'KILL', process.env.RCAST_LOOPBACK, '--quiet',
  '--port', '0', '--ice-address', process.argv[4]], { stdio: ['ignore', 'pipe', 'ignore'] });
const url = new Promise((resolve) => readline.createInterface({ input: server.stdout })
  .once('line', (line) => resolve(/url=(\S+)\/ /.exec(line)[1])));

async function request(method, to, headers, body) {
  const response = await fetch(to, { method, headers, body });
  const text = await response.text();

  if (!response.ok) throw new Error(`${method}: ${response.status} ${text}`);
  return { text, location: response.headers.get('location') };
}

let session;
let last;

async function answer(sdp) {
  const base = await url;

  if (!session) {
    const { text, location } = await request('POST', base + '/whip/test',
      { 'Content-Type': 'application/sdp' }, sdp);
    session = new URL(location, base);
    last = text;
  } else {
    const { text } = await request('PATCH', session, { 'If-Match': '*',
      'Content-Type': 'application/trickle-ice-sdpfrag' }, fragments.ofDescription(sdp));
    last = fragments.applyRestart(last, fragments.parse(text));
  }
  say({ answer: last });
}

async function report() {
  const { text } = await request('GET', (await url) + '/stats');
  const publisher = JSON.parse(text).publishers[0];
  const track = publisher.streams[0];

  // What is still missing counts, too.
  say({ received: track.packets, gap: Math.max(track['max-gap-ms'], track['silent-ms']) });
}

// Only then are later fields those of the time after it.
async function reset() {
  await request('POST', (await url) + '/control', {}, '{"reset-stats":true}');
}

const fail = (error) => say({ error: String(error) });
lines.on('line', (line) => {
  const message = JSON.parse(line);
  if (message.offer) answer(message.offer).catch(fail);
  if (message.reset) reset().catch(fail);
  if (message.report) report().catch(fail);
});
lines.on('close', () => process.exit(0));
