// `create configmap` and `create secret`: data from literals and files.

import { encodeBase64, encodeBase64Text } from "../../../base/base64.ts";
import { checkConfigMapKey, checkEnvironmentName } from "../../../lang/names.ts";
import { KubectlError } from "../errors.ts";
import type { FlagSpec } from "../flags.ts";
import { array, bool, text } from "../flags.ts";
import { absolutePath, baseName } from "../paths.ts";
import type { Session } from "../session.ts";
import type { Verb } from "../verb.ts";
import { createGenerated, generatorFlags, oneName } from "./create-generators.ts";

const sourceFlags: readonly FlagSpec[] = [
  array("from-literal", "Specify a key and literal value to insert (i.e. mykey=somevalue)"),
  array("from-file", "Key files can be specified using their file path, in which case the file name is the key, or as key=path."),
  array("from-env-file", "Specify the path to a file to read lines of key=val pairs."),
  bool("append-hash", "Append a hash of the object to its name: not supported."),
];

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes that are no text stay bytes. */
type Value = string | Uint8Array;

export const createConfigMapVerb: Verb = {
  name: "configmap",
  aliases: ["cm"],
  usage: "NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]",
  summary: "Create a config map from a local file, directory or literal value",
  flags: [...generatorFlags, ...sourceFlags],
  run: async (session, { words }) => {
    const name = oneName(session, words);
    const values = await readValues(session);
    const texts: Record<string, string> = {};
    const binary: Record<string, string> = {};
    for (const [key, value] of values) {
      if (typeof value === "string") texts[key] = value;
      else binary[key] = encodeBase64(value);
    }
    await createGenerated(session, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name },
      ...(Object.keys(texts).length > 0 && { data: texts }),
      ...(Object.keys(binary).length > 0 && { binaryData: binary }),
    });
  },
};

export const createSecretVerb: Verb = {
  name: "secret",
  usage: "(docker-registry | generic | tls)",
  summary: "Create a secret using a specified subcommand",
  verbs: [
    {
      name: "generic",
      usage: "NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1]",
      summary: "Create a secret from a local file, directory, or literal value",
      flags: [...generatorFlags, ...sourceFlags, text("type", "The type of secret to create")],
      run: async (session, { words, flags }) => {
        const data = Object.fromEntries([...(await readValues(session))].map(([key, value]) => [key, encoded(value)]));
        await createSecret(session, oneName(session, words), flags.text("type"), data);
      },
    },
    {
      name: "tls",
      usage: "NAME --cert=path/to/cert/file --key=path/to/key/file",
      summary: "Create a TLS secret",
      flags: [
        ...generatorFlags,
        text("cert", "Path to PEM encoded public key certificate."),
        text("key", "Path to private key associated with given certificate."),
      ],
      run: async (session, { words, flags }) => {
        if (flags.text("cert") === "" || flags.text("key") === "") throw new KubectlError("key and cert must be specified");
        const [certificate, key] = [await readValue(session, flags.text("cert")), await readValue(session, flags.text("key"))];
        await createSecret(session, oneName(session, words), "kubernetes.io/tls", {
          "tls.crt": encoded(certificate),
          "tls.key": encoded(key),
        });
      },
    },
    {
      name: "docker-registry",
      usage: "NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string]",
      summary: "Create a secret for use with a Docker registry",
      flags: [
        ...generatorFlags,
        text("docker-username", "Username for Docker registry authentication"),
        text("docker-password", "Password for Docker registry authentication"),
        text("docker-email", "Email for Docker registry"),
        text("docker-server", "Server location for Docker registry", { default: "https://index.docker.io/v1/" }),
        array("from-file", "A file with the registry's credentials, key .dockerconfigjson"),
      ],
      run: async (session, { words, flags }) => {
        const name = oneName(session, words);
        const files = await readValues(session);
        if (files.size > 0)
          return await createSecret(
            session,
            name,
            "kubernetes.io/dockerconfigjson",
            Object.fromEntries([...files].map(([key, value]) => [key, encoded(value)])),
          );
        const [username, password, email] = [flags.text("docker-username"), flags.text("docker-password"), flags.text("docker-email")];
        if (username === "" || password === "")
          throw new KubectlError(
            "either --from-file or the combination of --docker-username, --docker-password and --docker-server is required",
          );
        const auths = {
          [flags.text("docker-server")]: {
            username,
            password,
            ...(email !== "" && { email }),
            auth: encodeBase64Text(`${username}:${password}`),
          },
        };
        await createSecret(session, name, "kubernetes.io/dockerconfigjson", {
          ".dockerconfigjson": encodeBase64Text(JSON.stringify({ auths })),
        });
      },
    },
  ],
};

async function createSecret(session: Session, name: string, type: string, data: Readonly<Record<string, string>>): Promise<void> {
  await createGenerated(session, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name },
    ...(type !== "" && { type }),
    ...(Object.keys(data).length > 0 && { data }),
  });
}

const encoded = (value: Value): string => (typeof value === "string" ? encodeBase64Text(value) : encodeBase64(value));

/** What --from-literal, --from-file and --from-env-file say. @throws KubectlError for a key that is none or stands twice */
async function readValues(session: Session): Promise<Map<string, Value>> {
  const { flags, environment } = session;
  const values = new Map<string, Value>();
  const add = (key: string, value: Value): void => {
    const [problem] = checkConfigMapKey(key);
    if (problem !== undefined) throw new KubectlError(`${JSON.stringify(key)} is not a valid key name: ${problem}`);
    if (values.has(key)) throw new KubectlError(`cannot add key ${JSON.stringify(key)}, another key by that name already exists`);
    values.set(key, value);
  };
  const [files, literals, environments] = ["from-file", "from-literal", "from-env-file"].map((name) =>
    flags.declares(name) ? flags.list(name) : [],
  ) as [string[], string[], string[]];
  if (environments.length > 0 && files.length + literals.length > 0)
    throw new KubectlError("from-env-file cannot be combined with from-file or from-literal");
  if (flags.declares("append-hash") && flags.bool("append-hash")) throw new KubectlError("--append-hash is not supported");
  for (const literal of literals) {
    const equals = literal.indexOf("=");
    if (equals < 1) throw new KubectlError(`invalid literal source ${literal}, expected key=value`);
    add(literal.slice(0, equals), literal.slice(equals + 1).replace(/^(["'])(.*)\1$/s, "$2"));
  }
  for (const source of files) {
    const equals = source.indexOf("=");
    if (equals === 0) throw new KubectlError(`key name for file path ${source.slice(1)} missing`);
    const path = source.slice(equals + 1);
    const names = equals > 0 ? [] : await namesIn(session, path);
    if (names.length > 0) for (const name of names) add(name, await readValue(session, `${path}/${name}`));
    else add(equals > 0 ? source.slice(0, equals) : baseName(path), await readValue(session, path));
  }
  for (const path of environments) {
    const content = await environment.files.readText(absolutePath(environment.workingDirectory, path));
    if (content === undefined) throw new KubectlError(`error reading ${path}: no such file or directory`);
    for (const [key, value] of environmentLines(content, environment.variables)) add(key, value);
  }
  return values;
}

/** Files in a directory, keys only; none when the path is no directory. */
async function namesIn({ environment }: Session, path: string): Promise<readonly string[]> {
  try {
    const names = await environment.files.list(absolutePath(environment.workingDirectory, path));
    return names.filter((name) => checkConfigMapKey(name).length === 0);
  } catch (error) {
    if ((error as { code?: string }).code === "ENOTDIR") return [];
    throw error;
  }
}

async function readValue({ environment }: Session, path: string): Promise<Value> {
  const at = absolutePath(environment.workingDirectory, path);
  const readBytes = environment.kubectl?.readBytes;
  if (readBytes === undefined) {
    const content = await environment.files.readText(at);
    if (content === undefined) throw new KubectlError(`error reading ${path}: no such file or directory`);
    return content;
  }
  const bytes = await readBytes(at);
  if (bytes === undefined) throw new KubectlError(`error reading ${path}: no such file or directory`);
  try {
    return decoder.decode(bytes);
  } catch {
    return bytes;
  }
}

/** `KEY=value` lines; a key alone takes the value from our own environment. */
function environmentLines(content: string, variables: Readonly<Record<string, string | undefined>>): [string, string][] {
  return content.split("\n").flatMap((raw): [string, string][] => {
    const line = raw.trimStart().replace(/\r$/, "");
    if (line === "" || line.startsWith("#")) return [];
    const equals = line.indexOf("=");
    const key = equals < 0 ? line : line.slice(0, equals);
    const [problem] = checkEnvironmentName(key);
    if (problem !== undefined) throw new KubectlError(`${JSON.stringify(key)} is not a valid key name: ${problem}`);
    return [[key, equals < 0 ? (variables[key] ?? "") : line.slice(equals + 1)]];
  });
}
