// Requirement 11: the story can be scrubbed.
import { SIZES, ask, device, open, openAt, press, shown } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

test("the page opens at rest", async ({ page }) => {
  await open(page);
  await page.waitForTimeout(600);
  expect(await ask(page, "playing")).toBe(false);
  expect(await ask(page, "global")).toBe(0);
});

for (const size of Object.keys(SIZES)) {
  test.describe(size, () => {
    test.use(device(size));
    test("dragging shows moment after moment", async ({ page }) => {
      await open(page, "", SIZES[size].hints);
      await page.evaluate(() => {
        window.__drawn = new Set();
        const look = () => {
          window.__drawn.add(document.querySelector(".z4 b").textContent + document.querySelector(".stage-box svg").textContent);
          requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      });
      const { x, y, width } = await page.locator("[role=slider]").boundingBox();
      await page.mouse.move(x + 1, y + 5);
      await page.mouse.down();
      for (let i = 1; i <= 40; i++) {
        await page.mouse.move(x + (width * i) / 40, y + 5);
        await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
      }
      await page.mouse.up();
      expect(await ask(page, "global")).toBe(await ask(page, "total"));
      expect(await page.evaluate(() => window.__drawn.size)).toBeGreaterThanOrEqual(20);
    });
  });
}

// Presses a key, and gives the moment it led to; null when it leads nowhere any more.
async function moved(page, key) {
  const before = await ask(page, "global");
  await press(page, key);
  const goes = page.waitForFunction((before) => window.__mm.global() !== before, before, { timeout: 1500 });
  return goes.then(() => ask(page, "global"), () => null);
}

test("markers are reached by ] and [", async ({ page }) => {
  await open(page);
  const there = [];
  for (let i = 0; i < 40; i++) {
    const now = await moved(page, "]");
    if (now === null) break;
    there.push(now);
  }
  const drawn = await page.locator(".marker").evaluateAll((all) => all.map((marker) => Number(marker.dataset.global)));
  for (const at of drawn.filter((at) => at > 0)) expect(there).toContain(at);
  const back = [];
  for (let i = 0; i < 40; i++) {
    const now = await moved(page, "[");
    if (now === null) break;
    back.push(now);
  }
  expect(back.reverse().slice(1)).toEqual(there.slice(0, -1));
});

test("a press on a marker goes to it", async ({ page }) => {
  await open(page);
  const failure = page.locator(".marker.failure");
  const at = Number(await failure.getAttribute("data-global"));
  const box = await failure.locator(".hit").boundingBox();
  await page.mouse.click(box.x + box.width / 2 + 4, box.y + box.height / 2);
  await expect.poll(() => ask(page, "global")).toBe(at);
  await expect(page.locator(".z4 .tag.fail")).toBeVisible();
});

test(". and , go to the changes of the selected block", async ({ page }) => {
  await openAt(page, "merge-chain", 0, 0);
  await page.locator(".sc-stage").focus();
  await page.keyboard.press("Enter");
  await expect(page.locator(".z3 h3")).not.toContainText("Nothing");
  const title = async () => page.locator(".z3 .card").innerText();
  let last = await title();
  let changes = 0;
  for (let i = 0; i < 6; i++) {
    const before = await ask(page, "global");
    await press(page, ".");
    if ((await ask(page, "global")) === before) break;
    const now = await title();
    expect(now, `at ${await ask(page, "global")}`).not.toBe(last);
    last = now;
    changes += 1;
  }
  expect(changes).toBeGreaterThan(2);
  const there = await ask(page, "global");
  await press(page, ",");
  expect(await ask(page, "global")).toBeLessThan(there);
});

test("time runs to the end, stops there, and starts again", async ({ page }) => {
  await open(page);
  await press(page, "End");
  await press(page, "ArrowLeft", 4);
  for (let i = 0; i < 5; i++) await page.keyboard.press("+");
  await page.keyboard.press("Space");
  await expect.poll(() => ask(page, "playing"), { timeout: 4000 }).toBe(false);
  await shown(page);
  expect(await ask(page, "global")).toBe(await ask(page, "total"));
  await page.keyboard.press("Space");
  await expect.poll(() => ask(page, "global")).toBeLessThan(10);
  await page.keyboard.press("Space");
});
