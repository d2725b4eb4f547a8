import { describe, it } from "vitest";
import { podKind } from "./pod.ts";
import type { Row } from "../validation.laws.ts";
import { checkRow, negative, noLabel, noSubdomain } from "../validation.laws.ts";

const container = { name: "web", image: "nginx:1.14.2" };
const base = {
  metadata: { name: "p", namespace: "default" },
  spec: { serviceAccountName: "default", volumes: [{ name: "v", emptyDir: {} }], containers: [container] },
};
const c = "spec.containers[0]";
const http = { httpGet: { port: 80 } };

const names: readonly Row[] = [
  ["no container", { "spec.containers": [] }, "spec.containers: Required value"],
  ["no name", { [`${c}.name`]: "" }, `${c}.name: Required value`],
  ["a bad name", { [`${c}.name`]: "Web_1" }, `${c}.name: Invalid value: "Web_1": ${noLabel}`],
  ["no image", { [`${c}.image`]: "" }, `${c}.image: Required value`],
  [
    "blanks around an image",
    { [`${c}.image`]: " nginx" },
    `${c}.image: Invalid value: " nginx": must not have leading or trailing whitespace`,
  ],
  ["a name twice", { "spec.containers[1]": container }, 'spec.containers[1].name: Duplicate value: "web"'],
  ["an init container's name taken", { "spec.initContainers": [container] }, 'spec.initContainers[0].name: Duplicate value: "web"'],
  [
    "a pull policy that nobody knows",
    { [`${c}.imagePullPolicy`]: "Sometimes" },
    `${c}.imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"`,
  ],
  [
    "a message policy that nobody knows",
    { [`${c}.terminationMessagePolicy`]: "Mail" },
    `${c}.terminationMessagePolicy: Unsupported value: "Mail": supported values: "File", "FallbackToLogsOnError"`,
  ],
];

const ports: readonly Row[] = [
  ["no number", { [`${c}.ports`]: [{ name: "http" }] }, `${c}.ports[0].containerPort: Required value`],
  [
    "numbers out of range",
    { [`${c}.ports`]: [{ containerPort: 65536, hostPort: -1 }] },
    `${c}.ports[0].containerPort: Invalid value: 65536: must be between 1 and 65535, inclusive`,
    `${c}.ports[0].hostPort: Invalid value: -1: must be between 1 and 65535, inclusive`,
  ],
  [
    "a protocol that nobody speaks",
    { [`${c}.ports`]: [{ containerPort: 80, protocol: "ICMP" }] },
    `${c}.ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"`,
  ],
  [
    "a bad name",
    { [`${c}.ports`]: [{ containerPort: 80, name: "this-name-is-too-long" }] },
    `${c}.ports[0].name: Invalid value: "this-name-is-too-long": must be no more than 15 bytes`,
  ],
  [
    "a name twice",
    {
      [`${c}.ports`]: [
        { containerPort: 80, name: "a" },
        { containerPort: 81, name: "a" },
      ],
    },
    `${c}.ports[1].name: Duplicate value: "a"`,
  ],
  [
    "a port of the node twice",
    {
      [`${c}.ports`]: [{ containerPort: 80, hostPort: 8080 }],
      "spec.containers[1]": { ...container, name: "other", ports: [{ containerPort: 81, hostPort: 8080 }] },
    },
    'spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//8080"',
  ],
  [
    "another port on the node's network",
    { "spec.hostNetwork": true, [`${c}.ports`]: [{ containerPort: 80, hostPort: 81 }] },
    `${c}.ports[0].hostPort: Invalid value: 81: must match \`containerPort\` when \`hostNetwork\` is true`,
  ],
];

const oneSource = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
const env = (...variables: readonly object[]) => ({ [`${c}.env`]: variables });
const from = (valueFrom: object) => env({ name: "A", valueFrom });
const v = `${c}.env[0].valueFrom`;
const key = { name: "m", key: "k" };

const environment: readonly Row[] = [
  ["no name", env({ value: "1" }), `${c}.env[0].name: Required value`],
  [
    "a name with =",
    env({ name: "a=b" }),
    `${c}.env[0].name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than '='`,
  ],
  ["no source", from({}), `${v}: Invalid value: "": ${oneSource}`],
  [
    "a value and a source",
    env({ name: "A", value: "1", valueFrom: { configMapKeyRef: key } }),
    `${v}: Invalid value: "": may not be specified when \`value\` is not empty`,
  ],
  [
    "two sources",
    from({ configMapKeyRef: key, secretKeyRef: key }),
    `${v}: Invalid value: "": may not have more than one field specified at a time`,
  ],
  ["a key without a name", from({ secretKeyRef: { name: "m" } }), `${v}.secretKeyRef.key: Required value`],
  [
    "a key of nothing",
    from({ configMapKeyRef: { key: "a/b" } }),
    `${v}.configMapKeyRef.name: Invalid value: "": ${noSubdomain}`,
    `${v}.configMapKeyRef.key: Invalid value: "a/b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
  ],
  ["no field", from({ fieldRef: {} }), `${v}.fieldRef.fieldPath: Required value`],
  [
    "a field that has no name",
    from({ fieldRef: { fieldPath: "spec.color" } }),
    `${v}.fieldRef.fieldPath: Invalid value: "spec.color": error converting fieldPath: field label not supported: spec.color`,
  ],
  [
    "a field of another version",
    from({ fieldRef: { apiVersion: "v2", fieldPath: "metadata.name" } }),
    `${v}.fieldRef.fieldPath: Invalid value: "metadata.name": error converting fieldPath: unsupported pod version: v2`,
  ],
  [
    "all labels in one variable",
    from({ fieldRef: { fieldPath: "metadata.labels" } }),
    `${v}.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"`,
  ],
  [
    "a member of what has none",
    from({ fieldRef: { fieldPath: "metadata.name['a']" } }),
    `${v}.fieldRef.fieldPath: Invalid value: "metadata.name['a']": error converting fieldPath: field label does not support subscript: metadata.name['a']`,
  ],
  [
    "a resource that nobody knows",
    from({ resourceFieldRef: { resource: "limits.color" } }),
    `${v}.resourceFieldRef.resource: Unsupported value: "limits.color": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"`,
  ],
  [
    "cores counted by bytes",
    from({ resourceFieldRef: { resource: "limits.cpu", divisor: "1Mi" } }),
    `${v}.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor's values 1m and 1 are supported with the cpu resource`,
  ],
  [
    "bytes counted by cores",
    from({ resourceFieldRef: { resource: "requests.memory", divisor: "1m" } }),
    `${v}.resourceFieldRef.divisor: Invalid value: "requests.memory": only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the memory resource`,
  ],
  [
    "a file of a volume that is not there, up a level",
    from({ fileKeyRef: { volumeName: "none", path: "../env", key: "A" } }),
    `${v}.fileKeyRef.path: Invalid value: "../env": must not contain '..'`,
    `${v}.fileKeyRef.volumeName: Not found: "none"`,
  ],
  [
    "sources of nothing",
    { [`${c}.envFrom`]: [{}] },
    `${c}.envFrom: Invalid value: "": must specify one of: \`configMapRef\` or \`secretRef\``,
  ],
  [
    "two sources in one",
    { [`${c}.envFrom`]: [{ configMapRef: { name: "a" }, secretRef: {} }] },
    `${c}.envFrom[0].secretRef.name: Required value`,
    `${c}.envFrom: Invalid value: "": may not have more than one field specified at a time`,
  ],
];

const mount = (...mounts: readonly object[]) => ({ [`${c}.volumeMounts`]: mounts });
const m = `${c}.volumeMounts`;

const mounts: readonly Row[] = [
  ["a volume that is not there", mount({ name: "x", mountPath: "/x" }), `${m}[0].name: Not found: "x"`],
  ["no path", mount({ name: "v" }), `${m}[0].mountPath: Required value`],
  [
    "a place taken",
    mount({ name: "v", mountPath: "/x" }, { name: "v", mountPath: "/x" }),
    `${m}[1].mountPath: Invalid value: "/x": must be unique`,
  ],
  [
    "an absolute path in the volume",
    mount({ name: "v", mountPath: "/x", subPath: "/a" }),
    `${m}.subPath: Invalid value: "/a": must be a relative path`,
  ],
  [
    "a way out of the volume",
    mount({ name: "v", mountPath: "/x", subPathExpr: "a/../../b" }),
    `${m}.subPathExpr: Invalid value: "a/../../b": must not contain '..'`,
  ],
  [
    "a path said twice",
    mount({ name: "v", mountPath: "/x", subPath: "a", subPathExpr: "b" }),
    `${m}[0].subPathExpr: Invalid value: "b": subPathExpr and subPath are mutually exclusive`,
  ],
  [
    "mounts that travel to the node",
    mount({ name: "v", mountPath: "/x", mountPropagation: "Bidirectional" }),
    `${m}.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers`,
  ],
  [
    "mounts that travel nowhere known",
    mount({ name: "v", mountPath: "/x", mountPropagation: "Up" }),
    `${m}.mountPropagation: Unsupported value: "Up": supported values: "Bidirectional", "HostToContainer", "None"`,
  ],
  [
    "read-only below what is not",
    mount({ name: "v", mountPath: "/x", recursiveReadOnly: "Enabled", mountPropagation: "HostToContainer" }),
    `${m}.recursiveReadOnly: Forbidden: may only be specified when readOnly is true`,
    `${m}.recursiveReadOnly: Forbidden: may only be specified when mountPropagation is None or not specified`,
  ],
  [
    "read-only in a way that nobody knows",
    mount({ name: "v", mountPath: "/x", recursiveReadOnly: "Maybe" }),
    `${m}.recursiveReadOnly: Unsupported value: "Maybe": supported values: "Disabled", "Enabled", "IfPossible"`,
  ],
  [
    "a directory as a device",
    { [`${c}.volumeDevices`]: [{ name: "v", devicePath: "/dev/../x" }] },
    `${c}.volumeDevices[0].name: Invalid value: "v": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode`,
    `${c}.volumeDevices[0].devicePath: Invalid value: "/dev/../x": can not contain backsteps ('..')`,
  ],
  [
    "a claim as mount and device",
    {
      "spec.volumes[0]": { name: "v", persistentVolumeClaim: { claimName: "c" } },
      ...mount({ name: "v", mountPath: "/x" }),
      [`${c}.volumeDevices`]: [{ name: "v", devicePath: "/x" }],
    },
    `${m}[0].name: Invalid value: "v": must not already exist in volumeDevices`,
    `${m}[0].mountPath: Invalid value: "/x": must not already exist as a path in volumeDevices`,
    `${c}.volumeDevices[0].name: Invalid value: "v": must not already exist in volumeMounts`,
    `${c}.volumeDevices[0].devicePath: Invalid value: "/x": must not already exist as a path in volumeMounts`,
  ],
];

const probe = (probe: object, role = "livenessProbe") => ({ [`${c}.${role}`]: probe });
const l = `${c}.livenessProbe`;

const probes: readonly Row[] = [
  ["no action", probe({}), `${l}: Required value: must specify a handler type`],
  [
    "two actions",
    probe({ exec: { command: ["true"] }, tcpSocket: { port: 1 } }),
    `${l}.tcpSocket: Forbidden: may not specify more than 1 handler type`,
  ],
  ["no command", probe({ exec: {} }), `${l}.exec.command: Required value`],
  [
    "a bad port, scheme and header",
    probe({ httpGet: { port: 0, scheme: "FTP", httpHeaders: [{ name: "a b", value: "" }] } }),
    `${l}.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive`,
    `${l}.httpGet.scheme: Unsupported value: "FTP": supported values: "HTTP", "HTTPS"`,
    `${l}.httpGet.httpHeaders: Invalid value: "a b": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')`,
  ],
  [
    "a bad port name",
    probe({ tcpSocket: { port: "a--b" } }),
    `${l}.tcpSocket.port: Invalid value: "a--b": must not contain consecutive hyphens`,
  ],
  ["a bad gRPC port", probe({ grpc: { port: 70000 } }), `${l}.grpc.port: Invalid value: 70000: must be between 1 and 65535, inclusive`],
  [
    "negative numbers",
    probe({ ...http, initialDelaySeconds: -1, timeoutSeconds: -1, periodSeconds: -1, failureThreshold: -1 }),
    `${l}.initialDelaySeconds: Invalid value: -1: ${negative}`,
    `${l}.timeoutSeconds: Invalid value: -1: ${negative}`,
    `${l}.periodSeconds: Invalid value: -1: ${negative}`,
    `${l}.failureThreshold: Invalid value: -1: ${negative}`,
  ],
  ["liveness that must be shown twice", probe({ ...http, successThreshold: 2 }), `${l}.successThreshold: Invalid value: 2: must be 1`],
  [
    "a startup that must be shown twice",
    probe({ ...http, successThreshold: 2 }, "startupProbe"),
    `${c}.startupProbe.successThreshold: Invalid value: 2: must be 1`,
  ],
  [
    "no grace",
    probe({ ...http, terminationGracePeriodSeconds: 0 }),
    `${l}.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0`,
  ],
  [
    "grace of a readiness probe",
    probe({ ...http, terminationGracePeriodSeconds: 1 }, "readinessProbe"),
    `${c}.readinessProbe.terminationGracePeriodSeconds: Invalid value: 1: must not be set for readinessProbes`,
  ],
  [
    "a hook without action, a sleep longer than the grace",
    { [`${c}.lifecycle`]: { postStart: {}, preStop: { sleep: { seconds: 31 } } } },
    `${c}.lifecycle.postStart: Required value: must specify a handler type`,
    `${c}.lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)`,
  ],
  [
    "a stop signal of an unknown system",
    { [`${c}.lifecycle`]: { stopSignal: "SIGUSR1" } },
    `${c}.lifecycle.stopSignal: Forbidden: may not be set for containers with empty \`spec.os.name\``,
  ],
  [
    "a stop signal that Windows lacks",
    { "spec.os": { name: "windows" }, [`${c}.lifecycle`]: { stopSignal: "SIGUSR1" } },
    `${c}.lifecycle.stopSignal: Unsupported value: "SIGUSR1": supported values: "SIGKILL", "SIGTERM"`,
  ],
];

const resources = (resources: object) => ({ [`${c}.resources`]: resources });
const r = `${c}.resources`;

const amounts: readonly Row[] = [
  [
    "more asked for than allowed",
    resources({ requests: { cpu: "2" }, limits: { cpu: "1" } }),
    `${r}.requests: Invalid value: "2": must be less than or equal to cpu limit of 1`,
  ],
  [
    "a negative amount",
    resources({ limits: { memory: "-1" } }),
    `${r}.limits[memory]: Invalid value: "-1": ${negative}`,
    `${r}.requests[memory]: Invalid value: "-1": ${negative}`,
  ],
  [
    "a resource that containers lack",
    resources({ requests: { storage: "1Gi" } }),
    `${r}.requests[storage]: Invalid value: "storage": must be a standard resource for containers`,
  ],
  [
    "a resource that nobody knows",
    resources({ requests: { gold: "1" } }),
    `${r}.requests[gold]: Invalid value: "gold": must be a standard resource type or fully qualified`,
    `${r}.requests[gold]: Invalid value: "gold": must be a standard resource for containers`,
  ],
  [
    "devices promised twice",
    resources({ requests: { "example.com/gpu": "1" }, limits: { "example.com/gpu": "2" } }),
    `${r}.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2`,
  ],
  [
    "devices without a limit",
    resources({ requests: { "example.com/gpu": "1" } }),
    `${r}.limits: Required value: Limit must be set for non overcommitable resources`,
  ],
  [
    "half a device",
    resources({ limits: { "example.com/gpu": "500m" } }),
    `${r}.limits[example.com/gpu]: Invalid value: "500m": must be an integer`,
    `${r}.requests[example.com/gpu]: Invalid value: "500m": must be an integer`,
  ],
  [
    "part of a huge page, and no memory",
    resources({ limits: { "hugepages-2Mi": "3Mi" } }),
    `${r}.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi`,
    `${r}.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi`,
    `${r}: Forbidden: HugePages require cpu or memory`,
  ],
  [
    "a claim that the pod lacks",
    resources({ claims: [{ name: "gpu" }] }),
    `${r}.claims[0]: Not found: "gpu": must be one of the names in pod.spec.resourceClaims which is empty`,
  ],
  [
    "a claim twice",
    {
      "spec.resourceClaims": [{ name: "gpu", resourceClaimName: "c" }],
      ...resources({ claims: [{ name: "gpu", request: "a" }, { name: "gpu" }] }),
    },
    `${r}.claims[1]: Duplicate value: "gpu"`,
  ],
  [
    "a resize policy for disks",
    { [`${c}.resizePolicy`]: [{ resourceName: "disk", restartPolicy: "Maybe" }] },
    `${c}.resizePolicy: Unsupported value: "disk": supported values: "cpu", "memory"`,
    `${c}.resizePolicy: Unsupported value: "Maybe": supported values: "NotRequired", "RestartContainer"`,
  ],
  [
    "a restart on resize in a pod that never restarts, twice",
    {
      "spec.restartPolicy": "Never",
      [`${c}.resizePolicy`]: [
        { resourceName: "cpu", restartPolicy: "RestartContainer" },
        { resourceName: "cpu", restartPolicy: "NotRequired" },
      ],
    },
    `${c}.resizePolicy: Invalid value: "RestartContainer": must be 'NotRequired' when \`restartPolicy\` is 'Never'`,
    `${c}.resizePolicy[1]: Duplicate value: "cpu"`,
  ],
];

const init = { name: "init", image: "busybox:1.28" };
const i = "spec.initContainers[0]";

const sorts: readonly Row[] = [
  [
    "probes and hooks of what runs once",
    {
      "spec.initContainers": [
        { ...init, livenessProbe: http, readinessProbe: http, startupProbe: http, lifecycle: { preStop: { exec: { command: ["true"] } } } },
      ],
    },
    ...["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"].map(
      (field) => `${i}.${field}: Forbidden: may not be set for init containers without restartPolicy=Always`,
    ),
  ],
  [
    "a sidecar's bad probe",
    { "spec.initContainers": [{ ...init, restartPolicy: "Always", startupProbe: {} }] },
    `${i}.startupProbe: Required value: must specify a handler type`,
  ],
  [
    "a restart policy that nobody knows",
    { [`${c}.restartPolicy`]: "Sometimes" },
    `${c}.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"`,
  ],
  [
    "restart rules without a policy",
    { [`${c}.restartPolicyRules`]: [{ action: "Restart", exitCodes: { operator: "In", values: [1] } }] },
    `${c}.restartPolicy: Required value: must specify restartPolicy when restart rules are used`,
  ],
  [
    "rules that say nothing",
    {
      [`${c}.restartPolicy`]: "Never",
      [`${c}.restartPolicyRules`]: [{ action: "Hope" }, { action: "Restart", exitCodes: { operator: "Near" } }],
    },
    `${c}.restartPolicyRules[0].action: Unsupported value: "Hope": supported values: "Restart", "RestartAllContainers"`,
    `${c}.restartPolicyRules[0].exitCodes: Required value: must be specified`,
    `${c}.restartPolicyRules[1].exitCodes.operator: Unsupported value: "Near": supported values: "In", "NotIn"`,
  ],
  [
    "too many rules and codes",
    {
      [`${c}.restartPolicy`]: "Never",
      [`${c}.restartPolicyRules`]: Array.from({ length: 21 }, (_, at) => ({
        action: "Restart",
        exitCodes: { operator: "In", values: Array.from({ length: at === 0 ? 256 : 1 }, (_unused, code) => code) },
      })),
    },
    `${c}.restartPolicyRules: Too many: 21: must have at most 20 items`,
    `${c}.restartPolicyRules[0].exitCodes.values: Too many: 256: must have at most 255 items`,
  ],
  [
    "debugging containers in a new pod",
    {
      "spec.ephemeralContainers": [
        { ...init, name: "web", targetContainerName: "none", ports: [{ containerPort: 1 }], livenessProbe: http },
      ],
    },
    'spec.ephemeralContainers[0].name: Duplicate value: "web"',
    'spec.ephemeralContainers[0].targetContainerName: Not found: "none"',
    "spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container",
    "spec.ephemeralContainers[0].livenessProbe: Forbidden: cannot be set for an Ephemeral Container",
    "spec.ephemeralContainers: Forbidden: cannot be set on create",
  ],
  [
    "a debugging container in a part of a volume",
    { "spec.ephemeralContainers": [{ ...init, volumeMounts: [{ name: "v", mountPath: "/v", subPath: "a" }] }] },
    "spec.ephemeralContainers[0].volumeMounts[0].subPath: Forbidden: cannot be set for an Ephemeral Container",
    "spec.ephemeralContainers: Forbidden: cannot be set on create",
  ],
];

describe("containers", () => {
  it.each(names)("name and image: %s", (...row) => checkRow(podKind, base, row));
  it.each(ports)("ports: %s", (...row) => checkRow(podKind, base, row));
  it.each(environment)("environment: %s", (...row) => checkRow(podKind, base, row));
  it.each(mounts)("mounts: %s", (...row) => checkRow(podKind, base, row));
  it.each(probes)("probes: %s", (...row) => checkRow(podKind, base, row));
  it.each(amounts)("resources: %s", (...row) => checkRow(podKind, base, row));
  it.each(sorts)("sorts: %s", (...row) => checkRow(podKind, base, row));
});
