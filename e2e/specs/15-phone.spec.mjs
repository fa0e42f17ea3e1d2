// Requirement 15: everything works by touch on a phone.
import { LANGUAGES, ask, device, open, openAt, press, shown } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

test.use({ ...device("phone"), permissions: ["clipboard-read", "clipboard-write"] });

test("step by touch", async ({ page }) => {
  await open(page);
  const [back, forward] = [page.locator(".z5 .step").first(), page.locator(".z5 .step").last()];
  for (let i = 0; i < 5; i++) await forward.tap();
  await expect.poll(() => ask(page, "global")).toBe(5);
  await back.tap();
  await expect.poll(() => ask(page, "global")).toBe(4);
  await page.locator(".z5 .play").tap();
  await expect.poll(() => ask(page, "playing")).toBe(true);
  await page.locator(".z5 .play").tap();
  await expect.poll(() => ask(page, "playing")).toBe(false);
});

test("scrub by touch", async ({ page }) => {
  await open(page);
  const { x, y, width, height } = await page.locator("[role=slider]").boundingBox();
  expect(height).toBeGreaterThanOrEqual(44);
  const client = await page.context().newCDPSession(page);
  const touch = (type, at) => client.send("Input.dispatchTouchEvent", { type, touchPoints: at === null ? [] : [{ x: at, y: y + 8 }] });
  const seen = new Set();
  await touch("touchStart", x + 4);
  for (let i = 1; i <= 25; i++) {
    await touch("touchMove", x + 4 + ((width - 8) * i) / 25);
    seen.add(await ask(page, "global"));
  }
  await touch("touchEnd", null);
  expect(seen.size).toBeGreaterThanOrEqual(15);
  expect(await ask(page, "global")).toBeGreaterThan(90);
});

test("select by touch, and see what it is", async ({ page }) => {
  await openAt(page, "buddy-split", 1, 0);
  await page.locator(".sc-stage [data-hit]").last().tap({ force: true });
  const block = page.locator(".sc-stage [data-hit]").first();
  await block.tap({ force: true });
  await page.locator(".sheet-bar .tab").nth(1).tap();
  await expect(page.locator(".z3 h3")).toBeVisible();
  await expect(page.locator(".z3 h3")).not.toContainText("Nothing is selected");
});

test("share by touch", async ({ page }) => {
  await openAt(page, "buddy-split", 1, 2);
  await page.locator(".z1 .tools button").first().tap();
  await expect(page.locator("dialog")).toBeVisible();
  await page.locator("dialog .btn.solid").tap();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain(await ask(page, "fragment"));
  await page.locator("dialog .head button").tap();
  await expect(page.locator("dialog")).toHaveCount(0);
});

test("the menu by touch: language, picture, /proc", async ({ page }) => {
  await open(page);
  const choose = async (at) => {
    await page.locator(".more").tap();
    await page.locator("#more button").nth(at).tap();
  };
  await choose(1);
  await expect(page.locator(".fm")).toBeVisible();
  await choose(0);
  await expect(page.locator(".sc-stage")).toBeVisible();
  const names = await page.locator("#more button").allTextContents();
  await choose(names.findIndex((name) => name.includes("/proc")));
  await expect(page.locator("pre.proc")).toBeVisible();
  await choose(names.findIndex((name) => name.includes("中文")));
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
});

for (const lang of LANGUAGES) {
  test(`the sheet's tabs show their panels, ${lang}`, async ({ page }) => {
    await openAt(page, "buddy-split", 1, 2, { lang });
    const panels = [".story .beat", ".z3 h3", "#scenario-text", ".log-entry"];
    for (const [at, panel] of panels.entries()) {
      const tab = page.locator(".sheet-bar .tab").nth(at);
      await tab.tap();
      if (!(await page.locator(panel).first().isVisible())) await tab.tap();
      await expect(page.locator(panel).first()).toBeInViewport();
      await expect(tab).toHaveAttribute("aria-pressed", "true");
      const across = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(across).toBe(0);
    }
    const heights = new Set();
    for (let i = 0; i < 3; i++) {
      await page.locator(".grip").tap();
      await page.waitForTimeout(350);
      heights.add(Math.round((await page.locator(".sheet-bar").boundingBox()).y));
    }
    expect(heights.size).toBe(3);
  });

  test(`targets are large enough for a finger, ${lang}`, async ({ page }) => {
    const small = new Set();
    const look = async (where) => {
      const found = await page.evaluate(() => {
        const out = [];
        const top = document.querySelector("dialog[open]") ?? document.querySelector("[popover]:popover-open") ?? document;
        for (const control of top.querySelectorAll("button, select, input:not([type=radio], [type=checkbox]), label:has(input), [role=slider]")) {
          const box = control.getBoundingClientRect();
          if (!control.checkVisibility({ visibilityProperty: true }) || box.bottom < 0 || box.top > innerHeight || control.closest(".skip")) continue;
          // The tabs do what the grip does, and the scrubber what the typed step does.
          if (control.matches(".grip, .goto")) continue;
          // What a finger next to it still hits counts.
          const reach = (x, y) => {
            const hit = document.elementFromPoint(x, y);
            return hit && (control.contains(hit) || hit.contains(control) === false && hit.closest("button, label, [role=slider]") === control);
          };
          const [cx, cy] = [box.left + box.width / 2, box.top + box.height / 2];
          if (!reach(cx, cy)) continue;
          let [w, h] = [box.width, box.height];
          const pseudo = ["::before", "::after"].map((which) => getComputedStyle(control, which)).filter((style) => style.content !== "none" && style.position === "absolute");
          for (const style of pseudo) [w, h] = [Math.max(w, parseFloat(style.width) || 0), Math.max(h, parseFloat(style.height) || 0)];
          if (w < 43.5 || h < 43.5)
            out.push(`${control.tagName}.${control.className}“${control.getAttribute("aria-label") ?? control.textContent.slice(0, 20)}” ${Math.round(w)}×${Math.round(h)}`);
        }
        return out;
      });
      for (const line of found) small.add(`${where}: ${line}`);
    };
    await openAt(page, "buddy-split", 1, 2, { lang });
    await look("page");
    for (const at of [0, 1, 2, 3]) {
      await page.locator(".sheet-bar .tab").nth(at).tap();
      if (at === 0) await page.locator(".grip").tap();
      await page.waitForTimeout(300);
      await look(`sheet ${at}`);
    }
    await open(page, "#0/buddy-split", { lang });
    await page.keyboard.press("v");
    await look("map");
    await page.locator(".more").tap();
    await look("menu");
    await page.keyboard.press("Escape");
    for (const key of ["r", "?", "t"]) {
      await page.keyboard.press(key);
      await look(`dialog ${key}`);
      await page.keyboard.press("Escape");
    }
    expect([...small]).toEqual([]);
  });
}

test("no control lies on another", async ({ page }) => {
  const found = [];
  const look = async (where) => {
    const pairs = await page.evaluate(() => {
      const controls = [...document.querySelectorAll("button, select, [role=slider]")].filter(
        (control) => control.checkVisibility({ visibilityProperty: true }) && !control.matches(".skip, [role=slider] *"),
      );
      const boxes = controls.map((control) => [control.getAttribute("aria-label") ?? control.textContent, control.getBoundingClientRect()]);
      return boxes.flatMap(([a, one], at) =>
        boxes
          .slice(at + 1)
          .filter(([, other]) => Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1)
          .filter(([, other]) => Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1)
          .map(([b]) => `${a} and ${b}`),
      );
    });
    found.push(...pairs.map((pair) => `${where}: ${pair}`));
  };
  for (const width of [390, 360]) {
    await page.setViewportSize({ width, height: 664 });
    await openAt(page, "real-kernel", 30, 3, { lang: "zh" });
    await look(`pyramid ${width}`);
    await press(page, "v");
    for (const pane of [0, 1, 2]) {
      await page.locator(".fm-pane-button").nth(pane).tap();
      await look(`map ${width}, pane ${pane}`);
    }
  }
  expect(found).toEqual([]);
});

test("landscape needs no scrolling", async ({ page }) => {
  await page.setViewportSize({ width: 664, height: 340 });
  await openAt(page, "buddy-split", 1, 2);
  const over = await page.evaluate(() => [document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]);
  expect(over).toEqual([0, 0]);
  await page.locator(".z5 .step").last().tap();
  await shown(page);
  await expect(page.locator(".z4 b")).toBeInViewport();
});
