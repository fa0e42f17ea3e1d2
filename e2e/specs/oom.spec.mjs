// The OOM scoreboard: what its stage shows of who is looked at and who is killed, at every size and in both languages.
import { LANGUAGES, SIZES, THEMES, device, fitsAndReads, open, openAt, press, serious, shown, until, wording } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

const LESSONS = [["promised-twice", 5], ["three-killers", 9], ["adj-offers", 9]];

test("a lesson about killing opens on the scoreboard, one about pages does not", async ({ page }) => {
  await open(page, "#0/adj-offers");
  await press(page, "End");
  expect(await wording(page)).toContain("✓ points = RSS + swap + PT + adj × total/1000");
  expect(await wording(page)).toMatch(/may not be killed/);
  await open(page, "#0/merge-chain");
  expect(await wording(page)).not.toContain("points = RSS");
});

test("everybody is looked at, the worst is killed and runs into the tank", async ({ page }) => {
  await openAt(page, "three-killers", 9);
  await until(page, /OOM killer was called/);
  await until(page, /web has 1569 points, the most so far/);
  await shown(page);
  expect(await wording(page)).toContain("the worst so far");
  await until(page, /web got SIGKILL/);
  await shown(page);
  await expect(page.locator('.sc-stage [data-id^="fail"]').first()).toBeAttached();
  await press(page, "End");
  await shown(page);
  expect(await wording(page)).toMatch(/gone: \d+ came back/);
});

test("who dies can be predicted", async ({ page }) => {
  await openAt(page, "three-killers", 9);
  await page.keyboard.press("q");
  await expect(page.locator(".ask").first()).toBeVisible();
  await expect(page.locator(".ask").first()).toContainText("Whom does Linux 2.6.32 kill?");
});

for (const [at, theme] of THEMES.entries()) {
  test(`axe finds nothing serious on it: ${theme}`, async ({ page }) => {
    for (const [lesson, op] of LESSONS.slice(1)) {
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
        for (const [lesson, op] of LESSONS) {
          await openAt(page, lesson, op, 4, { ...SIZES[size].hints, lang });
          await fitsAndReads(page, size, 1, `${lang}, ${lesson}`);
        }
      }
    });
  });
}
