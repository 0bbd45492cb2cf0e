/** A supervisor keeps the cards in order: duplicates become one, and apart again; what is asked for is erased. */
import { expect, test, type Api } from "../kit/fixtures.ts";

/** A buyer with a number. */
async function buyer(
  zhou: Api,
  nick: string,
  phone: string,
  id: string = crypto.randomUUID(),
): Promise<string> {
  expect((await zhou.command("customer.save", { id, nick })).status).toBe(200);
  expect((await zhou.command("customer.reach", { id, phone })).status).toBe(200);
  return id;
}

test("duplicates are merged, taken back, and told apart", async ({ enter, server }) => {
  const zhou = await server.as("zhou");
  // Made in the same instant, perhaps: then the lower id stays.
  const [low, high] = [crypto.randomUUID(), crypto.randomUUID()].sort();
  const first = await buyer(zhou, "栗子蛋糕", "13600007001", low);
  const second = await buyer(zhou, "栗子蛋糕小号", "13600007001", high);
  const card = async (id: string) => (await zhou.get(`/api/v1/customers/${id}`)).card;

  const page = await enter("zhou");
  const main = page.getByRole("main");
  await page.goto("/#/customers");
  await main.getByRole("link", { name: "查重" }).click();
  const group = main.getByRole("group", { name: /^电话相同/ }).filter({ hasText: "栗子蛋糕小号" });
  const item = main.getByRole("listitem").filter({ hasText: "栗子蛋糕小号" });
  // Nobody is cared for and nobody was spoken with: the older card stays.
  await expect(group.getByRole("radio").first()).toBeVisible();
  await expect(group.getByRole("radio", { name: /^栗子蛋糕 / })).toBeChecked();
  await group.getByRole("radio", { name: /^栗子蛋糕小号/ }).check();
  await item.getByRole("button", { name: "合并" }).click();
  await expect(page.getByText("已把「栗子蛋糕」并入「栗子蛋糕小号」")).toBeVisible();
  await expect(item).toHaveCount(0);
  await expect.poll(async () => (await card(first)).merged_into).toBe(second);

  await page.getByRole("button", { name: "撤销" }).click();
  await expect(item).toHaveCount(1);
  await expect.poll(async () => (await card(first)).merged_into).toBeNull();

  await group.getByRole("radio", { name: /^栗子蛋糕小号/ }).check();
  await item.getByRole("button", { name: "合并" }).click();
  await expect.poll(async () => (await card(first)).merged_into).toBe(second);
  await page.goto(`/#/customer/${first}`);
  await expect(main.getByText("这张卡片已并入「栗子蛋糕小号」")).toBeVisible();
  await main.getByRole("link", { name: "打开那张卡片" }).click();
  await expect(page.getByRole("heading", { name: "栗子蛋糕小号", level: 1 })).toBeVisible();
  await main.getByRole("button", { name: "拆开 栗子蛋糕" }).click();
  await expect(page.getByText("「栗子蛋糕」已拆成单独的卡片")).toBeVisible();
  await expect.poll(async () => (await card(first)).merged_into).toBeNull();

  await page.goto("/#/duplicates");
  await item.getByRole("button", { name: "不是同一个人" }).click();
  await expect(page.getByText("不会再提示这几位客户")).toBeVisible();
  const groups = async () =>
    (await zhou.get(`/api/v1/customers/duplicates?team_id=${zhou.user.team_id}`)) as {
      cards: { id: string }[];
    }[];
  await expect
    .poll(async () => (await groups()).some((one) => one.cards.some((known) => known.id === first)))
    .toBe(false);
});

test("a file is kept with a buyer, everything is exported, and all is erased for good", async ({
  enter,
  server,
}) => {
  const zhou = await server.as("zhou");
  const id = await buyer(zhou, "雨后青苔", "13600007002");
  const page = await enter("zhou");
  const main = page.getByRole("main");
  await page.goto(`/#/customer/${id}`);
  const files = main.getByRole("region", { name: /^文件/ });
  await expect(files.getByText("还没有文件")).toBeVisible();
  const note = { name: "尺码.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 L") };
  await files.locator("input[type=file]").setInputFiles(note);
  await expect(files.getByRole("button", { name: "尺码.pdf", exact: true })).toBeVisible();

  const menu = main.getByRole("button", { name: "「雨后青苔」的更多操作" });
  await menu.click();
  await page.getByRole("menuitem", { name: "导出全部资料" }).click();
  const asking = page.getByRole("dialog", { name: "导出「雨后青苔」的全部资料" });
  await asking.getByRole("button", { name: "导出", exact: true }).click();
  await expect(asking.getByText("请填写原因")).toBeVisible();
  await asking.getByRole("button", { name: "顾客要求查看" }).click();
  const saving = page.waitForEvent("download");
  await asking.getByRole("button", { name: "导出", exact: true }).click();
  expect((await saving).suggestedFilename()).toBe("buyer-雨后青苔.json");
  await expect(asking).toBeHidden();

  await files.getByRole("button", { name: "删除 尺码.pdf" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "删除", exact: true }).click();
  await expect(files.getByText("还没有文件")).toBeVisible();

  await menu.click();
  await page.getByRole("menuitem", { name: "永久删除" }).click();
  const sure = page.getByRole("dialog", { name: "永久删除「雨后青苔」？" });
  await sure.getByRole("button", { name: "顾客要求删除" }).click();
  await sure.getByRole("button", { name: "永久删除", exact: true }).click();
  await expect(page.getByText("已永久删除「雨后青苔」")).toBeVisible();
  await expect(page.getByRole("heading", { name: "客户", level: 1 })).toBeVisible();
  await expect.poll(async () => (await zhou.get("/api/v1/erasures"))[0]?.reason).toBe("顾客要求删除");
  await expect(zhou.get(`/api/v1/customers/${id}`)).rejects.toThrow("404");
});

test("a wrong number leads to the field for the new one", async ({ enter, server }) => {
  const zhou = await server.as("zhou");
  const id = await buyer(zhou, "半夏微凉", "13600007003");
  const page = await enter("zhou");
  const main = page.getByRole("main");
  await page.goto(`/#/customer/${id}`);
  await main.getByRole("button", { name: "记一次联系" }).click();
  const how = page.getByRole("dialog", { name: "「半夏微凉」：结果如何？" });
  await how.getByRole("button", { name: "号码错误" }).click();
  await how.getByRole("button", { name: "保存结果" }).click();
  await expect.poll(async () => (await zhou.get(`/api/v1/customers/${id}`)).card.wrong_number).toBe(true);
  await page.reload();
  await main.getByRole("button", { name: "改号码" }).click();
  const form = page.getByRole("dialog", { name: "编辑客户" });
  await expect(form.getByLabel("电话")).toBeFocused();
  await form.getByLabel("电话").fill("13600007004");
  await form.getByRole("button", { name: "保存" }).click();
  await expect.poll(async () => (await zhou.get(`/api/v1/customers/${id}`)).card.wrong_number).toBe(false);
});

test("an owner says how long buyers are kept, and takes it back", async ({ enter, server }) => {
  const owner = await server.as("owner");
  const months = async () => (await owner.rows()).get("retention/customers")?.months ?? null;
  const page = await enter("owner");
  const main = page.getByRole("main");
  await page.goto("/#/care");
  await expect(main.getByText("客户资料一直保留")).toBeVisible();
  await main.getByRole("button", { name: "设置保留期限" }).click();
  const form = page.getByRole("dialog", { name: "保留期限" });
  await form.getByRole("checkbox", { name: "自动删除很久没有往来的客户" }).check();
  await form.getByLabel(/^多少个月/).fill("5");
  await form.getByRole("button", { name: "保存" }).click();
  await expect(form.getByText("请填 6 到 120 的整数")).toBeVisible();
  await form.getByLabel(/^多少个月/).fill("36");
  await form.getByRole("button", { name: "保存" }).click();
  await expect(main.getByText(/^36 个月没有联系/)).toBeVisible();
  await expect.poll(months).toBe(36);
  await page.getByRole("button", { name: "撤销" }).click();
  await expect.poll(months).toBeNull();
  await main.getByRole("button", { name: "删除记录" }).click();
  await expect(page.getByRole("dialog", { name: "删除记录" }).getByText("还没有删除过客户")).toBeVisible();
});
