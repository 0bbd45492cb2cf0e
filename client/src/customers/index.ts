import type { Route } from "../lib/routes";
import { mutators as own } from "./mutators";

export const routes: Route[] = [
  {
    path: "#/callbacks",
    title: "customers.callbacks",
    load: () => import("./Callbacks.svelte"),
    tab: { icon: "phone", order: 12 },
  },
  {
    path: "#/customers",
    title: "customers.title",
    load: () => import("./Customers.svelte"),
    menu: { icon: "customers", order: 15 },
  },
  {
    path: "#/care",
    title: "customers.care",
    load: () => import("./Care.svelte"),
    needs: "supervise",
    menu: { icon: "star", order: 16 },
  },
  {
    path: "#/customer/:id",
    title: "customers.card",
    load: () => import("./CustomerPage.svelte"),
  },
  {
    path: "#/campaign/:id",
    title: "campaign.title",
    load: () => import("./campaigns/CampaignPage.svelte"),
  },
  {
    path: "#/import",
    title: "import.title",
    load: () => import("./import/Import.svelte"),
    needs: "supervise",
  },
  {
    path: "#/duplicates",
    title: "duplicates.title",
    load: () => import("./Duplicates.svelte"),
    needs: "supervise",
  },
];

export const mutators = own;
