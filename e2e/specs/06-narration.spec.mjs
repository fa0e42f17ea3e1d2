// Requirement 6: every step has one sentence in both languages, about things that can be seen.
import { LANGUAGES, SIZES, SMALL, ask, open, openAt } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

const MOST = { en: 140, zh: 70 };

// Walks through all moments, and tells for each what is said and what the picture shows.
async function tour(page) {
  return page.evaluate(async () => {
    const turn = () => new Promise((resolve) => setTimeout(resolve));
    const out = [];
    for (let global = 0; ; global++) {
      const slider = document.querySelector("[role=slider]");
      while (slider.getAttribute("aria-valuenow") !== String(global)) await turn();
      const of = (row) => document.querySelector(row)?.querySelector("p");
      const did = of(".z4 .row:not(.next):not(.caption)");
      out.push({
        at: window.__mm.cursor().join("."),
        told: window.__mm.narration(),
        did: did?.querySelector("b").textContent ?? "",
        why: did?.querySelector(".why")?.textContent ?? "",
        next: of(".z4 .next")?.textContent ?? "",
        picture: [
          ...[...document.querySelectorAll(".stage-box text")].map((text) => text.textContent),
          ...[...document.querySelectorAll(".stage-box [data-id]")].map((item) => item.dataset.id),
        ].join(" | "),
      });
      if (global >= window.__mm.total()) return out;
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
    }
  });
}

// The first frames of the blocks that a sentence names: "frames 512–767", "frame 0", "512–767 号页框", "0 号页框".
function frames(sentence) {
  const out = new Set();
  for (const [, from] of sentence.matchAll(/(?<![\d.,])([\d,]+)–[\d,]+(?![\d.])/g)) out.add(from);
  for (const [, pfn] of sentence.matchAll(/\bframe ([\d,]*\d)/g)) out.add(pfn);
  for (const [, pfn] of sentence.matchAll(/(?<![–\d,])([\d,]+) ?号页框/g)) out.add(pfn);
  return [...out];
}

for (const builtin of SMALL) {
  for (const lang of LANGUAGES) {
    test(`each step of ${builtin} is told, ${lang}`, async ({ page }) => {
      await page.setViewportSize(SIZES.laptop.viewport);
      await open(page, `#0/${builtin}`, { lang, motion: "off" });
      const all = await tour(page);
      expect(all.length).toBe((await ask(page, "total")) + 1);
      const wrong = [];
      for (const { at, told, did, why, next, picture } of all) {
        const plain = (text) => text.replace(/(?<=\d),(?=\d{3})/g, "");
        const say = (what) => wrong.push(`${at} ${what}`);
        if (!did.trim()) say("says nothing");
        const whole = `${did} ${why}`.trim();
        if ([...whole].length > MOST[lang]) say(`is ${[...whole].length} long: ${whole}`);
        if (!told[0].startsWith(did.trim().slice(0, 20))) say(`tells “${told[0]}” and shows “${did}”`);
        if (at !== all.at(-1).at && !next.trim()) say("does not say what comes next");
        if (/\{|\}|undefined|NaN|null|::|\bMsg\b/.test(whole + next)) say(`has something raw: ${whole} / ${next}`);
        if (lang === "zh" && !/\p{Script=Han}/u.test(did)) say(`is not Chinese: ${did}`);
        if (lang === "en" && /\p{Script=Han}/u.test(whole + next)) say(`is not English: ${whole} / ${next}`);
        const named = frames(plain(did));
        const seen = (pfn) => new RegExp(`(?<![\\d,])${pfn}(?![\\d])`).test(plain(picture));
        if (named.length && !named.some(seen)) say(`names ${named}, the picture none of them: ${did}`);
      }
      expect(wrong).toEqual([]);
    });
  }
}

test("the picture shows the zone that the sentence names", async ({ page }) => {
  await page.setViewportSize(SIZES.laptop.viewport);
  for (const [builtin, op] of [["real-kernel", 30], ["article-buddyinfo", 3]]) {
    for (let step = 1; step < 5; step++) {
      await openAt(page, builtin, op, step);
      const [did] = await ask(page, "narration");
      const named = did.match(/\b(DMA32|DMA|Normal)\b/)?.[0];
      if (named) await expect(page.locator(".sc"), did).toContainText(`zone ${named}`);
    }
  }
});
