// Where a run's time went, read from its tape.
//
// The tape times what the sessions did; what lies before the first line and after the
// last is the program's own start and end.
// Never another tool's time.

import { readFileSync } from 'node:fs';

// What a session waits for quiet at the least: before it leaves the page and after,
// and longer where it expects nothing.
const QUIET = 250;
const SILENCE = 1000;

export function tapeOf(path) {
  const lines = readFileSync(path, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  const of = (kind) => lines.filter((line) => line.kind === kind);
  return {
    started: lines[0].started,
    sessions: of('session'),
    steps: of('step'),
    ends: of('session-end'),
    end: of('end').at(-1).at,
  };
}

export function shares({ seconds, tape, began }, jobs) {
  const sessions = tape.ends.map((end) => {
    const start = tape.sessions.find((one) => one.session === end.session);
    const steps = tape.steps.filter((one) => one.session === end.session);
    const last = steps.at(-1);
    const quiet = (start.expect.length === 0 ? SILENCE : QUIET) + QUIET;
    return {
      whole: end.millis,
      browser: end.browser_millis,
      quiet,
      // Until the first step: with the browser's start where it is the worker's first.
      start: end.at - end.millis - start.at,
      open: steps[0].at - (end.at - end.millis),
      steps: steps.reduce((total, step) => total + step.millis, 0),
      ending: end.at - (last.at + last.millis),
    };
  });
  const total = (name) => sessions.reduce((all, one) => all + one[name], 0);
  const whole = total('whole');
  const outside = whole - total('browser');
  const own = outside - total('quiet');
  const last = Math.max(...tape.ends.map((end) => end.at));
  const share = (millis) => `${((100 * millis) / whole).toFixed(1).padStart(5)} %`;
  const line = (name, millis, more = '') => `  ${name.padEnd(44)} ${(millis / 1000).toFixed(2).padStart(6)} s${more}`;
  return [
    line('the run, by the clock', seconds * 1000),
    line('  before the first session', tape.sessions[0].at - began),
    line('  starting browsers (each worker, side by side)', total('start') / jobs),
    line('  after the last session: judging and reports', began + seconds * 1000 - last),
    line('all sessions', whole, `   ${share(whole)}`),
    line('  in commands to the browser', total('browser'), `   ${share(total('browser'))}`),
    line('  outside of them', outside, `   ${share(outside)}`),
    line('    of that the windows of quiet', total('quiet'), `   ${share(total('quiet'))}`),
    line('    of that late events, calm and own work', own, `   ${share(own)}`),
    line('  by phase: opening', total('open'), `   ${share(total('open'))}`),
    line('            steps', total('steps'), `   ${share(total('steps'))}`),
    line('            ending', total('ending'), `   ${share(total('ending'))}`),
  ].join('\n');
}
