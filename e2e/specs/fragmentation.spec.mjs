// The fragmentation stage: the request nobody has made, the staircase, both indices, and what the kernel reads out of
// them.
import { LANGUAGES, SIZES, STAGES, THEMES, ask, device, fitsAndReads, openAt, press, serious, showStage, wording } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

const FRAGMENTATION = STAGES.fragmentation;
// Half of memory is free, and 16 frames in a row are not.
const FAILED = 6145;

for (const lang of LANGUAGES) {
  test(`a request that fails says where it does not fit, and why: ${lang}`, async ({ page }) => {
    await openAt(page, "fragmentation", FAILED, 0, { lang });
    await showStage(page, FRAGMENTATION);
    const said = (await wording(page)).replaceAll(" | ", " ");
    expect(said).toContain("unusable_index 1.000");
    expect(said).toContain("extfrag_index 0.938");
    expect(said).toContain(lang === "en" ? "Order 4 fits nowhere: 64 KiB wanted" : "4 阶放不下：要 64 KiB");
    expect(said).toContain(lang === "en" ? "The kernel tries compaction." : "内核会试规整");
    expect(said).toContain("✓ ");
  });
}

test("another order is chosen by pointer and by keys, and nothing steps", async ({ page }) => {
  await openAt(page, "fragmentation", FAILED, 0);
  await showStage(page, FRAGMENTATION);
  const before = await ask(page, "global");
  await page.locator(".sc-stage").focus();
  await page.keyboard.press("ArrowRight");
  expect(await wording(page)).toContain("If order 5 were asked for now");
  for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowLeft");
  expect(await wording(page)).toContain("If order 0 were asked for now");
  expect((await wording(page)).replaceAll(" | ", " ")).toContain("extfrag_index −1.000");
  expect(await ask(page, "global")).toBe(before);
  const bar = await page.locator('.sc-stage [data-id="extfrag 0 7"]').boundingBox();
  await page.mouse.click(bar.x + bar.width / 2, bar.y + bar.height / 2);
  expect(await wording(page)).toContain("If order 7 were asked for now");
});

test("every zone has its own answer, and the text twin begins with them", async ({ page }) => {
  await openAt(page, "real-kernel", 3, 0);
  await showStage(page, FRAGMENTATION);
  const said = await wording(page);
  expect(said).toContain("DMA | ");
  expect(said).toContain("DMA32 | ");
  await page.keyboard.press("t");
  await expect(page.locator("dialog table").first()).toContainText("what the kernel reads out of it");
  await expect(page.locator("dialog table").nth(1)).toContainText("unusable_index");
});

for (const [at, theme] of THEMES.entries()) {
  test(`axe finds nothing serious on it: ${theme}`, async ({ page }) => {
    await openAt(page, "fragmentation", FAILED, 0, { theme, lang: LANGUAGES[at % 2], motion: "off" });
    await showStage(page, FRAGMENTATION);
    expect(await serious(page)).toEqual([]);
  });
}

for (const size of Object.keys(SIZES)) {
  test.describe(size, () => {
    test.use(device(size));
    test("it fits, with every text readable", async ({ page }) => {
      for (const lang of LANGUAGES) {
        for (const scenario of ["fragmentation", "two-nodes"]) {
          await openAt(page, scenario, 2, 2, { ...SIZES[size].hints, lang });
          await showStage(page, FRAGMENTATION);
          await fitsAndReads(page, size, 15, `${lang}, ${scenario}`);
        }
      }
    });
  });
}
