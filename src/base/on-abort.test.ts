import { expect, test } from "vitest";
import { linkedAbort, onAbort } from "./on-abort.ts";

test("calls everyone who still listens, once, in order", () => {
  const controller = new AbortController();
  const heard: string[] = [];
  onAbort(controller.signal, () => heard.push("a"));
  const forgotten = onAbort(controller.signal, () => heard.push("b"));
  onAbort(controller.signal, () => heard.push("c"));
  forgotten[Symbol.dispose]();
  controller.abort();
  controller.abort();
  expect(heard).toEqual(["a", "c"]);
});

test("an aborted signal calls back at once", () => {
  let calls = 0;
  onAbort(AbortSignal.abort(), () => calls++);
  expect(calls).toBe(1);
});

test("hundreds on one signal are no leak to the platform", async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on("warning", note);
  const controller = new AbortController();
  let calls = 0;
  for (let i = 0; i < 300; i++) onAbort(controller.signal, () => calls++);
  controller.abort();
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", note);
  expect(calls).toBe(300);
  expect(warnings).toEqual([]);
});

test("a linked abort comes from either side, and not after it was disposed", () => {
  const parent = new AbortController();
  const first = linkedAbort(parent.signal);
  first.abort(new Error("own"));
  expect(first.signal.reason).toEqual(new Error("own"));
  expect(parent.signal.aborted).toBe(false);
  const second = linkedAbort(parent.signal);
  const third = linkedAbort(parent.signal);
  third[Symbol.dispose]();
  parent.abort(new Error("parent"));
  expect(second.signal.reason).toEqual(new Error("parent"));
  expect(third.signal.aborted).toBe(false);
});
