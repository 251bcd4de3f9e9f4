#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// rcastopenvidu in a session of OpenVidu, watched by the genuine openvidu-browser in Chromium.
//
// The server is a stand-in; the genuine client of OpenVidu at its other side shows that it
// speaks the protocol. Exits with 77 if there is no Chromium.
'use strict';

const assert = require('node:assert');
const path = require('node:path');
const { Program } = require('./lib/program.cjs');
const { Stage, isThere, sleep, SESSION, PATIENCE_S } = require('./lib/openvidu-stage.cjs');
const { watch } = require('./lib/openvidu-page.cjs');

// A frame each 40 ms: what a loss of the signalling alone may do to them.
const FLOWING_MS = 500;
// Pictures pass several programs, each of which may be as late as the page.
const LATE_TIMES = 5;
const SESSION_MS = 10000;
const LATE_MS = 3000;
// Longer than openvidu-browser waits
const SILENT_MS = 12000;
const GARBAGE = ['no JSON at all', '[]', '{"id":77,"result":{}}', '{"method":""}',
  '{"jsonrpc":"2.0","method":"participantEvicted"}', `"${'x'.repeat(100000)}"`];

class Cast extends Stage {
  async begin() {
    await this.open();
    this.page = await this.play(watch);
  }

  cast(tokens = true, location = `openvidu+${this.server.token(SESSION)}`) {
    const args = [path.join(__dirname, 'openvidu-cast.py'), location];
    if (tokens) args.push(`http://${this.server.origin}/token`);
    return new Program('/usr/bin/python3', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  }

  async view() {
    return this.page.evaluate(() => ({ ...window.view }));
  }

  // Until @frames more have been seen; from here on the longest gap is counted anew.
  async seeFrames(frames) {
    const from = (await this.view()).frames;
    await this.until(`${frames} frames`,
      async () => (await this.view()).frames >= from + frames);
    await this.page.evaluate(() => Object.assign(window.view, { gap: 0, late: 0 }));
  }

  async sawAll() {
    const { gap, late } = await this.view();
    assert(gap < FLOWING_MS + LATE_TIMES * late, `a gap of ${gap} ms, the page ${late} ms late`);
    return Math.round(gap);
  }
}

const CASES = {
  // The signalling is cut, the media is not: nothing happens to it.
  async cut(stage, cast) {
    const [gaps, texts] = [[], []];
    const warnings = () => cast.events.filter(({ event }) => event === 'warning').length;
    const resumptions = () => cast.events.filter(({ name }) => name === 'resumed').length;
    for (const [ms, signals] of [[500, ['one']], [5000, ['two', 'three']], [9000, ['four']]]) {
      const before = stage.count('reconnectStream') + stage.count('publishVideo');
      const resumed = stage.count('connect');
      const [warned, told] = [warnings(), resumptions()];
      await stage.seeFrames(5);
      // Not that of a machine that is late.
      stage.server.sessionTime = SESSION_MS + LATE_MS;
      const over = stage.cut(stage.server.publisher(), ms);
      await stage.until('warning', () => warnings() > warned);
      for (const text of signals) cast.child.stdin.write(`signal chat ${text}\n`);
      texts.push(...signals);
      await over;
      await stage.until('resumption', () => stage.count('connect') > resumed);
      await stage.until('word of it', () => resumptions() > told);
      await stage.until('signals', async () => (await stage.view()).signals.at(-1)
        === `signal:chat ${signals.at(-1)}`);
      gaps.push(await stage.sawAll());
      assert.strictEqual(stage.count('reconnectStream') + stage.count('publishVideo'), before);
    }
    stage.server.sessionTime = SESSION_MS;
    const { signals } = await stage.view();
    assert.deepStrictEqual(signals, texts.map((text) => `signal:chat ${text}`));
    // Ours come back to us, and are not told.
    assert.strictEqual(cast.events.filter(({ event }) => event === 'signal').length, 0);
    await stage.page.evaluate(() => window.session.signal({ type: 'hello', data: 'there' }));
    assert.strictEqual((await cast.event('signal', PATIENCE_S)).data, 'there');
    return { signals: signals.length, gaps_ms: gaps };
  },

  // Connections are fine, and nobody answers: for longer than the time of a pong.
  async silent(stage, cast) {
    const resumed = stage.count('connect');
    await stage.seeFrames(5);
    const over = sleep(SILENT_MS);
    stage.server.stop();
    await stage.until('suspicion', () => stage.count('socket') > 2 + resumed, 15);
    await over;
    stage.server.goOn();
    const since = Date.now();
    await stage.until('resumption', () => stage.count('connect') > resumed);
    const gap = await stage.sawAll();
    assert.strictEqual((await stage.view()).streams.length, 1);
    assert(!cast.status);
    return { resumed_ms: Date.now() - since, gap_ms: gap };
  },

  // Frames that are no message change nothing, and identifiers may be text, from here on.
  async odd(stage, cast) {
    const connections = stage.count('socket');
    const warnings = cast.events.filter(({ event }) => event === 'warning').length;
    await stage.seeFrames(5);
    stage.server.textIds = true;
    for (const frame of GARBAGE) stage.server.publisher().rpc.link.ws.send(frame);
    cast.child.stdin.write('signal chat odd\n');
    await stage.until('signal', async () => (await stage.view()).signals.at(-1)
      === 'signal:chat odd');
    const { frames } = await stage.view();
    await stage.until('frames', async () => (await stage.view()).frames > frames + 25);
    const gap = await stage.sawAll();
    assert.strictEqual(stage.count('socket'), connections);
    assert.strictEqual(cast.events.filter(({ event }) => event === 'warning').length, warnings);
    return { gap_ms: gap };
  },

  // The media is gone, and the signalling is not: the same stream, a fresh connection.
  async media(stage) {
    const { streams } = await stage.view();
    const before = stage.count('reconnectStream');
    const since = Date.now();
    stage.server.publisher().stream.pc.close();
    await stage.until('reconnectStream', () => stage.count('reconnectStream') > before);
    await stage.seeFrames(10);
    assert.deepStrictEqual((await stage.view()).streams, streams);
    return { ten_frames_ms: Date.now() - since };
  },

  // Away for too long: evicted, and joined again with a fresh token.
  async evicted(stage, cast) {
    const { streams } = await stage.view();
    await stage.cut(stage.server.publisher(), SESSION_MS + 500);
    const since = Date.now();
    await stage.until('new stream', async () => (await stage.view()).streams.length
      === streams.length + 1);
    const anew = Date.now() - since;
    await cast.event('token-wanted', PATIENCE_S);
    await stage.seeFrames(10);
    const { ended } = await stage.view();
    assert.strictEqual(ended.at(-1), 'networkDisconnect');
    assert(cast.events.some(({ reason }) => reason === 'evicted'));
    return { new_stream_ms: anew };
  },

  // A participant that the server dropped gets no answer but that to an echo.
  async dropped(stage, cast) {
    const { streams } = await stage.view();
    const one = stage.server.publisher();
    stage.server.evict(one, 'networkDisconnect', false);
    await stage.until('new stream', async () => (await stage.view()).streams.length
      === streams.length + 1, 45);
    assert(stage.count('echo') > 0);
    await stage.seeFrames(10);
    assert(!cast.status);
  },

  // The goodbye is said, and heard.
  async goodbye(stage, cast) {
    const before = stage.count('leaveRoom');
    cast.child.stdin.write('stop\n');
    await cast.succeeds(PATIENCE_S);
    assert.strictEqual(stage.count('leaveRoom'), before + 1);
    await stage.until('end of the stream', async () => (await stage.view()).ended.at(-1)
      === 'disconnect');
    assert(stage.server.log.some(({ what, detail }) => what === 'closed'
      && detail.startsWith('4102 Connection closed by client')));
  },
};

// Ends of a broadcast: what is done to it, and the words of its error.
const ENDS = {
  removed: [(stage) => stage.server.evict(stage.server.publisher(), 'forceDisconnectByServer', true),
    /forceDisconnectByServer/],
  unpublished: [(stage) => stage.server.unpublish(stage.server.publisher(),
    'forceUnpublishByUser', false), /forceUnpublishByUser/],
  closed: [(stage) => {
    const one = stage.server.publisher();
    stage.server.notify(one, 'roomClosed', { sessionId: SESSION });
    stage.server.evict(one, 'sessionClosedByServer', true);
  }, /sessionClosedByServer/],
  'without-a-token': [(stage) => {
    const { rpc } = stage.server.publisher();
    stage.server.drop(rpc);
    stage.server.expire(rpc);
  }, /token is for one join only/],
};

async function end(stage, name) {
  const [act, words] = ENDS[name];
  const { streams } = await stage.view();
  const cast = stage.cast(false);
  await stage.until('stream', async () => (await stage.view()).streams.length > streams.length);
  await stage.seeFrames(5);
  act(stage);
  const { text } = await cast.event('error', PATIENCE_S);
  assert.match(text, words);
  assert.doesNotMatch(cast.lines.join('\n'), /tok_[A-Z0-9]/);
  await cast.exit(PATIENCE_S);
}

// What a server says at the door.
async function refusal(stage, name, location, words) {
  const cast = stage.cast(false, location);
  const { text } = await cast.event('error', PATIENCE_S);
  assert.match(text, words);
  assert(text.length < 600, `${text.length} characters`);
  assert.doesNotMatch(cast.lines.join('\n'), /tok_[A-Z0-9]/);
  await cast.exit(PATIENCE_S);
}

async function leave(stage, cast) {
  cast.child.stdin.write('stop\n');
  await cast.exit(PATIENCE_S);
  await stage.until('end', () => !stage.server.publisher());
}

// An exception at the server: its words are told, not its stack, and the join is tried again.
async function trace(stage) {
  const joins = stage.count('joinRoom');
  stage.server.breakJoin = 'out of order';
  const cast = stage.cast();
  await stage.until('second join', () => stage.count('joinRoom') > joins + 1);
  delete stage.server.breakJoin;
  await stage.seeFrames(5);
  const said = cast.lines.join('\n');
  assert.match(said, /out of order/);
  assert.doesNotMatch(said, /at io\.openvidu/);
  await leave(stage, cast);
}

// A viewer of the other media server, to whom it makes the offers, and a new one unasked.
async function mediasoup(stage) {
  stage.server.mediaServer = 'mediasoup';
  await stage.page.close();
  stage.page = await stage.play(watch);
  const cast = stage.cast();
  await stage.seeFrames(25);
  assert(stage.count('prepareReceiveVideoFrom') > 0);
  const viewer = stage.server.participants().findLast((one) => one.metadata.includes('viewer'));
  const before = stage.count('reconnectStream');
  const since = Date.now();
  await stage.server.force(viewer, stage.server.publisher());
  await stage.until('answer', () => stage.count('reconnectStream') === before + 1);
  await stage.seeFrames(25);
  const forced = Date.now() - since;
  await CASES.media(stage);
  await leave(stage, cast);
  return { forced_25_frames_ms: forced };
}

async function main() {
  const stage = new Cast();
  const only = process.argv[2];
  const began = Date.now();
  const run = async (name, action) => {
    if (only && only !== name && name !== 'watched') return;
    const figures = await action();
    console.log(`ok ${name} at ${((Date.now() - began) / 1000).toFixed(1)} s`
      + (figures ? ` ${JSON.stringify(figures)}` : ''));
  };
  try {
    await stage.begin();
    const cast = stage.cast();
    try {
      await run('watched', () => stage.seeFrames(25));
      for (const [name, action] of Object.entries(CASES)) {
        await run(name, () => action(stage, cast));
      }
    } catch (error) {
      console.log(cast.failure(error.message).message);
      throw error;
    }
    await cast.stop();
    for (const name of Object.keys(ENDS)) await run(name, () => end(stage, name));
    const used = stage.server.token(SESSION);
    stage.server.tokens.delete(/tok_\w+/.exec(used)[0]);
    await run('used', () => refusal(stage, 'used', `openvidu+${used}`, /token is for one join only/));
    await run('no-session', () => refusal(stage, 'no-session',
      `openvidu+ws://${stage.server.origin}/?sessionId=ses_B&token=tok_X`, /cannot be found/));
    await run('stack-trace', () => trace(stage));
    await run('mediasoup', () => mediasoup(stage));
  } finally {
    await stage.close();
  }
}

if (!isThere()) process.exit(77);
main().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
