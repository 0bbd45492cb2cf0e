/** A proxy in front of the server that can swallow replies after the server has acted, or send a request twice. */
import { createServer, request } from "node:http";

export class Proxy {
  /** How many of the next push replies are lost on the way back; until then no pull gets through either. */
  loseReplies = 0;
  /** Sends every push twice at the same moment. */
  twice = false;
  /** Answers nothing at all, as without a network. */
  down = false;
  /** How often each mutation was sent, by its client and number. @type {Map<string, number>} */
  sent = new Map();

  #server = createServer((req, res) => void this.#handle(req, res));

  /** @param {string} target */
  constructor(target) {
    this.target = target;
  }

  async start() {
    await new Promise((resolve) => this.#server.listen(0, "127.0.0.1", () => resolve(null)));
    const address = /** @type {import("node:net").AddressInfo} */ (this.#server.address());
    this.url = `http://127.0.0.1:${address.port}`;
  }

  close() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }

  /** @param {import("node:http").IncomingMessage} req @param {import("node:http").ServerResponse} res */
  async #handle(req, res) {
    const parts = [];
    for await (const part of req) parts.push(part);
    const body = Buffer.concat(parts);
    if (this.down) return void res.destroy();
    const push = req.url === "/api/sync/push";
    if (push) this.#count(body);
    if (!push && this.loseReplies > 0) return void res.destroy();
    try {
      const sent = [this.#send(req, body)];
      if (push && this.twice) sent.push(this.#send(req, body));
      const [reply] = await Promise.all(sent);
      if (push && this.loseReplies > 0) {
        this.loseReplies--;
        return void res.destroy();
      }
      res.writeHead(reply.status, reply.headers).end(reply.body);
    } catch {
      res.destroy();
    }
  }

  /** @param {Buffer} body */
  #count(body) {
    for (const { clientID, id } of JSON.parse(body.toString()).mutations) {
      const key = `${clientID}/${id}`;
      this.sent.set(key, (this.sent.get(key) ?? 0) + 1);
    }
  }

  /**
   * @param {import("node:http").IncomingMessage} req
   * @param {Buffer} body
   * @returns {Promise<{status: number, headers: import("node:http").IncomingHttpHeaders, body: Buffer}>}
   */
  #send(req, body) {
    return new Promise((resolve, reject) => {
      const { method, headers } = req;
      const out = request(this.target + req.url, { method, headers }, (answer) => {
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("error", reject);
        answer.on("end", () =>
          resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: Buffer.concat(parts) }),
        );
      });
      out.on("error", reject);
      out.end(body);
    });
  }
}
