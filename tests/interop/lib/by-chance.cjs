// SPDX-License-Identifier: LGPL-2.1-or-later
// Faults by chance, one after the other, and what a program has open and in memory over them.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');

// What is loaded once is, after so many.
const WARM = 10;
// Of files and threads: those of one connection that ends and one that begins. Of memory, in kB:
// resident, and in use where the program tells it.
const SLACK = 12;
const SLACK_KB = 20000;
const SLACK_IN_USE_KB = 2000;

function size({ child: { pid }, events }) {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    fds: fs.readdirSync(`/proc/${pid}/fd`).length,
    threads: Number(/Threads:\s+(\d+)/.exec(status)[1]),
    kB: Number(/VmRSS:\s+(\d+)/.exec(status)[1]),
    inUse: events?.findLast(({ inUse }) => inUse)?.inUse,
  };
}

// What was done with @seed before
function resume(file, seed) {
  if (!file || !fs.existsSync(file)) return [];
  return fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line))
    .filter((entry) => entry.seed === seed);
}

function median(times) {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
}

function told({ inUse }) {
  return inUse ? `, ${inUse} in use` : '';
}

// @cases: names to functions of @stage that end in the time that the way back took, if it is known;
// @program: of what is watched; @n faults, the same each time with the same @seed. With
// @file each is noted there, and those that are in it already are not done again.
async function run({ cases, stage, program, n, seed, file }) {
  const names = Object.keys(cases);
  const done = resume(file, seed);
  let state = seed;
  let ran = 0;
  let start;
  for (let i = 1; i <= n; i += 1) {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    if (i <= done.length) continue;
    const name = names[Math.floor(state / 2 ** 31 * names.length)];
    const took = await cases[name](stage);
    const entry = { seed, i, name, took, ...size(program()) };
    console.log(`   ${i} ${name}: ${took ?? '-'} ms, ${entry.fds} files, ${entry.threads} threads, `
      + `${entry.kB} kB${told(entry)}`);
    if (file) fs.appendFileSync(file, `${JSON.stringify(entry)}\n`);
    done.push(entry);
    ran += 1;
    if (ran === WARM) start = entry;
  }
  for (const name of names) {
    const times = done.filter((entry) => entry.name === name && entry.took !== undefined)
      .map(({ took }) => took);
    if (times.length) {
      console.log(`   ${name}: ${times.length} times, median ${median(times)}, longest ${Math.max(...times)} ms`);
    }
  }
  const last = done.at(-1);
  if (!start || last === start) return;
  console.log(`   over ${last.i - start.i} faults: files ${start.fds} to ${last.fds}, `
    + `threads ${start.threads} to ${last.threads}, ${start.kB} to ${last.kB} kB`
    + `${start.inUse ? `, in use ${start.inUse} to ${last.inUse} kB` : ''}`);
  assert(!(last.inUse > start.inUse + SLACK_IN_USE_KB), 'more in use than at first');
  assert(last.fds <= start.fds + SLACK && last.threads <= start.threads + SLACK
    && last.kB <= start.kB + SLACK_KB, 'more than at first');
}

module.exports = { run };
