import { describe, expect, it } from "vitest";
import { formatLedgerEntry, type LedgerEntry, parseLedger, undoOrder } from "./ledger.ts";

const entries: LedgerEntry[] = [
  { type: "directory", path: "/var/lib/timonier" },
  { type: "sysctl", key: "net.ipv4.ip_forward", previous: "0" },
  { type: "interface", name: "timonier0" },
];

describe("the ledger", () => {
  it("reads back what was written, each entry once", () => {
    const text = [...entries, entries[0]!].map(formatLedgerEntry).join("");
    expect(parseLedger(text)).toEqual(entries);
  });

  it("ignores the half line of a crash, and names a damaged whole one", () => {
    const whole = formatLedgerEntry(entries[0]!);
    expect(parseLedger(`${whole}{"type":"fi`)).toEqual([entries[0]]);
    expect(() => parseLedger(`${whole}{"type":"fi\n`)).toThrow("line 2 of the ledger is damaged");
  });

  it("is undone from the end, with the oldest value of a kernel setting", () => {
    const later: LedgerEntry = { type: "sysctl", key: "net.ipv4.ip_forward", previous: "1" };
    expect(undoOrder([...entries, later]).map((entry) => entry.type)).toEqual(["interface", "sysctl", "directory"]);
    expect(undoOrder([...entries, later])[1]).toEqual(entries[1]);
  });
});
