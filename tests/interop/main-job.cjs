#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// The main job: a broadcast goes on air with gst-launch-1.0, a real browser watches it, and it ends cleanly.
//
// main-job.cjs SERVER OUTDIR CASE [SECONDS]: SERVER is the program rcast-loopback,
// CASE a key of CASES, SECONDS how much of it. Keeps a screenshot in OUTDIR. Takes
// the movie that RCAST_MOVIE names. Exits with 77 if something needed is missing.
'use strict';

const assert = require('node:assert');
const dgram = require('node:dgram');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const browser = require('./lib/browser.cjs');
const media = require('./main-job-media.cjs');
const page = require('./main-job-page.cjs');
const { Program } = require('./lib/program.cjs');

const SKIP = 77;
// Bounds against hanging, for a machine that is busy with other things.
const START_S = 60;
const END_S = 60;
// How much longer a broadcast may be so that the browser is there in time.
const MAX_TIMES = 4;
// Received sound and pictures are judged when the browser's buffers have settled.
const SETTLE_S = 3;
// How far sound may be from picture. The figure that is printed is the one to look at
// (ITU-R BT.1359: up to 90 ms early and 185 ms late are acceptable); on a machine that
// lacks processor time a browser itself plays sound late by more.
const MAX_SKEW_MS = 400;

// The broadcast was over before there was enough to judge.
class TooSlow extends Error {}

const FPS = 30;
const TONE_HZ = 440;
const VOLUME = 0.3;
const CAMERA = 'videotestsrc is-live=true pattern=smpte num-buffers=FRAMES'
  + ` ! video/x-raw,width=640,height=360,framerate=${FPS}/1`
  + ' ! timeoverlay font-desc=Sans,32 halignment=center valignment=center';
// 20 ms a buffer, as Opus has it.
const MICROPHONE = `audiotestsrc is-live=true freq=${TONE_HZ} volume=${VOLUME} samplesperbuffer=960`
  + ' num-buffers=BLOCKS ! audio/x-raw,rate=48000,channels=2';
const X264 = 'x264enc tune=zerolatency speed-preset=ultrafast bitrate=1000'
  + ' ! video/x-h264,profile=constrained-baseline';
const VP8 = `vp8enc deadline=1 cpu-used=8 keyframe-max-dist=${FPS} target-bitrate=1000000`;
const RTP = (port, type) => `udpsrc address=127.0.0.1 port=${port} caps=application/x-rtp,${type}`;

// line: with URI, FILE, VIDEOPORT, AUDIOPORT, and counts for the placeholders;
// sender: another process that sends RTP to the ports, started before or after;
// watched: by a browser, else the server counts. error: how far a picture may be
// from the movie's own, of 255.
const CASES = {
  file: {
    seconds: 16, movie: true, watched: true, codec: 'H264', error: 1.5,
    line: 'filesrc location=FILE ! qtdemux name=d rcastsink name=r location=URI'
      + ' d.video_0 ! queue ! r. d.audio_0 ! queue ! decodebin ! audioconvert ! audioresample ! r.',
  },
  decoded: {
    seconds: 14, movie: true, watched: true, error: 8,
    line: 'filesrc location=FILE ! qtdemux name=d rcastsink name=r location=URI'
      + ' d.video_0 ! queue ! decodebin ! r. d.audio_0 ! queue ! decodebin ! r.',
  },
  raw: {
    seconds: 12, watched: true,
    line: `${CAMERA} ! rcastsink name=r location=URI ${MICROPHONE} ! r.`,
  },
  vp8: {
    seconds: 12, watched: true, codec: 'VP8',
    line: `${CAMERA} ! ${VP8} ! rcastsink name=r location=URI ${MICROPHONE} ! r.`,
  },
  rtp: {
    seconds: 12, movie: true, watched: true, codec: 'H264', error: 8, sender: 'after',
    line: `${RTP('VIDEOPORT', 'media=video,encoding-name=H264,clock-rate=90000,payload=96')}`
      + ' ! rcastsink name=r location=URI'
      + ` ${RTP('AUDIOPORT', 'media=audio,encoding-name=OPUS,clock-rate=48000,payload=97')} ! r.`,
  },
  'audio-only': { seconds: 5, counts: { audio: 1 }, line: `${MICROPHONE} ! rcastsink name=r location=URI` },
  'video-only': { seconds: 5, counts: { video: 1 }, line: `${CAMERA} ! rcastsink name=r location=URI` },
  several: {
    seconds: 6, counts: { video: 2, audio: 2 },
    line: `rcastsink name=r location=URI ${CAMERA} ! ${X264} ! r. ${CAMERA} ! ${VP8} ! r.`
      + ` ${MICROPHONE} ! r. ${MICROPHONE} ! r.`,
  },
};
// The sender is on air before anybody listens: what comes first is the middle of a
// group of pictures.
CASES['rtp-joined'] = { ...CASES.rtp, sender: 'before', seconds: 14 };
const SENDER = 'filesrc location=FILE ! qtdemux name=d'
  + ' d.video_0 ! queue ! decodebin ! x264enc tune=zerolatency speed-preset=veryfast'
  + ' bitrate=1000 key-int-max=60 ! rtph264pay mtu=1200 pt=96 config-interval=-1 aggregate-mode=zero-latency'
  + ' ! udpsink host=127.0.0.1 port=VIDEOPORT'
  + ' d.audio_0 ! queue ! decodebin ! audioconvert ! audioresample ! opusenc ! rtpopuspay mtu=1200 pt=97'
  + ' ! udpsink host=127.0.0.1 port=AUDIOPORT';

// Two ports that nobody listens at.
async function freePorts() {
  const sockets = [dgram.createSocket('udp4'), dgram.createSocket('udp4')];
  const ports = [];
  for (const socket of sockets) {
    await new Promise((done) => { socket.bind(0, '127.0.0.1', done); });
    ports.push(socket.address().port);
  }
  for (const socket of sockets) socket.close();
  return ports;
}

async function getStats(base) {
  const reply = await fetch(new URL('stats', base));
  assert.strictEqual(reply.status, 200);
  return reply.json();
}

function start(words) {
  return new Program('gst-launch-1.0', words, {
    env: { ...process.env, GST_DEBUG: 'rcast*:2', GST_DEBUG_NO_COLOR: '1' } });
}

// What is said on the way: each status once and in order, no error, no warning of ours.
function judgePublisher(publisher) {
  const said = publisher.lines.map((line) => line.match(
    /^Got message #\d+ from element "r" \(element\): ([\w-]+),/)).filter(Boolean).map(([, name]) => name);
  assert.deepStrictEqual(said, ['signalling', 'connected', 'broadcasting', 'disconnected'],
    publisher.failure('status messages').message);
  // The last is GStreamer's: its RTP session may lose its place among its sources.
  const trouble = publisher.lines.filter(
    (line) => /^(ERROR|WARNING)|\b(WARN|ERROR|FIXME)\s+rcast|CRITICAL/.test(line)
      && !line.includes("g_hash_table_foreach: assertion 'version =="));
  assert.deepStrictEqual(trouble, []);
}

// What the server counted. Returns the publisher's streams by kind.
function judgeServer(stats, { counts = { video: 1, audio: 1 }, codec }) {
  const publisher = stats.ended.find(({ role }) => role === 'publisher');
  assert.ok(publisher, 'no publisher has ended');
  assert.strictEqual(publisher.reason, 'deleted');
  const deletes = stats.requests.filter(({ method, path: at }) => method === 'DELETE'
    && at.endsWith(publisher.id));
  assert.deepStrictEqual(deletes.map(({ status }) => status), [200]);
  const streams = { video: [], audio: [] };
  for (const stream of publisher.streams.filter(({ kind }) => kind !== 'rtx')) {
    streams[stream.kind].push(stream);
    console.log(`sent: ${stream.kind} ${stream.encoding}, ${stream.packets} packets,`
      + ` ${stream.frames} frames, ${stream.keyframes} key frames, ${stream.lost} lost`);
    assert.strictEqual(stream.lost, 0, `${stream.kind} packets are lost`);
    assert.strictEqual(stream.unique, stream.packets);
  }
  for (const kind of ['video', 'audio']) {
    assert.strictEqual(streams[kind].length, counts[kind] ?? 0, `number of ${kind} streams`);
  }
  if (codec) assert.strictEqual(streams.video[0].encoding, codec);
  return streams;
}

// Of `all`, what was due before the connection stood is dropped; no more.
function judgeCount(what, count, all, perSecond, connectedAfter) {
  const least = all - perSecond * (connectedAfter + 1);
  assert.ok(count <= all && count >= least, `${count} ${what} of ${all}, connected after ${connectedAfter} s`);
}

function judgeTone(recorded) {
  const heard = recorded.audio.filter(({ at }) => at > recorded.audio[0].at + SETTLE_S);
  const seconds = heard.reduce((sum, step) => sum + step.seconds, 0);
  const hz = heard.reduce((sum, { crossings }) => sum + crossings, 0) / seconds;
  const loudness = media.median(heard.map((step) => step.loudness));
  console.log(`heard: ${seconds.toFixed(2)} s, ${hz.toFixed(1)} Hz, loudness ${loudness.toFixed(4)}`);
  if (seconds < 3) throw new TooSlow(`${seconds} s of sound are too few to judge`);
  // Crossings between two steps are not seen: at the most one in a hundred.
  assert.ok(hz > 0.75 * TONE_HZ && hz < 1.05 * TONE_HZ, `${hz} Hz`);
  assert.ok(Math.abs(loudness / (VOLUME / Math.SQRT2) - 1) < 0.1, `loudness ${loudness}`);
}

// Sight and sound are those of the movie, and belong together.
function judgeMovie(recorded, movie, { error }, firstFrame) {
  const { video, audio } = recorded;
  const seen = media.findPictures(movie, video, firstFrame);
  const heard = media.findSound(movie, audio.filter(({ at }) => at >= video[0].at + SETTLE_S), seen.offset);
  const skew = 1000 * (heard.offset - seen.offset);
  // A browser that lacks processor time plays sound late, now and then.
  const least = 1000 * (Math.min(...heard.offsets) - seen.offset);
  console.log(`seen: ${video.length} pictures, ${seen.error.toFixed(2)} of 255 from the movie's own`
    + ` (median of ${seen.windows} windows)`);
  console.log(`heard: likeness to the movie ${heard.likeness.toFixed(3)}, gain ${heard.gain.toFixed(3)}`
    + ` (median of ${heard.windows} windows)`);
  console.log(`sound after picture: ${skew.toFixed(1)} ms, at the least ${least.toFixed(1)} ms`);
  if (seen.windows < 2 || heard.windows < 2) throw new TooSlow('too little to judge');
  assert.ok(seen.error < error, 'the pictures are not those of the movie');
  assert.ok(heard.likeness > 0.8, 'the sound is not that of the movie');
  assert.ok(heard.gain > 0.8 && heard.gain < 1.25, 'the sound is not as loud as that of the movie');
  assert.ok(skew > -MAX_SKEW_MS && least < MAX_SKEW_MS, `sound and picture are ${skew} ms apart`);
}

// relayed: frames that the server sent to the viewer.
function judgeViewer(stats, relayed, { width, height, fps }) {
  const { video, audio, connections } = stats;
  console.log(`decoded: ${video.framesDecoded} of ${relayed} frames, ${video.framesPerSecond ?? 0} at the end,`
    + ` ${video.frameWidth}x${video.frameHeight}, ${video.freezeCount} freezes`
    + ` (${video.totalFreezesDuration} s), lost ${video.packetsLost} and ${audio.packetsLost};`
    + ` sound ${audio.totalSamplesDuration.toFixed(1)} s, energy ${audio.totalAudioEnergy.toFixed(3)}`);
  assert.strictEqual(connections, 1, 'the viewer had to connect again');
  assert.deepStrictEqual([video.frameWidth, video.frameHeight], [width, height]);
  assert.strictEqual(video.packetsLost, 0);
  assert.strictEqual(audio.packetsLost, 0);
  assert.strictEqual(video.framesReceived, relayed);
  // A browser that lacks processor time leaves frames out; it has had all of them.
  assert.ok(video.framesDecoded + video.framesDropped >= 0.95 * relayed
    || video.totalFreezesDuration > 1, `${video.framesDecoded} of ${relayed} decoded`);
  assert.ok(video.framesDecoded > fps, `${video.framesDecoded} decoded`);
  if (relayed <= 3 * fps) throw new TooSlow(`${relayed} frames are too few to judge`);
  assert.ok(audio.totalAudioEnergy > 0, 'silence');
}

// What has come is complete by now. A browser that lacks processor time shows it
// late, and fills gaps in the sound itself: returns whether it had enough.
function judgeRate({ video }, { video: { totalFreezesDuration: frozen }, audio }, fps) {
  const seconds = video.at(-1).at - video[0].at;
  const rate = (video.length - 1) / seconds;
  const made = audio.concealedSamples / audio.totalSamplesReceived;
  console.log(`rate: ${rate.toFixed(2)} pictures/s of ${fps.toFixed(2)},`
    + ` ${(100 * made).toFixed(1)} % of the sound concealed`);
  assert.ok(rate < 1.2 * fps, `${rate} pictures/s`);
  const inTime = rate > 0.9 * fps && frozen < seconds / 20 && made < 0.1;
  if (!inTime) console.log('the browser lacks processor time: its timing is not judged');
  return inTime;
}

class Broadcast {
  constructor(server, options, seconds, folder) {
    Object.assign(this, { options, seconds, folder });
    this.loopback = new Program(server, ['--port', '0']);
    this.programs = [this.loopback];
  }

  async open() {
    const { options } = this;
    const [, base] = await this.loopback.line(/^event=listening url=(\S+)/, START_S);
    this.base = base;
    const ports = options.sender ? await freePorts() : [0, 0];
    this.values = {
      URI: `whip+${new URL('whip/demo', base)}`, FRAMES: this.seconds * FPS, BLOCKS: this.seconds * 50,
      VIDEOPORT: ports[0], AUDIOPORT: ports[1],
    };
    if (options.movie) {
      this.values.FILE = media.cut(process.env.RCAST_MOVIE, this.folder, this.seconds);
      this.movie = media.describe(this.values.FILE);
    }
    if (options.watched) {
      this.chromium = await browser.open();
      this.page = await this.chromium.context.newPage();
      await this.page.goto(new URL('?name=demo', base).href);
    }
  }

  words(line) {
    return line.split(' ').map((word) => word.replace(/[A-Z]{3,}$/,
      (name) => String(this.values[name] ?? name)));
  }

  launch(words) {
    const program = start(words);
    this.programs.push(program);
    return program;
  }

  async publish() {
    const { options } = this;
    let sender;
    const send = () => { sender = this.launch(['-q', ...this.words(SENDER)]); };
    if (options.sender === 'before') {
      send();
      // It is under way, and the encoder's first key frame gone, when this is known.
      await this.heard(this.values.VIDEOPORT);
    }
    this.startedAt = performance.now();
    // udpsrc has no end of its own: it is interrupted, and -e makes an EOS of that.
    this.publisher = this.launch(['-m', '-e', ...this.words(options.line)]);
    if (options.sender === 'after') {
      await this.publisher.line(/^Setting pipeline to PLAYING/, START_S);
      send();
    }
    await this.loopback.line(/role=publisher .*state=connected/, START_S);
    this.connectedAfter = (performance.now() - this.startedAt) / 1000;
    if (options.watched) {
      const over = this.publisher.exited.then(({ code }) => {
        throw code === 0
          ? new TooSlow(`${this.seconds} s are over before the browser is connected`)
          : this.publisher.failure(`exit ${code}`);
      });
      await Promise.race([over, this.page.waitForFunction('window.viewer.connections > 0', null,
        { timeout: START_S * 1000, polling: 50 })]);
      await this.page.evaluate(page.record, media.GRID);
    }
    if (sender) {
      await sender.exit(this.seconds * 2 + END_S);
      this.publisher.child.kill('SIGINT');
    }
    await this.publisher.succeeds(this.seconds * 2 + END_S);
    this.lasted = (performance.now() - this.startedAt) / 1000;
    await this.loopback.line(/role=publisher .*state=closed reason="deleted"/, END_S);
  }

  // Resolves when a packet has come to the port, which is free again then.
  async heard(port) {
    const socket = dgram.createSocket('udp4');
    await new Promise((done) => { socket.bind(port, '127.0.0.1', done); });
    let limit;
    await new Promise((done, fail) => {
      limit = setTimeout(() => fail(new Error('the sender sends nothing')), START_S * 1000);
      // A group of pictures has begun long ago.
      let frames = 0;
      socket.on('message', (packet) => {
        frames += packet[1] >> 7;
        if (frames > 30) done();
      });
    });
    clearTimeout(limit);
    await new Promise((done) => { socket.close(done); });
  }

  // What has been relayed is decoded soon after; how much, is judged elsewhere.
  async settle(relayed) {
    await this.page.waitForFunction(`(${page.readStats})().then(({ video }) =>
      video.framesDecoded + video.framesDropped >= ${relayed})`, null,
    { timeout: END_S * 1000, polling: 100 }).catch(() => {});
  }

  async judge(outdir, name) {
    const { options, movie, seconds } = this;
    let stats = await getStats(this.base);
    console.log(`on air for ${this.lasted.toFixed(1)} s, connected after ${this.connectedAfter.toFixed(2)} s`);
    judgePublisher(this.publisher);
    // Dropped while nobody took it: the page may still have come in time.
    if (this.connectedAfter > seconds / 2) {
      throw new TooSlow(`${seconds} s, connected after ${this.connectedAfter} s`);
    }
    const streams = judgeServer(stats, options);
    if (!options.sender) assert.ok(this.lasted > seconds - 1, `${seconds} s took ${this.lasted} s`);
    for (const { packets } of options.sender || movie ? [] : streams.audio) {
      judgeCount('packets', packets, this.values.BLOCKS, 50, this.connectedAfter);
    }
    for (const { frames } of movie ? [] : streams.video) {
      judgeCount('frames', frames, this.values.FRAMES, FPS, this.connectedAfter);
    }
    if (name === 'file') {
      // From a key frame on, each frame to the last.
      const from = movie.grids.length - streams.video[0].frames;
      console.log(`on air from frame ${from} of ${movie.grids.length}; key frames are ${movie.keys}`);
      assert.ok(movie.keys.includes(from), `frame ${from} is no key frame`);
    }
    if (!options.watched) return;

    const [viewer] = stats.viewers;
    assert.ok(viewer, 'the server has no viewer');
    const relayed = viewer.streams.find(({ kind }) => kind === 'video').frames;
    await this.settle(relayed);
    await this.page.screenshot({ path: path.join(outdir, `main-job-${name}.png`) });
    const recorded = await this.page.evaluate('window.recorded');
    const format = movie ?? { width: 640, height: 360, fps: FPS };
    assert.deepStrictEqual(recorded.errors, []);
    const viewed = await this.page.evaluate(page.readStats);
    judgeViewer(viewed, relayed, format);
    if (judgeRate(recorded, viewed, format.fps)) {
      if (movie) judgeMovie(recorded, movie, options, movie.grids.length - relayed);
      else judgeTone(recorded);
    }
    await this.page.close({ runBeforeUnload: true });
    await this.loopback.line(/role=viewer .*state=closed reason="(deleted|dtls-closed)"/, END_S);
    stats = await getStats(this.base);
    assert.deepStrictEqual([stats.publishers, stats.viewers], [[], []]);
  }

  async close() {
    for (const program of this.programs.reverse()) await program.stop();
    await this.chromium?.close();
  }
}

// A machine that is busy with other things gets more time to connect.
async function run(server, outdir, name, length) {
  const seconds = Number(length ?? CASES[name].seconds);
  for (let times = 1; ; times *= 2) {
    try {
      return await broadcastOnce(server, outdir, name, seconds * times);
    } catch (error) {
      if (!(error instanceof TooSlow) || times === MAX_TIMES) throw error;
      console.log(`${error.message}: again, for longer`);
    }
  }
}

async function broadcastOnce(server, outdir, name, seconds) {
  const options = CASES[name];
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rcast-main-job-'));
  const broadcast = new Broadcast(server, options, seconds, folder);
  fs.mkdirSync(outdir, { recursive: true });
  try {
    await broadcast.open();
    await broadcast.publish();
    await broadcast.judge(outdir, name);
  } catch (error) {
    for (const program of broadcast.programs) {
      console.error(program.failure('what it said').message);
    }
    console.error(broadcast.chromium?.said.join('\n') ?? '');
    throw error;
  } finally {
    await broadcast.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
  assert.strictEqual(broadcast.loopback.status.code, 0);
}

const [server, outdir, name, length] = process.argv.slice(2);
assert.ok(CASES[name], `CASE is one of ${Object.keys(CASES).join(', ')}`);
const lacks = [
  [CASES[name].watched && !browser.isThere(), 'Chromium or playwright-core'],
  [CASES[name].movie && !media.isThere(process.env.RCAST_MOVIE ?? ''), 'a movie or ffmpeg'],
  [spawnSync('gst-inspect-1.0', ['rcastsink']).status !== 0, 'rcastsink'],
].find(([missing]) => missing);
if (lacks) {
  console.log(`not there: ${lacks[1]}`);
  process.exit(SKIP);
}
run(server, outdir, name, length).then(() => process.exit(0), (error) => {
  console.error(error.stack);
  process.exit(1);
});
