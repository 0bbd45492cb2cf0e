const FIELDS = "textarea, input:not([type=checkbox]):not([type=radio])";

/** Whether somebody has typed something under `root` that has not gone anywhere yet. */
export function hasTyped(root: ParentNode): boolean {
  const fields = root.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(FIELDS);
  return [...fields].some((field) => field.value !== field.defaultValue);
}
