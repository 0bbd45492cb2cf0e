/** Safari's family: WebKitGTK in a virtual screen (`npm run webkit`). */
import { test } from "node:test";
import { Server } from "../kit/server.mjs";
import { smoke } from "../kit/smoke.mjs";
import { WebKit } from "./driver.mjs";

test("works in WebKitGTK", { timeout: 180_000 }, async (context) => {
  const server = await Server.start();
  context.after(() => server.close());
  const browser = await WebKit.start();
  context.after(() => browser.close());
  context.diagnostic(browser.version ?? "");
  await smoke(browser, server);
});
