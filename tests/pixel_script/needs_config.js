// A pixel script of our own that, like the real one, sends nothing until its
// configuration has come and registered a plugin for the pixel.
(function () {
  var fbq = window.fbq;
  if (!fbq) return;
  fbq.version = '2.9.999';
  var pixels = [], ready = {}, waiting = [];
  function send(id, name, parameters, options) {
    var query = 'id=' + id + '&ev=' + encodeURIComponent(name) + '&dl=' + encodeURIComponent(location.href) + '&ts=' + Date.now();
    for (var key in parameters || {}) {
      var value = parameters[key];
      query += '&cd[' + key + ']=' + encodeURIComponent(typeof value === 'object' ? JSON.stringify(value) : value);
    }
    if (options && options.eventID) query += '&eid=' + encodeURIComponent(options.eventID);
    new Image().src = 'https://www.facebook.com/tr/?' + query + '&v=2.9.999&r=stable&rqm=GET';
  }
  function flush() {
    waiting = waiting.filter(function (call) {
      if (!ready[call[0]]) return true;
      send.apply(null, call);
      return false;
    });
  }
  fbq.registerPlugin = function (name, plugin) {
    plugin.plugin(fbq, { configLoaded: function (id) { ready[id] = true; flush(); } }, {});
  };
  fbq.callMethod = function () {
    var words = [].slice.call(arguments);
    if (words[0] === 'init') {
      pixels.push(words[1]);
      var script = document.createElement('script');
      script.src = 'https://connect.facebook.net/signals/config/' + words[1] + '?v=2.9.999&r=stable&domain=' + location.hostname;
      document.head.appendChild(script);
    } else if (words[0] === 'track' || words[0] === 'trackCustom') {
      pixels.forEach(function (id) { waiting.push([id, words[1], words[2], words[3]]); });
      flush();
    }
  };
  while (fbq.queue.length) fbq.callMethod.apply(fbq, fbq.queue.shift());
})();
