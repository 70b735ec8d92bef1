// Tells the pixel what the visitor did. The event ID comes from the server, which
// reports the same action under the same ID.
function track(name, params, id) {
  remember(id);
  if (!window.fbq) return;
  if (id === null) fbq('track', name, params);
  else fbq('track', name, params, { eventID: id });
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

document.addEventListener('DOMContentLoaded', () => {
  const add = document.querySelector('#add-form');
  if (add) {
    add.addEventListener('submit', async (event) => {
      event.preventDefault();
      const button = add.querySelector('button');
      if (button.disabled) return;
      button.disabled = true;
      try {
        const data = await ask('/cart/add', add);
        document.querySelector('[data-testid=cart-count]').textContent = data.pieces;
        document.querySelector('#added').hidden = false;
      } catch {
        add.submit();
      } finally {
        button.disabled = false;
      }
    });
  }

  // The card is looked at while it is typed, so that its event is sent well before
  // the page is left.
  const card = document.querySelector('#card');
  if (card) {
    const pay = document.querySelector('#pay');
    let asked = '';
    const look = async () => {
      const digits = card.value.replace(/\D/g, '');
      if (digits.length < 15 || digits === asked) return;
      asked = digits;
      pay.disabled = true;
      try {
        const data = await ask('/checkout/card', card.form);
        document.querySelector('#card-note').hidden = !data.accepted;
      } finally {
        pay.disabled = false;
      }
    };
    card.addEventListener('input', look);
    card.addEventListener('change', look);
    // A second click on the button must not send the form a second time.
    card.form.addEventListener('submit', () => { pay.disabled = true; });
  }
});
