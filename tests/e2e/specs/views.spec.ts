/** Every view in both themes: nothing that axe objects to, nothing that scrolls sideways, nothing in the console. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "../kit/fixtures.ts";
import { Today, untouched } from "../kit/today.ts";

const SHOTS = process.env["SHOTS"];
const THEMES = ["light", "dark"] as const;
const AGENT = ["today", "week", "callbacks", "customers", "outreach", "notices", "team", "attention", "me"];
const SUPERVISOR = [
  "board",
  "roster",
  "people",
  "shops",
  "shops?tab=types",
  "packs",
  "callbacks",
  "customers",
  "care",
  "outreach",
  "outreach/numbers",
  "chains",
  "notices",
  "robots",
  "import",
  "duplicates",
  "outbox",
  "history",
  "me",
  "jobs",
];

/** What depends on the theme; names, roles and order do not. */
const COLOURS = ["color-contrast", "link-in-text-block"];

/** Looks at what is on the screen: all of axe's rules in the light theme, those of colour in the dark one too. */
async function inspect(page: Page, name: string): Promise<void> {
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    if (SHOTS) await page.screenshot({ path: `${SHOTS}/${test.info().project.name}-${name}-${theme}.png` });
    const axe = new AxeBuilder({ page });
    const { violations } = await (theme === "light" ? axe : axe.withRules(COLOURS)).analyze();
    const found = violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target).join(" | ")}`);
    expect.soft(found, `${name}, ${theme}`).toEqual([]);
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect.soft(wide, `${name} scrolls sideways`).toBeLessThanOrEqual(0);
}

async function walk(page: Page, login: string, views: string[]): Promise<void> {
  for (const view of views) {
    await page.goto(`/#/${view}`);
    await expect(page.getByRole("main").getByRole("heading", { level: 1 })).toBeAttached();
    await expect(page.locator("main .skeleton")).toHaveCount(0);
    await inspect(page, `${login}-${view.replace(/\W+/g, "-")}`);
  }
}

/** Collects what goes wrong without a word. */
function listen(page: Page): string[] {
  const heard: string[] = [];
  page.on("pageerror", (error) => heard.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning")
      heard.push(`${message.text()} ${message.location().url}`);
  });
  return heard;
}

test("the login page", async ({ page }) => {
  const heard = listen(page);
  await page.goto("/");
  await expect(page.getByRole("button", { name: "登录", exact: true })).toBeVisible();
  await inspect(page, "login");
  expect(heard).toEqual([]);
});

test("an agent's views", async ({ enter, server }) => {
  const [first, second] = await untouched(await server.as("li"));
  const page = await enter("li");
  const heard = listen(page);
  const today = new Today(page);
  await today.press("开始", first.title);
  await walk(page, "li", AGENT);
  await page.goto("/#/today");
  await today.open(second.title);
  await inspect(page, "li-box");
  await page.getByRole("dialog").getByRole("button", { name: "转交" }).click();
  await inspect(page, "li-hand");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "加任务" }).click();
  await inspect(page, "li-add");
  expect(heard).toEqual([]);
});

test("a supervisor's views", async ({ enter, server }) => {
  test.slow();
  const [first] = await untouched(await server.as("li"));
  const page = await enter("owner");
  const heard = listen(page);
  const views = SUPERVISOR.map((view) => (view === "history" ? `history/box/${first.id}` : view));
  await walk(page, "owner", views);
  await page.goto("/#/board");
  await page.getByRole("button", { name: "按人" }).click();
  await inspect(page, "owner-timeline");
  await page.getByRole("button", { name: "新任务" }).click();
  await inspect(page, "owner-new");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "四象限", exact: true }).click();
  await page
    .getByRole("button", { name: /^操作：/ })
    .first()
    .click();
  await inspect(page, "owner-box");
  await page.getByRole("button", { name: "修改任务" }).click();
  await inspect(page, "owner-edit");
  await page.keyboard.press("Escape");
  await page.goto("/#/customers");
  await page.getByRole("main").getByRole("listitem").getByRole("link").first().click();
  await expect(page.getByRole("heading", { name: /^订单/ })).toBeVisible();
  await inspect(page, "owner-customer");
  await page
    .getByRole("button", { name: /的更多操作$/ })
    .first()
    .click();
  await page.getByRole("menuitem", { name: "永久删除" }).click();
  await inspect(page, "owner-erase");
  await page.keyboard.press("Escape");
  await page.goto("/#/people");
  await page.getByRole("button", { name: "邀请同事" }).click();
  await inspect(page, "owner-invite");
  expect(heard).toEqual([]);
});

test("English, and the theme chosen by hand", async ({ enter }) => {
  const page = await enter("li");
  await page.goto("/#/me");
  await page.getByRole("group", { name: "语言" }).getByRole("button", { name: "English" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await page.getByRole("group", { name: "Appearance" }).getByRole("button", { name: "Dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(page.getByRole("link", { name: "Today" }).filter({ visible: true })).toBeVisible();
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  for (const view of ["today", "week", "team", "me"]) {
    await page.goto(`/#/${view}`);
    await expect(page.locator("main .skeleton")).toHaveCount(0);
    if (SHOTS) await page.screenshot({ path: `${SHOTS}/${test.info().project.name}-en-${view}.png` });
    const controls = await page.getByRole("main").getByRole("button").allInnerTexts();
    expect(controls.filter((words) => /^(开始|完成|领取|今天|昨天|明天|保存)/.test(words))).toEqual([]);
  }
});
