// Leads TLS connections to an ad platform's servers to countonce's TLS door, and has them
// trust the run's certificate authority. Node's fetch, https and undici ignore proxy
// variables, and clients may bring their own list of authorities.
// Every other host is left alone. Loaded by NODE_OPTIONS=--require.
'use strict';
(() => {
  const hosts = (process.env.COUNTONCE_HOSTS || '').toLowerCase().split(',').filter(Boolean);
  const [, address, port] = /^\[?(.*?)\]?:(\d+)$/.exec(process.env.COUNTONCE_TLS_DOOR || '') || [];
  if (!port || hosts.length === 0) return;
  const tls = require('tls');
  let authority = null;
  try {
    authority = require('fs').readFileSync(process.env.COUNTONCE_CA_FILE, 'utf8');
  } catch {
    // Without it Node still has NODE_EXTRA_CA_CERTS.
  }
  const led = (name) => {
    const host = String(name || '').toLowerCase().replace(/\.$/, '');
    return hosts.some((one) => host === one || host.endsWith('.' + one));
  };

  // connect(options), connect(port, host?, options?), each with a callback at the end.
  const read = (args) => {
    const rest = [...args];
    const done = typeof rest[rest.length - 1] === 'function' ? rest.pop() : undefined;
    let options = {};
    if (rest[0] !== null && typeof rest[0] === 'object') {
      options = rest[0];
    } else {
      options.port = rest[0];
      if (typeof rest[1] === 'string') options.host = rest[1];
    }
    const last = rest[rest.length - 1];
    if (rest.length > 1 && last !== null && typeof last === 'object') options = { ...options, ...last };
    return [options, done];
  };

  const connect = tls.connect;
  tls.connect = function (...args) {
    const [options, done] = read(args);
    const name = options.servername || options.host;
    if (!led(name)) return connect.apply(this, args);
    const changed = { ...options };
    if (authority !== null && changed.ca) changed.ca = [].concat(changed.ca, authority);
    if (authority !== null && changed.secureContext) {
      changed.secureContext.context.addCACert(authority);
    }
    // With a socket it is inside a proxy's tunnel already.
    if (!changed.socket && !changed.path) {
      changed.host = address;
      changed.port = Number(port);
      changed.servername = name;
      delete changed.lookup;
    }
    return done ? connect.call(this, changed, done) : connect.call(this, changed);
  };
  require('module').syncBuiltinESMExports();
})();
