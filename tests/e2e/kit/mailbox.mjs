/** A mail server in the test's own process that takes every mail and reads it. */
import PostalMime from "postal-mime";
import { SMTPServer } from "smtp-server";

export class Mailbox {
  /** What has arrived. @type {{to: string, subject: string, text: string, html: string, messageId: string}[]} */
  mails = [];

  #server = new SMTPServer({
    // In the clear, so without a password: with one the program insists on TLS, and would not trust a made-up certificate.
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData: (stream, session, done) => void this.#take(stream, session).then(() => done(), done),
  });

  /** @returns {Promise<string>} its address, as the program's setting wants it */
  async start() {
    await new Promise((resolve) => this.#server.listen(0, "127.0.0.1", () => resolve(null)));
    return `smtp://127.0.0.1:${this.#server.server.address().port}`;
  }

  close() {
    return new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(stream, session) {
    const parts = [];
    for await (const part of stream) parts.push(part);
    const { subject, text, html, messageId } = await PostalMime.parse(Buffer.concat(parts));
    const to = session.envelope.rcptTo.map((one) => one.address).join();
    this.mails.push({ to, subject, text, html, messageId });
  }
}
