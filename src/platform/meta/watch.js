// Notes who calls fbq() and for what, in every page before its own scripts. Reports one
// text of JSON per call. Changes nothing that a page does: the function stays the page's
// own; only where it looks for its method, and the queue it fills, are listened to.
(report) => {
  const VERBS = { track: 1, trackCustom: 1, trackSingle: 2, trackSingleCustom: 2, consent: 1 };
  const text = value => (value === undefined || value === null ? undefined : String(value));

  function stack() {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 40;
    const found = new Error().stack;
    Error.stackTraceLimit = limit;
    return String(found);
  }

  function note(args, calls) {
    const at = VERBS[args[0]];
    if (!at) return;
    const options = args[at + 2] || {};
    report(JSON.stringify({
      verb: String(args[0]), event: String(args[at]), at: Date.now(), stack: calls,
      id: text(options.eventID), pixel: at === 2 ? text(args[1]) : undefined,
    }));
  }

  const known = new WeakSet();
  function watch(fbq) {
    if (typeof fbq !== 'function' || known.has(fbq)) return;
    known.add(fbq);
    let method = fbq.callMethod;
    let queue = fbq.queue;
    // A call looks twice for its method: to see whether it is there, and to call it.
    let before = null;
    Object.defineProperty(fbq, 'callMethod', {
      configurable: true, enumerable: true,
      get() {
        if (!method) return method;
        let args = null;
        // Strict functions do not show what they were called with.
        try { args = fbq.arguments; } catch (error) { return method; }
        if (!args) return method;
        const calls = stack();
        const from = calls.split('\n').slice(-1)[0] + '|' + Array.prototype.slice.call(args, 0, 2).join('|');
        if (before === from) { before = null; return method; }
        before = from;
        note(args, calls);
        return method;
      },
      set(value) { method = value; },
    });
    function listen(list) {
      if (!Array.isArray(list) || known.has(list)) return list;
      known.add(list);
      const push = list.push;
      Object.defineProperty(list, 'push', {
        configurable: true, writable: true, enumerable: false,
        value(...items) {
          const calls = stack();
          for (const item of items) if (item && item.length) note(item, calls);
          return push.apply(list, items);
        },
      });
      return list;
    }
    listen(queue);
    Object.defineProperty(fbq, 'queue', {
      configurable: true, enumerable: true,
      get() { return queue; },
      set(value) { queue = listen(value); },
    });
  }

  for (const name of ['fbq', '_fbq']) {
    let value;
    Object.defineProperty(window, name, {
      configurable: true, enumerable: true,
      get() { return value; },
      set(given) { value = given; watch(given); },
    });
  }
}
