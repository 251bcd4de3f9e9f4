// SPDX-License-Identifier: LGPL-2.1-or-later
// The HTTP half of a WHIP server (RFC 9725) for a WebRTC stack that answers offers.
//
// A front is a program `whip-NAME --port N`; it prints JSON lines, so that one
// driver can watch all of them:
//   {"event":"listening","url":"http://127.0.0.1:PORT/whip"}
//   {"event":"session"} {"event":"connected"} {"event":"trickle","candidates":N}
//   {"event":"restart","count":N} {"event":"error","message":"…"}
//   {"event":"stats","streams":[{"kind","codec","ssrc","packets","frames",…}]}
//   {"event":"closed","reason":"delete"|"peer"|"exit","streams":[…]}
// It ends on SIGTERM or SIGINT, or when the driver's end of its output closes.
'use strict';

const crypto = require('node:crypto');
const http = require('node:http');
const { parseArgs } = require('node:util');
const fragments = require('./fragment.cjs');

// A description or fragment that is larger is refused.
const MAX_BODY = 256 * 1024;
const STATS_INTERVAL_MS = 500;
const SDP = 'application/sdp';
const FRAGMENT = 'application/trickle-ice-sdpfrag';

class HttpError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

function say(event, fields = {}) {
  process.stdout.write(JSON.stringify({ event, ...fields }) + '\n');
}

async function bodyOf(request, type) {
  if ((request.headers['content-type'] ?? '').split(';')[0].trim() !== type) {
    throw new HttpError(415, `${request.method} wants ${type}`);
  }
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY) throw new HttpError(413, 'too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

// createPeer (callbacks) makes the stack's half of a session:
//   answer (offer) -> SDP answer with all candidates; add (candidate, mid);
//   restart (offer) -> SDP answer, or undefined if the stack cannot;
//   streams () -> what arrived; close ().
// over () is waited for at the end.
function serve(createPeer, over = () => {}) {
  const { values } = parseArgs({ options: {
    port: { type: 'string', default: '0' }, host: { type: 'string', default: '127.0.0.1' },
  } });
  const sessions = new Map();
  const newTag = () => `"${crypto.randomBytes(8).toString('hex')}"`;

  function end(session, reason) {
    if (!sessions.delete(session.id)) return;
    say('closed', { reason, streams: session.peer.streams() });
    session.peer.close();
  }

  async function post(request, response) {
    const offer = await bodyOf(request, SDP);
    const session = { id: crypto.randomUUID(), offer, etag: newTag(), restarts: 0 };
    session.peer = createPeer({
      connected: () => say('connected'),
      closed: () => end(session, 'peer'),
    });
    let answer;
    try {
      answer = await session.peer.answer(offer);
    } catch (error) {
      session.peer.close();
      throw new HttpError(422, String(error.message));
    }
    session.ufrag = fragments.credentials(offer).ufrag;
    sessions.set(session.id, session);
    say('session');
    response.writeHead(201, {
      'Content-Type': SDP, Location: `/whip/session/${session.id}`, ETag: session.etag,
    });
    response.end(answer);
  }

  async function patch(session, request, response) {
    const match = request.headers['if-match'];
    const fragment = fragments.parse(await bodyOf(request, FRAGMENT));
    if (match === undefined) throw new HttpError(428, 'If-Match is missing');
    if (fragment.ufrag === null || fragment.pwd === null) {
      throw new HttpError(400, 'no ICE credentials');
    }
    if (match !== '*') {
      if (match !== session.etag) throw new HttpError(412, `not ${match}`);
      if (fragment.ufrag !== session.ufrag) throw new HttpError(422, 'a restart wants *');
      for (const candidate of fragment.candidates) {
        await session.peer.add(candidate, fragment.mid);
      }
      say('trickle', { candidates: fragment.candidates.length, end: fragment.end });
      response.writeHead(204).end();
      return;
    }
    if (fragment.ufrag === session.ufrag) throw new HttpError(422, 'not a restart');
    const offer = fragments.applyRestart(session.offer, fragment);
    const answer = await session.peer.restart(offer);
    if (answer === undefined) throw new HttpError(405, 'no ICE restart');
    Object.assign(session, { offer, ufrag: fragment.ufrag, etag: newTag() });
    say('restart', { count: ++session.restarts });
    response.writeHead(200, { 'Content-Type': FRAGMENT, ETag: session.etag });
    response.end(fragments.ofDescription(answer));
  }

  async function handle(request, response) {
    const { pathname } = new URL(request.url, 'http://front');
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Allow-Headers', '*, Authorization');
    response.setHeader('Access-Control-Allow-Methods', 'POST, PATCH, DELETE, OPTIONS');
    response.setHeader('Access-Control-Expose-Headers', 'ETag, Link, Location');
    if (request.method === 'OPTIONS') {
      response.writeHead(204, { 'Accept-Post': SDP }).end();
    } else if (pathname === '/whip' && request.method === 'POST') {
      await post(request, response);
    } else {
      const session = sessions.get(pathname.replace('/whip/session/', ''));
      if (!session) throw new HttpError(404, 'no such session');
      if (request.method === 'PATCH') {
        await patch(session, request, response);
      } else if (request.method === 'DELETE') {
        response.writeHead(200).end();
        end(session, 'delete');
      } else {
        throw new HttpError(405, 'PATCH or DELETE');
      }
    }
  }

  const server = http.createServer((request, response) => {
    handle(request, response).catch((error) => {
      say('error', { method: request.method, status: error.status ?? 500,
        message: error.status ? error.message : String(error.stack) });
      response.writeHead(error.status ?? 500, { 'Content-Type': 'text/plain' });
      response.end(error.message + '\n');
    });
  });
  server.listen(Number(values.port), values.host, () => {
    say('listening', { url: `http://${values.host}:${server.address().port}/whip` });
  });
  setInterval(() => {
    for (const session of sessions.values()) say('stats', { streams: session.peer.streams() });
  }, STATS_INTERVAL_MS).unref();

  const quit = () => {
    for (const session of [...sessions.values()]) end(session, 'exit');
    Promise.resolve(over()).finally(() => process.exit(0));
  };
  process.once('SIGTERM', quit);
  process.once('SIGINT', quit);
  process.stdout.on('error', quit);
  // What a stack throws outside of a request is a fault of the test's peer: show it.
  process.on('unhandledRejection', (error) => say('error', { message: String(error?.stack) }));
}

module.exports = { serve, say };
