const query = matchMedia("(min-width: 900px)");
let wide = $state(query.matches);
query.addEventListener("change", () => (wide = query.matches));

/** Whether there is room for the rail and for grids; the same bound as in app.css. */
export const viewport = {
  get wide(): boolean {
    return wide;
  },
};
