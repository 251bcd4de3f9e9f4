#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// A real browser opens the viewer page of the loopback server: frames are decoded, the tone is heard.
//
// chromium-view.cjs SERVER OUTDIR PUBLISHER: SERVER is the program rcast-loopback,
// PUBLISHER a key of PUBLISHERS. Keeps a screenshot in OUTDIR. Exits with 77 if
// there is no Chromium.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const browser = require('./lib/browser.cjs');
const { Program } = require('./lib/program.cjs');

const SKIP = 77;
const WATCH_S = 10;
const START_S = 60;

const FPS = 30;
const VIDEO = 'videotestsrc is-live=true pattern=smpte'
  + ` ! video/x-raw,width=640,height=360,framerate=${FPS}/1`
  + ' ! timeoverlay font-desc="Sans 32" halignment=center valignment=center';
const AUDIO = 'audiotestsrc is-live=true freq=440 volume=0.3 samplesperbuffer=960'
  + ' ! audio/x-raw,rate=48000,channels=2';
const X264 = 'x264enc tune=zerolatency speed-preset=ultrafast bitrate=1000'
  + ` key-int-max=${FPS * 60} ! video/x-h264,profile=constrained-baseline`;

// Launch lines, with URL for the address of the WHIP endpoint.
const PUBLISHERS = {
  chromium: null,
  rcastsink: `${VIDEO} ! rcastsink name=r location=whip+URL ${AUDIO} ! r.`,
  'rcastsink-h264': `${VIDEO} ! ${X264} ! rcastsink name=r location=whip+URL`
    + ` ${AUDIO} ! opusenc ! r.`,
  // H.264 and AAC as they are in the file, the sound made Opus.
  movie: `filesrc location=${process.env.RCAST_MOVIE} ! qtdemux name=d`
    + ' rcastsink name=r location=whip+URL d.video_0 ! queue ! r.'
    + ' d.audio_0 ! queue ! decodebin ! audioconvert ! audioresample ! r.',
};
// In the browser: a WHIP client with the fake camera and a tone.
async function publishFromPage(url) {
  const media = await navigator.mediaDevices.getUserMedia({
    video: { width: 640, height: 480, frameRate: 20 } });
  const sound = new AudioContext();
  const tone = sound.createOscillator();
  const output = sound.createMediaStreamDestination();
  tone.connect(output);
  tone.start();
  media.addTrack(output.stream.getAudioTracks()[0]);
  const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  for (const track of media.getTracks())
    peer.addTransceiver(track, { direction: 'sendonly', streams: [media] });
  await peer.setLocalDescription();
  const reply = await fetch(url, { method: 'POST', body: peer.localDescription.sdp,
    headers: { 'Content-Type': 'application/sdp' } });
  if (reply.status !== 201)
    throw new Error(`POST: ${reply.status} ${await reply.text()}`);
  const session = new URL(reply.headers.get('Location'), reply.url);
  const etag = reply.headers.get('ETag');
  const sdp = peer.localDescription.sdp;
  const [ufrag, pwd] = ['ufrag', 'pwd'].map(
    (what) => sdp.match(new RegExp(`a=ice-${what}:(.*)\r`))[1]);
  peer.addEventListener('icecandidate', ({ candidate }) => {
    if (!candidate || !candidate.candidate) return;
    fetch(session, { method: 'PATCH',
      headers: { 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': etag },
      body: `m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:${candidate.sdpMid}\r\n`
        + `a=ice-ufrag:${ufrag}\r\na=ice-pwd:${pwd}\r\na=${candidate.candidate}\r\n` });
  });
  await peer.setRemoteDescription({ type: 'answer', sdp: await reply.text() });
  window.publisher = { peer, sound, session: String(session) };
}

// In the browser: what the viewer page has received until now.
async function readStats() {
  const peer = window.viewer.getPeer();
  // What of the sound arrives, and what of it is asked for by the device that plays it
  const result = { frames: 0, arrived: 0, energy: 0, audioPackets: 0, audioSeconds: 0, lost: 0,
    width: 0, freezes: 0, at: performance.now() };
  if (!peer) return result;
  for (const entry of (await peer.getStats()).values()) {
    if (entry.type !== 'inbound-rtp') continue;
    result.lost += entry.packetsLost;
    if (entry.kind === 'video') {
      result.frames = entry.framesDecoded;
      result.arrived = entry.framesReceived;
      result.width = entry.frameWidth || 0;
      result.height = entry.frameHeight || 0;
      result.freezes = entry.freezeCount || 0;
    } else {
      result.energy = entry.totalAudioEnergy;
      result.audioPackets = entry.packetsReceived;
      result.audioSeconds = entry.totalSamplesDuration;
    }
  }
  return result;
}

// In the browser: a small grey picture of the video, to see whether there is one.
function readPicture() {
  const video = document.getElementById('video');
  const canvas = new OffscreenCanvas(64, 36);
  const drawing = canvas.getContext('2d', { willReadFrequently: true });
  drawing.drawImage(video, 0, 0, 64, 36);
  const { data } = drawing.getImageData(0, 0, 64, 36);
  return Array.from({ length: 64 * 36 }, (_, i) => data[4 * i] + data[4 * i + 1] + data[4 * i + 2]);
}

async function countFrames(base) {
  const { channels } = await getJson(new URL('stats', base));
  return channels[0].streams.find(({ kind }) => kind === 'video').frames;
}

// Waits until what the page has received satisfies `enough`. How long that takes is the
// machine's affair: a browser decodes in software here.
async function until(page, what, enough) {
  const limit = Date.now() + START_S * 1000;
  for (;;) {
    const now = await page.evaluate(readStats);
    if (enough(now)) return now;
    assert.ok(Date.now() < limit, `${what}: ${JSON.stringify(now)}`);
    await page.waitForTimeout(100);
  }
}

async function watch(page, base) {
  // A file's first key frame may be seconds away.
  const first = await until(page, 'nothing to see or to hear',
    ({ frames, energy }) => frames >= 20 && energy > 0);
  const pictures = [await page.evaluate(readPicture)];
  const before = await countFrames(base);
  let last = first;
  for (let second = 1; second <= WATCH_S; second++) {
    const { frames, audioSeconds } = last;
    last = await until(page, `second ${second} stands still`, (now) =>
      now.at >= first.at + second * 1000 && now.frames > frames && now.audioSeconds > audioSeconds);
  }
  pictures.push(await page.evaluate(readPicture));
  const relayed = await countFrames(base) - before;
  // All that was sent meanwhile gets there, of which some may have been on its way before.
  const { arrived } = await until(page, `not all of ${relayed} frames have arrived`,
    (now) => now.arrived - first.arrived >= relayed);
  return { first, last, pictures, relayed, arrived: arrived - first.arrived };
}

function judge({ first, last, pictures, relayed, arrived }) {
  const seconds = (last.at - first.at) / 1000;
  const spread = Math.max(...pictures.at(-1)) - Math.min(...pictures.at(-1));

  console.log(JSON.stringify({ seconds, relayed, arrived, fps: (last.frames - first.frames) / seconds,
    lost: last.lost, freezes: last.freezes, energy: last.energy - first.energy,
    audioSeconds: last.audioSeconds - first.audioSeconds,
    width: last.width, height: last.height, spread }));
  assert.ok(last.energy > first.energy, 'silence');
  assert.strictEqual(last.lost, 0);
  assert.ok(spread > 100, 'the picture is of one colour');
  assert.notDeepStrictEqual(pictures[0], pictures.at(-1), 'the picture stands still');
}

// Notes on its own when the last picture was shown (ms of the wall clock).
function followFrames() {
  const video = document.getElementById('video');
  const note = (now) => {
    window.shownAt = performance.timeOrigin + now;
    video.requestVideoFrameCallback(note);
  };
  video.requestVideoFrameCallback(note);
}

// The page says that the stream is dropped, since when and why, and that it has resumed.
async function dropAndResume(page, publisher, start) {
  const say = (text) => page.waitForFunction((words) =>
    `${document.getElementById('status').textContent} ${
      document.getElementById('detail').textContent}`.includes(words), text,
  { timeout: START_S * 1000 });
  const read = () => page.evaluate(() => ({
    status: document.getElementById('status').textContent,
    detail: document.getElementById('detail').textContent,
    dropped: window.viewer.getDroppedAt(),
    clock: new Date(window.viewer.getDroppedAt()).toLocaleTimeString(),
    shown: window.shownAt,
  }));
  await page.evaluate(followFrames);
  // The one before the fault is what the page's time is compared with.
  await page.waitForFunction(() => window.shownAt, undefined, { timeout: START_S * 1000 });
  publisher.child.kill('SIGKILL');
  await say('dropped since ');
  // A busy machine may show the rest only now.
  await page.waitForFunction(() => Math.abs(window.viewer.getDroppedAt() - window.shownAt) < 100,
    undefined, { timeout: START_S * 1000 });
  const dropped = await read();
  console.log(JSON.stringify(dropped));
  assert.match(dropped.detail, /^since .+, for \d+ s: \S/);
  assert.ok(dropped.detail.startsWith(`since ${dropped.clock}, for `));
  const next = start();
  await say('live resumed ');
  const resumed = await read();
  console.log(JSON.stringify(resumed));
  assert.match(resumed.detail, /^resumed .+, after \d+ s$/);
  return next;
}

async function getJson(url) {
  const reply = await fetch(url);
  assert.strictEqual(reply.status, 200);
  return reply.json();
}

function judgeServer(stats) {
  const publisher = stats.publishers[0];
  assert.ok(publisher, 'the server has no publisher');
  for (const stream of publisher.streams.filter(({ kind }) => kind !== 'rtx')) {
    console.log(JSON.stringify(stream));
    assert.strictEqual(stream.lost, 0);
  }
  console.log(JSON.stringify(stats.channels[0].streams));
  assert.strictEqual(stats.viewers.length, 1);
}

async function run(server, outdir, name) {
  const launch = PUBLISHERS[name];
  const loopback = new Program(server, ['--port', '0']);
  const [, base] = await loopback.line(/^event=listening url=(\S+)/, START_S);
  const whip = new URL('whip/demo', base).href;
  const chromium = await browser.open();
  let publisher;
  try {
    const start = () => new Program('gst-launch-1.0', ['-q', '-e',
      ...launch.replaceAll('URL', whip).match(/(?:[^\s"]|"[^"]*")+/g)
        .map((word) => word.replaceAll('"', ''))]);
    if (launch) {
      publisher = start();
    } else {
      const page = await chromium.context.newPage();
      await page.goto(new URL('stats', base).href);
      await page.evaluate(publishFromPage, whip);
    }
    await loopback.line(/^event=live name=demo/, START_S);
    const page = await chromium.context.newPage();
    await page.goto(new URL('?name=demo', base).href);
    const watched = await watch(page, base);
    fs.mkdirSync(outdir, { recursive: true });
    await page.screenshot({ path: path.join(outdir, `chromium-view-${name}.png`) });
    judge(watched);
    judgeServer(await getJson(new URL('stats', base)));
    if (name === 'rcastsink') publisher = await dropAndResume(page, publisher, start);
    await page.close({ runBeforeUnload: true });
    // The page says good-bye: no session of it is left behind.
    await loopback.line(/role=viewer .*state=closed reason="(deleted|dtls-closed)"/, START_S);
  } catch (error) {
    console.error(chromium.said.join('\n'));
    console.error(loopback.lines.join('\n'));
    // Which stream lacks at whom: at the server, or only at the viewer?
    const told = await getJson(new URL('stats', base)).catch(({ message }) => message);
    console.error(JSON.stringify(told, undefined, 1));
    if (publisher) console.error(publisher.lines.join('\n'));
    throw error;
  } finally {
    if (publisher) await publisher.stop();
    await chromium.close();
    await loopback.stop();
  }
  assert.strictEqual(loopback.status.code, 0, loopback.lines.join('\n'));
}

const [server, outdir, name] = process.argv.slice(2);
if (!browser.isThere()
    || (PUBLISHERS[name] && spawnSync('gst-inspect-1.0', ['rcastsink']).status !== 0)) {
  console.log('skipped: no Chromium, no playwright-core or no rcastsink');
  process.exit(SKIP);
}
if (name === 'movie' && !fs.existsSync(process.env.RCAST_MOVIE || '')) {
  console.log('skipped: no movie');
  process.exit(SKIP);
}
run(server, outdir, name).then(() => process.exit(0), (error) => {
  console.error(error.stack);
  process.exit(1);
});
