// Memory in one piece: what the stages of compaction, CMA and DMA show, at every size and in both languages.
import { LANGUAGES, SIZES, THEMES, device, fitsAndReads, open, openAt, press, serious, shown, until, wording } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

const tab = (page, name) => page.getByRole("button", { name, exact: true });

test("each lesson opens on its stage", async ({ page }) => {
  for (const [lesson, name] of [["compact-nails", "Compaction"], ["cma-pinned", "CMA"]]) {
    await open(page, `#0/${lesson}`);
    await expect(tab(page, name)).toHaveAttribute("aria-current", "true");
  }
});

test("two scanners come from both ends, and a pinned page stays", async ({ page }) => {
  await openAt(page, "compact-nails", 343, 1);
  await until(page, /it is pinned/);
  await until(page, /moved from frame 31 to 220/);
  await shown(page);
  const said = await wording(page);
  expect(said).toContain("migration scanner");
  expect(said).toContain("free scanner");
  await openAt(page, "compact-nails", 351, 1);
  await until(page, /the largest free block has order 6/);
});

test("a guest that is pinned makes the search go on further", async ({ page }) => {
  await openAt(page, "cma-pinned", 301, 1);
  await until(page, /The guest in frame \d+ moved to/);
  await shown(page);
  expect(await wording(page)).toContain("bitmap");
  await press(page, "Shift+ArrowRight");
  await expect(page.locator(".sc-stage")).toBeVisible();
});

for (const [at, theme] of THEMES.entries()) {
  test(`axe finds nothing serious on them: ${theme}`, async ({ page }) => {
    for (const [lesson, op, step] of [["compact-nails", 343, 20], ["cma-pinned", 301, 30]]) {
      await openAt(page, lesson, op, step, { theme, lang: LANGUAGES[at % 2], motion: "off" });
      expect(await serious(page), lesson).toEqual([]);
    }
  });
}

for (const size of Object.keys(SIZES)) {
  test.describe(size, () => {
    test.use(device(size));
    test("they fit, with every text readable", async ({ page }) => {
      test.slow();
      for (const lang of LANGUAGES) {
        for (const [lesson, op, step] of [["compact-nails", 343, 20], ["cma-pinned", 301, 30], ["four-dma-ways", 912, 100]]) {
          await openAt(page, lesson, op, step, { ...SIZES[size].hints, lang });
          await fitsAndReads(page, size, 1, `${lang}, ${lesson}`);
        }
      }
    });
  });
}
