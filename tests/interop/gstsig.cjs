#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// rcastgst, watched by the genuine gstwebrtc-api in Chromium, while connections, sessions and the server fail.
//
// The server is a stand-in; the genuine client at its other side shows that it speaks the
// protocol. Exits with 77 if there is no Chromium.
//
// gstsig.cjs [CASE]: all cases, or one of them. gstsig.cjs random N SEED [FILE]: N faults by
// chance; with FILE it goes on where it was.
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
// A frame each 40 ms: what an ICE restart may do to them.
const FLOWING_MS = 500;
// Pictures pass several programs, each of which may be as late as the page.
const LATE_TIMES = 5;
// What is wanted of a new session, in ms
const BACK_MS = 500;
// After which a page whose own connection broke connects again.
const PAGE_RETRY_MS = 500;
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

const PAGE = '<!doctype html><meta charset=utf-8><script src=/client.js></script><body>';

// In the browser: the genuine client, which watches whoever has the name, as soon as it is told.
function watch({ url, name, retry }) {
  const view = { sessions: [], gap: 0, late: 0, last: 0 };
  let ticked = performance.now();
  setInterval(() => {
    const now = performance.now();
    view.late = Math.max(view.late, now - ticked - 20);
    ticked = now;
  }, 20);
  const api = new window.GstWebRTCAPI({ signalingServerUrl: url, reconnectionTimeout: retry,
    meta: { name: 'viewer' }, webrtcConfig: { iceServers: [], bundlePolicy: 'max-bundle' } });
  const join = (id) => {
    const session = api.createConsumerSession(id);
    const seen = { producer: id, frames: 0, first: 0, closed: false };
    view.sessions.push(seen);
    Object.assign(window, { session });
    session.addEventListener('closed', () => { seen.closed = true; });
    session.addEventListener('streamsChanged', () => {
      const video = document.body.appendChild(document.createElement('video'));
      video.muted = true;
      video.autoplay = true;
      [video.srcObject] = session.streams;
      const count = () => {
        const now = performance.now();
        if (seen.frames) view.gap = Math.max(view.gap, now - view.last);
        view.last = now;
        seen.first ||= Date.now();
        seen.frames += 1;
        video.requestVideoFrameCallback(count);
      };
      video.requestVideoFrameCallback(count);
    });
    session.connect();
  };
  Object.assign(window, { view, api, join });
  api.registerPeerListener({
    producerAdded: ({ id, meta }) => { if (meta.name === name) join(id); },
    producerRemoved() {}, consumerAdded() {}, consumerRemoved() {},
  });
}

class Viewer {
  static async open(stage) {
    const viewer = new Viewer();
    viewer.page = await stage.chromium.context.newPage();
    await viewer.page.goto(`http://${stage.server.origin}/`);
    await viewer.page.evaluate(watch,
      { url: `ws://${stage.server.origin}/`, name: NAME, retry: PAGE_RETRY_MS });
    return viewer;
  }

  async view() {
    return this.page.evaluate(() => ({ ...window.view }));
  }

  async session() {
    return (await this.view()).sessions.at(-1);
  }

  // Of session number @n, from here on the longest gap is counted anew.
  // Returns: what was seen up to then
  async seeFrames(stage, n, frames = 10) {
    const from = (await this.view()).sessions[n]?.frames ?? 0;
    await stage.until(`${frames} frames of session ${n}`,
      async () => (await this.view()).sessions[n]?.frames >= from + frames);
    return this.page.evaluate(() => {
      const seen = { ...window.view };
      Object.assign(window.view, { gap: 0, late: 0 });
      return seen;
    });
  }
}

class Stage {
  async open() {
    const { Server } = require('./lib/gst-signalling-server.cjs');
    const client = path.join(path.dirname(require.resolve('gstwebrtc-api')),
      'gstwebrtc-api-3.0.0.min.js');
    this.server = new Server({ page: (request, response) => {
      if (request.url === '/client.js') fs.createReadStream(client).pipe(response);
      else response.setHeader('content-type', 'text/html').end(PAGE);
    } });
    await this.server.listen(HOST);
    this.chromium = await browser.open({ width: 640, height: 480 });
    this.cast = new Program('/usr/bin/python3', [path.join(__dirname, 'gstsig-cast.py'),
      `gst+ws://${this.server.origin}/?name=${NAME}`], { stdio: ['pipe', 'pipe', 'pipe'] });
  }

  async until(what, look, seconds = PATIENCE_S) {
    const end = Date.now() + seconds * 1000;
    while (!await look()) {
      assert(Date.now() < end, `no ${what} within ${seconds} s`);
      await sleep(20);
    }
  }

  told(name) {
    return this.cast.events.filter((entry) => entry.name === name).length;
  }

  statuses(status) {
    return this.cast.events.filter(({ event }) => event === status).length;
  }

  // Does something that costs the session; the next one is watched, and must be there in time,
  // not counting @delay, which is none of ours.
  // Returns: ms until its first frame
  async lose(viewer, act, delay = 0) {
    const before = (await viewer.view()).sessions.length;
    const threads = this.cast.threads();
    const began = await act() ?? Date.now();
    const { sessions, late } = await viewer.seeFrames(this, before);
    const slowness = this.cast.slowness(threads);
    const took = sessions[before].first - began - delay;
    judge(took, BACK_MS, late, slowness);
    return took;
  }

  async close() {
    await this.cast?.stop();
    await this.chromium?.close();
    this.server?.kill();
  }
}

const RANDOM_FAULTS = 10;

const CASES = {
  // An offer with new credentials in the same session: no frame is missed.
  async restart(stage, viewer) {
    const offers = stage.server.count('offer');
    await viewer.seeFrames(stage, 0);
    stage.cast.child.stdin.write('restart\n');
    await stage.until('second offer', () => stage.server.count('offer') > offers);
    await stage.until('second answer', () => stage.server.count('answer') > offers);
    await viewer.seeFrames(stage, 0, 15);
    const { gap, late, sessions } = await viewer.view();
    assert(gap < FLOWING_MS + LATE_TIMES * late, `a gap of ${gap} ms, the page ${late} ms late`);
    assert.strictEqual(sessions.length, 1);
  },

  // A second one is refused, and the first one does not notice.
  async busy(stage, viewer) {
    const other = await Viewer.open(stage);
    await stage.until('end of the second session', async () => (await other.session())?.closed);
    await stage.until('refusal', () => stage.told('consumer-refused') === 1);
    assert.match(stage.server.log.find(({ what }) => what === 'endSessionV1_1').detail.error,
      /^busy: /);
    await viewer.seeFrames(stage, 0);
    assert.strictEqual((await other.session()).frames, 0);
    await other.page.close();
  },

  // The consumer leaves and comes: the producer is the same, and had no outage.
  async leaves(stage, viewer) {
    const { producer } = await viewer.session();
    const waits = stage.statuses('signalling');
    const outages = stage.statuses('reconnecting_broadcast');
    await viewer.page.evaluate(() => window.session.close());
    await stage.until('status', () => stage.statuses('signalling') === waits + 1);
    const took = await stage.lose(viewer,
      () => viewer.page.evaluate((id) => window.join(id), producer));
    assert.strictEqual(stage.statuses('reconnecting_broadcast'), outages);
    return took;
  },

  // Its page is closed while it watches: the next one is served.
  async closed(stage, viewer) {
    const left = stage.told('consumer-left');
    await viewer.page.close();
    await stage.until('end', () => stage.told('consumer-left') > left);
    Object.assign(viewer, await Viewer.open(stage));
    await viewer.seeFrames(stage, 0);
  },

  async cut(stage, viewer) {
    return stage.lose(viewer, () => stage.server.cut(stage.server.producer()));
  },

  // The viewer's connection: it comes back by itself after a while, and is served again.
  async 'viewer-cut'(stage, viewer) {
    return stage.lose(viewer, () => stage.server.cut([...stage.server.peers.values()]
      .find(({ roles }) => roles.includes('listener'))), PAGE_RETRY_MS);
  },

  // From when it is back; before, an attempt at it has failed. The viewer tries every 500 ms.
  async killed(stage, viewer) {
    const attempts = stage.statuses('reconnecting_broadcast');
    return stage.lose(viewer, async () => {
      stage.server.kill();
      await stage.until('second attempt',
        () => stage.statuses('reconnecting_broadcast') >= attempts + 2);
      await stage.server.listen(HOST);
      return Date.now();
    });
  },

  async slow(stage, viewer) {
    stage.server.slow = 1500;
    const took = await stage.lose(viewer, () => stage.server.cut(stage.server.producer()),
      stage.server.slow);
    stage.server.slow = 0;
    return took;
  },

  // What goes to the other end is lost on the way: its answer is waited for until another one
  // calls, who is served in its place. The producer is the same for whoever comes then.
  async forgets(stage, viewer) {
    const offers = stage.server.count('offer');
    const [late, refusals] = [stage.told('consumer-late'), stage.told('consumer-refused')];
    stage.server.forgets = true;
    stage.server.cut(stage.server.producer());
    await stage.until('lost offer', () => stage.server.count('offer') > offers);
    stage.server.forgets = false;
    await stage.until('late consumer', () => stage.told('consumer-late') > late);
    const other = await Viewer.open(stage);
    await other.seeFrames(stage, 0);
    await stage.until('end of the session', async () => (await viewer.session()).closed);
    assert.strictEqual(stage.told('consumer-refused'), refusals + 1);
    const left = stage.told('consumer-left');
    await other.page.close();
    await stage.until('end of the other one', () => stage.told('consumer-left') > left);
    await stage.lose(viewer, () => viewer.page.evaluate(
      (id) => window.join(id), stage.server.producer().id));
  },

  // Another producer has the name, and is there first; the viewer starts sessions with both.
  async taken(stage, viewer) {
    const { WebSocket } = require('ws');
    const rival = new WebSocket(`ws://${stage.server.origin}/`);
    rival.once('message', () => rival.send(JSON.stringify(
      { type: 'setPeerStatus', roles: ['producer'], meta: { name: NAME } })));
    const { producer } = await viewer.session();
    await stage.until('rival', () => stage.server.producers().length === 2);
    const before = (await viewer.view()).sessions.length;
    const began = Date.now();
    stage.server.cut(stage.server.peers.get(producer));
    await stage.until('word of it', () => stage.told('name-taken') === 1);
    const ours = async () => (await viewer.view()).sessions.slice(before)
      .find(({ frames }) => frames > 10);
    await stage.until('frames', ours);
    const { first } = await ours();
    rival.close();
    await stage.until('end of the rival', () => stage.server.producers().length === 1);
    return first - began;
  },

  // One after the other, and always back.
  async random(stage, viewer, n = RANDOM_FAULTS, seed = 1, file = undefined) {
    const cases = Object.fromEntries(FAULTS.map((name) =>
      [name, () => CASES[name](stage, viewer)]));
    await byChance.run({ cases, stage, program: () => stage.cast, n: Number(n),
      seed: Number(seed), file });
  },

  // The goodbye is said before the connection ends, and the viewer hears it.
  async goodbye(stage, viewer) {
    const from = stage.server.log.length;
    stage.cast.child.stdin.write('stop\n');
    await stage.cast.succeeds(PATIENCE_S);
    await stage.until('end of the producer', () => !stage.server.producer());
    const news = stage.server.log.slice(from).map(({ what }) => what);
    assert(news.indexOf('endSession') >= 0 && news.indexOf('endSession') < news.indexOf('left'),
      news.join(' '));
    await stage.until('end of the session', async () => (await viewer.session()).closed);
  },
};

// What costs the session, and leaves the viewer with another one.
const FAULTS = ['leaves', 'closed', 'cut', 'viewer-cut', 'killed', 'slow'];

async function main() {
  const stage = new Stage();
  const only = process.argv[2];
  try {
    await stage.open();
    // Nobody is there for a while.
    await stage.cast.until('waiting', PATIENCE_S, () => stage.told('waiting') || null);
    const viewer = await Viewer.open(stage);
    await viewer.seeFrames(stage, 0);
    assert.strictEqual(stage.told('consumer-joined'), 1);
    for (const [name, action] of Object.entries(CASES)) {
      if (only && only !== name) continue;
      const took = await action(stage, viewer, ...process.argv.slice(3));
      console.log(`ok ${name}${took === undefined ? '' : `: back after ${took} ms`}`);
    }
  } catch (error) {
    console.log(stage.cast?.failure(error.message).message);
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
