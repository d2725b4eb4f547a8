import { describe, expect, test } from "vitest";
import * as names from "./names.ts";

const long = (length: number): string => "a".repeat(length);

describe("names", () => {
  test.each<[(text: string) => string[], readonly string[], readonly string[]]>([
    [names.checkDns1123Label, ["a", "a-b", "123", long(63)], ["", "A", "-a", "a-", "a.b", long(64)]],
    [names.checkDns1123Subdomain, ["a", "a.b-c.d", long(253)], ["", "a..b", ".a", "a.", "a_b", long(254)]],
    [names.checkDns1035Label, ["a", "a-1"], ["1a", "a.b", ""]],
    [names.checkQualifiedName, ["a", "A_b.c", "x.y/Z", "1"], ["", "/a", "a/", "a/b/c", "A.x/y", "-a", long(64)]],
    [names.checkLabelValue, ["", "a", "A_b.c-1"], ["-a", "a b", "a/", long(64)]],
    [names.checkEnvironmentName, ["A.b-c_1", "-"], ["1A", "a=b", ".", "..", "..a", ""]],
    [names.checkRelaxedEnvironmentName, ["1 A!", "~"], ["", "a=b", "\n", "\u00e9"]],
    [names.checkConfigMapKey, ["a.b", ".a"], ["", ".", "..", "..a", "a/b", long(254)]],
    [names.checkPathSegment, ["a:b", "system:x"], [".", "..", "a/b", "a%b"]],
    [names.checkPortName, ["http", "a-1"], ["", "80", "a--b", "-a", "a-", "A", long(16)]],
    [names.checkPercent, ["10%"], ["10", "%"]],
    [names.checkHeaderName, ["X-A"], ["X A", ""]],
  ])("%o", (check, good, bad) => {
    for (const text of good) expect(check(text), text).toEqual([]);
    for (const text of bad) expect(check(text), text).not.toEqual([]);
  });

  test("messages are Kubernetes'", () => {
    expect(names.checkDns1123Subdomain("Bad_")).toEqual([
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ]);
    expect(names.checkDns1123Label(`${long(63)}-`)).toEqual([
      "must be no more than 63 bytes",
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ]);
    expect(names.checkQualifiedName("")).toEqual([
      "name part must be non-empty",
      "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ]);
    expect(names.checkQualifiedName("/a")).toEqual(["prefix part must be non-empty"]);
    expect(names.checkPortNumber(0)).toEqual(["must be between 1 and 65535, inclusive"]);
    expect(names.checkUserId(-1)).toEqual(["must be between 0 and 2147483647, inclusive"]);
  });

  test("lengths are bytes", () => {
    for (const text of ["", "a", "\u00e9", "\u20ac", "\u{1f600}", "a\u{1f600}\u20ac", "\ud800"]) {
      expect(names.utf8Length(text), text).toBe(new TextEncoder().encode(text).length);
    }
  });
});
