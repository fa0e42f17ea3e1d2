// Requirement 9: predict, then reveal: by keys and by pointer, right, wrong and skipped; it never blocks.
import { BUILTINS, LANGUAGES, SIZES, THEMES, ask, device, open, openAt, press, ready, serious } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

const question = (page) => page.locator("form.ask");
const answer = (page) => page.locator(".ask.shown");
const choices = (page) => page.locator(".ask .answer");

// The answer that the engine then gives: play it once, and come back.
async function kernelSays(page) {
  const cursor = await ask(page, "cursor");
  await page.keyboard.press("q");
  await page.keyboard.press("Enter");
  const said = await page.locator(".ask .kernel b").textContent();
  await page.keyboard.press("Escape");
  await page.evaluate(([op, step]) => window.__mm.seek(op, step), cursor);
  await expect.poll(() => ask(page, "cursor").then(String)).toBe(String(cursor));
  return said;
}

// Asks, and picks the answer that is right, or one that is not, by its key.
async function pick(page, right) {
  const kernel = await kernelSays(page);
  await page.keyboard.press("q");
  await expect(question(page)).toBeVisible();
  const texts = await choices(page).locator("span").allTextContents();
  const at = texts.findIndex((text) => (text === kernel) === right);
  await page.keyboard.press(String(at + 1));
  await expect(choices(page).nth(at).locator("input")).toBeChecked();
  return { kernel, yours: texts[at] };
}

const tally = (page) => page.evaluate(() => localStorage.getItem("mmscope.tally"));

test("a right answer by keys", async ({ page }) => {
  await openAt(page, "buddy-split", 0, 4);
  const { kernel } = await pick(page, true);
  await page.keyboard.press("Enter");
  await expect(answer(page)).toHaveClass(/right/);
  await expect(page.locator(".ask .kernel b")).toHaveText(kernel);
  await expect(page.locator(".ask .yours")).toHaveCount(0);
  expect(await ask(page, "global")).toBe(5);
  expect(await tally(page)).toBe("1/1");
});

test("a wrong answer costs nothing and has its misconception named", async ({ page }) => {
  await openAt(page, "buddy-split", 0, 4);
  const { kernel, yours } = await pick(page, false);
  await page.keyboard.press("q");
  await expect(answer(page)).toHaveClass(/wrong/);
  await expect(page.locator(".ask .yours span")).toHaveText(yours);
  await expect(page.locator(".ask .kernel b")).toHaveText(kernel);
  expect((await page.locator(".ask .why").textContent()).length).toBeGreaterThan(20);
  expect(await tally(page)).toBe("0/1");
  await expect(page.locator(".z4 [role=status]")).toContainText(kernel);
  // Any step goes on.
  await press(page, "ArrowRight");
  await expect(answer(page)).toHaveCount(0);
  expect(await ask(page, "global")).toBe(6);
});

test("a question is skipped, passed over or only looked at", async ({ page }) => {
  await openAt(page, "buddy-split", 0, 4);
  await page.keyboard.press("q");
  await expect(question(page)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(question(page)).toHaveCount(0);
  expect(await ask(page, "global")).toBe(4);
  await page.keyboard.press("q");
  await press(page, "ArrowRight");
  await expect(question(page)).toHaveCount(0);
  expect(await ask(page, "global")).toBe(5);
  await press(page, "ArrowLeft");
  // A clicker shows the answer.
  await page.keyboard.press("q");
  await press(page, "PageDown");
  await expect(answer(page)).toHaveClass(/open/);
  expect(await ask(page, "global")).toBe(5);
  expect(await tally(page)).not.toBe("1/1");
});

test("what is asked is not told", async ({ page }) => {
  await openAt(page, "buddy-split", 0, 4);
  await expect(page.locator(".sc .sc-next")).not.toHaveCount(0);
  await page.keyboard.press("q");
  await expect(page.locator(".z4 .row.next")).toHaveCount(0);
  await expect(page.locator(".sc .sc-next")).toHaveCount(0);
  await expect(page.locator(".sc-veil")).toHaveCount(1);
});

test("an answer by pointer on the picture, yours beside what is so", async ({ page }) => {
  await page.setViewportSize(SIZES.laptop.viewport);
  await openAt(page, "buddy-split", 0, 5);
  const kernel = await kernelSays(page);
  await page.getByRole("button", { name: "Predict the next step" }).click();
  await expect(question(page)).toBeVisible();
  const texts = await choices(page).locator("span").allTextContents();
  const wrong = texts.findIndex((text) => text !== kernel);
  const target = page.locator(`.sc-stage [data-id="candidate ${wrong + 1}"]`).first();
  await target.click({ force: true });
  await expect(choices(page).nth(wrong).locator("input")).toBeChecked();
  await page.getByRole("button", { name: "Check" }).click();
  await expect(answer(page)).toHaveClass(/wrong/);
  await expect(page.locator(".sc-yours")).not.toHaveCount(0);
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(answer(page)).toHaveCount(0);
});

test("tiles and columns of the newer pictures are marked, and picked", async ({ page }) => {
  await page.setViewportSize(SIZES.laptop.viewport);
  await openAt(page, "stealing-tail", 308, 1);
  await press(page, "v", 4);
  // From which of the other types' blocks: each in a pageblock of its own, or in one that is only spoken of.
  for (let i = 0; i < 60; i++) {
    await press(page, "q");
    if (await page.locator('.sc-stage [data-id^="candidate "]').count()) break;
    await page.keyboard.press("Escape");
    await press(page, "ArrowRight");
  }
  await expect(page.locator(".sc-veil")).toHaveCount(1);
  const tile = page.locator('.sc-stage [data-id^="candidate "]').first();
  const number = Number((await tile.getAttribute("data-id")).split(" ")[1]);
  await tile.click({ force: true });
  await expect(choices(page).nth(number - 1).locator("input")).toBeChecked();
  await expect(page.locator('.sc-stage [data-id^="selected "]')).toHaveCount(0);
  await page.keyboard.press("Escape");
  // Which list: the columns of the orders.
  await openAt(page, "stealing-tail", 308, 1);
  await press(page, "v", 5);
  await page.keyboard.press("q");
  await expect(page.locator("#asked")).toContainText("Which list");
  const column = page.locator('.sc-stage [data-id^="candidate "]').first();
  await column.click({ force: true });
  await expect(page.locator(".ask .answer :checked")).toHaveCount(1);
});

test("a number is typed", async ({ page }) => {
  await open(page, "#0/buddy-split");
  for (let i = 0; i < 60; i++) {
    await press(page, "q");
    if (await page.locator(".ask .number input").count()) break;
    await page.keyboard.press("Escape");
    await press(page, "ArrowRight");
  }
  const field = page.locator(".ask .number input");
  await expect(field).toBeFocused();
  const before = await ask(page, "global");
  await page.keyboard.type("7a");
  await expect(field).toHaveValue("7");
  expect(await ask(page, "global")).toBe(before);
  await page.keyboard.press("Enter");
  await expect(answer(page)).toBeVisible();
  expect(await ask(page, "global")).toBeGreaterThan(before);
});

test("the tally is kept, and can be reset", async ({ page }) => {
  await openAt(page, "buddy-split", 0, 4);
  await pick(page, true);
  await page.keyboard.press("Enter");
  await expect(page.locator(".score")).toHaveText("1 of 1 right");
  await page.reload();
  await ready(page);
  await page.keyboard.press("q");
  await expect(page.locator(".score")).toHaveText("1 of 1 right");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Count from zero again" }).click();
  await expect.poll(() => tally(page)).toBe("0/0");
});

test("] and [ go to steps worth predicting, in every lesson", async ({ page }) => {
  for (const id of BUILTINS) {
    await open(page, `#0/${id}`);
    const marks = page.locator(".scrub .marker.question");
    expect(await page.locator(".scrub .marker").count()).toBeGreaterThan(0);
    let asked = 0;
    for (let i = 0; i < 12; i++) {
      await press(page, "]");
      await press(page, "q");
      if (await question(page).count()) asked++;
      await page.keyboard.press("Escape");
    }
    expect(asked, `${id}, ${await marks.count()} marks`).toBeGreaterThan(2);
  }
});

test("a radio group for the reading voice, in both languages", async ({ page }) => {
  for (const lang of LANGUAGES) {
    await openAt(page, "merge-chain", 1, 1, { lang });
    await page.keyboard.press("q");
    const name = await page.locator("#asked").textContent();
    await expect(page.getByRole("radiogroup", { name })).toBeFocused();
    await expect(page.getByRole("radio")).not.toHaveCount(0);
    await expect(page.locator(".z4 [role=status]")).toContainText(name);
    // The arrow keys of a radio group are its own.
    const before = await ask(page, "global");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowDown");
    await expect(page.getByRole("radio").nth(1)).toBeChecked();
    expect(await ask(page, "global")).toBe(before);
    await page.keyboard.press("Enter");
    await expect(answer(page)).toBeVisible();
    expect(await ask(page, "global")).toBeGreaterThan(before);
  }
});

test("the question changes its language with the page, and stays", async ({ page }) => {
  await openAt(page, "buddy-split", 0, 4, { lang: "en" });
  await page.keyboard.press("q");
  await page.keyboard.press("1");
  const en = await page.locator("#asked").textContent();
  await page.keyboard.press("l");
  await expect(page.locator("#asked")).not.toHaveText(en);
  await expect(choices(page).first().locator("input")).toBeChecked();
});

test("projected, everything is large enough", async ({ page }) => {
  await page.setViewportSize(SIZES.projector.viewport);
  for (const lang of LANGUAGES) {
    for (const step of [2, 4, 5]) {
      await openAt(page, "buddy-split", 0, step, { ...SIZES.projector.hints, lang });
      for (const key of ["q", "Enter"]) {
        await page.keyboard.press(key);
        const small = await page.locator(".ask").evaluate((panel) =>
          [...panel.querySelectorAll("*")]
            .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
            .map((element) => [element.className, parseFloat(getComputedStyle(element).fontSize)])
            .filter(([, size]) => size < 22),
        );
        expect(small).toEqual([]);
        const over = await page.locator(".z4").evaluate((zone) => zone.scrollHeight - zone.clientHeight);
        expect(over).toBeLessThanOrEqual(1);
      }
    }
  }
});

for (const [at, theme] of THEMES.entries()) {
  const lang = LANGUAGES[at % LANGUAGES.length];
  test(`axe finds nothing serious in a question: ${theme}, ${lang}`, async ({ page }) => {
    await page.setViewportSize(SIZES.laptop.viewport);
    await openAt(page, "buddy-split", 0, 5, { theme, lang });
    for (const key of ["q", "2", "Enter"]) {
      await page.keyboard.press(key);
      expect(await serious(page), key).toEqual([]);
    }
  });
}

test("nothing moves for those who want it so", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await openAt(page, "buddy-split", 0, 4);
  for (const key of ["q", "1", "Enter", "q", "Escape"]) {
    await page.keyboard.press(key);
    const long = await page.evaluate(() =>
      document.getAnimations().map((a) => a.effect.getComputedTiming().duration).filter((ms) => ms > 80),
    );
    expect(long, key).toEqual([]);
  }
});

test.describe("phone", () => {
  test.use(device("phone"));

  for (const lang of LANGUAGES) {
    test(`by touch, ${lang}`, async ({ page }) => {
      await openAt(page, "buddy-split", 0, 4, { lang });
      const button = page.locator(".sheet-bar .to-ask");
      const { width, height } = await button.boundingBox();
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(43.5);
      await button.tap();
      await expect(question(page)).toBeVisible();
      const small = await page.evaluate(() =>
        [...document.querySelectorAll(".ask .answer, .ask button")]
          .map((control) => control.getBoundingClientRect())
          .filter((box) => box.height < 43.5 || box.bottom > innerHeight + 0.5 || box.right > innerWidth),
      );
      expect(small).toEqual([]);
      await expect(page.locator(".sc-stage")).toBeInViewport();
      await choices(page).first().tap();
      await expect(choices(page).first().locator("input")).toBeChecked();
      await page.locator(".ask button[type=submit]").tap();
      await expect(answer(page)).toBeVisible();
      await expect.poll(() => ask(page, "global")).toBe(5);
      const across = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(across).toBe(0);
      // The next one, and skip it.
      await page.locator(".ask-buttons .btn.line").last().tap();
      await expect(question(page)).toBeVisible();
      await page.locator(".ask button[type=button]").first().tap();
      await expect(page.locator(".ask")).toHaveCount(0);
      await expect(page.locator(".z5 .step").last()).toBeVisible();
    });
  }

  test("a block of the picture by touch", async ({ page }) => {
    await openAt(page, "buddy-split", 0, 5);
    await page.keyboard.press("q");
    const target = page.locator('.sc-stage [data-id="candidate 3"]').first();
    await target.tap({ force: true });
    await expect(choices(page).nth(2).locator("input")).toBeChecked();
  });
});
