// `version`, `api-resources`, `api-versions` and `cluster-info`: what is there.

import { formatYaml } from "../../../wire/yaml-format.ts";
import { KubectlError } from "../errors.ts";
import { bool, text } from "../flags.ts";
import { formatJson } from "../output/structured.ts";
import { TextTable } from "../output/text-table.ts";
import type { Resource } from "../resource-mapping.ts";
import { apiVersionOf, qualifiedResource } from "../resource-mapping.ts";
import type { Verb } from "../verb.ts";

interface VersionInfo {
  readonly major: string;
  readonly minor: string;
  readonly gitVersion: string;
}

/** The API that this client was written for. */
const apiVersion = { major: "1", minor: "36", patch: "0" };

export const versionVerb: Verb = {
  name: "version",
  usage: "",
  summary: "Print the client and server version information",
  flags: [
    bool("client", "If true, shows client version only (no server required)."),
    text("output", "One of 'yaml' or 'json'.", { short: "o" }),
  ],
  run: async (session, { flags, words }) => {
    if (words.length > 0) throw new KubectlError(`extra arguments: [${words.join(" ")}]`);
    const output = flags.text("output");
    if (output !== "" && output !== "json" && output !== "yaml") throw new KubectlError("--output must be 'yaml' or 'json'");
    const { major, minor, patch } = apiVersion;
    const clientVersion = {
      major,
      minor,
      gitVersion: `v${major}.${minor}.${patch}+timonier-${session.environment.version}`,
      compiler: "timonier",
    };
    let serverVersion: VersionInfo | undefined;
    let failure: unknown;
    try {
      if (!flags.bool("client")) serverVersion = await (await session.server()).get<VersionInfo>("/version");
    } catch (error) {
      failure = error;
    }
    if (output === "") {
      session.say(`Client Version: ${clientVersion.gitVersion}`);
      if (serverVersion !== undefined) session.say(`Server Version: ${serverVersion.gitVersion}`);
    } else {
      const all = { clientVersion, ...(serverVersion && { serverVersion }) };
      session.terminal.out(output === "json" ? `${formatJson(all, 2)}\n` : formatYaml(all));
    }
    if (failure !== undefined) throw failure;
    const skew = serverVersion === undefined ? 0 : Number(serverVersion.minor.replace(/\D.*$/, "")) - Number(minor);
    if (Math.abs(skew) > 1 && output === "") {
      session.terminal.err(
        `WARNING: version difference between client (${major}.${minor}) and server (${serverVersion!.major}.${serverVersion!.minor}) exceeds the supported minor version skew of +/-1\n`,
      );
    }
  },
};

export const apiVersionsVerb: Verb = {
  name: "api-versions",
  usage: "",
  summary: `Print the supported API versions on the server, in the form of "group/version"`,
  run: async (session) => {
    const { groups } = await session.mapping();
    const names = groups.flatMap(({ name, versions }) => versions.map(({ version }) => apiVersionOf({ group: name, version })));
    for (const name of names.toSorted()) session.say(name);
  },
};

export const apiResourcesVerb: Verb = {
  name: "api-resources",
  usage: "",
  summary: "Print the supported API resources on the server",
  flags: [
    text("api-group", "Limit to resources in the specified API group."),
    bool("namespaced", "If false, non-namespaced resources will be returned, otherwise returning namespaced resources by default.", {
      default: "true",
    }),
    bool("no-headers", "When using the default output format, don't print headers."),
    text("output", "Output format. One of: (wide, name).", { short: "o" }),
    text("sort-by", "If non-empty, sort list of resources using specified field. One of (name, kind)."),
    text("verbs", "Limit to resources that support the specified verbs."),
    text("categories", "Limit to resources that belong to the specified categories."),
    bool("cached", "Use the cached list of resources if available."),
  ],
  run: async (session, { flags }) => {
    const output = flags.text("output");
    if (!["", "wide", "name"].includes(output)) throw new KubectlError(`--output ${output} is not available`);
    const sortBy = flags.text("sort-by");
    if (!["", "name", "kind"].includes(sortBy)) throw new KubectlError("--sort-by accepts only name or kind");
    const words = (name: string): string[] => flags.text(name).split(",").filter(Boolean);
    const resources = (await session.mapping())
      .preferred()
      .filter((resource) => !flags.has("api-group") || resource.group === flags.text("api-group"))
      .filter((resource) => !flags.has("namespaced") || resource.namespaced === flags.bool("namespaced"))
      .filter((resource) => words("verbs").every((verb) => resource.verbs.includes(verb)))
      .filter((resource) => words("categories").every((category) => resource.categories.includes(category)));
    const key = (resource: Resource): string =>
      sortBy === "name" ? resource.plural : sortBy === "kind" ? resource.kind : `${resource.group}\u0000${resource.plural}`;
    const sorted = resources.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
    if (output === "name") {
      for (const resource of sorted) session.say(qualifiedResource(resource));
      return;
    }
    const wide = output === "wide";
    const rows = sorted.map((resource) => [
      resource.plural,
      resource.shortNames.join(","),
      apiVersionOf(resource),
      String(resource.namespaced),
      resource.kind,
      ...(wide ? [resource.verbs.join(","), resource.categories.join(",")] : []),
    ]);
    if (!flags.bool("no-headers"))
      rows.unshift(["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND", ...(wide ? ["VERBS", "CATEGORIES"] : [])]);
    session.terminal.out(new TextTable().format(rows));
  },
};

export const clusterInfoVerb: Verb = {
  name: "cluster-info",
  usage: "",
  summary: "Display cluster information",
  run: async (session) => {
    const { target } = await session.clientConfig();
    const server = await session.server();
    const paint = (code: number, words: string): string => (session.terminal.colours ? `\u001b[0;${code}m${words}\u001b[0m` : words);
    const address = `${target.scheme}://${server.address}`;
    const services = await server.get("/api/v1/namespaces/kube-system/services?labelSelector=kubernetes.io%2Fcluster-service%3Dtrue");
    session.say(`${paint(32, "Kubernetes control plane")} is running at ${paint(33, address)}`);
    for (const service of services.items as {
      metadata: { name: string; labels?: Record<string, string> };
      spec: { ports?: { name?: string }[] };
    }[]) {
      const { name, labels } = service.metadata;
      const port = service.spec.ports?.[0]?.name;
      const link = `${address}/api/v1/namespaces/kube-system/services/${port === undefined ? name : `${name}:${port}`}/proxy`;
      session.say(`${paint(32, labels?.["kubernetes.io/name"] ?? name)} is running at ${paint(33, link)}`);
    }
    session.say("");
  },
};
