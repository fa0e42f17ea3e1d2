// The pageblock map: what it shows, at every size and in both languages, by pointer and by keys.
import { LANGUAGES, SIZES, STAGES, THEMES, ask, device, fitsAndReads, open, openAt, press, serious, shown, showStage, until, wording, write } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

const PAGEBLOCKS = STAGES.pageblocks;
// The steps at which one pageblock is claimed, and another is not.
const CLAIMED = 308;
const KEPT = 348;

test("a pageblock that is stolen goes from one type to the other, and the reason is said", async ({ page }) => {
  await openAt(page, "stealing-tail", CLAIMED, 1);
  await showStage(page, PAGEBLOCKS);
  expect(await wording(page)).toContain("4 pageblocks: 4 MOVABLE");
  await until(page, /Moved all 40 free pages/);
  await shown(page);
  const said = await wording(page);
  expect(said).toContain("1 UNMOVABLE · 3 MOVABLE");
  expect(said).toContain("MOVABLE → UNMOVABLE");
  expect(said).toContain("40 free ≥ 32, half of 64");
  expect(said).toMatch(/✓ free in all pageblocks \d+ = free on lists \d+/);
  await expect(page.locator('.sc-stage [data-id="done 64/6"]')).toHaveCount(1);
});

test("one that is not even half free keeps its type", async ({ page }) => {
  await openAt(page, "stealing-tail", KEPT, 1, { lang: "zh" });
  await showStage(page, PAGEBLOCKS);
  await until(page, /空闲页都移到了 UNMOVABLE 链表/);
  await shown(page);
  const said = await wording(page);
  expect(said).toContain("仍是 MOVABLE");
  expect(said.replaceAll(" | ", "")).toContain("空闲 12 < 32（64 的一半）");
});

test("a fallback names the types in the order in which they are asked", async ({ page }) => {
  await openAt(page, "stealing-tail", CLAIMED, 1);
  await showStage(page, PAGEBLOCKS);
  await until(page, /UNMOVABLE has nothing left/);
  await shown(page);
  expect((await wording(page)).replaceAll(" | ", " ")).toContain("It falls back to RECLAIMABLE, then MOVABLE");
});

test("a tile is selected by pointer and by arrow keys, and the card says what is in it", async ({ page }) => {
  await openAt(page, "real-kernel", 3, 0);
  await showStage(page, PAGEBLOCKS);
  const before = await ask(page, "global");
  await page.locator(".sc-stage").focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.locator(".z3")).toContainText("pageblock type");
  await expect(page.locator(".z3")).toContainText("in the pageblock");
  const first = await page.locator(".z3").textContent();
  await page.keyboard.press("ArrowDown");
  await expect(page.locator(".z3")).not.toHaveText(first);
  expect(await ask(page, "global"), "arrow keys on the picture do not step").toBe(before);
  // The first tile of all, by a click on it.
  const area = await page.locator('.sc-stage svg.sc text:text-is("U")').first().boundingBox();
  await page.mouse.click(area.x + area.width / 2, area.y + area.height / 2);
  await expect(page.locator(".z3")).toContainText("0: 1–511");
});

test("what is set aside and what is isolated has marks and letters of its own", async ({ page }) => {
  await open(page);
  await write(
    page,
    [
      "ram 8M",
      "zone Normal",
      "pcp off",
      "watermarks on",
      "pageblock_order 6",
      "page_group_by_mobility on",
      "a = alloc order=1 unmovable atomic",
      "isolate 0x400",
      "",
    ].join("\n"),
  );
  await expect(page.locator(".problems .diag")).toHaveCount(0);
  await page.locator(".stages button").nth(PAGEBLOCKS).click();
  await press(page, "End");
  expect(await wording(page)).toMatch(/ISOLATE|HIGHATOMIC/);
});

test("8,192 pageblocks are drawn, selected and stepped through at once", async ({ page }) => {
  await open(page);
  await write(page, "ram 16G\nzone Normal\npcp off\nwatermarks off\na = alloc order=3 movable\nb = alloc order=0 unmovable\n");
  await showStage(page, PAGEBLOCKS);
  expect(await wording(page)).toContain("8192 pageblocks");
  const took = await page.evaluate(async () => {
    const start = performance.now();
    for (let i = 0; i < 8; i++) {
      document.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    }
    return (performance.now() - start) / 8;
  });
  expect(took, "milliseconds from one step to the next").toBeLessThan(400);
  await page.locator(".sc-stage").focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await expect(page.locator(".z3")).toContainText("pageblock");
});

test("its text twin begins with the types and the tiles", async ({ page }) => {
  await openAt(page, "stealing-tail", KEPT, 2);
  await showStage(page, PAGEBLOCKS);
  await page.keyboard.press("t");
  const tables = page.locator("dialog table");
  await expect(tables.first()).toContainText("HIGHATOMIC");
  await expect(tables.nth(1)).toContainText("64–127");
});

for (const [at, theme] of THEMES.entries()) {
  test(`axe finds nothing serious on it: ${theme}`, async ({ page }) => {
    await openAt(page, "stealing-tail", CLAIMED, 3, { theme, lang: LANGUAGES[at % 2], motion: "off" });
    await showStage(page, PAGEBLOCKS);
    expect(await serious(page)).toEqual([]);
  });
}

for (const size of Object.keys(SIZES)) {
  test.describe(size, () => {
    test.use(device(size));
    test("it fits, with every text readable", async ({ page }) => {
      for (const lang of LANGUAGES) {
        for (const scenario of ["stealing-tail", "real-kernel", "two-nodes"]) {
          await openAt(page, scenario, 2, 2, { ...SIZES[size].hints, lang });
          await showStage(page, PAGEBLOCKS);
          await fitsAndReads(page, size, 5, `${lang}, ${scenario}`);
        }
      }
    });
  });
}
