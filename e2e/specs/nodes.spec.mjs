// The node map: what it shows of policies, distances and whose memory it is, at every size and in both languages.
import { LANGUAGES, SIZES, THEMES, device, fitsAndReads, open, openAt, press, serious, shown, until, wording } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

test("a lesson about nodes opens on their map, one about one node does not", async ({ page }) => {
  await open(page, "#0/two-nodes");
  await press(page, "End");
  expect(await wording(page)).toMatch(/node 0 · distance/);
  await expect(page.getByRole("button", { name: "Nodes", exact: true })).toHaveAttribute("aria-current", "true");
  await open(page, "#0/merge-chain");
  expect(await wording(page)).not.toContain("distance");
});

test("what a node lacks comes over the way from the other one", async ({ page }) => {
  await openAt(page, "two-nodes", 4);
  await until(page, /Went to zone DMA32\/0, on another node/);
  await shown(page);
  await expect(page.locator('.sc-stage [data-id^="looked"]').or(page.locator('.sc-stage [data-id^="look"]')).first()).toBeAttached();
  await openAt(page, "two-nodes", 5);
  await shown(page);
  expect(await wording(page)).toContain("miss = foreign: 1 = 1");
});

test("whoever is bound asks these nodes alone", async ({ page }) => {
  await openAt(page, "bound-nodes", 7, 14);
  await until(page, /Only node 0 may serve it/);
  await shown(page);
  expect(await wording(page)).toContain("bind 0: those nodes alone");
  expect(await wording(page)).toContain("not for this request");
});

for (const [at, theme] of THEMES.entries()) {
  test(`axe finds nothing serious on it: ${theme}`, async ({ page }) => {
    for (const [lesson, op] of [["two-nodes", 4], ["bound-nodes", 10]]) {
      await openAt(page, lesson, op, 4, { theme, lang: LANGUAGES[at % 2], motion: "off" });
      expect(await serious(page), lesson).toEqual([]);
    }
  });
}

for (const size of Object.keys(SIZES)) {
  test.describe(size, () => {
    test.use(device(size));
    test("it fits, with every text readable", async ({ page }) => {
      for (const lang of LANGUAGES) {
        for (const [lesson, op] of [["two-nodes", 4], ["bound-nodes", 10]]) {
          await openAt(page, lesson, op, 3, { ...SIZES[size].hints, lang });
          await fitsAndReads(page, size, 1, `${lang}, ${lesson}`);
        }
      }
    });
  });
}
