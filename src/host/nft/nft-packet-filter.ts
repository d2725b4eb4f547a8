// nftables and conntrack through their own programs: one `nft -f -` per transaction.

import type { PacketFilter, StaleFlow } from "../../proxy/packet-filter.ts";
import { type Ran, tryProgram } from "../run-program.ts";

export interface NftOptions {
  /** Path of a network namespace to work in. Default: the process's own. */
  readonly networkNamespace?: string;
}

export function createNftPacketFilter(options: NftOptions = {}): PacketFilter {
  const run = (program: string, args: readonly string[], input: string): Promise<Ran> =>
    options.networkNamespace === undefined
      ? tryProgram(program, args, { input })
      : tryProgram("nsenter", [`--net=${options.networkNamespace}`, program, ...args], { input });
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
