// What the compiler cannot refuse in a pure room: the wall clock, randomness and timers reached through language globals.

import { rooms } from "./floors.ts";
import { codeOnly, type Finding, isTest, type SourceFile } from "./source.ts";

const banned: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\b/, "Date.now: take a Clock and call now()"],
  [/\bnew Date\(\s*\)/, "new Date() without an argument: take a Clock and call now()"],
  [/\bMath\.random\b/, "Math.random: take a Random"],
  [/\bperformance\.now\b/, "performance.now: take a Clock and call monotonicMs()"],
  [/\bglobalThis\b/, "globalThis: take what you need in deps"],
  // A constant of the module is put together from constants; anywhere else the pattern may be a user's.
  [/^(?!(export )?const ).*\bnew RegExp\(/, "new RegExp: a pattern from a user blocks the loop; use re2js, or a literal"],
];
const everywhere: readonly (readonly [RegExp, string])[] = [
  [/@ts-(ignore|nocheck|expect-error)/, "a silenced compiler check"],
  [/\b(it|test|describe)\.(skip|only|todo)\b/, "a skipped or focused test"],
];

export function checkEffects(files: readonly SourceFile[]): Finding[] {
  const findings: Finding[] = [];
  for (const file of files) {
    const room = /^src\/([^/]+)\//.exec(file.path)?.[1];
    const isPure = room !== undefined && rooms[room]?.pure === true && !isTest(file.path);
    const scan = (text: string, patterns: typeof banned): void => {
      text.split("\n").forEach((lineText, position) => {
        for (const [pattern, message] of patterns) {
          if (pattern.test(lineText)) findings.push({ path: file.path, line: position + 1, message });
        }
      });
    };
    if (isPure) scan(codeOnly(file.text), banned);
    if (!file.path.startsWith("tools/check-effects")) scan(file.text, everywhere);
  }
  return findings;
}
