// The stages of the per-CPU lists and of the zones: what they show, at every size and in both languages.
import { LANGUAGES, SIZES, STAGES, THEMES, ask, device, fitsAndReads, openAt, press, serious, showStage, words } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

const PER_CPU = STAGES.perCpu;
const ZONES = STAGES.zones;

// The words of the picture.
const thing = (page, id) => page.locator(`.sc-stage svg.sc [data-id="${id}"]`);

test("a page goes to the CPU's list, and the picture says so", async ({ page }) => {
  await openAt(page, "with-pcp", 0, 1);
  await showStage(page, PER_CPU);
  await expect(thing(page, "cpu 0")).toHaveCount(1);
  // Until the list is filled up and the first block of it is taken.
  for (let i = 0; i < 60; i++) {
    if ((await words(page)).some((text) => text === "new tail")) break;
    await press(page, "ArrowRight");
  }
  expect(await words(page)).toContain("new tail");
  expect((await ask(page, "narration")).toString()).toContain("at the tail of CPU 0");
  await expect(page.locator('.sc-stage [data-id^="chip "]').first()).toBeVisible();
  expect((await words(page)).join(" ")).toMatch(/✓ .* pages? on CPU lists = counts/);
});

test("a chip of a CPU's list is selected by pointer and by arrow keys, and the card says where it stands", async ({ page }) => {
  await openAt(page, "with-pcp", 5, 0);
  await showStage(page, PER_CPU);
  const before = await ask(page, "global");
  await page.locator(".sc-stage").focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.locator('.sc-stage [data-id^="selected "]').first()).toBeAttached();
  await expect(page.locator(".z3")).toContainText("on CPU 0's order-");
  expect(await ask(page, "global"), "arrow keys on the picture do not step").toBe(before);
});

test("a request is measured against the marks, and the numbers stand under the tank", async ({ page }) => {
  await openAt(page, "watermark-rights", 7, 3);
  await showStage(page, ZONES);
  await expect(thing(page, "refused 0")).toHaveCount(1);
  const said = (await words(page)).join(" | ");
  expect(said).toContain("✕ 160 ≤ low 160 + 0");
  expect(said).toContain("not enough");
  for (const mark of ["min 0", "low 0", "high 0"]) await expect(thing(page, mark)).toHaveCount(1);
});

test("a zone of another node is another tank, with its distance", async ({ page }) => {
  await openAt(page, "two-nodes", 1, 0);
  await showStage(page, ZONES);
  const said = (await words(page)).join(" | ");
  expect(said).toMatch(/node 0.*distance 10/);
  expect(said).toMatch(/node 1 · distance \d+/);
  await page.locator(".sc-stage").focus();
  await page.keyboard.press("ArrowRight");
  expect((await words(page)).length).toBeGreaterThan(10);
});

test("a machine without such lists and marks says so", async ({ page }) => {
  await openAt(page, "buddy-split", 0, 3);
  await showStage(page, PER_CPU);
  expect((await words(page)).join(" ")).toContain("no per-CPU lists");
  await press(page, "v");
  expect((await words(page)).join(" ")).toContain("no watermarks");
});

test("their text twin begins with what they show", async ({ page }) => {
  await openAt(page, "with-pcp", 3, 0);
  await showStage(page, PER_CPU);
  await page.keyboard.press("t");
  await expect(page.locator("dialog table").first()).toContainText("free_factor");
  await page.keyboard.press("Escape");
  await openAt(page, "watermark-rights", 7, 3);
  await showStage(page, ZONES);
  await page.keyboard.press("t");
  await expect(page.locator("dialog table").first()).toContainText("managed");
});

for (const [at, theme] of THEMES.entries()) {
  test(`axe finds nothing serious on them: ${theme}`, async ({ page }) => {
    for (const stage of [PER_CPU, ZONES]) {
      await openAt(page, "with-pcp", 2, 2, { theme, lang: LANGUAGES[at % 2], motion: "off" });
      await showStage(page, stage);
      expect(await serious(page), `${stage}`).toEqual([]);
    }
  });
}

for (const size of Object.keys(SIZES)) {
  test.describe(size, () => {
    test.use(device(size));
    test("the new stages fit, with every text readable", async ({ page }) => {
      for (const lang of LANGUAGES) {
        for (const stage of [PER_CPU, ZONES]) {
          const scenario = stage === PER_CPU ? "with-pcp" : "two-nodes";
          await openAt(page, scenario, 2, 2, { ...SIZES[size].hints, lang });
          await showStage(page, stage);
          await fitsAndReads(page, size, 5, `${lang}, stage ${stage}`);
        }
      }
    });
  });
}
