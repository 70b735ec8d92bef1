// Makes the element that was found ready for one act, or says why it is not usable.

function fail(why, more) {
  return { ok: false, why, ...more };
}

function done(element, more) {
  return { ok: true, element, ...more };
}

function native(element, name, value) {
  let owner = Object.getPrototypeOf(element);
  while (owner && !Object.getOwnPropertyDescriptor(owner, name)) owner = Object.getPrototypeOf(owner);
  // The setter of the prototype, since frameworks put their own on the element.
  Object.getOwnPropertyDescriptor(owner, name).set.call(element, value);
}

function tell(element) {
  element.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
  element.dispatchEvent(new Event('change', { bubbles: true }));
}

function inView(element) {
  const rect = box(element);
  if (!rect) return;
  const x = rect.left + rect.width / 2, y = rect.top + rect.height / 2;
  if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight || !contains(element, topmost(x, y))) {
    element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
  }
}

function pointer(element) {
  if (!enabled(element)) return fail('disabled', { by: describe(element) });
  if (moving(element)) return fail('moving', { by: describe(element) });
  inView(element);
  const rect = box(element);
  if (!rect) return fail('invisible', { by: describe(element) });
  const x = rect.left + rect.width / 2, y = rect.top + rect.height / 2;
  if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) return fail('outside', { by: describe(element) });
  const hit = topmost(x, y);
  if (!hit) return fail('covered', { by: 'nothing that takes clicks' });
  // A click on a child, or through a child that lets clicks pass, is a click on the element.
  if (!contains(element, hit) && !contains(hit, element)) return fail('covered', { by: describe(hit) });
  return done(element, { x: Math.floor(x), y: Math.floor(y) });
}

const SET = ['date', 'time', 'datetime-local', 'month', 'week', 'color', 'range'];
const UNTYPED = ['checkbox', 'radio', 'submit', 'button', 'reset', 'image', 'hidden'];

function field(element) {
  if (element.tagName === 'LABEL' && element.control) element = element.control;
  if (!enabled(element)) return fail('disabled', { by: describe(element) });
  if (element.tagName === 'SELECT') return { ...option(element), set: true };
  const editable = element.isContentEditable;
  const input = element.tagName === 'INPUT' && !UNTYPED.includes(element.type);
  if (!input && element.tagName !== 'TEXTAREA' && !editable) return fail('no field', { by: describe(element) });
  if (element.readOnly) return fail('read-only', { by: describe(element) });
  if (input && element.type === 'file') return done(element, { file: true });
  inView(element);
  if (input && SET.includes(element.type)) {
    element.focus();
    native(element, 'value', wish.text);
    if (element.value === '' && wish.text !== '') return fail('refused', { by: describe(element), detail: element.type, final: true });
    tell(element);
    return done(element, { set: true });
  }
  element.focus({ preventScroll: true });
  if (editable) getSelection().selectAllChildren(element); else element.select();
  const empty = editable ? fold(element.textContent) === '' : element.value === '';
  // The driver loses the selection when the field is inside a shadow tree.
  if (!editable && !empty && element.getRootNode() !== document) {
    native(element, 'value', '');
    return done(element, { empty: true });
  }
  return done(element, { empty });
}

function option(element) {
  if (element.tagName === 'LABEL' && element.control) element = element.control;
  if (element.tagName !== 'SELECT') return fail('no select', { by: describe(element) });
  if (!enabled(element)) return fail('disabled', { by: describe(element) });
  const all = [...element.options];
  const wanted = fold(wish.text);
  const hit = all.find(one => fold(one.label) === wanted) || all.find(one => one.value === wish.text)
    || all.find(one => fold(one.label).toLowerCase() === wanted.toLowerCase());
  if (!hit) return fail('no option', { by: describe(element), near: all.map(one => short(one.label)).slice(0, NEAR_LIMIT) });
  if (hit.disabled) return fail('disabled', { by: 'the option "' + short(hit.label) + '"' });
  element.focus({ preventScroll: true });
  if (!hit.selected || element.multiple) {
    hit.selected = true;
    tell(element);
  }
  return done(element);
}

function state(element) {
  if (element.tagName === 'LABEL' && element.control) element = element.control;
  if (element.type === 'checkbox' || element.type === 'radio') return { element, on: element.checked };
  const given = element.getAttribute('aria-checked');
  return given === null ? { element, on: null } : { element, on: given === 'true' };
}

function control(found) {
  const { element, on } = state(found);
  if (on === null) return fail('no check', { by: describe(element) });
  if (on === wish.on) return done(element, { already: true });
  if (element.type === 'radio' && !wish.on) return fail('radio', { by: describe(element), final: true });
  if (wish.confirm) return fail('unchanged', { by: describe(element) });
  // Styled controls hide the input and show its label: a person clicks the label.
  const shown = visible(element) ? [element, ...(element.labels || [])] : [...(element.labels || [])].filter(visible);
  if (!enabled(element)) return fail('disabled', { by: describe(element) });
  let last = fail('invisible', { by: describe(element) });
  for (const one of shown) {
    last = pointer(one);
    if (last.ok) return last;
  }
  return last;
}

function ready(found) {
  const element = found.element;
  const one = found.count > 1 ? { count: found.count } : {};
  if (wish.act === 'visible') return found.invisible ? fail('invisible', { by: describe(element) }) : done(element, one);
  if (wish.act === 'check') return { ...control(element), ...one };
  if (wish.act === 'fill' && element.type === 'file') return { ...field(element), ...one };
  if (found.invisible) return fail('invisible', { by: describe(element) });
  switch (wish.act) {
    case 'click': return { ...pointer(element), ...one };
    case 'fill': return { ...field(element), ...one };
    case 'select': return { ...option(element), ...one };
    case 'press':
      if (!enabled(element)) return fail('disabled', { by: describe(element) });
      element.focus();
      return done(element, one);
    case 'scroll':
      element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
      return done(element, one);
  }
  throw new Error('unknown act: ' + wish.act);
}
