// SPDX-License-Identifier: LGPL-2.1-or-later
// SDP fragments of RFC 8840: read one, print one, and put one into a description.
'use strict';

function parse(text) {
  const fragment = { ufrag: null, pwd: null, mid: null, candidates: [], end: false };
  for (const line of text.split(/\r?\n/)) {
    const at = line.indexOf(':');
    const name = at < 0 ? line : line.slice(0, at);
    const value = at < 0 ? '' : line.slice(at + 1);
    if (name === 'a=ice-ufrag') fragment.ufrag = value;
    else if (name === 'a=ice-pwd') fragment.pwd = value;
    else if (name === 'a=mid') fragment.mid ??= value;
    else if (name === 'a=candidate') fragment.candidates.push('candidate:' + value);
    else if (name === 'a=end-of-candidates') fragment.end = true;
  }
  return fragment;
}

// The fragment that tells credentials and candidates of a complete description:
// with everything bundled, those of its first m-section.
function ofDescription(sdp) {
  const lines = sdp.split(/\r?\n/);
  const pick = (prefix) => lines.find((line) => line.startsWith(prefix));
  const media = lines.findIndex((line) => line.startsWith('m='));
  const next = lines.findIndex((line, i) => i > media && line.startsWith('m='));
  const section = lines.slice(media, next < 0 ? undefined : next);
  return [
    pick('a=ice-lite'), 'a=ice-options:trickle ice2', pick('a=group:BUNDLE'), lines[media],
    section.find((line) => line.startsWith('a=mid:')),
    pick('a=ice-ufrag:'), pick('a=ice-pwd:'),
    ...section.filter((line) => line.startsWith('a=candidate:')), 'a=end-of-candidates',
  ].filter(Boolean).join('\r\n') + '\r\n';
}

// The offer that a restart by PATCH stands for: new credentials and candidates,
// next version, all else as it was (RFC 9725 4.3.3).
function applyRestart(offer, fragment) {
  const out = [];
  let medias = 0;
  for (const line of offer.split(/\r?\n/)) {
    if (/^a=(candidate:|end-of-candidates)/.test(line)) continue;
    if (line.startsWith('m=') && ++medias === 2) pushCandidates(out, fragment);
    if (line.startsWith('a=ice-ufrag:')) out.push('a=ice-ufrag:' + fragment.ufrag);
    else if (line.startsWith('a=ice-pwd:')) out.push('a=ice-pwd:' + fragment.pwd);
    else if (line.startsWith('o=')) out.push(nextVersion(line));
    else if (line !== '') out.push(line);
  }
  if (medias === 1) pushCandidates(out, fragment);
  return out.join('\r\n') + '\r\n';
}

function pushCandidates(out, fragment) {
  for (const candidate of fragment.candidates) out.push('a=' + candidate);
  if (fragment.end) out.push('a=end-of-candidates');
}

function nextVersion(origin) {
  const fields = origin.split(' ');
  fields[2] = String(BigInt(fields[2]) + 1n);
  return fields.join(' ');
}

function credentials(sdp) {
  const { ufrag, pwd } = parse(sdp);
  return { ufrag, pwd };
}

module.exports = { parse, ofDescription, applyRestart, credentials };
