#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// rcastsrc in a session of OpenVidu watches the genuine openvidu-browser in Chromium.
//
// One rcastsrc through all cases, on the same pads, while publishers and the server come and
// go. The server is a stand-in. Exits with 77 if there is no Chromium.
//
// openvidu-watch.cjs: all cases. openvidu-watch.cjs random N SEED [FILE]: N faults by chance; with FILE
// it goes on where it was.
'use strict';

const assert = require('node:assert');
const path = require('node:path');
const byChance = require('./lib/by-chance.cjs');
const { Program } = require('./lib/program.cjs');
const { Stage, isThere, sleep, PATIENCE_S } = require('./lib/openvidu-stage.cjs');

// Shorter than OpenVidu's 10 s: what a closed connection has to come back.
const SESSION_MS = 4000;
// 6 s of them: the last recovery is over, and the first step of the next one is the cheapest.
const STABLE_FRAMES = 150;
const FOR_EVER_MS = 600000;
const NAME = 'studio';

// In the browser: the genuine client publishes a moving picture and a tone.
async function publish([url, name]) {
  const { OpenVidu } = window;
  const openvidu = new OpenVidu();
  openvidu.enableProdMode();
  const session = openvidu.initSession();
  const canvas = Object.assign(document.createElement('canvas'), { width: 160, height: 120 });
  const brush = canvas.getContext('2d');
  let at = 0;
  setInterval(() => {
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
  await session.connect(url, { clientData: name });
  window.session = session;
  window.start = async () => {
    window.publisher = openvidu.initPublisher(undefined, {
      videoSource: canvas.captureStream(25).getVideoTracks()[0],
      audioSource: out.stream.getAudioTracks()[0].clone(), mirror: false });
    await session.publish(window.publisher);
  };
  await window.start();
}

class Watch extends Stage {
  async begin() {
    await this.open({ sessionTime: SESSION_MS });
    this.view = new Program('/usr/bin/python3', [path.join(__dirname, 'stream-view.py'),
      `openvidu+${this.server.token('ses_A')}&display=${NAME}`,
      `http://${this.server.origin}/token`], { stdio: ['pipe', 'pipe', 'pipe'] });
  }

  frames() {
    return this.view.events.findLast(({ event }) => event === 'frames') ?? { video: 0, audio: 0 };
  }

  // Of what was said since @from
  said(name, from = 0) {
    return this.view.events.slice(from).filter(({ event }) => event === name);
  }

  mark() {
    return this.view.events.length;
  }

  async seeFrames(count) {
    const { video, audio } = this.frames();
    await this.until(`${count} frames`, () => {
      assert(!this.view.status, 'rcastsrc has ended');
      const now = this.frames();
      return now.video >= video + count && now.audio >= audio + count;
    });
  }

  // Until it has ceased for both pads, for @cause.
  async seeEnd(from, cause) {
    const ends = () => this.said('stream_disconnected', from).filter((one) => one.cause === cause);
    await this.until(`${cause} end`, () => new Set(ends().map(({ pad }) => pad)).size === 2);
    for (const { stream } of ends()) assert.strictEqual(stream, NAME);
  }

  viewer() {
    return this.server.participants().find((one) => !one.metadata.includes('clientData'));
  }

  tokens() {
    return this.said('token-wanted').length;
  }

  async comes() {
    this.page = await this.play(publish, NAME);
  }

  // When the page asked for it last: how long it takes until then is none of ours.
  published() {
    return this.server.log.findLast(({ what }) => what === 'publishVideo').at;
  }

  // Does something that costs the media.
  // Returns: ms until the first picture, from the time that @act returns, or from now
  async lose(act) {
    const from = this.mark();
    const now = Date.now();
    const began = await act(from) ?? now;
    const back = () => this.said('picture', from).find(({ at }) => at >= began);
    await this.until('picture', back);
    await this.seeFrames(10);
    return Math.round(back().at - began);
  }

  async end() {
    this.view.child.stdin.end();
    await this.view.succeeds(PATIENCE_S);
  }

  async isLost(from) {
    await this.until('end', () => this.said('stream_disconnected', from).length);
  }
}

// Longer than a server keeps the session of a closed connection
const EVICTED_MS = SESSION_MS + 1000;
const SHORT_MS = 500;

// By chance, in any order, and in the sessions of both media servers. Times are from when there is
// something to be seen again.
const FAULTS = {
  // Nothing is lost but the signalling: no picture is missed.
  async cut(stage) {
    const from = stage.mark();
    await stage.cut(stage.viewer(), SHORT_MS);
    await stage.seeFrames(10);
    assert(!stage.said('stream_disconnected', from).length, 'media was lost with the signalling');
  },

  // The session goes with it: a fresh token, and another session.
  async evicted(stage) {
    const from = stage.mark();
    const tokens = stage.tokens();
    await stage.cut(stage.viewer(), EVICTED_MS);
    await stage.until('new token', () => stage.tokens() > tokens);
    const back = () => stage.said('picture', from).at(-1);
    await stage.until('picture', back);
    await stage.seeFrames(10);
  },

  async media(stage) {
    return stage.lose(() => {
      for (const { pc } of stage.viewer().subscriptions.values()) pc.close();
    });
  },

  async unpublished(stage) {
    return stage.lose(async (from) => {
      await stage.page.evaluate(() => window.session.unpublish(window.publisher));
      await stage.isLost(from);
      await stage.page.evaluate(() => window.start());
      return stage.published();
    });
  },

  // Without a goodbye
  async killed(stage) {
    return stage.lose(async (from) => {
      await stage.page.close();
      await stage.isLost(from);
      await stage.comes();
      return stage.published();
    });
  },

  // The same, and back with the other kind of media server
  async server(stage) {
    const port = Number(stage.server.origin.split(':')[1]);
    return stage.lose(async (from) => {
      await stage.page.close();
      stage.server.close();
      await stage.isLost(from);
      stage.options.mediaServer = stage.options.mediaServer ? undefined : 'mediasoup';
      await stage.serve(port);
      await stage.comes();
      return stage.published();
    });
  },

  async forced(stage) {
    return stage.lose(async () => {
      const began = Date.now();
      await stage.server.force(stage.viewer(), stage.server.publisher());
      return began;
    });
  },
};
// Between two of many, in ms
const CALM_MS = 2000;

async function random(stage, n, seed = 1, file = undefined) {
  await stage.comes();
  await stage.seeFrames(10);
  const cases = Object.fromEntries(Object.entries(FAULTS).map(([name, action]) => [name, async () => {
    await sleep(CALM_MS);
    return action(stage);
  }]));
  await byChance.run({ cases, stage, program: () => stage.view, n: Number(n), seed: Number(seed), file });
}

const CASES = {
  // Nobody is there: no error, and one session, for which one token is enough.
  async late(stage) {
    await stage.until('waiting', () => stage.said('signalling').length
      && stage.view.events.some(({ reason }) => reason === 'no-stream'));
    await stage.until('second request', () => stage.said('reconnecting_broadcast').length > 1);
    await stage.comes();
    await stage.seeFrames(10);
    // One more for each connection that a busy machine has lost again.
    const lost = stage.said('reconnecting_broadcast').filter(({ reason }) => reason !== 'no-stream');
    assert(stage.tokens() <= lost.length);
    assert(stage.count('receiveVideoFrom') <= 1 + lost.length);
  },

  // Its publisher stops, and goes on as another stream: the same session.
  async unpublished(stage) {
    const from = stage.mark();
    await stage.page.evaluate(() => window.session.unpublish(window.publisher));
    await stage.seeEnd(from, 'unpublished');
    await stage.page.evaluate(() => window.start());
    await stage.seeFrames(10);
    assert.strictEqual(stage.tokens(), 0);
    assert.strictEqual(stage.count('receiveVideoFrom'), 2);
  },

  // Another one is nothing to whoever watches this one.
  async other(stage) {
    const page = await stage.play(publish, 'other');
    await stage.seeFrames(10);
    assert.strictEqual(stage.count('receiveVideoFrom'), 2);
    await page.close();
    await stage.seeFrames(5);
  },

  // The signalling is cut, the media is not.
  async cut(stage) {
    const resumed = stage.count('connect');
    const before = stage.count('reconnectStream');
    await stage.cut(stage.viewer(), 500);
    await stage.until('resumption', () => stage.count('connect') > resumed);
    await stage.seeFrames(10);
    assert.strictEqual(stage.count('reconnectStream'), before);
  },

  // The media is gone, and the signalling is not: a fresh connection to the same stream.
  async media(stage) {
    const before = stage.count('reconnectStream');
    await stage.seeFrames(STABLE_FRAMES);
    const [subscription] = stage.viewer().subscriptions.values();
    subscription.pc.close();
    await stage.until('reconnectStream', () => stage.count('reconnectStream') > before);
    await stage.seeFrames(10);
    assert.strictEqual(stage.count('receiveVideoFrom'), 2);
    assert.strictEqual(stage.tokens(), 0);
  },

  // The connection was away: who came meanwhile is not known, and one more token is taken.
  async missed(stage) {
    const from = stage.mark();
    await stage.page.evaluate(() => window.session.unpublish(window.publisher));
    await stage.seeEnd(from, 'unpublished');
    await stage.until('new session', () => stage.tokens() === 1);
    await stage.page.evaluate(() => window.start());
    await stage.seeFrames(10);
  },

  // Killed without a goodbye, and back while its ghost is in the session.
  async ghost(stage) {
    const from = stage.mark();
    const { rpc } = stage.server.publisher();
    stage.server.sessionTime = FOR_EVER_MS;
    await stage.page.close();
    await stage.comes();
    await stage.seeFrames(10);
    stage.server.drop(rpc);
    stage.server.expire(rpc);
    stage.server.sessionTime = SESSION_MS;
    await stage.seeFrames(10);
    assert(!stage.said('stream_disconnected', from).some(({ cause }) => cause === 'unpublished'));
  },

  // Killed, and back when the server has noticed.
  async killed(stage) {
    const from = stage.mark();
    await stage.page.close();
    await stage.seeEnd(from, 'unpublished');
    await stage.comes();
    await stage.seeFrames(10);
  },

  // The server is killed, and knows nobody when it is back, with another media server: that
  // one makes the offers.
  async server(stage) {
    const port = Number(stage.server.origin.split(':')[1]);
    const from = stage.mark();
    await stage.page.close();
    stage.server.close();
    await stage.until('end', () => stage.said('stream_disconnected', from).length);
    stage.options.mediaServer = 'mediasoup';
    await stage.serve(port);
    await stage.comes();
    await stage.seeFrames(10);
    assert.strictEqual(stage.count('joinRoom'), 2);
    assert(stage.count('prepareReceiveVideoFrom') > 0);
  },

  // Media servers change places: the server makes an offer that nobody asked for.
  async forced(stage) {
    const asked = stage.count('prepareReceiveVideoFrom');
    await stage.seeFrames(STABLE_FRAMES);
    await stage.server.force(stage.viewer(), stage.server.publisher());
    await stage.until('reconnectStream', () => stage.count('reconnectStream') > 0);
    await stage.seeFrames(10);
    assert.strictEqual(stage.count('prepareReceiveVideoFrom'), asked);
    assert.strictEqual(stage.count('joinRoom'), 2);
  },

  async goodbye(stage) {
    await stage.end();
    assert.strictEqual(stage.count('leaveRoom'), 1);
  },
};

async function main() {
  const stage = new Watch();
  const began = Date.now();
  try {
    await stage.begin();
    if (process.argv[2] === 'random') {
      await random(stage, ...process.argv.slice(3));
      await stage.end();
      return;
    }
    for (const [name, action] of Object.entries(CASES)) {
      await action(stage);
      console.log(`ok ${name} at ${((Date.now() - began) / 1000).toFixed(1)} s`);
    }
  } catch (error) {
    if (stage.view) console.log(stage.view.failure(error.message).message);
    throw error;
  } finally {
    await stage.view?.stop();
    await stage.close();
  }
}

if (!isThere()) process.exit(77);
main().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
