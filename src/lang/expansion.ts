// `$(NAME)` in a container's command, arguments and environment.

/**
 * Replaces each `$(NAME)` that `lookup` knows; one that it does not know stays as written. `$$` is one `$`, so `$$(NAME)` gives
 * `$(NAME)`.
 */
export function expandVariables(text: string, lookup: (name: string) => string | undefined): string {
  let result = "";
  let copied = 0;
  // Beyond the last closing parenthesis no reference can end, so a text full of "$(" is not searched again and again.
  const lastClose = text.lastIndexOf(")");
  for (let at = text.indexOf("$"); at !== -1 && at + 1 < text.length; at = text.indexOf("$", at)) {
    const next = text[at + 1];
    if (next === "$") {
      result += text.slice(copied, at + 1);
      at += 2;
      copied = at;
    } else if (next === "(" && at < lastClose) {
      const close = text.indexOf(")", at + 2);
      const value = lookup(text.slice(at + 2, close));
      result += text.slice(copied, at) + (value ?? text.slice(at, close + 1));
      at = close + 1;
      copied = at;
    } else at += 2;
  }
  return result + text.slice(copied);
}
