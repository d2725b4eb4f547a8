// Probes and lifecycle hooks: exactly one action each, and counts that make sense.

import { checkHeaderName } from "../../lang/names.ts";
import { forbiddenField, invalidValue, notSupported, required } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { invalidEach, validateNonNegative, validatePortReference } from "../checks.ts";
import type { HTTPGetAction, Lifecycle, LifecycleHandler, PodOS, Probe } from "./types.gen.ts";

type Handler = LifecycleHandler & Pick<Probe, "grpc">;

/** What the rules need to know of the pod around a container. */
export interface ProbeScope {
  readonly gracePeriodSeconds: number | undefined;
  readonly os: PodOS | undefined;
}

const actions = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] as const;

/** One action is checked; further ones are refused. */
function validateHandler(path: string, handler: Handler, scope: ProbeScope): FieldError[] {
  const [first, ...others] = actions.filter((action) => handler[action] !== undefined);
  if (first === undefined) return [required(path, "must specify a handler type")];
  return [
    ...validateAction(`${path}.${first}`, handler, first, scope),
    ...others.map((action) => forbiddenField(`${path}.${action}`, "may not specify more than 1 handler type")),
  ];
}

function validateAction(path: string, handler: Handler, action: (typeof actions)[number], scope: ProbeScope): FieldError[] {
  switch (action) {
    case "exec":
      return (handler.exec?.command?.length ?? 0) === 0 ? [required(`${path}.command`)] : [];
    case "httpGet":
      return validateHttpGet(path, handler.httpGet!);
    case "tcpSocket":
      return validatePortReference(`${path}.port`, handler.tcpSocket!.port);
    case "grpc":
      return validatePortReference(`${path}.port`, handler.grpc!.port);
    case "sleep":
      return validateSleep(path, handler.sleep!.seconds ?? 0, scope.gracePeriodSeconds);
  }
}

const schemes: readonly string[] = ["HTTP", "HTTPS"];

const validateHttpGet = (path: string, action: HTTPGetAction): FieldError[] => [
  ...(action.path ? [] : [required(`${path}.path`)]),
  ...validatePortReference(`${path}.port`, action.port),
  ...(schemes.includes(action.scheme ?? "") ? [] : [notSupported(`${path}.scheme`, action.scheme ?? "", schemes)]),
  ...(action.httpHeaders ?? []).flatMap(({ name }) => invalidEach(`${path}.httpHeaders`, name, checkHeaderName(name))),
];

function validateSleep(path: string, seconds: number, gracePeriodSeconds: number | undefined): FieldError[] {
  if (gracePeriodSeconds === undefined || (seconds >= 0 && seconds <= gracePeriodSeconds)) return [];
  return [invalidValue(path, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriodSeconds})`)];
}

export type ProbeRole = "livenessProbe" | "readinessProbe" | "startupProbe";

export function validateProbe(path: string, role: ProbeRole, probe: Probe | undefined, scope: ProbeScope): FieldError[] {
  if (probe === undefined) return [];
  const grace = probe.terminationGracePeriodSeconds;
  const errors = [
    ...validateHandler(path, probe, scope),
    ...validateNonNegative(`${path}.initialDelaySeconds`, probe.initialDelaySeconds),
    ...validateNonNegative(`${path}.timeoutSeconds`, probe.timeoutSeconds),
    ...validateNonNegative(`${path}.periodSeconds`, probe.periodSeconds),
    ...validateNonNegative(`${path}.successThreshold`, probe.successThreshold),
    ...validateNonNegative(`${path}.failureThreshold`, probe.failureThreshold),
  ];
  const graceField = `${path}.terminationGracePeriodSeconds`;
  if (grace !== undefined && grace <= 0) errors.push(invalidValue(graceField, grace, "must be greater than 0"));
  if (role === "readinessProbe") {
    if (grace !== undefined) errors.push(invalidValue(graceField, grace, "must not be set for readinessProbes"));
  } else if (probe.successThreshold !== 1) {
    errors.push(invalidValue(`${path}.successThreshold`, probe.successThreshold ?? 0, "must be 1"));
  }
  return errors;
}

const standardSignals =
  "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX";
const linuxSignals: readonly string[] = [
  ...standardSignals.split(" ").map((name) => `SIG${name}`),
  ...Array.from({ length: 15 }, (_, offset) => `SIGRTMIN+${offset + 1}`),
  ...Array.from({ length: 14 }, (_, offset) => `SIGRTMAX-${offset + 1}`),
].toSorted();
const windowsSignals: readonly string[] = ["SIGKILL", "SIGTERM"];

/** A stop signal means something only on a known operating system (KEP-4960). */
function validateStopSignal(field: string, signal: string, os: PodOS | undefined): FieldError[] {
  if (os === undefined) return [forbiddenField(field, "may not be set for containers with empty `spec.os.name`")];
  const supported = os.name === "windows" ? windowsSignals : os.name === "linux" ? linuxSignals : [signal];
  return supported.includes(signal) ? [] : [notSupported(field, signal, supported)];
}

export function validateLifecycle(path: string, lifecycle: Lifecycle | undefined, scope: ProbeScope): FieldError[] {
  if (lifecycle === undefined) return [];
  const { postStart, preStop, stopSignal } = lifecycle;
  return [
    ...(postStart ? validateHandler(`${path}.postStart`, postStart, scope) : []),
    ...(preStop ? validateHandler(`${path}.preStop`, preStop, scope) : []),
    ...(stopSignal === undefined ? [] : validateStopSignal(`${path}.stopSignal`, stopSignal, scope.os)),
  ];
}
