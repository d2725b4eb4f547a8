import { describe, expect, it } from "vitest";
import { array, bool, int, list, parseFlags, text } from "./flags.ts";

const specs = [
  text("namespace", "", { short: "n" }),
  text("output", "", { short: "o" }),
  text("dry-run", "", { default: "none", bare: "unchanged" }),
  bool("watch", "", { short: "w" }),
  bool("wait", "", { default: "true" }),
  bool("stdin", "", { short: "i" }),
  bool("tty", "", { short: "t" }),
  text("container", "", { short: "c" }),
  int("tail", "", { default: "-1" }),
  list("labels", "", { short: "L" }),
  array("filename", "", { short: "f" }),
];
const parse = (...words: string[]): ReturnType<typeof parseFlags> => parseFlags(specs, words);

describe("flags", () => {
  it("takes a value after a blank, after = and right after a short name", () => {
    for (const words of [["-n", "x"], ["-nx"], ["-n=x"], ["--namespace", "x"], ["--namespace=x"]]) {
      const { flags, words: rest } = parse(...words, "pods");
      expect(flags.text("namespace")).toBe("x");
      expect(rest).toEqual(["pods"]);
    }
  });

  it("gives no word to a flag that may stand without a value", () => {
    const { flags, words } = parse("--dry-run", "pods", "--wait=false", "-w", "x");
    expect(words).toEqual(["pods", "x"]);
    expect([flags.text("dry-run"), flags.bool("wait"), flags.bool("watch")]).toEqual(["unchanged", false, true]);
  });

  it("reads short flags that run together, the last with its value", () => {
    const { flags } = parse("-itcweb");
    expect([flags.bool("stdin"), flags.bool("tty"), flags.text("container")]).toEqual([true, true, "web"]);
  });

  it("leaves everything after -- alone and says where it stood", () => {
    const { words, dash, flags } = parse("pod", "-i", "--", "ls", "-n", "x");
    expect([words, dash, flags.has("namespace")]).toEqual([["pod", "ls", "-n", "x"], 1, false]);
  });

  it("repeats lists and splits them at commas, arrays not", () => {
    const { flags } = parse("-L", "a,b", "-L=c", "-f", "x,y", "-f", "z");
    expect(flags.list("labels")).toEqual(["a", "b", "c"]);
    expect(flags.list("filename")).toEqual(["x,y", "z"]);
  });

  it("takes - for a word and negative numbers for values", () => {
    const { flags, words } = parse("--tail", "-5", "-f", "-", "-");
    expect([flags.int("tail"), flags.list("filename"), words]).toEqual([-5, ["-"], ["-"]]);
  });

  it("refuses what it does not know, in pflag's words", () => {
    expect(() => parse("--foo")).toThrow("unknown flag: --foo");
    expect(() => parse("-wz")).toThrow("unknown shorthand flag: 'z' in -wz");
    expect(() => parse("-n")).toThrow("flag needs an argument: 'n' in -n");
    expect(() => parse("--namespace")).toThrow("flag needs an argument: --namespace");
    expect(() => parse("--wait=maybe")).toThrow(
      `invalid argument "maybe" for "--wait" flag: strconv.ParseBool: parsing "maybe": invalid syntax`,
    );
    expect(() => parse("--tail=x")).toThrow(`strconv.ParseInt: parsing "x": invalid syntax`);
  });
});
