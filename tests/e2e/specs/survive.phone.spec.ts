/** What may happen to a phone: a new version of the app, a week in a drawer, a browser that stores nothing. */
import { nextBuild } from "../kit/builds.ts";
import { expect, installed, signIn, status, test } from "../kit/fixtures.ts";
import { Today, told, untouched } from "../kit/today.ts";

const WEEK_MS = 7 * 86_400_000;

test("a new version of the app arrives while changes wait", async ({ enter, server }) => {
  const zhou = await server.as("zhou");
  const [first, second] = await untouched(await server.as("li"));
  const page = await enter("li");
  const today = new Today(page);
  await installed(page);
  const isNext = page.locator("html[data-build=next]");

  await server.stop();
  await today.press("开始", first.title);
  await today.note(second.title, "升级前写的");
  await expect(status(page)).toContainText("2 条修改仅在本机");
  // The server is back with another build, but its sync does not answer yet.
  await page.route("**/api/sync/**", (route) => route.fulfill({ status: 503, body: "" }));
  await server.deploy(await nextBuild());
  await page.reload();
  const update = page.getByRole("button", { name: "立即更新" });
  await expect(update).toBeVisible();
  await expect(isNext).toHaveCount(0);
  await update.click();
  await expect(isNext).toHaveCount(1);
  await expect(status(page)).toContainText("2 条修改仅在本机");
  await expect(today.row(first.title)).toContainText("进行中");

  await page.unroute("**/api/sync/**");
  await expect(status(page)).toContainText("已同步", { timeout: 30_000 });
  expect(await told(zhou, first.id)).toEqual(["box.start"]);
  expect(await told(zhou, second.id)).toEqual(["box.note"]);
  await expect(update).toHaveCount(0);
});

test("a phone that was away for a week", async ({ browser, server }) => {
  const [first] = await untouched(await server.as("li"));
  const context = await browser.newContext({ baseURL: server.url });
  const before = await context.newPage();
  await signIn(before, "li");
  await installed(before);
  await server.stop();
  await new Today(before).note(first.title, "放假前写的");
  await expect(status(before)).toContainText("1 条修改仅在本机");
  await before.close();

  const page = await context.newPage();
  await page.clock.install({ time: Date.now() + WEEK_MS });
  await page.goto("/");
  await expect(page.getByText("内容太久没有更新，已隐藏")).toBeVisible();
  await expect(page.getByText("1 条修改仅在本机").first()).toBeVisible();
  await expect(page.getByRole("main")).not.toContainText(first.title);

  await server.start({ now: "2026-03-10T09:05" });
  await page.getByRole("button", { name: "重试" }).click();
  await expect(page.getByRole("main")).toContainText("3月10日", { timeout: 30_000 });
  await expect(status(page)).toContainText("已同步");
  await expect(page.getByRole("heading", { name: "现在" })).toBeVisible();
  expect(await told(await server.as("zhou"), first.id)).toContain("box.note");
  await context.close();
});

test("a browser that refuses to store anything", async ({ browser, server }) => {
  const zhou = await server.as("zhou");
  const [first] = await untouched(await server.as("li"));
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  await page.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException("refused", "SecurityError");
    };
  });
  await page.goto("/");
  await page.getByRole("textbox", { name: "登录名" }).fill("li");
  await page.getByLabel(/^密码/).fill("dutyboard-demo");
  await page.getByRole("button", { name: "登录", exact: true }).click();

  await expect(page.getByRole("alert").filter({ hasText: "浏览器不让本应用保存数据" })).toBeVisible();
  await new Today(page).press("开始", first.title);
  await expect(new Today(page).row(first.title)).toContainText("进行中");
  await expect.poll(() => told(zhou, first.id)).toEqual(["box.start"]);
  // The server has it before its answer is here; until then it is rightly not called saved.
  await expect(status(page)).toContainText("未能存到本机");

  await server.stop();
  await new Today(page).press("完成", first.title);
  await expect(status(page)).toContainText("1 条修改还没有保存");
  await server.start();
  await expect(status(page)).toContainText("未能存到本机", { timeout: 30_000 });
  await expect.poll(() => told(zhou, first.id)).toEqual(["box.start", "box.finish"]);
  await context.close();
});
