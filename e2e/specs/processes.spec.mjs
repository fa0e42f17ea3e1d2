// Processes: what their stage shows of promises, pages and faults, at every size and in both languages.
import { LANGUAGES, SIZES, THEMES, ask, device, fitsAndReads, open, openAt, press, serious, shown, until, wording } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

test("a lesson about processes opens on their stage, one about pages does not", async ({ page }) => {
  await open(page, "#0/article-rss-vsz");
  await press(page, "End");
  expect(await wording(page)).toMatch(/VSZ 3200 KiB/);
  expect(await wording(page)).toMatch(/RSS 1500 KiB/);
  expect(await wording(page)).toMatch(/✓ RSS of p = entries with a page = 375/);
  await expect(page.locator(".sc-chart")).toContainText("RSS 1,500 KiB");
  await open(page, "#0/merge-chain");
  expect(await wording(page)).not.toContain("RSS");
});

test("a page fault goes its way, and its end and its page are ringed", async ({ page }) => {
  await openAt(page, "fork-cow", 5);
  await until(page, /page fault/);
  await shown(page);
  expect(await wording(page)).toContain("error_code 0x7");
  await until(page, /a copy of frame/);
  await shown(page);
  // The page in the address space, and the end of the way.
  await expect(page.locator('.sc-stage [data-id^="done"]')).toHaveCount(2);
  // Before it the question is open, and the page is what comes next; before that it is looked at.
  await press(page, "ArrowLeft");
  await shown(page);
  await expect(page.locator('.sc-stage [data-id^="look"]')).toHaveCount(1);
  await expect(page.locator('.sc-stage [data-id^="next"]')).toHaveCount(1);
  await press(page, "ArrowLeft");
  await shown(page);
  await expect(page.locator('.sc-stage [data-id^="look"]')).toHaveCount(2);
});

test("/proc has the files of processes", async ({ page }) => {
  await openAt(page, "fork-cow", 4);
  await page.getByRole("button", { name: "/proc", exact: true }).click();
  for (const [file, holds] of [["ps", "RSS"], ["status", "VmRSS:"], ["maps", "[stack]"], ["smaps", "Private_Dirty:"], ["pagemap", "pfn"]]) {
    await page.locator(`.files button:text-is("${file}")`).click();
    await expect(page.locator("pre.proc")).toContainText(holds);
  }
});

test("how a fault ends can be predicted", async ({ page }) => {
  await openAt(page, "zero-page", 2);
  for (let i = 0; i < 12; i++) {
    await press(page, "q");
    if (await page.locator(".ask").count()) break;
    await press(page, "ArrowRight");
  }
  await expect(page.locator(".ask").first()).toBeVisible();
});

for (const [at, theme] of THEMES.entries()) {
  test(`axe finds nothing serious on it: ${theme}`, async ({ page }) => {
    for (const [lesson, op] of [["fork-cow", 6], ["stack-limit", 3]]) {
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
        for (const [lesson, op] of [["article-rss-vsz", 7], ["fork-cow", 6], ["shared-library", 5], ["sparse-tables", 4]]) {
          await openAt(page, lesson, op, 2, { ...SIZES[size].hints, lang });
          await fitsAndReads(page, size, 1, `${lang}, ${lesson}`);
        }
      }
    });
  });
}
