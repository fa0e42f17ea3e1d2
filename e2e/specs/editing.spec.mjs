// Editing: on the picture, in the text, and from one's own /proc.
import { ask, moment, open, openAt, press, seek, settled, shown, write } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

const tab = (page, at) => page.locator(".side-tabs").first().locator("button").nth(at);

test.beforeEach(({ page }) => page.setViewportSize({ width: 1366, height: 625 }));

test("a click on a block offers what can be done with it, and the text follows", async ({ page }) => {
  await openAt(page, "buddy-split", 1, 0);
  const start = await moment(page);
  const offers = page.locator(".z3 .offers button");
  for (const block of await page.locator(".sc-stage [data-hit]").all()) {
    await block.click({ force: true });
    await settled(page);
    if (await offers.count()) break;
  }
  await expect(offers.first()).toBeVisible();
  const statement = await offers.first().getAttribute("title");
  await offers.first().click();
  await shown(page);
  const edited = await moment(page);
  expect(edited.text).not.toBe(start.text);
  expect(edited.text).toContain(statement);
  await expect(page.locator(".toast")).toBeVisible();
  await page.keyboard.press("Shift+ArrowRight");
  await shown(page);
  const after = await moment(page);
  expect(after.hash).not.toBe(start.hash);

  await page.keyboard.press("Control+z");
  await expect.poll(() => ask(page, "text")).toBe(start.text);
  expect([(await moment(page)).hash, (await moment(page)).cursor]).toEqual([start.hash, start.cursor]);
  await page.keyboard.press("Control+Shift+z");
  await expect.poll(() => ask(page, "text")).toBe(edited.text);
  await seek(page, ...after.cursor.split(".").map(Number));
  expect((await moment(page)).hash).toBe(after.hash);
});

test("ready-made ops go in at the cursor", async ({ page }) => {
  await openAt(page, "merge-chain", 2, 0);
  await tab(page, 1).click();
  const before = await moment(page);
  await page.locator(".do .order").selectOption("3");
  await page.locator(".do > .line").first().getByRole("button").click();
  await expect.poll(async () => (await ask(page, "text")).split("\n").length).toBe(before.text.split("\n").length + 1);
  expect(await ask(page, "text")).toMatch(/\w+ = alloc order=3 movable/);
  expect((await ask(page, "cursor")).join(".")).toBe("2.0");
  await press(page, "Shift+ArrowRight");
  await page.locator(".do > .line").nth(1).getByRole("button").click();
  await expect.poll(async () => (await ask(page, "text")).split("\n").length).toBe(before.text.split("\n").length + 2);
  await page.locator(".do > .line").nth(2).getByRole("button").first().click();
  await expect.poll(async () => (await ask(page, "text")).split("\n").length).toBe(before.text.split("\n").length + 1);
  for (let i = 0; i < 3; i++) await page.locator(".do > .line").nth(2).getByRole("button", { name: /undo/i }).click();
  await expect.poll(() => ask(page, "text")).toBe(before.text);
  expect((await moment(page)).hash).toBe(before.hash);
});

test("an error is shown with its place and a hint, and the rest runs", async ({ page }) => {
  for (const lang of ["en", "zh"]) {
    await open(page, "", { lang });
    await tab(page, 1).click();
    await write(page, "ram 4M\nzone Normal\npcp off\na = alloc order=3 movable\nb = alloc ordr=2 anon\nfree a\n");
    const problem = page.locator(".problems .diag");
    await expect(problem).toHaveCount(1);
    await expect(problem).toContainText("5:11");
    await expect(problem.locator(".hint")).toContainText("order");
    expect(Number((await page.locator(".count .ops").textContent()).split("/")[1])).toBe(2);
    await page.locator("h1").click();
    await press(page, "End");
    expect(await ask(page, "buddyinfo")).toMatch(/Normal( +0){10} +1/);
    await page.locator("#scenario-text").focus();
    await problem.click();
    await expect(page.locator("#scenario-text")).toBeFocused();
    const caret = await page.locator("#scenario-text").evaluate((area) => area.value.slice(0, area.selectionStart).split("\n"));
    expect([caret.length, caret.at(-1).length + 1]).toEqual([5, 11]);
  }
});

test("typing is one undo, and Chinese typed is kept", async ({ page }) => {
  await open(page);
  const before = await ask(page, "text");
  await tab(page, 1).click();
  await page.locator("#scenario-text").focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.type('say "one" zh "一"');
  await page.keyboard.insertText("\n# 注释 𠀀");
  await expect.poll(() => ask(page, "text")).toBe(`${before}say "one" zh "一"\n# 注释 𠀀`);
  await page.locator("h1").click();
  await page.keyboard.press("Control+z");
  await expect.poll(() => ask(page, "text")).toBe(before);
});

test("nonsense and emptiness do not break the page", async ({ page }) => {
  await open(page);
  await tab(page, 1).click();
  for (const text of ["", "\n", "a", "ram 1\n", "ram 4M\n", "free a\nfree a\n", "ram 999999G\nzone Normal\n", "for i in 0..9\n", 'title "\n', "\u0000\u200b🙂", "ram 64 frames\nzone Normal\npcp off\na = alloc order=10 movable\n"]) {
    await page.locator("#scenario-text").fill(text);
    await page.waitForFunction((text) => window.__mm.text() === text, text.replaceAll("\u0000", "\u0000"));
    await page.evaluate(() => window.__mm.seek(0, 1));
    await page.keyboard.press("Escape");
    await expect(page.locator("#crash")).toBeHidden();
  }
});

test("/proc is what the kernel prints", async ({ page }) => {
  await openAt(page, "buddy-split", 5, 3);
  await tab(page, 2).click();
  const pre = page.locator("pre.proc");
  const text = await pre.textContent();
  expect(text).toBe(await ask(page, "buddyinfo"));
  for (const line of text.split("\n").slice(0, -1)) expect(line).toMatch(/^Node 0, zone +(DMA|DMA32|Normal|Movable)( +\d+){11} $/);
  const form = {
    pagetypeinfo: /^Page block order: \d+\nPages per block: +\d+\n\nFree pages count per migrate type at order/,
    // The kernel prints −0.5 as "0.-500".
    extfrag_index: /^Node 0, zone +Normal( (-\d| \d)\.(-\d{3}|\d{3})){11} $/m,
    unusable_index: /^Node 0, zone +Normal( \d\.\d{3}){11} $/m,
  };
  for (const [at, name] of ["pagetypeinfo", "extfrag_index", "unusable_index"].entries()) {
    await page.locator(".files button").nth(at + 1).click();
    await expect.poll(() => pre.textContent()).toMatch(form[name]);
  }
});

test("a pasted buddyinfo opens a machine with its counts", async ({ page }) => {
  const rows = "Node 0, zone      DMA      0      0      0      0      0      0      0      0      1      1      2 \nNode 0, zone   Normal    216     55    189    101     84     38     37     27      5      3    587 \n";
  await open(page);
  await tab(page, 2).click();
  await page.locator("#paste").fill(rows);
  await expect(page.locator(".paste .diag")).toHaveCount(0);
  await page.locator(".paste .btn.solid").click();
  await expect(page.locator("h1")).toContainText("buddyinfo");
  expect(await ask(page, "buddyinfo")).toBe(rows);
  await expect(page.locator(".badge")).toContainText(/place|position|invent/i);
  await expect(page.locator("#rules")).toContainText(/seed|drawn|invent/i);
});

test("a broken paste names the line", async ({ page }) => {
  await open(page);
  await tab(page, 2).click();
  await page.locator("#paste").fill("Node 0, zone   Normal    216     55    189    101     84     38     37     27      5      3    587\nNode 0, zone   DMA    216     55  x  101\n");
  await expect(page.locator(".paste .diag").first()).toContainText("✕ 2");
});
