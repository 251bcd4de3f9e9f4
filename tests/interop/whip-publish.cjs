#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// A WHIP client on libwebrtc: shows that a front works before rcastsink is blamed.
//
// whip-publish.cjs URL [--seconds N] [--restart]: VP8 and Opus; with --restart an
// ICE restart by PATCH half way. Prints one JSON line at the end.
'use strict';

const { parseArgs } = require('node:util');
const { RTCPeerConnection, MediaStream } = require('@roamhq/wrtc');
const fragments = require('./lib/fragment.cjs');
const { startMedia } = require('./lib/libwebrtc-media.cjs');

const TIMEOUT_MS = 60000;

const { values, positionals: [url] } = parseArgs({ allowPositionals: true, options: {
  seconds: { type: 'string', default: '3' }, restart: { type: 'boolean', default: false },
} });

// Resolves when the event has come and the condition holds; rejects in time.
function until(target, event, condition) {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`no ${event} in time`)), TIMEOUT_MS);
    const look = () => {
      if (!condition()) return;
      clearTimeout(limit);
      target.removeEventListener(event, look);
      resolve();
    };
    target.addEventListener(event, look);
    look();
  });
}

async function request(method, to, headers, body) {
  const response = await fetch(to, { method, headers, body,
    signal: AbortSignal.timeout(TIMEOUT_MS) });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function gather(pc) {
  await until(pc, 'icegatheringstatechange', () => pc.iceGatheringState === 'complete');
  return pc.localDescription.sdp;
}

async function restart(pc, session) {
  await pc.setLocalDescription(await pc.createOffer({ iceRestart: true }));
  const offer = await gather(pc);
  const { status, headers, text } = await request('PATCH', session, {
    'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': '*',
  }, fragments.ofDescription(offer));
  if (status === 200) {
    await pc.setRemoteDescription({ type: 'answer',
      sdp: fragments.applyRestart(pc.remoteDescription.sdp, fragments.parse(text)) });
  }
  return { status, etag: headers.get('etag') };
}

async function main() {
  const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  const media = startMedia();
  const stream = new MediaStream();
  for (const track of [media.video, media.audio]) {
    pc.addTransceiver(track, { direction: 'sendonly', streams: [stream] });
  }
  const half = Number(values.seconds) * 500;
  const report = {};

  await pc.setLocalDescription(await pc.createOffer());
  const posted = await request('POST', url, { 'Content-Type': 'application/sdp' },
    await gather(pc));
  report.post = posted.status;
  report.etag = posted.headers.get('etag');
  if (posted.status !== 201) throw new Error(posted.text);
  const session = new URL(posted.headers.get('location'), url);
  await pc.setRemoteDescription({ type: 'answer', sdp: posted.text });
  await until(pc, 'connectionstatechange', () => pc.connectionState === 'connected');
  await new Promise((resolve) => setTimeout(resolve, half));
  if (values.restart) report.restart = await restart(pc, session);
  await new Promise((resolve) => setTimeout(resolve, half));

  const sent = [...(await pc.getStats()).values()].filter((s) => s.type === 'outbound-rtp');
  report.sent = sent.map(({ kind, ssrc, packetsSent, framesSent, framesEncoded }) =>
    ({ kind, ssrc, packets: packetsSent, frames: framesSent ?? framesEncoded }));
  report.pair = [...(await pc.getStats()).values()].filter(
    (s) => s.type === 'candidate-pair' && s.nominated).length;
  report.delete = (await request('DELETE', session)).status;
  media.stop();
  pc.close();
  console.log(JSON.stringify(report));
  process.exit(0);
}

main().catch((error) => {
  console.error(error.stack);
  process.exit(1);
});
