// What fbq() understands.

const STANDARD = ('AddPaymentInfo AddToCart AddToWishlist CompleteRegistration Contact CustomEvent CustomizeProduct ' +
  'Donate FindLocation InitiateCheckout Lead PageView PixelInitialized Purchase Schedule Search StartTrial ' +
  'SubmitApplication Subscribe ViewContent').split(' ');
const CURRENCIES = ('AED ARS AUD BOB BRL CAD CHF CLP CNY COP CRC CZK DKK EUR GBP GTQ HKD HNL HUF IDR ILS INR ISK JPY ' +
  'KRW MOP MXN MYR NIO NOK NZD PEN PHP PLN PYG QAR RON RUB SAR SEK SGD THB TRY TWD USD UYU VEF VND ZAR').split(' ');
// Commands of the real script that change nothing here.
const SILENT = ['on', 'off', 'once', 'send', 'optIn', 'optOut', 'loadPlugin', 'gateCheck', 'disabledExtensions',
  'alwaysLogErrors', 'registerPlugin', 'trackShopify', 'trackWebchat'];

function pixelOf(id) {
  return pixels.find(function (pixel) { return pixel.id === String(id); });
}

function init(id, data, options) {
  const text = String(id);
  if (!/^[1-9][0-9]{0,25}$/.test(text)) {
    warn("'" + text + "' is no pixel id");
    return;
  }
  const known = pixelOf(text);
  if (known) {
    warn('pixel ' + text + ' is initialised already');
    if (known.fields.length === 0) known.fields = preparedAll(data);
    return;
  }
  pixels.push({
    id: text,
    fields: preparedAll(data),
    agent: (options && options.agent) || settings.agent || null,
    count: 0,
    viewed: false,
    since: Date.now(),
  });
}

function check(name, data) {
  if (name === undefined || name === null || name === '') {
    warn('an event has no name');
    return;
  }
  if (name !== 'Purchase') return;
  const given = data === null || data === undefined ? {} : Object(data);
  if (!('value' in given)) warn("'Purchase' needs the parameter 'value'");
  else if (!/^[+-]?\d+(\.\d+)?$/.test(String(given.value))) warn("the parameter 'value' of 'Purchase' is no number");
  else if (Number(given.value) < 0) warn("the parameter 'value' of 'Purchase' is negative");
  if (!('currency' in given)) warn("'Purchase' needs the parameter 'currency'");
  else if (CURRENCIES.indexOf(String(given.currency).toUpperCase()) < 0) warn("the parameter 'currency' of 'Purchase' is no known currency");
}

function fire(targets, name, data, options, method, category) {
  check(name, data);
  if (targets.length === 0) warn("no pixel is initialised for '" + name + "'");
  targets.forEach(function (pixel) {
    if (name === 'PageView') {
      if (pixel.viewed && !fbq.allowDuplicatePageViews) return;
      pixel.viewed = true;
    }
    hit(pixel, name, data, options, method, category);
  });
}

function single(id) {
  const pixel = pixelOf(id);
  return pixel ? [pixel] : [];
}

// The page of a single-page application has changed: a view that no one asked for.
function autoPageView() {
  pixels.forEach(function (pixel) {
    pixel.since = Date.now();
    hit(pixel, 'PageView', undefined, undefined);
    // The application's own PageView of this page is sent as well.
    pixel.viewed = false;
  });
}

const TRACKING = {
  track: function (name, data, options) {
    if (name && STANDARD.indexOf(name) < 0) warn("'" + name + "' is no standard event; trackCustom is meant for it");
    fire(pixels, name, data, options);
  },
  trackCustom: function (name, data, options) { fire(pixels, name, data, options); },
  trackSingle: function (id, name, data, options) { fire(single(id), name, data, options, 1); },
  trackSingleCustom: function (id, name, data, options) { fire(single(id), name, data, options, 2); },
  setUserProperties: function (id, properties) { fire(single(id), 'UserProperties', properties, undefined, undefined, 'user_properties'); },
  autoPageView: autoPageView,
};

const SETTING = {
  userData: function (data, id) {
    (id === undefined ? pixels : single(id)).forEach(function (pixel) {
      const added = preparedAll(data);
      pixel.fields = pixel.fields.filter(function (old) {
        return !added.some(function (field) { return field.key === old.key; });
      }).concat(added);
    });
  },
  agent: function (agent, id) {
    if (id === undefined) settings.agent = String(agent);
    (id === undefined ? pixels : single(id)).forEach(function (pixel) { pixel.agent = String(agent); });
  },
  autoConfig: function (value, id) {
    (id === undefined ? pixels : single(id)).forEach(function (pixel) { pixel.autoConfig = value !== false && value !== 'false'; });
  },
  endpoint: function (url) { settings.endpoint = String(url); },
  firstPartyCookies: function (value) { settings.cookies = value !== false; },
  disablePushState: function (value) { fbq.disablePushState = value !== false; },
};

const COMMANDS = {
  init: init,
  addPixelId: function (id) { init(id); },
  set: function (key, value, id) {
    if (SETTING[key]) SETTING[key](value, id);
  },
  consent: function (action) {
    if (action === 'revoke') {
      revoked = true;
    } else if (action === 'grant') {
      revoked = false;
      const waiting = held;
      held = [];
      waiting.forEach(function (args) { call.apply(null, args); });
    } else {
      warn("consent is 'grant' or 'revoke'");
    }
  },
  dataProcessingOptions: function (options, country, state) {
    if (!Array.isArray(options)) {
      warn('data processing options are a list');
      return;
    }
    settings.processing = [options.map(String), country, state];
  },
};

// A fault of ours or of the arguments must never break the page.
function call(command) {
  const rest = Array.prototype.slice.call(arguments, 1);
  try {
    if (Object.prototype.hasOwnProperty.call(TRACKING, command)) {
      if (revoked) held.push([command].concat(rest));
      else TRACKING[command].apply(null, rest);
    } else if (Object.prototype.hasOwnProperty.call(COMMANDS, command)) {
      COMMANDS[command].apply(null, rest);
    } else if (SILENT.indexOf(command) < 0) {
      warn("'" + command + "' is no command");
    }
  } catch (error) {
    warn("'" + command + "' failed: " + error);
  }
}
