// Files in a map, directories being what lies above them.

import type { MachineFiles } from "../../cluster/machine.ts";

export function fakeMachineFiles(files: Map<string, string>): MachineFiles {
  return {
    readText: async (path) => files.get(path),
    writeText: async (path, text) => void files.set(path, text),
    makeDirectory: async () => {},
    list: async (path) => {
      if (files.has(path)) throw Object.assign(new Error("not a directory"), { code: "ENOTDIR" });
      const below = [...files.keys()]
        .filter((file) => file.startsWith(`${path}/`))
        .map((file) => file.slice(path.length + 1).split("/")[0]!);
      return [...new Set(below)].toSorted();
    },
    removeEmptyDirectory: async () => undefined,
    claim: async () => false,
    remove: async (path) => void files.delete(path),
  };
}
