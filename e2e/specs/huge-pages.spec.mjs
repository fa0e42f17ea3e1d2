// Huge pages: a tile of 2 MiB is one cell or 512, and the pool has what it has, at every size and in both languages.
import { LANGUAGES, SIZES, THEMES, device, fitsAndReads, open, openAt, press, serious, shown, until, wording } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

test("one fault brings 2 MiB, and its tile is one cell", async ({ page }) => {
  await openAt(page, "huge-page", 3);
  await until(page, /2 MiB from frame 1024 on, zeroed/);
  await shown(page);
  // The tile in the address space, and the end of the way.
  await expect(page.locator('.sc-stage [data-id^="done"]')).toHaveCount(2);
  expect(await wording(page)).toContain("a huge page");
  expect(await wording(page)).toMatch(/✓ RSS of p = frames that entries lead to = 514/);
  // Taken apart it is 511 small ones, and RSS is what the tables say.
  await openAt(page, "huge-page", 7);
  await shown(page);
  expect(await wording(page)).toMatch(/✓ RSS of p = entries with a page = 1024/);
});

test("the pool promises only what it has", async ({ page }) => {
  await openAt(page, "hugetlb-pool", 3);
  await until(page, /ENOMEM/);
  await openAt(page, "hugetlb-pool", 4);
  await until(page, /2 MiB of the pool/);
  await shown(page);
  expect(await wording(page)).toMatch(/RSS 4 KiB/);
});

test("a fault is the stage of faults' affair, all else has a stage of its own", async ({ page }) => {
  await open(page, "#0/huge-page");
  await press(page, "End");
  await shown(page);
  expect(await wording(page)).toContain("The way of a page fault");
  for (const lesson of ["hugetlb-pool", "hugetlb-crumbs", "thp-or-small", "khugepaged-collapses"]) {
    await open(page, `#0/${lesson}`);
    await expect(page.getByRole("button", { name: "Huge", exact: true })).toHaveAttribute("aria-current", "true");
  }
});

test("khugepaged makes one of 384, and RSS is what nobody touched", async ({ page }) => {
  await openAt(page, "khugepaged-collapses", 6);
  await until(page, /sleeps/);
  await shown(page);
  const said = await wording(page);
  expect(said).toContain("huge, 384 touched");
  expect(said).toMatch(/RSS \d[\d,]* KiB/);
  await openAt(page, "khugepaged-collapses", 7);
  await shown(page);
  expect(await wording(page)).toContain("huge, 4 touched");
});

test("the pool gets what is free in one piece, and more once pages moved", async ({ page }) => {
  await openAt(page, "hugetlb-crumbs", 1);
  await shown(page);
  expect(await wording(page)).toContain("hugetlb pool: 2, 2 free");
  await press(page, "End");
  await shown(page);
  expect(await wording(page)).toContain("hugetlb pool: 2, 2 free");
});

for (const [at, theme] of THEMES.entries()) {
  test(`axe finds nothing serious on it: ${theme}`, async ({ page }) => {
    for (const [lesson, op, step] of [["khugepaged-collapses", 6, 2], ["hugetlb-crumbs", 5, 1]]) {
      await openAt(page, lesson, op, step, { theme, lang: LANGUAGES[at % 2], motion: "off" });
      expect(await serious(page), lesson).toEqual([]);
    }
  });
}

for (const size of Object.keys(SIZES)) {
  test.describe(size, () => {
    test.use(device(size));
    test("it fits, with every text readable", async ({ page }) => {
      for (const lang of LANGUAGES) {
        for (const [lesson, op] of [["huge-page", 6], ["huge-page", 12], ["hugetlb-pool", 5], ["hugetlb-crumbs", 5], ["thp-or-small", 11], ["khugepaged-collapses", 6]]) {
          await openAt(page, lesson, op, 2, { ...SIZES[size].hints, lang });
          await fitsAndReads(page, size, 1, `${lang}, ${lesson}`);
        }
      }
    });
  });
}
