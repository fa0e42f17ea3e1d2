// malloc: what its chunks look like below the heap, what it keeps free, and which bytes lie in memory.
import { LANGUAGES, SIZES, THEMES, device, fitsAndReads, open, openAt, press, serious, shown, until, wording } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

test("a lesson about malloc opens on the stage of processes, with the chunks of the heap", async ({ page }) => {
  await open(page, "#0/libc-keeps");
  await openAt(page, "libc-keeps", 3);
  await shown(page);
  const words = await page.locator(".sc-stage").textContent();
  expect(words).toContain("malloc 656");
  expect(words).toContain("a 112");
  expect(words).toContain("b 112");
  expect(words).toMatch(/top 131/);
  expect(words).toContain("What malloc keeps for p");
});

test("what is freed stays with malloc, and what is in it as well", async ({ page }) => {
  await openAt(page, "old-bytes", 3);
  await until(page, /went to the tcache/);
  await shown(page);
  await expect(page.locator(".sc-stage")).toContainText("tcache 80 ·41");
  await openAt(page, "old-bytes", 4);
  await until(page, /Old contents lie there: 16 of malloc's own, 48 × 0x41/);
  await shown(page);
  await expect(page.locator('.sc-stage [data-id^="done"]')).toHaveCount(1);
});

test("mremap says how many entries it moved", async ({ page }) => {
  await openAt(page, "mremap-moves", 5);
  await until(page, /16 entries of page tables moved; no page was copied|16 entries moved; no page was copied/);
});

for (const [at, theme] of THEMES.entries()) {
  test(`axe finds nothing serious on it: ${theme}`, async ({ page }) => {
    for (const [lesson, op] of [["libc-keeps", 4], ["old-bytes", 5]]) {
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
        for (const [lesson, op] of [["libc-keeps", 4], ["libc-keeps", 80], ["old-bytes", 5], ["mremap-moves", 5]]) {
          await openAt(page, lesson, op, 2, { ...SIZES[size].hints, lang });
          await fitsAndReads(page, size, 1, `${lang}, ${lesson}`);
        }
      }
    });
  });
}
