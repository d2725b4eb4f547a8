// Whether somebody listens on a TCP port of this machine. It asks by connecting: a trial to listen could get in the way of the one
// who is about to.

import { connect } from "node:net";

const answerWithinMs = 500;

/** @param addresses addresses of this machine that a listener might have bound */
export async function isPortInUse(port: number, addresses: readonly string[]): Promise<boolean> {
  const all = await Promise.all(addresses.map((address) => accepts(address, port)));
  return all.includes(true);
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const tell = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    // A listener whose queue is full does not answer, and still has the port.
    socket.setTimeout(answerWithinMs, () => tell(true));
    socket.once("connect", () => tell(true)).once("error", () => tell(false));
  });
}
