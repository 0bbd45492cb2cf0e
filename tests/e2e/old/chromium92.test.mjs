/** The oldest browser we promise to work in: Chromium 92 of 2021, from npm, unpacked to a temporary folder. */
import assert from "node:assert/strict";
import { createReadStream, createWriteStream } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createBrotliDecompress } from "node:zlib";
import { Server } from "../kit/server.mjs";
import { smoke } from "../kit/smoke.mjs";
import { Chromium } from "./cdp.mjs";

const PACKED = new URL("../node_modules/@sparticuz/chromium/bin/chromium.br", import.meta.url);

test("works in Chromium 92", { timeout: 180_000 }, async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "dutyboard-old-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const binary = join(folder, "chromium");
  await pipeline(
    createReadStream(fileURLToPath(PACKED)),
    createBrotliDecompress(),
    createWriteStream(binary),
  );
  await chmod(binary, 0o755);

  const server = await Server.start();
  context.after(() => server.close());
  const browser = new Chromium(binary, [
    "--headless",
    "--single-process",
    "--no-zygote",
    "--no-sandbox",
    "--disable-gpu",
    "--lang=zh-CN",
    "--window-size=412,840",
    `--user-data-dir=${folder}/profile`,
  ]);
  context.after(() => browser.close());
  await browser.start();
  const { product } = await browser.send("Browser.getVersion", {}, "");
  assert.match(product, /\/92\./);
  await smoke(browser, server);
});
