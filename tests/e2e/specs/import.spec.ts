/** A shop's export comes in: what it holds is seen before, what is wrong is named and comes in corrected, twice is once. */
import type { Page } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { expect, test } from "../kit/fixtures.ts";

/** The order export of 2017; some of its headers end in a space. */
const HEADERS = [
  ..."订单编号 买家会员名 买家支付宝账号 买家应付货款 买家应付邮费 买家支付积分 总金额 返点积分 买家实际支付金额".split(
    " ",
  ),
  ..."买家实际支付积分 订单状态 买家留言 收货人姓名".split(" "),
  "收货地址 ",
  "运送方式",
  "联系电话 ",
  "联系手机",
  "订单创建时间",
  "订单付款时间 ",
  "宝贝标题 ",
  "宝贝种类 ",
  "物流单号 ",
  ..."物流公司 订单备注 宝贝总数量 店铺Id 店铺名称 订单关闭原因 卖家服务费 买家服务费 发票抬头 是否手机订单".split(
    " ",
  ),
  ..."分阶段订单信息 特权订金订单id 是否上传合同照片 是否上传小票 是否代付 定金排名 修改后的sku 修改后的收货地址".split(
    " ",
  ),
  ..."异常信息 天猫卡券抵扣 集分宝抵扣 是否是O2O交易 退款金额 预约门店".split(" "),
];

interface Sold {
  number: string;
  nick: string;
  phone: string;
}

function row({ number, nick, phone }: Sold): string[] {
  const cells: Record<string, string> = {
    订单编号: `="${number}"`,
    买家会员名: nick,
    收货人姓名: "陈静",
    联系手机: `'${phone}`,
    "收货地址 ": "浙江省 杭州市 文三路 1 号",
    买家实际支付金额: "128.50",
    订单状态: "交易成功",
    订单创建时间: "2018-06-01 12:30:00",
    "订单付款时间 ": "2018-06-01 12:31:00",
    "宝贝标题 ": "棉麻连衣裙",
  };
  return HEADERS.map((name) => cells[name] ?? "");
}

const csv = (rows: string[][]): string => `\ufeff${rows.map((cells) => cells.join(",")).join("\r\n")}\r\n`;

/** Chooses a file as somebody would from a folder. */
async function choose(page: Page, name: string, text: string): Promise<void> {
  const buffer = Buffer.from(text);
  await page.locator("input[type=file]").setInputFiles({ name, mimeType: "text/csv", buffer });
}

const SOLD: Sold[] = [
  { number: "100200300400500601", nick: "云朵棉花糖", phone: "13700001001" },
  { number: "100200300400500602", nick: "云朵棉花糖", phone: "13700001001" },
  { number: "100200300400500603", nick: "一只橘猫", phone: "打电话" },
];

test("an export is looked at, imported, corrected, and imported once more", async ({ enter }) => {
  const page = await enter("zhou");
  const main = page.getByRole("main");
  await page.goto("/#/customers");
  await main.getByRole("link", { name: "导入" }).click();
  await expect(page.getByRole("heading", { name: "导入客户", level: 1 })).toBeVisible();

  await test.step("a header slip is named, and nothing is imported", async () => {
    const slipped = HEADERS.map((name) => (name === "总金额" ? "总金颔" : name));
    await choose(page, "slip.csv", csv([slipped, row(SOLD[0]!)]));
    await expect(main.getByRole("alert")).toContainText("不认得这份表");
    await expect(main.getByText("ExportOrderList, 46")).toBeVisible();
    await expect(main.getByRole("listitem").filter({ hasText: /^总金额$/ })).toBeVisible();
    await expect(main.getByRole("listitem").filter({ hasText: /^总金颔$/ })).toBeVisible();
    await expect(main.getByRole("button", { name: "开始导入" })).toHaveCount(0);
    await main.getByRole("button", { name: "换一个文件" }).click();
  });

  const file = csv([HEADERS, ...SOLD.map(row)]);
  await choose(page, "ExportOrderList202603030900.csv", file);
  await expect(main.getByText("认得这份表")).toBeVisible();
  await expect(main.getByText("3 行", { exact: true })).toBeVisible();
  await expect(main.getByText("1 行会被略过")).toBeVisible();
  await expect(main.getByRole("listitem").filter({ hasText: "电话号码不正确" })).toBeVisible();
  await expect(main.getByText("137****1001").first()).toBeVisible();
  await expect(main.getByText("13700001001")).toHaveCount(0);
  await main.getByLabel("属于店铺").selectOption("晴天女装旗舰店");
  await main.getByRole("button", { name: "开始导入" }).click();
  await expect(page.getByRole("heading", { name: "导入完成" })).toBeVisible();
  const figure = (name: string) => main.getByRole("term").filter({ hasText: name }).locator("+ dd");
  await expect(figure("新客户")).toHaveText("1");
  await expect(figure("新订单")).toHaveText("2");
  await expect(figure("略过的行")).toHaveText("1");

  const saving = page.waitForEvent("download");
  await main.getByRole("button", { name: "下载略过的行" }).click();
  const left = await readFile(await (await saving).path(), "utf8");
  expect(left.startsWith("\ufeff原表行号,略过原因,订单编号")).toBe(true);
  expect(left).toContain("电话号码不正确");

  await main.getByRole("button", { name: "导入另一个文件" }).click();
  await choose(page, "corrected.csv", left.replace("打电话", "13700001003"));
  await expect(main.getByText("认得这份表")).toBeVisible();
  await expect(main.getByText("每一行都能导入")).toBeVisible();
  await main.getByRole("button", { name: "开始导入" }).click();
  await expect(figure("新客户")).toHaveText("1");

  await test.step("the same file once more changes nothing", async () => {
    await main.getByRole("button", { name: "导入另一个文件" }).click();
    await choose(page, "ExportOrderList202603030900.csv", file);
    await main.getByRole("button", { name: "开始导入" }).click();
    await expect(main.getByText("这份表里的内容都已经有了。")).toBeVisible();
  });

  await main.getByRole("link", { name: "看客户" }).click();
  await page.getByRole("searchbox", { name: /搜昵称/ }).fill("00500603");
  await main.getByRole("link", { name: "一只橘猫" }).click();
  await expect(page.getByRole("heading", { name: "订单 1" })).toBeVisible();
  const order = main.getByRole("listitem").filter({ hasText: "棉麻连衣裙" });
  await expect(order).toContainText("100200300400500603");
  await expect(order).toContainText("¥128.50");
  await expect(order).toContainText("下单 2018-06-01 12:30");
});

test("a lost connection says how far it came, and repeating is harmless", async ({ enter, server }) => {
  const page = await enter("zhou");
  const main = page.getByRole("main");
  await page.goto("/#/import");
  const many = Array.from({ length: 20_000 }, (_, n) =>
    row({ number: `1${String(n).padStart(17, "0")}`, nick: `买家${n}`, phone: String(13_800_000_000 + n) }),
  );
  await choose(page, "many.csv", csv([HEADERS, ...many]));
  await main.getByRole("button", { name: "开始导入" }).click();
  const bar = main.getByRole("progressbar", { name: "正在导入「many.csv」" });
  await expect.poll(() => bar.evaluate((node: HTMLProgressElement) => node.value)).toBeGreaterThan(0);
  await server.stop();
  await expect(page.getByRole("heading", { name: "连接断了" })).toBeVisible();
  await expect(main.getByText(/断开前处理了 [\d,]+ 行/)).toBeVisible();
  await server.start();
  await main.getByRole("button", { name: "再导入一次" }).click();
  await expect(page.getByRole("heading", { name: "导入完成" })).toBeVisible({ timeout: 120_000 });
  await expect(main.getByRole("term").filter({ hasText: "略过的行" }).locator("+ dd")).toHaveText("0");
});

test("agents do not import", async ({ enter }) => {
  const page = await enter("li");
  await page.goto("/#/customers");
  await expect(page.getByRole("heading", { name: "客户", level: 1 })).toBeVisible();
  await expect(page.getByRole("main").getByRole("link", { name: "导入" })).toHaveCount(0);
  await page.goto("/#/import");
  await expect(page.locator("input[type=file]")).toHaveCount(0);
});
