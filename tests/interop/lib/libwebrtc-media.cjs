// SPDX-License-Identifier: LGPL-2.1-or-later
// A picture that moves, and a tone, as tracks of libwebrtc.
'use strict';

const { nonstandard } = require('@roamhq/wrtc');

const WIDTH = 320;
const HEIGHT = 240;
const FRAME_MS = 40;
const SAMPLE_RATE = 48000;

function startVideo(source) {
  const data = new Uint8Array(WIDTH * HEIGHT * 3 / 2).fill(128);
  let count = 0;
  return setInterval(() => {
    for (let i = 0; i < WIDTH * HEIGHT; i++) data[i] = (i + count * 5) & 0xff;
    count++;
    source.onFrame({ width: WIDTH, height: HEIGHT, data });
  }, FRAME_MS);
}

function startAudio(source) {
  const frames = SAMPLE_RATE / 100;
  let phase = 0;
  return setInterval(() => {
    const samples = Int16Array.from({ length: frames },
      () => 8000 * Math.sin(2 * Math.PI * 440 * phase++ / SAMPLE_RATE));
    source.onData({ samples, sampleRate: SAMPLE_RATE, bitsPerSample: 16, channelCount: 1,
      numberOfFrames: frames });
  }, 10);
}

function startMedia() {
  const video = new nonstandard.RTCVideoSource();
  const audio = new nonstandard.RTCAudioSource();
  const timers = [startVideo(video), startAudio(audio)];
  return {
    video: video.createTrack(),
    audio: audio.createTrack(),
    stop() { timers.forEach(clearInterval); },
  };
}

module.exports = { startMedia };
