/** What every spec starts from: a demo server of its own, and people who sign in by the login page. */
import { test as base, expect, type Browser, type Page } from "@playwright/test";
import { cp, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, NOW, PASSWORD, Server } from "./server.mjs";

export { expect, NOW, PASSWORD };
export type { Api, Server } from "./server.mjs";

interface TestFixtures {
  /** A demo server that belongs to this test: kill it, start it again, put another build on it. */
  server: Server;
  /** Signs somebody in, in a browser profile of their own. */
  enter: (login: string) => Promise<Page>;
}

interface WorkerFixtures {
  /** A data folder with the demo's people and board, made once. */
  prepared: string;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  prepared: [
    async ({}, use) => {
      const server = await Server.start();
      await server.quit();
      await use(server.data);
      await server.close();
    },
    { scope: "worker" },
  ],

  server: async ({ prepared }, use) => {
    const data = await mkdtemp(join(tmpdir(), "dutyboard-e2e-"));
    await cp(prepared, data, { recursive: true });
    const server = new Server(await freePort(), data, {});
    await server.start();
    await use(server);
    await server.close();
  },

  baseURL: async ({ server }, use) => use(server.url),

  enter: async ({ browser, server, contextOptions }, use, info) => {
    const pages: Page[] = [];
    await use(async (login) => {
      const page = await newPage(browser, { ...info.project.use, ...contextOptions, baseURL: server.url });
      pages.push(page);
      await signIn(page, login);
      return page;
    });
    for (const page of pages) await page.context().close();
  },
});

async function newPage(browser: Browser, options: Parameters<Browser["newContext"]>[0]): Promise<Page> {
  return (await browser.newContext(options)).newPage();
}

/** Fills in the login page and waits for the first view of the day. */
export async function signIn(page: Page, login: string, password = PASSWORD): Promise<void> {
  await page.goto("/");
  await page.getByRole("textbox", { name: "登录名" }).fill(login);
  await page.getByLabel(/^密码/).fill(password);
  await page.getByRole("button", { name: "登录", exact: true }).click();
  await expect(page.getByRole("main")).not.toContainText("正在载入");
  await expect(status(page)).toContainText("已同步");
}

/** The line that says what is where: "已同步", "2 条修改仅在本机", "离线". */
export function status(page: Page) {
  return page
    .getByRole("button")
    .and(page.locator("[aria-haspopup=dialog]"))
    .filter({ hasText: /同步|本机|离线|回应|登录|还没有保存/ })
    .filter({ visible: true })
    .first();
}

/** Waits until the service worker holds the app, so that it starts without a server. */
export async function installed(page: Page): Promise<void> {
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

/** Says a measured figure in the report of the run. Nobody's test fails by it: machines differ. */
export function measured(text: string): void {
  process.stdout.write(`  ${text}\n`);
}
