#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// The server that tests/examples/custom-signaller.c speaks to, on werift: counts what arrives.
//
// custom-signaller.cjs PROGRAM: starts it; fine if media arrives and it says bye.
'use strict';

const net = require('node:net');
const readline = require('node:readline');
const { Program } = require('./lib/program.cjs');

const SKIP = 77;
const LIMIT_S = 90;
const ENOUGH = 50;

let werift;
try {
  werift = require('werift');
} catch {
  console.log('skipped: no werift');
  process.exit(SKIP);
}

async function answer(sdp, arrived) {
  const { RTCPeerConnection, RTCRtpCodecParameters } = werift;
  const pc = new RTCPeerConnection({ iceServers: [], iceUseIpv6: false, codecs: { audio: [],
    video: [['VP8', ''], ['H264', 'packetization-mode=1;level-asymmetry-allowed=1']].map(
      ([name, parameters]) => new RTCRtpCodecParameters(
        { mimeType: `video/${name}`, clockRate: 90000, parameters })) } });
  pc.onTrack.subscribe((track) => track.onReceiveRtp.subscribe(arrived));
  await pc.setRemoteDescription({ type: 'offer', sdp });
  pc.getTransceivers().forEach((transceiver) => transceiver.setDirection('recvonly'));
  await pc.setLocalDescription(await pc.createAnswer());
  if (pc.iceGatheringState !== 'complete')
    await pc.iceGatheringStateChange.watch((state) => state === 'complete');
  return pc.localDescription.sdp;
}

async function main(program) {
  const server = net.createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  let packets = 0;
  let enough;
  let bye;
  const flowing = new Promise((resolve) => { enough = resolve; });
  const goodbye = new Promise((resolve) => { bye = resolve; });
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    readline.createInterface({ input: socket }).on('line', async (line) => {
      const [word, base64] = line.split(' ');
      if (word === 'bye') bye();
      if (word !== 'offer') return;
      const sdp = await answer(Buffer.from(base64, 'base64').toString(),
        () => { if (++packets === ENOUGH) enough(); });
      socket.write(`answer ${Buffer.from(sdp).toString('base64')}\n`);
    });
  });
  const cast = new Program(program, [`lines+tcp://127.0.0.1:${server.address().port}`]);
  const inTime = (promise, what) => Promise.race([promise, new Promise((_, reject) => {
    setTimeout(() => reject(cast.failure(what)), LIMIT_S * 1000).unref();
  })]);
  await inTime(flowing, 'no media arrives');
  await cast.line(/^broadcasting$/, LIMIT_S);

  cast.child.kill('SIGINT');
  await inTime(goodbye, 'it does not say goodbye');
  await cast.succeeds(LIMIT_S);
  console.log(`${packets} packets`);
}

main(process.argv[2]).then(() => process.exit(0), (error) => {
  console.error(error.stack);
  process.exit(1);
});
