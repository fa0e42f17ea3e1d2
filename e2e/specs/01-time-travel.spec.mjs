// Requirement 1: a moment is the same moment, whichever way one comes to it.
import { BUILTINS, HUGE, addressFollows, ask, moment, open, percentile, random, seek, write } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

const MOMENTS = 40;
// Those that are also opened from their link by a fresh load; the others by a change of the address.
const FRESH = 8;

// Presses keys inside the page until so many steps are done, and says what the machine is then.
async function walk(page, key, to) {
  await page.evaluate(
    async ([key, to]) => {
      const turn = () => new Promise((resolve) => setTimeout(resolve));
      for (let away = Math.abs(window.__mm.global() - to); away > 0; away = Math.abs(window.__mm.global() - to)) {
        for (let i = 0; i < away; i++) document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
        await turn();
      }
    },
    [key, to],
  );
  return moment(page);
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
    const moments = [start];
    const wanted = Array.from({ length: MOMENTS }, () => roll(short ? total : ops)).sort((a, b) => a - b);
    for (const place of wanted) {
      if (!short) await seek(page, place, 0);
      moments.push(await walk(page, "ArrowRight", short ? place : Math.min(total, (await ask(page, "global")) + 1 + roll(4))));
      moments.at(-1).fragment = await ask(page, "fragment");
    }
    await page.keyboard.press("End");
    await page.waitForFunction((total) => window.__mm.global() === total, total);
    moments.push(await moment(page));

    // Backwards: from the end, or from the beginning of a later op.
    for (const there of [...moments].reverse()) {
      if (!short) await seek(page, Math.min(ops, Number(there.cursor.split(".")[0]) + 2), 0);
      const back = await walk(page, "ArrowLeft", there.global);
      expect([back.hash, back.cursor], `back to ${there.cursor}`).toEqual([there.hash, there.cursor]);
    }

    // At once, in any order.
    const shuffled = moments.map((there) => [roll(1000), there]).sort(([a], [b]) => a - b);
    for (const [, there] of shuffled) {
      await seek(page, ...there.cursor.split(".").map(Number));
      const { hash, global } = await moment(page);
      expect([hash, global], `seek to ${there.cursor}`).toEqual([there.hash, there.global]);
    }

    // By the link to it.
    const linked = moments.filter(({ fragment }) => fragment);
    await page.goto("about:blank");
    await open(page, "#0/buddy-split");
    for (const [at, there] of linked.entries()) {
      if (at % Math.ceil(MOMENTS / FRESH) === 0) await open(page, there.fragment);
      else await page.evaluate((fragment) => (location.hash = fragment), there.fragment);
      const opened = async () => [await ask(page, "hash"), (await ask(page, "cursor")).join(".")];
      await expect.poll(opened, { message: there.fragment, timeout: 2000 }).toEqual([there.hash, there.cursor]);
    }
  });
}

test("a million frames and ten thousand ops: back-steps and seeks are quick", async ({ page }) => {
  await open(page);
  await write(page, HUGE);
  await expect(page.locator(".problems")).not.toContainText("✕");
  expect(await op(page)).toBeGreaterThanOrEqual(10_000);
  expect(await page.evaluate(() => window.__mm.buddyinfo().split("\n")[0])).toMatch(/Normal/);

  const times = await page.evaluate(async () => {
    const slider = document.querySelector("[role=slider]");
    const shows = async (global) => {
      while (window.__mm.global() !== global || slider.getAttribute("aria-valuenow") !== String(global))
        await new Promise((resolve) => setTimeout(resolve));
    };
    const timed = async (what, to) => {
      const start = performance.now();
      what();
      while (!to()) await new Promise((resolve) => setTimeout(resolve));
      await shows(window.__mm.global());
      return performance.now() - start;
    };
    const out = { back: [], seek: [] };
    let place = 17;
    for (let i = 0; i < 40; i++) {
      place = (place * 7919 + 11) % 12_000;
      out.seek.push(await timed(() => window.__mm.seek(place, 0), () => window.__mm.cursor()[0] === place));
      const before = window.__mm.global();
      const press = () => document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true }));
      out.back.push(await timed(press, () => window.__mm.global() === before - 1));
    }
    return out;
  });
  expect(percentile(times.back, 0.95)).toBeLessThan(50);
  expect(percentile(times.seek, 0.95)).toBeLessThan(100);

  // The same moment again, from its link.
  await seek(page, 9_000, 2);
  const there = await moment(page);
  await addressFollows(page);
  await page.reload();
  await page.waitForFunction(() => window.__mm);
  await expect.poll(() => ask(page, "hash")).toBe(there.hash);
});
