// Huge pages: a tile of 2 MiB is one cell or 512, and the pool has what it has, at every size and in both languages.
import { LANGUAGES, SIZES, device, fitsAndReads, open, openAt, press, shown, until, wording } from "../app.mjs";
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

test("both lessons open on the stage of faults", async ({ page }) => {
  for (const lesson of ["huge-page", "hugetlb-pool"]) {
    await open(page, `#0/${lesson}`);
    await press(page, "End");
    await shown(page);
    expect(await wording(page)).toContain("The way of a page fault");
  }
});

for (const size of Object.keys(SIZES)) {
  test.describe(size, () => {
    test.use(device(size));
    test("it fits, with every text readable", async ({ page }) => {
      for (const lang of LANGUAGES) {
        for (const [lesson, op] of [["huge-page", 6], ["huge-page", 12], ["hugetlb-pool", 5]]) {
          await openAt(page, lesson, op, 2, { ...SIZES[size].hints, lang });
          await fitsAndReads(page, size, 1, `${lang}, ${lesson}`);
        }
      }
    });
  });
}
