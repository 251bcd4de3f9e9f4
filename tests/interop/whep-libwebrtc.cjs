#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// A WHEP server on libwebrtc: sends a picture and a tone, follows ICE restarts.
'use strict';

const { RTCPeerConnection } = require('@roamhq/wrtc');
const { serve } = require('./lib/front.cjs');
const { startMedia } = require('./lib/libwebrtc-media.cjs');

function createPeer({ connected, closed }) {
  const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  const media = startMedia();

  pc.addEventListener('connectionstatechange', () => {
    if (pc.connectionState === 'connected') connected();
    else if (['failed', 'closed'].includes(pc.connectionState)) closed();
  });

  async function answer(sdp) {
    await pc.setRemoteDescription({ type: 'offer', sdp });
    for (const transceiver of pc.getTransceivers()) {
      transceiver.direction = 'sendonly';
      await transceiver.sender.replaceTrack(media[transceiver.receiver.track.kind]);
    }
    await pc.setLocalDescription(await pc.createAnswer());
    if (pc.iceGatheringState !== 'complete') {
      await new Promise((done) => {
        pc.addEventListener('icegatheringstatechange', () => {
          if (pc.iceGatheringState === 'complete') done();
        });
      });
    }
    return pc.localDescription.sdp;
  }

  return {
    answer,
    restart: answer,
    add: (candidate, sdpMid) => pc.addIceCandidate({ candidate, sdpMid }),
    streams: () => [],
    close: () => {
      media.stop();
      pc.close();
    },
  };
}

serve(createPeer);
