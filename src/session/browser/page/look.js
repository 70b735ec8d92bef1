// Finds what a step is after, waits until it is usable, and makes it ready.
//
// Runs inside the page through "execute async script": arguments are the wish, the
// time to wait in milliseconds, and the callback. Answers once: as soon as the wish
// can be met, or when the time is over with the reason and the nearest candidates.
// Shared by every step, so that a wait costs one round trip however long it lasts.

const [wish, within, answer] = arguments;
const NEAR_LIMIT = 200;
const NAME_LIMIT = 80;
const begun = performance.now();

const fold = text => (text || '').replace(/\s+/g, ' ').trim();
const short = text => { const folded = fold(text); return folded.length > NAME_LIMIT ? folded.slice(0, NAME_LIMIT - 1) + '…' : folded; };
const SILENT = new Set(['SCRIPT', 'STYLE', 'NOSCRIPT', 'TEMPLATE', 'HEAD', 'TITLE', 'META', 'LINK']);

// --- where to look: the document, open shadow roots, frames of the same origin ---

function frameDocument(frame) {
  try { return frame.contentDocument; } catch { return null; }
}

function frames() {
  return [...document.querySelectorAll('iframe, frame')];
}

/** Every element of a root, shadow trees included, in document order. */
function* everything(root) {
  for (const element of root.querySelectorAll('*')) {
    yield element;
    if (element.shadowRoot) yield* everything(element.shadowRoot);
  }
}

function roots(doc) {
  const found = [doc];
  for (const element of everything(doc)) if (element.shadowRoot) found.push(element.shadowRoot);
  return found;
}

// --- what a person can see and use ---

function parentOf(element) {
  return element.parentElement || (element.getRootNode() instanceof ShadowRoot ? element.getRootNode().host : null);
}

function box(element) {
  return [...element.getClientRects()].find(rect => rect.width > 0 && rect.height > 0);
}

function visible(element) {
  if (element.tagName === 'OPTION' || element.tagName === 'OPTGROUP') {
    const list = element.closest('select');
    return !!list && visible(list);
  }
  if (!element.isConnected || !element.checkVisibility({ visibilityProperty: true })) return false;
  if (getComputedStyle(element).display === 'contents') return [...element.children].some(visible) || fold(element.textContent) !== '';
  return !!box(element);
}

function enabled(element) {
  if (element.matches(':disabled')) return false;
  for (let at = element; at; at = parentOf(at)) if (at.inert || at.getAttribute('aria-disabled') === 'true') return false;
  return true;
}

function hiddenFromAccessibility(element) {
  for (let at = element; at; at = parentOf(at)) if (at.getAttribute('aria-hidden') === 'true') return true;
  return false;
}

function describe(element) {
  let text = '<' + element.tagName.toLowerCase();
  if (element.id) text += ' id="' + element.id + '"';
  const classes = element.getAttribute('class');
  if (classes) text += ' class="' + short(classes) + '"';
  return text + '>';
}

/** The element that gets a mouse click at that point, shadow trees included. */
function topmost(x, y) {
  let hit = document.elementFromPoint(x, y);
  while (hit && hit.shadowRoot) {
    const inner = hit.shadowRoot.elementFromPoint(x, y);
    if (!inner || inner === hit) break;
    hit = inner;
  }
  return hit;
}

function contains(outer, inner) {
  for (let at = inner; at; at = parentOf(at)) if (at === outer) return true;
  return false;
}

function moving(element) {
  return document.getAnimations().some(animation => {
    const target = animation.effect && animation.effect.target;
    if (!target || animation.playState !== 'running' || !contains(target, element)) return false;
    const timing = animation.effect.getComputedTiming();
    if (!Number.isFinite(timing.endTime)) return false;
    return animation.effect.getKeyframes().some(frame =>
      ['transform', 'translate', 'scale', 'top', 'left', 'right', 'bottom', 'width', 'height', 'margin', 'marginTop', 'marginLeft'].some(name => name in frame));
  });
}

// --- names: what assistive technology reads out ---

function textFrom(element, seen) {
  let text = '';
  for (const node of element.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) { text += node.data; continue; }
    if (node.nodeType !== Node.ELEMENT_NODE || SILENT.has(node.tagName)) continue;
    if (node.getAttribute('aria-hidden') === 'true' || !node.checkVisibility({ visibilityProperty: true })) continue;
    const inline = getComputedStyle(node).display.startsWith('inline');
    const inner = nameOf(node, seen, true);
    text += inline ? inner : ' ' + inner + ' ';
  }
  if (element.shadowRoot) text += ' ' + textFrom(element.shadowRoot, seen);
  return text;
}

const FIELD = 'input, textarea, select, meter, output, progress, button';

function labelled(element, seen) {
  const root = element.getRootNode();
  const ids = (element.getAttribute('aria-labelledby') || '').split(/\s+/).filter(Boolean);
  const parts = ids.map(id => root.getElementById && root.getElementById(id)).filter(Boolean);
  return fold(parts.map(part => nameOf(part, seen, true, true)).join(' '));
}

/** Accessible name; a short form of the computation that browsers do. */
function nameOf(element, seen = new Set(), nested = false, byReference = false) {
  if (seen.has(element)) return '';
  seen.add(element);
  if (!byReference) {
    const referred = labelled(element, seen);
    if (referred) return referred;
  }
  const direct = fold(element.getAttribute('aria-label'));
  if (direct) return direct;
  const tag = element.tagName;
  if (!nested && element.matches(FIELD) && element.labels && element.labels.length) {
    const text = fold([...element.labels].map(label => textFrom(label, seen)).join(' '));
    if (text) return text;
  }
  if (tag === 'INPUT') {
    const type = element.type;
    if (type === 'submit' || type === 'reset' || type === 'button') {
      return fold(element.value) || { submit: 'Submit', reset: 'Reset', button: '' }[type] || fold(element.title);
    }
    if (type === 'image') return fold(element.alt) || fold(element.title) || 'Submit';
    return nested ? fold(element.value) : fold(element.title) || fold(element.placeholder);
  }
  if (tag === 'IMG' || tag === 'AREA') return fold(element.getAttribute('alt')) || fold(element.title);
  if (tag === 'TEXTAREA' || tag === 'SELECT') return fold(element.title) || fold(element.placeholder);
  const caption = { FIELDSET: 'legend', TABLE: 'caption', FIGURE: 'figcaption', svg: 'title' }[tag];
  if (caption) {
    const inner = element.querySelector(':scope > ' + caption);
    if (inner) return fold(tag === 'svg' ? inner.textContent : textFrom(inner, seen));
  }
  if (nested || wish.named || byReference) {
    const text = fold(textFrom(element, seen));
    if (text) return text;
  }
  return fold(element.getAttribute('title')) || fold(element.getAttribute('placeholder'));
}

// --- matching: each way of looking gives candidates in tiers, best tier first ---

/** Splits candidates by how well their text fits: exact, part, and both whatever the case. */
function* tiers(pairs, wanted) {
  const exact = fold(wanted), loose = exact.toLowerCase();
  const tests = [text => text === exact, text => text.includes(exact),
    text => text.toLowerCase() === loose, text => text.toLowerCase().includes(loose)];
  for (const test of tests) yield [...new Set(pairs.filter(pair => test(pair[1])).map(pair => pair[0]))];
}

function* byText(doc, wanted) {
  const loose = fold(wanted).toLowerCase();
  const pairs = [];
  for (const element of everything(doc)) {
    if (SILENT.has(element.tagName)) continue;
    let text;
    if (element.tagName === 'INPUT') {
      if (!['submit', 'button', 'reset'].includes(element.type)) continue;
      text = fold(element.value);
    } else {
      text = fold(element.textContent);
    }
    if (text.toLowerCase().includes(loose)) pairs.push([element, text]);
  }
  // The smallest element: none of its descendants fits the same tier.
  for (const tier of tiers(pairs, wanted)) yield tier.filter(element => !tier.some(other => other !== element && element.contains(other)));
}

function byRole(doc, target) {
  const fits = [];
  for (const root of roots(doc)) {
    for (const element of root.querySelectorAll(target.selector)) {
      const given = (element.getAttribute('role') || '').trim().split(/\s+/)[0].toLowerCase();
      if (given && given !== target.role) continue;
      if (hiddenFromAccessibility(element)) continue;
      fits.push(element);
    }
  }
  if (target.name === null || target.name === undefined) return [fits];
  return tiers(fits.map(element => [element, nameOf(element)]), target.name);
}

function byLabel(doc, wanted) {
  const pairs = [];
  for (const root of roots(doc)) {
    for (const label of root.querySelectorAll('label')) {
      const control = label.control;
      if (!control) continue;
      // The text of the label without that of a control inside it.
      pairs.push([control, fold(textFrom(label, new Set([control])))]);
    }
    for (const element of root.querySelectorAll('[aria-labelledby]')) pairs.push([element, labelled(element, new Set())]);
    for (const element of root.querySelectorAll('[aria-label]')) pairs.push([element, fold(element.getAttribute('aria-label'))]);
  }
  return tiers(pairs, wanted);
}

function bySelector(doc, selector) {
  const light = [...doc.querySelectorAll(selector)];
  if (light.length) return [light];
  return [roots(doc).slice(1).flatMap(root => [...root.querySelectorAll(selector)])];
}

function byXPath(doc, path) {
  const result = doc.evaluate(path, doc, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE, null);
  const found = [];
  for (let i = 0; i < result.snapshotLength; i++) {
    const node = result.snapshotItem(i);
    const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement || node.ownerElement;
    if (element) found.push(element);
  }
  return [found];
}

function candidates(doc, target) {
  switch (target.kind) {
    case 'css': return bySelector(doc, target.value);
    case 'testid': return bySelector(doc, '[data-testid="' + CSS.escape(target.value) + '"]');
    case 'text': return byText(doc, target.value);
    case 'role': return byRole(doc, target);
    case 'label': return byLabel(doc, target.value);
    case 'xpath': return byXPath(doc, target.value);
  }
  throw new Error('unknown way of looking: ' + target.kind);
}

/** The first visible candidate of the best tier that has one; else any candidate. */
function look(doc, target) {
  let first = null;
  for (const tier of candidates(doc, target)) {
    const seen = tier.filter(visible);
    if (seen.length) return { element: seen[0], count: seen.length };
    if (!first && tier.length) first = { element: tier[0], count: tier.length, invisible: true };
  }
  return first;
}
