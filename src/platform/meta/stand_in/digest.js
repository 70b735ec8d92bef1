// SHA-256 (FIPS 180-4), synchronous because hits are.

const sha256 = (function () {
  const primes = [];
  for (let n = 2; primes.length < 64; n++) {
    if (primes.every(function (p) { return n % p !== 0; })) primes.push(n);
  }
  const fraction = function (x) { return ((x - Math.floor(x)) * 0x100000000) | 0; };
  const start = primes.slice(0, 8).map(function (p) { return fraction(Math.sqrt(p)); });
  const round = primes.map(function (p) { return fraction(Math.cbrt(p)); });
  const turn = function (x, n) { return (x >>> n) | (x << (32 - n)); };
  const bytesOf = function (text) {
    if (window.TextEncoder) return Array.from(new window.TextEncoder().encode(text));
    return unescape(encodeURIComponent(text)).split('').map(function (c) { return c.charCodeAt(0); });
  };
  return function (text) {
    const bytes = bytesOf(text);
    const bits = bytes.length * 8;
    bytes.push(0x80);
    while (bytes.length % 64 !== 56) bytes.push(0);
    for (let shift = 56; shift >= 0; shift -= 8) {
      bytes.push(shift >= 32 ? (Math.floor(bits / 0x100000000) >>> (shift - 32)) & 255 : (bits >>> shift) & 255);
    }
    const state = start.slice();
    const w = new Array(64);
    for (let at = 0; at < bytes.length; at += 64) {
      for (let i = 0; i < 64; i++) {
        if (i < 16) {
          const b = at + i * 4;
          w[i] = (bytes[b] << 24) | (bytes[b + 1] << 16) | (bytes[b + 2] << 8) | bytes[b + 3];
        } else {
          const x = w[i - 15];
          const y = w[i - 2];
          w[i] = (w[i - 16] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + w[i - 7] + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10))) | 0;
        }
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 64; i++) {
        const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + round[i] + w[i]) | 0;
        const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
      }
      [a, b, c, d, e, f, g, h].forEach(function (word, i) { state[i] = (state[i] + word) | 0; });
    }
    return state.map(function (word) { return ('0000000' + (word >>> 0).toString(16)).slice(-8); }).join('');
  };
})();
