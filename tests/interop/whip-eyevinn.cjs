#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// The Eyevinn WHIP endpoint, HTTP and all, on libwebrtc: a whole server of somebody
// else. It has no ICE restart, an ETag without quotes, and answers a PATCH with
// 412, since it looks for the tag in another header. It decodes what arrives.
//
// Command line and output are those of lib/front.cjs.
'use strict';

const Module = require('node:module');
const net = require('node:net');
const { parseArgs } = require('node:util');

// The endpoint names a WebRTC addon that is no longer built; this one took its place.
const resolve = Module._resolveFilename;
Module._resolveFilename = function (name, ...rest) {
  return resolve.call(this, name === '@koush/wrtc' ? '@roamhq/wrtc' : name, ...rest);
};
// Its log is not our report.
console.log = console.error;

const { nonstandard } = require('@roamhq/wrtc');
const { WhipEndpoint } = require('@eyevinn/whip-endpoint');
const { WrtcWhipResource } =
  require('@eyevinn/whip-endpoint/dist/whip/wrtc/wrtcWhipResource');
const plugins = require('@eyevinn/whip-endpoint/dist/whip/wrtc/rtspWrtcWhipResource');
const { say } = require('./lib/front.cjs');

const STATS_INTERVAL_MS = 500;
const resources = new Set();

// Takes the place of the plugin that hands the media to ffmpeg: counts it.
class CountingResource extends WrtcWhipResource {
  constructor(offer, iceServers) {
    super(offer, iceServers);
    this.tracks = [];
    this.pc.ontrack = ({ track }) => this.watch(track);
    resources.add(this);
    say('session');
  }

  watch(track) {
    const shown = { kind: track.kind, frames: 0 };
    let sink;
    if (track.kind === 'video') {
      sink = new nonstandard.RTCVideoSink(track);
      sink.onframe = ({ frame }) => {
        shown.frames++;
        shown.size = [frame.width, frame.height];
      };
    } else {
      shown.energy = 0;
      sink = new nonstandard.RTCAudioSink(track);
      sink.ondata = ({ samples }) => {
        shown.frames++;
        shown.energy += samples.reduce((sum, s) => sum + (s / 32768) ** 2, 0) / samples.length;
      };
    }
    this.tracks.push({ shown, sink });
  }

  async onconnect() {
    say('connected');
  }

  async ondisconnect() {
    await this.end('peer');
  }

  getType() {
    return 'rtsp';
  }

  async streams() {
    const stats = [...(await this.pc.getStats()).values()];
    return this.tracks.map(({ shown }) => {
      const inbound = stats.find((s) => s.type === 'inbound-rtp' && s.kind === shown.kind);
      const codec = stats.find((s) => s.type === 'codec' && s.id === inbound?.codecId);
      return { ...shown, codec: codec?.mimeType.split('/')[1], ssrc: inbound?.ssrc,
        packets: inbound?.packetsReceived ?? 0, missing: inbound?.packetsLost ?? 0 };
    });
  }

  async end(reason) {
    if (!resources.delete(this)) return;
    say('closed', { reason, streams: await this.streams() });
    for (const { sink } of this.tracks) sink.stop();
  }

  async destroy() {
    await this.end('delete');
    super.destroy();
  }
}
plugins.RtspWrtcWhipResource = CountingResource;

async function freePort(host) {
  const server = net.createServer();
  await new Promise((done) => server.listen(0, host, done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

async function main() {
  const { values } = parseArgs({ options: {
    port: { type: 'string', default: '0' }, host: { type: 'string', default: '127.0.0.1' },
  } });
  const port = Number(values.port) || await freePort(values.host);
  const endpoint = new WhipEndpoint({ port, interfaceIp: values.host, iceServers: [],
    enabledWrtcPlugins: ['rtsp'] });
  endpoint.server.log.level = 'silent';
  endpoint.server.addHook('onResponse', async (request, reply) => {
    if (reply.statusCode >= 400) {
      say('error', { method: request.method, status: reply.statusCode });
    }
  });
  await endpoint.server.listen(port, values.host);
  say('listening', { url: `http://${values.host}:${port}/api/v2/whip/rtsp` });

  setInterval(async () => {
    for (const resource of resources) say('stats', { streams: await resource.streams() });
  }, STATS_INTERVAL_MS).unref();
  const quit = async () => {
    for (const resource of [...resources]) await resource.end('exit');
    process.exit(0);
  };
  process.once('SIGTERM', quit);
  process.once('SIGINT', quit);
  process.stdout.on('error', quit);
}

main().catch((error) => {
  say('error', { message: String(error.stack) });
  process.exit(1);
});
