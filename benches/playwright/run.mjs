#!/usr/bin/env node
// Times `countonce demo` and the same flows in Playwright, in turn.
//
// Usage: node benches/playwright/run.mjs [--rounds 5] [--jobs 2] [--overlap] [--countonce FILE]
// Nothing is built but for a missing countonce; playwright-core is installed from npm
// below the target folder. See README.md beside this file for what is compared.

import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { flows } from './flows.mjs';
import { shares, tapeOf } from './tape.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = resolve(here, '../..');
const target = resolve(root, process.env.CARGO_TARGET_DIR ?? 'target');
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    jobs: { type: 'string', default: '2' },
    overlap: { type: 'boolean', default: false },
    countonce: { type: 'string' },
  },
});
const [rounds, jobs] = [options.rounds, options.jobs].map(Number);
if (!(rounds >= 1 && jobs >= 1)) throw new Error('--rounds and --jobs take a number from 1');

const countonce = options.countonce ? resolve(options.countonce) : built();
const work = join(target, 'playwright');
const runs = join(work, 'runs');
rmSync(runs, { recursive: true, force: true });
const modules = installed();
const browser = found();
const major = /^\d+/.exec(browser.version)[0];

const shop = await served();
try {
  await compare();
} finally {
  await shop.stop();
}

async function compare() {
  console.log(`countonce   ${execFileSync(countonce, ['--version'], { encoding: 'utf8' }).trim()}, ${kind()}`);
  console.log(`playwright  playwright-core ${pinned()}, node ${process.versions.node}`);
  console.log(`chromium    ${browser.version} for both, ${jobs} workers each, ${cpus().length} cores`);
  console.log('\nround      countonce  Playwright  ratio   load');
  const kept = [];
  // The first round warms the disk's cache for both and is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    const load = loadavg()[0].toFixed(1);
    const ours = await playOurs();
    const theirs = await playTheirs(ours.tape);
    if (round > 0) kept.push({ ours, theirs });
    const name = round === 0 ? 'warm-up' : String(round);
    console.log(row(name, ours.seconds, theirs.seconds, load));
  }
  const ours = median(kept.map((one) => one.ours.seconds));
  const theirs = median(kept.map((one) => one.theirs.seconds));
  const ratio = median(kept.map((one) => one.ours.seconds / one.theirs.seconds));
  console.log(row('median', ours, theirs, loadavg()[0].toFixed(1)));
  console.log(`\nmedian of the rounds' ratios: ${ratio.toFixed(2)} (below 1: countonce is faster)`);
  const quiet = median(kept.map((one) => sum(one.theirs.flows.map((flow) => flow.quiet)) / 1000));
  const overlap = options.overlap ? 'beside the next flow' : 'before the next flow';
  console.log(`Playwright's flows wait ${quiet.toFixed(1)} s in all for quiet, ${overlap}`);
  console.log(`\nWhere countonce's time goes (median run)\n${shares(middle(kept.map((one) => one.ours)), jobs)}`);
}

function row(name, ours, theirs, load) {
  const seconds = (value) => `${value.toFixed(2)} s`;
  return [
    name.padEnd(9),
    seconds(ours).padStart(10),
    seconds(theirs).padStart(11),
    (ours / theirs).toFixed(2).padStart(6),
    load.padStart(6),
  ].join(' ');
}

async function playOurs() {
  const out = join(runs, 'countonce');
  rmSync(out, { recursive: true, force: true });
  const began = Date.now();
  const { code, stdout, stderr, seconds } = await timed(countonce, ['demo', '--jobs', String(jobs), '--out', out]);
  if (code !== 0) throw new Error(`countonce demo ended with ${code}:\n${stdout}\n${stderr}`);
  const tape = tapeOf(join(out, 'latest', 'tape.jsonl'));
  same(tape);
  return { seconds, tape, began };
}

async function playTheirs(tape) {
  // The people who have just bought at countonce's shop buy here, too.
  const people = Object.fromEntries(tape.sessions.map((session) => [session.scenario, session.persona]));
  const agent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 Safari/537.36`;
  const { overlap } = options;
  const task = { people, agent, overlap, jobs, modules, chromium: browser.path, shop: shop.address };
  const { code, stdout, stderr, seconds } = await timed(process.execPath, [join(here, 'play.mjs')], JSON.stringify(task));
  if (code !== 0) throw new Error(`the Playwright flows ended with ${code}:\n${stderr}`);
  const played = JSON.parse(stdout);
  const problems = played.flatMap((flow) => flow.problems.map((problem) => `${flow.name}: ${problem}`));
  if (problems.length > 0) throw new Error(`Playwright's flows did not see what is expected:\n  ${problems.join('\n  ')}`);
  return { seconds, flows: played };
}

// A comparison of different work is none.
function same(tape) {
  const plain = (expect, never) =>
    JSON.stringify([expect.map((one) => [one.event, one.count, one.value ?? null, one.currency ?? null]), never]);
  const ours = Object.fromEntries(tape.sessions.map((one) => [one.scenario, plain(one.expect, one.never)]));
  const theirs = Object.fromEntries(flows.map((one) => [one.name, plain(one.expect, one.never)]));
  for (const name of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    if (ours[name] !== theirs[name]) throw new Error(`flows.mjs does not mirror the scenario "${name}" any more`);
  }
}

function timed(program, args, input = '') {
  return new Promise((done, failed) => {
    const begun = performance.now();
    const child = spawn(program, args, { cwd: root, env: { ...process.env, NO_COLOR: '1' } });
    const [stdout, stderr] = [[], []];
    child.stdout.on('data', (part) => stdout.push(part));
    child.stderr.on('data', (part) => stderr.push(part));
    child.on('error', failed);
    child.on('close', (code, signal) => {
      const seconds = (performance.now() - begun) / 1000;
      done({ code: code ?? signal, seconds, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
    child.stdin.on('error', () => {
      // A child that ends at once reads nothing; its exit code says why.
    });
    child.stdin.end(input);
  });
}

// The demo's shop alone, for Playwright, until it is stopped.
async function served() {
  const child = spawn(countonce, ['demo', '--serve', '--out', join(runs, 'shop')], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise((done) => child.on('close', done));
  // However this program ends, its shop ends with it.
  process.on('exit', () => child.kill('SIGINT'));
  const address = await new Promise((done, failed) => {
    createInterface(child.stdout).on('line', (line) => {
      const shown = /^shop\s+(http:\S+)$/.exec(line);
      if (shown) done(shown[1]);
    });
    child.on('error', failed);
    child.on('close', (code) => failed(new Error(`the shop ended with ${code} before it was open`)));
  });
  const stop = () => {
    child.kill('SIGINT');
    return ended;
  };
  return { address, stop };
}

function built() {
  const kinds = ['release', 'debug'].map((profile) => join(target, profile, 'countonce'));
  const there = kinds.find((path) => existsSync(path));
  if (there) return there;
  execFileSync('cargo', ['build'], { cwd: root, stdio: 'inherit' });
  return kinds[1];
}

function kind() {
  return countonce.includes('/release/') ? 'release build' : 'debug build';
}

function pinned() {
  return JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')).dependencies['playwright-core'];
}

// Installs what package.json names, once; returns the file from which it is resolved.
function installed() {
  mkdirSync(work, { recursive: true });
  const manifest = join(work, 'package.json');
  const there = join(work, 'node_modules/playwright-core/package.json');
  const version = existsSync(there) ? JSON.parse(readFileSync(there, 'utf8')).version : null;
  if (version !== pinned()) {
    cpSync(join(here, 'package.json'), manifest);
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: work, stdio: 'inherit' });
  }
  return manifest;
}

// The browser that countonce itself plays in.
function found() {
  const shown = execFileSync(countonce, ['setup'], { encoding: 'utf8' });
  const line = /^browser\s+(\S+)\s+(\S.*)$/m.exec(shown);
  if (!line) throw new Error(`countonce setup names no browser:\n${shown}`);
  return { version: line[1], path: line[2] };
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

// The run whose time is in the middle.
function middle(kept) {
  return [...kept].sort((a, b) => a.seconds - b.seconds)[(kept.length - 1) >> 1];
}
