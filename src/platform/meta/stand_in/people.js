// User data as version 2.9.324 of the real script normalises, shapes and digests it.

// Collapsed names and codes in turn; filled in when the script is served.
const STATES = '@STATES@'.split(' ');
const COUNTRIES = '@COUNTRIES@'.split(' ');

const ALIASES = {
  email: 'em', phone: 'ph', phone_number: 'ph', firstname: 'fn', first_name: 'fn', lastname: 'ln', last_name: 'ln',
  gender: 'ge', dob: 'db', birthdate: 'db', date_of_birth: 'db', city: 'ct', state: 'st', zip: 'zp', zipcode: 'zp',
  postal_code: 'zp', cn: 'country', extern_id: 'external_id', externalid: 'external_id', uid: 'external_id',
  userid: 'external_id', user_id: 'external_id',
};
const USER_DATA = ['em', 'ph', 'fn', 'ln', 'ge', 'db', 'ct', 'st', 'zp', 'country', 'external_id'];

const isSha256 = function (text) { return /^[0-9a-f]{64}$/i.test(text); };
const isMd5 = function (text) { return /^[0-9a-f]{32}$/i.test(text); };
const ADDRESS = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

function shortened(text, names) {
  const letters = text.toLowerCase().replace(/[^a-z]/g, '');
  if (letters.length <= 2) return letters;
  let inside = null;
  for (let i = 0; i < names.length; i += 2) {
    if (names[i] === letters) return names[i + 1];
    if (inside === null && letters.indexOf(names[i]) >= 0) inside = names[i + 1];
  }
  return inside || letters.slice(0, 2);
}

function birthDate(text) {
  const groups = text.split(/[^0-9]+/).filter(Boolean);
  if (groups.length < 3) return groups.length === 1 && groups[0].length === 8 ? groups[0] : '';
  const n = groups.slice(0, 3).map(Number);
  // The year is the number over 31, otherwise the last; a month over 12 is the day.
  const [year, one, other] = n[0] > 31 ? n : n[1] > 31 ? [n[1], n[2], n[0]] : [n[2], n[0], n[1]];
  const [month, day] = one > 12 ? [other, one] : [one, other];
  const good = year >= 1800 && year <= 2100 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
  const padded = function (number, width) { return ('000' + number).slice(-width); };
  return good ? padded(year, 4) + padded(month, 2) + padded(day, 2) : '';
}

function address(text) {
  let clean = text.trim().toLowerCase().replace(/,$/, '');
  if (clean.indexOf('@') < 0) clean += '@gmail.com';
  return ADDRESS.test(clean) ? clean : '';
}

const NORMALISE = {
  em: address,
  ph: function (text) { return text.replace(/[^0-9]/g, '').replace(/^0+/, ''); },
  fn: function (text) { return text.replace(/[\s!-/:-@[-`{-~]/g, '').toLowerCase(); },
  ge: function (text) { return /^\s*[mf]\s*$/i.test(text) ? text.trim().toLowerCase() : ''; },
  db: birthDate,
  ct: function (text) {
    const clean = text.replace(/[^a-zA-Z0-9]/g, '').toLowerCase();
    return /^[a-z]/.test(clean) ? clean : '';
  },
  st: function (text) { return shortened(text, STATES); },
  zp: function (text) {
    const first = text.toLowerCase().split('-')[0].trim();
    return first.length >= 2 ? first : '';
  },
  country: function (text) { return shortened(text, COUNTRIES); },
  external_id: function (text) { return text.replace(/\s/g, '').toLowerCase(); },
};
NORMALISE.ln = NORMALISE.fn;

// What an older normaliser made of the same field, where it differs.
const OLDER = {
  em: function (text) {
    const clean = text.trim().toLowerCase();
    return ADDRESS.test(clean) ? clean : null;
  },
  ph: function (text) { return text.replace(/[\s()+a-z-]/gi, '').replace(/^0+/, ''); },
  db: function (text) { return text; },
  st: function (text) { return text.toLowerCase().replace(/[^a-z]/g, '').slice(0, 2); },
  country: function (text) { return text.toLowerCase().replace(/[^a-z]/g, '').slice(0, 2); },
};

// The shape of a text: nothing of the person is left in it.
function masked(text) {
  return Array.from(text).map(function (c) {
    if (/[A-Z]/.test(c)) return '^';
    if (/[a-z]/.test(c)) return '*';
    if (/[0-9]/.test(c)) return '#';
    return /[ -~]/.test(c) ? c : '~';
  }).join('');
}

// One field of user data: shapes and digests, or what there is of them.
function prepared(key, raw) {
  const text = String(raw);
  const field = { key: key, shape: key === 'ge' ? null : masked(text) };
  if (text === '') return field;
  if (isSha256(text) || (isMd5(text) && key !== 'em')) {
    field.digest = field.older = text.toLowerCase();
    field.normalShape = key === 'ge' ? null : masked(field.digest);
    return field;
  }
  // Where nothing is left the raw text is digested, except for an e-mail address.
  const normal = NORMALISE[key](text) || (key === 'em' ? '' : text);
  field.invalid = key === 'em' && !ADDRESS.test(text.trim().toLowerCase());
  if (normal !== '') {
    field.digest = sha256(normal);
    field.normalShape = key === 'ge' ? null : masked(normal);
    if (key === 'em' && isMd5(text)) {
      field.older = text.toLowerCase();
    } else {
      const older = OLDER[key] ? OLDER[key](text) : normal;
      if (older !== null) field.older = sha256(older || text);
    }
  }
  return field;
}

function preparedAll(userData) {
  const fields = [];
  Object.keys(userData || {}).forEach(function (name) {
    const lower = name.toLowerCase();
    const key = ALIASES[lower] || lower;
    const value = userData[name];
    if (USER_DATA.indexOf(key) < 0 || value === undefined || value === null) return;
    if (typeof value === 'object' || typeof value === 'function') {
      warn("user data '" + name + "' is no text");
      return;
    }
    const field = prepared(key, value);
    const known = fields.findIndex(function (other) { return other.key === key; });
    if (known < 0) fields.push(field); else fields[known] = field;
  });
  return fields;
}
