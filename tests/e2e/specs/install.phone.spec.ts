/** The app as something to install: installable, small, and quick to start without a network. */
import { expect, installed, measured, signIn, status, test } from "../kit/fixtures.ts";

const BUDGET_KB = 80;

test("can be installed", async ({ enter }) => {
  const page = await enter("li");
  await installed(page);
  const cdp = await page.context().newCDPSession(page);
  const { installabilityErrors } = await cdp.send("Page.getInstallabilityErrors");
  // A test's browser profile lives in memory, which Chromium counts as incognito; nothing else may be wrong.
  expect(installabilityErrors.filter((error) => error.errorId !== "in-incognito")).toEqual([]);
  const manifest = await cdp.send("Page.getAppManifest");
  expect(manifest.errors).toEqual([]);
  expect(JSON.parse(manifest.data ?? "{}")).toMatchObject({ display: "standalone", lang: "zh-CN" });
});

test.describe("the first load", () => {
  // What the page itself fetches; the service worker fetches the rest later, in the background.
  test.use({ serviceWorkers: "block" });

  for (const [login, view] of [
    ["li", "today"],
    ["zhou", "board"],
  ] as const) {
    test(`fits the budget up to ${view}`, async ({ page }) => {
      const cdp = await page.context().newCDPSession(page);
      await cdp.send("Network.enable");
      const scripts = new Set<string>();
      let bytes = 0;
      cdp.on("Network.responseReceived", ({ requestId, response }) => {
        if (!response.url.endsWith(".js")) return;
        scripts.add(requestId);
        expect.soft(response.headers["content-encoding"], response.url).toBe("br");
        if (response.url.includes("/assets/"))
          expect.soft(response.headers["cache-control"], response.url).toContain("immutable");
      });
      cdp.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
        if (scripts.has(requestId)) bytes += encodedDataLength;
      });
      await signIn(page, login);
      expect(page.url()).toContain(`#/${view}`);
      await expect(page.getByRole("heading", { level: 1 }).first()).toBeVisible();
      measured(`first load up to ${view}: ${(bytes / 1024).toFixed(1)} KB in ${scripts.size} scripts`);
      expect(scripts.size).toBeGreaterThan(0);
      expect(bytes).toBeLessThanOrEqual(BUDGET_KB * 1024);
    });
  }

  test("loses the network before all is here, and what stands stays", async ({ page, server }) => {
    await signIn(page, "li");
    await page.evaluate(() => void document.documentElement.setAttribute("data-same", ""));
    await server.stop();
    const main = page.getByRole("navigation", { name: "主导航" });
    await main.getByRole("link", { name: "我的班" }).click();
    await expect(page.getByText("页面没有加载成功")).toBeVisible();
    await main.getByRole("link", { name: "今天" }).click();
    await expect(page.getByRole("region", { name: /售前日班/ })).toBeVisible();

    await server.start();
    await main.getByRole("link", { name: "我的班" }).click();
    const week = page.getByRole("region", { name: "本周" });
    await expect(week).toBeVisible();
    await expect(page.locator("html[data-same]")).toHaveCount(1);
    // With its looks: the seven days are in one line.
    const days = week.getByRole("button");
    const lines = () =>
      days.evaluateAll((all) => new Set(all.map((day) => day.getBoundingClientRect().top)).size);
    await expect(days).toHaveCount(7);
    await expect.poll(lines).toBe(1);
  });
});

test("starts warm without a server on a slow phone", async ({ enter, server }) => {
  const page = await enter("li");
  await installed(page);
  await server.stop();
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  const took: number[] = [];
  for (let n = 0; n < 3; n++) {
    await page.reload({ waitUntil: "commit" });
    await page.waitForFunction(() => document.querySelector("main li button") !== null, null, {
      polling: "raf",
    });
    took.push(await page.evaluate(() => Math.round(performance.now())));
  }
  measured(`warm offline start to usable at 4x CPU slow-down: ${took.join(", ")} ms`);
  await expect(status(page)).toContainText("离线");
});
