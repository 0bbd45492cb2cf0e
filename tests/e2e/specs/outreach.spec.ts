/** A buyer who is offline: an agent opens a case from the card, a supervisor sees it, and a broken chain is not kept. */
import { expect, test } from "../kit/fixtures.ts";

const DEER = "小鹿爱喝茶";

test("an agent opens a case from the card, and the supervisor sees where it stands", async ({ enter }) => {
  const li = await enter("li");
  await li.goto("/#/customers");
  await li.getByRole("searchbox", { name: /搜昵称/ }).fill(DEER);
  await li.getByRole("link", { name: DEER }).first().click();
  await li.getByRole("button", { name: "开始触达" }).click();
  const sheet = li.getByRole("dialog", { name: `触达「${DEER}」` });
  await sheet.getByText("缺货通知", { exact: true }).click();
  await sheet.getByRole("textbox", { name: /具体什么事/ }).fill("换 L 码还是退款？");
  // What would happen is said before anything does.
  await expect(sheet.getByText("主管", { exact: true }).first()).toBeVisible();
  await sheet.getByRole("button", { name: "开始", exact: true }).click();
  await expect(li.getByText(`已开始触达「${DEER}」`)).toBeVisible();

  // One thing is not asked about twice.
  await li.getByRole("button", { name: "开始触达" }).click();
  await sheet.getByText("缺货通知", { exact: true }).click();
  await expect(sheet.getByText(/已经在为同一件事触达/)).toBeVisible();
  await sheet.getByRole("button", { name: "取消" }).click();

  const zhou = await enter("zhou");
  await zhou.goto("/#/outreach");
  await zhou.getByRole("searchbox", { name: /搜买家/ }).fill("L 码");
  await zhou.getByRole("link", { name: DEER }).click();
  await expect(zhou.getByRole("heading", { name: DEER, level: 1 })).toBeVisible();
  await expect(zhou.getByText("等买家")).toBeVisible();

  // The buyer writes back: the chain stops on every screen.
  await li.getByRole("link", { name: "缺货通知" }).click();
  await li.getByRole("button", { name: "买家回应了" }).click();
  const answer = li.getByRole("dialog", { name: `「${DEER}」回应了` });
  await answer.getByRole("textbox", { name: "说了什么" }).fill("要 L 码");
  await answer.getByRole("button", { name: "保存" }).click();
  await expect(zhou.getByText("已回应")).toBeVisible({ timeout: 30_000 });
  await expect(zhou.getByRole("button", { name: "买家回应了" })).toBeHidden();
});

test("a chain with a step that nobody can take is not kept", async ({ enter }) => {
  const page = await enter("zhou");
  await page.goto("/#/chains");
  await page.getByRole("button", { name: "新流程" }).click();
  await page.getByRole("textbox", { name: "中文名称" }).fill("夜间");
  await page.getByRole("button", { name: "去掉旺旺" }).click();
  await expect(page.getByText("这一步没有联系方式")).toBeVisible();
  await page.getByRole("button", { name: "保存" }).click();
  await expect(page.getByText("流程有问题，不能保存")).toBeVisible();
  await page.getByRole("combobox", { name: "加一种方式" }).selectOption("主管");
  await expect(page.getByText("这一步没有联系方式")).toBeHidden();
});
