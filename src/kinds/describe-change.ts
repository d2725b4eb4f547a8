// The difference between two values as text, for refusals that show what changed: a line for what was and one for what is.

const mostLines = 40;

/** Lines such as `- containers[0].command: ["a"]` and `+ containers[0].command: ["b"]`, at most 40 of them. */
export function describeChange(before: unknown, after: unknown): string {
  const lines = [...changes("", before, after)];
  const shown = lines.slice(0, mostLines);
  if (lines.length > mostLines) shown.push(`  ... and ${lines.length - mostLines} more`);
  return shown.map((line) => `${line}\n`).join("");
}

function* changes(path: string, before: unknown, after: unknown): Generator<string, undefined> {
  if (before === after) return;
  if (isObject(before) && isObject(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)]))
      yield* changes(path === "" ? name : `${path}.${name}`, before[name], after[name]);
  } else if (Array.isArray(before) && Array.isArray(after) && [...before, ...after].every(isObject)) {
    for (let at = 0; at < Math.max(before.length, after.length); at++) yield* changes(`${path}[${at}]`, before[at], after[at]);
  } else if (JSON.stringify(before) !== JSON.stringify(after)) {
    if (before !== undefined) yield `- ${path}: ${JSON.stringify(before)}`;
    if (after !== undefined) yield `+ ${path}: ${JSON.stringify(after)}`;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
