import { addTexts } from "../core/i18n";

export const office = {};

addTexts(office);
