// `apply`: makes objects be as files say, by a three-way patch or on the server's side.

import { withQuery } from "../../../client/resource-path.ts";
import { sleep } from "../../../base/clock.ts";
import { isConflict, isNotFound, KubectlError, throwCollected, withSource } from "../errors.ts";
import { bool, duration, int, list, text } from "../flags.ts";
import type { Item } from "../items.ts";
import { lastAppliedAnnotation } from "../items.ts";
import { lastApplied, withLastApplied } from "../last-applied.ts";
import { fileFlags, hasFiles, refuseKustomize } from "../manifests.ts";
import type { DryRun, Report } from "../output/report.ts";
import { createReport, dryRunOf } from "../output/report.ts";
import { formatJson, outputFlags } from "../output/structured.ts";
import { pathOf } from "../resource-mapping.ts";
import type { Patch } from "../schemas.ts";
import { patched, threeWayPatch } from "../schemas.ts";
import type { Target } from "../selection.ts";
import { readObject, selectTargets } from "../selection.ts";
import type { Session } from "../session.ts";
import type { FieldValidation } from "../validation.ts";
import { checkDuplicates, fieldValidationOf } from "../validation.ts";
import type { Verb } from "../verb.ts";
import { allFlag, dryRunFlag, fieldManagerFlag, selectorFlag, validateFlag } from "../verb.ts";
import { applyLastAppliedVerbs } from "./apply-last-applied.ts";
import { recreate } from "./replace.ts";

const clientSideManager = "kubectl-client-side-apply";
const maxPatchRetries = 5;
const retryDelayMs = 1000;

export const applyVerb: Verb = {
  name: "apply",
  usage: "(-f FILENAME | -k DIRECTORY)",
  summary: "Apply a configuration to a resource by file name or stdin",
  examples: `
kubectl apply -f ./pod.json
cat pod.json | kubectl apply -f -
kubectl apply -f manifests/ -R --server-side`,
  verbs: applyLastAppliedVerbs,
  flags: [
    ...fileFlags("that contain the configurations to apply."),
    ...outputFlags,
    allFlag,
    selectorFlag,
    dryRunFlag,
    validateFlag,
    fieldManagerFlag(clientSideManager),
    bool("server-side", "If true, apply runs in the server instead of the client."),
    bool("force-conflicts", "If true, server-side apply will force the changes against conflicts."),
    bool("force", "If true, a resource whose change is refused is deleted and created again."),
    bool("overwrite", "Automatically resolve conflicts between the modified and live configuration.", { default: "true" }),
    bool("openapi-patch", "If true, use openapi to calculate diff when possible.", { default: "true" }),
    bool("prune", "Not supported."),
    list("prune-allowlist", "Not supported."),
    text("cascade", `Must be "background", "orphan", or "foreground", for --force.`, { default: "background", bare: "background" }),
    int("grace-period", "Period of time in seconds given to the resource to terminate gracefully, for --force.", { default: "-1" }),
    duration("timeout", "The length of time to wait before giving up on a delete."),
    bool("wait", "If true, wait for resources to be gone before returning."),
    text("subresource", "If specified, apply will operate on the subresource. Only allowed when using --server-side."),
  ],
  run: async (session, { words, flags }) => {
    if (words.length > 0) throw new KubectlError(`Unexpected args: [${words.join(" ")}]\nSee 'kubectl apply -h' for help and examples`);
    refuseKustomize(flags);
    if (!hasFiles(flags)) throw new KubectlError("must specify one of -f and -k");
    if (flags.bool("prune"))
      throw new KubectlError("--prune is not supported: delete what is no longer wanted with `kubectl delete -f` or by label");
    const dryRun = dryRunOf(flags);
    const serverSide = flags.bool("server-side");
    if (serverSide && dryRun === "client")
      throw new KubectlError("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)");
    if (flags.bool("force-conflicts") && !serverSide) throw new KubectlError("--force-conflicts only works with --server-side");
    if (flags.bool("force") && serverSide) throw new KubectlError("--force cannot be used with --server-side");
    const validation = fieldValidationOf(session);
    const report = await createReport(session, dryRun);
    const errors: unknown[] = [];
    const targets = await selectTargets(session, [], { onError: (error) => void errors.push(error) });
    if (targets.length === 0 && errors.length === 0) throw new KubectlError("no objects passed to apply");
    for (const target of targets) {
      try {
        checkDuplicates(session, target.manifest!, validation);
        if (serverSide) await applyOnServer(session, target, dryRun, validation, report);
        else await new ClientSideApply(session, target, dryRun, validation, report).run();
      } catch (error) {
        errors.push(error);
      }
    }
    throwCollected(errors);
  },
};

async function applyOnServer(session: Session, target: Target, dryRun: DryRun, validation: FieldValidation, report: Report): Promise<void> {
  const { flags } = session;
  const { resource, namespace, name, manifest } = target;
  if (name === undefined)
    throw new KubectlError(`error when applying ${JSON.stringify(manifest!.source)}: an object to apply needs a name`);
  const path = withQuery(pathOf(resource, namespace, name, flags.text("subresource")), {
    fieldManager: flags.has("field-manager") ? flags.text("field-manager") : "kubectl",
    force: flags.bool("force-conflicts"),
    fieldValidation: validation,
    dryRun: dryRun === "server" ? "All" : undefined,
  });
  try {
    const applied = await (
      await session.server()
    ).request<Item>("PATCH", path, {
      body: withoutNullTimestamp(manifest!.object),
      contentType: "application/apply-patch+yaml",
    });
    report(applied, "serverside-applied");
  } catch (error) {
    if (!isConflict(error)) throw error;
    throw new KubectlError(`${(error as Error).message}
The fields above are managed by somebody else. Either leave them out of your configuration and let the others
keep them, or state the values that they have, or take them over with --force-conflicts.`);
  }
}

/** `creationTimestamp: null`, which generators write, means nothing. */
function withoutNullTimestamp(object: Item): Item {
  const metadata = object.metadata as Readonly<Record<string, unknown>> | undefined;
  if (metadata?.["creationTimestamp"] !== null) return object;
  const { creationTimestamp: _, ...rest } = metadata;
  return { ...object, metadata: rest } as Item;
}

class ClientSideApply {
  readonly #session: Session;
  readonly #target: Target;
  readonly #dryRun: DryRun;
  readonly #validation: FieldValidation;
  readonly #report: Report;
  readonly #modified: Item;

  constructor(session: Session, target: Target, dryRun: DryRun, validation: FieldValidation, report: Report) {
    this.#session = session;
    this.#target = target;
    this.#dryRun = dryRun;
    this.#validation = validation;
    this.#report = report;
    this.#modified = withLastApplied(withoutNullTimestamp(target.manifest!.object));
  }

  async run(): Promise<void> {
    const { name, manifest } = this.#target;
    const source = JSON.stringify(manifest!.source);
    let current: Item;
    try {
      if (name === undefined) throw new KubectlError(`cannot use generate name with apply`);
      current = await readObject(this.#session, this.#target, name);
    } catch (error) {
      if (!isNotFound(error))
        throw withSource(error, `error when retrieving current configuration of:\n${this.#describe()}\nfrom server for: ${source}`);
      await this.#create(source);
      return;
    }
    if (current.metadata?.annotations?.[lastAppliedAnnotation] === undefined) this.#warnNotApplied();
    const { object, changed } = await this.#patch(current, source);
    // A dry run on our side does not look whether anything would change.
    this.#report(object, changed || this.#dryRun === "client" ? "configured" : "unchanged");
  }

  #describe(): string {
    const { resource, namespace, name = "" } = this.#target;
    const id = `Resource: "${resource.group === "" ? "" : `${resource.group}/`}${resource.version}, Resource=${resource.plural}"`;
    return `${id}\nName: ${JSON.stringify(name)}, Namespace: ${JSON.stringify(namespace)}`;
  }

  #query(): Record<string, string | undefined> {
    return {
      fieldManager: this.#session.flags.text("field-manager"),
      fieldValidation: this.#validation,
      dryRun: this.#dryRun === "server" ? "All" : undefined,
    };
  }

  async #create(source: string): Promise<void> {
    const { resource, namespace } = this.#target;
    if (this.#dryRun === "client") return this.#report(this.#modified, "created");
    try {
      const path = withQuery(pathOf(resource, namespace), this.#query());
      this.#report(await (await this.#session.server()).request<Item>("POST", path, { body: this.#modified }), "created");
    } catch (error) {
      throw withSource(error, `error when creating ${source}`);
    }
  }

  #warnNotApplied(): void {
    const { resource, name } = this.#target;
    this.#session.warn(
      `resource ${resource.plural}/${name ?? ""} is missing the ${lastAppliedAnnotation} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.`,
    );
  }

  async #patch(first: Item, source: string): Promise<{ readonly object: Item; readonly changed: boolean }> {
    const { environment, flags } = this.#session;
    const name = this.#target.name!;
    let current = first;
    for (let attempt = 1; ; attempt++) {
      const patch = threeWayPatch(this.#target.resource, lastApplied(current), this.#modified, current);
      if (Object.keys(patch.body).length === 0) return { object: current, changed: false };
      if (this.#dryRun === "client") return { object: patched(this.#target.resource, current, patch), changed: true };
      if (current.metadata?.deletionTimestamp !== undefined)
        this.#session.warn(`Detected changes to resource ${name} which is currently being deleted.`);
      try {
        return { object: await this.#send(patch), changed: true };
      } catch (error) {
        if (isConflict(error) && attempt <= maxPatchRetries) {
          if (attempt > 1) await sleep(environment.clock, retryDelayMs, environment.signal);
          current = await readObject(this.#session, this.#target, name);
          continue;
        }
        const invalid = (error as { reason?: string }).reason === "Invalid";
        if (flags.bool("force") && this.#dryRun === "none" && (invalid || isConflict(error)))
          return { object: await recreate(this.#session, this.#target, this.#modified, this.#query()), changed: true };
        throw withSource(
          error,
          `error when applying patch:\n${formatJson(patch.body, 0)}\nto:\n${this.#describe()}\nfor: ${source}: error when patching ${source}`,
        );
      }
    }
  }

  async #send(patch: Patch): Promise<Item> {
    const { resource, namespace, name } = this.#target;
    const path = withQuery(pathOf(resource, namespace, name), this.#query());
    return await (await this.#session.server()).request<Item>("PATCH", path, patch);
  }
}
