// What every spec starts from: a page that must stay silent and must not leave its own site.
import { test as base, expect } from "@playwright/test";

export { expect };

export const test = base.extend({
  // Problems of the page so far; a spec that provokes one on purpose empties the list.
  problems: async ({}, use) => {
    await use([]);
  },
  page: async ({ page, problems }, use) => {
    const own = new URL(process.env.MMSCOPE_URL).origin;
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) problems.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => problems.push(`exception: ${error}`));
    page.on("requestfailed", (request) => problems.push(`request failed: ${request.url()}`));
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (!["data:", "blob:", "about:"].includes(url.protocol) && url.origin !== own) problems.push(`left the site: ${url}`);
    });
    await use(page);
    expect(problems).toEqual([]);
  },
});
