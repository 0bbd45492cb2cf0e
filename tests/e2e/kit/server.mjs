/** A real server binary with the demo's people: own port, own data folder, at a given local time. Node's own modules only. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
export const BINARY = process.env["DUTYBOARD_BIN"] ?? join(ROOT, "target/debug/dutyboard");
/** A Tuesday morning with two shifts running. */
export const NOW = "2026-03-03T09:05";
export const PASSWORD = "dutyboard-demo";

/** @returns {Promise<number>} a port that nobody listens on */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (probe.address());
      probe.close(() => resolve(port));
    });
  });
}

export class Server {
  /** @type {import("node:child_process").ChildProcess | null} */
  #child = null;
  #log = "";
  /** What it has printed. */
  said = "";

  /**
   * @param {number} port
   * @param {string} data
   * @param {{now?: string, client?: string, databaseUrl?: string}} options
   */
  constructor(port, data, options) {
    this.port = port;
    this.data = data;
    this.options = { now: NOW, client: process.env["DUTYBOARD_CLIENT"], ...options };
    this.url = `http://localhost:${port}`;
  }

  /** @param {{now?: string, client?: string, databaseUrl?: string}} options */
  static async start(options = {}) {
    const data = await mkdtemp(join(tmpdir(), "dutyboard-e2e-"));
    const server = new Server(await freePort(), data, options);
    await server.start();
    return server;
  }

  /** Starts on the same port and data as before. @param {{now?: string}} change */
  async start(change = {}) {
    if (this.#child) return;
    Object.assign(this.options, change);
    const { now, client, databaseUrl } = this.options;
    const args = ["demo", "--json", "--now", now];
    if (client) args.push("--client", client);
    if (databaseUrl) args.push("--database-url", databaseUrl);
    await this.#run(args);
  }

  /**
   * Starts as for real use: no made-up people, the true time.
   * @param {string[]} args more settings
   * @returns {Promise<string>} the one-time link that it prints on its first run
   */
  async serve(args) {
    await this.#run(["serve", "--public-url", this.url, ...args]);
    return this.said.match(/http\S+/)?.[0] ?? "";
  }

  /** @param {string[]} args */
  async #run(args) {
    args = [...args, "--listen", `127.0.0.1:${this.port}`, "--data", this.data];
    const child = spawn(BINARY, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    child.stderr.on("data", (text) => (this.#log = (this.#log + text).slice(-4000)));
    this.said = "";
    child.stdout.on("data", (text) => (this.said += text));
    await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`the server stopped with ${code}: ${this.#log}`)));
      void this.#answers().then(resolve);
    });
  }

  /** Asks until it is ready, or has stopped. */
  async #answers() {
    const child = this.#child;
    while (this.#child === child && child?.exitCode === null) {
      const ready = await fetch(`${this.url}/readyz`).then(
        (reply) => reply.ok,
        () => false,
      );
      if (ready) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** Kills it without a farewell, as a power cut or a lost network would. */
  stop() {
    return this.#end("SIGKILL");
  }

  /** Asks it to stop, and waits until it has. */
  quit() {
    return this.#end("SIGTERM");
  }

  /** @param {NodeJS.Signals} signal */
  async #end(signal) {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  }

  /**
   * Runs on another port for a while, so that those who know the old one notice nothing.
   * @param {(there: Server) => Promise<void>} work
   */
  async elsewhere(work) {
    await this.stop();
    const there = new Server(await freePort(), this.data, this.options);
    await there.start();
    try {
      await work(there);
    } finally {
      await there.quit();
    }
  }

  /** Serves another build of the web app from now on. @param {string} client a folder */
  async deploy(client) {
    await this.stop();
    this.options.client = client;
    await this.start();
  }

  async close() {
    await this.stop();
    await rm(this.data, { recursive: true, force: true });
  }

  /** A signed-in person of the demo, for REST calls. @param {string} login */
  async as(login) {
    const body = JSON.stringify({ login, password: PASSWORD, device_name: "test" });
    const reply = await post(`${this.url}/api/auth/login`, {}, body);
    const session = await reply.json();
    if (!reply.ok) throw new Error(`login of ${login}: ${JSON.stringify(session)}`);
    return new Api(this.url, session.access_token, session.user);
  }
}

/** @param {string} url @param {Record<string, string>} headers @param {string} body */
function post(url, headers, body) {
  return fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
}

export class Api {
  /** @param {string} url @param {string} token @param {{id: string, team_id: string, name: string}} user */
  constructor(url, token, user) {
    this.url = url;
    this.token = token;
    this.user = user;
  }

  get headers() {
    return { authorization: `Bearer ${this.token}` };
  }

  /** @param {string} path @returns {Promise<any>} */
  async get(path) {
    const reply = await fetch(this.url + path, { headers: this.headers });
    if (!reply.ok) throw new Error(`GET ${path}: ${reply.status} ${await reply.text()}`);
    return reply.json();
  }

  /** One write through the door. @param {string} name @param {object} args */
  async command(name, args) {
    const reply = await post(`${this.url}/api/v1/commands`, this.headers, JSON.stringify({ name, args }));
    return { status: reply.status, body: await reply.json() };
  }

  /** Who did what to a row, newest first. @param {string} kind @param {string} id */
  history(kind, id) {
    return this.get(`/api/v1/history/${kind}/${id}`);
  }

  /** Every row this person sees, by a first pull. @returns {Promise<Map<string, any>>} */
  async rows() {
    const id = crypto.randomUUID();
    const body = { pullVersion: 1, clientGroupID: id, cookie: null, profileID: "test", schemaVersion: "1" };
    const reply = await post(`${this.url}/api/sync/pull`, this.headers, JSON.stringify(body));
    const { patch } = await reply.json();
    const rows = new Map();
    for (const op of patch) {
      if (op.op === "put") rows.set(op.key, op.value);
      else if (op.op === "del") rows.delete(op.key);
      else rows.clear();
    }
    return rows;
  }

  /** The boxes this person sees. @returns {Promise<any[]>} */
  async boxes() {
    const rows = await this.rows();
    return [...rows].filter(([key]) => key.startsWith("box/")).map(([, row]) => row);
  }
}
