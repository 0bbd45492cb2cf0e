/** How the import says numbers, and what is wrong with a row; reactive on the language. */
import { language, maybe, t } from "../../core/i18n";

export const count = (n: number): string => n.toLocaleString(language());

/** A fault that is newer than this app still says that something is wrong. */
export const fault = (what: string): string => maybe(`import.fault.${what}`) ?? t("import.fault.other");
