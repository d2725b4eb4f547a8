// `config`: the kubeconfig itself.

import type { Kubeconfig } from "../../../client/kubeconfig.ts";
import { formatKubeconfig, parseKubeconfig } from "../../../client/kubeconfig.ts";
import { configPaths } from "../client-config.ts";
import { KubectlError } from "../errors.ts";
import { bool, text } from "../flags.ts";
import type { Item } from "../items.ts";
import { outputFlags, structuredPrinter } from "../output/structured.ts";
import { TextTable } from "../output/text-table.ts";
import { directoryOf } from "../paths.ts";
import type { Session } from "../session.ts";
import type { Verb } from "../verb.ts";
import { formatYaml } from "../../../wire/yaml-format.ts";

export const configVerb: Verb = {
  name: "config",
  usage: "SUBCOMMAND",
  summary: "Modify kubeconfig files",
  verbs: [
    {
      name: "view",
      usage: "[flags]",
      summary: "Display merged kubeconfig settings or a specified kubeconfig file",
      flags: [
        ...outputFlags,
        bool("minify", "Remove all information not used by current-context from the output"),
        bool("raw", "Display raw byte data and sensitive data"),
        bool("flatten", "Flatten the resulting kubeconfig file into self-contained output: not supported."),
        bool("merge", "Merge the full hierarchy of kubeconfig files", { default: "true" }),
      ],
      run: async (session, { flags }) => {
        if (flags.bool("flatten")) throw new KubectlError("--flatten is not supported");
        const config = await session.config();
        const chosen = flags.bool("minify") ? minified(config, session.globals.text("context") || config["current-context"]) : config;
        const shown = { preferences: {}, ...(flags.bool("raw") ? chosen : redacted(chosen)) };
        const print = await structuredPrinter(session.environment, flags);
        session.terminal.out(print === undefined ? formatYaml(shown) : print(shown as unknown as Item));
      },
    },
    {
      name: "get-contexts",
      usage: "[(-o|--output=)name)]",
      summary: "Describe one or many contexts",
      flags: [text("output", "Output format. One of: (name).", { short: "o" }), bool("no-headers", "Don't print headers.")],
      run: async (session, { words, flags }) => {
        const config = await session.config();
        const missing = words.filter((name) => !config.contexts.some((entry) => entry.name === name));
        const contexts = config.contexts
          .filter(({ name }) => words.length === 0 || words.includes(name))
          .toSorted((a, b) => (a.name < b.name ? -1 : 1));
        if (flags.text("output") === "name") for (const { name } of contexts) session.say(name);
        else {
          const rows = contexts.map(({ name, context }) => [
            name === config["current-context"] ? "*" : "",
            name,
            context.cluster ?? "",
            context.user ?? "",
            context.namespace ?? "",
          ]);
          if (!flags.bool("no-headers")) rows.unshift(["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"]);
          session.terminal.out(new TextTable().format(rows));
        }
        if (missing.length > 0) throw new KubectlError(`context ${missing[0]!} not found`);
      },
    },
    {
      name: "current-context",
      usage: "",
      summary: "Display the current-context",
      run: async (session) => {
        const current = (await session.config())["current-context"];
        if (current === "") throw new KubectlError("current-context is not set");
        session.say(current);
      },
    },
    {
      name: "use-context",
      aliases: ["use"],
      usage: "CONTEXT_NAME",
      summary: "Set the current-context in a kubeconfig file",
      run: async (session, { words }) => {
        const [name, ...more] = words;
        if (name === undefined || more.length > 0)
          throw new KubectlError(`Unexpected args: [${words.join(" ")}]\nSee 'kubectl config use-context -h' for help and examples`);
        if (!(await session.config()).contexts.some((entry) => entry.name === name))
          throw new KubectlError(`no context exists with the name: ${JSON.stringify(name)}`);
        await change(
          session,
          () => true,
          (config) => ({ ...config, "current-context": name }),
        );
        session.say(`Switched to context ${JSON.stringify(name)}.`);
      },
    },
    {
      name: "set-context",
      usage: "[NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace]",
      summary: "Set a context entry in kubeconfig",
      flags: [
        bool("current", "Modify the current context"),
        text("cluster", "cluster for the context entry in kubeconfig"),
        text("user", "user for the context entry in kubeconfig"),
        text("namespace", "namespace for the context entry in kubeconfig", { short: "n" }),
      ],
      run: async (session, { words, flags }) => {
        const config = await session.config();
        const name = flags.bool("current") ? config["current-context"] : words[0];
        if (name === undefined || name === "")
          throw new KubectlError(
            flags.bool("current") ? "no current context is set" : "you must specify a non-empty context name or --current",
          );
        const given = Object.fromEntries(
          ["cluster", "user", "namespace"].filter((flag) => flags.has(flag)).map((flag) => [flag, flags.text(flag)]),
        );
        const exists = config.contexts.some((entry) => entry.name === name);
        await change(
          session,
          (candidate) => candidate.contexts.some((entry) => entry.name === name),
          (candidate) => {
            const present = candidate.contexts.find((entry) => entry.name === name);
            const entry = { name, context: { ...present?.context, ...given } };
            const contexts =
              present === undefined
                ? [...candidate.contexts, entry]
                : candidate.contexts.map((other) => (other.name === name ? entry : other));
            return { ...candidate, contexts };
          },
        );
        session.say(`Context ${JSON.stringify(name)} ${exists ? "modified" : "created"}.`);
      },
    },
    {
      name: "get-clusters",
      usage: "",
      summary: "Display clusters defined in the kubeconfig",
      run: async (session) =>
        session.terminal.out(["NAME", ...(await session.config()).clusters.map(({ name }) => name)].join("\n") + "\n"),
    },
    {
      name: "get-users",
      usage: "",
      summary: "Display users defined in the kubeconfig",
      run: async (session) => session.terminal.out(["NAME", ...(await session.config()).users.map(({ name }) => name)].join("\n") + "\n"),
    },
    {
      name: "delete-context",
      usage: "NAME",
      summary: "Delete the specified context from the kubeconfig",
      run: async (session, { words }) => {
        const [name = ""] = words;
        if (!(await session.config()).contexts.some((entry) => entry.name === name))
          throw new KubectlError(`cannot delete context ${name}, not in ${configPaths(session.environment, session.globals)[0]!}`);
        await change(
          session,
          (config) => config.contexts.some((entry) => entry.name === name),
          (config) => ({ ...config, contexts: config.contexts.filter((entry) => entry.name !== name) }),
        );
        session.say(`deleted context ${name} from ${configPaths(session.environment, session.globals)[0]!}`);
      },
    },
  ],
};

/** Changes the first file that `concerns` says yes to, else the first one. */
async function change(
  session: Session,
  concerns: (config: Kubeconfig) => boolean,
  edit: (config: Kubeconfig) => Kubeconfig,
): Promise<void> {
  const { files } = session.environment;
  const paths = configPaths(session.environment, session.globals);
  let path = paths[0]!;
  for (const candidate of paths) {
    const content = await files.readText(candidate);
    if (content === undefined || !concerns(parseKubeconfig(content))) continue;
    path = candidate;
    break;
  }
  await files.makeDirectory(directoryOf(path), 0o700);
  await files.writeText(path, formatKubeconfig(edit(parseKubeconfig((await files.readText(path)) ?? ""))), 0o600);
}

function minified(config: Kubeconfig, current: string): Kubeconfig {
  const context = config.contexts.find(({ name }) => name === current);
  if (context === undefined) throw new KubectlError("cannot locate context " + current);
  return {
    ...config,
    "current-context": current,
    contexts: [context],
    clusters: config.clusters.filter(({ name }) => name === context.context.cluster),
    users: config.users.filter(({ name }) => name === context.context.user),
  };
}

const secretFields: Readonly<Record<string, string>> = {
  "certificate-authority-data": "DATA+OMITTED",
  "client-certificate-data": "DATA+OMITTED",
  "client-key-data": "DATA+OMITTED",
  token: "REDACTED",
  password: "REDACTED",
};

function redacted(config: Kubeconfig): Kubeconfig {
  const hide = <T extends Readonly<Record<string, unknown>>>(of: T): T =>
    Object.fromEntries(
      Object.entries(of).map(([name, value]) => [name, Object.hasOwn(secretFields, name) && value !== "" ? secretFields[name] : value]),
    ) as T;
  return {
    ...config,
    clusters: config.clusters.map(({ name, cluster }) => ({ name, cluster: hide(cluster) })),
    users: config.users.map(({ name, user }) => ({ name, user: hide(user) })),
  };
}
