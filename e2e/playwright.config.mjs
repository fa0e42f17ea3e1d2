// How the specs run: the system's Chromium against the address that `cargo xtask` serves.
import { defineConfig } from "@playwright/test";

if (!process.env.MMSCOPE_URL) {
  throw new Error("MMSCOPE_URL is not set: run the specs with `cargo xtask e2e` or `cargo xtask test e2e`");
}

// Needed as root and in containers; the rest keeps the browser from calling home.
export const chromiumArgs = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export default defineConfig({
  testDir: "specs",
  testMatch: "**/*.spec.mjs",
  outputDir: "out/results",
  // Three times what the longest takes: the machines that run them differ as much.
  timeout: 120_000,
  expect: { timeout: 10_000 },
  retries: 0,
  workers: 2,
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  use: {
    baseURL: process.env.MMSCOPE_URL,
    browserName: "chromium",
    launchOptions: { executablePath: process.env.MMSCOPE_CHROMIUM, args: chromiumArgs },
    screenshot: "only-on-failure",
  },
});
