#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// A headless Chromium with Meetecho's janus.js, subscribed to whoever publishes in a room.
//
// janus-view.cjs WEBSOCKET-URL ROOM [SECRET]: prints lines event=NAME key=value: ready, feed
// and gone with the publisher's id, data with what came by its data channel, and
// several times a second stats: frames that were decoded, packets lost, sound that
// was heard, of all feeds together. at-us is CLOCK_MONOTONIC. With SIGUSR1 it
// kicks who publishes, for which the room's secret is needed; it ends with
// SIGTERM. Exits with 77 if there is no Chromium.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const browser = require('./lib/browser.cjs');

const STATS_MS = 50;

const [url, room, secret] = process.argv.slice(2);
const say = (event, text = '') => {
  process.stdout.write(`event=${event} at-us=${process.hrtime.bigint() / 1000n} ${text}\n`);
};

// In the browser: a member of the room that only looks, and one handle for each feed.
function watch([server, number]) {
  const { Janus } = window;
  const counts = { frames: 0, key: 0, lost: 0, sound: 0, freezes: 0 };
  const feeds = new Map();
  window.feeds = feeds;
  window.counts = counts;
  const shownBy = (id) => {
    const video = document.createElement('video');
    Object.assign(video, { autoplay: true, id: `feed-${id}` });
    video.srcObject = new MediaStream();
    return document.body.appendChild(video);
  };
  let janus;
  let retry;

  const forget = (id) => {
    const feed = feeds.get(id);
    if (!feed) return;
    feeds.delete(id);
    feed.video.remove();
    feed.handle?.detach();
    window.report('gone', `id=${id}`);
  };
  const subscribe = (id) => {
    if (feeds.has(id)) return;
    const feed = { video: shownBy(id), handle: null, last: null };
    feeds.set(id, feed);
    janus.attach({ plugin: 'janus.plugin.videoroom',
      success: (handle) => {
        feed.handle = handle;
        handle.send({ message: { request: 'join', ptype: 'subscriber', room: number,
          streams: [{ feed: id }] } });
      },
      error: () => forget(id),
      onmessage: (message, jsep) => {
        if (message.error) { forget(id); return; }
        if (!jsep) return;
        feed.handle.createAnswer({ jsep, tracks: [{ type: 'data' }],
          success: (answer) => feed.handle.send(
            { message: { request: 'start', room: number }, jsep: answer }) });
      },
      ondata: (text) => window.report('data', `text="${text.replace(/\s+/g, ' ')}"`),
      onremotetrack: (track, mid, on) => {
        if (on) feed.video.srcObject.addTrack(track);
      } });
    window.report('feed', `id=${id}`);
  };
  const look = (data) => {
    (data.publishers || []).forEach(({ id }) => subscribe(id));
    for (const id of [data.unpublished, data.leaving, data.kicked]) if (id) forget(id);
  };
  const enter = () => {
    clearTimeout(retry);
    [...feeds.keys()].forEach(forget);
    const again = () => { clearTimeout(retry); retry = setTimeout(enter, 200); };
    janus = new Janus({ server, error: again, destroyed: again,
      success: () => janus.attach({ plugin: 'janus.plugin.videoroom', error: again,
        success: (handle) => {
          janus.monitor = handle;
          handle.send({ message: { request: 'join', ptype: 'publisher', room: number } });
        },
        onmessage: (message) => {
          if (message.videoroom === 'joined') window.report('ready');
          look(message);
        } }) });
  };
  window.kick = (word) => [...feeds.keys()].forEach((id) => janus.monitor.send(
    { message: { request: 'kick', room: number, secret: word, id } }));
  // Sums over all peer connections that there were.
  window.count = async () => {
    for (const feed of feeds.values()) {
      const peer = feed.handle?.webrtcStuff?.pc;
      if (!peer) continue;
      const now = { frames: 0, key: 0, lost: 0, sound: 0, freezes: 0 };
      for (const entry of (await peer.getStats()).values()) {
        if (entry.type !== 'inbound-rtp') continue;
        now.lost += entry.packetsLost;
        now.frames += entry.framesDecoded || 0;
        now.key += entry.keyFramesDecoded || 0;
        now.freezes += entry.freezeCount || 0;
        now.sound += entry.totalAudioEnergy || 0;
      }
      for (const name of Object.keys(now)) counts[name] += now[name] - (feed.last?.[name] || 0);
      feed.last = now;
    }
    return counts;
  };
  Janus.init({ debug: false, dependencies: Janus.useDefaultDependencies({ adapter: window.adapter }),
    callback: enter });
}

async function main() {
  const file = (...parts) => path.join(path.dirname(require.resolve(parts[0])), ...parts.slice(1));
  const janus = path.join(file('janus-gateway/package.json'), 'npm/dist/janus.es.js');
  const chromium = await browser.open({ width: 640, height: 480 });
  const page = await chromium.context.newPage();
  await page.exposeFunction('report', (event, text) => say(event, text));
  await page.addScriptTag({ path: path.join(file('webrtc-adapter/package.json'), 'out/adapter.js') });
  await page.addScriptTag({ type: 'module', content: fs.readFileSync(janus, 'utf8')
    .replace(/^export \{.*$/m, 'window.Janus = Janus;') });
  await page.waitForFunction(() => window.Janus);
  await page.evaluate(watch, [url, Number(room)]);

  process.on('SIGUSR1', () => page.evaluate((word) => window.kick(word), secret));
  let over = false;
  process.on('SIGTERM', () => { over = true; });
  while (!over) {
    const counts = await page.evaluate(() => window.count());
    say('stats', Object.entries(counts).map(([name, value]) => `${name}=${value}`).join(' '));
    await new Promise((resolve) => setTimeout(resolve, STATS_MS));
  }
  await chromium.close();
}

if (!browser.isThere()) {
  say('skip');
  process.exit(77);
}
main().then(() => process.exit(0), (error) => {
  console.error(error.stack);
  process.exit(1);
});
