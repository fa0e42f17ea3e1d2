// Requirement 17: the address follows the moment, seldom; Back and Forward bring scenario and cursor back.
import { addressFollows, ask, open, openAt, press, seek } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

// Counts what the page writes to the browser's history.
async function watch(page) {
  await page.addInitScript(() => {
    window.__writes = [];
    for (const name of ["replaceState", "pushState"]) {
      const real = history[name].bind(history);
      history[name] = (...args) => {
        window.__writes.push([name, performance.now()]);
        return real(...args);
      };
    }
  });
}

test("at most one write a second, and the last moment arrives", async ({ page }) => {
  await watch(page);
  await open(page);
  for (let i = 0; i < 25; i++) {
    await page.keyboard.press("ArrowRight");
    await page.waitForTimeout(i % 5 === 4 ? 450 : 30);
  }
  await addressFollows(page);
  const times = (await page.evaluate(() => window.__writes)).map(([, at]) => at);
  expect(times.length).toBeGreaterThan(0);
  for (let i = 1; i < times.length; i++) expect(times[i] - times[i - 1]).toBeGreaterThan(990);
});

test("nothing is written while time runs", async ({ page }) => {
  await watch(page);
  await open(page);
  for (let i = 0; i < 4; i++) await page.keyboard.press("+");
  await page.keyboard.press("Space");
  await page.waitForTimeout(2500);
  expect(await ask(page, "playing")).toBe(true);
  expect(await page.evaluate(() => window.__writes.length)).toBe(0);
  await page.keyboard.press("Space");
  await addressFollows(page);
  expect(await page.evaluate(() => window.__writes.length)).toBe(1);
});

test("nothing is written while the scrubber is dragged", async ({ page }) => {
  await watch(page);
  await open(page);
  const slider = await page.locator("[role=slider]").boundingBox();
  await page.mouse.move(slider.x + 2, slider.y + 6);
  await page.mouse.down();
  for (let i = 1; i <= 30; i++) {
    await page.mouse.move(slider.x + (slider.width * i) / 31, slider.y + 6);
    await page.waitForTimeout(40);
  }
  // A hand that rests has not let go.
  await page.waitForTimeout(1300);
  const during = await page.evaluate(() => window.__writes.length);
  await page.mouse.up();
  expect(during).toBe(0);
  await addressFollows(page);
});

test("Back and Forward restore the scenario and the cursor", async ({ page }) => {
  await open(page);
  await press(page, "ArrowRight", 7);
  await addressFollows(page);
  const first = [await ask(page, "text"), (await ask(page, "cursor")).join("."), await ask(page, "hash")];
  await page.locator(".lesson").nth(1).click();
  await expect(page.locator("h1")).toContainText("ten merges");
  await seek(page, 2, 3);
  await addressFollows(page);
  const second = [await ask(page, "text"), (await ask(page, "cursor")).join("."), await ask(page, "hash")];
  const now = async () => [await ask(page, "text"), (await ask(page, "cursor")).join("."), await ask(page, "hash")];
  for (let round = 0; round < 2; round++) {
    await page.evaluate(() => history.back());
    await expect.poll(now).toEqual(first);
    await page.evaluate(() => history.forward());
    await expect.poll(now).toEqual(second);
  }
});

test("a link that is typed over the address can be taken back", async ({ page }) => {
  await open(page);
  await press(page, "ArrowRight", 3);
  await addressFollows(page);
  const first = await ask(page, "hash");
  await page.evaluate(() => (location.hash = "#0/merge-chain"));
  await expect(page.locator("h1")).toContainText("ten merges");
  await page.evaluate(() => history.back());
  await expect(page.locator("h1")).toContainText("256 frames");
  expect(await ask(page, "hash")).toBe(first);
  expect((await ask(page, "cursor")).join(".")).toBe("0.3");
});

test("Back from a broken link closes its card", async ({ page }) => {
  await open(page);
  await press(page, "ArrowRight", 3);
  await addressFollows(page);
  await page.evaluate(() => (location.hash = "#0zNonsense.abcd"));
  await expect(page.locator("dialog.error-card")).toBeVisible();
  await page.evaluate(() => history.back());
  await expect(page.locator("dialog.error-card")).toBeHidden();
  expect((await ask(page, "cursor")).join(".")).toBe("0.3");
});

test("a reload stays at the moment", async ({ page }) => {
  await openAt(page, "fragmentation", 40, 1);
  await press(page, "ArrowRight", 2);
  await addressFollows(page);
  const hash = await ask(page, "hash");
  await page.reload();
  await page.waitForFunction(() => window.__mm?.surveyed());
  expect(await ask(page, "hash")).toBe(hash);
});
