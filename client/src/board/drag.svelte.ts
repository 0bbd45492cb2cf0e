/** The box that is being dragged. Drop targets must know it while it hovers, when `dataTransfer` may not be read yet. */
import type { Box } from "../gen/api";

let held = $state.raw<Box | null>(null);

export const drag = {
  get box(): Box | null {
    return held;
  },
  start(event: DragEvent, box: Box): void {
    held = box;
    event.dataTransfer?.setData("text/plain", box.id);
    if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
  },
  end(): void {
    held = null;
  },
};
