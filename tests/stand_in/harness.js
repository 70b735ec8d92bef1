// Runs a pixel script in a small make-believe page and prints what it sent.
//
// node harness.js SCRIPT CASES: CASES is a JSON list of
//   { location, referrer, userAgent, vendor, cookies, snippet, steps: [JavaScript …] }.
// Each step runs in the page; the output is a JSON list, one entry per case, of
//   { hits: [{ step, via, url, body }], warnings, jar, error }.
'use strict';

const fs = require('fs');
const vm = require('vm');

const PUBLIC_SUFFIXES = ['com', 'test', 'uk', 'co.uk', 'de'];

function page(given) {
  const seen = { hits: [], warnings: [], jar: {}, error: null };
  let step = -1;
  const hit = (via, url, body) => seen.hits.push({ step, via, url, body });
  const url = new URL(given.location);
  const listeners = {};
  const addEventListener = (name, listener) => (listeners[name] = listeners[name] || []).push(listener);
  const location = {
    get href() { return url.href; },
    get hostname() { return url.hostname; },
    get search() { return url.search; },
  };

  class Image {
    set src(value) { hit('img', value); if (this.onload) this.onload(); }
  }
  class FormData {
    constructor() { this.fields = []; }
    append(name, value) { this.fields.push([name, value]); }
  }
  class Element {
    constructor(tag) { this.tag = tag; this.style = {}; this.children = []; }
    appendChild(child) { this.children.push(child); if (child.onload) child.onload(); return child; }
    remove() {}
    submit() {
      const inputs = this.children.filter((child) => child.tag === 'input');
      hit('form', this.action, inputs.map((input) => [input.name, input.value]));
    }
  }
  const jar = seen.jar;
  (given.cookies || '').split('; ').filter(Boolean).forEach((pair) => {
    const at = pair.indexOf('=');
    jar[pair.slice(0, at)] = { value: pair.slice(at + 1) };
  });
  const document = {
    referrer: given.referrer || '',
    body: new Element('body'),
    createElement: (tag) => new Element(tag),
    addEventListener,
    visibilityState: 'visible',
    get cookie() {
      return Object.keys(jar).map((name) => name + '=' + jar[name].value).join('; ');
    },
    set cookie(text) {
      if (given.noCookies) return;
      const [pair, ...attributes] = text.split(';');
      const at = pair.indexOf('=');
      const set = { value: pair.slice(at + 1) };
      attributes.forEach((attribute) => {
        const [name, value] = attribute.trim().split('=');
        set[name.toLowerCase()] = value === undefined ? true : value;
      });
      const domain = (set.domain || '').replace(/^\./, '');
      if (domain && PUBLIC_SUFFIXES.includes(domain)) return;
      if (domain && url.hostname !== domain && !url.hostname.endsWith('.' + domain)) return;
      jar[pair.slice(0, at)] = set;
    },
  };
  const moved = (address) => { if (address) url.href = new URL(address, url.href).href; };
  const history = {
    pushState: (state, title, address) => moved(address),
    replaceState: (state, title, address) => moved(address),
  };
  const window = {
    location, document, history, Image, FormData, TextEncoder, addEventListener,
    screen: { width: 0, height: 0 },
    navigator: {
      userAgent: given.userAgent || 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
      vendor: given.vendor || '',
      sendBeacon: (address, body) => { hit('sendBeacon', address, body.fields); return true; },
    },
    fetch: (address, options) => {
      hit(options.keepalive ? 'keepalive' : 'fetch', address);
      return Promise.resolve();
    },
    console: { warn: (text) => seen.warnings.push(text) },
    setTimeout: () => 0,
    // For steps: an event of the page, as browsers dispatch it.
    happen: (name, event) => (listeners[name] || []).forEach((listener) => listener(event || {})),
    go: moved,
  };
  window.window = window.top = window;
  vm.createContext(window);
  try {
    if (given.snippet !== false) {
      vm.runInContext(
        'var fbq = window.fbq = function () { fbq.callMethod ? fbq.callMethod.apply(fbq, arguments) : fbq.queue.push(arguments); };' +
        'fbq.push = fbq; fbq.loaded = true; fbq.version = "2.0"; fbq.queue = [];', window);
    }
    given.steps.forEach((code, index) => {
      step = index;
      vm.runInContext(code === 'LOAD' ? script : code, window);
    });
  } catch (error) {
    seen.error = String(error && error.stack || error);
  }
  return seen;
}

const script = fs.readFileSync(process.argv[2], 'utf8');
const cases = JSON.parse(fs.readFileSync(process.argv[3], 'utf8'));
process.stdout.write(JSON.stringify(cases.map(page)));
