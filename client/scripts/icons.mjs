// Draws the app's icons: a clock whose rim is the four quadrants of the board. Run by hand: npm run icons
import { mkdirSync, writeFileSync } from "node:fs";
import { crc32, deflateSync } from "node:zlib";

const OUT = new URL("../public/icons/", import.meta.url);
const GROUND = [27, 58, 110];
const FACE = [255, 255, 255];
/** Clockwise from the top right: important, planned, routine, urgent. */
const RIM = [
  [108, 165, 248],
  [148, 158, 174],
  [240, 178, 60],
  [240, 98, 88],
];
const SAMPLES = 4;

/** Distance from a point to a line from the centre, of a hand with round ends. */
function hand(x, y, angle, length) {
  const dx = Math.sin(angle);
  const dy = -Math.cos(angle);
  const along = Math.max(0, Math.min(length, x * dx + y * dy));
  return Math.hypot(x - dx * along, y - dy * along);
}

/** The colour at a point; the icon spans -1 to 1. Null is transparent. */
function colour(x, y, { scale, corner }) {
  const inner = 1 - corner;
  const over = Math.hypot(Math.max(0, Math.abs(x) - inner), Math.max(0, Math.abs(y) - inner));
  if (corner > 0 && over > corner) return null;
  const u = x / scale;
  const v = y / scale;
  const r = Math.hypot(u, v);
  if (hand(u, v, 0, 0.36) < 0.062 || hand(u, v, (2 * Math.PI) / 3, 0.27) < 0.062) return FACE;
  if (r > 0.52 && r < 0.74 && Math.min(Math.abs(u), Math.abs(v)) > 0.045) {
    return RIM[u > 0 ? (v < 0 ? 0 : 1) : v > 0 ? 2 : 3];
  }
  return GROUND;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

function png(size, shape) {
  const lines = Buffer.alloc(size * (size * 4 + 1));
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const sum = [0, 0, 0, 0];
      for (let s = 0; s < SAMPLES * SAMPLES; s++) {
        const px = ((x + ((s % SAMPLES) + 0.5) / SAMPLES) / size) * 2 - 1;
        const py = ((y + (Math.floor(s / SAMPLES) + 0.5) / SAMPLES) / size) * 2 - 1;
        const c = colour(px, py, shape);
        if (c) for (let i = 0; i < 4; i++) sum[i] += i < 3 ? c[i] : 1;
      }
      const at = y * (size * 4 + 1) + 1 + x * 4;
      for (let i = 0; i < 3; i++) lines[at + i] = sum[3] ? Math.round(sum[i] / sum[3]) : 0;
      lines[at + 3] = Math.round((sum[3] / SAMPLES ** 2) * 255);
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(lines, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function svg() {
  const hex = (c) => `#${c.map((n) => n.toString(16).padStart(2, "0")).join("")}`;
  const round = (n) => Number(n.toFixed(2));
  const radius = 63 * 0.5;
  const gap = 4;
  const arc = (c, turn) => {
    const near = gap;
    const far = round(Math.sqrt(radius ** 2 - gap ** 2));
    const path = `M${near} ${-far}A${radius} ${radius} 0 0 1 ${far} ${-near}`;
    return `<path d="${path}" stroke="${hex(c)}" stroke-width="11" transform="rotate(${turn * 90})"/>`;
  };
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><rect width="100" height="100" rx="22" fill="${hex(
    GROUND,
  )}"/><g transform="translate(50 50)" fill="none">${RIM.map(arc).join(
    "",
  )}<path d="M0 -18V0L11.7 6.75" stroke="#fff" stroke-width="6.2" stroke-linecap="round" stroke-linejoin="round"/></g></svg>\n`;
}

mkdirSync(OUT, { recursive: true });
const rounded = { scale: 1, corner: 0.44 };
/** Maskable icons are cut to any shape by the system: full ground, the drawing inside the safe circle. */
const full = { scale: 0.86, corner: 0 };
writeFileSync(new URL("icon-192.png", OUT), png(192, rounded));
writeFileSync(new URL("icon-512.png", OUT), png(512, rounded));
writeFileSync(new URL("maskable-512.png", OUT), png(512, full));
writeFileSync(new URL("apple-180.png", OUT), png(180, full));
writeFileSync(new URL("icon.svg", OUT), svg());
