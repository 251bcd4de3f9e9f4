#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// Runs each gst-launch-1.0 line of the documentation, so that none is wishful.
//
// launch-lines.cjs LOOPBACK FILE…: takes the lines out of the fenced blocks of Markdown
// files, and out of the documentation in C sources. A WHIP server on this machine
// takes the place of the one in the line, a test picture that of a camera, a real
// movie that of a file, and a process that sends RTP is added to a udpsrc. A line
// is fine if media of each of its streams arrives, and it ends cleanly when
// interrupted. One that receives gets it from the program LOOPBACK, and a file
// takes the place of what shows or plays it.
'use strict';

const assert = require('node:assert');
const dgram = require('node:dgram');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { Program } = require('./lib/program.cjs');

const SKIP = 77;
const ARRIVE_S = 60;
const END_S = 60;
// So many packets of a stream show that it flows.
const FLOWING = 20;

// By its name, or by the URI that a player is given
const receives = (line) => /\brcastsrc\b|\buri=whep\+/.test(line);

// The launch lines of a text, with continuation lines joined.
function linesOf(text) {
  const blocks = [
    ...[...text.matchAll(/^```(?:sh|console)?\n([^]*?)^```/gm)].map((match) => match[1]),
    // In C: |[ … ]| inside of a documentation comment.
    ...[...text.matchAll(/\|\[([^]*?)\]\|/g)].map((match) => match[1].replace(/^ \*/gm, '')),
  ];
  return blocks.flatMap((block) => block.replace(/\\\n/g, ' ').split('\n'))
    .map((line) => line.trim().replace(/^(\.\/run exec|\$)\s+/, ''))
    .filter((line) => line.startsWith('gst-launch-1.0 ') && (receives(line) || /\brcastsink\b/.test(line)));
}

// Words of a shell line: quotes are honoured, nothing is expanded.
function wordsOf(line) {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+/g)].map((match) =>
    match[0].replace(/'([^']*)'|"([^"]*)"|\\(.)/g, (_, one, two, three) => one ?? two ?? three));
}

// The sender of RTP that a line with a udpsrc waits for: H.264, as the line says.
const RTP_SENDER = 'videotestsrc is-live=true ! video/x-raw,width=640,height=360,framerate=25/1'
  + ' ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25'
  + ' ! video/x-h264,profile=constrained-baseline ! rtph264pay config-interval=-1 pt=96'
  + ' ! udpsink host=127.0.0.1 port=PORT';

async function freeUdpPort() {
  const socket = dgram.createSocket('udp4');
  await new Promise((bound) => socket.bind(0, '127.0.0.1', bound));
  const { port } = socket.address();
  await new Promise((closed) => socket.close(closed));
  return port;
}

const CAMERA = ['videotestsrc', 'is-live=true'];
const MICROPHONE = ['audiotestsrc', 'is-live=true'];

function prepare(line, url, movie, port) {
  const words = wordsOf(line).slice(1).flatMap((word, i, all) => {
    if (/^v4l2src$/.test(word)) return CAMERA;
    if (/^(alsasrc|pulsesrc|autoaudiosrc)$/.test(word)) return MICROPHONE;
    if (/^autovideosrc$/.test(word)) return CAMERA;
    if (/^device=/.test(word)) return [];
    if (/^port=/.test(word)) return [`port=${port}`];
    if (all[i - 1] === 'filesrc') return [`location=${movie}`];
    return [word.replace(/whip\+https?:\/\/[^\s,]+/g, `whip+${url}`)
      .replace(/^location=(https?|whips?):\/\/[^\s,]+/, `location=${url}`)];
  });
  // Interrupted, it shall end its session first.
  return words.includes('-e') ? words : ['-e', ...words];
}

async function run(line, movie) {
  const server = new Program(process.execPath, [path.join(__dirname, 'whip-werift.cjs')]);
  // What a line records goes where nobody minds.
  const cwd = fs.mkdtempSync(path.join(os.tmpdir(), 'rcast-lines-'));
  const port = await freeUdpPort();
  let launch, sender;
  try {
    const { url } = await server.event('listening', ARRIVE_S);
    if (/\budpsrc\b/.test(line)) {
      sender = new Program('gst-launch-1.0', RTP_SENDER.replace('PORT', port).split(' '));
    }
    launch = new Program('gst-launch-1.0', prepare(line, url, movie, port), { cwd });
    // As many streams as branches end in the bin.
    const wanted = line.split(/!\s*(?:rcastsink|r\.)/).length - 1;
    const flows = ({ streams }) => streams.filter((s) => s.packets >= FLOWING).length >= wanted;
    await Promise.race([
      server.event('stats', ARRIVE_S, flows).catch((error) => {
        throw launch.failure(`${line}\n${error.message}\nwhile it`);
      }),
      launch.exit(ARRIVE_S + 5).then(() => { throw launch.failure('ended before media arrived'); }),
    ]);
    launch.child.kill('SIGINT');
    await launch.succeeds(END_S);
    const { reason } = await server.event('closed', END_S);
    assert.strictEqual(reason, 'delete');
    return wanted;
  } finally {
    await Promise.all([launch?.stop(), sender?.stop(), server.stop()]);
    fs.rmSync(cwd, { recursive: true });
  }
}

const SOURCE = 'rcastsink name=r location=whip+URL videotestsrc is-live=true'
  + ' ! video/x-raw,width=320,height=180,framerate=30/1 ! vp8enc deadline=1 cpu-used=8 ! r.'
  + ' audiotestsrc is-live=true ! opusenc ! r.';

function prepareWatch(line, base) {
  let shown = 0;
  const words = wordsOf(line).slice(1).flatMap((word) => (/^auto(video|audio)sink$/.test(word)
    // As autovideosink takes no sound, and autoaudiosink no pictures.
    ? [`${word.slice(4, 9)}/x-raw`, '!', 'filesink', `location=shown-${shown++}`]
    : [word.replace(/(whip|whep)\+https?:\/\/[^/]+\//, `$1+${base}`)]));
  return words.includes('-e') ? words : ['-e', ...words];
}

// Interrupted before anybody publishes: what it shows and plays ends without a picture.
async function giveUp(line, base, cwd) {
  const launch = new Program('gst-launch-1.0', prepareWatch(line, base), { cwd });
  try {
    await launch.line(/reconnecting_broadcast.*no-stream/, ARRIVE_S);
    launch.child.kill('SIGINT');
    await launch.succeeds(END_S);
    assert.ok(launch.lines.some((said) => said.startsWith('Got EOS')), 'no end of stream');
  } finally {
    await launch.stop();
  }
}

// A line that receives, and shows, records or passes on what comes
async function watch(line, program) {
  const server = new Program(program, ['--port', '0']);
  const cwd = fs.mkdtempSync(path.join(os.tmpdir(), 'rcast-lines-'));
  let launch, publisher;
  try {
    const [, base] = await server.line(/^event=listening url=(\S+)/, ARRIVE_S);
    const wanted = line.split(/auto(?:video|audio)sink/).length - 1;
    if (wanted && /-m\b/.test(line)) await giveUp(line, base, cwd);
    publisher = new Program('gst-launch-1.0', ['-q',
      ...SOURCE.replace('URL', new URL('whip/demo', base).href).split(' ')]);
    await server.line(/^event=live name=demo/, ARRIVE_S);
    launch = new Program('gst-launch-1.0', prepareWatch(line, base), { cwd });
    const early = launch.exit(2 * ARRIVE_S).then(() => {
      throw launch.failure('ended before media arrived');
    });
    await Promise.race([early, server.line(/role=viewer .*state=connected/, ARRIVE_S)]);
    for (let i = 0; i < wanted; i++)
      await Promise.race([early, recorded(cwd, `shown-${i}`)]);
    const relayed = line.match(/whip\/([\w-]+)/);
    if (relayed)
      await Promise.race([early, server.line(new RegExp(`^event=live name=${relayed[1]}`), ARRIVE_S)]);
    const file = line.match(/location=([\w-]+)[\w%.-]*\.mkv/);
    if (file) await Promise.race([early, recorded(cwd, file[1])]);
    early.catch(() => {});
    launch.child.kill('SIGINT');
    await launch.succeeds(END_S);
    await server.line(/role=viewer .*state=closed reason="deleted"/, END_S);
    return wanted || 1;
  } finally {
    await Promise.all([launch?.stop(), publisher?.stop(), server.stop()]);
    fs.rmSync(cwd, { recursive: true });
  }
}

// Until a file whose name begins so has something in it
async function recorded(folder, name) {
  const limit = Date.now() + ARRIVE_S * 1000;
  while (!fs.readdirSync(folder).some((file) => file.startsWith(name)
      && fs.statSync(path.join(folder, file)).size > 10000)) {
    assert.ok(Date.now() < limit, `no ${name} in ${fs.readdirSync(folder)}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

async function main() {
  if (spawnSync(process.execPath, ['-e', 'require("werift")']).status !== 0) {
    console.log('not installed: werift');
    process.exit(SKIP);
  }
  const movie = process.env.RCAST_MOVIE ?? 'movie.mp4';
  let count = 0;
  const [loopback, ...files] = process.argv.slice(2);
  for (const file of files) {
    for (const line of linesOf(fs.readFileSync(file, 'utf8'))) {
      // What needs a signalling server is run by gstsig-watch.cjs.
      if (/\bgst\+wss?:/.test(line)) continue;
      if (/\bfilesrc\b/.test(line) && !fs.existsSync(movie)) {
        console.log(`no movie: ${line}`);
        process.exit(SKIP);
      }
      const streams = receives(line) ? await watch(line, loopback)
        : await run(line, movie);
      console.log(`${path.basename(file)}: ${streams} streams: ${line}`);
      count++;
    }
  }
  assert.ok(count > 0, 'no launch line found');
}

main().then(() => process.exit(0), (error) => {
  console.error(error.stack);
  process.exit(1);
});
