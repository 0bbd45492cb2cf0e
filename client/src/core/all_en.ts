import { en as board } from "../board/en";
import { en as campaigns } from "../customers/campaigns/en";
import { en as customers } from "../customers/en";
import { en as history } from "../history/en";
import { en as jobs } from "../jobs/en";
import { en as notices } from "../notices/en";
import { en as outbox } from "../outbox/en";
import { en as outreach } from "../outreach/en";
import { en as packs } from "../packs/en";
import { en as roster } from "../roster/en";
import { en as commands } from "../shell/commands_en";
import { en as tasks } from "../tasks/en";
import { en as team } from "../team/en";
import { en as shell } from "./en";
import { en as refusals } from "./refusals_en";
import type { TextKey } from "./i18n";

/** All English texts, in a file of their own that only those who read English load. */
export const en: Record<TextKey, string> = {
  ...shell,
  ...commands,
  ...refusals,
  ...tasks,
  ...customers,
  ...campaigns,
  ...outreach,
  ...roster,
  ...team,
  ...packs,
  ...board,
  ...history,
  ...notices,
  ...outbox,
  ...jobs,
};
