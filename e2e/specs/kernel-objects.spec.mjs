// Kernel objects and vmalloc: what their stages show, at every size and in both languages, by pointer and by keys.
import { LANGUAGES, SIZES, THEMES, ask, device, fitsAndReads, open, openAt, press, serious, shown, until, wording, write } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

test("a lesson about objects opens on their stage, one about pages does not", async ({ page }) => {
  await open(page, "#0/slab-life");
  await press(page, "End");
  expect(await wording(page)).toContain("buf");
  expect(await wording(page)).toMatch(/✓ \d+ in use \+ \d+ free = 20 objects/);
  await open(page, "#0/merge-chain");
  expect(await wording(page)).not.toContain("objects");
});

test("the object that is handed out is ringed, and so is the slab that comes through the door", async ({ page }) => {
  await openAt(page, "slab-life", 1);
  await until(page, /is buf's now/);
  await shown(page);
  await expect(page.locator('.sc-stage [data-id^="done 64/"]')).toHaveCount(1);
  await until(page, /got object/);
  await shown(page);
  expect(await wording(page)).toContain("a[0]");
  await expect(page.locator('.sc-stage [data-id^="done 64/"]')).toHaveCount(1);
  // The door leads to where it shows how pages come and go.
  await page.getByText("buddy system ›").click({ force: true });
  await expect(page.locator(".stages [aria-current]")).toHaveText("Buddy");
});

test("colours are counted: the same reads miss every time without them, and hit with them", async ({ page }) => {
  await open(page, "#0/same-cache-lines");
  await press(page, "End");
  await until(page, /./);
  await page.evaluate(() => window.__mm.seek(9999, 0));
  await shown(page);
  expect(await wording(page)).toContain("misses: 20 of 20");
  await open(page, "#0/slab-colours");
  await page.evaluate(() => window.__mm.seek(9999, 0));
  await shown(page);
  expect(await wording(page)).toContain("misses: 10 of 20");
});

test("kmalloc's sizes stand side by side, and what is lost is said", async ({ page }) => {
  await open(page);
  await write(page, "ram 4M\nzone Normal\npcp off\nwatermarks off\np = kmalloc 40\n");
  // Of the stages the bar has those that are about the same; the menu has them all.
  await page.locator(".more").click();
  await page.locator("#more button").nth(6).click();
  await until(page, /come from kmalloc-64/);
  await shown(page);
  const said = await wording(page);
  expect(said).toMatch(/24 of 64 are lost|40 bytes in 64: 24 lost/);
  for (const size of ["8", "96", "192", "8k"]) expect(said).toContain(` ${size} `);
});

test("vmalloc: addresses in a row, frames from anywhere, and what kmalloc would have needed", async ({ page }) => {
  await openAt(page, "vmalloc-instead", 2);
  await until(page, /v is mapped/);
  await shown(page);
  const said = await wording(page);
  expect(said).toContain("v · 4 pages");
  expect(said).toMatch(/✓ 4 pages of areas = 4 frames of vmalloc/);
});

test("a slab is selected by arrow keys, and the files of the kernel say the same", async ({ page }) => {
  await open(page, "#0/slab-life");
  await page.evaluate(() => window.__mm.seek(17, 0));
  await shown(page);
  const before = await ask(page, "global");
  await page.locator(".sc-stage").focus();
  await page.keyboard.press("ArrowDown");
  await expect(page.locator(".z3")).toContainText("buf");
  expect(await ask(page, "global"), "arrow keys on the picture do not step").toBe(before);
  await page.locator(".side-tabs button").nth(2).click();
  await page.locator('.files button:text-is("slabinfo")').click();
  await expect(page.locator("pre.proc")).toContainText("slabinfo - version: 2.1");
  await page.locator('.files button:text-is("slabtop")').click();
  await expect(page.locator("pre.proc")).toContainText("OBJ SIZE");
});

test("its text twin begins with the caches and the slabs", async ({ page }) => {
  await openAt(page, "slab-life", 12);
  await press(page, "ArrowRight");
  await page.keyboard.press("t");
  await expect(page.locator("dialog table").first()).toContainText("buf");
});

test("the next object can be predicted", async ({ page }) => {
  await openAt(page, "slab-life", 2);
  await press(page, "ArrowLeft");
  for (let i = 0; i < 6; i++) {
    await press(page, "q");
    if (await page.locator(".ask").count()) break;
    await press(page, "ArrowRight");
  }
  await expect(page.locator(".ask").first()).toBeVisible();
});

for (const [at, theme] of THEMES.entries()) {
  test(`axe finds nothing serious on them: ${theme}`, async ({ page }) => {
    for (const [lesson, op] of [["slab-life", 14], ["slab-colours", 14], ["vmalloc-instead", 4]]) {
      await openAt(page, lesson, op, 1, { theme, lang: LANGUAGES[at % 2], motion: "off" });
      expect(await serious(page), lesson).toEqual([]);
    }
  });
}

for (const size of Object.keys(SIZES)) {
  test.describe(size, () => {
    test.use(device(size));
    test("they fit, with every text readable", async ({ page }) => {
      for (const lang of LANGUAGES) {
        for (const [lesson, op] of [["kmalloc-sizes", 2], ["slab-life", 20], ["by-classic-slab", 9], ["slab-colours", 16], ["vmalloc-instead", 2], ["vmalloc-instead", 5]]) {
          await openAt(page, lesson, op, 2, { ...SIZES[size].hints, lang });
          await fitsAndReads(page, size, 1, `${lang}, ${lesson}`);
        }
      }
    });
  });
}
