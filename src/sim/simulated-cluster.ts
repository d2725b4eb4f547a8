// The machines of a cluster without machines: each runs a real kubelet over a simulated runtime. They can be added, lose their
// network, and have their kubelet stopped while their containers run on.

import { Lifetime } from "../base/lifetime.ts";
import { nodeKind } from "../kinds/core/node.ts";
import { nodePodPrefixLength } from "../cluster/layout.ts";
import { formatCidr, nthSubnet, parseCidr } from "../lang/ip.ts";
import type { Exchange, UserInfo } from "../wire/exchange.ts";
import { type MachineOptions, SimulatedMachine, type SimulatedMachineDeps } from "./simulated-machine.ts";
import type { SimulatedRuntimeOptions } from "./simulated-runtime.ts";

/** What all machines have in common. */
export type SimulatedClusterOptions = Omit<SimulatedRuntimeOptions, "podCidr">;

/** What one machine has of its own. */
export interface NodeOptions extends MachineOptions {
  /** Default "node-" and its number. */
  readonly name?: string;
}

/** Each node gets a /24 of the pods' range. */

export class SimulatedCluster implements AsyncDisposable {
  readonly #deps: SimulatedMachineDeps;
  readonly #options: SimulatedClusterOptions;
  readonly #lifetime = new Lifetime();
  readonly #machines = new Map<string, SimulatedMachine>();
  /** Numbers of machines that are gone are not given again: their pods may still have addresses. */
  #made = 0;

  constructor(deps: SimulatedMachineDeps, options: SimulatedClusterOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  get machines(): ReadonlyMap<string, SimulatedMachine> {
    return this.#machines;
  }

  /** The node's kubelet as the API server calls it; undefined when it cannot be reached. */
  kubelet(nodeName: string): Exchange | undefined {
    return this.#machines.get(nodeName)?.kubeletExchange;
  }

  /** Resolves when the node is registered and looks after its pods. @throws StatusError when there is a Node of this name */
  async add(options: NodeOptions = {}): Promise<SimulatedMachine> {
    const number = ++this.#made;
    const name = options.name ?? `node-${number}`;
    const { layout } = this.#deps;
    const podCidr = formatCidr(nthSubnet(parseCidr(layout.podCidr)!, nodePodPrefixLength, BigInt(number - 1))!);
    const address = `192.0.2.${10 + number}`;
    const machine = new SimulatedMachine(this.#deps, { ...this.#options, ...options, name, address, podCidr });
    // The range comes with the node, since its runtime has it already; taints count only for whoever makes the object.
    const taints = options.taints ?? [];
    const node = { metadata: { name }, spec: { podCIDR: podCidr, podCIDRs: [podCidr], ...(taints.length > 0 && { taints }) } };
    await this.#deps.clientFor(installerOf(name)).of(nodeKind).create(node);
    this.#machines.set(name, this.#lifetime.use(machine));
    await machine.startKubelet();
    return machine;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#lifetime[Symbol.asyncDispose]();
  }
}

/** Who makes the Node object: whoever installs a machine, not the node itself. */
const installerOf = (node: string): UserInfo => ({ name: `installer-of-${node}`, groups: ["system:masters", "system:authenticated"] });
