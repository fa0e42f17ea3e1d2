// The screen at its sizes: nothing scrolls the page, nothing is cut off, everything can be read from the last row.
import { LANGUAGES, SIZES, ask, device, open, openAt, press, seek, shown } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

// What is cut off: text that is wider or higher than the box it stands in, and text outside of the viewport.
function cutOff(selector) {
  const found = [];
  const name = (element) => `${element.tagName.toLowerCase()}.${[...element.classList].join(".")}`;
  for (const element of document.querySelectorAll(selector)) {
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    if (style.visibility === "hidden" || box.width <= 1 || element.closest(".sr-only, [hidden]")) continue;
    const hides = (overflow) => ["hidden", "clip"].includes(overflow) || (element.matches(".z4, .z4 *") && overflow !== "visible");
    if (hides(style.overflowX) && element.scrollWidth > element.clientWidth + 1)
      found.push(`${name(element)} is ${element.scrollWidth} wide in ${element.clientWidth}: ${element.textContent.slice(0, 40)}`);
    if (hides(style.overflowY) && element.scrollHeight > element.clientHeight + 2)
      found.push(`${name(element)} is ${element.scrollHeight} high in ${element.clientHeight}: ${element.textContent.slice(0, 40)}`);
  }
  return found;
}

// Boxes of visible text of its own, with the size of its letters in CSS pixels as they arrive on the screen.
function texts(within) {
  const out = [];
  for (const element of document.querySelector(within).querySelectorAll("*")) {
    const own = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!own.length || element.closest(".sr-only, title, [hidden], select, option")) continue;
    const style = getComputedStyle(element);
    const range = document.createRange();
    range.selectNodeContents(own[0]);
    const box = range.getBoundingClientRect();
    if (style.visibility === "hidden" || style.opacity === "0" || box.width < 1 || box.height < 1) continue;
    if (element.checkVisibility && !element.checkVisibility()) continue;
    let scale = 1;
    const svg = element.closest("svg");
    if (svg) scale = Math.abs(element.getScreenCTM?.()?.a ?? 1);
    // Some fonts have tall lines; what is seen of a line is about as high as its letters are large.
    const size = parseFloat(style.fontSize) * scale;
    const air = Math.max(0, (box.height - size * 1.25) / 2);
    out.push({
      text: own.map((node) => node.data.trim()).join(" ").slice(0, 40),
      size,
      where: `${element.tagName.toLowerCase()}.${(element.getAttribute("class") ?? "").replaceAll(" ", ".")}`,
      box: [box.left, box.top + air, box.right, box.bottom - air],
    });
  }
  return out;
}

// Labels of the picture, and icons of its buttons, that lie over each other.
async function coveredLabels(page) {
  const boxes = await page.evaluate(texts, ".stage-box");
  const buttons = await page.evaluate(() =>
    [...document.querySelectorAll(".stage-box button svg")]
      .filter((icon) => icon.checkVisibility())
      .map((icon) => [icon.getBoundingClientRect(), icon.closest("button").getAttribute("aria-label")])
      .map(([box, text]) => ({ text, where: "icon", box: [box.left, box.top, box.right, box.bottom] })),
  );
  const all = [...boxes, ...buttons];
  const over = (a, b) => {
    const across = Math.min(a.box[2], b.box[2]) - Math.max(a.box[0], b.box[0]);
    return across > 2 && Math.min(a.box[3], b.box[3]) - Math.max(a.box[1], b.box[1]) > 4;
  };
  return all.flatMap((a, at) =>
    all.slice(at + 1).filter((b) => over(a, b)).map((b) => `“${a.text}” (${a.where}) and “${b.text}” (${b.where})`),
  );
}

const MOMENTS = [["buddy-split", 0, 4], ["merge-chain", 1, 12], ["fragmentation", 4096, 3], ["article-buddyinfo", 3, 2], ["real-kernel", 30, 3]];

for (const size of Object.keys(SIZES)) {
  for (const lang of LANGUAGES) {
    test.describe(`${size}, ${lang}`, () => {
      test.use(device(size));
      const hints = { ...SIZES[size].hints, lang };

      test("nothing scrolls the page, nothing is cut off, no label covers another", async ({ page }) => {
        // On a phone a long title ends in dots.
        const whole = `.z4, .z4 *, .z1, .z1 .tools *, .z5, .z5 .count, .z5 .count *${size === "phone" ? "" : ", .z1 h1"}`;
        const [cut, covered] = [[], new Set()];
        for (const [builtin, op, step] of MOMENTS) {
          await openAt(page, builtin, op, step, hints);
          for (let i = 0; i < 8; i++) {
            const at = `${builtin} ${op}.${step}+${i}`;
            // The last two on the frame map.
            if (i === 6) {
              await page.keyboard.press("v");
              await page.locator(".fm").waitFor();
              await shown(page);
            }
            if (i === 0 || i === 6) {
              const sizes = await page.evaluate(() => {
                const { scrollWidth, scrollHeight } = document.documentElement;
                scrollTo(0, 1000);
                return { across: scrollWidth - innerWidth, down: scrollHeight - innerHeight, moved: scrollY };
              });
              expect.soft(sizes, at).toEqual({ across: 0, down: 0, moved: 0 });
            }
            cut.push(...(await page.evaluate(cutOff, whole)).map((line) => `${at}: ${line}`));
            for (const pair of await coveredLabels(page)) covered.add(`${at}: ${pair}`);
            await press(page, "ArrowRight");
          }
        }
        expect.soft(cut.slice(0, 25)).toEqual([]);
        expect.soft([...covered].slice(0, 25)).toEqual([]);
      });
    });
  }
}

test("what the controls of the panels show is not cut off", async ({ page }) => {
  await page.setViewportSize(SIZES.laptop.viewport);
  for (const lang of LANGUAGES) {
    await openAt(page, "buddy-split", 2, 2, { lang });
    await page.locator(".side-tabs button").nth(1).click();
    const cut = await page.locator(".z7 select").evaluateAll((selects) =>
      selects
        .filter((select) => {
          const style = getComputedStyle(select);
          const pen = document.createElement("canvas").getContext("2d");
          pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
          const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
          // The arrow takes its part.
          return pen.measureText(select.selectedOptions[0].text).width > room - 18;
        })
        .map((select) => `${select.className}: ${select.selectedOptions[0].text}`),
    );
    expect(cut).toEqual([]);
  }
});

// Whether the pyramid, if it is there, has been drawn for the room that it has: its ruler is 100 design pixels long.
function drawnForItsRoom() {
  const ruler = document.querySelector(".sc-ruler");
  return !ruler || Math.abs(document.querySelector(".sc").getScreenCTM().a * 100 - ruler.getBoundingClientRect().width) < 0.5;
}

// A projector fills the same wall with fewer pixels, so what has to be seen is a part of its height; letters of few pixels
// are larger all the same.
const LEAST_PX = 16.4;
const PROJECTORS = [[1920, 1080], [1280, 720], [1024, 768]];

test.describe("from the last row", () => {
  test.use(device("projector"));
  for (const lang of LANGUAGES) {
    test(`every text has at least 22 px of 1080, ${lang}`, async ({ page }) => {
      const small = new Set();
      for (const [builtin, op, step] of MOMENTS) {
        await openAt(page, builtin, op, step, { ...SIZES.projector.hints, lang });
        for (let i = 0; i < 9; i++) {
          const [width, height] = PROJECTORS[i % PROJECTORS.length];
          await page.setViewportSize({ width, height });
          await page.waitForFunction(drawnForItsRoom);
          const over = await page.evaluate(() => [document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]);
          expect(over, `${width} × ${height}`).toEqual([0, 0]);
          for (const { text, size, where } of await page.evaluate(texts, ".shell"))
            if (size < Math.max((21.9 * height) / 1080, LEAST_PX)) small.add(`${width} × ${height}: ${where} ${size.toFixed(1)} px: ${text}`);
          if (i === 5) await page.keyboard.press("v");
          await press(page, "ArrowRight");
        }
      }
      expect([...small].slice(0, 40)).toEqual([]);
    });

    test(`the narration has at least 34 px, ${lang}`, async ({ page }) => {
      await openAt(page, "buddy-split", 0, 4, { ...SIZES.projector.hints, lang });
      // What the lesson says is smaller than what happens.
      const sizes = (await page.evaluate(texts, ".z4 .row:not(.caption):not(.next)")).filter(({ where }) => /^(b|span\.why)/.test(where));
      expect(sizes.length).toBeGreaterThan(1);
      expect(sizes.filter(({ size }) => size < 33.9)).toEqual([]);
    });
  }
});

test("the card for crashes waits unseen", async ({ page }) => {
  await open(page);
  await expect(page.locator("#crash")).toBeHidden();
  await expect(page.locator("#cannot-run")).toBeHidden();
  await seek(page, 2);
  await shown(page);
  expect(await ask(page, "playing")).toBe(false);
});
