// SPDX-License-Identifier: LGPL-2.1-or-later
// Functions that run in the viewer page: what is shown and heard, and when.
'use strict';

// Notes every picture ({at, grid}: mean brightness of fields × fields) and every
// 10 ms of sound ({at, loudness, crossings: of zero, upwards}) from now on.
function record(fields) {
  const recorded = { video: [], audio: [] };

  function look(frame, luma, stride) {
    const { width, height } = frame.visibleRect;
    const sums = new Array(fields * fields).fill(0);
    const counts = new Array(fields * fields).fill(0);
    for (let y = 0; y < height; y += 2) {
      const row = Math.floor((y * fields) / height) * fields;
      for (let x = 0; x < width; x += 2) {
        const field = row + Math.floor((x * fields) / width);
        sums[field] += luma[y * stride + x];
        counts[field]++;
      }
    }
    return sums.map((sum, i) => sum / counts[i]);
  }

  async function seeFrame(frame, at) {
    const planes = new Uint8Array(frame.allocationSize());
    const [{ offset, stride }] = await frame.copyTo(planes);
    recorded.video.push({ at, grid: look(frame, planes.subarray(offset), stride) });
  }

  async function hearSamples(data, at) {
    const { numberOfFrames, numberOfChannels } = data;
    const mono = new Float32Array(numberOfFrames);
    const plane = new Float32Array(numberOfFrames);
    for (let channel = 0; channel < numberOfChannels; channel++) {
      data.copyTo(plane, { planeIndex: channel, format: 'f32-planar' });
      for (let i = 0; i < numberOfFrames; i++) mono[i] += plane[i] / numberOfChannels;
    }
    let sum = 0;
    let crossings = 0;
    for (let i = 0; i < numberOfFrames; i++) {
      sum += mono[i] ** 2;
      if (i > 0 && mono[i - 1] < 0 && mono[i] >= 0) crossings++;
    }
    recorded.audio.push({ at, loudness: Math.sqrt(sum / numberOfFrames), crossings,
      seconds: numberOfFrames / data.sampleRate });
  }

  async function follow(track, take) {
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const at = performance.now() / 1000;
      await take(value, at);
      value.close();
    }
  }

  recorded.errors = [];
  for (const { track } of window.viewer.getPeer().getReceivers()) {
    follow(track, track.kind === 'video' ? seeFrame : hearSamples)
      .catch((error) => recorded.errors.push(String(error)));
  }
  window.recorded = recorded;
}

async function readStats() {
  const peer = window.viewer.getPeer();
  const result = { connections: window.viewer.connections };
  for (const entry of peer ? (await peer.getStats()).values() : []) {
    if (entry.type === 'inbound-rtp') result[entry.kind] = entry;
  }
  return result;
}

module.exports = { record, readStats };
