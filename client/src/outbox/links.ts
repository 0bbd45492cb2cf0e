/** The web addresses of a mail, each once, in order. Pure. */
export function linksOf(mail: { text: string; html: string }): string[] {
  const inText = mail.text.match(/https?:\/\/[!-~]+/g) ?? [];
  const inHtml = [...mail.html.matchAll(/href="(https?:\/\/[^"]+)"/g)].map((hit) =>
    hit[1]!.replace(/&amp;/g, "&"),
  );
  // A bracket or full stop after an address belongs to the sentence; Chinese ones are no part of it anyway.
  return [...new Set([...inText.map((link) => link.replace(/[.,;:!?)>\]"']+$/, "")), ...inHtml])];
}
