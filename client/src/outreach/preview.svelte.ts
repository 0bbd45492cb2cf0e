import { codeOf } from "../core/http";
import { foresee, type Asked, type Fault, type Planned } from "./remote";

/** Long enough that the server is not asked for every key. */
const PAUSE_MS = 300;

/** "If nobody answers, this happens": asked anew whenever the question changes, the last answer stays until then. */
export class Preview {
  plan = $state.raw<Planned[]>([]);
  faults = $state.raw<Fault[]>([]);
  asking = $state(false);
  /** Why there is no answer. */
  code = $state<string | null>(null);

  /** To be called in an effect: what it returns gives the question up. */
  ask(asked: Asked): () => void {
    let gone = false;
    this.asking = true;
    const wait = setTimeout(async () => {
      try {
        const { plan, faults } = await foresee(asked);
        if (gone) return;
        this.plan = plan;
        this.faults = faults;
        this.code = null;
      } catch (error) {
        if (!gone) this.code = codeOf(error);
      }
      if (!gone) this.asking = false;
    }, PAUSE_MS);
    return () => {
      gone = true;
      clearTimeout(wait);
    };
  }

  forget(): void {
    this.plan = [];
    this.faults = [];
    this.asking = false;
    this.code = null;
  }
}
