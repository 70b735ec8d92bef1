// Takes over from the snippet and replays what it has queued; follows the page's address.

let fbq = window.fbq;
if (fbq && fbq.callMethod) {
  warn('the pixel script is on this page twice');
  return;
}
if (!fbq) {
  fbq = window.fbq = function () { fbq.callMethod.apply(fbq, arguments); };
  if (!window._fbq) window._fbq = fbq;
  fbq.push = fbq;
  fbq.queue = [];
}
fbq.callMethod = function () { call.apply(null, arguments); };
fbq.version = VERSION;
fbq._releaseSegment = SEGMENT;
fbq.pendingConfigs = [];
fbq.loaded = true;
fbq.getState = function () {
  return { pixels: pixels.map(function (pixel) { return { id: pixel.id, eventCount: pixel.count }; }) };
};

let shown = window.location.href;
function moved() {
  if (window.location.href === shown) return;
  shown = window.location.href;
  if (!fbq.disablePushState) call('autoPageView');
}
['pushState', 'replaceState'].forEach(function (name) {
  const original = window.history && window.history[name];
  if (!original) return;
  window.history[name] = function () {
    const result = original.apply(this, arguments);
    moved();
    return result;
  };
});
window.addEventListener('popstate', moved);
window.addEventListener('pageshow', function (event) {
  leaving = false;
  if (event.persisted) call('autoPageView');
});
window.addEventListener('beforeunload', function () {
  leaving = true;
  // The visitor may stay; then the page lives on and images do again.
  window.setTimeout(function () { leaving = false; }, 0);
}, true);
// Not `unload`: whoever listens to it keeps the page out of the back/forward cache.
window.addEventListener('pagehide', function () { leaving = true; }, true);
document.addEventListener('visibilitychange', function () {
  leaving = document.visibilityState === 'hidden';
}, true);

const queue = fbq.queue || [];
while (queue.length > 0) call.apply(null, queue.shift());
