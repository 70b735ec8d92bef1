// countonce pixel stand-in: speaks the wire format of Meta's pixel without being it.
//
// For tests of a site's own tracking code: the same fbq() calls in, the same requests
// out. It has no automatic events, no form scanning, no experiments and asks for no
// configuration. Hits say v=…-standin, so that no report can take it for the real script.

const VERSION = '0.1.0-standin';
const SEGMENT = 'countonce';
const PREFIX = '[countonce pixel stand-in] - ';

function warn(text) {
  if (window.console && window.console.warn) window.console.warn(PREFIX + text);
}
