// The text of `describe`, collected line by line and aligned in blocks.

import { age } from "../../../lang/human-duration.ts";
import type { Item } from "../items.ts";
import { alignTabs } from "../output/tab-text.ts";

/** What describing an object may ask and use. */
export interface DescribeContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Objects of another kind, by plural or qualified name; none when they cannot be read. */
  list(resource: string, namespace: string, query?: Readonly<Record<string, string>>): Promise<readonly Item[]>;
  get(resource: string, namespace: string, name: string): Promise<Item | undefined>;
}

export class Description {
  #done = "";
  #block = "";

  /** One line; tabs end cells. */
  line(text: string): this {
    this.#block += `${text}\n`;
    return this;
  }

  /** What follows is aligned by itself. */
  flush(): this {
    this.#done += alignTabs(this.#block);
    this.#block = "";
    return this;
  }

  /** The lines as they were given, tabs and all. */
  unaligned(): string {
    return this.#done + this.#block;
  }

  toString(): string {
    this.flush();
    return this.#done;
  }

  /** A title with name=value pairs below each other. */
  pairs(title: string, values: Readonly<Record<string, string>> | undefined, sign = "="): this {
    const lines = Object.keys(values ?? {})
      .toSorted()
      .map((key) => `${key}${sign}${values![key]!}`);
    return this.column(title, lines);
  }

  /** A title with values below each other, `<none>` without any. */
  column(title: string, values: readonly string[]): this {
    if (values.length === 0) return this.line(`${title}:\t<none>`);
    for (const [at, value] of values.entries()) this.line(at === 0 ? `${title}:\t${value}` : `\t${value}`);
    return this;
  }

  /** name: value, values of several lines or of great length on lines of their own; our own bookkeeping is left out. */
  annotations(title: string, annotations: Readonly<Record<string, string>> | undefined): this {
    const lines = Object.entries(annotations ?? {})
      .filter(([key]) => key !== "kubectl.kubernetes.io/last-applied-configuration")
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([key, value]) => {
        const text = value.replace(/\n$/, "");
        return text.length + key.length + 2 > 140 || text.includes("\n")
          ? [`${key}:`, ...text.split("\n").map((part) => `  ${shortened(part)}`)]
          : [`${key}: ${text}`];
      });
    return this.column(title, lines);
  }

  metadata(object: Item): this {
    this.line(`Name:\t${object.metadata?.name ?? ""}`);
    if (object.metadata?.namespace !== undefined) this.line(`Namespace:\t${object.metadata.namespace}`);
    return this.pairs("Labels", object.metadata?.labels).annotations("Annotations", object.metadata?.annotations);
  }
}

const longest = 140;
const shortened = (text: string): string => (text.length > longest ? `${text.slice(0, longest)}...` : text);

/** "Mon, 23 Nov 2026 13:06:42 +0000" */
export function longTime(time: string | undefined): string {
  if (time === undefined || Number.isNaN(Date.parse(time))) return "<unset>";
  return `${new Date(Date.parse(time)).toUTCString().replace(/ GMT$/, "")} +0000`;
}

/** The controlling owner: "ReplicaSet/web-5d4". */
export function controllerOf(object: Item): string | undefined {
  const owner = object.metadata?.ownerReferences?.find(({ controller }) => controller === true);
  return owner && `${owner.kind}/${owner.name}`;
}

/** The events about an object, the last ones last. */
export async function describeEvents(text: Description, object: Item, context: DescribeContext): Promise<void> {
  const { name = "", namespace = "", uid = "" } = object.metadata ?? {};
  const about = [
    `involvedObject.name=${name}`,
    namespace !== "" && `involvedObject.namespace=${namespace}`,
    `involvedObject.kind=${object.kind ?? ""}`,
    uid !== "" && `involvedObject.uid=${object.kind === "Node" ? name : uid}`,
  ];
  const events = await context.list("events", namespace, { fieldSelector: about.filter(Boolean).join(",") });
  if (events.length === 0) {
    text.line("Events:\t<none>");
    return;
  }
  text.flush().line("Events:").line("  Type\tReason\tAge\tFrom\tMessage").line("  ----\t------\t----\t----\t-------");
  for (const event of events.toSorted((a, b) => (lastSeen(a) ?? "").localeCompare(lastSeen(b) ?? ""))) {
    text.line(
      `  ${event["type"]}\t${event["reason"]}\t${eventAge(event, context.now)}\t${sourceOf(event)}\t${String(event["message"] ?? "").trim()}`,
    );
  }
}

export const lastSeen = (event: Item): string | undefined =>
  event["series"]?.lastObservedTime ?? event["lastTimestamp"] ?? event["eventTime"] ?? event.metadata?.creationTimestamp;
const firstSeen = (event: Item): string | undefined => event["firstTimestamp"] ?? event["eventTime"] ?? event.metadata?.creationTimestamp;

/** "5m", "5m (x3 over 10m)" */
export function eventAge(event: Item, now: number): string {
  const count: number = event["series"]?.count ?? event["count"] ?? 0;
  return count > 1 ? `${age(lastSeen(event), now)} (x${count} over ${age(firstSeen(event), now)})` : age(firstSeen(event), now);
}

const sourceOf = (event: Item): string => event["source"]?.component || event["reportingComponent"] || "";
