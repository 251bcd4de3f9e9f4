// SPDX-License-Identifier: LGPL-2.1-or-later
// A page with the genuine openvidu-browser.
'use strict';

// In the browser: the genuine client, which watches whoever publishes. What is seen is in window.view,
// and told, where there is window.told ().
async function watch([url]) {
  const { OpenVidu } = window;
  const openvidu = new OpenVidu();
  openvidu.enableProdMode();
  const session = openvidu.initSession();
  const view = { frames: 0, last: 0, gap: 0, late: 0, streams: [], ended: [], signals: [] };
  Object.assign(window, { view, session });
  let ticked = performance.now();
  setInterval(() => {
    const now = performance.now();
    view.late = Math.max(view.late, now - ticked - 20);
    ticked = now;
  }, 20);
  session.on('streamCreated', ({ stream }) => {
    view.streams.push(stream.streamId);
    window.told?.('stream');
    const place = document.body.appendChild(document.createElement('div'));
    const subscriber = session.subscribe(stream, place);
    subscriber.on('videoElementCreated', ({ element }) => {
      const count = () => {
        const now = performance.now();
        if (view.last) view.gap = Math.max(view.gap, now - view.last);
        view.last = now;
        view.frames += 1;
        window.told?.('frame');
        element.requestVideoFrameCallback(count);
      };
      element.muted = true;
      element.requestVideoFrameCallback(count);
    });
  });
  session.on('streamDestroyed', ({ reason }) => view.ended.push(reason));
  session.on('signal', ({ type, data }) => view.signals.push(`${type} ${data}`));
  await session.connect(url, { clientData: 'viewer' });
}

module.exports = { watch };
