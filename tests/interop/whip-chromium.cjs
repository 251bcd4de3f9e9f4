#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// A WHIP server on a headless Chromium: a page answers, decodes, and tells what getStats() says of it.
//
// Beside the lines of lib/front.cjs it prints lines event=NAME key=value, with CLOCK_MONOTONIC in at-us:
// stream for each SSRC, and twenty times a second stats, of all that was received. Exits with 77 if there
// is no Chromium.
'use strict';

const browser = require('./lib/browser.cjs');
const { serve } = require('./lib/front.cjs');

const SKIP = 77;
const STATS_MS = 50;

function tell(event, fields) {
  const text = Object.entries(fields).map(([name, value]) => `${name}=${value}`).join(' ');
  process.stdout.write(`event=${event} at-us=${process.hrtime.bigint() / 1000n} ${text}\n`);
}

// In the browser: what answers, by number.
function prepare() {
  const peers = new Map();

  function open(id) {
    const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    const video = Object.assign(document.createElement('video'), { autoplay: true, srcObject: new MediaStream() });
    document.body.append(video);
    peer.addEventListener('track', ({ track }) => video.srcObject.addTrack(track));
    peer.addEventListener('connectionstatechange', () => window.report(id, peer.connectionState));
    peers.set(id, { peer, video });
    return peer;
  }
  window.answer = async (id, sdp) => {
    const peer = peers.get(id)?.peer ?? open(id);
    await peer.setRemoteDescription({ type: 'offer', sdp });
    await peer.setLocalDescription();
    while (peer.iceGatheringState !== 'complete')
      await new Promise((done) => { peer.addEventListener('icegatheringstatechange', done, { once: true }); });
    return peer.localDescription.sdp;
  };
  window.add = (id, candidate, sdpMid) => peers.get(id)?.peer.addIceCandidate({ candidate, sdpMid });
  window.end = (id) => {
    peers.get(id)?.peer.close();
    peers.get(id)?.video.remove();
    peers.delete(id);
  };
  window.look = async () => {
    const found = [];
    for (const { peer } of peers.values())
      for (const entry of (await peer.getStats()).values()) if (entry.type === 'inbound-rtp') found.push(entry);
    return found;
  };
}

function sum(streams, field) {
  return streams.reduce((all, stream) => all + (stream[field] || 0), 0);
}

async function main() {
  const chromium = await browser.open({ width: 640, height: 480 });
  const page = await chromium.context.newPage();
  const waiting = new Map();
  const known = new Set();
  let count = 0;
  let streams = [];

  await page.exposeFunction('report', (id, state) => waiting.get(id)?.(state));
  await page.evaluate(prepare);

  function createPeer({ connected, closed }) {
    const id = count++;
    const answer = (sdp) => page.evaluate(([number, text]) => window.answer(number, text), [id, sdp]);

    waiting.set(id, (state) => {
      if (state === 'connected') connected();
      else if (state === 'failed') closed();
    });
    return {
      answer,
      restart: answer,
      add: (candidate, mid) => page.evaluate((all) => window.add(...all), [id, candidate, mid]),
      streams: () => streams.map(({ kind, ssrc, packetsReceived }) => ({ kind, ssrc, packets: packetsReceived })),
      close: () => {
        waiting.delete(id);
        page.evaluate((number) => window.end(number), id).catch(() => {});
      },
    };
  }

  async function look() {
    streams = await page.evaluate(() => window.look());
    for (const { ssrc, kind } of streams) {
      if (known.has(ssrc)) continue;
      known.add(ssrc);
      tell('stream', { ssrc, kind });
    }
    tell('stats', { frames: sum(streams, 'framesDecoded'), freezes: sum(streams, 'freezeCount'),
      'frozen-s': sum(streams, 'totalFreezesDuration'), lost: sum(streams, 'packetsLost'),
      'repairs': sum(streams, 'retransmittedPacketsReceived'), nacks: sum(streams, 'nackCount') });
    setTimeout(() => look().catch(() => {}), STATS_MS);
  }

  serve(createPeer, () => chromium.close());
  await look();
}

if (!browser.isThere()) {
  console.log('skipped: needs chromium and the npm package playwright-core');
  process.exit(SKIP);
}
main().catch((error) => {
  console.error(error.stack);
  process.exit(1);
});
