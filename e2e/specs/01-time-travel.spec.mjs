// Requirement 1: a moment is the same moment, whichever way one comes to it.
import { BUILTINS, HUGE, addressFollows, ask, moment, open, random, seek, write } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

const MOMENTS = 20;
// Those that are also opened from their link by a fresh load; the others by a change of the address.
const FRESH = 4;

// Does all the walking inside the page: presses keys or seeks, and says after each what the machine is then.
function visit(page, stops) {
  return page.evaluate(async (stops) => {
    const turn = () => new Promise((resolve) => setTimeout(resolve));
    const out = [];
    for (const { seek, key, to, steps } of stops) {
      if (seek) {
        window.__mm.seek(...seek);
        while (String(window.__mm.cursor()) !== String(seek)) await turn();
      }
      const goal = key ? (to ?? Math.min(window.__mm.total(), window.__mm.global() + steps)) : window.__mm.global();
      const away = Math.abs(window.__mm.global() - goal);
      for (let i = 0; i < away; i++) document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      while (window.__mm.global() !== goal) await turn();
      out.push({
        cursor: window.__mm.cursor(),
        hash: window.__mm.hash(),
        global: window.__mm.global(),
        fragment: window.__mm.fragment(),
      });
    }
    return out;
  }, stops);
}

async function op(page) {
  const shown = await page.locator(".count .ops").textContent();
  return Number(shown.split("/")[1]);
}

for (const builtin of BUILTINS) {
  test(`four ways to a moment of ${builtin}`, async ({ page }) => {
    await open(page, `#0/${builtin}`);
    const [ops, total] = [await op(page), await ask(page, "total")];
    const roll = random(ops);
    const start = await moment(page);

    // Forwards: from a random op on, a few steps; in a short scenario from the very beginning.
    const short = total <= 400;
    const wanted = Array.from({ length: MOMENTS - 2 }, () => roll(short ? total : ops)).sort((a, b) => a - b);
    const ends = [{ key: "ArrowRight", to: 0 }, { seek: [ops, 0] }];
    const forwards = wanted.map((place) =>
      short ? { key: "ArrowRight", to: place } : { seek: [place, 0], key: "ArrowRight", steps: 1 + roll(5) },
    );
    const moments = await visit(page, [ends[0], ...forwards, ends[1]]);
    expect(moments[0].hash).toBe(start.hash);
    expect(moments.at(-1).global).toBe(total);

    // Backwards: from the end, or from the beginning of a later op.
    const reversed = [...moments].reverse();
    const later = ({ cursor: [op] }) => (short ? undefined : [Math.min(ops, op + 2), 0]);
    const backwards = reversed.map((there) => ({ seek: later(there), key: "ArrowLeft", to: there.global }));
    expect(await visit(page, backwards)).toEqual(reversed);

    // At once, in any order.
    const shuffled = moments.map((there) => [roll(1000), there]).sort(([a], [b]) => a - b).map(([, there]) => there);
    expect(await visit(page, shuffled.map(({ cursor }) => ({ seek: cursor })))).toEqual(shuffled);

    // By the link to it: a fresh load, or another address in the open page.
    for (const [at, there] of moments.entries()) {
      if (at % Math.ceil(MOMENTS / FRESH) === 0) await open(page, there.fragment);
      else await page.evaluate((fragment) => (location.hash = fragment), there.fragment);
      const opened = async () => [await ask(page, "hash"), await ask(page, "cursor")];
      await expect.poll(opened, { message: there.fragment, intervals: [5, 20, 50] }).toEqual([there.hash, there.cursor]);
    }
  });
}

// How long the way to a moment is, the history's own tests count.
test("a million frames and ten thousand ops: steps back and seeks, also far ones, arrive", async ({ page }) => {
  await open(page);
  await write(page, HUGE);
  await expect(page.locator(".problems")).not.toContainText("✕");
  expect(await op(page)).toBeGreaterThanOrEqual(10_000);
  expect(await page.evaluate(() => window.__mm.buddyinfo().split("\n")[0])).toMatch(/Normal/);

  const arrived = await page.evaluate(async () => {
    const slider = document.querySelector("[role=slider]");
    const shown = async (is) => {
      while (!is() || slider.getAttribute("aria-valuenow") !== String(window.__mm.global()))
        await new Promise((resolve) => setTimeout(resolve));
    };
    let [place, arrived] = [17, 0];
    for (; arrived < 40; arrived++) {
      place = (place * 7919 + 11) % 12_000;
      window.__mm.seek(place, 0);
      await shown(() => window.__mm.cursor()[0] === place);
      const before = window.__mm.global();
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true }));
      await shown(() => window.__mm.global() === before - 1);
    }
    return arrived;
  });
  expect(arrived).toBe(40);

  // The same moment again, from its link.
  await seek(page, 9_000, 2);
  const there = await moment(page);
  await addressFollows(page);
  await page.reload();
  await page.waitForFunction(() => window.__mm);
  await expect.poll(() => ask(page, "hash")).toBe(there.hash);
});
