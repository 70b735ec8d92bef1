// How a hit travels: as an image, a beacon or a form, by its length and the browser.

// Longer addresses do not travel as an image.
const LONGEST_ADDRESS = 2048;

function send(fields) {
  const query = fields.concat([['rqm', 'GET']]).map(function (field) {
    return field[0] + '=' + encodeURIComponent(field[1]);
  }).join('&');
  const url = settings.endpoint + (settings.endpoint.indexOf('?') < 0 ? '?' : '&') + query;
  if (url.length < LONGEST_ADDRESS) {
    sendAddress(url);
  } else if (isChrome() && !leaving) {
    sendForm(fields.concat([['rqm', 'formPOST']]));
  } else if (!sendBeacon(fields.concat([['rqm', 'SB']]))) {
    sendForm(fields.concat([['rqm', 'formPOST']]));
  }
}

// An image dies with its page. While the page goes away the same address is fetched
// with `keepalive`, which the real script does not do: what is tested is the site, and
// a hit that the tap never sees cannot be judged.
function sendAddress(url) {
  if (leaving && window.fetch) {
    try {
      window.fetch(url, { mode: 'no-cors', credentials: 'include', keepalive: true }).catch(function () {});
      return;
    } catch (error) {
      // Refused at once, by a quota for instance: the image is the second chance.
    }
  }
  const image = new window.Image();
  images.add(image);
  image.onload = image.onerror = function () { images.delete(image); };
  image.src = url;
}
// Images that nothing refers to may be collected before they are sent.
const images = new Set();

function sendBeacon(fields) {
  if (!window.navigator.sendBeacon || !window.FormData) return false;
  const form = new window.FormData();
  fields.forEach(function (field) { form.append(field[0], field[1]); });
  return window.navigator.sendBeacon(settings.endpoint, form);
}

let forms = 0;
function sendForm(fields) {
  const target = 'countonce' + Date.now() + '_' + (forms += 1);
  const frame = document.createElement('iframe');
  frame.name = target;
  frame.id = target;
  frame.src = 'about:blank';
  const form = document.createElement('form');
  form.method = 'post';
  form.action = settings.endpoint;
  form.target = target;
  form.acceptCharset = 'utf-8';
  form.style.display = frame.style.display = 'none';
  fields.forEach(function (field) {
    const input = document.createElement('input');
    input.type = 'hidden';
    input.name = field[0];
    input.value = field[1];
    form.appendChild(input);
  });
  const parent = document.body || document.documentElement;
  parent.appendChild(frame);
  parent.appendChild(form);
  let submitted = false;
  frame.onload = function () {
    // The first load is the blank page the frame begins with.
    if (!submitted) return;
    frame.onload = null;
    frame.remove();
  };
  submitted = true;
  form.submit();
  form.remove();
}
