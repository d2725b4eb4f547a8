// CRI v1 as typed calls: one method for all of them, request and answer typed from the message table.

import type { CallOptions, GrpcChannel } from "./grpc-channel.ts";
import { criEnums, criMessages, criServices } from "./cri-messages.ts";
import { MessageCodecs } from "./message-table.ts";
import type { Decoded, Encoded } from "./message-table.ts";
import { toRuntimeError } from "./runtime-errors.ts";

type Messages = typeof criMessages;
type Enums = typeof criEnums;
type Methods = (typeof criServices)["runtime.v1.RuntimeService"] & (typeof criServices)["runtime.v1.ImageService"];
export type CriMethod = keyof Methods;
export type CriRequest<M extends CriMethod> = Encoded<Messages, Enums, Methods[M][0]>;
export type CriAnswer<M extends CriMethod> = Decoded<Messages, Enums, Methods[M][1]>;

const codecs = new MessageCodecs(criMessages, criEnums);

function serviceOf(method: CriMethod): string {
  return method in criServices["runtime.v1.RuntimeService"] ? "runtime.v1.RuntimeService" : "runtime.v1.ImageService";
}

function signatureOf(method: CriMethod): readonly [keyof Messages, keyof Messages] {
  return { ...criServices["runtime.v1.RuntimeService"], ...criServices["runtime.v1.ImageService"] }[method];
}

/** How long a call that should only look may take; calls that pull, stop or run have their own limits. */
const lookTimeoutMs = 30_000;

export class CriClient {
  readonly channel: GrpcChannel;
  constructor(channel: GrpcChannel) {
    this.channel = channel;
  }

  /** @throws RuntimeError, or the signal's reason */
  async call<M extends CriMethod>(method: M, request: CriRequest<M>, options: CallOptions = {}): Promise<CriAnswer<M>> {
    const [requestName, answerName] = signatureOf(method);
    try {
      const answer = await this.channel.unary(
        `/${serviceOf(method)}/${method}`,
        codecs.of(requestName),
        codecs.of(answerName),
        request as Encoded<Messages, Enums, keyof Messages>,
        { timeoutMs: lookTimeoutMs, ...options },
      );
      return answer as CriAnswer<M>;
    } catch (error) {
      throw toRuntimeError(error);
    }
  }

  /** The server stream of `GetContainerEvents`. @throws ServiceError of grpc-js when it breaks or is unknown */
  containerEvents(signal: AbortSignal): AsyncIterable<CriAnswer<"GetContainerEvents">> {
    const path = `/${serviceOf("GetContainerEvents")}/GetContainerEvents`;
    return this.channel.stream(path, codecs.of("GetEventsRequest"), codecs.of("ContainerEventResponse"), {}, signal);
  }
}
