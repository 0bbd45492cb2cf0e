/** A supervisor at a desk: people, the roster, the packs and the board. */
import type { Locator, Page } from "@playwright/test";
import { expect, signIn, status, test } from "../kit/fixtures.ts";
import { told, untouched } from "../kit/today.ts";

/** Opens a page from the rail. */
async function go(page: Page, name: string): Promise<void> {
  await page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name, exact: true }).click();
}

/** Drags with the mouse to the part of the target that lies beside what is dragged, or to its middle. */
async function drag(what: Locator, to: Locator): Promise<void> {
  await what.scrollIntoViewIfNeeded();
  const [from, target] = [(await what.boundingBox())!, (await to.boundingBox())!];
  const y = from.y + from.height / 2;
  const isBeside = y > target.y && y < target.y + target.height;
  const { mouse } = what.page();
  await mouse.move(from.x + 30, y);
  await mouse.down();
  await mouse.move(from.x + 40, y + 5, { steps: 3 });
  await mouse.move(target.x + target.width / 2, isBeside ? y : target.y + target.height / 2, { steps: 8 });
  await mouse.up();
}

test("invites a person, who sets a password from the mail and signs in", async ({
  enter,
  browser,
  server,
}) => {
  const page = await enter("zhou");
  await go(page, "人员");
  await page.getByRole("button", { name: "邀请同事" }).click();
  const form = page.getByRole("dialog", { name: "邀请同事" });
  await form.getByRole("textbox", { name: "姓名" }).fill("林晓");
  await form.getByRole("textbox", { name: "登录名" }).fill("linxiao");
  await form.getByRole("textbox", { name: "邮箱" }).fill("linxiao@example.com");
  await form.getByRole("checkbox", { name: "售前" }).check();
  await form.getByRole("button", { name: "发送邀请" }).click();
  await expect(page.getByText("已邀请 林晓，邮件会发到 linxiao@example.com")).toBeVisible();
  const row = page.getByRole("listitem").filter({ hasText: "林晓" });
  await expect(row).toContainText("已邀请，未设密码");

  await go(page, "发件箱");
  const mails = page.getByRole("list", { name: "邮件列表" });
  await expect(async () => {
    await page.getByRole("button", { name: "刷新" }).click();
    await expect(mails).toContainText("linxiao@example.com", { timeout: 500 });
  }).toPass();
  await mails.getByRole("button", { name: /linxiao/ }).click();
  const link = await page.getByRole("article").getByRole("link").first().getAttribute("href");
  expect(link).toContain(`${server.url}/#/invite?token=`);

  const phone = await (await browser.newContext({ baseURL: server.url })).newPage();
  await phone.goto(link!);
  await expect(phone.getByText("林晓，你的登录名是 linxiao。请设置密码。")).toBeVisible();
  const fields = phone.locator("input[type=password]");
  for (let n = 0; n < (await fields.count()); n++) await fields.nth(n).fill("xiaolin-2026!");
  await phone.getByRole("button", { name: "设置密码并登录" }).click();
  await expect(status(phone)).toContainText("已同步");
  await expect(phone.getByText("还没有你的排班")).toBeVisible();
  await phone.context().close();

  const later = await (await browser.newContext({ baseURL: server.url })).newPage();
  await later.goto(link!);
  await expect(later.getByText("链接已失效")).toBeVisible();
  await signIn(later, "linxiao", "xiaolin-2026!");
  await later.context().close();
  await go(page, "人员");
  await expect(row).not.toContainText("已邀请");
});

test("fills the roster by keyboard and by menu, and takes it back", async ({ enter, server }) => {
  const page = await enter("zhou");
  const zhou = await server.as("zhou");
  // A letter that every keyboard has.
  await go(page, "店铺与班次");
  await page.getByRole("link", { name: "班次", exact: true }).click();
  await page
    .getByRole("button", { name: /售前日班/ })
    .first()
    .click();
  const type = page.getByRole("dialog");
  await type.getByRole("textbox", { name: "字母" }).fill("D");
  await type.getByRole("button", { name: "保存" }).click();
  await expect(type).toBeHidden();

  await go(page, "排班");
  await page.getByRole("button", { name: "下一周" }).click();
  const grid = page.getByRole("grid", { name: "一周排班表" });
  const cell = (day: string) => grid.getByRole("gridcell", { name: new RegExp(`^李婷，${day}`) });
  const monday = cell("3月9日");
  await monday.focus();
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Delete");
  await expect(monday).toHaveAccessibleName(/休$/);
  await expect(cell("3月10日")).toHaveAccessibleName(/休$/);
  await monday.focus();
  await page.keyboard.press("d");
  await expect(monday).toHaveAccessibleName(/售前日班$/);
  await expect(cell("3月10日")).toBeFocused();
  await page.keyboard.press("Enter");
  const menu = page.getByRole("dialog", { name: /李婷/ });
  await menu.getByRole("button", { name: /晚班/ }).click();
  await expect(cell("3月10日")).toHaveAccessibleName(/晚班$/);
  await menu.getByRole("combobox", { name: "坐席" }).selectOption({ label: "B1号位" });
  await page.keyboard.press("Escape");
  await expect(status(page)).toContainText("已同步");
  const li = await server.as("li");
  const shifts = async () => {
    const rows = [...(await zhou.rows()).entries()].filter(([key]) => key.startsWith("assignment/"));
    const mine = rows.map(([, row]) => row).filter((row) => row.person_id === li.user.id);
    return mine.map((row) => `${row.day} ${row.letter}`);
  };
  await expect.poll(shifts).toEqual(expect.arrayContaining(["2026-03-09 D", "2026-03-10 晚"]));

  await grid.getByRole("gridcell", { name: /^李婷，3月10日/ }).focus();
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  await expect(cell("3月10日")).toHaveAccessibleName(/休$/);
  // Two shifts that overlap are refused before they leave.
  await monday.click();
  await page.getByRole("button", { name: "再加一个班" }).click();
  await page.getByRole("dialog", { name: /李婷/ }).getByRole("button", { name: /售后/ }).click();
  await expect(page.getByText(/同一人的班次时间重叠/)).toBeVisible();
});

test("sets up a shop with its seat, a skill and a shift, and uses them", async ({ enter, server }) => {
  const page = await enter("zhou");
  await go(page, "店铺与班次");
  const dialog = page.getByRole("dialog");
  const add = async (tab: string, button: string) => {
    await page.getByRole("link", { name: tab, exact: true }).click();
    await page.getByRole("button", { name: button, exact: true }).click();
  };
  const saved = async (name: string) => {
    await dialog.getByRole("button", { name: "保存" }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByRole("main").getByRole("listitem").filter({ hasText: name })).toBeVisible();
  };

  await add("店铺", "新增店铺");
  await dialog.getByRole("button", { name: "保存" }).click();
  await expect(dialog.getByText("请填写名称")).toBeVisible();
  await dialog.getByRole("textbox", { name: "名称" }).fill("晴天配饰店");
  await dialog.getByRole("combobox", { name: "平台" }).selectOption({ label: "京东" });
  await saved("晴天配饰店");
  await add("坐席", "新增坐席");
  await dialog.getByRole("textbox", { name: "名称" }).fill("配饰:售前1");
  await dialog.getByRole("combobox", { name: "所属店铺" }).selectOption({ label: "晴天配饰店" });
  await saved("配饰:售前1");
  await add("技能", "新增技能");
  await dialog.getByRole("textbox", { name: "名称", exact: true }).fill("直播");
  await dialog.getByRole("textbox", { name: "代码" }).fill("live");
  await saved("直播");
  await add("班次", "新增班次");
  await dialog.getByRole("textbox", { name: "字母" }).fill("L");
  await dialog.getByRole("textbox", { name: "名称", exact: true }).fill("直播晚场");
  await dialog.getByLabel("开始").fill("19:00");
  await dialog.getByLabel("结束").fill("01:00");
  await expect(dialog.getByText("时长 6 小时，次日结束")).toBeVisible();
  await dialog.getByRole("combobox", { name: "需要的技能" }).selectOption({ label: "直播" });
  await saved("直播晚场");

  await go(page, "排班");
  await page.getByRole("button", { name: "下一周" }).click();
  const cell = page.getByRole("gridcell", { name: /^李婷，3月9日/ });
  await cell.focus();
  await page.keyboard.press("Delete");
  await page.keyboard.press("l");
  await expect(cell).toHaveAccessibleName(/直播晚场$/);
  await cell.focus();
  await page.keyboard.press("Enter");
  await dialog.getByRole("combobox", { name: "店铺" }).selectOption({ label: "晴天配饰店" });
  await dialog.getByRole("combobox", { name: "坐席" }).selectOption({ label: "配饰:售前1" });
  await page.keyboard.press("Escape");

  const li = await server.as("li");
  const shift = async () => {
    const rows = [...(await li.rows()).entries()].filter(([key]) => key.startsWith("assignment/"));
    return rows.map(([, row]) => row).find((row) => row.person_id === li.user.id && row.day === "2026-03-09");
  };
  await expect.poll(shift).toMatchObject({ letter: "L", start: "19:00", length_min: 360 });
  await expect.poll(async () => (await shift())?.seat_id).toBeTruthy();
});

test("switches a pack off and on", async ({ enter, server }) => {
  const page = await enter("zhou");
  await go(page, "任务包");
  const packs = page.getByRole("switch");
  await expect(packs).toHaveCount(10);
  const on = packs.and(page.locator("[aria-checked=true]")).first();
  const name = (await on.getAttribute("aria-label"))!;
  const pack = page.getByRole("switch", { name });
  await pack.click();
  await expect(pack).toHaveAttribute("aria-checked", "false");
  await expect(status(page)).toContainText("已同步");
  await page.reload();
  await expect(pack).toHaveAttribute("aria-checked", "false");
  await pack.click();
  const zhou = await server.as("zhou");
  const states = async () =>
    [...(await zhou.rows())].filter(([key, row]) => key.startsWith("pack/") && row.enabled);
  await expect.poll(async () => (await states()).length).toBeGreaterThan(0);
  await expect(pack).toHaveAttribute("aria-checked", "true");
});

test("reads the board both ways, reassigns by menu and by drag, moves between quadrants", async ({
  enter,
  server,
}) => {
  const zhou = await server.as("zhou");
  const wang = await server.as("wang");
  const [first, second, third] = await untouched(await server.as("li"));
  const page = await enter("zhou");
  // Everybody's tasks fit: nothing is dragged from under the head of the timeline, or dropped on a message.
  await page.setViewportSize({ width: 1440, height: 3600 });
  const main = page.getByRole("main");
  for (const name of ["急且重要", "重要不急", "急但不重要", "不急不重要"]) {
    await expect(main.getByRole("region", { name })).toBeVisible();
  }
  const card = (title: string) =>
    main.getByRole("article").filter({ hasText: title }).filter({ hasText: "李婷" });
  const owner = async (id: string) => (await zhou.boxes()).find((box) => box.id === id);

  await card(first.title)
    .getByRole("button", { name: `操作：${first.title}` })
    .click();
  const actions = page.getByRole("dialog", { name: first.title });
  await actions.getByRole("button", { name: /王强/ }).click();
  await expect(page.getByText(`「${first.title}」已分配给 王强`)).toBeVisible();
  await expect.poll(async () => (await owner(first.id)).assignee_id).toBe(wang.user.id);

  // Side by side: the first two quadrants, and the last two.
  const beside = { Q1: "重要不急", Q2: "急且重要", Q3: "不急不重要", Q4: "急但不重要" };
  const to = beside[(await owner(second.id)).quadrant as keyof typeof beside];
  await drag(card(second.title), main.getByRole("region", { name: to, exact: true }));
  await expect(page.getByText(`「${second.title}」已移到「${to}」`)).toBeVisible();
  await expect.poll(() => told(zhou, second.id)).toEqual(["box.quadrant"]);

  await page.getByRole("button", { name: "按人" }).click();
  const line = (name: string) => main.getByRole("region", { name, exact: true });
  await expect(line("按人的时间线")).toBeVisible();
  const block = line("李婷").getByRole("button", { name: new RegExp(`^${third.title}`) });
  await drag(block, line("王强"));
  await expect(
    line("王强")
      .getByRole("button", { name: new RegExp(`^${third.title}.*王强$`) })
      .first(),
  ).toBeVisible();
  await expect.poll(async () => (await owner(third.id)).assignee_id).toBe(wang.user.id);
  await expect(status(page)).toContainText("已同步");

  await block.page().goto(`/#/history/box/${third.id}`);
  await expect(page.getByRole("heading", { name: "修改记录" })).toBeVisible();
  await expect(main.getByRole("listitem").first()).toContainText("周敏 分派任务");
  await expect(main.getByRole("listitem").first()).toContainText("李婷");
});

test("changes the words and the times of a task, and takes it back", async ({ enter, server }) => {
  const zhou = await server.as("zhou");
  const [first] = await untouched(await server.as("li"));
  const page = await enter("zhou");
  const card = page.getByRole("article").filter({ hasText: first.title }).filter({ hasText: "李婷" });
  const stored = async () => (await zhou.boxes()).find((box) => box.id === first.id);
  const before = await stored();

  await card.getByRole("button", { name: `操作：${first.title}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "修改任务" }).click();
  const form = page.getByRole("dialog", { name: "修改任务" });
  await form.getByLabel("任务名称").fill("");
  await form.getByRole("button", { name: "保存" }).click();
  await expect(form.getByText("请写下要做什么")).toBeVisible();
  await form.getByLabel("任务名称").fill("换季盘点");
  await form.getByText("截止时间", { exact: true }).click();
  await form.getByLabel("截止时间").last().fill("16:20");
  await form.getByRole("button", { name: "保存" }).click();

  const main = page.getByRole("main");
  await expect(main.getByRole("article").filter({ hasText: "换季盘点" })).toContainText("16:20 截止");
  await expect.poll(async () => (await stored()).title.zh).toBe("换季盘点");
  expect(await stored()).toMatchObject({ kind: "deadline", start_at: null, end_at: null });
  await page.getByRole("button", { name: "撤销" }).click();
  await expect.poll(stored).toEqual(before);
  await expect(card).toBeVisible();
});
