// Requirement 5: no input is lost, however fast it comes.
import { ask, open, press } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

for (const motion of ["on", "off"]) {
  test(`thirty presses are thirty steps, motion ${motion}`, async ({ page }) => {
    await open(page, "", motion === "off" ? { motion } : {});
    await press(page, "ArrowRight", 30);
    expect(await ask(page, "global")).toBe(30);
    await press(page, "ArrowLeft", 30);
    expect(await ask(page, "global")).toBe(0);
  });
}

test("thirty presses within one frame are thirty steps", async ({ page }) => {
  await open(page);
  await page.evaluate(() => {
    for (let i = 0; i < 30; i++) document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
  });
  await expect.poll(() => ask(page, "global")).toBe(30);
  await expect(page.locator("[role=slider]")).toHaveAttribute("aria-valuenow", "30");
});

test("a key that is held steps at each repeat", async ({ page }) => {
  await open(page);
  for (let i = 0; i < 20; i++) await page.keyboard.down("ArrowRight");
  await page.keyboard.up("ArrowRight");
  await expect.poll(() => ask(page, "global")).toBe(20);
});

test("clicks during motion count", async ({ page }) => {
  await open(page);
  const forward = page.locator(".z5 .step").last();
  await forward.click({ clickCount: 9, delay: 0 });
  await expect.poll(() => ask(page, "global")).toBe(9);
});

test("keys and clicks mixed, and each picture is that of its moment", async ({ page }) => {
  await open(page);
  const forward = page.locator(".z5 .step").last();
  for (let i = 0; i < 6; i++) {
    await page.keyboard.press("ArrowRight");
    await forward.click();
    await page.keyboard.press("ArrowLeft");
  }
  expect(await ask(page, "global")).toBe(6);
  const after = await page.locator(".sc-stage svg").evaluate((svg) => svg.textContent);
  await open(page);
  await press(page, "ArrowRight", 6);
  expect(await page.locator(".sc-stage svg").evaluate((svg) => svg.textContent)).toBe(after);
});

test("a step stops time that runs", async ({ page }) => {
  await open(page);
  await page.keyboard.press("Space");
  await expect.poll(() => ask(page, "playing")).toBe(true);
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => ask(page, "playing")).toBe(false);
  const at = await ask(page, "global");
  await page.waitForTimeout(900);
  expect(await ask(page, "global")).toBe(at);
});

test("Space presses the button that has the focus, and nothing else", async ({ page }) => {
  await open(page);
  const forward = page.locator(".z5 .step").last();
  await forward.focus();
  await page.keyboard.press("Space");
  await expect.poll(() => ask(page, "global")).toBe(1);
  expect(await ask(page, "playing")).toBe(false);
});
