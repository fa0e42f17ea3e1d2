// Prints what the built page takes, as medians in milliseconds: loading, stepping, seeking, drawing.
import { chromium } from "@playwright/test";
import { HUGE, LONG, median, open, percentile, write } from "./app.mjs";
import { chromiumArgs } from "./playwright.config.mjs";

const LOADS = 7;

const browser = await chromium.launch({ executablePath: process.env.MMSCOPE_CHROMIUM, args: chromiumArgs });
const row = (what, values) =>
  console.log(what.padEnd(56) + [median(values), percentile(values, 0.95)].map((ms) => ms.toFixed(ms < 1 ? 3 : 1).padStart(10)).join(""));

async function fresh() {
  const context = await browser.newContext({ baseURL: process.env.MMSCOPE_URL, viewport: { width: 1366, height: 625 } });
  return context.newPage();
}

// From the first byte that is asked for to a page that answers, and to one that has drawn its picture.
async function loads() {
  const times = { ready: [], drawn: [] };
  for (let i = 0; i < LOADS; i++) {
    const page = await fresh();
    await page.addInitScript(() => {
      const look = () => {
        if (window.__mm && !window.__ready) window.__ready = performance.now();
        if (document.querySelector(".sc-stage svg")) window.__drawn = performance.now();
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    await page.goto("");
    await page.waitForFunction(() => window.__drawn);
    times.ready.push(await page.evaluate(() => window.__ready));
    times.drawn.push(await page.evaluate(() => window.__drawn));
    await page.context().close();
  }
  return times;
}

// Each time runs until a frame with the new moment has been painted, and once more only until the engine is there.
function steps(page, ops) {
  return page.evaluate(async (ops) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    const slider = document.querySelector("[role=slider]");
    const key = (key) => () => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    const timed = async (act, there) => {
      await frame();
      const start = performance.now();
      act();
      while (!there() || slider.getAttribute("aria-valuenow") !== String(window.__mm.global()))
        await new Promise((resolve) => setTimeout(resolve));
      const shown = performance.now() - start;
      await frame();
      return [shown, performance.now() - start];
    };
    const out = { forward: [], back: [], seek: [] };
    let op = 3;
    for (let i = 0; i < 25; i++) {
      op = (op * 7919 + 11) % ops;
      out.seek.push(await timed(() => window.__mm.seek(op, 0), () => window.__mm.cursor()[0] === op));
      const at = window.__mm.global();
      out.forward.push(await timed(key("ArrowRight"), () => window.__mm.global() === at + 1));
      out.back.push(await timed(key("ArrowLeft"), () => window.__mm.global() === at));
    }
    return out;
  }, ops);
}

console.log("".padEnd(56) + ["median", "95 %"].map((head) => head.padStart(10)).join(""));
const { ready, drawn } = await loads();
row("load to a page that answers", ready);
row("load to the picture", drawn);

const page = await fresh();
await open(page);
const small = await steps(page, 9);
await write(page, HUGE);
const huge = await steps(page, 12_000);
await write(page, LONG);
const long = await steps(page, 100_000);
await write(page, HUGE);
for (const [name, times] of [["buddy-split", small], ["1,048,576 frames, 12,001 ops", huge], ["1,048,576 frames, 100,000 ops", long]]) {
  for (const [what, pairs] of Object.entries(times)) {
    row(`${name}: ${what}, page follows`, pairs.map(([shown]) => shown));
    row(`${name}: ${what}, key to painted`, pairs.map(([, painted]) => painted));
  }
}

await page.keyboard.press("Escape");
const redraws = [];
for (let i = 0; i < 5; i++) redraws.push(await page.evaluate(() => window.__mm.measureRedraw()));
row("map of 1,048,576 frames: full redraw", redraws.map(([full]) => full));
row("map of 1,048,576 frames: a patch of 64 × 64", redraws.map(([, patch]) => patch));
await browser.close();
