#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// A WHIP server on werift (WebRTC in TypeScript): counts RTP, follows ICE restarts.
'use strict';

const { RTCPeerConnection, RTCRtpCodecParameters, useSdesMid, useTransportWideCC } =
  require('werift');
const { Counter } = require('./lib/counter.cjs');
const { serve } = require('./lib/front.cjs');

const feedback = ['nack', 'nack pli', 'ccm fir', 'transport-cc'].map((text) => {
  const [type, parameter] = text.split(' ');
  return { type, parameter };
});
const video = (name, parameters) => new RTCRtpCodecParameters({
  mimeType: 'video/' + name, clockRate: 90000, rtcpFeedback: feedback, parameters });

function createPeer({ connected, closed }) {
  const counters = new Map();
  const pc = new RTCPeerConnection({
    // None: its default asks a public server, and host candidates do.
    iceServers: [],
    iceUseIpv6: false,
    codecs: {
      video: [video('VP8'), video('H264', 'packetization-mode=1;level-asymmetry-allowed=1')],
      // Encoding names have no case (RFC 4855 3), but werift tells them apart.
      audio: ['audio/opus', 'audio/OPUS'].map((mimeType) =>
        new RTCRtpCodecParameters({ mimeType, clockRate: 48000, channels: 2 })),
    },
    headerExtensions: { video: [useSdesMid(), useTransportWideCC()], audio: [useSdesMid()] },
  });
  let wasConnected = false;

  pc.connectionStateChange.subscribe((state) => {
    if (state === 'connected' && !wasConnected) {
      wasConnected = true;
      connected();
    } else if (state === 'closed' && wasConnected) {
      closed();
    }
  });
  pc.onTrack.subscribe((track) => {
    track.onReceiveRtp.subscribe((rtp) => {
      let counter = counters.get(rtp.header.ssrc);
      if (!counter) {
        const codec = track.codec?.name?.toUpperCase() ?? '?';
        counter = new Counter(track.kind, codec === 'OPUS' ? 'opus' : codec, rtp.header.ssrc);
        counters.set(rtp.header.ssrc, counter);
      }
      counter.add({ ...rtp.header, sequenceNumber: rtp.header.sequenceNumber,
        timestamp: rtp.header.timestamp, payload: rtp.payload }, performance.now());
    });
  });

  async function answer(sdp) {
    await pc.setRemoteDescription({ type: 'offer', sdp });
    for (const transceiver of pc.getTransceivers()) transceiver.setDirection('recvonly');
    await pc.setLocalDescription(await pc.createAnswer());
    if (pc.iceGatheringState !== 'complete') {
      await pc.iceGatheringStateChange.watch((state) => state === 'complete');
    }
    return pc.localDescription.sdp;
  }

  return {
    answer,
    restart: answer,
    add: (candidate, mid) => pc.addIceCandidate({ candidate, sdpMid: mid }),
    streams: () => [...counters.values()].map((counter) => counter.report()),
    close: () => { pc.close(); },
  };
}

serve(createPeer);
