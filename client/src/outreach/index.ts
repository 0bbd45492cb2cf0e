import type { Route } from "../lib/routes";
import { mutators as own } from "./mutators";

export const routes: Route[] = [];

export const mutators = own;
