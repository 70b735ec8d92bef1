// `_fbp` and `_fbc`: made, kept and renewed as Meta documents them.

const COOKIE_DAYS = 90;
const DAY = 24 * 60 * 60 * 1000;
const LONGEST_CLICK_ID = 500;

function cookie(name) {
  const found = document.cookie.split(/;\s*/).find(function (pair) { return pair.indexOf(name + '=') === 0; });
  if (found === undefined) return null;
  const value = found.slice(name.length + 1);
  try {
    return decodeURIComponent(value);
  } catch (error) {
    return value;
  }
}

function write(name, value, domain) {
  document.cookie = name + '=' + encodeURIComponent(value) +
    ';expires=' + new Date(Date.now() + COOKIE_DAYS * DAY).toUTCString() +
    (domain ? ';domain=.' + domain : '') + ';path=/;SameSite=Lax';
  return cookie(name) === value;
}

// The parts of a stored value, or null where it is none of ours.
function unpacked(value) {
  const parts = (value || '').split('.');
  const sound = parts[0] === 'fb' && parts.length >= 4 && /^\d+$/.test(parts[1]) && /^\d+$/.test(parts[2]) && parts[3];
  return sound ? { index: Number(parts[1]), time: parts[2], payload: parts[3] } : null;
}

// Writes on the widest domain that takes the cookie; `make` gets that domain's index.
function writeWidest(name, make) {
  const host = window.location.hostname;
  const labels = host.split('.');
  const numeric = /^[\d.]+$|:/.test(host);
  if (labels.length === 1 || numeric) {
    const value = make(0);
    return write(name, value, '') ? value : null;
  }
  for (let index = 0; index < labels.length; index++) {
    const value = make(index);
    if (write(name, value, labels.slice(labels.length - 1 - index).join('.'))) return value;
  }
  return null;
}

// Puts the end of a stored cookie off, on the domain that its own index names.
function renewed(name, value) {
  const labels = window.location.hostname.split('.');
  const index = unpacked(value).index;
  write(name, value, index > 0 && index < labels.length ? labels.slice(labels.length - 1 - index).join('.') : '');
  return value;
}

function browserId() {
  const stored = cookie('_fbp');
  if (unpacked(stored)) return renewed('_fbp', stored);
  const random = String(Math.floor(Math.random() * 1e9)) + String(Math.floor(Math.random() * 1e9));
  const time = Date.now();
  return writeWidest('_fbp', function (index) { return ['fb', index, time, random].join('.'); });
}

function clickIdIn(url) {
  const found = /[?&]fbclid=([^&#]*)/.exec(url || '');
  if (!found || !found[1]) return null;
  let id = found[1];
  try {
    id = decodeURIComponent(id);
  } catch (error) {
    // An id that is no percent-encoding is taken as it stands.
  }
  return id.length > LONGEST_CLICK_ID || /javascript/i.test(id) ? null : id;
}

function clickId() {
  const fresh = clickIdIn(window.location.href) || clickIdIn(document.referrer);
  const stored = cookie('_fbc');
  const known = unpacked(stored);
  // The stored form has no dots of its own.
  const payload = fresh && fresh.replace(/\./g, '__DOT__');
  if (known && (!payload || known.payload === payload)) return renewed('_fbc', stored);
  if (!payload) return null;
  const time = Date.now();
  return writeWidest('_fbc', function (index) { return ['fb', index, time, payload].join('.'); });
}
