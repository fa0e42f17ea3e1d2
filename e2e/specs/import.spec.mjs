// What a person brings from a machine of their own: read in the page, replayed, and opened on the ordinary timeline.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { LANGUAGES, SIZES, ask, open, press, serious, shown } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

const WINDOWS = new URL("../../crates/cli/tests/data/windows/", import.meta.url);
const file = (window, name) => readFileSync(new URL(`${window}/${name}`, WINDOWS));
const KBUDDY0 = "amd64_256M_smp1/win_kbuddy0";
const KBUDDY1 = "amd64_256M_smp1/win_kbuddy1";
const PLAIN = "text/plain";

const lists = (window) => ({ name: "before_lists.txt", mimeType: PLAIN, buffer: file(window, "before_lists.txt") });
const after = (window) => ({ name: "after_lists.txt", mimeType: PLAIN, buffer: file(window, "after_lists.txt") });
const packed = (window) => ({ name: "trace.tsv.gz", mimeType: "application/gzip", buffer: file(window, "trace.tsv.gz") });
const trace = (window) => gunzipSync(file(window, "trace.tsv.gz")).toString();

// The trace with one block that the kernel never took: the `at`-th one that was handed out.
function falsified(window, at) {
  let seen = 0;
  return trace(window)
    .split("\n")
    .map((line) => {
      if (!/\tmm_page_alloc\t/.test(line) || !/order=4 /.test(line) || seen++ !== at) return line;
      return line.replace(/pfn=(0x[0-9a-f]+)/, (_, pfn) => `pfn=0x${(Number(pfn) ^ 0x10).toString(16)}`);
    })
    .join("\n");
}

async function pane(page, hints = {}) {
  await open(page, "", hints);
  await page.locator(".side-tabs button").nth(2).click();
}

const bring = (page, files) => page.locator("#import-files").setInputFiles(files);
const verdict = (page) => page.locator(".paste .verdict");
const opened = (page) => page.waitForFunction(() => window.__mm.surveyed() && window.__mm.text().includes("kernel "));

for (const lang of LANGUAGES) {
  test(`a packed trace and its free lists are replayed: ${lang}`, async ({ page }) => {
    await page.setViewportSize(SIZES.laptop.viewport);
    await pane(page, { lang });
    await bring(page, [lists(KBUDDY0), after(KBUDDY0), packed(KBUDDY0)]);
    await expect(verdict(page)).toContainText(lang === "en" ? "187 of 187 predictions agreed" : "187 个预测中有 187 个与内核一致");
    await expect(verdict(page)).toContainText(lang === "en" ? "It never diverged." : "从未出现分歧。");
    // Nobody has to look for what came of it.
    await expect(verdict(page)).toBeInViewport({ ratio: 0.95 });
    await expect(page.locator(".paste .btn.solid")).toBeInViewport({ ratio: 0.95 });
    await page.locator(".paste .btn.solid").click();
    await opened(page);
    await expect(page.locator(".replay")).toContainText(lang === "en" ? "0 diverged" : "0 个分歧");
    await press(page, "ArrowRight", 6);
    await expect.poll(() => ask(page, "global")).toBe(6);
  });
}

test("the first divergence is marked, counted, and one button away", async ({ page }) => {
  await pane(page);
  const buffer = Buffer.from(falsified(KBUDDY0, 2));
  await bring(page, [lists(KBUDDY0), { name: "trace.tsv", mimeType: PLAIN, buffer }]);
  await expect(verdict(page)).toContainText(/First divergence: op \d+, line \d+ of the trace/);
  await page.getByRole("button", { name: "Open before the first divergence" }).click();
  await opened(page);
  await expect(page.locator(".replay")).toContainText(/[1-9]\d* diverged/);
  await page.locator(".replay .btn").click();
  await shown(page);
  const at = await ask(page, "global");
  expect(at).toBeGreaterThan(0);
  await expect(page.locator(`.scrub .marker[data-global="${at}"]`)).toHaveCount(1);
  await expect(page.locator(`.scrub .marker[data-global="${at}"] title`)).toContainText("the real kernel took another block");
  // The keys for notable moments reach it as well.
  await press(page, "Home");
  for (let i = 0; i < 60 && (await ask(page, "global")) < at; i++) await press(page, "]");
  expect(await ask(page, "global")).toBe(at);
});

test("a long trace does not hold the page up, and says which part of it is opened", async ({ page }) => {
  await pane(page);
  await page.evaluate(() => {
    window.longest = 0;
    let last = performance.now();
    const look = () => {
      window.longest = Math.max(window.longest, performance.now() - last);
      last = performance.now();
      setTimeout(look, 0);
    };
    look();
  });
  await bring(page, [lists(KBUDDY1), packed(KBUDDY1)]);
  await expect(verdict(page)).toContainText("predictions agreed", { timeout: 30_000 });
  expect(await page.evaluate(() => window.longest)).toBeLessThan(700);
  await expect(verdict(page)).toContainText("64 KiB");
  await page.locator(".paste .btn.solid").click();
  await opened(page);
  expect(await ask(page, "text")).toMatch(/title "trace.tsv.gz: 1 to [\d,]+ of [\d,]+"/);
});

test("a dump and a trace pasted one after the other", async ({ page }) => {
  await pane(page);
  await page.locator("#paste").fill(file(KBUDDY0, "before_lists.txt").toString() + trace(KBUDDY0));
  await expect(verdict(page)).toContainText("187 of 187");
});

test("files dropped on the pane", async ({ page }) => {
  await pane(page);
  const data = await page.evaluateHandle(
    ([lists, trace]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([lists], "before_lists.txt"));
      transfer.items.add(new File([trace], "trace.tsv"));
      return transfer;
    },
    [file(KBUDDY0, "before_lists.txt").toString(), trace(KBUDDY0)],
  );
  await page.locator(".paste").dispatchEvent("drop", { dataTransfer: data });
  await expect(verdict(page)).toContainText("187 of 187");
  await expect(page.locator(".sources li")).toHaveCount(2);
  await page.locator(".sources button").first().click();
  await expect(page.locator(".paste .diag").first()).toContainText("a trace alone does not say which frames were free");
});

test("what is wrong is said with file, line and hint", async ({ page }) => {
  await pane(page, { lang: "zh" });
  const broken = file(KBUDDY0, "before_lists.txt").toString().replace(/^F (\d+) (\d): ([0-9a-f]+)/m, "F $1 $2: xyz");
  await bring(page, [{ name: "lists.txt", mimeType: PLAIN, buffer: Buffer.from(broken) }, packed(KBUDDY0)]);
  await expect(page.locator(".paste .diag").first()).toContainText(/✕ lists\.txt:\d+/);
  await expect(page.locator(".paste .diag").first()).toContainText("应为数字，实际是 `xyz`");
  await expect(page.locator(".paste .btn.solid")).toBeDisabled();
});

test("pagetypeinfo alone opens a machine with its counts", async ({ page }) => {
  await pane(page);
  await bring(page, [{ name: "pagetypeinfo", mimeType: PLAIN, buffer: file(KBUDDY0, "before_pagetypeinfo.txt") }]);
  await expect(page.locator(".sources li")).toContainText("pagetypeinfo");
  await page.locator(".paste .btn.solid").click();
  await page.waitForFunction(() => window.__mm.text().includes("buddyinfo Node 0"));
});

test("axe finds nothing serious in the pane", async ({ page }) => {
  await pane(page);
  await bring(page, [lists(KBUDDY0), packed(KBUDDY0)]);
  await expect(verdict(page)).toBeVisible();
  expect(await serious(page)).toEqual([]);
});
