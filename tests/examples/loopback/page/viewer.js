// SPDX-License-Identifier: LGPL-2.1-or-later
// A WHEP player: connects, tells how it goes once a second, and comes back by itself.

const query = new URLSearchParams(location.search);
const name = query.get('name') || 'demo';
const token = query.get('token');
const endpoint = new URL(`whep/${encodeURIComponent(name)}`, location.href);

const RETRY_MS = 1000;
const FROZEN_MS = 5000;

const element = (id) => document.getElementById(id);
const video = element('video');

let peer = null;
let session = null;
let stream = new MediaStream();
let before = null;
let lastFrameAt = 0;
let longest = 0;
// The stream: has it ever been seen, and since when is it dropped (ms of the wall clock)?
let seen = false;
let flowedAt = 0;
let droppedAt = 0;
let resumedAt = 0;
let outage = 0;

element('name').textContent = name;
element('endpoint').textContent =
  `whip+${new URL(`whip/${encodeURIComponent(name)}`, location.href)}`;

// For tests and for the curious: the connection's own numbers.
window.viewer = {
  getPeer: () => peer,
  getSession: () => session,
  getDroppedAt: () => droppedAt,
  connections: 0,
};

function show (state, text, detail = '') {
  element('status').dataset.state = state;
  element('status').textContent = text;
  element('detail').textContent = detail;
  element('hint').hidden = state === 'live';
}

const RESUMED_MS = 30000;
const clock = (ms) => new Date(ms).toLocaleTimeString();
const seconds = (ms) => `${Math.max(1, Math.round(ms / 1000))} s`;

// The words of rcastsrc: a stream that was there is dropped, until it is resumed.
function flows () {
  const now = Date.now();
  if (droppedAt) {
    outage = now - droppedAt;
    resumedAt = now;
  }
  seen = true;
  droppedAt = 0;
  show('live', 'live', resumedAt && now - resumedAt < RESUMED_MS
    ? `resumed ${clock(resumedAt)}, after ${seconds(outage)}` : '');
}

function stands (state, text, why = '') {
  if (!seen) {
    show(state, text, why);
    return;
  }
  // As rcastsrc has it: since the last of it came
  droppedAt = droppedAt || flowedAt || Date.now();
  show('failed', 'dropped', `since ${clock(droppedAt)}, for ${seconds(Date.now() - droppedAt)}`
    + `: ${why || text}`);
}

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

function headers (more = {}) {
  return token ? { Authorization: `Bearer ${token}`, ...more } : more;
}

async function gathered (connection) {
  if (connection.iceGatheringState === 'complete')
    return;
  await Promise.race([sleep(1000), new Promise((done) => {
    connection.addEventListener('icegatheringstatechange', () => {
      if (connection.iceGatheringState === 'complete')
        done();
    });
  })]);
}

// Resolves to null, or to the milliseconds to wait before the next try.
async function connect () {
  const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  peer = connection;
  before = null;
  stream = new MediaStream();
  connection.addTransceiver('video', { direction: 'recvonly' });
  connection.addTransceiver('audio', { direction: 'recvonly' });
  connection.addEventListener('track', (event) => {
    stream.addTrack(event.track);
    video.srcObject = stream;
    play();
  });
  await connection.setLocalDescription();
  await gathered(connection);
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: headers({ 'Content-Type': 'application/sdp' }),
    body: connection.localDescription.sdp,
  });
  if (answer.status !== 201) {
    connection.close();
    peer = null;
    const after = Number(answer.headers.get('Retry-After'));
    const problem = await answer.json().catch(() => ({}));
    const missing = answer.status === 409 || answer.status === 404;
    stands(missing ? 'waiting' : 'failed',
      missing ? 'waiting' : `refused (${answer.status})`, problem.detail || '');
    return after > 0 ? after * 1000 : RETRY_MS;
  }
  session = new URL(answer.headers.get('Location'), answer.url);
  await connection.setRemoteDescription({
    type: 'answer', sdp: await answer.text(),
  });
  window.viewer.connections++;
  return null;
}

function label () {
  element('sound').textContent = video.muted ? 'Sound on' : 'Sound off';
}

// With sound if the browser lets us, else without until somebody asks for it.
async function play () {
  try {
    await video.play();
  } catch (error) {
    if (error.name !== 'NotAllowedError')
      return;
    video.muted = true;
    label();
    video.play().catch(() => {});
  }
}

function leave () {
  if (session)
    fetch(session, { method: 'DELETE', headers: headers(), keepalive: true })
      .catch(() => {});
  session = null;
  if (peer)
    peer.close();
  peer = null;
}

async function run () {
  for (;;) {
    let wait = RETRY_MS;
    try {
      stands('waiting', 'connecting');
      wait = await connect();
      if (wait === null) {
        await ended();
        stands('waiting', 'reconnecting', 'the connection is lost');
        wait = RETRY_MS;
      }
    } catch (error) {
      stands('failed', 'no server', String(error.message || error));
    }
    leave();
    await sleep(wait);
  }
}

// Until the connection is lost, or the server has forgotten us
async function ended () {
  const connection = peer;
  let lostAt = 0;
  for (;;) {
    await sleep(250);
    const state = connection.connectionState;
    if (state === 'failed' || state === 'closed')
      return;
    if (state !== 'disconnected') {
      lostAt = 0;
      continue;
    }
    lostAt = lostAt || performance.now();
    if (performance.now() - lostAt > FROZEN_MS)
      return;
  }
}

function onFrame (now) {
  if (lastFrameAt)
    longest = Math.max(longest, now - lastFrameAt);
  lastFrameAt = now;
  flowedAt = performance.timeOrigin + now;
  element('screen').classList.add('sized');
  video.requestVideoFrameCallback(onFrame);
}
video.requestVideoFrameCallback(onFrame);

const kbit = (bits) => bits >= 1e6 ? `${(bits / 1e6).toFixed(2)} Mbit/s`
  : `${Math.round(bits / 1000)} kbit/s`;

function collect (report) {
  const now = { at: performance.now(), lost: 0, video: null, audio: null, rtt: null };
  for (const entry of report.values()) {
    if (entry.type === 'inbound-rtp') {
      now[entry.kind] = entry;
      now.lost += entry.packetsLost || 0;
    } else if (entry.type === 'candidate-pair' && entry.nominated) {
      now.rtt = entry.currentRoundTripTime;
    }
  }
  return now;
}

function tellRate (now, kind, codecs) {
  const title = kind === 'video' ? 'Video' : 'Audio';
  const codec = now[kind] && codecs[now[kind].codecId];
  const old = before && before[kind];
  element(`${kind}-codec`).textContent = codec ? `${title}, ${codec}` : title;
  element(`${kind}-rate`).textContent = now[kind] && old
    ? kbit(8000 * (now[kind].bytesReceived - old.bytesReceived) / (now.at - before.at)) : '–';
}

async function tell () {
  if (!peer)
    return;
  const report = await peer.getStats();
  const now = collect(report);
  const codecs = {};
  for (const entry of report.values())
    if (entry.type === 'codec')
      codecs[entry.id] = entry.mimeType.split('/')[1];
  const decoded = now.video ? now.video.framesDecoded : 0;
  const old = before && before.video ? before.video.framesDecoded : 0;
  const fps = before ? 1000 * (decoded - old) / (now.at - before.at) : 0;
  const heard = now.audio ? now.audio.audioLevel || 0 : 0;
  const moving = fps > 0 || (!now.video?.framesDecoded && now.audio
    && before?.audio && now.audio.packetsReceived > before.audio.packetsReceived);

  element('fps').textContent = before ? fps.toFixed(1) : '–';
  element('size').textContent = now.video?.frameWidth
    ? `${now.video.frameWidth} × ${now.video.frameHeight}` : '–';
  tellRate(now, 'video', codecs);
  tellRate(now, 'audio', codecs);
  element('frames').textContent = decoded;
  element('lost').textContent = now.lost;
  element('rtt').textContent = now.rtt == null ? '–' : `${(now.rtt * 1000).toFixed(1)} ms`;
  element('gap').textContent = longest ? `${Math.round(longest)} ms` : '–';
  element('level').value = Math.sqrt(heard);
  if (moving && fps <= 0)
    flowedAt = Date.now();
  if (moving)
    flows();
  else if (before && peer.connectionState === 'connected')
    stands('waiting', 'no media', 'connected, but nothing comes from the publisher');
  before = now;
}
setInterval(() => tell().catch(() => {}), 1000);

element('sound').addEventListener('click', () => {
  video.muted = !video.muted;
  label();
  video.play().catch(() => {});
});
window.addEventListener('pagehide', leave);
run();
