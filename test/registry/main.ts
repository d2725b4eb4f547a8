// `npx tsx test/registry/main.ts [FILE]`: runs the tests' registry until it is interrupted, and writes its registries.yaml to
// FILE (or prints it), to try things by hand: bin/timonier up --registries FILE

import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { startRegistry } from "./registry.ts";

const registry = await startRegistry();
const [file] = process.argv.slice(2);
if (file === undefined) process.stdout.write(registry.registriesYaml);
else await writeFile(file, registry.registriesYaml);
process.stderr.write(`registry of ${registry.images.length} images on ${registry.address}; interrupt to stop it\n`);
await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
await registry[Symbol.asyncDispose]();
