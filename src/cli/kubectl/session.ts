// One run of kubectl: the person's terminal and flags, and the server, connected and asked for its kinds when first needed.

import type { Kubeconfig } from "../../client/kubeconfig.ts";
import { parseDuration } from "../../lang/duration.ts";
import type { CommandEnvironment } from "../environment.ts";
import type { Terminal } from "../terminal.ts";
import type { ClientConfig } from "./client-config.ts";
import { chosenContext, loadConfig, resolveClientConfig } from "./client-config.ts";
import { KubectlError } from "./errors.ts";
import type { Flags } from "./flags.ts";
import { ResourceMapping } from "./resource-mapping.ts";
import { ServerConnection } from "./server-connection.ts";

export class Session {
  readonly environment: CommandEnvironment;
  readonly flags: Flags;
  /** The flags that say where and as whom. */
  readonly globals: Flags;
  /** Names of the verb and those above it: "kubectl rollout status". */
  readonly command: string;
  #config: Promise<Kubeconfig> | undefined;
  #clientConfig: Promise<ClientConfig> | undefined;
  #server: Promise<ServerConnection> | undefined;
  #mapping: Promise<ResourceMapping> | undefined;
  readonly #warned = new Set<string>();
  #address = "";

  constructor(environment: CommandEnvironment, flags: Flags, globals: Flags, command: string) {
    this.environment = environment;
    this.flags = flags;
    this.globals = globals;
    this.command = command;
  }

  get terminal(): Terminal {
    return this.environment.terminal;
  }

  /** Standard output, one line. */
  say(line: string): void {
    this.terminal.out(`${line}\n`);
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.environment.clock.now();
  }

  get signal(): AbortSignal {
    return this.environment.signal;
  }

  /** "host:port" of the server, once it is known. */
  get serverAddress(): string {
    return this.#address;
  }

  get warnings(): number {
    return this.#warned.size;
  }

  config(): Promise<Kubeconfig> {
    return (this.#config ??= loadConfig(this.environment, this.globals));
  }

  clientConfig(): Promise<ClientConfig> {
    return (this.#clientConfig ??= this.config().then((config) => resolveClientConfig(this.environment, config, this.globals)));
  }

  /** The namespace of this run; `explicit` when it stands on the command line. */
  async namespace(): Promise<{ readonly name: string; readonly explicit: boolean }> {
    const given = this.globals.text("namespace");
    if (given !== "") return { name: given, explicit: true };
    const { context } = chosenContext(await this.config(), this.globals);
    return { name: context.namespace || "default", explicit: false };
  }

  server(): Promise<ServerConnection> {
    return (this.#server ??= this.#connect());
  }

  mapping(): Promise<ResourceMapping> {
    return (this.#mapping ??= this.server().then((server) => ResourceMapping.discover(server)));
  }

  warn(text: string): void {
    if (this.#warned.has(text)) return;
    this.#warned.add(text);
    this.terminal.err(`Warning: ${text}\n`);
  }

  async #connect(): Promise<ServerConnection> {
    const { environment } = this;
    const config = await this.clientConfig();
    this.#address = config.server;
    return new ServerConnection({
      exchange: environment.dial(config.target, config.trust, config.identity),
      address: config.server,
      basePath: config.basePath,
      headers: config.headers,
      clock: environment.clock,
      random: environment.random,
      signal: environment.signal,
      timeoutMs: requestTimeoutMs(this.globals.text("request-timeout")),
      warn: (text) => this.warn(text),
    });
  }
}

function requestTimeoutMs(text: string): number {
  if (/^[0-9]+$/.test(text)) return Number(text) * 1000;
  try {
    return parseDuration(text);
  } catch {
    throw new KubectlError(
      `Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)`,
    );
  }
}
