// Tries until the wish is met or the time is over; then answers once.

// --- what was there instead ---

const USEFUL = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=link], [onclick]';

function near(target) {
  const found = new Set();
  const add = text => { if (text && found.size < NEAR_LIMIT) found.add(text); };
  for (const root of roots(document)) {
    if (target.kind === 'testid') root.querySelectorAll('[data-testid]').forEach(one => add('testid=' + short(one.dataset.testid)));
    if (target.kind === 'label') root.querySelectorAll('label').forEach(one => add('label=' + short(one.textContent)));
    if (target.kind === 'role') {
      root.querySelectorAll(target.selector).forEach(one => {
        if (visible(one)) add('role=' + target.role + "[name='" + short(nameOf(one)) + "']");
      });
    }
    if (target.kind === 'css') {
      root.querySelectorAll('[id]').forEach(one => add('#' + one.id));
      root.querySelectorAll('[class]').forEach(one => one.classList.forEach(name => add('.' + name)));
      root.querySelectorAll('[name]').forEach(one => add('[name=' + one.getAttribute('name') + ']'));
    }
    if (target.kind === 'text') {
      for (const one of root.querySelectorAll(USEFUL + ', h1, h2, h3, label, p, li, td, span')) {
        if (visible(one) && one.children.length < 3) add('text=' + short(one.textContent || one.value));
      }
    }
  }
  if (target.kind === 'role' || target.kind === 'xpath') {
    for (const one of document.querySelectorAll(USEFUL)) if (visible(one)) add('text=' + short(nameOf(one, new Set(), true)));
  }
  return [...found];
}

function page() {
  const entry = performance.getEntriesByType('navigation')[0];
  return { page: location.href, status: (entry && entry.responseStatus) || 0 };
}

// --- the wait ---

function attempt() {
  if (wish.act === 'url') return location.href.includes(wish.text) ? done(null) : fail('url');
  if (wish.act === 'text') {
    const wanted = fold(wish.text);
    const docs = [document, ...frames().map(frameDocument).filter(Boolean)];
    if (docs.some(doc => doc.body && fold(doc.body.innerText).includes(wanted))) return done(null);
    return docs.some(doc => { const hit = look(doc, { kind: 'text', value: wanted }); return hit && !hit.invisible; }) ? done(null) : fail('absent');
  }
  if (wish.act === 'edge') {
    scrollTo({ top: wish.text === 'top' ? 0 : document.documentElement.scrollHeight, behavior: 'instant' });
    return done(null);
  }
  const found = look(document, wish.target);
  if (wish.act === 'hidden') {
    if (found && !found.invisible) return fail('still visible', { by: describe(found.element) });
    const shown = frames().some(frame => { const doc = frameDocument(frame); const inner = doc && visible(frame) && look(doc, wish.target); return inner && !inner.invisible; });
    return shown ? fail('still visible', { by: 'an element in a frame' }) : done(null);
  }
  if (found && !found.invisible) return ready(found);
  let closed = null;
  for (const frame of frames()) {
    const doc = frameDocument(frame);
    if (!doc) { if (!closed && visible(frame)) closed = []; if (closed && visible(frame)) closed.push(frame); continue; }
    const inner = look(doc, wish.target);
    if (inner && !inner.invisible) return { ok: true, enter: frame };
  }
  const outcome = found ? ready(found) : fail('absent');
  return closed && !outcome.ok ? { ...outcome, closed } : outcome;
}

let last = null, timer = null, watcher = null, over = false, queued = false, rest = 0;

function finish(outcome) {
  if (over) return;
  over = true;
  clearInterval(timer);
  if (watcher) watcher.disconnect();
  if (!outcome.ok && wish.target && (outcome.why === 'absent' || outcome.why === 'invisible')) outcome.near = near(wish.target);
  const send = () => answer({ ...outcome, ...page() });
  // Scroll listeners run with the next frame; a hidden page draws none.
  // Without time there is nothing to wait for: pages that run no scripts have no timers.
  if (outcome.ok && within > 0 && (wish.act === 'scroll' || wish.act === 'edge') && document.visibilityState === 'visible') requestAnimationFrame(() => setTimeout(send)); else send();
}

function trial() {
  queued = false;
  const start = performance.now();
  if (over) return;
  try {
    last = attempt();
  } catch (error) {
    const wrong = error instanceof DOMException && (error.name === 'SyntaxError' || error.name === 'NamespaceError');
    last = fail(wrong ? 'selector' : 'script', { detail: String(error.message || error), final: true });
  }
  const end = performance.now();
  // On a heavy page the search must leave most of the time to the page itself.
  rest = end + 3 * (end - start);
  // Frames of other origins can only be searched from outside, so the wait is cut short.
  const patience = last.closed && last.closed.length ? Math.min(within, 300) : within;
  if (last.ok || last.final || end - begun >= patience) finish(last);
}

trial();
if (!over) {
  watcher = new MutationObserver(() => { if (!queued) { queued = true; setTimeout(trial, Math.max(10, rest - performance.now())); } });
  watcher.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  // What changes without a mutation: layout, the address, a field's state, frames.
  timer = setInterval(() => { if (performance.now() >= rest) trial(); }, 50);
}
