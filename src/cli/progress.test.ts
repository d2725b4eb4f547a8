import { describe, expect, it } from "vitest";
import { ManualClock } from "../base/manual-clock.ts";
import { createProgress } from "./progress.ts";
import type { Terminal } from "./terminal.ts";

const clock = new ManualClock();
const terminal = (isTerminal: boolean): { terminal: Terminal; text: () => string } => {
  let text = "";
  const nothing = { [Symbol.dispose]() {} };
  return {
    text: () => text,
    terminal: {
      out: () => {},
      outBytes: async () => {},
      err: (more) => (text += more),
      errBytes: async () => {},
      isTerminal,
      isInputTerminal: false,
      columns: isTerminal ? 80 : undefined,
      rows: undefined,
      colours: false,
      readInput: async () => "",
      input: async function* () {},
      rawInput: () => nothing,
      onResize: () => nothing,
    },
  };
};

describe("progress", () => {
  it("prints plain lines where there is no terminal", async () => {
    const { terminal: plain, text } = terminal(false);
    await createProgress(plain, clock).step("starting", async (detail) => detail("the server"));
    expect(text()).toBe("  starting: the server\n✓ starting (0.0 s)\n");
  });

  it("draws one live line on a terminal and stops drawing at the end", async () => {
    const { terminal: live, text } = terminal(true);
    await createProgress(live, clock).step(
      "starting",
      async () => {
        clock.advance(1500);
        return 3;
      },
      (count) => `${count} of 3`,
    );
    expect(text()).toContain("\r\u001b[2K⠋ starting\r\u001b[2K⠙ starting");
    expect(text().endsWith("\r\u001b[2K✓ starting: 3 of 3 (1.5 s)\n")).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it("marks the step that failed and passes the failure on", async () => {
    const { terminal: plain, text } = terminal(false);
    await expect(createProgress(plain, clock).step("starting", () => Promise.reject(new Error("no disk")))).rejects.toThrow("no disk");
    expect(text()).toBe("✗ starting (0.0 s)\n");
  });
});
