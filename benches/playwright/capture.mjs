// Request capture with Playwright's own means: routes answer Meta's hosts, request
// events are the record.
//
// The pixel script is the same stand-in that countonce serves, joined from its parts
// in the order that the Rust source gives.
// Never which flow runs.

import { readFileSync } from 'node:fs';

const META = /^https:\/\/(connect\.facebook\.net|www\.facebook\.com)\//;
const HIT = /^https:\/\/www\.facebook\.com\/tr\/?\?|^https:\/\/www\.facebook\.com\/tr\/?$/;
const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64');

// Longest wait for what is expected; countonce's own default.
const SETTLE = 5000;

const source = (path) => readFileSync(new URL(`../../src/platform/meta/${path}`, import.meta.url), 'utf8');

export function standIn() {
  const parts = [...source('stand_in.rs').matchAll(/include_str!\("(stand_in\/\w+\.js)"\)/g)];
  const places = source('normalise/places.rs');
  const words = (name) => {
    const text = new RegExp(`${name}: &str = "([^"]*)"`).exec(places)[1];
    return text.replaceAll('\\\n', ' ').trim().split(/\s+/).join(' ');
  };
  const body = parts
    .map((part) => source(part[1]))
    .join('')
    .replaceAll('@STATES@', words('STATES'))
    .replaceAll('@COUNTRIES@', words('COUNTRIES'));
  if (parts.length === 0 || /@[A-Z]+@/.test(body)) throw new Error('the stand-in is joined in another way by now');
  return `(function (window, document) {\n'use strict';\n${body}})(window, document);\n`;
}

// The hits of one browser context, in order.
export class Hits {
  #all = [];
  #reading = [];
  #last = 0;
  #changed = new Set();
  /** Milliseconds spent waiting for quiet, which no tool can spare. */
  quiet = 0;

  static async of(context, script) {
    const hits = new Hits();
    context.on('request', (request) => {
      if (HIT.test(request.url())) hits.#note(request);
    });
    await context.route(META, (route) => {
      const url = route.request().url();
      if (url.includes('/fbevents.js')) {
        return route.fulfill({ contentType: 'application/x-javascript; charset=utf-8', body: script });
      }
      return HIT.test(url)
        ? route.fulfill({ contentType: 'image/gif', body: GIF })
        : route.fulfill({ status: 204 });
    });
    return hits;
  }

  #note(request) {
    const reading = fields(request).then((found) => {
      this.#all.push(found);
      this.#last = performance.now();
      for (const wake of this.#changed) wake();
    });
    this.#reading.push(reading);
  }

  named(event) {
    return this.#all.filter((hit) => hit.get('ev') === event);
  }

  async event(name) {
    if (!(await this.#until(() => this.named(name).length > 0, SETTLE))) {
      throw new Error(`no ${name} within ${SETTLE} ms`);
    }
  }

  // Waits until all that is expected has come, at most for a while: `problems` says what has not.
  async expected(expect) {
    await this.#until(() => expect.every((one) => this.named(one.event).length >= one.count), SETTLE);
  }

  // Waits until nothing has come for that long.
  async silence(millis) {
    const begun = performance.now();
    this.#last = Math.max(this.#last, begun);
    for (;;) {
      const left = this.#last + millis - performance.now();
      if (left <= 0) break;
      await new Promise((done) => setTimeout(done, left));
    }
    this.quiet += performance.now() - begun;
  }

  async problems(flow) {
    await Promise.all(this.#reading);
    const problems = [];
    for (const { event, count, value, currency } of flow.expect) {
      const came = this.named(event);
      const ids = new Set(came.map((hit) => hit.get('eid')));
      if (came.length !== count) problems.push(`${event}: ${came.length} hits, ${count} expected`);
      else if (ids.size !== count || ids.has(null)) problems.push(`${event}: ${ids.size} event IDs for ${count} hits`);
      for (const hit of came) {
        const [worth, money] = [hit.get('cd[value]'), hit.get('cd[currency]')];
        if (value !== undefined && Number(worth) !== value) problems.push(`${event}: value ${worth}, not ${value}`);
        if (currency !== undefined && money !== currency) problems.push(`${event}: currency ${money}, not ${currency}`);
      }
    }
    for (const event of flow.never) {
      if (this.named(event).length > 0) problems.push(`${event}: must not be sent`);
    }
    return problems;
  }

  async #until(reached, within) {
    const deadline = performance.now() + within;
    while (!reached()) {
      const left = deadline - performance.now();
      if (left <= 0) return false;
      await new Promise((done) => {
        const wake = () => {
          clearTimeout(timer);
          this.#changed.delete(wake);
          done();
        };
        const timer = setTimeout(wake, left);
        this.#changed.add(wake);
      });
    }
    return true;
  }
}

// What a hit says, whichever way it travelled.
async function fields(request) {
  const found = new URL(request.url()).searchParams;
  const body = request.postDataBuffer();
  if (body) {
    const type = request.headers()['content-type'] ?? '';
    const more = type.startsWith('multipart/')
      ? await new Response(body, { headers: { 'content-type': type } }).formData()
      : new URLSearchParams(body.toString('utf8'));
    for (const [name, value] of more) found.append(name, String(value));
  }
  return found;
}
