// Paths that are no resources: version, metrics, OpenID documents, discovery, OpenAPI, health.

import type { Response } from "../../wire/exchange.ts";
import { handleDiscovery } from "../discovery/discovery.ts";
import { handleOpenApi } from "../discovery/openapi.ts";
import type { Server } from "../server.ts";
import { StatusError } from "../../object/status.ts";
import { utf8 } from "../watch/bytes.ts";
import type { Call } from "./call.ts";
import { handleHealth } from "./health.ts";
import { negotiate } from "./negotiate.ts";
import { respondText, respondValue } from "./respond.ts";

const defaultVersion = "v1.36.0+timonier";

/** @throws StatusError */
export async function handleDocument(server: Server, call: Call): Promise<Response> {
  const path = call.info.path.length > 1 ? call.info.path.replace(/\/$/, "") : call.info.path;
  const { method } = call.request;
  if (method !== "GET" && method !== "HEAD")
    throw new StatusError("MethodNotAllowed", "the server does not allow this method on the requested resource", {});
  const health = handleHealth(server, call);
  if (health) return health;
  switch (path) {
    case "/version":
      // Always indented: people read it.
      call.output = { ...call.output, pretty: true };
      return respondValue(call, 200, versionInfo(server));
    case "/metrics":
      if (!server.deps.renderMetrics) break;
      return respondText(200, await server.deps.renderMetrics(), "text/plain; version=0.0.4; charset=utf-8");
    case "/.well-known/openid-configuration":
      return document("application/json", {
        issuer: server.deps.issuer,
        jwks_uri: `${server.deps.issuer}/openid/v1/jwks`,
        response_types_supported: ["id_token"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["ES256", "RS256"],
      });
    case "/openid/v1/jwks":
      return document("application/jwk-set+json", server.deps.tokenKeys.jwks());
    case "/":
      return respondValue(call, 200, { paths: rootPaths(server) });
    default:
      break;
  }
  if (path.startsWith("/openapi/")) return handleOpenApi(server, call, path) ?? notThere();
  if (path === "/api" || path === "/apis" || path.startsWith("/api/") || path.startsWith("/apis/")) {
    call.output = negotiate(call.request.headers["accept"], path === "/api" || path === "/apis" ? "discovery" : "none");
    const found = handleDiscovery(server, call, path);
    if (found) return found;
    throw new StatusError("NotFound", "the server could not find the requested resource", {});
  }
  return notThere();
}

const notThere = (): Response => respondText(404, "404 page not found\n");

function document(type: string, value: object): Response {
  return { status: 200, headers: { "content-type": type, "cache-control": "public, max-age=3600" }, body: utf8(JSON.stringify(value)) };
}

function versionInfo(server: Server): object {
  const gitVersion = server.deps.version ?? defaultVersion;
  const [, major = "", minor = ""] = /^v(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  return {
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Number(minor) - 1),
    gitVersion,
    gitCommit: "",
    gitTreeState: "clean",
    buildDate: "1970-01-01T00:00:00Z",
    goVersion: "none",
    compiler: "none",
    platform: "any",
  };
}

function rootPaths(server: Server): string[] {
  const versions = new Set<string>();
  for (const served of server.resources.all()) versions.add(served.kind.group === "" ? "/api/v1" : `/apis/${served.apiVersion}`);
  const groups = [...versions].filter((path) => path.startsWith("/apis/")).map((path) => path.slice(0, path.lastIndexOf("/")));
  const fixed = [
    "/.well-known/openid-configuration",
    "/api",
    "/apis",
    "/healthz",
    "/livez",
    "/metrics",
    "/openapi/v2",
    "/openapi/v3",
    "/openid/v1/jwks",
    "/readyz",
    "/version",
  ];
  return [...new Set([...fixed, ...versions, ...groups])].toSorted();
}
