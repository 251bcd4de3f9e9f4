#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// The genuine openvidu-browser in Chromium watches a session of a stand-in server elsewhere.
//
// openvidu-look.cjs URL: with tokens of URL, until SIGTERM; tells each stream and each frame that is shown.
// Exits with 77 if there is no Chromium.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const browser = require('./lib/browser.cjs');
const { findClient, isThere, PAGE } = require('./lib/openvidu-stage.cjs');
const { watch } = require('./lib/openvidu-page.cjs');

function tell(what) {
  console.log(`event=${what} at-us=${process.hrtime.bigint() / 1000n}`);
}

// The page is of this host, which a browser trusts.
async function serve() {
  const server = http.createServer((request, response) => {
    if (request.url === '/client.js') fs.createReadStream(findClient()).pipe(response);
    else response.setHeader('content-type', 'text/html').end(PAGE);
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return server.address().port;
}

async function main([tokens]) {
  const port = await serve();
  const chromium = await browser.open({ width: 640, height: 480 });
  process.once('SIGTERM', () => chromium.close().finally(() => process.exit(0)));
  const page = await chromium.context.newPage();
  await page.exposeFunction('told', tell);
  await page.goto(`http://127.0.0.1:${port}/`);
  const token = await (await fetch(tokens)).text();
  await page.evaluate(watch, [token]);
  tell('joined');
}

if (!isThere()) process.exit(77);
main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
