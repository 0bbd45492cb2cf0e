/** The first minutes of a real server: the one-time link, the owner, the first colleague, over a real mail server. */
import { expect, status, test } from "../kit/fixtures.ts";
import { Mailbox } from "../kit/mailbox.mjs";
import { freePort, Server } from "../kit/server.mjs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SECRET = "qingtian-2026!";

test("from nothing to the first invited colleague", async ({ browser }) => {
  const mailbox = new Mailbox();
  const smtp = await mailbox.start();
  const server = new Server(await freePort(), await mkdtemp(join(tmpdir(), "dutyboard-e2e-")), {});
  const client = server.options.client ? ["--client", server.options.client] : [];
  const link = await server.serve(["--smtp-url", smtp, ...client]);
  expect(link).toContain(`${server.url}/#/setup?token=`);

  const page = await (await browser.newContext({ locale: "zh-CN" })).newPage();
  await page.goto(link);
  await page.getByRole("textbox", { name: "公司或团队名称" }).fill("青田文具");
  await page.getByRole("textbox", { name: "你的姓名" }).fill("高原");
  await page.getByRole("textbox", { name: "登录名" }).fill("gaoyuan");
  await page.getByLabel(/^密码/).fill(SECRET);
  await page.getByLabel(/^再输入一次/).fill(SECRET);
  await page.getByRole("button", { name: "创建" }).click();
  await expect(status(page)).toContainText("已同步");
  await expect(page.getByText("青田文具").first()).toBeVisible();

  await page.goto(`${server.url}/#/people`);
  await page.getByRole("button", { name: "邀请同事" }).first().click();
  const form = page.getByRole("dialog", { name: "邀请同事" });
  await form.getByRole("textbox", { name: "姓名" }).fill("罗兰");
  await form.getByRole("textbox", { name: "登录名" }).fill("luolan");
  await form.getByRole("textbox", { name: "邮箱" }).fill("luolan@example.com");
  await form.getByRole("button", { name: "发送邀请" }).click();
  await expect.poll(() => mailbox.mails.length, { timeout: 30_000 }).toBe(1);
  const mail = mailbox.mails[0]!;
  expect(mail.to).toBe("luolan@example.com");
  expect(mail.subject).toContain("青田文具");
  const invitation = mail.text.match(/http\S+#\/invite\S+/)![0];
  expect(mail.html).toContain("#/invite?token=");

  const phone = await (await browser.newContext({ locale: "zh-CN" })).newPage();
  await phone.goto(invitation);
  await phone.getByLabel(/^密码/).fill(SECRET);
  await phone.getByLabel(/^再输入一次/).fill(SECRET);
  await phone.getByRole("button", { name: "设置密码并登录" }).click();
  await expect(status(phone)).toContainText("已同步");
  for (const one of [page, phone]) await one.context().close();
  await server.close();
  await mailbox.close();
});
