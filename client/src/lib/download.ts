/** Offers bytes as a file. They come with a token in a header, so a plain link would not do. */
export function offer(bytes: Blob, name: string): void {
  const url = URL.createObjectURL(bytes);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // Safari reads the address after the click has returned.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A word as part of a file's name on every system. */
export const fileName = (word: string): string => word.replace(/[\\/:*?"<>|\s]+/g, "_").slice(0, 80);
