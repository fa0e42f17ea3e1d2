// Requirement 12: the text twin, the voice, and what axe says.
import { LANGUAGES, SIZES, THEMES, ask, device, open, openAt, press, seek, serious } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

// Everything that can lie over the page or beside the stage. What comes next takes its place, or `leave` closes it.
const leave = (page) => page.keyboard.press("Escape");
const VIEWS = {
  "the stage as it opens": async () => {},
  "a selected block": async (page) => {
    await page.locator(".sc-stage").focus();
    await page.keyboard.press("Enter");
  },
  "the frame map": (page) => page.keyboard.press("v"),
  "the share dialog": (page) => page.keyboard.press("r"),
  "the text twin": async (page) => {
    await leave(page);
    await page.keyboard.press("t");
  },
  "the keys": async (page) => {
    await leave(page);
    await page.keyboard.press("?");
  },
  "the log": async (page) => {
    await leave(page);
    await page.locator(".side-tabs button").nth(3).click();
  },
  "/proc": async (page) => {
    await page.locator(".side-tabs button").nth(2).click();
    await page.locator("#paste").fill("Node 0, zone Normal 1 2 x\n");
  },
  "the scenario's text with an error": async (page) => {
    await page.locator(".side-tabs button").nth(1).click();
    await page.locator("#scenario-text").fill("ram 4M\nzone Normal\npcp off\na = alok order=3\n");
  },
  "whose rules": (page) => page.locator(".badge").click(),
  "the card of a broken link": async (page) => {
    await leave(page);
    await page.evaluate(() => (location.hash = "#0zNonsense.abcd"));
  },
};

for (const [at, theme] of THEMES.entries()) {
  for (const lang of [LANGUAGES[at % LANGUAGES.length]]) {
    test(`axe finds nothing serious: laptop, ${theme}, ${lang}`, async ({ page }) => {
      await page.setViewportSize(SIZES.laptop.viewport);
      const found = [];
      await openAt(page, "buddy-split", 2, 2, { theme, lang, motion: "off" });
      for (const [name, show] of Object.entries(VIEWS)) {
        await show(page);
        await page.waitForTimeout(60);
        found.push(...(await serious(page)).map((line) => `${name}: ${line}`));
      }
      expect(found).toEqual([]);
    });
  }
}

for (const size of ["projector", "phone"]) {
  test.describe(size, () => {
    test.use(device(size));
    test("axe finds nothing serious", async ({ page }) => {
      const found = [];
      for (const lang of LANGUAGES) {
        for (const stage of ["pyramid", "map"]) {
          await openAt(page, "buddy-split", 2, 2, { ...SIZES[size].hints, lang, motion: "off" });
          if (stage === "map") await page.keyboard.press("v");
          await page.waitForTimeout(60);
          found.push(...(await serious(page)).map((line) => `${lang}, ${stage}: ${line}`));
        }
      }
      expect(found).toEqual([]);
    });
  });
}

// The counts of a /proc/buddyinfo text, by zone.
function counts(buddyinfo) {
  const rows = buddyinfo.trim().split("\n").map((row) => row.match(/^Node (\d+), zone +(\S+) +(.*)$/));
  return Object.fromEntries(rows.map(([, , zone, numbers]) => [zone, numbers.trim().split(/ +/).map(Number)]));
}

test.describe("the text twin", () => {
  for (const lang of LANGUAGES) {
    test(`tells the same numbers as the machine, ${lang}`, async ({ page }) => {
      for (const [builtin, op, step] of [["buddy-split", 5, 7], ["merge-chain", 1, 6], ["article-buddyinfo", 4, 1]]) {
        await openAt(page, builtin, op, step, { lang });
        const machine = counts(await ask(page, "buddyinfo"));
        await page.keyboard.press("t");
        const dialog = page.locator("dialog.twin");
        await expect(dialog).toBeVisible();
        const tables = await dialog.locator("table").evaluateAll((tables) =>
          tables.map((table) => ({
            caption: table.caption.textContent,
            rows: [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent)),
          })),
        );
        const all = tables.map(({ rows }) => rows.map((row) => row.join(" ")).join("\n")).join("\n");
        for (const [zone, orders] of Object.entries(machine)) {
          const plain = (cell) => Number(cell.replaceAll(",", ""));
          const [blocks] = tables;
          const sum = blocks.rows.findLast((cells) => cells[0] === zone);
          const found = orders.every((n, order) => plain(sum[2 + order]) === n);
          expect(found, `${builtin} ${zone} ${orders}\n${tables.map((t) => t.caption).join(" | ")}\n${all}`).toBe(true);
        }
        await page.keyboard.press("Escape");
        await expect(dialog).toBeHidden();
      }
    });
  }
});

test("the voice speaks once for each step, and not while time runs", async ({ page }) => {
  await open(page);
  await page.evaluate(() => {
    window.__said = [];
    const voice = document.querySelector(".z4 [role=status]");
    new MutationObserver(() => window.__said.push(voice.textContent)).observe(voice, {
      childList: true,
      characterData: true,
      subtree: true,
    });
  });
  const said = () => page.evaluate(() => window.__said.length);
  for (let i = 1; i <= 12; i++) {
    await press(page, i % 5 === 0 ? "ArrowLeft" : "ArrowRight");
    expect(await said()).toBe(i);
  }
  await page.keyboard.press("v");
  await page.waitForTimeout(200);
  expect(await said(), "a change of the picture is no step").toBe(12);
  await page.keyboard.press("Space");
  await page.waitForTimeout(1700);
  expect(await said(), "while time runs").toBe(12);
  await page.keyboard.press("Space");
  await expect.poll(said, "when it stops").toBe(13);
});

test("400 % zoom: usable without scrolling sideways", async ({ page }) => {
  // 1280 × 1024 at 400 %.
  await page.setViewportSize({ width: 320, height: 256 });
  for (const lang of LANGUAGES) {
    await openAt(page, "buddy-split", 0, 4, { lang });
    const across = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(across, lang).toBe(0);
    const steps = page.locator(".z5 .step");
    await steps.last().click();
    expect((await ask(page, "cursor")).join(".")).toBe("0.5");
    await expect(page.locator(".z4 b")).toBeInViewport();
  }
});

test("forced colours: every text is there and stands out", async ({ page }) => {
  await page.emulateMedia({ forcedColors: "active" });
  for (const [builtin, op, step] of [["buddy-split", 0, 4], ["fragmentation", 4096, 3]]) {
    await openAt(page, builtin, op, step);
    for (const _stage of ["pyramid", "map"]) {
      const gone = await page.evaluate(() => {
        const same = [];
        for (const element of document.querySelectorAll(".shell *")) {
          const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
          if (!own || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
          const style = getComputedStyle(element);
          const ink = element instanceof SVGElement ? style.fill : style.color;
          let ground = element;
          while (ground && ["rgba(0, 0, 0, 0)", "transparent"].includes(getComputedStyle(ground).backgroundColor))
            ground = ground.parentElement;
          const paper = ground ? getComputedStyle(ground).backgroundColor : "rgb(255, 255, 255)";
          if (ink === paper) same.push(`${element.tagName}.${element.getAttribute("class")}: ${element.textContent.slice(0, 30)}`);
        }
        return same;
      });
      expect(gone).toEqual([]);
      await page.keyboard.press("v");
    }
  }
});

test("the picture has a name, and the slider says the moment", async ({ page }) => {
  await open(page);
  await seek(page, 0, 4);
  await expect(page.locator(".sc-stage")).toHaveAttribute("aria-label", /\S{3,}/);
  await expect(page.locator("[role=slider]")).toHaveAttribute("aria-valuetext", /4.*99/);
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await page.keyboard.press("l");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
});
