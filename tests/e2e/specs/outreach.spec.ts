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
  await sheet.getByLabel(/订单编号/).fill("400123456789012399");
  await expect(sheet.getByText(/已经在为同一件事触达/)).toBeHidden();
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

test("what is typed on the set-up pages is neither lost nor in the way of what was saved", async ({
  enter,
}) => {
  const page = await enter("zhou");
  const tabs = page.getByRole("group", { name: "设置什么" });
  const name = page.getByRole("textbox", { name: "中文名称" });
  await page.goto("/#/chains");
  await page.getByRole("button", { name: "新流程" }).click();
  await name.fill("夜间");
  await page.getByRole("button", { name: "全部流程" }).click();
  await page
    .getByRole("dialog", { name: /放弃还没保存/ })
    .getByRole("button", { name: "取消" })
    .click();
  await tabs.getByRole("button", { name: "原因" }).click();
  await expect(name).toBeHidden();
  await tabs.getByRole("button", { name: "流程" }).click();
  await expect(name).toHaveValue("夜间");
  await page.goBack();
  await expect(name).toBeHidden();
  await page.goForward();
  await expect(name).toHaveValue("夜间");
  await page.getByRole("button", { name: "放弃改动" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "放弃改动" }).click();
  await expect(name).toHaveValue("");

  await tabs.getByRole("button", { name: "时段" }).click();
  const shop = page.getByRole("combobox", { name: "店铺" });
  const sms = page.getByRole("textbox", { name: "短信 从", exact: true });
  const before = await sms.inputValue();
  // As the number pad of a phone writes it.
  await sms.fill("0930");
  await shop.selectOption({ index: 1 });
  await expect(sms).toHaveValue(before);
  await shop.selectOption({ index: 0 });
  await expect(sms).toHaveValue("0930");
  await page.getByRole("button", { name: "保存" }).click();
  await expect(sms).toHaveValue("09:30");
  await page.getByRole("button", { name: "撤销" }).click();
  await expect(sms).toHaveValue(before);
  await expect(page.getByText("有改动还没保存")).toBeHidden();

  await tabs.getByRole("button", { name: "邮件模板" }).click();
  const subject = page.getByRole("textbox", { name: "邮件标题" });
  await subject.fill("写到一半");
  await page.getByRole("button", { name: "English" }).click();
  await expect(subject).not.toHaveValue("写到一半");
  await page.getByRole("button", { name: "中文" }).click();
  await expect(subject).toHaveValue("写到一半");
});

test("a chain that a reason needs is not switched off", async ({ enter }) => {
  const page = await enter("zhou");
  await page.goto("/#/chains");
  await expect(page.getByText(/^用于：.*缺货通知/)).toBeVisible();
  await page.getByRole("button", { name: "「买家联系不上」的更多操作" }).click();
  await expect(page.getByRole("menuitem", { name: /停用/ })).toBeDisabled();
});
