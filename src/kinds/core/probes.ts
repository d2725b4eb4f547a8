// How the kubelet asks a container how it is, and what it does at the container's start and end.

import { atomicList, embedded, field, int32, int64, intOrString, pointer, requiredField, string, struct } from "../../object/schema.ts";

export const execAction = struct("core.v1.ExecAction", "Runs a command in the container; exit code 0 is success.", {
  command: field(1, atomicList(string), "Program and arguments, without a shell; relative to the container's root."),
});

export const httpHeader = struct("core.v1.HTTPHeader", "A header of a request.", {
  name: requiredField(1, string, "Name of the header; canonical case on the wire."),
  value: requiredField(2, string, "Value of the header."),
});

export const httpGetAction = struct("core.v1.HTTPGetAction", "Sends an HTTP GET; a status from 200 to 399 is success.", {
  path: field(1, string, "Path to ask for.", { default: "/" }),
  port: requiredField(2, intOrString, "Port number or name."),
  host: field(3, string, "Host to connect to; the pod's address when empty."),
  scheme: field(4, string, "Protocol to speak.", { default: "HTTP", enum: ["HTTP", "HTTPS"] }),
  httpHeaders: field(5, atomicList(httpHeader), "Headers to send."),
});

export const tcpSocketAction = struct("core.v1.TCPSocketAction", "Opens a TCP connection; a connection is success.", {
  port: requiredField(1, intOrString, "Port number or name."),
  host: field(2, string, "Host to connect to; the pod's address when empty."),
});

export const grpcAction = struct("core.v1.GRPCAction", "Calls the gRPC health service.", {
  port: requiredField(1, int32, "Port number of the service."),
  service: pointer(2, string, "Service to ask the health of; empty for the server as a whole.", { default: "" }),
});

export const sleepAction = struct("core.v1.SleepAction", "Waits.", {
  seconds: requiredField(1, int64, "How long."),
});

export const lifecycleHandler = struct("core.v1.LifecycleHandler", "What to do at a point of a container's life; exactly one action.", {
  exec: pointer(1, execAction, "Run a command in the container."),
  httpGet: pointer(2, httpGetAction, "Send an HTTP request."),
  tcpSocket: pointer(3, tcpSocketAction, "Not supported; kept for compatibility, fails when run."),
  sleep: pointer(4, sleepAction, "Wait."),
});

export const lifecycle = struct("core.v1.Lifecycle", "Actions around a container's start and end.", {
  postStart: pointer(1, lifecycleHandler, "Runs right after the container starts; if it fails the container is killed."),
  preStop: pointer(2, lifecycleHandler, "Runs before the container is stopped, within its grace period."),
  stopSignal: pointer(3, string, "Signal that asks the container to stop; the image's or SIGTERM when absent."),
});

export const probe = struct("core.v1.Probe", "A periodic check of a container; exactly one action.", {
  ...embedded(1, {
    exec: pointer(1, execAction, "Run a command in the container."),
    httpGet: pointer(2, httpGetAction, "Send an HTTP request."),
    tcpSocket: pointer(3, tcpSocketAction, "Open a TCP connection."),
    grpc: pointer(4, grpcAction, "Call the gRPC health service."),
  }),
  initialDelaySeconds: field(2, int32, "Seconds after the container's start before the first check."),
  timeoutSeconds: field(3, int32, "Seconds after which a check has failed.", { default: 1 }),
  periodSeconds: field(4, int32, "Seconds between checks.", { default: 10 }),
  successThreshold: field(5, int32, "Successes in a row, after a failure, that mean success; 1 for liveness and startup.", { default: 1 }),
  failureThreshold: field(6, int32, "Failures in a row, after a success, that mean failure.", { default: 3 }),
  terminationGracePeriodSeconds: pointer(7, int64, "Grace period when this probe's failure kills the container; the pod's when absent."),
});
