#!/usr/bin/env node
// SPDX-License-Identifier: LGPL-2.1-or-later
// An HTTP proxy that knows CONNECT only (RFC 9110 9.3.6), and wants user and password.
'use strict';

const http = require('node:http');
const net = require('node:net');

const [, , address, port, credentials] = process.argv;
const wanted = 'Basic ' + Buffer.from(credentials).toString('base64');
const server = http.createServer((request, response) => response.writeHead(405).end());

server.on('connect', (request, socket, head) => {
  if (request.headers['proxy-authorization'] !== wanted) {
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    return;
  }
  const [host, to] = request.url.split(':');
  const onward = net.connect(Number(to), host, () => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    onward.write(head);
    onward.pipe(socket);
    socket.pipe(onward);
  });
  onward.on('error', () => socket.destroy());
  socket.on('error', () => onward.destroy());
});
server.listen(Number(port), address, () => console.log('ready'));
process.stdin.resume().on('end', () => process.exit(0));
