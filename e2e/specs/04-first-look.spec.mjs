// Requirement 4: one key is enough to understand, and the page is there quickly.
import { brotliCompressSync } from "node:zlib";
import { LANGUAGES, SIZES, ask, comesLater, device, shown } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

// The style sheets of the first picture are there.
const styled = () =>
  [...document.querySelectorAll("link[rel=stylesheet]:not([disabled])")].every((link) => link.sheet);

for (const size of Object.keys(SIZES)) {
  for (const lang of LANGUAGES) {
    test.describe(`${size}, ${lang}`, () => {
      test.use({ ...device(size), locale: lang === "zh" ? "zh-CN" : "en-US" });
      test("ten presses tell ten things", async ({ page }) => {
        await page.goto(`?${new URLSearchParams(SIZES[size].hints)}`);
        await page.waitForFunction(() => window.__mm);
        const sentence = () => page.locator(".z4").evaluate((z4) => z4.innerText);
        let before = await sentence();
        expect(before).toContain("→");
        for (let i = 1; i <= 10; i++) {
          await page.keyboard.press("ArrowRight");
          await shown(page);
          const now = await sentence();
          expect(now, `press ${i}`).not.toBe(before);
          before = now;
          await expect(page.locator("dialog[open]")).toHaveCount(0);
          await expect(page.locator(".z4 .row:not(.next):not(.caption) b")).toBeInViewport({ ratio: 0.99 });
          expect(await page.evaluate(() => [scrollX, scrollY])).toEqual([0, 0]);
        }
        expect(await ask(page, "global")).toBe(10);
      });
    });
  }
}

test("the language of the browser is spoken", async ({ browser }) => {
  for (const [locale, lang] of [["zh-CN", "zh-CN"], ["zh-TW", "zh-CN"], ["de-DE", "en"]]) {
    const context = await browser.newContext({ locale, baseURL: process.env.MMSCOPE_URL });
    const page = await context.newPage();
    await page.goto("");
    await page.waitForFunction(() => window.__mm);
    await expect(page.locator("html")).toHaveAttribute("lang", lang);
    await context.close();
  }
});

const FIRST_LOAD_KB = 250;

// Everything but what comes when the first picture stands.
test(`the first load weighs at most ${FIRST_LOAD_KB} KB`, async ({ page }) => {
  const isLater = comesLater(await (await page.request.get("")).text());
  const bodies = [];
  page.on("response", (response) => isLater(response.url()) || bodies.push(response.body()));
  await page.goto("");
  await page.waitForFunction(() => window.__mm?.surveyed());
  const sizes = (await Promise.all(bodies)).map((body) => brotliCompressSync(body).length);
  expect(sizes.length).toBeGreaterThan(5);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(FIRST_LOAD_KB * 1000);
});

test("the page tells its story before its parts have come, and then opens what was asked for", async ({ page }) => {
  let go;
  const held = new Promise((resolve) => (go = resolve));
  await page.route("**/part-*.wasm", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto("");
  await page.waitForFunction(() => window.__mm?.surveyed());
  // All of it: what a step of the first lesson needs is never in a part.
  const total = await ask(page, "total");
  for (let step = 1; step <= total; step++) {
    await page.keyboard.press("ArrowRight");
    await shown(page);
    expect(await ask(page, "global")).toBe(step);
  }
  await page.keyboard.press("v");
  await page.keyboard.press("?");
  expect(await ask(page, "complete")).toBe(false);
  go();
  await expect(page.locator("dialog[open]")).toContainText("Keys");
  await expect(page.locator("canvas").first()).toBeVisible();
});

test("a part that does not come is said, and asked for again", async ({ page, problems }) => {
  await page.route("**/part-*.wasm", (route) => route.abort());
  await page.goto("");
  await page.waitForFunction(() => window.__mm?.surveyed());
  await page.keyboard.press("v");
  await expect(page.locator(".toast")).toContainText("could not be fetched");
  await page.unrouteAll();
  await page.keyboard.press("ArrowRight");
  await expect(page.locator("canvas").first()).toBeVisible();
  problems.length = 0;
});

for (const lang of LANGUAGES) {
  test(`the frame of the page is there before the program, ${lang}`, async ({ page, problems }) => {
    await page.route("**/*.wasm", () => {});
    await page.goto(`?lang=${lang}`, { waitUntil: "commit" });
    await page.locator("#skeleton .z5").waitFor({ state: "attached" });
    await page.waitForFunction(styled);
    await expect(page.locator("#skeleton")).toBeVisible();
    await expect(page.locator("#skeleton h1 > :visible")).toHaveText(lang === "zh" ? /内存/ : /memory/);
    await expect(page.locator("#skeleton .stage-hint >> nth=0")).toBeVisible();
    const [, right, bottom] = await page.locator("#skeleton").evaluate((skeleton) => {
      const box = skeleton.getBoundingClientRect();
      return [0, box.right - innerWidth, box.bottom - innerHeight];
    });
    expect([right, bottom]).toEqual([0, 0]);
    await page.unrouteAll({ behavior: "ignoreErrors" });
    problems.length = 0;
  });
}

test("the frame stays where it was when the program comes", async ({ page }) => {
  await page.setViewportSize(SIZES.laptop.viewport);
  let go;
  const held = new Promise((resolve) => (go = resolve));
  await page.route("**/*.wasm", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto("", { waitUntil: "commit" });
  await page.locator("#skeleton .z5").waitFor();
  await page.waitForFunction(styled);
  const zones = () =>
    page.evaluate(() =>
      [".z1", ".z2", ".z3", ".z4", ".z5", ".z7"].map((zone) => {
        const box = document.querySelector(zone).getBoundingClientRect();
        return [zone, ...[box.left, box.top, box.width, box.height].map(Math.round)].join(" ");
      }),
    );
  const before = await zones();
  go();
  await page.waitForFunction(() => window.__mm);
  await expect(page.locator("#skeleton")).toHaveCount(0);
  expect(await zones()).toEqual(before);
});

test("a browser without WebAssembly is told so", async ({ page, problems }) => {
  await page.addInitScript(() => delete window.WebAssembly);
  await page.goto("");
  await expect(page.locator("#cannot-run")).toBeVisible();
  problems.length = 0;
});
