/** A supervisor lists whom to greet for a campaign; agents greet without a network, and it arrives once. */
import { expect, installed, status, test, type Api } from "../kit/fixtures.ts";

const DEER = "小鹿爱喝茶";
const LEMON = "一颗柠檬精";
const MATES = "青城旧友";
const QUIET = "橘子汽水";

test("a campaign is made, buyers are greeted in flight mode, and the supervisor sees it", async ({
  enter,
  server,
}) => {
  const zhou = await server.as("zhou");
  const named = async (api: Api, nick: string) =>
    [...(await api.rows()).values()].find((row) => row.nick === nick);
  const { id: quiet } = await named(zhou, QUIET);
  for (const channel of ["im", "sms", "email"])
    expect((await zhou.command("customer.block", { id: quiet, channel, on: true })).status).toBe(200);

  const office = await enter("zhou");
  await office.goto("/#/care");
  const section = office.getByRole("main").getByRole("region", { name: "活动问候" });
  await expect(section.getByText("没有进行中或将要开始的活动")).toBeVisible();
  await section.getByRole("button", { name: "新活动" }).click();
  const form = office.getByRole("dialog", { name: "新活动" });
  await expect(form.getByText("现在有 5 位客户符合")).toBeVisible();
  await form.getByRole("button", { name: "保存" }).click();
  await expect(form.getByText("请填写活动名称")).toBeVisible();
  await form.getByLabel("活动名称").fill("双12");
  await form.getByLabel("结束日期").fill("2026-03-01");
  await expect(form.getByText("结束不能早于开始，最长 92 天")).toBeVisible();
  await form.getByLabel("结束日期").fill("2026-03-12");
  await form.getByRole("button", { name: "保存" }).click();
  await expect(form).toBeHidden();
  await expect(section.getByRole("listitem").filter({ hasText: "双12" })).toContainText("已问候 0/4");
  await expect(status(office)).toContainText("已同步");

  const page = await enter("li");
  await installed(page);
  await page.goto("/#/callbacks");
  const row = page.getByRole("main").getByRole("link", { name: /^活动问候：双12 · 还有 4 位/ });
  await expect(row).toBeVisible();
  await server.stop();

  await row.click();
  await expect(page.getByRole("heading", { name: "双12", level: 1 })).toBeVisible();
  const items = page.getByRole("main").getByRole("listitem");
  const item = (nick: string) => items.filter({ has: page.getByRole("link", { name: nick, exact: true }) });
  await expect(items).toHaveCount(5);
  // Mine first, then the others'; who wants no word is below them.
  await expect(items.nth(2)).toContainText("王强");
  await expect(items.nth(4)).toContainText(QUIET);
  await expect(item(QUIET)).toContainText("不打扰");
  await expect(item(QUIET).getByRole("button")).toHaveCount(0);

  await item(DEER)
    .getByRole("button", { name: `已问候（旺旺） ${DEER}` })
    .click();
  await expect(page.getByText("已问候 1/4")).toBeVisible();
  await item(LEMON)
    .getByRole("button", { name: `「${LEMON}」：用别的方式` })
    .click();
  await page.getByRole("menuitem", { name: "已问候（短信）" }).click();
  await expect(page.getByText("已问候 2/4")).toBeVisible();
  await expect(item(DEER)).toContainText("已问候（旺旺）");
  await expect(items.nth(3)).toContainText(LEMON);
  await expect(items.nth(4)).toContainText(DEER);
  await expect(item(MATES).getByRole("button", { name: /^已问候/ })).toBeEnabled();
  await expect(status(page)).toContainText("2 条修改仅在本机");

  await server.start();
  await expect(status(page)).toContainText("已同步", { timeout: 30_000 });
  await expect(section.getByRole("listitem").filter({ hasText: "双12" })).toContainText("已问候 2/4");
  await section.getByRole("link", { name: "双12" }).click();
  const seen = office.getByRole("main").getByRole("listitem").filter({ hasText: LEMON });
  await expect(seen).toContainText("已问候（短信）");

  const boss = await server.as("zhou");
  const campaign = [...(await boss.rows())].find(([key]) => key.startsWith("campaign/"))?.[1];
  expect(campaign).toMatchObject({
    name: "双12",
    from: "2026-03-03",
    until: "2026-03-12",
    tier: "",
    tag: "",
  });
  for (const [nick, channel] of [
    [DEER, "im"],
    [LEMON, "sms"],
  ] as const) {
    const { contacts } = await named(boss, nick);
    const greetings = contacts.filter((one: { campaign_id: string }) => one.campaign_id === campaign.id);
    expect(greetings).toHaveLength(1);
    expect(greetings[0]).toMatchObject({ channel, result: "sent", callback_id: null });
  }
});
