// Objects out of files: -f with files, directories, URLs and standard input.

import { readText } from "../../client/answer.ts";
import { parseJson } from "../../wire/json.ts";
import { duplicateKeysMessage, parseYamlDocuments } from "../../wire/yaml.ts";
import type { DialTarget } from "../../wire/exchange.ts";
import { Decoded, DecodedStream } from "../../wire/exchange.ts";
import type { CommandEnvironment } from "../environment.ts";
import { KubectlError } from "./errors.ts";
import type { FlagSpec, Flags } from "./flags.ts";
import { array, bool, text } from "./flags.ts";
import type { Item } from "./items.ts";
import { isList, itemsOf } from "./items.ts";
import { absolutePath } from "./paths.ts";

export interface Manifest {
  readonly object: Item;
  /** The file, "STDIN" or the URL: for messages. */
  readonly source: string;
  /** Keys that stand twice. */
  readonly duplicates?: string;
}

export const fileFlags = (what: string): readonly FlagSpec[] => [
  array("filename", `Filename, directory, or URL to files ${what}`, { short: "f" }),
  text("kustomize", "Process the kustomization directory. Not supported: render it first and pipe the result in.", { short: "k" }),
  bool("recursive", "Process the directory used in -f, --filename recursively.", { short: "R" }),
];

/** @throws KubectlError for -k, which this kubectl does not do */
export function refuseKustomize(flags: Flags): void {
  if (flags.text("kustomize") !== "")
    throw new KubectlError(
      `kustomizations are not supported: render it with kustomize and pipe the result in (kustomize build ${flags.text("kustomize")} | kubectl ... -f -)`,
    );
}

export const hasFiles = (flags: Flags): boolean => flags.list("filename").length > 0 || flags.text("kustomize") !== "";

/** Every object of every -f, lists taken apart, in order. Files that cannot be read are told by `onError`, the rest goes on. */
export async function readManifests(environment: CommandEnvironment, flags: Flags, onError: (error: unknown) => void): Promise<Manifest[]> {
  refuseKustomize(flags);
  const manifests: Manifest[] = [];
  for (const file of flags.list("filename").flatMap((names) => names.split(","))) {
    for (const source of await sourcesOf(environment, file, flags.bool("recursive"))) {
      try {
        manifests.push(...parseManifests(await source.read(), source.name));
      } catch (error) {
        onError(error);
      }
    }
  }
  return manifests;
}

interface Source {
  readonly name: string;
  read(): Promise<string>;
}

async function sourcesOf(environment: CommandEnvironment, file: string, recursive: boolean): Promise<Source[]> {
  if (file === "-") return [{ name: "STDIN", read: () => environment.terminal.readInput() }];
  if (file.startsWith("http://") || file.startsWith("https://")) return [{ name: file, read: () => fetchText(environment, file) }];
  const { files, workingDirectory } = environment;
  const path = absolutePath(workingDirectory, file);
  const names = await listed(environment, path);
  if (names === undefined || names.length === 0) {
    const content = await files.readText(path).catch((error: unknown) => {
      if ((error as { code?: string }).code === "EISDIR") return undefined;
      throw error;
    });
    if (content === undefined) {
      if (names === undefined) throw new KubectlError(`the path ${JSON.stringify(file)} does not exist`);
      throw new KubectlError(`error reading [${file}]: recognized file extensions are [.json .yaml .yml]`);
    }
    return [{ name: file, read: async () => content }];
  }
  const sources = await directorySources(environment, file.replace(/\/+$/, ""), path, names, recursive);
  if (sources.length === 0) throw new KubectlError(`error reading [${file}]: recognized file extensions are [.json .yaml .yml]`);
  return sources;
}

async function directorySources(
  environment: CommandEnvironment,
  shown: string,
  path: string,
  names: readonly string[],
  recursive: boolean,
): Promise<Source[]> {
  const sources: Source[] = [];
  for (const name of names) {
    const inside = await listed(environment, `${path}/${name}`);
    if (inside !== undefined && inside.length > 0) {
      if (recursive) sources.push(...(await directorySources(environment, `${shown}/${name}`, `${path}/${name}`, inside, true)));
    } else if (/\.(json|ya?ml)$/.test(name)) {
      sources.push({ name: `${shown}/${name}`, read: async () => (await environment.files.readText(`${path}/${name}`)) ?? "" });
    }
  }
  return sources;
}

/** Names in a directory; undefined where there is none (nothing, or a file). */
async function listed({ files }: CommandEnvironment, path: string): Promise<readonly string[] | undefined> {
  try {
    const names = await files.list(path);
    return names.length === 0 ? undefined : names;
  } catch (error) {
    if ((error as { code?: string }).code === "ENOTDIR") return undefined;
    throw error;
  }
}

/** @throws KubectlError for a text that is neither YAML nor JSON, or holds something that is no object */
function parseManifests(content: string, source: string): Manifest[] {
  const documents = documentsOf(content, source);
  return documents.flatMap(({ value, duplicates }): Manifest[] => {
    if (value === null) return [];
    const object = value as Item;
    const problem = problemOf(object);
    if (problem !== undefined) throw new KubectlError(`error parsing ${source}: ${problem}`);
    const twice = duplicates.length > 0 ? { duplicates: duplicateKeysMessage(duplicates) } : {};
    return isList(object) ? itemsOf(object).map((item) => ({ object: item, source })) : [{ object, source, ...twice }];
  });
}

function documentsOf(content: string, source: string): { readonly value: unknown; readonly duplicates: readonly string[] }[] {
  try {
    if (/^\s*\{/.test(content) && !/\}\s*(---|\{)/.test(content)) {
      const { value } = parseJson(content);
      return [{ value, duplicates: [] }];
    }
    return parseYamlDocuments(content);
  } catch (error) {
    throw new KubectlError(`error parsing ${source}: error converting YAML to JSON: ${(error as Error).message}`);
  }
}

function problemOf(object: unknown): string | undefined {
  if (typeof object !== "object" || Array.isArray(object)) {
    return `error converting YAML to JSON: json: cannot unmarshal ${Array.isArray(object) ? "array" : typeof object} into Go value of type map[string]interface {}`;
  }
  const { kind, apiVersion } = object as Item;
  const shown = JSON.stringify(object);
  if (kind === undefined || kind === "") return `error validating data: kind not set: Object 'Kind' is missing in '${shown}'`;
  if (apiVersion === undefined || apiVersion === "") return `error validating data: apiVersion not set`;
  return undefined;
}

const maxRedirects = 10;

/** A URL's text. */
async function fetchText({ dial, signal }: CommandEnvironment, url: string): Promise<string> {
  let address = url;
  for (let hop = 0; hop <= maxRedirects; hop++) {
    const { protocol, hostname, port, pathname, search } = new URL(address);
    const scheme = protocol === "https:" ? "https" : "http";
    const target: DialTarget = { scheme, host: hostname, port: Number(port) || (scheme === "https" ? 443 : 80) };
    const request = {
      method: "GET",
      target: pathname + search,
      headers: { "user-agent": "kubectl/timonier", accept: "*/*" },
      peer: { address: "" },
    };
    const { status, headers, body } = await dial(target, {}, {})(request, signal);
    if (status >= 300 && status < 400 && headers["location"] !== undefined) {
      address = new URL(headers["location"], address).href;
      continue;
    }
    if (status !== 200)
      throw new KubectlError(`unable to read URL ${JSON.stringify(url)}, server reported ${status}, status code=${status}`);
    return body === undefined || body instanceof Decoded || body instanceof DecodedStream ? "" : await readText(body);
  }
  throw new KubectlError(`unable to read URL ${JSON.stringify(url)}: more than ${maxRedirects} redirects`);
}
