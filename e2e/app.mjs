// What the specs, pictures and measurements share: the page's sizes, its scenarios, and how to drive it.
import { AxeBuilder } from "@axe-core/playwright";
import { expect } from "@playwright/test";

// Each size is an inner viewport; the hints are view hints of the address, which never change what is shown.
export const SIZES = {
  projector: { viewport: { width: 1920, height: 1080 }, hints: { present: 1, theme: "projector" } },
  laptop: { viewport: { width: 1366, height: 625 }, hints: {} },
  phone: { viewport: { width: 390, height: 664 }, hints: {}, hasTouch: true, isMobile: true },
};

// Tells of a file or an address whether the page asks for it only when the first picture stands: its parts, texts, and
// the style sheets that are disabled in the page.
export function comesLater(html) {
  const disabled = [...html.matchAll(/<link\b[^>]*\bdisabled\b[^>]*>/g)].map(([link]) => /href="?[^" >]*?([\w-]+\.css)/.exec(link)[1]);
  return (file) => /part-.*\.wasm$|\.txt$/.test(file) || disabled.some((sheet) => file.endsWith(sheet));
}

export const LANGUAGES = ["en", "zh"];
export const THEMES = ["light", "dark", "projector"];

// In the order of the page's list.
export const BUILTINS = ["buddy-split", "merge-chain", "fragmentation", "article-buddyinfo", "real-kernel"];
// Few enough steps to walk through all of them.
export const SMALL = ["buddy-split", "merge-chain", "article-buddyinfo"];

// A million frames, more than ten thousand ops.
export const HUGE = [
  'title "Large" zh "大"',
  "ram 4G",
  "zone Normal",
  "pcp off",
  "seed 7",
  "w = workload 60000 orders=0..3 unmovable=10 movable=60 reclaimable=30 free=45",
  "for i in 0..7999",
  "  a[i] = alloc order=0 anon",
  "end",
  "for i in 0..3999",
  "  free a[2*i]",
  "end",
  "",
].join("\n");

// A million frames, and as many ops as a scenario may have.
export const LONG = [
  'title "Long" zh "长"',
  "ram 4G",
  "zone Normal",
  "pcp off",
  "for i in 0..59999",
  "  a[i] = alloc order=0 anon",
  "end",
  "for i in 0..39999",
  "  free a[i]",
  "end",
  "",
].join("\n");

// What a Playwright context or `test.use` takes for a size.
export function device(size) {
  const { viewport, hasTouch = false, isMobile = false } = SIZES[size];
  return { viewport, hasTouch, isMobile };
}

export function address(fragment = "", hints = {}) {
  const query = new URLSearchParams(hints).toString();
  return (query && `?${query}`) + fragment;
}

// Loads the page afresh, even where only the fragment differs, and waits until it knows its whole history.
export async function open(page, fragment = "", hints = {}) {
  if (page.url() !== "about:blank") await page.goto("about:blank");
  await page.goto(address(fragment, hints));
  await ready(page);
}

// Opens a built-in scenario at a moment.
export async function openAt(page, builtin, op, step = 0, hints = {}) {
  await open(page, `#0/${builtin}`, hints);
  await seek(page, op, step);
}

export async function ready(page) {
  await page.waitForFunction(() => window.__mm?.surveyed() && window.__mm.complete());
}

// Calls a getter of `window.__mm`.
export function ask(page, name) {
  return page.evaluate((name) => window.__mm[name](), name);
}

export function moment(page) {
  return page.evaluate(() => ({
    cursor: window.__mm.cursor().join("."),
    hash: window.__mm.hash(),
    global: window.__mm.global(),
    text: window.__mm.text(),
  }));
}

// Goes to a cursor, and waits until the page shows it.
export async function seek(page, op, step = 0) {
  await page.evaluate(([op, step]) => window.__mm.seek(op, step), [op, step]);
  await shown(page);
}

// Waits until the page has worked off what it was asked before, and has drawn it: a key is a message in a queue, and a
// busy machine may look at it late.
export function settled(page) {
  return page.evaluate(async () => {
    for (let i = 0; i < 2; i++) await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  });
}

// Waits until what is on the screen is the moment the engine is at.
export async function shown(page) {
  await settled(page);
  await page.waitForFunction(
    () => document.querySelector("[role=slider]").getAttribute("aria-valuenow") === String(window.__mm.global()),
  );
}

// Presses a key so many times without waiting for the page in between.
export async function press(page, key, times = 1) {
  for (let i = 0; i < times; i++) await page.keyboard.press(key);
  await shown(page);
}

// The pictures, by their places in the order of the tabs.
export const STAGES = { pyramid: 0, map: 1, perCpu: 2, zones: 3, pageblocks: 4, fragmentation: 5 };

// Shows a picture.
export async function showStage(page, stage) {
  for (let i = 0; i < 40 && (await ask(page, "stage")) !== stage; i++) await press(page, "v");
  if ((await ask(page, "stage")) !== stage) throw new Error(`no stage ${stage}`);
}

// Steps on until the sentence says so.
export async function until(page, wanted) {
  for (let i = 0; i < 200; i++) {
    if (wanted.test(String((await ask(page, "narration"))[0]))) return;
    await press(page, "ArrowRight");
  }
  throw new Error(`no step says ${wanted}`);
}

// Waits until the address has followed the moment.
export async function addressFollows(page) {
  await page.waitForFunction(() => location.hash === window.__mm.fragment(), null, { timeout: 4000 });
}

// Opens the pane with the scenario's text and puts a text there, as a paste does: at once.
export async function write(page, text) {
  await page.locator(".side-tabs button").nth(1).click();
  await page.locator("#scenario-text").evaluate((area, text) => {
    area.value = text;
    area.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }, text);
  await page.waitForFunction((text) => window.__mm.text() === text && window.__mm.surveyed(), text);
  await shown(page);
}

// The same numbers in every run, so that a failure can be seen again.
export function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export const median = (values) => percentile(values, 0.5);

// The words of the picture, once it has its room.
export async function words(page) {
  await settled(page);
  const texts = page.locator(".sc-stage svg.sc text");
  await expect(texts.first()).toBeAttached();
  return texts.allTextContents();
}

export const wording = async (page) => (await words(page)).join(" | ");

// Every text of the picture lies inside the stage and is large enough: on a projector for the last row. `least` texts
// have to be there; `where` says which picture it is.
export async function fitsAndReads(page, size, least, where) {
  await settled(page);
  await expect(page.locator(".sc-stage svg.sc")).toBeVisible();
  const room = await page.locator(".sc-stage").boundingBox();
  const texts = await page.locator(".sc-stage svg.sc text").evaluateAll((all) =>
    all.map((text) => {
      const { left, right, top, bottom } = text.getBoundingClientRect();
      const scale = text.ownerSVGElement.getScreenCTM().a;
      return { text: text.textContent, left, right, top, bottom, px: Number(text.getAttribute("font-size")) * scale };
    }),
  );
  expect(texts.length).toBeGreaterThan(least);
  for (const { text, left, right, top, bottom, px } of texts) {
    const fits =
      left >= room.x - 4 && right <= room.x + room.width + 4 && top >= room.y - 4 && bottom <= room.y + room.height + 4;
    expect(fits, `${where}: ${text} leaves the stage`).toBe(true);
    expect(px, `${where}: ${text}`).toBeGreaterThanOrEqual(size === "projector" ? 22 : 11.9);
  }
}

// What axe finds that is serious or worse. There are no frames, so it need not open a page of its own.
export async function serious(page) {
  await settled(page);
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"] });
  const { violations } = await axe.analyze();
  return violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.slice(0, 4).map((node) => `${id}: ${node.target} ${node.any[0]?.message ?? ""}`));
}
