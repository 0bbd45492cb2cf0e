import * as board from "./board";
import * as customers from "./customers";
import * as history from "./history";
import * as jobs from "./jobs";
import type { Route } from "./lib/routes";
import * as notices from "./notices";
import * as outbox from "./outbox";
import * as outreach from "./outreach";
import * as packs from "./packs";
import * as roster from "./roster";
import * as shell from "./shell";
import type { Mutators } from "./sync/types";
import * as tasks from "./tasks";
import * as team from "./team";

/** Every room of the house: a new one is a folder and a line here. */
const rooms = [shell, tasks, customers, outreach, roster, team, packs, board, notices, history, outbox, jobs];

export const routes: Route[] = rooms.flatMap((room) => room.routes);

export const mutators: Mutators = Object.assign({}, ...rooms.map((room) => room.mutators));
