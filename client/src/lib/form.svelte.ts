import { codeOf } from "../core/http";
import { refusal, t } from "../core/i18n";

/** A form that talks to the server directly: busy while it does, and its error in words. */
export class Form {
  busy = $state(false);
  code = $state<string | null>(null);

  get error(): string | undefined {
    if (this.code === null) return undefined;
    return this.code === "unavailable" ? t("login.offline") : refusal(this.code);
  }

  /** Runs the submission once; a second tap while it runs does nothing. True when it went through. */
  async run(task: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.code = null;
    try {
      await task();
      return true;
    } catch (error) {
      this.code = codeOf(error);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
