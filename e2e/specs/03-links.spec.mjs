// Requirement 3: a link opens as what was sent, or the page says that it cannot.
import { ask, moment, open, openAt, random, ready, seek, shown, write } from "../app.mjs";
import { expect, test } from "../fixtures.mjs";

const CARD = "dialog.error-card";

// A text of one's own, so that its link is packed.
const OWN = 'title "Own" zh "自己的"\nram 4M\nzone Normal\npcp off\na = alloc order=3 movable\nb = alloc order=0 anon\nfree a\n';

async function ownFragment(page) {
  await open(page);
  await write(page, OWN);
  await seek(page, 1, 2);
  const fragment = await ask(page, "fragment");
  expect(fragment).toMatch(/^#0z/);
  return fragment;
}

async function builtinFragment(page) {
  await openAt(page, "buddy-split", 1, 3);
  return ask(page, "fragment");
}

// Follows a link inside an open page. Gives what came of it: opened as sent, refused, or a lie.
async function follow(page, fragment, sent) {
  await page.evaluate((fragment) => {
    location.hash = fragment;
  }, fragment);
  return page.evaluate(
    async ([card, sent]) => {
      for (let patience = 200; patience > 0; patience--) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (document.querySelector(card)?.open) return "refused";
        if (window.__mm.cursor().join(".") === sent.cursor && window.__mm.hash() === sent.hash) return "opened";
      }
      return `neither: ${window.__mm.cursor()}, ${window.__mm.text().slice(0, 60)}`;
    },
    [CARD, sent],
  );
}

async function followAll(page, sent, mutants) {
  const lies = [];
  let opened = 0;
  await open(page, "#0/merge-chain");
  for (const mutant of mutants) {
    // From another scenario each time, so that staying there is not mistaken for opening.
    await page.evaluate(() => {
      document.querySelector("dialog.error-card .head button")?.click();
      location.hash = "#0/merge-chain";
    });
    await page.waitForFunction(() => window.__mm.text().includes("ten merges"));
    const outcome = await follow(page, mutant, sent);
    if (outcome === "opened") opened += 1;
    else if (outcome !== "refused") lies.push(`${mutant} → ${outcome}`);
  }
  return { lies, opened };
}

for (const [name, make] of [["built-in", builtinFragment], ["own text", ownFragment]]) {
  test.describe(`links never lie: ${name}`, () => {
    test("cut anywhere", async ({ page }) => {
      const fragment = await make(page);
      const sent = await moment(page);
      const cuts = Array.from({ length: fragment.length - 2 }, (_, i) => fragment.slice(0, fragment.length - 1 - i));
      const step = Math.max(1, Math.floor(cuts.length / 60));
      const { lies, opened } = await followAll(page, sent, cuts.filter((_, i) => i < 8 || i % step === 0));
      expect(lies).toEqual([]);
      expect(opened).toBe(0);
    });

    test("flipped characters", async ({ page }) => {
      const fragment = await make(page);
      const sent = await moment(page);
      const roll = random(3);
      const letters = "ABCdef019-_";
      const mutants = Array.from({ length: 60 }, () => {
        const at = 1 + roll(fragment.length - 1);
        const to = [...letters].filter((letter) => letter !== fragment[at])[roll(letters.length - 1)];
        return fragment.slice(0, at) + to + fragment.slice(at + 1);
      });
      const { lies } = await followAll(page, sent, mutants);
      expect(lies).toEqual([]);
    });

    test("what chat programs do to links is undone", async ({ page }) => {
      const fragment = await make(page);
      const sent = await moment(page);
      const kind = {
        ...Object.fromEntries(["。", ")", ".", "，", "）", "」", "%20", "%0A"].map((tail) => [`+ ${tail}`, fragment + tail])),
        percent: `#${encodeURIComponent(fragment.slice(1))}`,
        "percent twice": `#${encodeURIComponent(encodeURIComponent(fragment.slice(1)))}`,
        "plus and slash": fragment.startsWith("#0z") ? fragment.replaceAll("-", "+").replaceAll("_", "/") : fragment,
        "plus as %2B": fragment.startsWith("#0z") ? fragment.replaceAll("-", "%2B").replaceAll("_", "%2F") : fragment,
      };
      const { lies, opened } = await followAll(page, sent, Object.values(kind));
      expect(lies).toEqual([]);
      expect(opened).toBe(Object.keys(kind).length);
    });

    test("a tracker in the query changes nothing", async ({ page }) => {
      const fragment = await make(page);
      const sent = await moment(page);
      await open(page, fragment, { from: "singlemessage", isappinstalled: 0 });
      expect((await moment(page)).hash).toBe(sent.hash);
      expect((await moment(page)).cursor).toBe(sent.cursor);
    });

    test("a newer version is named", async ({ page }) => {
      const fragment = await make(page);
      await open(page, fragment.replace("#0", "#7"));
      await expect(page.locator(CARD)).toBeVisible();
      await expect(page.locator(CARD)).toContainText(/newer/i);
    });
  });
}

test.describe("the card of a broken link", () => {
  test("says it on a fresh load, in both languages", async ({ page }) => {
    for (const [lang, word] of [["en", "Nothing was opened"], ["zh", "没有打开别的内容"]]) {
      await open(page, "#0.QWnB/buddy-split@0.", { lang });
      await expect(page.locator(CARD)).toBeVisible();
      await expect(page.locator(CARD)).toContainText(word);
    }
  });

  test("opens the part that survived", async ({ page }) => {
    await open(page, "#0.XXXX/fragmentation@3.1");
    await page.locator(CARD).locator(".btn.solid").click();
    await expect(page.locator(CARD)).toBeHidden();
    expect(await ask(page, "text")).toContain("Half of memory is free");
    await expect(page.locator("h1")).toContainText("Half of memory is free");
  });

  test("takes the full link", async ({ page }) => {
    await openAt(page, "merge-chain", 1, 2);
    const fragment = await ask(page, "fragment");
    await open(page, "#0.XXXX/fragm");
    await page.locator("#full-link").fill(`look: ${page.url().split("#")[0]}${fragment} `);
    await page.locator(CARD).getByRole("button", { name: "Open", exact: true }).click();
    await expect(page.locator(CARD)).toBeHidden();
    await shown(page);
    expect(await ask(page, "text")).toContain("ten merges");
    expect((await ask(page, "cursor")).join(".")).toBe("1.2");
  });

  test("keeps what is open", async ({ page }) => {
    await openAt(page, "merge-chain", 1, 2);
    const before = await moment(page);
    await page.evaluate(() => (location.hash = "#0zNonsense.abcd"));
    await expect(page.locator(CARD)).toBeVisible();
    await page.locator(CARD).getByRole("button", { name: "Stay here" }).click();
    await expect(page.locator(CARD)).toBeHidden();
    expect(await moment(page)).toEqual(before);
  });

  test("is closed by Escape, and the keys work again", async ({ page }) => {
    await open(page, "#0zNonsense.abcd");
    await page.keyboard.press("Escape");
    await expect(page.locator(CARD)).toBeHidden();
    await page.keyboard.press("ArrowRight");
    await ready(page);
    expect(await ask(page, "global")).toBe(1);
  });

  test("keys do not move anything under it", async ({ page }) => {
    await open(page, "#0zNonsense.abcd");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("PageDown");
    expect(await ask(page, "global")).toBe(0);
  });
});
