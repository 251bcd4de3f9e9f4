// SPDX-License-Identifier: LGPL-2.1-or-later
// A session of OpenVidu: the stand-in server, and a Chromium with the genuine client.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const browser = require('./browser.cjs');

const HOST = '127.0.0.1';
const SESSION = 'ses_A';
const PATIENCE_S = 20;
const PAGE = '<!doctype html><meta charset=utf-8><script src=/client.js></script><body>';
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// What it takes beside Chromium
function isThere() {
  try {
    require.resolve('openvidu-browser/package.json');
    return browser.isThere();
  } catch {
    return false;
  }
}

function findClient() {
  return path.join(path.dirname(require.resolve('openvidu-browser/package.json')),
    'static/js/openvidu-browser-2.32.2.min.js');
}

class Stage {
  async open(options = {}) {
    this.options = options;
    await this.serve(0);
    this.chromium = await browser.open({ width: 640, height: 480 });
  }

  // @port: 0: any
  async serve(port) {
    const { Server } = require('./openvidu-server.cjs');
    const client = findClient();
    this.server = new Server({ page: (request, response) => {
      if (request.url === '/client.js') fs.createReadStream(client).pipe(response);
      else if (request.url === '/token') response.end(this.server.token(SESSION));
      else response.setHeader('content-type', 'text/html').end(PAGE);
    }, ...this.options });
    await this.server.listen(HOST, port);
  }

  // Runs @action in a page of its own, with a token URL and @values.
  async play(action, ...values) {
    const page = await this.chromium.context.newPage();
    await page.goto(`http://${this.server.origin}/`);
    await page.evaluate(action, [this.server.token(SESSION), ...values]);
    return page;
  }

  count(what) {
    return this.server.log.filter((entry) => entry.what === what).length;
  }

  async until(what, look, seconds = PATIENCE_S) {
    const end = Date.now() + seconds * 1000;
    while (!await look()) {
      assert(Date.now() < end, `no ${what} within ${seconds} s`);
      await sleep(50);
    }
  }

  // Cuts the socket of a participant; no other one is taken until this returns.
  async cut(one, ms) {
    this.server.refusing = true;
    one.rpc.link.socket.destroy();
    await sleep(ms);
    this.server.refusing = false;
  }

  async close() {
    await this.chromium?.close();
    this.server?.close();
  }
}

module.exports = { Stage, findClient, isThere, sleep, PAGE, SESSION, PATIENCE_S };
