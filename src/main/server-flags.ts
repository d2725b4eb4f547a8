// How the server's Node.js is started, wherever it is started: by `up` and by the figures.

/**
 * Objects on their way through the server outlive the default 16 MiB of young space and are copied again and again; 32 MiB spare a
 * tenth of the time of a write. Node.js takes this only at its start.
 */
export const serverNodeFlags: readonly string[] = ["--max-semi-space-size=32"];
