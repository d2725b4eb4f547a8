// /healthz, /livez and /readyz: "ok", or with ?verbose and for one check by its path, as Kubernetes prints them.

import type { Response } from "../../wire/exchange.ts";
import type { Server } from "../server.ts";
import type { Call } from "./call.ts";
import { respondText } from "./respond.ts";

export function handleHealth(server: Server, call: Call): Response | undefined {
  const [, root = "", ...rest] = call.info.path.replace(/\/$/, "").split("/");
  if (root !== "healthz" && root !== "livez" && root !== "readyz") return undefined;
  const checks = [
    { name: "ping", ready: () => true },
    ...(root === "livez" ? server.checks.filter((check) => check.name !== "shutdown") : server.checks),
  ];
  if (rest.length > 0) {
    const check = checks.find((candidate) => candidate.name === rest.join("/"));
    if (!check) return respondText(404, "404 page not found\n");
    return check.ready() ? respondText(200, "ok") : respondText(500, `internal server error: ${check.name} is not ready\n`);
  }
  const excluded = new Set(call.info.query.getAll("exclude"));
  const failed = checks.filter((check) => !excluded.has(check.name) && !check.ready());
  const lines = checks.map((check) =>
    excluded.has(check.name)
      ? `[+]${check.name} excluded: ok`
      : failed.includes(check)
        ? `[-]${check.name} failed: reason withheld`
        : `[+]${check.name} ok`,
  );
  if (failed.length > 0) return respondText(500, `${lines.join("\n")}\n${root} check failed\n`);
  return call.info.query.has("verbose") ? respondText(200, `${lines.join("\n")}\n${root} check passed\n`) : respondText(200, "ok");
}
