// The shipped scenarios as a Playwright user writes them, step for step.
//
// A flow must mirror the scenario of its name in scenarios/: the same steps in the
// same order, the same expectations. `run.mjs` holds the expectations against those
// on countonce's tape and refuses to compare flows that differ.
//
// Where a click opens another page, the flow waits for that page to load, as an
// engineer does who counts its hits: without it Playwright goes on at once, leaves
// pages before their hits are sent, and counts too few.
// Never how hits are caught, never what time it takes.

const once = (event, value, currency) => ({ event, count: 1, value, currency });
const times = (count, event) => ({ event, count });

export const flows = [
  {
    name: 'Add to cart and abandon',
    async steps(page, person) {
      await page.goto(`/products/espresso-cup?fbclid=${person.click_id}`);
      await page.getByLabel('Quantity').fill('3');
      await page.locator('#add-to-cart').click();
      await page.waitForFunction(
        () => document.querySelector('[data-testid=cart-count]').textContent === '3',
      );
      await page.locator('#cart-link').click();
      await page.waitForURL('/cart');
      await page.locator('#to-checkout').click();
      await page.waitForURL('/checkout');
      await page.locator('#email').waitFor();
      await page.getByRole('link', { name: 'Small Clay, home' }).click();
      await page.waitForURL('/');
    },
    expect: [
      times(4, 'PageView'),
      once('ViewContent', 19.5, 'USD'),
      once('AddToCart', 58.5, 'USD'),
      once('InitiateCheckout', 58.5, 'USD'),
    ],
    never: ['AddPaymentInfo', 'Purchase', 'Lead'],
  },
  {
    name: 'Browse only',
    async steps(page) {
      await page.goto('/');
      await page.getByText('Dinner plate').click();
      await page.waitForURL('/products/*');
      await page.getByRole('link', { name: 'Small Clay, home' }).click();
      await page.waitForURL('/');
      await page.getByText('Tea bowl').click();
      await page.waitForURL('/products/*');
      await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
      await page.locator('#cart-link').click();
      await page.waitForURL('/cart');
      await page.getByText('See what we make').click();
      await page.waitForURL('/');
    },
    expect: [times(6, 'PageView'), times(2, 'ViewContent')],
    never: ['AddToCart', 'InitiateCheckout', 'AddPaymentInfo', 'Purchase', 'Lead'],
  },
  {
    name: 'Consent refused',
    async steps(page, person) {
      await page.goto(`/?store=de&fbclid=${person.click_id}`);
      await page.locator('#consent-refuse').click();
      await page.locator('#consent-accept').waitFor({ state: 'detached' });
      await page.waitForLoadState();
      await page.getByText('Blue mug').click();
      await page.waitForURL('/products/*');
      await page.locator('#add-to-cart').click();
      await page.locator('#added').waitFor();
      await page.locator('#cart-link').click();
      await page.waitForURL('/cart');
      await page.locator('#to-checkout').click();
      await page.waitForURL('/checkout');
      await page.locator('#email').fill(person.email);
      await page.locator('#phone').fill(person.phone);
      await page.locator('#first-name').fill(person.first_name);
      await page.locator('#last-name').fill(person.last_name);
      await page.locator('#street').fill(person.street);
      await page.locator('#city').fill(person.city);
      await page.locator('#zip').fill(person.zip);
      await page.locator('#to-payment').click();
      await page.waitForURL('/checkout/payment');
      await page.locator('#card').fill(person.card);
      await page.locator('#card-note').waitFor();
      await page.locator('#pay').click();
      await page.waitForURL('**/thank-you/**');
    },
    expect: [],
    never: [
      'PageView',
      'ViewContent',
      'Search',
      'AddToCart',
      'InitiateCheckout',
      'AddPaymentInfo',
      'Purchase',
      'Lead',
    ],
  },
  {
    name: 'German checkout',
    async steps(page, person) {
      await page.goto(`/?store=de&fbclid=${person.click_id}`);
      await page.locator('#consent-accept').click();
      await page.locator('#consent-accept').waitFor({ state: 'detached' });
      await page.waitForLoadState();
      await page.getByText('Teapot').click();
      await page.waitForURL('/products/*');
      await page.locator('#quantity').fill('2');
      await page.getByRole('button', { name: 'Add to cart' }).click();
      await page.locator('#added').waitFor();
      await page.getByRole('link', { name: 'View cart' }).click();
      await page.waitForURL('/cart');
      await page.locator('#to-checkout').click();
      await page.waitForURL('/checkout');
      await page.getByLabel('E-mail').fill(person.email);
      await page.getByLabel('Telephone').fill(person.phone_national);
      await page.getByLabel('First name').fill(person.first_name);
      await page.getByLabel('Last name').fill(person.last_name);
      await page.getByLabel('Street and number').fill(person.street);
      await page.getByLabel('City').fill(person.city);
      await page.getByLabel('State or region').fill(person.state);
      await page.getByLabel('Postal code').fill(person.zip);
      await page.getByLabel('Country').selectOption({ label: person.country_name });
      await page.getByText('Continue to payment').click();
      await page.waitForURL('/checkout/payment');
      await page.getByLabel('Card number').fill(person.card);
      await page.getByText('Card accepted').waitFor();
      await page.getByRole('button', { name: 'Pay now' }).click();
      await page.waitForURL('**/thank-you/**');
    },
    expect: [
      times(6, 'PageView'),
      once('ViewContent', 74, 'EUR'),
      once('AddToCart', 148, 'EUR'),
      once('InitiateCheckout', 148, 'EUR'),
      once('AddPaymentInfo', 148, 'EUR'),
      once('Purchase', 148, 'EUR'),
    ],
    never: ['Lead'],
  },
  {
    name: 'Guest checkout',
    async steps(page, person, hits) {
      await page.goto(`/?fbclid=${person.click_id}`);
      await page.getByText('Blue mug').click();
      await page.waitForURL('/products/*');
      await page.locator('#add-to-cart').click();
      await page.locator('#added').waitFor();
      await page.locator('#cart-link').click();
      await page.waitForURL('/cart');
      await page.getByText('Go to checkout').click();
      await page.waitForURL('/checkout');
      await page.locator('#email').fill(person.email);
      await page.locator('#phone').fill(person.phone);
      await page.locator('#first-name').fill(person.first_name);
      await page.locator('#last-name').fill(person.last_name);
      await page.locator('#birth-date').fill(person.birth_date);
      await page.locator('#street').fill(person.street);
      await page.locator('#city').fill(person.city);
      await page.locator('#state').fill(person.state);
      await page.locator('#zip').fill(person.zip);
      await page.locator('#gender').selectOption(person.gender);
      await page.locator('#country').selectOption(person.country);
      await page.getByRole('button', { name: 'Continue to payment' }).click();
      await page.waitForURL('/checkout/payment');
      await page.locator('#expiry').fill(person.card_expiry);
      await page.locator('#cvc').fill(person.card_cvc);
      await page.locator('#card').fill(person.card);
      await page.locator('#card-note').waitFor();
      await page.getByRole('button', { name: 'Pay now' }).click();
      await page.waitForURL('**/thank-you/**');
      await hits.event('Purchase');
      await page.reload();
    },
    expect: [
      times(7, 'PageView'),
      once('ViewContent', 42, 'USD'),
      once('AddToCart', 42, 'USD'),
      once('InitiateCheckout', 42, 'USD'),
      once('AddPaymentInfo', 42, 'USD'),
      once('Purchase', 42, 'USD'),
    ],
    never: ['Lead'],
  },
  {
    name: 'Newsletter lead',
    async steps(page, person) {
      await page.goto('/newsletter?store=uk');
      await page.getByText('Accept').click();
      await page.locator('#consent-accept').waitFor({ state: 'detached' });
      await page.waitForLoadState();
      await page.getByLabel('E-mail').fill(person.email);
      await page.locator('#first-name').fill(person.first_name);
      await page.locator('#subscribe').click();
      await page.getByTestId('welcome').waitFor();
      await page.waitForLoadState();
      await page.reload();
    },
    expect: [times(3, 'PageView'), once('Lead', 5, 'GBP')],
    never: ['AddToCart', 'Purchase'],
  },
  {
    name: 'Search and view',
    async steps(page) {
      await page.goto('/');
      await page.locator('#search').fill('mug');
      await page.locator('#search').press('Enter');
      await page.getByTestId('found').waitFor();
      await page.waitForLoadState();
      await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
      await page.getByText('Moss mug').click();
      await page.waitForURL('/products/*');
      await page.getByTestId('price').waitFor();
    },
    expect: [times(3, 'PageView'), times(1, 'Search'), once('ViewContent', 38, 'USD')],
    never: ['AddToCart', 'Purchase', 'Lead'],
  },
];
