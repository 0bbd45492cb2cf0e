/** Just enough of the DevTools protocol, over a pipe, for a browser that Playwright no longer speaks to. */
import { spawn } from "node:child_process";

export class Chromium {
  #next = 0;
  /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
  #waiting = new Map();
  #rest = "";
  #session = "";

  /** @param {string} binary @param {string[]} args */
  constructor(binary, args) {
    this.child = spawn(binary, [...args, "--remote-debugging-pipe"], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    });
    this.#in()
      .setEncoding("utf8")
      .on("data", (text) => this.#read(text));
    this.child.once("exit", (code) => this.#end(new Error(`Chromium has stopped: ${code}`)));
    // Writing to a browser that has just gone is no news.
    this.#out().on("error", () => {});
  }

  #out() {
    return /** @type {import("node:stream").Writable} */ (this.child.stdio[3]);
  }

  #in() {
    return /** @type {import("node:stream").Readable} */ (this.child.stdio[4]);
  }

  /** @param {string} text */
  #read(text) {
    const parts = (this.#rest + text).split("\0");
    this.#rest = parts.pop() ?? "";
    for (const part of parts) {
      const { id, result, error } = JSON.parse(part);
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) waiting?.reject(new Error(error.message));
      else waiting?.resolve(result);
    }
  }

  /** @param {Error} error */
  #end(error) {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  /** @param {string} method @param {object} params @returns {Promise<any>} */
  send(method, params = {}, sessionId = this.#session) {
    const id = ++this.#next;
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    const session = sessionId ? { sessionId } : {};
    this.#out().write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    return answer;
  }

  /** Opens the one tab that all the rest is about. */
  async start() {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    this.#session = sessionId;
    await this.send("Page.enable");
  }

  /** @param {string} url */
  async open(url) {
    await this.send("Page.navigate", { url });
  }

  async reload() {
    await this.send("Page.reload");
  }

  /** @param {string} expression */
  async run(expression) {
    const params = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", params);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async close() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGKILL");
    await gone;
  }
}
