// Long work told step by step: one line that changes on a terminal, plain lines elsewhere.

import type { Steps } from "../cluster/bring-up.ts";
import type { Clock, Timer } from "../base/clock.ts";
import type { Terminal } from "./terminal.ts";

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const frameMs = 100;

/** Progress goes to standard error, so that `-o json` on standard output stays whole. */
export function createProgress(terminal: Terminal, clock: Clock, options: { readonly quiet?: boolean } = {}): Steps {
  const paint = (code: number, text: string): string => (terminal.colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const say = (text: string): void => {
    if (options.quiet !== true) terminal.err(text);
  };
  return {
    async step(title, work, outcome) {
      const startedAt = clock.monotonicMs();
      let shown = "";
      let frame = 0;
      let timer: Timer | undefined;
      const draw = (): void => {
        const line = `${paint(36, frames[frame++ % frames.length]!)} ${title}${shown === "" ? "" : `: ${shown}`}`;
        say(`\r\u001b[2K${line.slice(0, (terminal.columns ?? 80) + 10)}`);
        timer = clock.after(frameMs, draw);
      };
      if (terminal.isTerminal) draw();
      const finish = (mark: string, note: string | undefined): void => {
        timer?.[Symbol.dispose]();
        const seconds = ((clock.monotonicMs() - startedAt) / 1000).toFixed(1);
        say(`${terminal.isTerminal ? "\r\u001b[2K" : ""}${mark} ${title}${note === undefined ? "" : `: ${note}`} (${seconds} s)\n`);
      };
      try {
        const result = await work((text, { passing = false } = {}) => {
          if (text === shown) return;
          shown = text;
          if (!terminal.isTerminal && !passing) say(`  ${title}: ${text}\n`);
        });
        finish(paint(32, "✓"), outcome?.(result));
        return result;
      } catch (error) {
        finish(paint(31, "✗"), undefined);
        throw error;
      }
    },
  };
}
