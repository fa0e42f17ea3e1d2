// Writes pictures of the page to out/: every stage and panel, at the sizes, in the colours and languages. The names
// say what they show: stage or panel, size, colours where they matter, language.
import { mkdir } from "node:fs/promises";
import { chromium } from "@playwright/test";
import { LANGUAGES, SIZES, THEMES, device, open, openAt, press, write } from "./app.mjs";
import { chromiumArgs } from "./playwright.config.mjs";

const out = new URL("out/", import.meta.url).pathname;
await mkdir(out, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.MMSCOPE_CHROMIUM, args: chromiumArgs });

// A page of a size; pictures are taken when nothing moves any more.
async function pageOf(size) {
  const context = await browser.newContext({ baseURL: process.env.MMSCOPE_URL, ...device(size) });
  return context.newPage();
}

async function shot(page, name) {
  await page.evaluate(() => document.activeElement.blur());
  await page.waitForTimeout(250);
  await page.screenshot({ path: `${out}${name}.png` });
  console.log(`${name}.png`);
}

const tab = (page, at) => page.locator(".side-tabs button").nth(at).click();
const toMap = (page) => press(page, "v");

// What is worth a picture at every size.
const STAGES = {
  buddy: (page, hints) => openAt(page, "buddy-split", 0, 5, hints),
  "buddy-start": (page, hints) => open(page, "", hints),
  "buddy-merge": (page, hints) => openAt(page, "merge-chain", 1, 12, hints),
  "buddy-failed": (page, hints) => openAt(page, "buddy-split", 3, 0, hints),
  map: (page, hints) => openAt(page, "fragmentation", 6145, 0, hints).then(() => toMap(page)),
  "map-article": (page, hints) => openAt(page, "article-buddyinfo", 4, 0, hints).then(() => toMap(page)),
  "per-cpu": (page, hints) => openAt(page, "with-pcp", 2, 2, hints).then(() => press(page, "v", 2)),
  zones: (page, hints) => openAt(page, "watermark-rights", 3, 1, hints).then(() => press(page, "v", 3)),
  pageblocks: (page, hints) => openAt(page, "stealing-tail", 3, 20, hints).then(() => press(page, "v", 4)),
  fragments: (page, hints) => openAt(page, "fragmentation", 6145, 0, hints).then(() => press(page, "v", 5)),
  real: (page, hints) => openAt(page, "real-kernel", 30, 3, hints),
};

const PANELS = {
  "panel-scenario": (page) => tab(page, 1),
  "panel-error": (page) => write(page, "ram 4M\nzone Normal\npcp off\na = alloc order=3 movable\nb = alloc ordr=2 anon\nfree a\n"),
  "panel-proc": (page) => tab(page, 2),
  "panel-log": (page) => tab(page, 3),
  inspector: async (page) => {
    await page.locator(".sc-stage").focus();
    await page.keyboard.press("Enter");
  },
  "dialog-share": (page) => page.keyboard.press("r"),
  "dialog-text": (page) => page.keyboard.press("t"),
  "dialog-keys": (page) => page.keyboard.press("?"),
  "card-broken-link": (page) => page.evaluate(() => (location.hash = "#0.AAAA/buddy-split@0.4")),
  "badge-rules": (page) => page.locator(".badge").click(),
};

for (const size of Object.keys(SIZES)) {
  const page = await pageOf(size);
  for (const lang of LANGUAGES) {
    const hints = { ...SIZES[size].hints, lang };
    for (const [name, go] of Object.entries(STAGES)) {
      await go(page, hints);
      await shot(page, `${name}-${size}-${lang}`);
    }
  }
  await page.context().close();
}

const laptop = await pageOf("laptop");
for (const theme of THEMES.filter((theme) => theme !== "light")) {
  for (const name of ["buddy", "map", "zones", "pageblocks", "fragments"]) {
    await STAGES[name](laptop, { theme });
    await shot(laptop, `${name}-laptop-${theme}-en`);
  }
}
for (const lang of LANGUAGES) {
  for (const [name, show] of Object.entries(PANELS)) {
    await openAt(laptop, "buddy-split", 2, 2, { lang });
    await show(laptop);
    await shot(laptop, `${name}-laptop-${lang}`);
  }
}
await laptop.context().close();

const phone = await pageOf("phone");
for (const [at, name] of ["story", "inspect", "do", "log"].entries()) {
  await openAt(phone, "buddy-split", 2, 2, { lang: "zh" });
  await phone.locator(".sheet-bar .tab").nth(at).tap();
  await shot(phone, `sheet-${name}-phone-zh`);
}
await browser.close();
