// Memory in one piece: what the stages of compaction, CMA and DMA show, at every size and in both languages.
import { LANGUAGES, SIZES, THEMES, device, fitsAndReads, open, openAt, press, serious, shown, until, wording } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

// A moment of each stage worth a look.
const PLACES = [
  ["compact-nails", 343, 20],
  ["cma-pinned", 301, 30],
  ["four-dma-ways", 912, 100],
  ["lent-buffers", 6, 0],
  ["lent-buffers", 16, 0],
  ["dts-pools", 7, 0],
];

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

test("a buffer that nobody synced is old, and the baton goes back and forth", async ({ page }) => {
  await openAt(page, "lent-buffers", 6, 0);
  await expect(tab(page, "DMA")).toHaveAttribute("aria-current", "true");
  await shown(page);
  expect(await wording(page)).toContain("a is lent to cam");
  await press(page, "ArrowRight");
  await until(page, /The CPU read a: version 1, and 2 is newer/);
  await shown(page);
  expect(await wording(page)).toContain("old");
  await until(page, /The CPU read a: version 2/);
});

test("what is out of reach is copied to slots, and forwards and backwards is the same", async ({ page }) => {
  await openAt(page, "lent-buffers", 13, 2);
  await until(page, /n has 3 slots from slot 0 on/);
  await shown(page);
  const there = await wording(page);
  expect(there).toContain("bounce buffers: 3 of 512 slots");
  await press(page, "ArrowRight", 4);
  await press(page, "ArrowLeft", 4);
  await shown(page);
  expect(await wording(page)).toBe(there);
});

test("arrow keys go from buffer to buffer, and the card says whose it is", async ({ page }) => {
  await openAt(page, "dts-pools", 10, 0);
  await page.locator(".sc-stage").focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(page.getByText("e, of nic")).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByText("pool of devices")).toBeVisible();
});

test("a device tree that is pasted becomes a machine, and a mistake has its place", async ({ page }) => {
  await open(page, "");
  await page.locator(".side-tabs button").nth(2).click();
  const tree = "/ {\n\treserved-memory {\n\t\tvideo: v { compatible = \"shared-dma-pool\"; reusable; size = <0x800000>; };\n\t};\n\tvpu { memory-region = <&vidio>; };\n};\n";
  await page.locator("#paste").fill(tree);
  await expect(page.locator(".paste .diag").first()).toContainText(/✕ 5:26/);
  await page.locator("#paste").fill(tree.replace("&vidio", "&video"));
  await page.locator(".paste .btn.solid").click();
  await expect(tab(page, "DMA")).toHaveAttribute("aria-current", "true");
});

for (const [at, theme] of THEMES.entries()) {
  test(`axe finds nothing serious on them: ${theme}`, async ({ page }) => {
    for (const [lesson, op, step] of PLACES) {
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
        for (const [lesson, op, step] of PLACES) {
          await openAt(page, lesson, op, step, { ...SIZES[size].hints, lang });
          await fitsAndReads(page, size, 1, `${lang}, ${lesson}`);
        }
      }
    });
  });
}
