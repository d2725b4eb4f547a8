// Field selectors: `metadata.name=a,status.phase!=Running`. Which fields a kind knows is its caller's concern.

import { SelectorError } from "./label-selector.ts";

export interface FieldRequirement {
  readonly field: string;
  readonly operator: "=" | "!=";
  readonly value: string;
}

/** All must hold; an empty list matches everything. */
export type FieldSelector = readonly FieldRequirement[];

/**
 * Reads a field selector. In values `\\`, `\,` and `\=` stand for themselves.
 * @throws SelectorError with Kubernetes' message.
 */
export function parseFieldSelector(text: string): FieldSelector {
  const requirements: FieldRequirement[] = [];
  for (const term of splitTerms(text)) {
    if (term === "") continue;
    const split = splitTerm(term);
    if (split === undefined) throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`);
    requirements.push({ ...split, value: unescapeFieldValue(split.value) });
  }
  return requirements;
}

/** Splits at commas that no backslash escapes. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === ",") {
      terms.push(text.slice(start, i));
      start = i + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

/** The first operator in the term separates field and value. */
function splitTerm(term: string): FieldRequirement | undefined {
  for (let i = 0; i < term.length; i++) {
    if (term.startsWith("!=", i)) return { field: term.slice(0, i), operator: "!=", value: term.slice(i + 2) };
    if (term.startsWith("==", i)) return { field: term.slice(0, i), operator: "=", value: term.slice(i + 2) };
    if (term[i] === "=") return { field: term.slice(0, i), operator: "=", value: term.slice(i + 1) };
  }
  return undefined;
}

/** `a,b` → `a\,b` */
export const escapeFieldValue = (value: string): string => value.replaceAll(/[\\,=]/g, (character) => `\\${character}`);

/** @throws SelectorError for a lone backslash, or a `,` or `=` without one. */
function unescapeFieldValue(text: string): string {
  if (!/[\\,=]/.test(text)) return text;
  let value = "";
  for (let i = 0; i < text.length; i++) {
    let character = text[i]!;
    if (character === "\\") {
      const next = text[++i];
      if (next !== "\\" && next !== "," && next !== "=") {
        throw new SelectorError(`invalid field selector: invalid escape sequence: ${next === undefined ? "\\" : `\\${next}`}`);
      }
      character = next;
    } else if (character === "," || character === "=") {
      throw new SelectorError(`invalid field selector: unescaped character in field selector value: ${character}`);
    }
    value += character;
  }
  return value;
}

/** `fields` gives the text of a field, "" when it is not set. */
export function matchesFields(selector: FieldSelector, fields: (field: string) => string): boolean {
  for (const { field, operator, value } of selector) {
    if ((fields(field) === value) !== (operator === "=")) return false;
  }
  return true;
}

/** The value that the selector demands of `field`, if it does. */
export function requiredFieldValue(selector: FieldSelector, field: string): string | undefined {
  return selector.find((requirement) => requirement.field === field && requirement.operator === "=")?.value;
}
