'use strict';
// Tells the Conversions API of purchases, off the visitor's way, and tries again when it
// does not answer well.
const crypto = require('node:crypto');
const sdk = require('facebook-nodejs-business-sdk');

const TOKEN = process.env.META_ACCESS_TOKEN || 'example-token';
// The example's switch: `retry-new-id` plants the fault.
const FAULT = process.env.SHOP_FAULT || '';
const TRIES = 3;
const PAUSE = 300;

const sha256 = (text) => crypto.createHash('sha256').update(text).digest('hex');
// A name as the pixel prepares it; the SDK would keep its punctuation.
const letters = (name) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
const pending = new Set();

const build = (order, eventId) => {
  const { customer, product } = order;
  const user = new sdk.UserData()
    .setEmail(customer.email)
    .setPhone(customer.phone)
    .setFirstName(letters(customer.first_name))
    .setLastName(letters(customer.last_name))
    .setCity(customer.city)
    .setState(customer.state)
    .setZip(customer.zip)
    .setCountry(customer.country)
    // The SDK leaves this one as it is; the pixel sends its digest.
    .setExternalId(sha256(order.visitor.trim().toLowerCase()))
    .setClientIpAddress(order.address)
    .setClientUserAgent(order.userAgent);
  if (order.fbp) user.setFbp(order.fbp);
  if (order.fbc) user.setFbc(order.fbc);
  const content = new sdk.Content().setId(product.id).setQuantity(1).setItemPrice(product.price);
  const data = new sdk.CustomData()
    .setValue(product.price)
    .setCurrency('USD')
    .setContentType('product')
    .setContentIds([product.id])
    .setContents([content])
    .setNumItems(1)
    .setOrderId(String(order.number));
  return new sdk.ServerEvent()
    .setEventName('Purchase')
    .setEventTime(order.time)
    .setEventId(eventId)
    .setEventSourceUrl(order.url)
    .setActionSource('website')
    .setUserData(user)
    .setCustomData(data);
};

const send = async (order) => {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const again = attempt > 1 && FAULT === 'retry-new-id';
    // A retry is the same event: built once, sent as often as it takes.
    const eventId = again ? crypto.randomUUID() : order.eventId;
    const request = new sdk.EventRequest(TOKEN, order.pixelId).setEvents([build(order, eventId)]);
    try {
      await request.execute();
      return;
    } catch (error) {
      console.error(`try ${attempt} of a conversion failed: ${error.message}`);
      await new Promise((done) => setTimeout(done, PAUSE * attempt));
    }
  }
};

exports.conversions = (order) => {
  const sending = send({ ...order, time: Math.floor(Date.now() / 1000) });
  pending.add(sending);
  sending.finally(() => pending.delete(sending));
};

// What is still under way.
exports.flush = () => Promise.allSettled([...pending]);
