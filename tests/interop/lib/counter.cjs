// SPDX-License-Identifier: LGPL-2.1-or-later
// Counts the RTP of one SSRC: packets, frames, and holes in the sequence numbers.
'use strict';

class Counter {
  constructor(kind, codec, ssrc) {
    Object.assign(this, {
      kind, codec, ssrc, packets: 0, bytes: 0, frames: 0, keyframes: 0, gaps: 0, missing: 0,
      repeated: 0, longest_silence_ms: 0,
    });
    this.next = null;
    this.timestamp = null;
    this.arrived = null;
  }

  add({ sequenceNumber, timestamp, payload }, now) {
    if (this.arrived !== null) {
      this.longest_silence_ms = Math.max(this.longest_silence_ms, Math.round(now - this.arrived));
    }
    this.arrived = now;
    const ahead = this.next === null ? 0 : (sequenceNumber - this.next) & 0xffff;
    if (ahead >= 0x8000) {
      // One that came late was counted as missing before, or it is a copy.
      this.repeated++;
      if (this.missing > 0) this.missing--;
    } else {
      if (ahead > 0) {
        this.gaps++;
        this.missing += ahead;
      }
      this.next = (sequenceNumber + 1) & 0xffff;
    }
    this.packets++;
    this.bytes += payload.length;
    if (timestamp !== this.timestamp) {
      this.timestamp = timestamp;
      this.frames++;
      this.inKeyframe = false;
    }
    if (!this.inKeyframe && isKeyframe(this.codec, payload)) {
      this.inKeyframe = true;
      this.keyframes++;
    }
  }

  report() {
    const { next, timestamp, arrived, inKeyframe, ...shown } = this;
    return shown;
  }
}

// Does this payload start (or, in H.264, belong to) a key frame?
function isKeyframe(codec, payload) {
  if (codec === 'VP8') return vp8Keyframe(payload);
  if (codec === 'H264') return h264Types(payload).some((type) => type === 5);
  return false;
}

// RFC 7741 4.2, 4.3: the descriptor, then the P bit of the first partition.
function vp8Keyframe(payload) {
  if (payload.length < 2 || !(payload[0] & 0x10) || (payload[0] & 0x0f) !== 0) return false;
  let at = 1;
  if (payload[0] & 0x80) {
    const x = payload[at++];
    if (x & 0x80) at += payload[at] & 0x80 ? 2 : 1;
    if (x & 0x40) at++;
    if (x & 0x30) at++;
  }
  return at < payload.length && !(payload[at] & 0x01);
}

// RFC 6184 5.4: single NAL unit, STAP-A, FU-A.
function h264Types(payload) {
  if (payload.length < 2) return [];
  const type = payload[0] & 0x1f;
  if (type === 28) return [payload[1] & 0x1f];
  if (type !== 24) return [type];
  const types = [];
  for (let at = 1; at + 2 < payload.length; at += 2 + payload.readUInt16BE(at)) {
    types.push(payload[at + 2] & 0x1f);
  }
  return types;
}

module.exports = { Counter, isKeyframe, h264Types };
