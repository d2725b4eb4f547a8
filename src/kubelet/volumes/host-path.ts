// hostPath volumes: the path is used as it is, after the check that the pod asked for.

import type { FileType, NodeFiles } from "../files.ts";
import { VolumeError } from "./payload.ts";

const wanted: Readonly<Record<string, { readonly type: FileType; readonly text: string }>> = {
  Directory: { type: "directory", text: "directory" },
  File: { type: "file", text: "file" },
  Socket: { type: "socket", text: "socket file" },
  CharDevice: { type: "char-device", text: "character device" },
  BlockDevice: { type: "block-device", text: "block device" },
};

/** @throws VolumeError */
export async function prepareHostPath(files: NodeFiles, path: string, type: string): Promise<void> {
  if (type === "") return;
  const stat = await files.stat(path);
  if (type === "DirectoryOrCreate" || type === "FileOrCreate") {
    const kind = type === "FileOrCreate" ? wanted["File"]! : wanted["Directory"]!;
    if (stat) {
      if (stat.type !== kind.type) throw new VolumeError(`hostPath type check failed: ${path} is not a ${kind.text}`);
    } else if (type === "DirectoryOrCreate") await files.mkdir(path, 0o755);
    else await files.writeFile(path, new Uint8Array(), { mode: 0o644 });
    return;
  }
  const check = wanted[type];
  if (!check) throw new VolumeError(`${type} is an invalid volume type`);
  if (stat?.type !== check.type) throw new VolumeError(`hostPath type check failed: ${path} is not a ${check.text}`);
}
