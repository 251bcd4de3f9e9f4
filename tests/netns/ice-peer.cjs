#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// A receiver that is not ours, werift, libwebrtc or Chromium: lines of JSON in and out.
'use strict';

const kind = process.argv[2];
const lines = require('readline').createInterface({ input: process.stdin });
const say = (message) => process.stdout.write(JSON.stringify(message) + '\n');

// Packets as they arrive: how many, and the longest time between two.
let received = 0;
let last = 0;
let gap = 0;
const arrived = (n) => {
  const now = performance.now();
  if (last) gap = Math.max(gap, now - last);
  last = now;
  received += n;
};

// In a page: it gives its count whenever that has changed.
function receive() {
  const pc = new RTCPeerConnection();
  let received = 0;

  setInterval(async () => {
    let total = 0;
    (await pc.getStats()).forEach((entry) => {
      if (entry.type === 'inbound-rtp') total += entry.packetsReceived;
    });
    if (total > received) window.arrived(total - received);
    received = total;
  }, 10);
  window.answer = async (sdp) => {
    await pc.setRemoteDescription({ type: 'offer', sdp });
    // The state is still that of the last generation for a moment.
    const gathered = new Promise((resolve) => {
      pc.onicecandidate = ({ candidate }) => candidate || resolve();
    });
    await pc.setLocalDescription();
    await gathered;
    return pc.localDescription.sdp;
  };
}

let pc;
let page;
if (kind === 'chromium') {
  const browser = require('path').join(__dirname, '..', 'interop', 'lib', 'browser.cjs');
  page = require(browser).open().then(async ({ context }) => {
    const tab = context.pages()[0] || await context.newPage();
    await tab.exposeFunction('arrived', arrived);
    await tab.evaluate(receive);
    return tab;
  });
} else if (kind === 'werift') {
  const { RTCPeerConnection, RTCRtpCodecParameters } = require('werift');
  pc = new RTCPeerConnection({ iceServers: [], iceUseIpv6: false, codecs: { video: [],
    audio: [new RTCRtpCodecParameters({ mimeType: 'audio/PCMU', clockRate: 8000, channels: 1,
      payloadType: 0 })] } });
  pc.onTrack.subscribe((track) => track.onReceiveRtp.subscribe(() => arrived(1)));
} else {
  const { RTCPeerConnection } = require('@roamhq/wrtc');
  pc = new RTCPeerConnection();
  // It does not show packets, only its statistics; they are looked at often.
  setInterval(async () => {
    let total = 0;
    (await pc.getStats()).forEach((entry) => {
      if (entry.type === 'inbound-rtp') total += entry.packetsReceived;
    });
    if (total > received) arrived(total - received);
  }, 10);
}

const gathered = () => new Promise((resolve) => {
  const look = () => pc.iceGatheringState === 'complete' ? resolve() : setTimeout(look, 5);
  look();
});

async function answer(sdp) {
  if (page) {
    say({ answer: await (await page).evaluate((text) => window.answer(text), sdp) });
    return;
  }
  await pc.setRemoteDescription({ type: 'offer', sdp });
  if (kind === 'werift') pc.getTransceivers().forEach((t) => t.setDirection('recvonly'));
  await pc.setLocalDescription(await pc.createAnswer());
  await gathered();
  say({ answer: pc.localDescription.sdp });
}

lines.on('line', (line) => {
  const message = JSON.parse(line);
  if (message.offer) answer(message.offer).catch((error) => say({ error: String(error) }));
  if (message.reset) gap = 0;
  // What is still missing counts, too.
  if (message.report) say({ received, gap: Math.max(gap, performance.now() - last) });
});
lines.on('close', async () => {
  if (page) await (await page).context().close();
  process.exit(0);
});
