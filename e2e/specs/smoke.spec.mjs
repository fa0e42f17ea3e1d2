// The harness itself: the built page loads, says nothing on the console and asks no other site.
import { expect, test } from "../fixtures.mjs";

test("the page starts", async ({ page }) => {
  const response = await page.goto("");
  expect(response.status()).toBe(200);
  await expect(page).toHaveTitle(/mmscope/);
  await expect(page.locator("body > *").first()).toBeVisible();
});

test("the page starts in a folder of a site", async ({ page }) => {
  await page.goto(process.env.MMSCOPE_SUBPATH_URL);
  await expect(page.locator("body > *").first()).toBeVisible();
});

test("no script or style is inline", async ({ page }) => {
  const text = await (await page.request.get("")).text();
  expect(text).toContain("default-src 'none'");
  expect(text).not.toContain("<style");
  for (const [, attributes, body] of text.matchAll(/<script([^>]*)>([^]*?)<\/script>/g)) {
    expect(attributes).toContain("src=");
    expect(body.trim()).toBe("");
  }
});
