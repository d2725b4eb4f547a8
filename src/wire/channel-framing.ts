// Several streams in one WebSocket, as `v4.channel.k8s.io` and `v5.channel.k8s.io` do it: the first byte of each binary
// message is the channel. v5 (KEP-4006) adds a message that half-closes a channel.

export const channelProtocolV5 = "v5.channel.k8s.io";
export const channelProtocolV4 = "v4.channel.k8s.io";
/** SPDY inside WebSocket, which port-forward uses. */
export const portForwardTunnelProtocol = "SPDY/3.1+portforward.k8s.io";

/** Channels of exec and attach. */
export const stdinChannel = 0;
export const stdoutChannel = 1;
export const stderrChannel = 2;
/** Carries one metav1.Status as JSON when the command has ended. */
export const errorChannel = 3;
/** Carries `{"Width":…,"Height":…}` as JSON. */
export const resizeChannel = 4;
/** v5: the payload's one byte names the channel that ends. */
const closeChannel = 255;

export function channelMessage(channel: number, data: Uint8Array): Uint8Array {
  const message = new Uint8Array(data.length + 1);
  message[0] = channel;
  message.set(data, 1);
  return message;
}

/** The v5 message that says: nothing more will come on this channel. */
export function closeMessage(channel: number): Uint8Array {
  return Uint8Array.of(closeChannel, channel);
}

export type ChannelEvent =
  | { readonly type: "data"; readonly channel: number; readonly data: Uint8Array }
  | { readonly type: "close"; readonly channel: number };

/** Undefined for an empty message, which says nothing, and for a close message where the protocol (before v5) has none. */
export function parseChannelMessage(message: Uint8Array, protocol: string): ChannelEvent | undefined {
  const channel = message[0];
  if (channel === undefined) return undefined;
  if (channel !== closeChannel) return { type: "data", channel, data: message.subarray(1) };
  return protocol === channelProtocolV5 && message.length === 2 ? { type: "close", channel: message[1]! } : undefined;
}
