#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Puts a movie, H.264 + AAC in MP4 and longer than a minute, into a folder.
#
# movie.sh DIR          DIR/movie.mp4: a real film of three minutes from Debian's
#                       openboard-common ("Wanna Work Together?"), taken out of
#                       the package without installing it. Fails if the package
#                       cannot be had.
# movie.sh --made DIR   DIR/made.mp4: 60 s at 25 frames/s, made here, the same each
#                       time: a detailed picture in motion with the frame's number
#                       burnt in, and a voice that reads aloud.
# A file that is there is left alone.
set -euo pipefail

package=openboard-common
member=./usr/share/openboard/library/videos/wannaworktogether.mp4
seconds=60
rate=25

real () {
  local dir=$1 work
  [ ! -s "$dir/movie.mp4" ] || return 0
  if [ -r "${member#.}" ]; then
    cp "${member#.}" "$dir/movie.mp4.part"
  else
    work=$(mktemp -d)
    # shellcheck disable=SC2064 # the folder of now is meant
    trap "rm -rf '$work'" EXIT
    (cd "$work" && apt-get -q -o APT::Sandbox::User="$(id -un)" download "$package" \
        >/dev/null)
    dpkg-deb --fsys-tarfile "$work"/*.deb | tar -xOf - "$member" >"$dir/movie.mp4.part"
  fi
  mv "$dir/movie.mp4.part" "$dir/movie.mp4"
}

made () {
  local dir=$1 voice=$1/voice.wav
  [ ! -s "$dir/made.mp4" ] || return 0
  # The words are of no matter; that they never stop is.
  local words='' i
  for i in $(seq 1 60); do
    words+="Second $i. This is a test of a broadcast that stays on air. "
  done
  espeak-ng -s 160 -w "$voice" "$words"
  ffmpeg -nostdin -loglevel error -y \
      -f lavfi -i "testsrc2=size=640x360:rate=$rate:duration=$seconds" -i "$voice" \
      -filter_complex "[0:v]noise=alls=8:all_seed=1:allf=t,drawtext=text='%{frame_num}':\
x=40:y=260:fontsize=72:fontcolor=white:box=1:boxcolor=black:boxborderw=8[v];\
[1:a]aresample=48000,pan=stereo|c0=c0|c1=c0,apad[a]" \
      -map '[v]' -map '[a]' -t $seconds -threads 1 -fflags +bitexact -flags +bitexact \
      -c:v libx264 -preset veryfast -b:v 1M -maxrate 1500k -bufsize 2M -g 50 -bf 0 \
      -profile:v main -pix_fmt yuv420p -c:a aac -b:a 128k \
      -movflags +faststart -f mp4 "$dir/made.mp4.part"
  rm -f "$voice"
  mv "$dir/made.mp4.part" "$dir/made.mp4"
}

make=real
if [ "${1:-}" = --made ]; then
  make=made
  shift
fi
[ $# -eq 1 ] || { sed -n '5,13s/^# \{0,1\}//p' "$0" >&2; exit 2; }
mkdir -p "$1"
"$make" "$1"
