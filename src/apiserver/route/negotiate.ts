// Content negotiation: which format an answer is written in, which one a body is read in, and which view was asked for.

import { StatusError } from "../../object/status.ts";
import { isTrue } from "./request-info.ts";

export type Format = "json" | "yaml" | "protobuf";

export interface Output {
  readonly format: Format;
  /** Another view of the same objects. */
  readonly as: "object" | "table" | "partial" | "partialList" | "groupDiscoveryList";
  /** Version of the view: "v1", of discovery "v2". */
  readonly asVersion: string;
  readonly pretty: boolean;
}

export const jsonOutput: Output = { format: "json", as: "object", asVersion: "", pretty: false };

export const mediaTypes: Readonly<Record<Format, string>> = {
  json: "application/json",
  yaml: "application/yaml",
  protobuf: "application/vnd.kubernetes.protobuf",
};

/** Views that a request may be answered with. */
export type Views = "objects" | "discovery" | "none";

const views: Readonly<Record<string, Output["as"]>> = {
  Table: "table",
  PartialObjectMetadata: "partial",
  PartialObjectMetadataList: "partialList",
  APIGroupDiscoveryList: "groupDiscoveryList",
};

interface Accepted {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly quality: number;
}

/** @throws StatusError NotAcceptable when no clause of the Accept header can be served. */
export function negotiate(accept: string | undefined, allowed: Views, pretty = false): Output {
  if (accept === undefined || accept === "") return { ...jsonOutput, pretty };
  for (const clause of parseAccept(accept)) {
    const format = formatOf(clause.type);
    if (!format) continue;
    const as = clause.parameters["as"];
    if (as === undefined) return { format, as: "object", asVersion: "", pretty };
    const view = Object.hasOwn(views, as) ? views[as] : undefined;
    if (!view) continue;
    const group = clause.parameters["g"] ?? "";
    const version = clause.parameters["v"] ?? "";
    if (view === "groupDiscoveryList") {
      if (allowed === "discovery" && group === "apidiscovery.k8s.io" && (version === "v2" || version === "v2beta1"))
        return { format: "json", as: view, asVersion: version, pretty };
      continue;
    }
    if (allowed === "objects" && group === "meta.k8s.io" && (version === "v1" || version === "v1beta1"))
      return {
        // Views have no protobuf of ours; clients read what the Content-Type says.
        format: format === "protobuf" ? "json" : format,
        as: view,
        asVersion: version,
        pretty,
      };
  }
  const accepted = "application/json, application/yaml, application/vnd.kubernetes.protobuf";
  throw new StatusError("NotAcceptable", `only the following media types are accepted: ${accepted}`);
}

/** Indented when asked for, and for people with a browser, curl or Wget who do not say otherwise. */
export function wantsPretty(query: URLSearchParams, userAgent = ""): boolean {
  const asked = query.get("pretty");
  return asked === null ? /^(?:curl|Wget|Mozilla\/5\.0)/.test(userAgent) : isTrue(asked);
}

function formatOf(type: string): Format | undefined {
  switch (type) {
    case "application/json":
    case "application/*":
    case "*/*":
      return "json";
    case "application/yaml":
      return "yaml";
    case "application/vnd.kubernetes.protobuf":
      return "protobuf";
    default:
      return undefined;
  }
}

function parseAccept(header: string): Accepted[] {
  const clauses = header.split(",").map((text): Accepted => {
    const [type = "", ...rest] = text.split(";").map((part) => part.trim());
    const parameters: Record<string, string> = Object.create(null) as Record<string, string>;
    for (const part of rest) {
      const equals = part.indexOf("=");
      if (equals > 0) parameters[part.slice(0, equals).trim()] = part.slice(equals + 1).trim();
    }
    const quality = Number(parameters["q"] ?? "1");
    return { type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 0 : quality };
  });
  return clauses.filter((clause) => clause.quality > 0).sort((a, b) => b.quality - a.quality);
}

/** The format of a request's body. @throws StatusError UnsupportedMediaType */
export function bodyFormat(contentType: string | undefined): Format {
  const type = (contentType ?? "application/json").split(";")[0]!.trim().toLowerCase();
  switch (type) {
    case "":
    case "application/json":
      return "json";
    case "application/yaml":
      return "yaml";
    case "application/vnd.kubernetes.protobuf":
      return "protobuf";
    default:
      throw unsupportedMediaType(["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"]);
  }
}

export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  return new StatusError(
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`,
  );
}
