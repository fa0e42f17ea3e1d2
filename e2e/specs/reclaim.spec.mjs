// Reclaim: what its stage shows of lists, swap and files, and who works, at every size and in both languages.
import { LANGUAGES, SIZES, THEMES, device, fitsAndReads, open, openAt, press, serious, shown, wording } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

test("a lesson about memory that runs short opens on its stage", async ({ page }) => {
  await open(page, "#0/read-twice");
  await press(page, "End");
  await shown(page);
  const words = await wording(page);
  expect(words).toMatch(/inactive file\s+\d+/);
  expect(words).toMatch(/active file\s+15/);
  await expect(page.getByRole("button", { name: "Reclaim", exact: true })).toHaveAttribute("aria-current", "true");
  await open(page, "#0/merge-chain");
  expect(await wording(page)).not.toContain("unevictable");
});

test("what is locked is on a list of its own, and swap says what went", async ({ page }) => {
  await open(page, "#0/mlock-stays");
  await press(page, "End");
  await shown(page);
  expect(await wording(page)).toMatch(/unevictable\s+16/);
  expect(await wording(page)).toMatch(/\d+ of 1023 slots/);
});

test("dirty pages are told with their limits", async ({ page }) => {
  await openAt(page, "dirty-pages", 2);
  await shown(page);
  expect(await wording(page)).toMatch(/16 dirty/);
});

test("the text view has the lists first", async ({ page }) => {
  await openAt(page, "swappiness", 7);
  await page.keyboard.press("t");
  await expect(page.getByRole("table").first()).toContainText("LRU lists");
});

for (const [at, theme] of THEMES.entries()) {
  test(`axe finds nothing serious on it: ${theme}`, async ({ page }) => {
    for (const [lesson, op] of [["streaming-read", 6], ["direct-reclaim", 3]]) {
      await openAt(page, lesson, op, 0, { theme, lang: LANGUAGES[at % 2], motion: "off" });
      expect(await serious(page), lesson).toEqual([]);
    }
  });
}

for (const size of Object.keys(SIZES)) {
  test.describe(size, () => {
    test.use(device(size));
    test("it fits, with every text readable", async ({ page }) => {
      for (const lang of LANGUAGES) {
        for (const [lesson, op, step] of [["read-twice", 2, 3], ["thrashing", 3, 400], ["swappiness", 12, 0], ["dirty-pages", 3, 40]]) {
          await openAt(page, lesson, op, step, { ...SIZES[size].hints, lang });
          await fitsAndReads(page, size, 1, `${lang}, ${lesson}`);
        }
      }
    });
  });
}
