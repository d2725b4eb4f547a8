// A command line over an API server in this process: a terminal that records, files in a map, and time that moves only when told.

import { fakeMachineFiles } from "./testing-files.laws.ts";
import { TestServer, admin } from "../../apiserver/testing.laws.ts";
import { SeededRandom } from "../../base/random.ts";
import type { Exchange } from "../../wire/exchange.ts";
import type { ApiServerDeps } from "../../apiserver/deps.ts";
import type { CommandEnvironment } from "../environment.ts";
import type { KubectlHooks } from "./hooks.ts";
import { runKubectl } from "./kubectl.ts";

const kubeconfig = `apiVersion: v1
kind: Config
current-context: test
clusters: [{name: test, cluster: {server: "https://10.0.0.1:6443"}}]
contexts: [{name: test, context: {cluster: test, user: test}}]
users: [{name: test, user: {token: secret}}]
`;

export interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export class TestCommandLine implements AsyncDisposable {
  readonly server: TestServer;
  readonly files = new Map<string, string>([["/home/me/.kube/config", kubeconfig]]);
  hooks: KubectlHooks = {};
  input = "";
  readonly requests: string[] = [];

  constructor(server: TestServer) {
    this.server = server;
  }

  static async start(options: Partial<ApiServerDeps> = {}): Promise<TestCommandLine> {
    return new TestCommandLine(await TestServer.start(options));
  }

  /** Runs `kubectl` with these words, as a person in /work. */
  run(...words: readonly string[]): Promise<Result> {
    return this.runUntil(new AbortController().signal, ...words);
  }

  /** As `run`, with Ctrl-C when the signal aborts. */
  async runUntil(signal: AbortSignal, ...words: readonly string[]): Promise<Result> {
    const texts = { out: "", err: "" };
    const decoder = new TextDecoder();
    const nothing: Disposable = { [Symbol.dispose]() {} };
    const { input } = this;
    const exchange: Exchange = (request, signal) => {
      this.requests.push(`${request.method} ${request.target}`);
      return this.server.exchange({ ...request, peer: { address: "127.0.0.1", user: admin } }, signal);
    };
    const environment = {
      terminal: {
        out: (text: string) => void (texts.out += text),
        err: (text: string) => void (texts.err += text),
        outBytes: async (bytes: Uint8Array) => void (texts.out += decoder.decode(bytes)),
        errBytes: async (bytes: Uint8Array) => void (texts.err += decoder.decode(bytes)),
        isTerminal: false,
        isInputTerminal: false,
        columns: undefined,
        rows: undefined,
        colours: false,
        readInput: async () => input,
        input: async function* () {
          if (input !== "") yield new TextEncoder().encode(input);
        },
        rawInput: () => nothing,
        onResize: () => nothing,
      },
      clock: this.server.clock,
      random: new SeededRandom(1),
      files: fakeMachineFiles(this.files),
      dial: () => exchange,
      variables: { HOME: "/home/me" },
      workingDirectory: "/home/jane",
      signal,
      kubectl: this.hooks,
      version: "0.0.0",
    };
    const code = await runKubectl(environment as unknown as CommandEnvironment, words);
    return { code, ...texts };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }
}
