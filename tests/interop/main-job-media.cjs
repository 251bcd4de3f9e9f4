// SPDX-License-Identifier: LGPL-2.1-or-later
// What a movie looks and sounds like, and where in it something received belongs.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');

// A picture is told by the mean brightness of GRID × GRID fields,
const GRID = 8;
// sound by its loudness in steps of 10 ms.
const STEP_S = 0.01;
const RATE = 48000;
const SMALL = { width: 64, height: 48 };
// What was received is compared in windows: a hiccup of the receiver spoils one.
const WINDOW_S = 2;
const SEARCH_S = 1.5;
// A picture in which nothing moves for so long tells no time.
const MAX_DOUBT_S = 0.1;
const LIMIT = { timeout: 60000, maxBuffer: 1 << 28 };

function run(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, LIMIT);
  if (status !== 0) throw error ?? new Error(`${command}: ${stderr}`);
  return stdout;
}

const ffmpeg = (...args) => run('ffmpeg', ['-nostdin', '-loglevel', 'error', '-y', ...args]);

// The first seconds of a movie, as they are.
function cut(movie, folder, seconds) {
  const file = path.join(folder, `main-job-${process.pid}-${seconds}${path.extname(movie)}`);
  ffmpeg('-i', movie, '-t', String(seconds), '-c', 'copy', file);
  return file;
}

function gridOf(luma, { width, height }) {
  const sums = new Array(GRID * GRID).fill(0);
  const counts = new Array(GRID * GRID).fill(0);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const field = Math.floor((y * GRID) / height) * GRID + Math.floor((x * GRID) / width);
      sums[field] += luma[y * width + x];
      counts[field]++;
    }
  }
  return sums.map((sum, i) => sum / counts[i]);
}

// {width, height, fps, seconds, grids, keys: numbers of key frames, loudness}
function describe(file) {
  const { streams, packets } = JSON.parse(run('ffprobe', ['-v', 'error', '-of', 'json',
    '-select_streams', 'v:0', '-show_entries',
    'stream=width,height,avg_frame_rate,duration:packet=flags', file]));
  const [{ width, height, avg_frame_rate: rate, duration }] = streams;
  const [count, per] = rate.split('/').map(Number);

  const raw = ffmpeg('-i', file, '-map', '0:v:0', '-fps_mode', 'passthrough', '-vf',
    `scale=${SMALL.width}:${SMALL.height}:flags=area,format=yuv420p`, '-f', 'rawvideo', '-');
  const size = SMALL.width * SMALL.height;
  const grids = [];
  for (let at = 0; at < raw.length; at += size * 1.5) {
    grids.push(gridOf(raw.subarray(at, at + size), SMALL));
  }

  const pcm = ffmpeg('-i', file, '-map', '0:a:0', '-ac', '1', '-ar', String(RATE), '-f', 's16le', '-');
  const step = RATE * STEP_S;
  const loudness = [];
  for (let at = 0; at + 2 * step <= pcm.length; at += 2 * step) {
    let sum = 0;
    for (let i = 0; i < step; i++) sum += (pcm.readInt16LE(at + 2 * i) / 32768) ** 2;
    loudness.push(Math.sqrt(sum / step));
  }
  return {
    width, height, fps: count / per, seconds: Number(duration), grids, loudness,
    keys: packets.flatMap(({ flags }, i) => (flags.startsWith('K') ? [i] : [])),
  };
}

const distance = (a, b) => a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length;

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

// Parts of WINDOW_S of what was recorded, each half a window after the one before.
function windowsOf(recorded) {
  const windows = [];
  for (let from = recorded[0].at; from + WINDOW_S <= recorded.at(-1).at; from += WINDOW_S / 2) {
    windows.push(recorded.filter(({ at }) => at >= from && at < from + WINDOW_S));
  }
  return windows.filter((part) => part.length > 0);
}

// By how much a window of pictures is later than the movie: {offset, error}, or
// undefined if the movie stands still there. `about` is known to SEARCH_S.
function placePictures(movie, shown, about) {
  const errors = [];
  for (let offset = about - SEARCH_S; offset <= about + SEARCH_S; offset += STEP_S / 2) {
    const error = mean(shown.map(({ at, grid }) => {
      const index = Math.round((at - offset) * movie.fps);
      return index in movie.grids ? distance(grid, movie.grids[index]) : 255;
    }));
    errors.push({ offset, error });
  }
  const least = Math.min(...errors.map(({ error }) => error));
  const good = errors.filter(({ error }) => error <= 1.1 * least + 0.01);
  const [first, last] = [good[0].offset, good.at(-1).offset];
  if (last - first > MAX_DOUBT_S) return undefined;
  return { offset: (first + last) / 2, error: least };
}

// Where the pictures shown belong: the median of all windows.
function findPictures(movie, shown, firstIndex) {
  // Frames follow each other from the first one on.
  const about = shown[0].at - firstIndex / movie.fps;
  const found = windowsOf(shown).map((part) => placePictures(movie, part, about)).filter(Boolean);
  return {
    windows: found.length,
    offset: median(found.map(({ offset }) => offset)),
    offsets: found.map(({ offset }) => offset),
    error: median(found.map(({ error }) => error)),
  };
}

// By how much a window of sound is later than the movie: {offset, likeness: -1 to
// 1, gain}, or undefined if it is too even to tell.
function placeSound(movie, heard, about) {
  const loud = heard.map(({ loudness }) => loudness);
  const middle = mean(loud);
  const power = mean(loud.map((value) => (value - middle) ** 2));
  const from = heard[0].at - about;
  let best = { likeness: -1 };
  for (let index = Math.max(0, Math.floor((from - SEARCH_S) / STEP_S));
    index <= (from + SEARCH_S) / STEP_S && index + loud.length <= movie.loudness.length; index++) {
    const part = movie.loudness.slice(index, index + loud.length);
    const centre = mean(part);
    const both = mean(part.map((value, i) => (value - centre) * (loud[i] - middle)));
    const own = mean(part.map((value) => (value - centre) ** 2));
    const likeness = both / Math.sqrt(own * power);
    if (likeness > best.likeness) best = { index, likeness, gain: middle / centre };
  }
  if (best.index === undefined) return undefined;
  return { ...best, offset: median(heard.map(({ at }, i) => at - (best.index + i) * STEP_S)) };
}

function findSound(movie, heard, about) {
  const found = windowsOf(heard).map((part) => placeSound(movie, part, about)).filter(Boolean);
  return {
    windows: found.length,
    offset: median(found.map(({ offset }) => offset)),
    offsets: found.map(({ offset }) => offset),
    likeness: median(found.map(({ likeness }) => likeness)),
    gain: median(found.map(({ gain }) => gain)),
  };
}

// A movie in H.264 is there, and so are the tools to look into it.
function isThere(movie) {
  return fs.existsSync(movie) && ['ffmpeg', 'ffprobe'].every(
    (command) => spawnSync(command, ['-version'], LIMIT).status === 0);
}

module.exports = { GRID, cut, describe, findPictures, findSound, median, isThere };
