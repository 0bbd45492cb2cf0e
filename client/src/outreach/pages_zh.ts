import { addTexts } from "../core/i18n";

export const pages = {};

addTexts(pages);
