import { expect, test } from "vitest";
import { runProgram, tryProgram } from "./run-program.ts";

test("a program gives its exit code, its output and its lines, the last one without an end as well", async () => {
  const lines: string[] = [];
  const ran = await tryProgram("sh", ["-c", "cat; printf two >&2; exit 3"], { input: "one\n", onLine: (line) => lines.push(line) });
  expect([ran.code, ran.output, ran.errors, lines.toSorted()]).toEqual([3, "one\n", "two", ["one", "two"]]);
});

test("a failure says what the program said", async () => {
  expect(await runProgram("cat", [], { input: "in" })).toBe("in");
  await expect(runProgram("sh", ["-c", "echo oops >&2; exit 3"])).rejects.toThrow("sh -c echo oops >&2; exit 3 failed (3): oops");
  await expect(runProgram("/no/such/program", [])).rejects.toThrow("/no/such/program cannot be started: spawn /no/such/program ENOENT");
});

test("a program that writes without end is stopped", async () => {
  await expect(runProgram("yes", [])).rejects.toThrow("yes was stopped: it wrote more than");
});

test("variables stand beside those of this process", async () => {
  expect(await runProgram("sh", ["-c", 'echo "$GREETING ${PATH:+path}"'], { environment: { GREETING: "hello" } })).toBe("hello path\n");
});
