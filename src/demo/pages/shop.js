// Tells the pixel what the visitor did. The event ID comes from the server, which
// reports the same action under the same ID.
function track(name, params, id) {
  remember(id);
  const pixel = window.themePixel || window.fbq;
  if (!pixel) return;
  if (id === null) pixel('track', name, params);
  else pixel('track', name, params, { [window.idOption || 'eventID']: id });
}

// Fires what an earlier answer of the server carried, but only if that answer never
// reached the visitor.
function trackAgain(name, params, id) {
  const fired = remembered();
  if (fired && !fired.includes(id)) track(name, params, id);
}

const MEMORY = 'fired';
const REMEMBERED = 50;

// The last event IDs that this browser fired; nothing where storage is switched off,
// and then nothing is fired again.
function remembered() {
  try {
    return JSON.parse(localStorage.getItem(MEMORY) || '[]');
  } catch {
    return null;
  }
}

function remember(id) {
  const fired = remembered();
  if (!fired || !id) return;
  try {
    localStorage.setItem(MEMORY, JSON.stringify([...fired, id].slice(-REMEMBERED)));
  } catch {
    // Storage is full: the event itself matters more than its memory.
  }
}

// Asks the server, fires what it says, and returns its answer. The request outlives
// the page; what its answer carries is then printed on the next one.
async function ask(address, form) {
  const answer = await fetch(address, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams(new FormData(form)),
    keepalive: true,
  });
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  const data = await answer.json();
  for (const call of data.calls) track(call.name, call.params, call.id);
  return data;
}

// A second click within this time, in milliseconds, is a double click and means one.
const DOUBLE_CLICK = 600;

function watchAddForm(form) {
  const button = form.querySelector('button');
  const note = document.querySelector('#added');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const eager = 'eager' in form.dataset;
    if (button.disabled) return;
    button.disabled = !eager;
    try {
      const data = await ask('/cart/add', form);
      document.querySelector('[data-testid=cart-count]').textContent = data.pieces;
    } catch (error) {
      console.error(error);
      note.textContent = 'That did not work. Please try again.';
    } finally {
      note.hidden = false;
      setTimeout(() => { button.disabled = false; }, DOUBLE_CLICK);
    }
  });
}

// The card is looked at while it is typed, so that its event is sent well before the
// page is left.
function watchCard(card) {
  const pay = document.querySelector('#pay');
  let asked = '';
  const look = async () => {
    const digits = card.value.replace(/\D/g, '');
    const whole = digits.startsWith('3') ? 15 : 16;
    if (digits.length < whole || digits === asked) return;
    asked = digits;
    pay.disabled = true;
    try {
      const data = await ask('/checkout/card', card.form);
      document.querySelector('#card-note').hidden = !data.accepted;
    } catch (error) {
      // The card is looked at once more when the order is placed.
      console.error(error);
    } finally {
      if (digits === asked) pay.disabled = false;
    }
  };
  card.addEventListener('input', look);
  card.addEventListener('change', look);
  card.form.addEventListener('submit', () => {
    pay.disabled = true;
    // Whether the pixel's own script has come.
    card.form.elements.pixel.value = window.fbq && fbq.callMethod ? '1' : '0';
  });
}

document.addEventListener('DOMContentLoaded', () => {
  const add = document.querySelector('#add-form');
  if (add) watchAddForm(add);
  const card = document.querySelector('#card');
  if (card) watchCard(card);
});
