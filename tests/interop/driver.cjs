#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// Runs one publisher against one WHIP server not written here, checks what arrived.
//
// driver.cjs SERVER PUBLISHER; SERVER is a key of SERVERS, PUBLISHER one of
// PUBLISHERS. Exits with 77 if what the server needs is not installed.
'use strict';

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { Program } = require('./lib/program.cjs');

const START_S = 60;
const CONNECT_S = 60;
// Longer than the publisher's own patience
const TALK_S = 100;
const SKIP = 77;

const here = (name) => path.join(__dirname, name);

// What each server is started with, what it needs, and what it is known to do.
const SERVERS = {
  werift: {
    command: [process.execPath, here('whip-werift.cjs')],
    needs: [process.execPath, '-e', 'require("werift")'],
    restart: 200, decodes: false,
  },
  aiortc: {
    command: ['/usr/bin/python3', here('whip-aiortc.py')],
    needs: ['/usr/bin/python3', '-c', 'import aiohttp, aiortc'],
    restart: 422, decodes: true,
  },
  eyevinn: {
    command: [process.execPath, here('whip-eyevinn.cjs')],
    needs: [process.execPath, '-e',
      'require("@roamhq/wrtc"); require("@eyevinn/whip-endpoint/package.json")'],
    restart: 412, decodes: true,
  },
};

const FPS = 25;
// What has to arrive, and once more after a restart; a busy machine takes its time.
const FRAMES = 4 * FPS;
const ARRIVE_S = 120;
const VIDEO = 'videotestsrc is-live=true pattern=ball'
  + ` ! video/x-raw,width=640,height=360,framerate=${FPS}/1 ! timeoverlay`;
// 20 ms a buffer, as Opus has it.
const AUDIO = 'audiotestsrc is-live=true freq=440 samplesperbuffer=960'
  + ' ! audio/x-raw,rate=48000,channels=2';

// Launch lines, with URI for the server's address.
const LAUNCH = {
  'rcastsink-raw': `${VIDEO} ! rcastsink name=r location=URI ${AUDIO} ! r.`,
  'rcastsink-h264': `${VIDEO} ! x264enc tune=zerolatency speed-preset=ultrafast`
    + ` key-int-max=${2 * FPS} bitrate=1000 ! video/x-h264,profile=constrained-baseline`
    + ` ! rcastsink name=r location=URI ${AUDIO} ! opusenc ! r.`,
  'rcastsink-vp8': `${VIDEO} ! vp8enc deadline=1 cpu-used=8 keyframe-max-dist=${2 * FPS}`
    + ` target-bitrate=1000000 ! rcastsink name=r location=URI ${AUDIO} ! opusenc ! r.`,
  'rcastsink-video': `${VIDEO} ! rcastsink location=URI`,
  'rcastsink-audio': `${AUDIO} ! rcastsink location=URI`,
};
LAUNCH['rcastsink-restart'] = LAUNCH['rcastsink-vp8'];
LAUNCH['rcastsink-message'] = LAUNCH['rcastsink-vp8'];
const CODECS = { 'rcastsink-h264': 'H264', 'rcastsink-vp8': 'VP8', 'rcastsink-restart': 'VP8' };

// libwebrtc: shows that server and counting work, before rcastsink is judged.
async function libwebrtc(server, url, expected) {
  const publisher = new Program(process.execPath,
    [here('whip-publish.cjs'), url, '--seconds', '4', '--restart']);
  await server.event('connected', CONNECT_S);
  await publisher.succeeds(30);
  const report = JSON.parse(publisher.lines.at(-1));
  const { streams } = await server.event('closed', CONNECT_S);

  assert.strictEqual(report.post, 201);
  assert.strictEqual(report.delete, 200);
  assert.strictEqual(report.restart.status, expected.restart);
  for (const sent of report.sent) {
    const got = streams.find((stream) => stream.kind === sent.kind);
    assert.ok(got, `no ${sent.kind}`);
    assert.strictEqual(got.ssrc, sent.ssrc);
    // It was counted before the end: some more may have come, and some be on its way.
    assert.ok(got.packets > 0, `nothing of ${sent.packets} packets`);
    assert.strictEqual(got.missing, 0);
  }
  if (expected.restart === 200) {
    assert.notStrictEqual(report.restart.etag, report.etag, 'a restart has a new ETag');
    await server.event('restart', CONNECT_S);
  }
  return streams;
}

// Sends messages, and ends when all of them are back.
async function talk(line) {
  const publisher = new Program('/usr/bin/python3', [here('publish-message.py'), ...line.split(' ')]);
  await publisher.succeeds(TALK_S);
  return publisher.lines.filter((said) => said.endsWith('messages are back'));
}

// Resolves when so many more frames of each kind have arrived than `before`.
async function arrival(server, kinds, before = []) {
  const framesOf = (streams, kind) => streams.find((stream) => stream.kind === kind)?.frames ?? 0;
  const { streams } = await server.event('stats', ARRIVE_S, (event) => kinds.every((kind) =>
    framesOf(event.streams, kind) >= framesOf(before, kind) + FRAMES));
  return streams;
}

async function rcastsink(server, url, expected, name) {
  const line = LAUNCH[name].replace('URI', `whip+${url}`);
  if (name === 'rcastsink-message') return talk(line);

  const restart = name === 'rcastsink-restart';
  const kinds = ['video', 'audio'].filter((kind) => line.includes(kind + 'testsrc'));
  const launch = restart
    ? new Program('/usr/bin/python3', [here('publish-restart.py'), ...line.split(' ')])
    : new Program('gst-launch-1.0', ['-m', '-e', ...line.split(' ')]);
  await server.event('connected', CONNECT_S);
  await launch.line(/\bbroadcasting,/, CONNECT_S);
  const arrived = await arrival(server, kinds);
  if (restart) {
    launch.child.kill('SIGUSR1');
    await server.event('restart', CONNECT_S, ({ count }) => count === 1);
    await arrival(server, kinds, arrived);
  }
  launch.child.kill('SIGINT');
  await launch.succeeds(CONNECT_S);
  const { reason, streams } = await server.event('closed', CONNECT_S);

  assert.strictEqual(reason, 'delete', 'EOS ends the session');
  assert.deepStrictEqual(streams.map((s) => s.kind).sort(), [...kinds].sort());
  for (const { kind, missing } of streams) {
    assert.strictEqual(missing, 0, `${kind}: packets are missing`);
  }
  const video = streams.find((stream) => stream.kind === 'video');
  if (CODECS[name]) assert.strictEqual(video.codec, CODECS[name]);
  if (video && expected.decodes) assert.deepStrictEqual(video.size, [640, 360]);
  const audio = streams.find((stream) => stream.kind === 'audio');
  if (audio) assert.strictEqual(audio.codec.toLowerCase(), 'opus');
  if (audio && expected.decodes) assert.ok(audio.energy > 0.1, 'silence');
  return streams;
}

async function main() {
  const [serverName, publisherName] = process.argv.slice(2);
  const expected = SERVERS[serverName];
  assert.ok(expected, `SERVER is one of ${Object.keys(SERVERS)}`);
  assert.ok(publisherName === 'libwebrtc' || LAUNCH[publisherName],
    `PUBLISHER is libwebrtc or one of ${Object.keys(LAUNCH)}`);

  const needs = publisherName === 'libwebrtc' ? [
    expected.needs, [process.execPath, '-e', 'require("@roamhq/wrtc")'],
  ] : [expected.needs];
  for (const [command, ...args] of needs) {
    const { status, stderr } = spawnSync(command, args, { timeout: 60000 });
    if (status !== 0) {
      console.log(`not installed: ${String(stderr).split('\n').find((l) => /Error/.test(l))}`);
      process.exit(SKIP);
    }
  }

  const [command, ...args] = expected.command;
  const server = new Program(command, args);
  const { url } = await server.event('listening', START_S);
  const publish = publisherName === 'libwebrtc' ? libwebrtc : rcastsink;
  try {
    console.log(JSON.stringify(await publish(server, url, expected, publisherName)));
  } catch (error) {
    throw server.events.some((event) => event.event === 'error')
      ? new Error(`${error.message}\n${server.failure('reported an error').message}`) : error;
  } finally {
    await server.stop();
  }
}

main().then(() => process.exit(0), (error) => {
  console.error(error.stack);
  process.exit(1);
});
