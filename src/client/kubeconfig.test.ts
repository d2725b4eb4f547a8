import { describe, expect, it } from "vitest";
import { formatKubeconfig, mergeEntry, parseKubeconfig, removeEntry, resolveContext } from "./kubeconfig.ts";

const entry = { name: "timonier", cluster: { server: "https://127.0.0.1:6443" }, user: { token: "t" } };
const foreign = `
apiVersion: v1
kind: Config
preferences: {colors: true}
current-context: work
clusters:
- name: work
  cluster: {server: "https://work", extensions: [{name: x, extension: {a: 1}}]}
contexts:
- name: work
  context: {cluster: work, user: me, namespace: team}
users:
- name: me
  user: {exec: {command: login, apiVersion: client.authentication.k8s.io/v1}}
`;

describe("a kubeconfig", () => {
  it("is made from nothing", () => {
    const config = mergeEntry(parseKubeconfig(""), entry, "if-none");
    expect(config["current-context"]).toBe("timonier");
    expect(resolveContext(config)).toMatchObject({ cluster: { server: "https://127.0.0.1:6443" }, user: { token: "t" } });
    expect(parseKubeconfig(formatKubeconfig(config))).toEqual(config);
  });

  it("keeps everything that is not ours", () => {
    const before = parseKubeconfig(foreign);
    const merged = mergeEntry(before, entry, "if-none");
    expect(merged["current-context"]).toBe("work");
    expect(merged["preferences"]).toEqual({ colors: true });
    expect(resolveContext(merged, "work")).toMatchObject({ context: { namespace: "team" }, user: { exec: { command: "login" } } });
    expect(parseKubeconfig(formatKubeconfig(removeEntry(merged, "timonier")))).toEqual(before);
  });

  it("replaces our entry and keeps the namespace that was chosen in it", () => {
    const first = mergeEntry(parseKubeconfig(foreign), { ...entry, namespace: "mine" }, "always");
    const again = mergeEntry(first, { ...entry, user: { token: "new" } }, "always");
    expect(again.users.filter((user) => user.name === "timonier")).toEqual([{ name: "timonier", user: { token: "new" } }]);
    expect(resolveContext(again).context.namespace).toBe("mine");
  });

  it("leaves no current context that does not exist", () => {
    expect(removeEntry(mergeEntry(parseKubeconfig(foreign), entry, "always"), "timonier")["current-context"]).toBe("");
    const dangling = parseKubeconfig("current-context: gone");
    expect(mergeEntry(dangling, entry, "if-none")["current-context"]).toBe("timonier");
    expect(() => resolveContext(dangling)).toThrow('context "gone" does not exist');
  });

  it("says what is wrong with a file", () => {
    expect(() => parseKubeconfig("[1]")).toThrow("mapping");
    expect(() => parseKubeconfig("kind: Pod")).toThrow('"Pod"');
    expect(() => parseKubeconfig("clusters: 3")).toThrow("clusters");
  });
});
