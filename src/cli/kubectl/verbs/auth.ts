// `auth can-i` and `auth whoami`.

import { ExitCode, KubectlError } from "../errors.ts";
import { bool, text } from "../flags.ts";
import type { Item } from "../items.ts";
import { outputFlags, structuredPrinter } from "../output/structured.ts";
import { TextTable } from "../output/text-table.ts";
import type { Session } from "../session.ts";
import type { Verb } from "../verb.ts";
import { allNamespacesFlag } from "../verb.ts";

export const authVerb: Verb = {
  name: "auth",
  usage: "",
  summary: "Inspect authorization",
  verbs: [
    {
      name: "can-i",
      usage: "VERB [TYPE | TYPE/NAME | NONRESOURCEURL]",
      summary: "Check whether an action is allowed",
      examples: `
kubectl auth can-i create pods --all-namespaces
kubectl auth can-i '*' '*'
kubectl auth can-i get /logs/
kubectl auth can-i --list`,
      flags: [
        allNamespacesFlag,
        bool("list", "If true, prints all allowed actions."),
        bool("quiet", "If true, suppress output and just return the exit code.", { short: "q" }),
        bool("no-headers", "If true, prints allowed actions without headers"),
        text("subresource", "SubResource such as pod/log or deployment/scale"),
      ],
      run: async (session, { words, flags }) => {
        if (flags.bool("list")) return await listAllowed(session);
        if (words.length < 2)
          throw new KubectlError(
            "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
          );
        const review = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec: await attributesOf(session, words) };
        const { status } = await (
          await session.server()
        ).request<Item>("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", { body: review });
        const { allowed, reason, evaluationError } = status as { allowed?: boolean; reason?: string; evaluationError?: string };
        if (!flags.bool("quiet")) {
          const why =
            allowed === true ? "" : [reason && ` - ${reason}`, evaluationError && ` - ${evaluationError}`].filter(Boolean).join("");
          session.say(`${allowed === true ? "yes" : "no"}${why}`);
        }
        if (allowed !== true) throw new ExitCode(1);
      },
    },
    {
      name: "whoami",
      usage: "",
      summary: "Experimental: Check self subject attributes",
      flags: outputFlags,
      run: async (session, { flags }) => {
        const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
        const answer = await (
          await session.server()
        ).request<Item>("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", { body: review });
        const print = await structuredPrinter(session.environment, flags);
        if (print !== undefined) return session.terminal.out(print(answer));
        const {
          username = "",
          uid,
          groups = [],
          extra = {},
        } = answer["status"].userInfo as { username?: string; uid?: string; groups?: string[]; extra?: Record<string, string[]> };
        const rows = [
          ["ATTRIBUTE", "VALUE"],
          ["Username", username],
          ...(uid ? [["UID", uid]] : []),
          ...(groups.length > 0 ? [["Groups", `[${groups.join(" ")}]`]] : []),
          ...Object.keys(extra)
            .toSorted()
            .map((key) => [`Extra: ${key}`, `[${extra[key]!.join(" ")}]`]),
        ];
        session.terminal.out(new TextTable().format(rows));
      },
    },
  ],
};

const knownVerbs = new Set([
  "get",
  "list",
  "watch",
  "create",
  "update",
  "patch",
  "delete",
  "deletecollection",
  "use",
  "bind",
  "impersonate",
  "*",
  "approve",
  "sign",
  "escalate",
  "attest",
]);

async function attributesOf(session: Session, [verb = "", what = "", third]: readonly string[]): Promise<object> {
  const { flags } = session;
  if (what.startsWith("/")) return { nonResourceAttributes: { verb, path: what } };
  const [type = "", slashName] = what.split("/");
  const name = third ?? slashName;
  const namespace = flags.bool("all-namespaces") ? "" : (await session.namespace()).name;
  if (!knownVerbs.has(verb)) session.warn(`verb '${verb}' is not a known verb\n`);
  const resource = type === "*" ? undefined : (await session.mapping()).find(type);
  if (resource === undefined && type !== "*") session.warn(`the server doesn't have a resource type '${type}'\n`);
  if (resource?.namespaced === false && !flags.bool("quiet")) {
    session.warn(`resource '${resource.plural}' is not namespace scoped${resource.group === "" ? "" : ` in group '${resource.group}'`}\n`);
  }
  return {
    resourceAttributes: {
      verb,
      group: type === "*" ? "*" : (resource?.group ?? ""),
      resource: type === "*" ? "*" : (resource?.plural ?? type),
      ...(resource?.namespaced !== false && namespace !== "" && { namespace }),
      ...(flags.text("subresource") !== "" && { subresource: flags.text("subresource") }),
      ...(name !== undefined && { name }),
    },
  };
}

interface Rule {
  readonly verbs?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

async function listAllowed(session: Session): Promise<void> {
  const namespace = (await session.namespace()).name;
  const body = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", spec: { namespace } };
  const answer = await (await session.server()).request<Item>("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", { body });
  const {
    resourceRules = [],
    nonResourceRules = [],
    incomplete,
  } = answer["status"] as { resourceRules?: Rule[]; nonResourceRules?: Rule[]; incomplete?: boolean };
  if (incomplete === true) session.warn("the list may be incomplete");
  const show = (values: readonly string[] | undefined): string => `[${(values ?? []).join(" ")}]`;
  const resources = resourceRules.flatMap((rule) =>
    (rule.resources ?? []).flatMap((resource) =>
      (rule.apiGroups ?? [""]).map((group) => [
        group === "" ? resource : `${resource}.${group}`,
        "[]",
        show(rule.resourceNames),
        show(rule.verbs),
      ]),
    ),
  );
  const urls = nonResourceRules.flatMap((rule) => (rule.nonResourceURLs ?? []).map((url) => ["", `[${url}]`, "[]", show(rule.verbs)]));
  const header = session.flags.bool("no-headers") ? [] : [["Resources", "Non-Resource URLs", "Resource Names", "Verbs"]];
  session.terminal.out(new TextTable().format([...header, ...resources.toSorted((a, b) => (a[0]! < b[0]! ? -1 : 1)), ...urls]));
}
