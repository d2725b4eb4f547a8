// Which objects a command is about: "pods", "pod web", "deploy/web svc/web", "pods,services -l app=web", or those of files.

import { withQuery } from "../../client/resource-path.ts";
import { StatusError } from "../../object/status.ts";
import { KubectlError, throwCollected, withSource } from "./errors.ts";
import type { Item, ItemList } from "./items.ts";
import { itemsOf, nameOf, namespaceOf } from "./items.ts";
import type { Manifest } from "./manifests.ts";
import { hasFiles, readManifests } from "./manifests.ts";
import type { Resource } from "./resource-mapping.ts";
import { apiVersionOf, pathOf } from "./resource-mapping.ts";
import type { Session } from "./session.ts";

/** One object, or with no name all of a kind in a namespace ("" for every namespace). */
export interface Target {
  readonly resource: Resource;
  readonly namespace: string;
  readonly name?: string;
  /** The object as a file has it. */
  readonly manifest?: Manifest;
}

/** A target whose object has been read from the server. */
export interface Found extends Target {
  readonly name: string;
  readonly object: Item;
}

export interface SelectOptions {
  /** The type alone means all of them (`get pods`). Otherwise a name, a selector or --all is wanted. */
  readonly wholeTypes?: boolean;
  readonly onError?: (error: unknown) => void;
  /** --selector means something else to this verb. */
  readonly ignoreSelectors?: boolean;
}

const needResource = `You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`;

/** What the words, files and flags name; nothing but kinds is asked from the server. @throws KubectlError */
export async function selectTargets(session: Session, words: readonly string[], options: SelectOptions = {}): Promise<Target[]> {
  const { flags } = session;
  if (flags.declares("filename") && hasFiles(flags)) {
    if (words.length > 0)
      throw new KubectlError("when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well");
    return await fileTargets(session, options.onError);
  }
  if (words.length === 0) throw new KubectlError(needResource);
  return await wordTargets(session, words, options);
}

const flagOf = ({ flags }: Session, name: string): string => (flags.declares(name) ? flags.text(name) : "");
const isSet = ({ flags }: Session, name: string): boolean => flags.declares(name) && flags.bool(name);

async function wordTargets(session: Session, words: readonly string[], options: SelectOptions): Promise<Target[]> {
  const selects = options.ignoreSelectors !== true && (flagOf(session, "selector") !== "" || flagOf(session, "field-selector") !== "");
  const everywhere = isSet(session, "all-namespaces");
  const mapping = await session.mapping();
  const namespace = everywhere ? "" : (await session.namespace()).name;
  const target = (resource: Resource, name?: string): Target => ({
    resource,
    namespace: resource.namespaced ? namespace : "",
    ...(name !== undefined && { name }),
  });
  const refuseNames = (): void => {
    if (selects) throw new KubectlError("name cannot be provided when a selector is specified");
    if (isSet(session, "all")) throw new KubectlError("setting 'all' parameter but found a non empty selector. ");
    if (everywhere) throw new KubectlError("a resource cannot be retrieved by name across all namespaces");
  };
  if (words.some((word) => word.includes("/"))) {
    if (words.some((word) => !word.includes("/"))) {
      throw new KubectlError(
        "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
      );
    }
    refuseNames();
    return words.map((word) => {
      const [type = "", name = "", ...rest] = word.split("/");
      if (rest.length > 0) throw new KubectlError("arguments in resource/name form may not have more than one slash");
      if (type === "" || name === "") throw new KubectlError("arguments in resource/name form must have a single resource and name");
      return target(mapping.byWord(type), name);
    });
  }
  const [types = "", ...names] = words;
  if (names.length > 0) refuseNames();
  const resources = [...new Set(types.split(",").filter((word) => word !== ""))].flatMap((word) => {
    const category = mapping.find(word) === undefined ? mapping.category(word) : [];
    return category.length > 0 ? category.filter((resource) => resource.verbs.includes("list")) : [mapping.byWord(word)];
  });
  if (names.length > 0) return resources.flatMap((resource) => names.map((name) => target(resource, name)));
  if (options.wholeTypes !== true && !selects && !isSet(session, "all"))
    throw new KubectlError("resource(s) were provided, but no name was specified");
  return resources.map((resource) => target(resource));
}

async function fileTargets(session: Session, onError?: (error: unknown) => void): Promise<Target[]> {
  const errors: unknown[] = [];
  const fail = onError ?? ((error: unknown) => void errors.push(error));
  const manifests = await readManifests(session.environment, session.flags, fail);
  const targets: Target[] = [];
  for (const manifest of manifests) {
    try {
      targets.push(await manifestTarget(session, manifest));
    } catch (error) {
      fail(error);
    }
  }
  throwCollected(errors);
  return targets;
}

/** Where a file's object lives. @throws KubectlError when the server has no such kind, or -n names another namespace */
async function manifestTarget(session: Session, manifest: Manifest): Promise<Target & { readonly manifest: Manifest }> {
  const { object, source } = manifest;
  const resource = (await session.mapping()).byKind(object.apiVersion ?? "", object.kind ?? "");
  if (resource === undefined) {
    throw new KubectlError(
      `resource mapping not found for name: ${JSON.stringify(nameOf(object))} namespace: ${JSON.stringify(namespaceOf(object))} from ${JSON.stringify(source)}: no matches for kind ${JSON.stringify(object.kind ?? "")} in version ${JSON.stringify(object.apiVersion ?? "")}\nensure CRDs are installed first`,
    );
  }
  const { name, explicit } = await session.namespace();
  const own = namespaceOf(object);
  if (resource.namespaced && explicit && own !== "" && own !== name) {
    throw new KubectlError(
      `the namespace from the provided object ${JSON.stringify(own)} does not match the namespace ${JSON.stringify(name)}. You must pass '--namespace=${own}' to perform this operation.`,
    );
  }
  const namespace = resource.namespaced ? own || name : "";
  const placed: Item = resource.namespaced && own === "" ? { ...object, metadata: { ...object.metadata, namespace } } : object;
  return {
    resource,
    namespace,
    ...(nameOf(object) !== "" && { name: nameOf(object) }),
    manifest: { ...manifest, object: placed },
  };
}

/** Query of a list as the flags say. */
export function listQuery(session: Session): Readonly<Record<string, string | undefined>> {
  return { labelSelector: flagOf(session, "selector"), fieldSelector: flagOf(session, "field-selector") };
}

/** A refused list, told with what was looked for. */
export function listRefused(error: unknown, resource: Resource, query: Readonly<Record<string, unknown>>): unknown {
  if (!(error instanceof StatusError) || (error.reason !== "BadRequest" && error.reason !== "NotFound")) return error;
  const what = JSON.stringify(`${resource.group}/${resource.version}, Resource=${resource.plural}`);
  const [labels, fields] = [query["labelSelector"] ?? "", query["fieldSelector"] ?? ""];
  const selectors = ` that match label selector ${JSON.stringify(labels)}, field selector ${JSON.stringify(fields)}`;
  return withSource(error, labels === "" && fields === "" ? `Unable to list ${what}` : `Unable to find ${what}${selectors}`);
}

/** Items of a list, page by page; each carries its apiVersion and kind. */
export async function listAll(
  session: Session,
  resource: Resource,
  namespace: string,
  query: Readonly<Record<string, string | number | undefined>> = {},
): Promise<{ readonly items: Item[]; readonly resourceVersion: string }> {
  const server = await session.server();
  const items: Item[] = [];
  let page = "";
  let resourceVersion = "";
  do {
    const target = withQuery(pathOf(resource, namespace), { limit: 500, ...query, continue: page });
    const list: ItemList = await server
      .get<ItemList>(target)
      .catch((error: unknown) => Promise.reject(listRefused(error, resource, query)));
    items.push(...itemsOf({ ...list, kind: list.kind ?? `${resource.kind}List`, apiVersion: list.apiVersion ?? apiVersionOf(resource) }));
    page = list.metadata?.continue ?? "";
    resourceVersion = list.metadata?.resourceVersion ?? "";
  } while (page !== "");
  return { items, resourceVersion };
}

/** The object of a target with a name, as the server has it. @throws StatusError */
export async function readObject(
  session: Session,
  target: Pick<Target, "resource" | "namespace">,
  name: string,
  subresource?: string,
): Promise<Item> {
  const object = await (await session.server()).get<Item>(pathOf(target.resource, target.namespace, name, subresource));
  return { ...object, apiVersion: object.apiVersion ?? apiVersionOf(target.resource), kind: object.kind ?? target.resource.kind };
}

/** Reads every target; lists are taken apart. What fails is told by `onError`, or thrown when there is none. */
export async function findObjects(session: Session, targets: readonly Target[], onError?: (error: unknown) => void): Promise<Found[]> {
  const found: Found[] = [];
  for (const target of targets) {
    try {
      const { resource, name, manifest } = target;
      if (name !== undefined) found.push({ ...target, name, object: await readObject(session, target, name) });
      else {
        const { items } = await listAll(session, resource, target.namespace, listQuery(session));
        for (const object of items)
          found.push({ resource, namespace: namespaceOf(object), name: nameOf(object), object, ...(manifest && { manifest }) });
      }
    } catch (error) {
      const told =
        target.manifest === undefined ? error : withSource(error, `error when retrieving ${JSON.stringify(target.manifest.source)}`);
      if (onError === undefined) throw told;
      onError(told);
    }
  }
  return found;
}
