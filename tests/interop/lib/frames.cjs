// SPDX-License-Identifier: LGPL-2.1-or-later
// Which frames of an H.264 stream are whole, and can be decoded: from RTP, in any order.
'use strict';

const { h264Types } = require('./counter.cjs');

const SPS = 7;
// So many packets are waited for before what is missing is given up.
const MOST = 400;

const ahead = (a, b) => ((a - b + 0x8000) & 0xffff) - 0x8000;

class Frames {
  // @tell: called with the timestamp of each frame that can be decoded, in order
  constructor(tell) {
    Object.assign(this, { tell, packets: new Map(), next: null, lost: 0 });
  }

  add({ sequenceNumber, timestamp, marker }, payload) {
    if (this.next !== null && ahead(sequenceNumber, this.next) < 0) return;
    const key = h264Types(payload).includes(SPS);
    this.packets.set(sequenceNumber, { timestamp, marker, key });
    while (this.advance() || this.jump());
    if (this.packets.size > MOST) this.packets.delete(this.packets.keys().next().value);
  }

  // The number after the last packet of the frame that begins with @first; null: it is not whole
  end(first) {
    const { timestamp } = this.packets.get(first) ?? {};
    for (let at = first; ; at = (at + 1) & 0xffff) {
      const packet = this.packets.get(at);
      if (!packet || packet.timestamp !== timestamp) return null;
      if (packet.marker) return (at + 1) & 0xffff;
    }
  }

  take(first, end) {
    this.tell(this.packets.get(first).timestamp);
    this.next = end;
    for (const at of this.packets.keys()) if (ahead(at, end) < 0) this.packets.delete(at);
  }

  advance() {
    const end = this.next === null ? null : this.end(this.next);
    if (end === null) return false;
    this.take(this.next, end);
    return true;
  }

  // What is missing may still come, but a later key frame that is whole needs none of it.
  jump() {
    for (const [first, { key }] of this.packets) {
      const end = key && first !== this.next ? this.end(first) : null;
      if (end === null) continue;
      if (this.next !== null) this.lost += ahead(first, this.next);
      this.take(first, end);
      return true;
    }
    return false;
  }
}

module.exports = { Frames };
