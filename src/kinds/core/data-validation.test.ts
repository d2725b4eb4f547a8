// ConfigMaps and Secrets.

import { describe, expect, it } from "vitest";
import { configMapKind } from "./config-map.ts";
import { secretKind } from "./secret.ts";
import type { Row } from "../validation.laws.ts";
import { changed, checkRow, checkUpdateRow, refusals } from "../validation.laws.ts";

const noKey =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const megabyte = 1024 * 1024;
const map = { metadata: { name: "m" }, data: { "a.conf": "1" }, binaryData: { b: "AA==" } };
const sealed = { ...map, immutable: true };

const maps: readonly Row[] = [
  ["a key that is no file name", { data: { "a b": "" } }, `data[a b]: Invalid value: "a b": ${noKey}`],
  ["a key that leads elsewhere", { binaryData: { "..": "" } }, "binaryData[..]: Invalid value: \"..\": must not be '..'"],
  ["a key twice", { data: { b: "1" } }, 'data[b]: Invalid value: "b": duplicate of key present in binaryData'],
  ["a megabyte", { data: { a: "x".repeat(megabyte - 1) } }],
  ["a byte more", { data: { a: "x".repeat(megabyte) } }, ": Too long: may not be more than 1048576 bytes"],
  ["letters of several bytes", { data: { a: "é".repeat(megabyte / 2) } }, ": Too long: may not be more than 1048576 bytes"],
];

const unsealing: readonly Row[] = [
  ["labels", { "metadata.labels": { a: "1" } }],
  ["no longer immutable", { immutable: false }, "immutable: Forbidden: field is immutable when `immutable` is set"],
  ["other data", { data: { "a.conf": "2" } }, "data: Forbidden: field is immutable when `immutable` is set"],
  ["other bytes", { binaryData: undefined }, "binaryData: Forbidden: field is immutable when `immutable` is set"],
];

const text = (value: string): string => Buffer.from(value).toString("base64");
const secret = (type: string, data: object) => ({ type, data });
const hidden = 'Invalid value: "<secret contents redacted>"';
const account = "kubernetes.io/service-account.name";

const secrets: readonly Row[] = [
  ["a key that is no file name", { data: { "a b": "" } }, `data[a b]: Invalid value: "a b": ${noKey}`],
  ["more than a megabyte", { data: { a: text("x".repeat(megabyte + 1)) } }, "data: Too long: may not be more than 1048576 bytes"],
  ["a token of nobody", secret("kubernetes.io/service-account-token", {}), `metadata.annotations[${account}]: Required value`],
  ["no registry", secret("kubernetes.io/dockercfg", {}), "data[.dockercfg]: Required value"],
  [
    "a registry that is nothing",
    secret("kubernetes.io/dockercfg", { ".dockercfg": "" }),
    `data[.dockercfg]: ${hidden}: unexpected end of JSON input`,
  ],
  [
    "a registry that is a list",
    secret("kubernetes.io/dockerconfigjson", { ".dockerconfigjson": text("[]") }),
    `data[.dockerconfigjson]: ${hidden}: json: cannot unmarshal array into Go value of type map[string]interface {}`,
  ],
  [
    "a registry that is text",
    secret("kubernetes.io/dockerconfigjson", { ".dockerconfigjson": text("hello") }),
    `data[.dockerconfigjson]: ${hidden}: invalid character 'h' looking for beginning of value`,
  ],
  ["a registry", secret("kubernetes.io/dockerconfigjson", { ".dockerconfigjson": text("{}") })],
  ["nobody", secret("kubernetes.io/basic-auth", {}), "data[username]: Required value", "data[password]: Required value"],
  ["somebody", secret("kubernetes.io/basic-auth", { username: "" })],
  ["no key", secret("kubernetes.io/ssh-auth", { "ssh-privatekey": "" }), "data[ssh-privatekey]: Required value"],
  ["no certificate", secret("kubernetes.io/tls", {}), "data[tls.crt]: Required value", "data[tls.key]: Required value"],
  ["a type of somebody's", secret("example.com/own", {})],
];

const stored = { metadata: { name: "s" }, type: "Opaque", data: { a: "AA==" }, immutable: true };
const reseals: readonly Row[] = [
  ["another type", { type: "example.com/own" }, 'type: Invalid value: "example.com/own": field is immutable'],
  ["other data", { data: {} }, "data: Forbidden: field is immutable when `immutable` is set"],
  ["no longer immutable", { immutable: undefined }, "immutable: Forbidden: field is immutable when `immutable` is set"],
];

describe("ConfigMaps and Secrets", () => {
  it.each(maps)("ConfigMaps: %s", (...row) => checkRow(configMapKind, map, row));
  it.each(unsealing)("immutable ConfigMaps: %s", (...row) => checkUpdateRow(configMapKind, sealed, row));
  it.each(secrets)("Secrets: %s", (...row) => checkRow(secretKind, { metadata: { name: "s" } }, row));
  it.each(reseals)("immutable Secrets: %s", (...row) => checkUpdateRow(secretKind, stored, row));
  it("counts all values of a ConfigMap together", () => {
    const half = "x".repeat(megabyte / 2);
    expect(refusals(configMapKind, changed(map, { data: { a: half }, binaryData: { b: text(half) } }))).toEqual([]);
    expect(refusals(configMapKind, changed(map, { data: { a: half }, binaryData: { b: text(`${half}x`) } }))).toEqual([
      ": Too long: may not be more than 1048576 bytes",
    ]);
  });
});
