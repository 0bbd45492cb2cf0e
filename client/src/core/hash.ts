/** FNV-1a, 32 bits: spreads names over a few colours, always the same way. */
export function fnv1a(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    h ^= text.charCodeAt(i);
    h = Math.imul(h, 0x01000193);
  }
  return h >>> 0;
}

/** One of the eight hues of tokens.css. */
export function hueOf(text: string): number {
  return fnv1a(text) % 8;
}
