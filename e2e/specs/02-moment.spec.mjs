// Requirement 2: one key copies the link to this moment; it opens the same moment for everybody, and stays short.
import { readFile } from "node:fs/promises";
import { BUILTINS, ask, moment, open, openAt, seek, write } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

test("C copies a link that opens the same moment elsewhere", async ({ page, browser }) => {
  for (const [builtin, op, step] of [["buddy-split", 3, 2], ["fragmentation", 4096, 3]]) {
    await openAt(page, builtin, op, step, { theme: "dark" });
    await page.keyboard.press("c");
    await expect(page.locator(".toast")).toBeVisible();
    const link = await clipboard(page);
    const sent = await moment(page);
    const [, query, fragment] = link.match(/^[^?#]*(\?[^#]*)?(#.*)$/);
    const other = await browser.newContext({ locale: "zh-CN", colorScheme: "light", viewport: { width: 390, height: 664 } });
    const there = await other.newPage();
    // As it was copied, and for a friend who has chosen other hints.
    for (const address of [link, link.split(/[?#]/)[0] + "?lang=zh&theme=projector" + fragment]) {
      await there.goto("about:blank");
      await there.goto(address);
      await there.waitForFunction(() => window.__mm?.surveyed());
      expect(await moment(there), `${address} ${query}`).toEqual(sent);
    }
    await expect(there.locator("html")).toHaveAttribute("lang", "zh-CN");
    await other.close();
  }
});

test("the copied link carries no hints of the one who copies", async ({ page }) => {
  await openAt(page, "buddy-split", 3, 2, { theme: "dark", lang: "zh", font: 1.5 });
  await page.keyboard.press("c");
  await expect(page.locator(".toast")).toBeVisible();
  expect(await clipboard(page)).not.toContain("?");
});

test("the clipboard has what the share dialog shows", async ({ page }) => {
  await openAt(page, "buddy-split", 3, 2);
  await page.keyboard.press("r");
  const dialog = page.locator("dialog");
  await expect(dialog).toBeVisible();
  const shown = await dialog.locator("textarea").inputValue();
  expect(shown).toContain(await ask(page, "fragment"));
  await dialog.locator(".btn.solid").click();
  await expect.poll(() => clipboard(page)).toBe(shown);
  await expect(dialog.locator("svg.qr")).toBeVisible();
  await dialog.locator("input[type=radio]").nth(1).check();
  expect(await dialog.locator("textarea").inputValue()).toContain("#0/buddy-split");
  await dialog.locator("input[type=checkbox]").check();
  expect(await dialog.locator("textarea").inputValue()).toContain("?lang=en#");
});

test("links to moments of the built-in scenarios suit a QR code", async ({ page }) => {
  for (const builtin of BUILTINS) {
    await open(page, `#0/${builtin}`);
    const ops = Number((await page.locator(".count .ops").textContent()).split("/")[1]);
    for (const op of [0, 1, Math.floor(ops / 2), ops - 1]) {
      await seek(page, op, 1);
      expect((await ask(page, "fragment")).length).toBeLessThanOrEqual(100);
    }
    await page.keyboard.press("r");
    await expect(page.locator("dialog .length")).toHaveAttribute("data-light", "good");
  }
});

test("a sandbox of 200 ops fits a chat", async ({ page }) => {
  const kinds = ["movable", "unmovable", "anon", "file", "reclaimable"];
  const lines = ["ram 64M", "zone Normal", "pcp off"];
  // What a person clicks together: allocations of all kinds, and two of three freed again out of order.
  for (let i = 0; i < 120; i++) lines.push(`${"abcdefghij"[i % 10]}${i} = alloc order=${(i * 7) % 5} ${kinds[(i * 3) % 5]}`);
  for (let i = 0; i < 80; i++) lines.push(`free ${"abcdefghij"[((i * 37) % 120) % 10]}${(i * 37) % 120}`);
  await open(page);
  await write(page, `${lines.join("\n")}\n`);
  await seek(page, 150, 1);
  expect((await ask(page, "fragment")).length).toBeLessThanOrEqual(700);
  await page.keyboard.press("r");
  await expect(page.locator("dialog .length")).not.toHaveAttribute("data-light", /risky|file/);
});

test("what is too long for a link is said, and goes into a file", async ({ page }) => {
  const lines = ["ram 64M", "zone Normal", "pcp off"];
  let state = 1;
  for (let i = 0; i < 700; i++) {
    state = (Math.imul(state, 48271) + 11) >>> 0;
    lines.push(`say "${state.toString(36)} ${(state ^ 0x5bd1e995).toString(36)}"`, `n${state.toString(36)} = alloc order=0 anon`);
  }
  const text = `${lines.join("\n")}\n`;
  await open(page);
  await write(page, text);
  await page.keyboard.press("r");
  const dialog = page.locator("dialog");
  await expect(dialog.locator(".length")).toHaveAttribute("data-light", "file");
  await expect(dialog.locator("svg.qr")).toHaveCount(0);
  await expect(dialog.locator(".btn.solid")).toBeVisible();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    dialog.getByRole("button", { name: /file|download/i }).click(),
  ]);
  expect(await readFile(await download.path(), "utf8")).toBe(text);
});
