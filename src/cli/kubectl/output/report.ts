// What a verb that changes objects says about each: "deployment.apps/web configured", or the object itself with -o.

import { KubectlError } from "../errors.ts";
import type { Flags } from "../flags.ts";
import type { Item } from "../items.ts";
import type { Session } from "../session.ts";
import { objectName, structuredPrinter } from "./structured.ts";

export type DryRun = "none" | "client" | "server";

/** @throws KubectlError for a value that is none of the three */
export function dryRunOf(flags: Flags): DryRun {
  const value = flags.text("dry-run");
  if (value === "none" || value === "client" || value === "server") return value;
  if (value === "unchanged") {
    throw new KubectlError(`--dry-run flag without a value was specified. A value must be set: "none", "server", or "client".`);
  }
  throw new KubectlError(`Invalid dry-run value (${value}). Must be "none", "server", or "client".`);
}

const suffixes: Readonly<Record<DryRun, string>> = { none: "", client: " (dry run)", server: " (server dry run)" };

/** Tells what was done to an object. */
export type Report = (object: Item, operation: string) => void;

/** @throws KubectlError for an output format that does not exist */
export async function createReport(session: Session, dryRun: DryRun = "none"): Promise<Report> {
  const print = await structuredPrinter(session.environment, session.flags);
  return (object, operation) =>
    session.terminal.out(print === undefined ? `${objectName(object)} ${operation}${suffixes[dryRun]}\n` : print(object));
}
