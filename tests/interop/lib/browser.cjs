// SPDX-License-Identifier: LGPL-2.1-or-later
// A headless Chromium that is alike on every machine, and what it says while it runs.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const CHROMIUM = process.env.RCAST_CHROMIUM || '/usr/bin/chromium';
const ARGUMENTS = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--disable-background-timer-throttling', '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows', '--no-proxy-server', '--mute-audio',
  '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  // Without, host candidates are names that only multicast DNS can resolve.
  // On a busy machine a process for the sound may start too late, which is not tried again.
  '--disable-features=WebRtcHideLocalIpsWithMdns,AudioServiceOutOfProcess',
];
const START_MS = 60000;

function isThere() {
  try {
    require.resolve('playwright-core');
    fs.accessSync(CHROMIUM, fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function open(viewport = { width: 1100, height: 900 }) {
  const { chromium } = require('playwright-core');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rcast-chromium-'));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: CHROMIUM, args: ARGUMENTS,
    headless: true, viewport, timeout: START_MS,
  }).catch((error) => {
    fs.rmSync(folder, { recursive: true, force: true });
    throw error;
  });
  const said = [];
  context.on('page', (page) => {
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(`error: ${error.message}`));
  });
  return {
    context,
    said,
    async close() {
      await context.close();
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

module.exports = { isThere, open };
