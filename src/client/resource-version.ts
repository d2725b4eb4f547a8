// Resource versions of one server compare as numbers (KEP-5504), however large.

/** Negative when `a` is older than `b`. An empty version is older than any. */
export function compareResourceVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
