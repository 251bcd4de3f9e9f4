#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// rcastsrc watches the genuine gstwebrtc-api in Chromium, while connections, sessions and the server fail.
//
// One rcastsrc through most cases, on the same pads. The server is a stand-in. Exits with 77
// if there is no Chromium.
//
// gstsig-watch.cjs [CASE]: all cases, or one of them. gstsig-watch.cjs random N SEED [FILE]: N
// faults by chance; with FILE it goes on where it was.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const browser = require('./lib/browser.cjs');
const byChance = require('./lib/by-chance.cjs');
const { Program, judge } = require('./lib/program.cjs');

const HOST = '127.0.0.1';
const NAME = 'studio';
const PATIENCE_S = 20;
// What is wanted of a new session, in ms
const BACK_MS = 800;
// A picture each 40 ms: what an ICE restart may do to them. They pass several programs, each of
// which may be as late as the page.
const FLOWING_MS = 500;
const LATE_TIMES = 5;
// After which a page whose own connection broke connects again.
const PAGE_RETRY_MS = 500;
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

const PAGE = '<!doctype html><meta charset=utf-8><script src=/client.js></script><body>';

// In the browser: a moving picture and a tone.
function prepare() {
  const canvas = Object.assign(document.createElement('canvas'), { width: 160, height: 120 });
  const brush = canvas.getContext('2d');
  let at = 0;
  let ticked = performance.now();
  window.late = 0;
  setInterval(() => {
    const now = performance.now();
    window.late = Math.max(window.late, now - ticked - 40);
    ticked = now;
    at = (at + 5) % 160;
    brush.fillStyle = '#222';
    brush.fillRect(0, 0, 160, 120);
    brush.fillStyle = '#eee';
    brush.fillRect(at, 40, 30, 30);
  }, 40);
  const sound = new AudioContext();
  const tone = sound.createOscillator();
  const out = sound.createMediaStreamDestination();
  tone.connect(out);
  tone.start();
  // Its tracks are stopped with a session.
  window.media = () => new MediaStream([canvas.captureStream(25).getVideoTracks()[0],
    out.stream.getAudioTracks()[0].clone()]);
}

// The genuine client: a producer whenever it is connected, or one that calls @consumer.
function publish({ url, name, retry, consumer }) {
  window.api = new window.GstWebRTCAPI({ signalingServerUrl: url, reconnectionTimeout: retry,
    meta: { name }, webrtcConfig: { iceServers: [], bundlePolicy: 'max-bundle' } });
  window.start = () => {
    window.producer = consumer
      ? window.api.createProducerSessionForConsumer(window.media(), consumer)
      : window.api.createProducerSession(window.media());
    window.producer.addEventListener('clientConsumerAdded', ({ detail }) => {
      window.client = detail;
    });
    window.producer.start();
  };
  window.restart = async () => {
    const { sessionId, rtcPeerConnection: pc } = window.client;
    await pc.setLocalDescription(await pc.createOffer({ iceRestart: true }));
    window.client._comChannel.send({ type: 'peer', sessionId,
      sdp: pc.localDescription.toJSON() });
  };
  window.api.registerConnectionListener({ connected: () => window.start(), disconnected() {} });
}

// A consumer that waits to be called, which the genuine client cannot be.
function consume({ url, name }) {
  const ws = new WebSocket(url);
  const send = (message) => ws.send(JSON.stringify(message));
  const seen = { frames: 0, sessions: 0, first: 0 };
  let pc;
  let sessionId;
  Object.assign(window, { seen, hangUp: () => {
    pc.close();
    send({ type: 'endSession', sessionId });
  } });
  const show = ({ streams: [stream] }) => {
    const video = document.body.appendChild(document.createElement('video'));
    Object.assign(video, { muted: true, autoplay: true, srcObject: stream });
    const count = () => {
      seen.first ||= Date.now();
      seen.frames += 1;
      video.requestVideoFrameCallback(count);
    };
    video.requestVideoFrameCallback(count);
  };
  const answer = async (sdp) => {
    await pc.setRemoteDescription(sdp);
    await pc.setLocalDescription();
    send({ type: 'peer', sessionId, sdp: pc.localDescription.toJSON() });
  };
  ws.onmessage = async ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === 'welcome') {
      send({ type: 'setPeerStatus', roles: ['consumer'], meta: { name } });
    } else if (message.type === 'sessionStarted') {
      ({ sessionId } = message);
      seen.sessions += 1;
      Object.assign(seen, { frames: 0, first: 0 });
      pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
      pc.ontrack = (event) => { if (event.track.kind === 'video') show(event); };
      pc.onicecandidate = ({ candidate }) => {
        if (candidate) send({ type: 'peer', sessionId, ice: candidate.toJSON() });
      };
    } else if (message.type === 'peer' && message.sdp) {
      await answer(message.sdp);
    } else if (message.type === 'peer') {
      await pc.addIceCandidate(message.ice);
    }
  };
}

class Stage {
  async open() {
    this.judges = true;
    const { Server } = require('./lib/gst-signalling-server.cjs');
    const client = path.join(path.dirname(require.resolve('gstwebrtc-api')),
      'gstwebrtc-api-3.0.0.min.js');
    this.server = new Server({ page: (request, response) => {
      if (request.url === '/client.js') fs.createReadStream(client).pipe(response);
      else response.setHeader('content-type', 'text/html').end(PAGE);
    } });
    await this.server.listen(HOST);
    this.chromium = await browser.open({ width: 640, height: 480 });
    this.view = this.watch(`name=${NAME}`);
  }

  location(query) {
    return `gst+ws://${this.server.origin}/?${query}`;
  }

  watch(query) {
    return new Program('/usr/bin/python3', [path.join(__dirname, 'stream-view.py'),
      this.location(query)], { stdio: ['pipe', 'pipe', 'pipe'] });
  }

  cast(query) {
    return new Program('/usr/bin/python3', [path.join(__dirname, 'gstsig-cast.py'),
      this.location(query)], { stdio: ['pipe', 'pipe', 'pipe'] });
  }

  async play(action, values) {
    const page = await this.chromium.context.newPage();
    await page.goto(`http://${this.server.origin}/`);
    await page.evaluate(prepare);
    await page.evaluate(action, { url: `ws://${this.server.origin}/`, name: NAME,
      retry: PAGE_RETRY_MS, ...values });
    return page;
  }

  async until(what, look, seconds = PATIENCE_S) {
    const end = Date.now() + seconds * 1000;
    while (!await look()) {
      assert(Date.now() < end, `no ${what} within ${seconds} s`);
      await sleep(20);
    }
  }

  // When somebody of that name last told the server what it is
  registered(name) {
    return this.server.log.findLast(({ what, detail }) => what === 'setPeerStatus'
      && detail.meta?.name === name && !detail.roles.every((role) => role === 'listener')).at;
  }

  judge(took, late, slowness) {
    if (this.judges)
      judge(took, BACK_MS, late, slowness);
    return took;
  }

  // What the page has taken since @began to make its last offer, in ms: none of ours. Its first one
  // takes seconds on a machine that is busy.
  offering(began) {
    const last = (what) => this.server.log.findLast((entry) => entry.what === what)?.at;
    return Math.max(last('offer') - Math.max(last('startSession'), began), 0);
  }

  said(name, from = 0) {
    return this.view.events.slice(from).filter(({ event }) => event === name);
  }

  frames() {
    return this.view.events.findLast(({ event }) => event === 'frames') ?? { video: 0, audio: 0 };
  }

  async seeFrames(count = 10) {
    const { video, audio } = this.frames();
    await this.until(`${count} frames`, () => {
      assert(!this.view.status, 'rcastsrc has ended');
      const now = this.frames();
      return now.video >= video + count && now.audio >= audio + count;
    });
  }

  // Does something that costs the session. Whether the end of the stream is told, for
  // @cause, and its return, is looked at; so is the time, not counting @delay, which is none of ours.
  // An attempt that finds nobody says that the publisher has left, too, as well as the server does.
  // Media that ends before the word of it looks as if the server had ended it; and once the publisher
  // is back, it is told that nothing comes from it yet. That may be all of a page that is closed,
  // @unheard.
  // Returns: ms until the first picture
  async lose(act, { cause, unheard = false, delay = 0 } = {}) {
    const from = this.view.events.length;
    const threads = this.view.threads();
    await this.page?.evaluate(() => { window.late = 0; });
    const began = await act() ?? Date.now();
    await this.until('picture', () => this.said('picture', from).length);
    const slowness = this.view.slowness(threads);
    await this.seeFrames();
    if (cause) {
      const ends = this.said('stream_disconnected', from);
      const causes = [cause, 'network', 'server'];
      assert(ends.length && ends.every((one) => one.stream === NAME
        && causes.includes(one.cause)), JSON.stringify(ends));
      await this.until('return', () => this.said('stream_connected', from).length);
      const told = [...ends, ...this.said('stream_connected', from)];
      assert(unheard || told.some((one) => one.cause === cause), JSON.stringify(told));
    }
    const late = await this.page.evaluate(() => window.late);
    const took = Math.round(this.said('picture', from)[0].at - began - delay);
    this.judge(took - this.offering(began), late, slowness);
    return took;
  }

  async leave() {
    await this.page.close();
    this.page = null;
  }

  async close() {
    await this.view?.stop();
    await this.chromium?.close();
    this.server?.kill();
  }
}

const RANDOM_FAULTS = 8;
const STABLE_FRAMES = 130;
// What costs the session, and leaves rcastsrc with another one
const FAULTS = ['ended', 'unpublished', 'cut', 'viewer-cut', 'closed', 'killed'];

const CASES = {
  // Nobody is there: no error, and one connection that hears when somebody comes.
  async late(stage) {
    await stage.until('wait', () => stage.said('reconnecting_broadcast')
      .some(({ reason }) => reason === 'no-stream'));
    const took = await stage.lose(async () => {
      stage.page = await stage.play(publish);
      await stage.until('producer', () => stage.server.producer());
      return stage.registered(NAME);
    });
    assert.strictEqual(stage.server.count('list'), 1 + 1);
    return took;
  },

  // One of another name is nothing to whoever watches this one.
  async other(stage) {
    const page = await stage.play(publish, { name: 'other' });
    await stage.until('other', () => stage.server.named('other')?.roles.includes('producer'));
    await stage.seeFrames();
    await page.close();
    await stage.seeFrames();
    assert.strictEqual(stage.server.count('startSession'), 1);
  },

  // An offer with new credentials in the same session: no picture is missed.
  async restart(stage) {
    const from = stage.view.events.length;
    await stage.page.evaluate(() => { window.late = 0; });
    const answers = stage.server.count('answer');
    await stage.page.evaluate(() => window.restart());
    await stage.until('second answer', () => stage.server.count('answer') > answers);
    await stage.seeFrames(25);
    const late = await stage.page.evaluate(() => window.late);
    for (const { ms } of stage.said('gap', from)) {
      assert(ms < FLOWING_MS + LATE_TIMES * late, `a gap of ${ms} ms, the page ${late} ms late`);
    }
    assert.strictEqual(stage.server.count('startSession'), 1);
  },

  // The producer ends the session, and is there.
  async ended(stage) {
    return stage.lose(() => stage.page.evaluate(() => window.client.close()));
  },

  // It ends, and is back in the same connection.
  async unpublished(stage) {
    return stage.lose(async () => {
      const from = stage.view.events.length;
      await stage.page.evaluate(() => window.producer.close());
      await stage.until('end', () => stage.said('stream_disconnected', from).length);
      await stage.page.evaluate(() => window.start());
    }, { cause: 'unpublished' });
  },

  // Its connection breaks: it is back with another identifier.
  async cut(stage) {
    const { id } = stage.server.producer();
    const took = await stage.lose(() => stage.server.cut(stage.server.producer()),
      { cause: 'unpublished', delay: PAGE_RETRY_MS });
    assert.notStrictEqual(stage.server.producer().id, id);
    return took;
  },

  // Our connection breaks: the producer is told, and its session ends.
  async 'viewer-cut'(stage) {
    const viewer = [...stage.server.peers.values()]
      .find(({ roles }) => !roles.includes('producer'));
    return stage.lose(() => stage.server.cut(viewer));
  },

  // The page is closed while it is watched, and another one comes.
  async closed(stage) {
    return stage.lose(async () => {
      const from = stage.view.events.length;
      await stage.leave();
      await stage.until('end', () => stage.said('stream_disconnected', from).length);
      stage.page = await stage.play(publish);
      await stage.until('producer', () => stage.server.producer());
      return stage.registered(NAME);
    }, { cause: 'unpublished', unheard: true });
  },

  // From when it is back; the page tries every 500 ms.
  async killed(stage) {
    const attempts = stage.said('reconnecting_broadcast').length;
    return stage.lose(async () => {
      stage.server.kill();
      await stage.until('second attempt',
        () => stage.said('reconnecting_broadcast').length >= attempts + 2);
      await stage.server.listen(HOST);
      await stage.until('producer', () => stage.server.producer());
      return stage.registered(NAME);
    });
  },

  // One after the other, and always back. Attempts that follow one another wait longer each
  // time: many have 5 s of media between them.
  async random(stage, n = RANDOM_FAULTS, seed = 1, file = undefined) {
    const calm = Number(n) > RANDOM_FAULTS ? STABLE_FRAMES : 0;
    const cases = Object.fromEntries(FAULTS.map((name) => [name, async () => {
      if (calm) await stage.seeFrames(calm);
      return CASES[name](stage);
    }]));
    stage.judges = calm > 0;
    await byChance.run({ cases, stage, program: () => stage.view, n: Number(n),
      seed: Number(seed), file });
    stage.judges = true;
  },

  async goodbye(stage) {
    stage.view.child.stdin.end();
    await stage.view.succeeds(PATIENCE_S);
    await stage.leave();
  },

  // The genuine client calls an rcastsrc that waits for it.
  async called(stage) {
    if (stage.page) await CASES.goodbye(stage);
    stage.view = stage.watch('consumer=rec');
    await stage.until('consumer', () => stage.server.named('rec'));
    const took = await stage.lose(async () => {
      stage.page = await stage.play(publish, { consumer: stage.server.named('rec').id });
      await stage.until('producer', () => stage.server.producer());
      return stage.registered(NAME);
    });
    stage.view.child.stdin.end();
    await stage.view.succeeds(PATIENCE_S);
    await stage.leave();
    return took;
  },

  // An rcastsink calls a consumer in the browser, and again when that hangs up.
  async push(stage) {
    const cast = stage.cast('consumer=screen');
    await cast.until('wait', PATIENCE_S, () => cast.events.find(({ name }) => name === 'waiting'));
    const page = await stage.play(consume, { name: 'screen' });
    const look = () => page.evaluate(() => ({ ...window.seen, late: window.late }));
    const see = async (session) => {
      await stage.until(`frames of session ${session}`, async () => {
        const { sessions, frames } = await look();
        return sessions === session && frames > 10;
      });
      return look();
    };
    const { first, late } = await see(1);
    const took = stage.judge(first - stage.registered('screen'), late, cast.slowness());
    const threads = cast.threads();
    const left = Date.now();
    await page.evaluate(() => window.hangUp());
    const again = await see(2);
    stage.judge(again.first - left, again.late, cast.slowness(threads));
    cast.child.stdin.write('stop\n');
    await cast.succeeds(PATIENCE_S);
    await page.close();
    return took;
  },

  // The documented lines: one that sends, and one that receives.
  async lines(stage) {
    const text = fs.readFileSync(path.join(__dirname, '../../docs/quickstart.md'), 'utf8');
    const [sends, receives] = text.match(/^gst-launch-1.0 .*gst\+ws:.*$/gm);
    const launch = (line) => new Program('/bin/sh', ['-c', `exec ${line}`
      .replace('127.0.0.1:8443', stage.server.origin)
      .replace(/auto(video|audio)sink/g, 'fakesink name=shown-$1 num-buffers=20')]);
    const cast = launch(sends);
    const view = launch(receives);
    await view.line(/Got EOS/, PATIENCE_S);
    await view.succeeds(PATIENCE_S);
    await cast.stop();
  },

  // Both ends are ours.
  async pair(stage) {
    stage.view = stage.watch('consumer=rec');
    const cast = stage.cast('consumer=rec');
    await stage.seeFrames();
    const from = stage.view.events.length;
    stage.server.cut(stage.server.named('rec'));
    await stage.until('picture', () => stage.said('picture', from).length);
    await stage.seeFrames();
    cast.child.stdin.write('stop\n');
    await cast.succeeds(PATIENCE_S);
  },
};

async function main() {
  const stage = new Stage();
  const only = process.argv[2];
  try {
    await stage.open();
    for (const [name, action] of Object.entries(CASES)) {
      if (only && only !== name && name !== 'late') continue;
      const took = await action(stage, ...(name === only ? process.argv.slice(3) : []));
      console.log(`ok ${name}${took === undefined ? '' : `: back after ${took} ms`}`);
    }
  } catch (error) {
    console.log(stage.view?.failure(error.message).message);
    throw error;
  } finally {
    await stage.close();
  }
}

if (!browser.isThere()) process.exit(77);
try {
  require.resolve('gstwebrtc-api');
} catch {
  process.exit(77);
}
main().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
