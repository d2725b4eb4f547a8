// Deaths as containerd's own events service tells them, some milliseconds after they happen. The service is no part of CRI;
// for other runtimes runtime-hints.ts falls back to CRI's GetContainerEvents and then to polling.

import type { GrpcChannel } from "./grpc-channel.ts";
import { MessageCodecs } from "./message-table.ts";

const codecs = new MessageCodecs(
  {
    SubscribeRequest: { filters: [1, "string[]"] },
    Envelope: { namespace: [2, "string"], topic: [3, "string"], event: [4, "Any"] },
    Any: { type_url: [1, "string"], value: [2, "bytes"] },
    Timestamp: { seconds: [1, "int64"], nanos: [2, "int32"] },
    TaskStart: { container_id: [1, "string"], pid: [2, "uint32"] },
    TaskExit: {
      container_id: [1, "string"],
      id: [2, "string"],
      pid: [3, "uint32"],
      exit_status: [4, "uint32"],
      exited_at: [5, "Timestamp"],
    },
    TaskOOM: { container_id: [1, "string"] },
    ContainerDelete: { id: [1, "string"] },
  },
  {},
);

export type ContainerdEvent =
  | { readonly type: "start"; readonly id: string }
  | { readonly type: "exit"; readonly id: string; readonly exitCode: number; readonly atMs: number }
  | { readonly type: "oom"; readonly id: string }
  | { readonly type: "delete"; readonly id: string };

/** What an envelope's topic and payload mean to us; undefined for the exit of an exec'd process and for other topics. */
export function readEvent(topic: string, payload: Uint8Array): ContainerdEvent | undefined {
  switch (topic) {
    case "/tasks/start":
      return { type: "start", id: codecs.of("TaskStart").decode(payload).container_id };
    case "/tasks/exit": {
      const exit = codecs.of("TaskExit").decode(payload);
      if (exit.id !== exit.container_id) return undefined;
      const at = exit.exited_at;
      return { type: "exit", id: exit.id, exitCode: exit.exit_status, atMs: at ? at.seconds * 1000 + Math.floor(at.nanos / 1e6) : 0 };
    }
    case "/tasks/oom":
      return { type: "oom", id: codecs.of("TaskOOM").decode(payload).container_id };
    case "/containers/delete":
      return { type: "delete", id: codecs.of("ContainerDelete").decode(payload).id };
    default:
      return undefined;
  }
}

/** Events of the CRI plugin's containers and sandboxes. @throws ServiceError when the stream breaks or the service is unknown */
export async function* subscribe(channel: GrpcChannel, signal: AbortSignal): AsyncGenerator<ContainerdEvent, void> {
  // A slash is a quote in the filter language unless it stands in a pattern.
  const filters = ["namespace==k8s.io,topic~=^/(tasks/(start|exit|oom)|containers/delete)$"];
  const path = "/containerd.services.events.v1.Events/Subscribe";
  for await (const envelope of channel.stream(path, codecs.of("SubscribeRequest"), codecs.of("Envelope"), { filters }, signal)) {
    const event = envelope.event && readEvent(envelope.topic, envelope.event.value);
    if (event) yield event;
  }
}
