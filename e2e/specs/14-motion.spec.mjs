// Requirement 14: things move only for those who want it, and only after an input.
import { ask, open, press } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

// What moves now or within the next frames, as "name duration".
function moving(page) {
  return page.evaluate(async () => {
    const found = new Set();
    for (let i = 0; i < 4; i++) {
      for (const animation of document.getAnimations()) {
        const timing = animation.effect.getComputedTiming();
        const target = animation.effect.target;
        found.add(`${animation.animationName ?? animation.transitionProperty} ${timing.duration + timing.delay} ${target?.getAttribute("class")}`);
      }
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return [...found];
  });
}
const duration = (line) => Number(line.split(" ")[1]);

for (const [name, options, hints] of [["the system's wish", { reducedMotion: "reduce" }, {}], ["motion=off", {}, { motion: "off" }]]) {
  test(`nothing moves for more than 80 ms: ${name}`, async ({ page }) => {
    await page.emulateMedia(options);
    await open(page, "", hints);
    expect((await moving(page)).filter((line) => duration(line) > 80), "at rest").toEqual([]);
    for (const key of [...Array(12).fill("ArrowRight"), "ArrowLeft", "Shift+ArrowRight", "v", "ArrowRight", "v", "r", "Escape", "t", "Escape", "p", "p"]) {
      await page.keyboard.press(key);
      expect((await moving(page)).filter((line) => duration(line) > 80), key).toEqual([]);
    }
  });
}

test("with consent a step is explained by motion", async ({ page }) => {
  await open(page);
  const all = [];
  for (let i = 0; i < 8; i++) {
    await page.keyboard.press("ArrowRight");
    all.push(...(await moving(page)));
  }
  expect(all.length).toBeGreaterThan(0);
  expect(all.filter((line) => duration(line) > 500)).toEqual([]);
});

test("nothing moves before the first input", async ({ page }) => {
  await open(page);
  await page.waitForTimeout(200);
  expect(await moving(page)).toEqual([]);
  const before = await page.screenshot();
  await page.waitForTimeout(400);
  expect((await page.screenshot()).equals(before)).toBe(true);
  expect(await ask(page, "playing")).toBe(false);
});

test("the next input ends the motion", async ({ page }) => {
  await open(page);
  await press(page, "ArrowRight", 4);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowLeft");
  await page.waitForTimeout(500);
  expect(await moving(page)).toEqual([]);
  // What is drawn, without how it came there, and whatever the order in which attributes were set.
  const drawn = () =>
    page.locator(".sc-stage svg *").evaluateAll((all) =>
      all.map((element) => {
        const attributes = [...element.attributes].map(({ name, value }) => `${name}=${value.replace(/ sc-m-[\w-]+/g, "")}`);
        return [element.tagName, ...attributes.sort(), element.children.length ? "" : element.textContent].join(" ");
      }),
    );
  const there = await drawn();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowLeft");
  await page.waitForTimeout(500);
  expect(await drawn()).toEqual(there);
});
