// gRPC failures become the kubelet's RuntimeError, told apart by code and, where containerd says UNKNOWN for everything, by text.

import { status } from "@grpc/grpc-js";
import type { RuntimeErrorCode } from "../../kubelet/container-runtime.ts";
import { RuntimeError } from "../../kubelet/container-runtime.ts";
import { isServiceError } from "./grpc-channel.ts";

function codeOf(grpcCode: number, text: string): RuntimeErrorCode {
  switch (grpcCode) {
    case status.NOT_FOUND:
      return "not-found";
    case status.UNAVAILABLE:
      return "unavailable";
    case status.DEADLINE_EXCEEDED:
      return "timeout";
    case status.INVALID_ARGUMENT:
      return "invalid";
    case status.ALREADY_EXISTS:
      return "already-exists";
  }
  if (text.includes("server is not initialized yet")) return "unavailable";
  if (/invalid reference format|failed to parse (image )?reference|failed to parse image/.test(text)) return "invalid";
  if (/: not found$|does not exist$/.test(text)) return "not-found";
  return "unknown";
}

/** Anything thrown by a call as what the kubelet understands; cancellation and our own bugs pass through. */
export function toRuntimeError(error: unknown): unknown {
  if (!isServiceError(error)) return error;
  const text = error.details || error.message;
  const described = `rpc error: code = ${grpcName(error.code)} desc = ${text}`;
  return new RuntimeError(codeOf(error.code, text), described);
}

/** NOT_FOUND is written NotFound in the messages that users of Kubernetes know. */
function grpcName(code: number): string {
  return (status[code] ?? "UNKNOWN").toLowerCase().replace(/(^|_)([a-z])/g, (_match, _bar: string, letter: string) => letter.toUpperCase());
}
