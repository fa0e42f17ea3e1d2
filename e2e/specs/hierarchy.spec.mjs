// The memory hierarchy: what its stage shows of levels and sets, at every size and in both languages.
import { LANGUAGES, SIZES, THEMES, device, fitsAndReads, open, openAt, press, serious, shown, until, wording } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

test("a lesson about caches opens on their stage, one about pages does not", async ({ page }) => {
  await open(page, "#0/rows-columns");
  await press(page, "End");
  expect(await wording(page)).toMatch(/✓ AMAT = 24 cycles|= 24 cycles/);
  expect(await wording(page)).toContain("L2: 4 KiB, 16 sets × 4 ways");
  await open(page, "#0/merge-chain");
  expect(await wording(page)).not.toContain("AMAT");
});

test("a word falls until it is found, and its line comes up", async ({ page }) => {
  await openAt(page, "rows-columns", 2);
  await until(page, /Looked in set \d+ of L1d: it is empty/);
  await shown(page);
  await expect(page.locator('.sc-stage [data-id^="done"], .sc-stage [data-id^="fail"]').first()).toBeAttached();
  await until(page, /DRAM gave line/);
  await until(page, /came into set \d+ of L1d/);
  await shown(page);
  expect(await wording(page)).toContain("[0][0]");
  await until(page, /7 references hit L1/);
});

test("the steps can be as deep as they are, or told in seconds", async ({ page }) => {
  await openAt(page, "rows-columns", 3);
  const stage = page.locator(".sc-stage");
  await stage.focus();
  await page.keyboard.press("ArrowRight");
  await expect(stage).toContainText("× 1000");
  await page.keyboard.press("ArrowRight");
  await expect(stage).toContainText(/5(\.3)? m/);
  await page.keyboard.press("ArrowRight");
  await expect(stage).not.toContainText(/4(\.6)? days|4\.6 d|5 d/);
});

test("how many references miss can be predicted", async ({ page }) => {
  await openAt(page, "rows-columns", 4);
  await page.keyboard.press("q");
  await expect(page.locator(".ask").first()).toBeVisible();
  await expect(page.locator(".ask").first()).toContainText(/miss L1/);
});

for (const [at, theme] of THEMES.entries()) {
  test(`axe finds nothing serious on it: ${theme}`, async ({ page }) => {
    for (const [lesson, op] of [["rows-columns", 4], ["cold-caches", 4]]) {
      await openAt(page, lesson, op, 5, { theme, lang: LANGUAGES[at % 2], motion: "off" });
      expect(await serious(page), lesson).toEqual([]);
    }
  });
}

for (const size of Object.keys(SIZES)) {
  test.describe(size, () => {
    test.use(device(size));
    test("it fits, with every text readable", async ({ page }) => {
      for (const lang of LANGUAGES) {
        for (const [lesson, op] of [["rows-columns", 4], ["cold-caches", 4], ["cache-conflicts", 5], ["working-sets", 5]]) {
          await openAt(page, lesson, op, 6, { ...SIZES[size].hints, lang });
          await fitsAndReads(page, size, 1, `${lang}, ${lesson}`);
        }
      }
    });
  });
}
