#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// Chromium as a broadcaster: a page publishes by WHIP, and starts anew when its connection has failed.
//
// chromium-cast.cjs URL [KBPS]: until SIGTERM. With KBPS the picture is noise, and takes as much as its
// congestion control lets it, up to that.
'use strict';

const browser = require('../interop/lib/browser.cjs');

const url = process.argv[2];
const most = Number(process.argv[3] || 0);

function tell(event, text) {
  console.log(`event=${event} at-us=${process.hrtime.bigint() / 1000n} ${text}`);
}

// In the browser: what a page of a few lines does.
async function publish({ endpoint, most }) {
  const canvas = document.createElement('canvas');
  canvas.width = 480;
  canvas.height = 270;
  const drawing = canvas.getContext('2d');
  let count = 0;
  const noise = [];
  for (let i = 0; most && i < 8; i++) {
    const pixels = drawing.createImageData(240, 135);
    pixels.data.forEach((_, at) => { pixels.data[at] = at % 4 === 3 ? 255 : Math.random() * 255; });
    noise.push(new OffscreenCanvas(240, 135));
    noise[i].getContext('2d').putImageData(pixels, 0, 0);
  }
  setInterval(() => {
    if (noise.length > 0) {
      drawing.globalAlpha = 0.35;
      drawing.drawImage(noise[count % 8], (count * 3) % 17 - 17, (count * 5) % 13 - 13, 520, 300);
      drawing.globalAlpha = 1;
    }
    drawing.fillStyle = `hsl(${count++ % 360} 80% 50%)`;
    drawing.fillRect((count * 7) % 480, (count * 3) % 270, 90, 60);
  }, 1000 / 30);
  const media = canvas.captureStream(30);
  const sound = new AudioContext();
  const tone = sound.createOscillator();
  const output = sound.createMediaStreamDestination();
  tone.connect(output);
  tone.start();
  media.addTrack(output.stream.getAudioTracks()[0]);

  async function connect() {
    const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    for (const track of media.getTracks()) {
      const limit = most && track.kind === 'video' ? { sendEncodings: [{ maxBitrate: most * 1000 }] } : {};
      peer.addTransceiver(track, { direction: 'sendonly', streams: [media], ...limit });
    }
    const again = (reason) => {
      if (!peer.over) {
        peer.over = true;
        console.log(`again ${reason}`);
        peer.close();
        setTimeout(connect, 1000);
      }
    };
    peer.addEventListener('connectionstatechange', () => {
      console.log(`state ${peer.connectionState}`);
      if (peer.connectionState === 'failed') again('failed');
    });
    try {
      await peer.setLocalDescription();
      await new Promise((resolve) => {
        peer.addEventListener('icegatheringstatechange',
          () => peer.iceGatheringState === 'complete' && resolve());
      });
      const reply = await fetch(endpoint, { method: 'POST', body: peer.localDescription.sdp,
        headers: { 'Content-Type': 'application/sdp' }, signal: AbortSignal.timeout(10000) });
      if (reply.status !== 201) throw new Error(`POST: ${reply.status}`);
      await peer.setRemoteDescription({ type: 'answer', sdp: await reply.text() });
    } catch (error) {
      again(error.message);
    }
  }
  await connect();
}

async function main() {
  const opened = await browser.open();
  const page = await opened.context.newPage();
  page.on('console', (message) => {
    const text = message.text();
    if (text === 'state connected') tell('message', 'name=broadcasting');
    else if (text.startsWith('again'))
      tell('message', `name=reconnecting_broadcast strategy=rebuild reason="${text.slice(6)}"`);
    else if (text.startsWith('state')) tell('state', `connection=${text.slice(6)}`);
  });
  for (const name of ['SIGTERM', 'SIGINT'])
    process.on(name, () => opened.close().finally(() => process.exit(0)));
  // Any page of the server's: the same origin, and nothing that runs by itself.
  await page.goto(new URL('/stats', url).href);
  tell('started', 'contestant=chromium');
  await page.evaluate(publish, { endpoint: url, most });
}

main().catch((error) => {
  console.error(error.stack);
  process.exit(1);
});
