'use strict';
// A small shop in Express that tells the Conversions API of its purchases by Meta's SDK.
const crypto = require('node:crypto');
const express = require('express');
const { conversions, flush } = require('./tracking');
const pages = require('./pages');

const PIXEL_ID = process.env.PIXEL_ID || '1234567890123456';
const PRODUCT = { id: 'mug-blue', name: 'Blue mug', price: 42.0 };
const FIELDS = ['email', 'phone', 'first_name', 'last_name', 'city', 'state', 'zip', 'country'];

const app = express();
app.set('trust proxy', true);
app.use(express.urlencoded({ extended: false }));
app.use((request, response, next) => {
  request.cookies = Object.fromEntries(
    (request.headers.cookie || '').split('; ').filter(Boolean).map((one) => {
      const at = one.indexOf('=');
      return [one.slice(0, at), decodeURIComponent(one.slice(at + 1))];
    }),
  );
  request.visitor = request.cookies.visitor || `Visitor-${crypto.randomUUID()}`;
  response.cookie('visitor', request.visitor, { httpOnly: true, sameSite: 'lax' });
  next();
});

// Orders live in memory: this is an example.
const orders = new Map();
let last = 1000;

const show = (request, body, more = {}) =>
  pages.layout({ pixelId: PIXEL_ID, identity: { external_id: request.visitor, ...more.identity }, events: more.events, body });

app.get('/', (request, response) => {
  response.send(show(request, pages.home(PRODUCT)));
});

app.get('/checkout', (request, response) => {
  response.send(show(request, pages.checkout(FIELDS)));
});

app.post('/order', (request, response) => {
  const number = (last += 1);
  const customer = Object.fromEntries(FIELDS.map((name) => [name, String(request.body[name] || '')]));
  const eventId = crypto.randomUUID();
  orders.set(number, { visitor: request.visitor, eventId, customer });
  conversions({
    pixelId: PIXEL_ID,
    eventId,
    url: `${request.protocol}://${request.get('host')}/thank-you/${number}`,
    product: PRODUCT,
    number,
    customer,
    visitor: request.visitor,
    address: request.ip,
    userAgent: request.get('user-agent'),
    fbp: request.cookies._fbp,
    fbc: request.cookies._fbc,
  });
  response.redirect(303, `/thank-you/${number}`);
});

app.get('/thank-you/:number', (request, response) => {
  const number = Number(request.params.number);
  const order = orders.get(number);
  if (!order || order.visitor !== request.visitor) return response.sendStatus(404);
  // The pixel tells of an order once, however often its page is loaded.
  const { eventId, customer } = order;
  order.eventId = null;
  const identity = {
    em: customer.email,
    ph: customer.phone,
    fn: customer.first_name,
    ln: customer.last_name,
    ct: customer.city,
    st: customer.state,
    zp: customer.zip,
    country: customer.country,
  };
  const events = eventId ? pages.purchase(PRODUCT, number, eventId) : '';
  return response.send(show(request, pages.thanks(number), { identity, events }));
});

const server = app.listen(Number(process.env.PORT || 3000), '127.0.0.1', () => {
  console.log(`listening on ${server.address().port}`);
});
process.on('SIGTERM', async () => {
  server.close();
  await flush();
  process.exit(0);
});
