// SPDX-License-Identifier: LGPL-2.1-or-later
// A stand-in for the server of OpenVidu 2, on ws and werift: sessions, tokens that are for
// one join, its timers, eviction, and faults on request.
//
// Its frames, timers and silences are those of openvidu-server 2.32. Media is forwarded as
// it comes. The timers can be shortened.
'use strict';

const http = require('node:http');
const { WebSocketServer } = require('ws');
const { RTCPeerConnection, MediaStreamTrack, RTCRtpCodecParameters } = require('werift');

const PLI_MS = 1000;
const VIDEO = { VP8: undefined, H264: 'packetization-mode=1;level-asymmetry-allowed=1' };
const makeCodecs = (video) => ({
  // Encoding names have no case (RFC 4855 3), but werift tells them apart.
  audio: ['audio/opus', 'audio/OPUS'].map((mimeType) =>
    new RTCRtpCodecParameters({ mimeType, clockRate: 48000, channels: 2 })),
  video: [new RTCRtpCodecParameters({ mimeType: `video/${video}`, clockRate: 90000,
    parameters: VIDEO[video], rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }] })],
});
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const word = (length) => Array.from({ length },
  () => LETTERS[Math.floor(Math.random() * LETTERS.length)]).join('');

// The genuine client that watches; what is odd happens to others.
const isViewer = (link) => link.rpc?.participant?.metadata.includes('viewer');

class Participant {
  constructor(rpc, room, metadata) {
    Object.assign(this, { rpc, room, metadata, id: `con_${word(10)}`, createdAt: Date.now(),
      subscriptions: new Map(), stream: null, next: {} });
  }

  describe() {
    const { id, createdAt, metadata, stream } = this;
    return { id, createdAt, metadata, ...(stream ? { streams: [this.describeStream()] } : {}) };
  }

  describeStream() {
    const { id, createdAt, wanted } = this.stream;
    const { hasAudio, hasVideo, audioActive, videoActive, typeOfVideo, frameRate,
      videoDimensions } = wanted;
    return { id, createdAt, hasAudio, hasVideo, audioActive, videoActive, typeOfVideo, frameRate,
      videoDimensions, filter: {} };
  }
}

class Server {
  // sessionTime: ms that a closed connection has to come back; watchdog: ms without a ping;
  // mediaServer: mediasoup makes the offers of what is received; video: the codec that it takes;
  // address: where media is taken, undefined: at all addresses
  constructor({ page, sessionTime = 10000, watchdog = 15000, mediaServer = 'kurento',
    iceServers = [], video = 'VP8', address = undefined }) {
    Object.assign(this, { page, sessionTime, watchdog, mediaServer, iceServers, packets: 0,
      gap: 0, addresses: address && { udp4: address } });
    this.codecs = makeCodecs(video);
    this.tokens = new Map();
    this.rooms = new Map();
    this.rpcs = new Map();
    this.log = [];
    this.refusing = false;
    // What waits while it is stopped; null: it is not.
    this.held = null;
  }

  // @port: 0: any
  async listen(host, port = 0) {
    this.http = http.createServer((request, response) => this.page(request, response));
    this.sockets = new WebSocketServer({ noServer: true });
    this.http.on('upgrade', (request, socket, head) => {
      if (this.refusing || !request.url.startsWith('/openvidu?sessionId=')) {
        socket.destroy();
        return;
      }
      this.note('socket', request.url);
      this.sockets.handleUpgrade(request, socket, head, (ws) => this.connect(ws, socket));
    });
    await new Promise((resolve) => this.http.listen(port, host, resolve));
    this.origin = `${host}:${this.http.address().port}`;
    this.pli = setInterval(() => this.participants().forEach((one) => one.stream?.pli?.()), PLI_MS);
  }

  close() {
    clearInterval(this.pli);
    for (const rpc of this.rpcs.values()) this.drop(rpc);
    for (const one of this.participants()) this.remove(one);
    this.http.closeAllConnections();
    this.http.close();
  }

  note(what, detail) {
    this.log.push({ at: Date.now(), what, detail });
    if (process.env.OPENVIDU_LOG) console.log('   server', what, String(detail).slice(0, 110));
  }

  // A token URL, as the application's server gets it by REST.
  token(session) {
    const token = `tok_${word(16)}`;
    this.tokens.set(token, session);
    if (!this.rooms.has(session)) this.rooms.set(session, new Map());
    return `ws://${this.origin}?sessionId=${session}&token=${token}&role=PUBLISHER&version=2.32.2`;
  }

  // A token is for one join. Returns whether it is good for one.
  consume(token, session) {
    return this.tokens.get(token) === session && this.tokens.delete(token);
  }

  participants() {
    return [...this.rooms.values()].flatMap((room) => [...room.values()]);
  }

  publisher() {
    return this.participants().find((one) => one.stream);
  }

  // --- connections and their sessions ---

  connect(ws, socket) {
    const link = { ws, socket, rpc: null, interval: 0 };

    ws.on('message', (data) => {
      const request = JSON.parse(data);
      // A server that has stopped for a while reads later; for the viewer it goes on.
      if (this.held && !isViewer(link)) {
        this.held.push(() => this.read(link, request, data));
      } else {
        this.read(link, request, data);
      }
    });
    ws.on('close', (code, reason) => {
      this.note('closed', `${code} ${reason}`);
      const { rpc } = link;
      if (!rpc || rpc.link !== link || rpc.closer) return;
      clearTimeout(rpc.watch);
      this.closeSoon(rpc);
    });
    ws.on('error', () => {});
  }

  read(link, request, data) {
    this.note(request.method, data);
    this.take(link, request).catch((error) => this.refuse(link, request, -1,
      `java.lang.RuntimeException:${error.message}`,
      `java.lang.RuntimeException: ${error.message}\n${'\tat io.openvidu.server.X\n'.repeat(200)}`));
  }

  stop() {
    this.held = [];
  }

  goOn() {
    const { held } = this;
    this.held = null;
    for (const read of held) read();
  }

  // Its timers stop with it.
  closeSoon(rpc) {
    rpc.closer = setTimeout(() => {
      if (this.held) this.closeSoon(rpc);
      else this.expire(rpc);
    }, this.sessionTime);
  }

  expire(rpc) {
    this.rpcs.delete(rpc.id);
    if (rpc.participant) this.evict(rpc.participant, 'networkDisconnect', false);
  }

  watch(rpc) {
    clearTimeout(rpc.watch);
    rpc.watch = setTimeout(() => {
      if (this.held) this.watch(rpc);
      else this.closeSilent(rpc);
    }, this.watchdog);
  }

  // It does not wait for who is silent to agree.
  closeSilent(rpc) {
    rpc.link.ws.close(1000, 'Close for not receive ping from client');
    this.closeSoon(rpc);
  }

  drop(rpc) {
    clearTimeout(rpc.watch);
    clearTimeout(rpc.closer);
    rpc.link.socket.destroy();
  }

  send(link, value) {
    if (link.ws.readyState === 1) link.ws.send(JSON.stringify({ ...value, jsonrpc: '2.0' }));
  }

  answer(link, request, result) {
    // Some servers have them as text.
    const id = this.textIds && !isViewer(link) ? String(request.id) : request.id;
    this.send(link, { id, result: link.rpc ? { ...result, sessionId: link.rpc.id } : result });
  }

  refuse(link, request, code, message, data) {
    this.note('refused', `${code} ${message}`);
    this.send(link, { id: request.id, error: { code, message, data } });
  }

  notify(one, method, params) {
    this.send(one.rpc.link, { method, params });
  }

  notifyAll(room, method, params, but) {
    for (const one of room.values()) if (one !== but) this.notify(one, method, params);
  }

  async take(link, request) {
    const { method, params = {} } = request;
    if (!Number.isInteger(request.id)) throw new Error('the id is no integer');
    if (method === 'ping') {
      link.interval ||= params.interval || 20000;
      if (link.rpc) this.watch(link.rpc);
      this.answer(link, request, { value: 'pong' });
      return;
    }
    if (method === 'connect') {
      const rpc = this.rpcs.get(params.sessionId);
      if (!rpc) { this.refuse(link, request, 40007, 'reconnection error'); return; }
      clearTimeout(rpc.closer);
      rpc.closer = null;
      rpc.link = link;
      link.rpc = rpc;
      this.watch(rpc);
      this.answer(link, request, { value: 'reconnection successful' });
      return;
    }
    if (!link.rpc) {
      link.rpc = { id: word(26).toLowerCase(), link };
      this.rpcs.set(link.rpc.id, link.rpc);
      this.watch(link.rpc);
    }
    if (method === 'joinRoom') { this.join(link, request); return; }
    const one = link.rpc.participant;
    if (method === 'echo') this.answer(link, request, {});
    else if (!one) this.refuse(link, request, 803, 'No connection found');
    // What was dropped is answered nothing.
    else if (!one.gone && this[`on_${method}`]) await this[`on_${method}`](one, link, request);
  }

  // --- the session ---

  join(link, request) {
    const { token, session, metadata, platform, secret } = request.params;
    for (const [name, value] of Object.entries({ token, session, metadata, platform, secret })) {
      if (typeof value !== 'string') throw new Error(`Request element '${name}' is missing`);
    }
    const room = this.rooms.get(session);
    const key = new URL(token.replace(/^ws/, 'http')).searchParams.get('token');
    if (this.breakJoin) throw new Error(this.breakJoin);
    if (!room) {
      this.refuse(link, request, 202, `Unable to join session. Session ${session} cannot be found`);
    } else if (!this.consume(key, session)) {
      this.refuse(link, request, 401,
        `Unable to join session ${session}. Token ${token} is not valid`);
    } else {
      const one = new Participant(link.rpc, room, metadata);
      link.rpc.participant = one;
      const value = [...room.values()].map((other) => other.describe());
      this.notifyAll(room, 'participantJoined',
        { id: one.id, createdAt: one.createdAt, metadata });
      room.set(one.id, one);
      this.answer(link, request, { id: one.id, finalUserId: word(16), createdAt: one.createdAt,
        metadata, value, session, version: '2.32.2', mediaServer: this.mediaServer,
        videoSimulcast: false, record: false, role: 'PUBLISHER', coturnIp: '127.0.0.1',
        coturnPort: 3478 });
    }
  }

  remove(one) {
    one.gone = true;
    one.room.delete(one.id);
    one.stream?.pc.close();
    for (const other of one.room.values()) this.endSubscription(other, one);
    for (const subscription of one.subscriptions.values()) subscription.pc.close();
    one.rpc.participant = one;
  }

  // What @one got of @from
  endSubscription(one, from) {
    one.subscriptions.get(from.id)?.pc.close();
    one.subscriptions.delete(from.id);
  }

  // Told to all; who is removed by force hears it, too.
  evict(one, reason, forced) {
    if (one.gone) return;
    this.note('evict', reason);
    this.remove(one);
    this.notifyAll(one.room, 'participantLeft', { connectionId: one.id, reason });
    if (forced) {
      this.notify(one, 'participantEvicted', { connectionId: one.id, reason });
      this.notifyAll(one.room, 'participantEvicted', { connectionId: one.id, reason });
    }
  }

  unpublish(one, reason, own) {
    if (!one.stream) return;
    one.stream.pc.close();
    one.stream = null;
    for (const other of one.room.values()) {
      this.endSubscription(other, one);
      if (other !== one || !own) {
        this.notify(other, 'participantUnpublished', { connectionId: one.id, reason });
      }
    }
  }

  // --- media ---

  peer(one, owner, endpointName) {
    const pc = new RTCPeerConnection({ codecs: this.codecs, iceServers: this.iceServers,
      iceInterfaceAddresses: this.addresses, iceUseIpv6: false });
    pc.onIceCandidate.subscribe((candidate) => {
      if (!candidate?.candidate) return;
      this.notify(one, 'iceCandidate', { senderConnectionId: owner.id, endpointName,
        sdpMLineIndex: candidate.sdpMLineIndex || 0, sdpMid: candidate.sdpMid || '0',
        candidate: candidate.candidate });
    });
    return pc;
  }

  forward(one, kind, packet) {
    const now = Date.now();
    this.gap = Math.max(this.gap, now - (this.lastAt || now));
    this.lastAt = now;
    this.packets += 1;
    for (const other of one.room.values()) {
      const subscription = other.subscriptions.get(one.id);
      if (subscription?.[kind] && subscription.pc.connectionState === 'connected') {
        try { subscription[kind].writeRtp(packet.clone()); } catch { /* it was closed */ }
      }
    }
  }

  async receive(one, sdp) {
    const pc = this.peer(one, one, one.id);
    pc.onTrack.subscribe((track) => {
      // Those who watch see one run of numbers, also over a fresh connection: a jump would
      // look to SRTP like packets of long ago.
      let ahead;
      track.onReceiveRtp.subscribe((packet) => {
        const { header } = packet;
        ahead ??= (one.next[track.kind] ?? header.sequenceNumber) - header.sequenceNumber;
        header.sequenceNumber = (header.sequenceNumber + ahead) & 0xffff;
        one.next[track.kind] = (header.sequenceNumber + 1) & 0xffff;
        this.forward(one, track.kind, packet);
      });
      if (track.kind !== 'video') return;
      one.pli = () => {
        const { receiver } = pc.getTransceivers().find((item) => item.kind === 'video');
        receiver.sendRtcpPLI(track.ssrc).catch(() => {});
      };
    });
    await pc.setRemoteDescription({ type: 'offer', sdp });
    await pc.setLocalDescription(await pc.createAnswer());
    return pc;
  }

  async on_publishVideo(one, link, request) {
    const wanted = request.params;
    for (const name of ['sdpOffer', 'hasAudio', 'hasVideo', 'doLoopback']) {
      if (wanted[name] === undefined) throw new Error(`Request element '${name}' is missing`);
    }
    if (wanted.hasVideo && !wanted.typeOfVideo) throw new Error('null');
    if (one.stream) { this.refuse(link, request, 106, 'already publishing'); return; }
    const pc = await this.receive(one, wanted.sdpOffer);
    const id = `str_${wanted.hasVideo ? wanted.typeOfVideo.slice(0, 3) : 'MIC'}_${word(4)}_${one.id}`;
    one.stream = { id, createdAt: Date.now(), wanted, pc, pli: () => one.pli?.() };
    this.answer(link, request,
      { sdpAnswer: pc.localDescription.sdp, id, createdAt: one.stream.createdAt });
    this.notifyAll(one.room, 'participantPublished',
      { id: one.id, streams: [one.describeStream()] }, one);
  }

  async on_reconnectStream(one, link, request) {
    const { stream, sdpString, sdpOffer } = request.params;
    if (!stream || !(sdpString || sdpOffer)) throw new Error('null');
    if (one.stream?.id === stream) {
      one.stream.pc.close();
      one.stream.pc = await this.receive(one, sdpOffer || sdpString);
      this.answer(link, request, { sdpAnswer: one.stream.pc.localDescription.sdp, id: stream,
        createdAt: one.stream.createdAt });
      return;
    }
    const from = one.room.get(/con_\w+$/.exec(stream)?.[0]);
    if (!from?.stream) { this.refuse(link, request, 105, 'not streaming'); return; }
    if (sdpString) { await this.takeAnswer(one, from, sdpString); this.answer(link, request, {}); return; }
    this.answer(link, request, { sdpAnswer: await this.subscribe(one, from, sdpOffer) });
  }

  // Whoever watches and has lost a picture asks for a whole one.
  passRequests({ sender }, from) {
    sender.onPictureLossIndication.subscribe(() => from.pli?.());
  }

  async subscribe(one, from, sdp) {
    const pc = this.peer(one, from, `${one.id}_${from.stream.id}`);
    const subscription = { pc };
    await pc.setRemoteDescription({ type: 'offer', sdp });
    for (const transceiver of pc.getTransceivers()) {
      const track = new MediaStreamTrack({ kind: transceiver.kind });
      subscription[transceiver.kind] = track;
      transceiver.sender.replaceTrack(track);
      this.passRequests(transceiver, from);
      transceiver.setDirection('sendonly');
    }
    await pc.setLocalDescription(await pc.createAnswer());
    one.subscriptions.get(from.id)?.pc.close();
    one.subscriptions.set(from.id, subscription);
    setTimeout(() => from.pli?.(), 200);
    return pc.localDescription.sdp;
  }

  // Offers @one what @from publishes.
  async offer(one, from) {
    const pc = this.peer(one, from, `${one.id}_${from.stream.id}`);
    const subscription = { pc };
    const { hasAudio, hasVideo } = from.stream.wanted;
    for (const [kind, there] of Object.entries({ audio: hasAudio, video: hasVideo })) {
      if (!there) continue;
      subscription[kind] = new MediaStreamTrack({ kind });
      this.passRequests(pc.addTransceiver(subscription[kind], { direction: 'sendonly' }), from);
    }
    await pc.setLocalDescription(await pc.createOffer());
    one.subscriptions.get(from.id)?.pc.close();
    one.subscriptions.set(from.id, subscription);
    return pc.localDescription.sdp;
  }

  async takeAnswer(one, from, sdp) {
    await one.subscriptions.get(from.id).pc.setRemoteDescription({ type: 'answer', sdp });
    setTimeout(() => from.pli?.(), 200);
  }

  // The server wants a connection of @one to be made anew.
  async force(one, from) {
    this.notify(one, 'forciblyReconnectSubscriber', { connectionId: from.id,
      streamId: from.stream.id, sdpOffer: await this.offer(one, from) });
  }

  async on_prepareReceiveVideoFrom(one, link, request) {
    const { sender, reconnect } = request.params;
    const from = one.room.get(/con_\w+$/.exec(sender)?.[0]);
    if (typeof reconnect !== 'boolean') throw new Error("Request element 'reconnect' is missing");
    if (!from?.stream) this.refuse(link, request, from ? 105 : 102, 'no such stream');
    else this.answer(link, request, { sdpOffer: await this.offer(one, from) });
  }

  async on_receiveVideoFrom(one, link, request) {
    const { sender, sdpOffer, sdpAnswer } = request.params;
    const from = one.room.get(/con_\w+$/.exec(sender)?.[0]);
    if (!from?.stream) {
      this.refuse(link, request, from ? 105 : 102, 'no such stream');
    } else if (sdpAnswer) {
      await this.takeAnswer(one, from, sdpAnswer);
      this.answer(link, request, {});
    } else {
      this.answer(link, request, { sdpAnswer: await this.subscribe(one, from, sdpOffer) });
    }
  }

  async on_onIceCandidate(one, link, request) {
    const { endpointName, candidate, sdpMid, sdpMLineIndex } = request.params;
    if (typeof sdpMid !== 'string' || !Number.isInteger(sdpMLineIndex)) throw new Error('null');
    const target = endpointName === one.id ? one.stream : one.subscriptions.get(endpointName);
    if (target && candidate) {
      await target.pc.addIceCandidate({ candidate, sdpMid, sdpMLineIndex }).catch(() => {});
    }
    this.answer(link, request, {});
  }

  on_sendMessage(one, link, request) {
    const { to, data, type } = JSON.parse(request.params.message);
    const names = to?.length ? to : [...one.room.keys()];
    if (!names.every((name) => one.room.has(name))) {
      this.refuse(link, request, 601, 'Signal "to" field has invalid format');
      return;
    }
    for (const name of names) {
      this.notify(one.room.get(name), 'sendMessage', { data, type, from: one.id });
    }
    this.answer(link, request, {});
  }

  on_unpublishVideo(one, link, request) {
    this.unpublish(one, 'unpublish', true);
    this.answer(link, request, {});
  }

  on_leaveRoom(one, link, request) {
    this.answer(link, request, {});
    this.evict(one, 'disconnect', false);
  }

  on_unsubscribeFromVideo(one, link, request) {
    const from = one.room.get(/con_\w+$/.exec(request.params.sender)?.[0]);
    if (from) this.endSubscription(one, from);
    this.answer(link, request, {});
  }

  on_videoData(one, link, request) {
    this.answer(link, request, {});
  }

  on_streamPropertyChanged(one, link, request) {
    this.answer(link, request, {});
  }
}

module.exports = { Server };
