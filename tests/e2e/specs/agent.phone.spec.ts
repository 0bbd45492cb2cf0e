/** An agent's day: with a network, without one, after a cold start, and back. */
import { expect, installed, status, test } from "../kit/fixtures.ts";
import { Today, told, untouched } from "../kit/today.ts";

test("a day's work with a network", async ({ enter, server }) => {
  const [li, zhou] = [await server.as("li"), await server.as("zhou")];
  const [first, second, third, fourth] = await untouched(li);
  const page = await enter("li");
  const today = new Today(page);

  const shift = page.getByRole("region", { name: /售前日班/ });
  await expect(shift).toContainText("08:30–17:30");
  await expect(shift).toContainText("晴天女装旗舰店 · A1号位");

  await today.press("开始", second.title);
  await today.said(`已开始「${second.title}」`);
  await expect(today.row(second.title)).toContainText("进行中");
  // What was just done does not lie over what can be done next.
  const sheet = await today.open(second.title);
  const said = sheet.getByText(`已开始「${second.title}」`);
  await expect(said).toBeVisible();
  for (const name of ["跳过", "转交", "撤销开始", "完成"])
    await sheet.getByRole("button", { name, exact: true }).click({ trial: true, timeout: 2_000 });
  await expect(said).toBeVisible();
  await page.keyboard.press("Escape");
  await today.press("完成", second.title);
  await today.said(`已完成「${second.title}」`);
  await expect(page.getByText("已结束 1 项")).toBeVisible();
  await today.undo(`已完成「${second.title}」`);
  await expect(today.row(second.title)).toContainText("进行中");

  await today.skip(first.title, "系统维护");
  await today.showFinished();
  await expect(today.row(first.title)).toContainText("跳过：系统维护");
  await today.note(third.title, "顾客要求晚上再联系");
  await expect(today.row(third.title)).toContainText("备注 1");
  await today.hand(fourth.title, "王强");
  await expect(status(page)).toContainText("已同步");

  await expect.poll(() => told(zhou, fourth.id)).toEqual(["box.hand"]);
  expect(await told(zhou, second.id)).toEqual(["box.start", "box.finish", "box.reopen", "box.start"]);
  expect(await told(zhou, first.id)).toEqual(["box.skip"]);
  expect(await told(zhou, third.id)).toEqual(["box.note"]);
  const wang = await server.as("wang");
  expect((await wang.boxes()).find((box) => box.id === fourth.id).assignee_id).toBe(wang.user.id);
});

test("the same in flight mode, over a cold start, and everything arrives once", async ({ enter, server }) => {
  const [li, zhou] = [await server.as("li"), await server.as("zhou")];
  const [first, second, third, fourth] = await untouched(li);
  const page = await enter("li");
  const today = new Today(page);
  await installed(page);
  await server.stop();

  await today.press("开始", second.title);
  await today.said(`已开始「${second.title}」`);
  await today.press("完成", second.title);
  await today.undo(`已完成「${second.title}」`);
  await expect(today.row(second.title)).toContainText("进行中");
  await today.skip(first.title, "断网时跳过");
  await today.note(third.title, "断网时写下的备注");
  await today.hand(fourth.title, "王强");
  await expect(status(page)).toContainText("7 条修改仅在本机");

  // A cold start: the page, its scripts and its data come from the phone alone.
  await page.reload();
  await expect(status(page)).toContainText("7 条修改仅在本机");
  await expect(today.row(second.title)).toContainText("进行中");
  await expect(today.row(third.title)).toContainText("备注 1");
  await expect(today.row(fourth.title)).toHaveCount(0);
  await today.showFinished();
  await expect(today.row(first.title)).toContainText("跳过：断网时跳过");

  await server.start();
  await expect(status(page)).toContainText("已同步", { timeout: 30_000 });
  expect(await told(zhou, second.id)).toEqual(["box.start", "box.finish", "box.reopen", "box.start"]);
  expect(await told(zhou, first.id)).toEqual(["box.skip"]);
  expect(await told(zhou, third.id)).toEqual(["box.note"]);
  expect(await told(zhou, fourth.id)).toEqual(["box.hand"]);
  await page.reload();
  await expect(status(page)).toContainText("已同步");
  expect(await told(zhou, third.id)).toEqual(["box.note"]);
});

test("a refused change asks for a decision, with its reason", async ({ enter, server }) => {
  const [other] = await untouched(await server.as("li"));
  const page = await enter("li");
  const today = new Today(page);
  await server.stop();
  await today.press("开始", other.title);
  await expect(status(page)).toContainText("1 条修改仅在本机");

  // Meanwhile a supervisor gives the task to somebody else, who finishes it.
  await server.elsewhere(async (there) => {
    const [zhou, wang] = [await there.as("zhou"), await there.as("wang")];
    expect((await zhou.command("box.assign", { id: other.id, to: wang.user.id })).status).toBe(200);
    expect((await wang.command("box.finish", { id: other.id })).status).toBe(200);
  });
  await server.start();
  await expect(status(page)).toContainText("已同步", { timeout: 30_000 });
  await expect(today.row(other.title)).toHaveCount(0);

  await page.getByRole("link", { name: "1 项修改需要处理" }).click();
  const card = page.getByRole("article");
  await expect(card).toContainText("开始任务");
  await expect(card).toContainText("已由他人接手");
  await card.getByRole("button", { name: "放弃" }).click();
  await expect(page.getByText("没有需要处理的事")).toBeVisible();
  // The decision reaches the server when the time to take it back is over.
  const li = await server.as("li");
  await expect
    .poll(async () => [...(await li.rows()).keys()].filter((key) => key.startsWith("reject/")))
    .toEqual([]);
});

test("chooses when the mail about tomorrow comes, or that none comes", async ({ enter, server }) => {
  const page = await enter("li");
  const li = await server.as("li");
  const wanted = async () => (await li.rows()).get(`person_private/${li.user.id}`)?.tomorrow_mail_at;
  await page.goto("/#/me");
  await page.getByLabel("发送时间").fill("18:30");
  await page.getByLabel("发送时间").blur();
  await expect.poll(wanted).toBe("18:30");
  await page.getByRole("checkbox", { name: /明日安排邮件/ }).uncheck();
  await expect(page.getByLabel("发送时间")).toBeHidden();
  await expect.poll(wanted).toBeNull();
});
