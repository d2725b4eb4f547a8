// nftables and conntrack through their own programs: one `nft -f -` per transaction.

import { spawn } from "node:child_process";
import type { PacketFilter, StaleFlow } from "../../proxy/packet-filter.ts";

export interface NftOptions {
  /** Path of a network namespace to work in. Default: the process's own. */
  readonly networkNamespace?: string;
}

export function createNftPacketFilter(options: NftOptions = {}): PacketFilter {
  const run = (program: string, args: readonly string[], input: string): Promise<{ code: number; errors: string }> =>
    options.networkNamespace === undefined
      ? runProgram(program, args, input)
      : runProgram("nsenter", [`--net=${options.networkNamespace}`, program, ...args], input);
  return {
    async apply(script) {
      const { code, errors } = await run("nft", ["-f", "-"], script);
      if (code !== 0) throw new Error(`nft refused the rules: ${errors.trim().split("\n").slice(0, 6).join("\n")}`);
    },
    async forget(flows) {
      for (const flow of flows) {
        // Exit code 1 says that no flow matched.
        const { code, errors } = await run("conntrack", deletion(flow), "");
        if (code > 1) throw new Error(`conntrack could not forget a flow: ${errors.trim()}`);
      }
    },
  };
}

function deletion({ protocol, address, port, backend }: StaleFlow): string[] {
  const to = address === undefined ? [] : ["--orig-dst", address];
  return ["-D", "-p", protocol, ...to, "--orig-port-dst", String(port), "--dst-nat", backend];
}

/** Runs a program with text on standard input; never rejects for an exit code. @throws Error when it cannot be started */
function runProgram(program: string, args: readonly string[], input: string): Promise<{ code: number; errors: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["pipe", "ignore", "pipe"] });
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
    child.on("error", (error) => reject(new Error(`${program} cannot be started: ${error.message}`)));
    child.on("close", (code) => resolve({ code: code ?? 255, errors }));
    // The program may end before it has read everything; its exit code says why.
    child.stdin.on("error", (error) => (errors += error.message));
    child.stdin.end(input);
  });
}
