// Events about pods and their containers: a container is named by a field path, as Kubernetes does.

import type { EventRecorder } from "../client/event-recorder.ts";
import type { Container as ApiContainer, Pod } from "../kinds/core/types.gen.ts";

export type EventType = "Normal" | "Warning";

export class PodEvents {
  readonly #recorder: Pick<EventRecorder, "record">;

  constructor(recorder: Pick<EventRecorder, "record">) {
    this.#recorder = recorder;
  }

  pod(pod: Pod, type: EventType, reason: string, message: string): void {
    this.#recorder.record(reference(pod), type, reason, message);
  }

  container(pod: Pod, container: ApiContainer, type: EventType, reason: string, message: string): void {
    const init = (pod.spec!.initContainers ?? []).some((candidate) => candidate.name === container.name);
    const fieldPath = `spec.${init ? "initContainers" : "containers"}{${container.name}}`;
    this.#recorder.record({ ...reference(pod), fieldPath }, type, reason, message);
  }
}

const reference = ({ metadata }: Pod) => ({
  apiVersion: "v1",
  kind: "Pod",
  namespace: metadata!.namespace!,
  name: metadata!.name!,
  uid: metadata!.uid!,
  resourceVersion: metadata!.resourceVersion ?? "",
});
