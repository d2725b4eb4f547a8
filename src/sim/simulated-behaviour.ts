// What a simulated container does: from a script, from an annotation of its pod, or from its command when that is simple.

import type { ContainerConfig, SandboxConfig } from "../kubelet/container-runtime.ts";

export interface SimulatedOutcome {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
}

export interface SimulatedBehaviour {
  /** Ends by itself after so long; absent: runs until it is stopped. */
  readonly exitAfterMs?: number;
  /** Ends by itself when this holds, asked at its start and every `checkEveryMs` (default 1,000) from then on. */
  readonly exitWhen?: () => boolean | Promise<boolean>;
  readonly checkEveryMs?: number;
  readonly exitCode?: number;
  /** "OOMKilled" ends it as the kernel would: 137. */
  readonly reason?: string;
  /** Written to the termination message file at the end. */
  readonly message?: string;
  /** Lines on stdout, or with `stream`. */
  readonly log?: readonly (string | { readonly afterMs?: number; readonly text: string; readonly stream?: "stdout" | "stderr" })[];
  /** How long it takes to end after its stop signal. Default 0. Infinity: it ignores the signal and is killed. */
  readonly stopAfterMs?: number;
  /** Exit code when stopped by signal. Default 0. */
  readonly stopExitCode?: number;
  /** Starting it fails with this text. */
  readonly startError?: string;
  /** Answers of exec, by the command's words joined by blanks; "*" answers the rest. */
  readonly exec?: Readonly<Record<string, SimulatedOutcome>>;
  /** Answers of HTTP probes by "port/path" ("8080/healthz"); "*" answers the rest. Default 200. */
  readonly http?: Readonly<Record<string, number>>;
  /** Ports that refuse connections; others accept. */
  readonly closedPorts?: readonly number[];
}

/** `simulation.timonier.io/NAME: {"exitAfterMs": 1000, "exitCode": 1}` on a pod scripts its container NAME. */
const behaviourAnnotation = "simulation.timonier.io/";

export type SimulationScript = (container: ContainerConfig, sandbox: SandboxConfig) => SimulatedBehaviour | undefined;

export function behaviourOf(container: ContainerConfig, sandbox: SandboxConfig, script: SimulationScript | undefined): SimulatedBehaviour {
  const scripted = script?.(container, sandbox);
  if (scripted) return scripted;
  const text = sandbox.annotations[behaviourAnnotation + container.metadata.name];
  if (text !== undefined) return JSON.parse(text) as SimulatedBehaviour;
  return behaviourOfCommand([...container.command, ...container.args]);
}

/** `true`, `false`, `sleep 5`, `echo text`, and `sh -c "exit 3"`; everything else runs on. */
function behaviourOfCommand(words: readonly string[]): SimulatedBehaviour {
  const [program, ...rest] = words;
  const shell = /^(?:\/bin\/)?(?:ba|a)?sh$/.test(program ?? "") && rest[0] === "-c";
  const plain = shell ? (rest[1] ?? "").trim().split(/\s+/) : words;
  const seconds = plain[0] === "sleep" && plain.length === 2 ? Number.parseFloat(plain[1]!) : Number.NaN;
  if (!Number.isNaN(seconds)) return { exitAfterMs: seconds * 1000, exitCode: 0, stopExitCode: 143 };
  if (plain[0] === "exit" && plain.length <= 2) return { exitAfterMs: 0, exitCode: Number(plain[1] ?? "0") };
  if (plain[0] === "true" && plain.length === 1) return { exitAfterMs: 0, exitCode: 0 };
  if (plain[0] === "false" && plain.length === 1) return { exitAfterMs: 0, exitCode: 1 };
  if (plain[0] === "echo" && !/[;&|<>$`]/.test(plain.join(" ")))
    return {
      exitAfterMs: 0,
      exitCode: 0,
      log: [
        plain
          .slice(1)
          .join(" ")
          .replace(/^(['"])(.*)\1$/, "$2"),
      ],
    };
  return {};
}
