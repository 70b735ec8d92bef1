// One hit: every parameter in the order in which the real script appends it.

const ENDPOINT = 'https://www.facebook.com/tr/';

const settings = { endpoint: ENDPOINT, cookies: true, processing: null };
const pixels = [];
let revoked = false;
let held = [];
let leaving = false;

function isChrome() {
  const navigator = window.navigator;
  return /Chrome\//.test(navigator.userAgent) && navigator.vendor === 'Google Inc.';
}

function bits(pixel, fbp) {
  const navigator = window.navigator;
  let all = 4 + 8;
  if (pixel.autoConfig === false) all += 1;
  if (navigator.sendBeacon) all += 16;
  if (pixel.fields.some(function (field) { return field.invalid; })) all += 32;
  if (/Headless/.test(navigator.userAgent)) all += 128;
  if (fbp !== null) all += 4096;
  return all;
}

function customData(data) {
  if (data === null || data === undefined) return [];
  const source = Object(data);
  return Object.keys(source).map(function (name) {
    const value = source[name];
    if (value === null || value === undefined || typeof value === 'function') return null;
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
    return text === undefined ? null : ['cd[' + encodeURIComponent(name) + ']', text];
  }).filter(Boolean);
}

function userData(fields) {
  const all = [];
  // The phone's shape comes first (observed), everything else in the order given.
  const shapes = fields.filter(function (f) { return f.key === 'ph'; }).concat(fields.filter(function (f) { return f.key !== 'ph'; }));
  shapes.forEach(function (field) {
    if (field.shape !== null) all.push(['cud[' + field.key + ']', field.shape]);
  });
  fields.forEach(function (field) {
    if (field.digest === undefined) return;
    if (field.normalShape !== null) all.push(['ncud[' + field.key + ']', field.normalShape]);
    all.push(['ud[' + field.key + ']', field.digest]);
  });
  fields.forEach(function (field) {
    if (field.older !== undefined) all.push(['aud[' + field.key + ']', field.older]);
  });
  return all;
}

function eventId(pixel, name, options) {
  if (options === null || typeof options !== 'object') return [];
  const id = options.eventID !== undefined ? options.eventID : options.event_id;
  if (id === null || id === undefined) return [];
  if (typeof id !== 'object') return [['eid', String(id)]];
  warn("the eventID of '" + name + "' for pixel " + pixel.id + ' is no text');
  return Object.keys(id).map(function (key) { return ['eid[' + encodeURIComponent(key) + ']', String(id[key])]; });
}

function processing() {
  if (settings.processing === null) return [];
  const [options, country, state] = settings.processing;
  const all = [['dpo', options.join(',')]];
  if (country !== undefined) all.push(['dpoco', String(country)]);
  if (state !== undefined) all.push(['dpost', String(state)]);
  return all;
}

function hit(pixel, name, data, options, method, category) {
  const screen = window.screen || {};
  const fbp = settings.cookies ? browserId() : null;
  const fbc = settings.cookies ? clickId() : null;
  const fields = [['id', pixel.id]];
  if (name !== undefined) fields.push(['ev', String(name)]);
  fields.push(['dl', window.location.href], ['rl', document.referrer], ['if', String(window.top !== window)], ['ts', String(Date.now())]);
  fields.push(...customData(data));
  fields.push(['sw', String(screen.width || 0)], ['sh', String(screen.height || 0)]);
  fields.push(...userData(pixel.fields));
  fields.push(['v', VERSION], ['r', SEGMENT]);
  if (pixel.agent) fields.push(['a', pixel.agent]);
  fields.push(['ec', String(pixel.count)], ['o', String(bits(pixel, fbp))]);
  if (fbp !== null) fields.push(['fbp', fbp]);
  if (fbc !== null) fields.push(['fbc', fbc]);
  fields.push(['it', String(pixel.since)], ['coo', 'false']);
  fields.push(...processing());
  fields.push(...eventId(pixel, name, options));
  if (category) fields.push(['es', category]);
  if (method) fields.push(['tm', String(method)]);
  pixel.count += 1;
  send(fields);
}
