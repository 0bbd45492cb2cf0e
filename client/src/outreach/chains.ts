/** Which chain a case takes, and which chains can be done without. Pure. */
import type { Chain, OutreachReason } from "../gen/api";

/** The chains that a buyer's case may take, in the order that people gave them. */
export const chainsInUse = (chains: readonly Chain[]): Chain[] =>
  chains.filter((one) => one.enabled && one.whom === "buyer").sort((a, b) => a.position - b.position);

/** What a reason may choose from: its own chain stays, also when it is off. */
export const chainsFor = (chains: readonly Chain[], own_id: string): Chain[] =>
  chains
    .filter((one) => one.whom === "buyer" && (one.enabled || one.id === own_id))
    .sort((a, b) => a.position - b.position);

/** The chain that was chosen, else the reason's own; none that is off. */
export const chainOf = (
  inUse: readonly Chain[],
  reason: OutreachReason | undefined,
  chosen: string | null,
): Chain | undefined => inUse.find((one) => one.id === (chosen ?? reason?.chain_id));

/** Reasons that cannot do without a chain: those in use while it is to be on, all of them while it is to be there. */
export function usersOf(
  chain_id: string,
  reasons: readonly OutreachReason[],
): { active: OutreachReason[]; all: OutreachReason[] } {
  const all = reasons.filter((one) => one.chain_id === chain_id).sort((a, b) => a.position - b.position);
  return { active: all.filter((one) => !one.archived), all };
}
