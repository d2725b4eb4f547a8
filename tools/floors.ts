// The plan of the house as data: which room may import which, which npm packages each may take, and which rooms are pure.
// `tools/check-floors.ts` holds the code to it. Tests (`*.test.ts`, `*.laws.ts`) stand outside.

export interface Room {
  readonly floor: number;
  /** Rooms of `src/` that it may import; "*" is every room of a lower floor. */
  readonly imports: readonly string[] | "*";
  /** npm packages (and `node:` when it may touch Node.js). */
  readonly packages: readonly string[];
  /** Compiled without Node's types; no wall clock, no randomness. */
  readonly pure: boolean;
}

const pure = (floor: number, imports: readonly string[], packages: readonly string[] = []): Room => ({
  floor,
  imports,
  packages,
  pure: true,
});
const floorFive = ["base", "wire", "lang", "object", "kinds", "client"] as const;

export const rooms: Readonly<Record<string, Room>> = {
  base: pure(0, []),
  wire: pure(1, ["base"], ["js-yaml"]),
  lang: pure(1, ["base"]),
  store: pure(1, ["base"]),
  object: pure(2, ["base", "wire", "lang"], ["protobufjs"]),
  kinds: pure(3, ["base", "lang", "object"]),
  apiserver: pure(4, ["base", "wire", "lang", "object", "kinds", "store"]),
  client: pure(4, ["base", "wire", "lang", "object", "kinds"]),
  controllers: pure(5, floorFive),
  scheduler: pure(5, floorFive),
  kubelet: pure(5, floorFive),
  proxy: pure(5, floorFive),
  dns: pure(5, floorFive),
  cluster: pure(6, floorFive),
  cli: pure(7, [...floorFive, "cluster"], ["commander"]),
  sim: { floor: 8, imports: "*", packages: [], pure: true },
  host: {
    floor: 8,
    imports: ["base", "wire", "lang", "store", "object", "kinds", "apiserver", "client", "kubelet", "proxy", "dns", "cluster", "cli"],
    packages: [
      "node:",
      "lmdb",
      "@grpc/grpc-js",
      "protobufjs",
      "@peculiar/x509",
      "reflect-metadata",
      "dns-packet",
      "pino",
      "prom-client",
      "tar-stream",
    ],
    pure: false,
  },
  main: { floor: 9, imports: "*", packages: ["node:", "commander"], pure: false },
};
