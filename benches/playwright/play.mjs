// Plays every flow once: workers with a browser each, a fresh context per flow.
//
// Reads its task as JSON from standard input and answers in JSON on standard output,
// so that the time of the process is the time of the whole suite, start and end included.
// Never another tool's time.

import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';

import { Hits, standIn } from './capture.mjs';
import { flows } from './flows.mjs';

// As long as countonce waits: for quiet, and where nothing at all may come.
const QUIET = 250;
const SILENCE = 1000;

const task = JSON.parse(await text(process.stdin));
const { chromium } = createRequire(task.modules)('playwright-core');
const script = standIn();
const waiting = flows.map((flow) => ({ flow, person: task.people[flow.name] }));
const done = [];

await Promise.all(Array.from({ length: task.jobs }, work));
console.log(JSON.stringify(done));

async function work() {
  const browser = await chromium.launch({
    executablePath: task.chromium,
    // Whatever a route might miss must not leave the machine.
    args: ['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  });
  const ending = [];
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const { flow, person } = next;
    const begun = performance.now();
    const context = await browser.newContext({
      baseURL: task.shop,
      userAgent: task.agent,
      viewport: { width: 1280, height: 800 },
    });
    const hits = await Hits.of(context, script);
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    let error = null;
    try {
      await flow.steps(page, person, hits);
    } catch (cause) {
      error = String(cause.message ?? cause).split('\n')[0];
    }
    const end = (async () => {
      if (error === null) {
        await hits.expected(flow.expect);
        await hits.silence(flow.expect.length === 0 ? SILENCE : QUIET);
        // The last beacon is sent by leaving the page.
        await page.goto('about:blank');
        await hits.silence(QUIET);
      }
      const problems = error === null ? await hits.problems(flow) : [error];
      await context.close();
      done.push({ name: flow.name, millis: performance.now() - begun, quiet: hits.quiet, problems });
    })();
    if (task.overlap) ending.push(end);
    else await end;
  }
  await Promise.all(ending);
  await browser.close();
}
