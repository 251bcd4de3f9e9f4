#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// The stand-in for gst-webrtc-signalling-server as a program, with a consumer on werift beside it.
//
// gst-signalling-serve.cjs HOST PORT: the consumer watches whoever is a producer, and tells each frame
// of H.264 that can be decoded. GET /stats: what was seen, as JSON; /fault?NAME: what is done to the
// producer. Exits with 77 without its packages.
'use strict';

const { Server } = require('./gst-signalling-server.cjs');
const { serveStun } = require('./stun.cjs');

const PLI_MS = 1000;
// A page that was left looks for another session not at once.
const AGAIN_MS = 100;

class Consumer {
  constructor(server, iceServers) {
    Object.assign(this, { server, iceServers, lost: 0, pc: null, session: null, producer: null });
    setInterval(() => this.pli?.(), PLI_MS);
  }

  connect() {
    const { WebSocket } = require('ws');
    this.ws = new WebSocket(`ws://${this.server.origin}/`);
    this.ws.on('message', (data) => this.take(JSON.parse(data)));
    this.ws.on('close', () => {
      this.end();
      setTimeout(() => this.connect(), AGAIN_MS);
    });
  }

  send(message) {
    this.ws.send(JSON.stringify(message));
  }

  end() {
    this.pc?.close();
    Object.assign(this, { pc: null, pli: null, session: null });
  }

  take(message) {
    switch (message.type) {
      case 'welcome':
        this.send({ type: 'setPeerStatus', roles: ['listener'], meta: { name: 'viewer' } });
        this.send({ type: 'list' });
        break;
      case 'list':
        if (message.producers.length) this.watch(message.producers.at(-1).id);
        break;
      case 'peerStatusChanged':
        if (message.roles.includes('producer')) this.watch(message.peerId);
        else if (message.peerId === this.producer) this.producer = null;
        break;
      case 'sessionStarted':
        this.session = message.sessionId;
        break;
      case 'endSession':
        if (message.sessionId === this.session) this.ended();
        break;
      case 'peer':
        if (message.sessionId === this.session) this.agree(message).catch(() => {});
        break;
      default:
    }
  }

  watch(producer) {
    this.producer = producer;
    this.end();
    this.send({ type: 'startSession', peerId: producer });
  }

  // The producer has ended the session: it is asked for another one while it is there.
  ended() {
    this.end();
    setTimeout(() => { if (this.producer && !this.session) this.watch(this.producer); }, AGAIN_MS);
  }

  leave() {
    this.send({ type: 'endSession', sessionId: this.session });
    this.ended();
  }

  make() {
    const { RTCPeerConnection, RTCRtpCodecParameters } = require('werift');
    const { Frames } = require('./frames.cjs');
    const { session } = this;
    const pc = new RTCPeerConnection({ iceServers: this.iceServers, iceUseIpv6: false, codecs: {
      // Encoding names have no case (RFC 4855 3), but werift tells them apart.
      audio: ['audio/opus', 'audio/OPUS'].map((mimeType) =>
        new RTCRtpCodecParameters({ mimeType, clockRate: 48000, channels: 2 })),
      video: [new RTCRtpCodecParameters({ mimeType: 'video/H264', clockRate: 90000,
        parameters: 'packetization-mode=1;level-asymmetry-allowed=1',
        rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }] })],
    } });
    pc.onIceCandidate.subscribe((candidate) => {
      if (!candidate?.candidate || session !== this.session) return;
      this.send({ type: 'peer', sessionId: session, ice: { candidate: candidate.candidate,
        sdpMLineIndex: candidate.sdpMLineIndex || 0 } });
    });
    pc.onTrack.subscribe((track) => {
      if (track.kind !== 'video') return;
      const frames = new Frames((ts) => console.log(`event=frame id=${session} ts=${ts} lost=${this.lost}`
        + ` at-us=${process.hrtime.bigint() / 1000n}`));
      track.onReceiveRtp.subscribe((packet) => {
        const before = frames.lost;
        frames.add(packet.header, packet.payload);
        this.lost += frames.lost - before;
      });
      this.pli = () => {
        const { receiver } = pc.getTransceivers().find((item) => item.kind === 'video');
        receiver.sendRtcpPLI(track.ssrc).catch(() => {});
      };
    });
    return pc;
  }

  // Of what comes to a session that is over by then, nothing is sent.
  async agree({ sessionId, sdp, ice }) {
    if (ice) {
      await this.pc?.addIceCandidate(ice);
      return;
    }
    this.pc ??= this.make();
    const { pc } = this;
    await pc.setRemoteDescription(sdp);
    await pc.setLocalDescription(await pc.createAnswer());
    if (sessionId !== this.session) return;
    this.send({ type: 'peer', sessionId,
      sdp: { type: 'answer', sdp: pc.localDescription.sdp } });
  }
}

const FAULTS = {
  // The producer's socket breaks, and the server sees that.
  drop: ({ server }) => server.cut(server.producer()),
  'viewer-drop': ({ server }) => server.cut(server.named('viewer')),
  leave: (consumer) => consumer.leave(),
  media: ({ pc }) => pc?.close(),
};

async function main([host, port]) {
  let consumer;
  const server = new Server({ page: (request, response) => {
    const [path, name] = request.url.split('?');
    const counts = {};
    for (const { what } of server.log) counts[what] = (counts[what] || 0) + 1;
    if (path === '/fault' && server.producer()) FAULTS[name](consumer);
    response.end(JSON.stringify({ counts, lost: consumer.lost }));
  } });
  server.port = Number(port);
  await server.listen(host);
  consumer = new Consumer(server, [{ urls: await serveStun(host) }]);
  consumer.connect();
  console.log(`ws://${server.origin}/`);
}

try {
  require.resolve('werift');
  require.resolve('ws');
} catch {
  process.exit(77);
}
main(process.argv.slice(2));
