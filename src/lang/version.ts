// Kubernetes' API versions and how they rank: v2 before v1 before v1beta2 before v1alpha1 before anything else.

interface KubeVersion {
  readonly major: number;
  /** 3 stable, 2 beta, 1 alpha. */
  readonly level: number;
  readonly minor: number;
}

/** The parts of `v1`, `v2beta3`; undefined for any other text. */
function parseKubeVersion(text: string): KubeVersion | undefined {
  const match = /^v([1-9][0-9]{0,8})(?:(alpha|beta)([1-9][0-9]{0,8}))?$/.exec(text);
  if (match === null) return undefined;
  return { major: Number(match[1]), level: match[2] === "beta" ? 2 : match[2] === "alpha" ? 1 : 3, minor: Number(match[3] ?? 0) };
}

/** For sorting, the preferred version first; texts that are no versions come last, in alphabetical order. */
export function compareKubeVersions(a: string, b: string): number {
  if (a === b) return 0;
  const left = parseKubeVersion(a);
  const right = parseKubeVersion(b);
  if (left === undefined && right === undefined) return a < b ? -1 : 1;
  if (left === undefined) return 1;
  if (right === undefined) return -1;
  return right.level - left.level || right.major - left.major || right.minor - left.minor;
}
