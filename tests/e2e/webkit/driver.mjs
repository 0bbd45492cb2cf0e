/** W3C WebDriver over plain fetch: a WebKitGTK window, driven by WebKitWebDriver. */
import { spawn } from "node:child_process";
import { freePort } from "../kit/server.mjs";
import { until } from "../kit/smoke.mjs";

export class WebKit {
  #path = "";

  /** @param {import("node:child_process").ChildProcess} child @param {string} url */
  constructor(child, url) {
    this.child = child;
    this.url = url;
  }

  static async start() {
    const port = await freePort();
    const child = spawn("WebKitWebDriver", [`--port=${port}`], { stdio: "ignore" });
    const driver = new WebKit(child, `http://127.0.0.1:${port}`);
    await until(() => driver.#ask("GET", "/status"), "WebKitWebDriver answers");
    const { sessionId, capabilities } = await driver.#ask("POST", "/session", {
      capabilities: { alwaysMatch: {} },
    });
    driver.#path = `/session/${sessionId}`;
    driver.version = `${capabilities.browserName} ${capabilities.browserVersion}`;
    return driver;
  }

  /** @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
  async #ask(method, path, body) {
    const headers = { "content-type": "application/json" };
    const init = body ? { method, headers, body: JSON.stringify(body) } : { method };
    const reply = await fetch(this.url + this.#path + path, init);
    const { value } = await reply.json();
    if (!reply.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  }

  /** @param {string} url */
  async open(url) {
    await this.#ask("POST", "/url", { url });
  }

  async reload() {
    await this.#ask("POST", "/refresh", {});
  }

  /** @param {string} script */
  run(script) {
    return this.#ask("POST", "/execute/sync", { script: `return ${script};`, args: [] });
  }

  async close() {
    // Ending the session closes the window.
    if (this.#path) await this.#ask("DELETE", "").catch(() => {});
    const gone = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    await gone;
  }
}
