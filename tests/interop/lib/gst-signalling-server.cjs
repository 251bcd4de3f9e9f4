// SPDX-License-Identifier: LGPL-2.1-or-later
// A stand-in for gst-webrtc-signalling-server, on ws: peers, roles, sessions, and faults on request.
//
// Its messages and silences are those of the server of gst-plugins-rs 0.15.
'use strict';

const http = require('node:http');
const { randomUUID } = require('node:crypto');
const { WebSocketServer } = require('ws');

class Server {
  constructor({ page }) {
    Object.assign(this, { page, peers: new Map(), sessions: new Map(), log: [], port: 0 });
    // ms until a peer is welcomed, and whether messages to the other end are lost
    this.slow = 0;
    this.forgets = false;
  }

  async listen(host) {
    this.host = host;
    this.http = http.createServer((request, response) => this.page(request, response));
    this.sockets = new WebSocketServer({ server: this.http });
    this.sockets.on('connection', (ws, { socket }) => this.connect(ws, socket));
    await new Promise((resolve) => this.http.listen(this.port, host, resolve));
    this.port = this.http.address().port;
    this.origin = `${host}:${this.port}`;
  }

  // All connections break, and nobody listens until the next listen ().
  kill() {
    this.note('killed');
    for (const { socket } of this.peers.values()) socket.destroy();
    this.http.closeAllConnections();
    this.http.close();
  }

  note(what, detail) {
    this.log.push({ at: Date.now(), what, detail });
    if (process.env.GSTSIG_LOG) console.log('   server', what, JSON.stringify(detail)?.slice(0, 140));
  }

  count(what) {
    return this.log.filter((entry) => entry.what === what).length;
  }

  producers() {
    return [...this.peers.values()].filter(({ roles }) => roles.includes('producer'));
  }

  producer() {
    return this.producers()[0];
  }

  // Who says that of itself
  named(name) {
    return [...this.peers.values()].find(({ meta }) => meta?.name === name);
  }

  cut(peer) {
    peer.socket.destroy();
  }

  send(id, message) {
    this.peers.get(id)?.ws.send(JSON.stringify(message));
  }

  connect(ws, socket) {
    const peer = { id: randomUUID(), ws, socket, roles: [], meta: null };

    this.peers.set(peer.id, peer);
    setTimeout(() => this.send(peer.id, { type: 'welcome', peerId: peer.id }), this.slow);
    ws.on('message', (data) => {
      try {
        this.take(peer, JSON.parse(data));
      } catch (error) {
        this.note('error', error.message);
        this.send(peer.id, { type: 'error', details: error.message });
      }
    });
    ws.on('error', () => {});
    ws.on('close', () => this.remove(peer));
  }

  remove(peer) {
    this.note('left', peer.meta);
    this.peers.delete(peer.id);
    this.endAll(peer.id);
    this.tellListeners({ ...peer, roles: [] });
  }

  tellListeners({ id, roles, meta }) {
    for (const other of this.peers.values()) {
      if (!other.roles.includes('listener')) continue;
      this.send(other.id, { type: 'peerStatusChanged', roles, meta, peerId: id });
    }
  }

  take(peer, message) {
    this.note(message.sdp ? message.sdp.type : message.type, message);
    switch (message.type) {
      case 'setPeerStatus':
        this.setStatus(peer, message);
        break;
      case 'startSession':
        this.start(peer, message);
        break;
      // Who speaks the first version of the protocol is told without the reason.
      case 'endSession':
      case 'endSessionV1_1':
        this.end(peer.id, message.sessionId);
        break;
      case 'peer':
        this.forward(peer, message);
        break;
      case 'list':
        this.send(peer.id, { type: 'list', producers: this.having('producer') });
        break;
      case 'listConsumers':
        this.send(peer.id, { type: 'listConsumers', consumers: this.having('consumer') });
        break;
      default:
        // The server says nothing to what it does not know.
    }
  }

  // What is as it was is told to nobody; who is no producer any more has no sessions.
  setStatus(peer, { roles, meta = null }) {
    if (roles.includes('producer') && roles.includes('consumer')) {
      throw new Error('A producer is no consumer');
    }
    const before = JSON.stringify([peer.roles, peer.meta]);
    const lost = ['producer', 'consumer'].some((role) => peer.roles.includes(role)
      && !roles.includes(role));
    Object.assign(peer, { roles, meta });
    if (lost) this.endAll(peer.id);
    if (before !== JSON.stringify([roles, meta])) this.tellListeners(peer);
  }

  having(role) {
    return [...this.peers.values()].filter(({ roles }) => roles.includes(role))
      .map(({ id, meta }) => ({ id, meta }));
  }

  start(peer, { peerId, offer }) {
    const other = this.peers.get(peerId);
    if (!other) throw new Error(`Peer with ID '${peerId}' not found`);
    // Who is a consumer is called by a producer.
    const isCalled = other.roles.includes('consumer');
    if (!isCalled && !other.roles.includes('producer')) {
      throw new Error('Missing a producer or a consumer');
    }
    const [producer, consumer] = isCalled ? [peer.id, peerId] : [peerId, peer.id];
    const sessionId = randomUUID();
    this.sessions.set(sessionId, { producer, consumer });
    this.send(consumer, { type: 'sessionStarted', peerId: producer, sessionId });
    this.send(producer, { type: 'startSession', peerId: consumer, sessionId,
      offer: offer ?? null });
  }

  forward(peer, { sessionId, sdp, ice }) {
    const session = this.sessions.get(sessionId);
    if (!session || this.forgets) return;
    if (sdp?.type === 'offer' && session.consumer === peer.id) {
      throw new Error('cannot forward offer: not the producer');
    }
    const to = session.producer === peer.id ? session.consumer : session.producer;
    // Of a candidate two members are known.
    this.send(to, sdp ? { type: 'peer', sessionId, sdp: { type: sdp.type, sdp: sdp.sdp } }
      : { type: 'peer', sessionId,
        ice: { candidate: ice.candidate, sdpMLineIndex: ice.sdpMLineIndex } });
  }

  end(id, sessionId) {
    const session = this.sessions.get(sessionId);
    if (!session) return;
    this.sessions.delete(sessionId);
    this.send(session.producer === id ? session.consumer : session.producer,
      { type: 'endSession', sessionId });
  }

  endAll(id) {
    for (const [sessionId, { producer, consumer }] of this.sessions) {
      if (producer === id || consumer === id) this.end(id, sessionId);
    }
  }
}

module.exports = { Server };
