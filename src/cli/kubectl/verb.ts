// A verb of kubectl: its flags, its words, and what it does.

import type { FlagSpec, ParsedWords } from "./flags.ts";
import { bool, int, text, array } from "./flags.ts";
import type { Session } from "./session.ts";

export interface Verb {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** What follows the verb: "(TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE/NAME ...)". */
  readonly usage: string;
  /** One sentence. */
  readonly summary: string;
  readonly examples?: string;
  readonly flags?: readonly FlagSpec[];
  /** Verbs below this one: `rollout status`. One without `run` does nothing by itself. */
  readonly verbs?: readonly Verb[];
  readonly hidden?: boolean;
  /** @returns the exit code; 0 when nothing is returned */
  readonly run?: (session: Session, line: ParsedWords) => Promise<number | void>;
}

/** Flags that stand before or after any verb. */
export const globalFlags: readonly FlagSpec[] = [
  text("as", "Username to impersonate for the operation."),
  array("as-group", "Group to impersonate for the operation, this flag can be repeated to specify multiple groups."),
  text("as-uid", "UID to impersonate for the operation."),
  text("certificate-authority", "Path to a cert file for the certificate authority"),
  text("client-certificate", "Path to a client certificate file for TLS"),
  text("client-key", "Path to a client key file for TLS"),
  text("cluster", "The name of the kubeconfig cluster to use"),
  text("context", "The name of the kubeconfig context to use"),
  bool(
    "insecure-skip-tls-verify",
    "If true, the server's certificate will not be checked for validity. This will make your HTTPS connections insecure",
  ),
  text("kubeconfig", "Path to the kubeconfig file to use for CLI requests."),
  text("namespace", "If present, the namespace scope for this CLI request", { short: "n" }),
  text(
    "request-timeout",
    "The length of time to wait before giving up on a single server request. A value of zero means don't timeout requests.",
    {
      default: "0",
    },
  ),
  text("server", "The address and port of the Kubernetes API server", { short: "s" }),
  text("tls-server-name", "Server name to use for server certificate validation."),
  text("token", "Bearer token for authentication to the API server"),
  text("user", "The name of the kubeconfig user to use"),
  int("v", "number for the log level verbosity", { short: "v" }),
  bool("warnings-as-errors", "Treat warnings received from the server as errors and exit with a non-zero exit code"),
  bool("help", "Show this help", { short: "h", hidden: true }),
];

/** Flags that several verbs share. */
export const allNamespacesFlag = bool("all-namespaces", "If present, list the requested object(s) across all namespaces.", { short: "A" });
export const selectorFlag = text("selector", "Selector (label query) to filter on, supports '=', '==', '!=', 'in', 'notin'.", {
  short: "l",
});
export const fieldSelectorFlag = text("field-selector", "Selector (field query) to filter on, supports '=', '==', and '!='.");
export const dryRunFlag = text(
  "dry-run",
  `Must be "none", "server", or "client". "client" prints what would be sent, "server" submits it without keeping it.`,
  { default: "none", bare: "unchanged" },
);
export const fieldManagerFlag = (name: string): FlagSpec =>
  text("field-manager", "Name of the manager used to track field ownership.", { default: name });
export const validateFlag = text("validate", "What to do about unknown or repeated fields: strict (or true), warn, ignore (or false).", {
  default: "strict",
  bare: "strict",
});
export const allFlag = bool("all", "Select all resources in the namespace of the specified resource types.");
