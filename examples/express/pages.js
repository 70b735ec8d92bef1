'use strict';
// The pages, as plain texts.

const escape = (text) =>
  String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

// Inside a script element, so nothing may close it.
const script = (value) => JSON.stringify(value).replace(/</g, '\\u003c');

exports.layout = ({ pixelId, identity, events, body }) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Clay, by Express</title>
<link rel="icon" href="data:,">
<script>
// Calls are queued here until the pixel's own script has come.
window.fbq = window._fbq = function () {
  if (fbq.callMethod) fbq.callMethod.apply(fbq, arguments);
  else fbq.queue.push(arguments);
};
fbq.push = fbq;
fbq.loaded = true;
fbq.version = '2.0';
fbq.queue = [];
var loader = document.createElement('script');
loader.async = true;
loader.src = 'https://connect.facebook.net/en_US/fbevents.js';
document.head.appendChild(loader);
fbq('init', ${script(pixelId)}, ${script(identity)});
fbq('track', 'PageView');
${events || ''}
</script>
</head>
<body>${body}</body>
</html>
`;

exports.home = (product) =>
  `<h1>Clay</h1><p>${escape(product.name)}, $${product.price} <a href="/checkout">Buy it</a></p>`;

exports.checkout = (fields) => `<h1>Checkout</h1>
<form method="post" action="/order">
${fields.map((name) => `<p><label for="${name}">${name}</label> <input id="${name}" name="${name}" required></p>`).join('\n')}
<button>Pay now</button>
</form>`;

exports.thanks = (number) => `<h1>Thank you for order ${number}</h1>`;

exports.purchase = (product, number, eventId) => `fbq('track', 'Purchase', ${script({
  value: product.price,
  currency: 'USD',
  content_type: 'product',
  content_ids: [product.id],
  contents: [{ id: product.id, quantity: 1, item_price: product.price }],
  num_items: 1,
  order_id: String(number),
})}, { eventID: ${script(eventId)} });`;
