// SPDX-License-Identifier: LGPL-2.1-or-later
// A child process whose output is waited for, line by line, never longer than told.
'use strict';

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const readline = require('node:readline');

// A program that is told to end gets this long before it is killed.
const GRACE_MS = 20000;
const LOG_LINES = 60;
const running = new Set();

// However the driver ends, it leaves no process behind.
process.on('exit', () => {
  for (const program of running) program.child.kill('SIGKILL');
});

class Program {
  constructor(command, args, options = {}) {
    this.name = `${command.split('/').pop()} ${args[0] ?? ''}`.trim();
    this.lines = [];
    this.events = [];
    this.waiting = new Set();
    this.child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    running.add(this);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      readline.createInterface({ input: stream }).on('line', (line) => this.take(line));
    }
    this.exited = new Promise((resolve) => {
      this.child.once('error', (error) => resolve({ code: null, error }));
      this.child.once('close', (code, signal) => resolve({ code, signal }));
    }).then((status) => {
      running.delete(this);
      this.status = status;
      this.wake();
      return status;
    });
  }

  take(line) {
    this.lines.push(line);
    if (line.startsWith('{')) {
      try {
        const value = JSON.parse(line);
        if (value.event) this.events.push(value);
      } catch {
        // A log line that only looks like JSON.
      }
    }
    this.wake();
  }

  wake() {
    for (const look of this.waiting) look();
  }

  // Resolves with what look () returns, once that is neither null nor undefined;
  // rejects when the program has ended without, or the time is over.
  until(what, seconds, look) {
    return new Promise((resolve, reject) => {
      const done = (settle, value) => {
        clearTimeout(limit);
        this.waiting.delete(again);
        settle(value);
      };
      const again = () => {
        const found = look();
        if (found !== undefined && found !== null) done(resolve, found);
        else if (this.status) done(reject, this.failure(`ended before ${what}`));
      };
      const limit = setTimeout(
        () => done(reject, this.failure(`no ${what} within ${seconds} s`)), seconds * 1000);
      this.waiting.add(again);
      again();
    });
  }

  event(name, seconds, matches = () => true) {
    return this.until(name, seconds,
      () => this.events.find((event) => event.event === name && matches(event)));
  }

  line(pattern, seconds) {
    return this.until(String(pattern), seconds,
      () => this.lines.map((line) => line.match(pattern)).find(Boolean));
  }

  // Of each of its threads the time in which it had a processor, and in which it waited for one, in
  // ns (schedstat of proc(5)).
  threads() {
    const tasks = `/proc/${this.child.pid}/task`;
    const threads = new Map();
    for (const task of fs.readdirSync(tasks)) {
      try {
        threads.set(task, fs.readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ').map(Number));
      } catch {
        // The thread has just ended.
      }
    }
    return threads;
  }

  // How many times longer than on an idle machine its work has taken since @before, what threads()
  // returned.
  slowness(before = new Map()) {
    let [all, waits] = [1e6, 0];
    for (const [task, [had, waited]] of this.threads()) {
      const [hadBefore, waitedBefore] = before.get(task) ?? [0, 0];
      all += had - hadBefore;
      waits += waited - waitedBefore;
    }
    return 1 + waits / all;
  }

  async exit(seconds) {
    await this.until('exit', seconds, () => this.status);
    return this.status;
  }

  // Ends as it should: otherwise the error is what it said.
  async succeeds(seconds) {
    const { code, signal } = await this.exit(seconds);
    if (code !== 0) throw this.failure(`exit ${code ?? signal}`);
  }

  async stop() {
    if (this.status) return;
    this.child.kill('SIGTERM');
    const limit = setTimeout(() => this.child.kill('SIGKILL'), GRACE_MS);
    await this.exited;
    clearTimeout(limit);
  }

  failure(what) {
    return new Error(`${this.name}: ${what}; its output ended with\n`
      + this.lines.slice(-LOG_LINES).map((line) => '    ' + line.slice(0, 300)).join('\n'));
  }
}

// Fails if something took longer than five times the @wanted time, in ms. A program that is
// @slowness times slower than on an idle machine may take as many times longer, and a page that is
// @late gets that on top.
function judge(took, wanted, late, slowness) {
  assert(took <= 5 * (wanted * slowness + late),
    `back after ${took} ms, the page ${late} ms late, the program ${slowness.toFixed(1)} times slower`);
}

module.exports = { Program, judge };
