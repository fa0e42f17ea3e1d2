// Requirement 10: everything by keyboard, a lesson by a clicker, and no key where people type.
import { ask, open, openAt, press, ready } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

test("a clicker runs through a lesson and back", async ({ page }) => {
  await open(page, "", { present: 1 });
  const total = await ask(page, "total");
  await press(page, "PageDown", total);
  expect(await ask(page, "global")).toBe(total);
  await press(page, "PageDown", 3);
  expect(await ask(page, "global")).toBe(total);
  await press(page, "PageUp", total + 1);
  expect(await ask(page, "global")).toBe(0);
});

test("each key does what the table says", async ({ page }) => {
  await open(page);
  const cursor = async () => (await ask(page, "cursor")).join(".");
  await press(page, "Shift+ArrowRight");
  expect(await cursor()).toBe("1.0");
  await press(page, "ArrowRight", 2);
  await press(page, "Shift+ArrowLeft");
  expect(["0.0", "1.0"]).toContain(await cursor());
  await press(page, "End");
  expect(await ask(page, "global")).toBe(await ask(page, "total"));
  await press(page, "5");
  expect(await ask(page, "global")).toBe(49);
  await press(page, "Home");
  expect(await cursor()).toBe("0.0");
  await press(page, "v");
  await expect(page.locator(".fm")).toBeVisible();
  const tabs = ["Per-CPU", "Zones", "Pageblocks", "Fragments", "Objects", "vmalloc", "Faults", "Page walk", "Hierarchy"];
  for (const name of [...tabs, "OOM", "Segments", "Reclaim", "Nodes", "Compaction", "CMA", "DMA", "Huge", "Buddy"]) {
    await press(page, "v");
    await expect(page.getByRole("button", { name, exact: true })).toHaveAttribute("aria-current", "true");
  }
  await expect(page.locator(".sc-stage")).toBeVisible();
  await press(page, "k");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await press(page, "l");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await press(page, "p");
  await expect(page.locator("html")).toHaveAttribute("data-form", "present");
  await press(page, "Escape");
  await expect(page.locator("html")).toHaveAttribute("data-form", "page");
  const speed = () => page.locator(".speed output").textContent();
  const before = await speed();
  await press(page, "+");
  expect(await speed()).not.toBe(before);
  await press(page, "-");
  expect(await speed()).toBe(before);
});

test("Tab reaches every control, in a circle", async ({ page }) => {
  await page.setViewportSize({ width: 1366, height: 625 });
  for (const panel of [0, 1, 2, 3]) {
    await openAt(page, "buddy-split", 2, 2);
    await page.locator(".side-tabs button").nth(panel).click();
    await page.locator(".sc-stage").focus();
    await page.keyboard.press("Enter");
    const wanted = await page.evaluate(() => {
      document.activeElement.blur();
      const controls = [...document.querySelectorAll("button, input, select, textarea, [tabindex='0'], a[href]")];
      const there = controls.filter(
        (control) => !control.matches(":disabled, fieldset:disabled *, [tabindex='-1']") && control.checkVisibility({ visibilityProperty: true }),
      );
      there.forEach((control, at) => control.setAttribute("data-test-at", at));
      return there.map((control) => `${control.tagName}.${control.className} ${control.getAttribute("aria-label") ?? control.textContent.slice(0, 30)}`);
    });
    const reached = new Set();
    for (let i = 0; i < wanted.length + 8; i++) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => document.activeElement.getAttribute("data-test-at"));
      if (at !== null) reached.add(Number(at));
    }
    expect(wanted.filter((_, at) => !reached.has(at)), `panel ${panel}`).toEqual([]);
  }
});

test("the focus can be seen on every control", async ({ page }) => {
  await page.setViewportSize({ width: 1366, height: 625 });
  await open(page);
  const unseen = [];
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === document.body) return null;
      const look = (of, pseudo) => {
        const style = getComputedStyle(of, pseudo);
        return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
      };
      const seen = look(element) || look(element, "::before") || look(element, "::after") || [...element.querySelectorAll("*")].some((child) => look(child));
      return seen ? null : `${element.tagName}.${element.className}`;
    });
    if (found) unseen.push(found);
  }
  expect(unseen).toEqual([]);
});

test("? lists the keys, and Escape closes the list", async ({ page }) => {
  for (const lang of ["en", "zh"]) {
    await open(page, "", { lang });
    await page.keyboard.press("?");
    await expect(page.locator("dialog kbd").first()).toBeVisible();
    const keys = await page.locator("dialog kbd").allTextContents();
    for (const key of ["→", "Space", "Home", "]", ".", "T", "C", "R", "P", "V", "?"]) expect(keys.join(" ")).toContain(key);
    await page.keyboard.press("Escape");
    await expect(page.locator("dialog")).toHaveCount(0);
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => ask(page, "global")).toBe(1);
  }
});

test("the keys that toggle a dialog also close it", async ({ page }) => {
  await open(page);
  for (const key of ["?", "t"]) {
    await page.keyboard.press(key);
    await expect(page.locator("dialog")).toBeVisible();
    await page.keyboard.press(key);
    await expect(page.locator("dialog")).toHaveCount(0);
  }
});

test("single keys can be switched off, by the address and in the help", async ({ page }) => {
  await open(page, "", { keys: "off" });
  for (const key of ["c", "v", "l", "k", "p", "t", "r", "?", "5", "]", " "]) await page.keyboard.press(key);
  expect(await ask(page, "global")).toBe(0);
  expect(await ask(page, "playing")).toBe(false);
  await expect(page.locator("dialog")).toHaveCount(0);
  await expect(page.locator(".sc-stage")).toBeVisible();
  await press(page, "PageDown", 2);
  expect(await ask(page, "global")).toBe(2);
  await page.getByRole("button", { name: "Keys and help" }).click();
  const single = page.locator("dialog input[type=checkbox]").first();
  await expect(single).not.toBeChecked();
  await single.check();
  await page.keyboard.press("Escape");
  await press(page, "v");
  await expect(page.locator(".fm")).toBeVisible();
  await page.reload();
  await ready(page);
});

test("no key of the page works where people type", async ({ page }) => {
  await open(page);
  await page.locator(".side-tabs button").nth(1).click();
  const area = page.locator("#scenario-text");
  await area.focus();
  const before = await ask(page, "text");
  await page.keyboard.press("Control+End");
  await page.keyboard.type("# c v l k 5 ]");
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("PageUp");
  expect(await ask(page, "global")).toBe(0);
  expect(await ask(page, "text")).toBe(`${before}# c v l k 5 ]`);
  await expect(page.locator(".sc-stage")).toBeVisible();
  const input = page.locator(".goto");
  await input.fill("12");
  await page.keyboard.press("ArrowLeft");
  expect(await ask(page, "global")).toBe(0);
  await page.keyboard.press("Enter");
  await expect.poll(() => ask(page, "global")).toBe(12);
  await input.fill("3.1");
  await page.keyboard.press("Enter");
  await expect.poll(async () => (await ask(page, "cursor")).join(".")).toBe("3.1");
});

test("no key works while Chinese is being composed", async ({ page }) => {
  await open(page);
  await page.evaluate(() => {
    for (const key of ["ArrowRight", "c", " ", "5"])
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, isComposing: true }));
  });
  await page.waitForTimeout(50);
  expect(await ask(page, "global")).toBe(0);
  expect(await ask(page, "playing")).toBe(false);
});

test("the browser keeps its own keys", async ({ page }) => {
  await open(page);
  const taken = await page.evaluate(() => {
    const press = (key, more = {}) => {
      const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
      document.body.dispatchEvent(event);
      return event.defaultPrevented;
    };
    return [press("F5"), press("Tab"), press("c", { ctrlKey: true }), press("r", { ctrlKey: true }), press("l", { metaKey: true }), press("ArrowLeft", { altKey: true })];
  });
  expect(taken).toEqual([false, false, false, false, false, false]);
});
