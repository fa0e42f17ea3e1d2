// Segmentation: what its stage shows of selectors, limits and sums, at every size and in both languages.
import { LANGUAGES, SIZES, THEMES, device, fitsAndReads, open, openAt, press, serious, shown, until, wording } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

test("a lesson about segments opens on their stage, one about pages does not", async ({ page }) => {
  await open(page, "#0/protected-mode");
  await press(page, "End");
  expect(await wording(page)).toMatch(/protected mode, ring 3/);
  expect(await wording(page)).toMatch(/GDT 3/);
  await expect(page.getByRole("button", { name: "Segments", exact: true })).toHaveAttribute("aria-current", "true");
  await open(page, "#0/merge-chain");
  expect(await wording(page)).not.toContain("GDT");
});

test("an offset beyond the limit bounces, and the gate is ringed", async ({ page }) => {
  await openAt(page, "protected-mode", 14);
  await until(page, /#GP\(0x0\)/);
  await shown(page);
  expect(await wording(page)).toContain("✕ #GP(0x0)");
  await expect(page.locator('.sc-stage [data-id^="fail"]')).toHaveCount(1);
});

test("the 8086 wraps at 1 MiB", async ({ page }) => {
  await openAt(page, "real-mode", 15);
  await until(page, /Wrapped at 1 MiB/);
  await press(page, "ArrowRight");
  await shown(page);
  expect(await wording(page)).toContain("physical 0x0000");
});

test("a fault or an address can be predicted", async ({ page }) => {
  await openAt(page, "protected-mode", 13);
  await page.keyboard.press("q");
  await expect(page.locator(".ask").first()).toBeVisible();
});

for (const [at, theme] of THEMES.entries()) {
  test(`axe finds nothing serious on it: ${theme}`, async ({ page }) => {
    for (const [lesson, op] of [["protected-mode", 14], ["flat-segments", 5]]) {
      await openAt(page, lesson, op, 1, { theme, lang: LANGUAGES[at % 2], motion: "off" });
      expect(await serious(page), lesson).toEqual([]);
    }
  });
}

for (const size of Object.keys(SIZES)) {
  test.describe(size, () => {
    test.use(device(size));
    test("it fits, with every text readable", async ({ page }) => {
      for (const lang of LANGUAGES) {
        for (const [lesson, op] of [["real-mode", 15], ["protected-mode", 14], ["protected-mode", 12], ["flat-segments", 5]]) {
          await openAt(page, lesson, op, 3, { ...SIZES[size].hints, lang });
          await fitsAndReads(page, size, 1, `${lang}, ${lesson}`);
        }
      }
    });
  });
}
